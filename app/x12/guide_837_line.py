"""The service line of a professional claim: loop 2400 of 005010X222A1 and what is in it."""

from typing import Final

from app.x12.guide_837_shared import (
    ADDRESS,
    ADJUSTMENTS,
    AMBULANCE,
    AMBULANCE_CONDITIONS,
    ANYBODY,
    ATTACHMENTS,
    CONTACT,
    CONTRACT,
    FIXED_FORMAT,
    NAMELESS_ORGANIZATION,
    NUMBER_OF_PAYER,
    OPTIONAL_ADDRESS,
    ORGANIZATION,
    PERSON,
    PROCEDURE,
    dates,
    numbers,
)
from app.x12.guides import loop

_POINTERS: Final = "1,2,3,4,5,6,7,8,9,10,11,12"

_DRUG: Final = loop(
    "2410",
    "?1",
    "LIN !1 - !EN,EO,HI,N4,ON,UK,UP !an48 -*28",
    "CTP !1 -*3 !r15 !(!F2,GR,ME,ML,UN -*14) -*6",
    "REF ?1 =VY,XZ !an50 -*2",
)

_PROVIDERS: Final = (
    loop(
        "2420A", "?1", f"NM1 !1 =82 {ANYBODY}", "PRV ?1 !PE !PXC !an50 -*3", f"REF ?20 =0B,1G,G2,LU {NUMBER_OF_PAYER}"
    ),
    loop("2420B", "?1", "NM1 !1 =QB !1,2 -*5 ?XX ?an2/80 -*3 P0809", f"REF ?20 =0B,1G,G2 {NUMBER_OF_PAYER}"),
    loop("2420C", "?1", f"NM1 !1 =77 {ORGANIZATION}", *ADDRESS, f"REF ?3 =G2,LU {NUMBER_OF_PAYER}"),
    loop("2420D", "?1", f"NM1 !1 =DQ {PERSON}", f"REF ?20 =0B,1G,G2,LU {NUMBER_OF_PAYER}"),
    loop(
        "2420E",
        "?1",
        f"NM1 !1 =DK {PERSON}",
        *OPTIONAL_ADDRESS,
        f"REF ?20 =0B,1G,G2 {NUMBER_OF_PAYER}",
        f"PER ?1 {CONTACT}",
    ),
    loop("2420F", "?2", f"NM1 !1 =DN,P3 {PERSON}", f"REF ?20 =0B,1G,G2 {NUMBER_OF_PAYER}"),
    loop("2420G", "?1", f"NM1 !1 =PW {NAMELESS_ORGANIZATION}", *ADDRESS),
    loop("2420H", "?1", "NM1 !1 =45 !2 ?an60 -*9", *ADDRESS),
)

_ADJUDICATION: Final = loop(
    "2430",
    "?15",
    f"SVD !1 !an2/80 !money {PROCEDURE} - !units ?n6",
    ADJUSTMENTS,
    "DTP !1 =573 !D8 !when",
    "AMT ?1 =EAF !money -",
)

_FORM: Final = loop("2440", "?*", "LQ !1 !AS,UT !an30", "FRM !99 !an20 ?N,W,Y ?an50 ?day ?r6 R02030405")

LINE: Final = loop(
    "2400",
    "!50",
    "LX !1 !n6",
    f"SV1 !1 {PROCEDURE} !money !MJ,UN !units ?place - !(!{_POINTERS} ?{_POINTERS}*3) - ?Y - ?Y*2 -*2 ?0 -*6",
    "SV5 ?1 !(!HC !an48 -*6) !DA !r15 !money !money !1,4,6 -",
    f"PWK ?10 !{ATTACHMENTS} =AA,BM,EL,EM,FT,FX -*2 ?AC ?an2/50 -*3 P0506",
    "PWK ?1 !CT =AB,AD,AF,AG,NS -*7",
    AMBULANCE,
    "CR3 ?1 !I,R,S !MO !r15 -*2",
    AMBULANCE_CONDITIONS,
    "CRC ?1 =70 !N,Y !65 -*4",
    "CRC ?1 =09 !N,Y !38,ZV ?38,ZV -*3",
    "DTP !1 =472 !D8,RD8 !when",
    *dates("471 607 463 461 304"),
    "DTP ?2 =738,739 !D8 !when",
    *dates("011 455 454"),
    "QTY ?1 =PT !r15 -*2",
    "QTY ?1 =FL !r15 -*2",
    "MEA ?5 !OG,TR !HT,R1,R2,R3,R4 !r20 -*9",
    CONTRACT,
    *numbers("9B 9D"),
    f"REF ?5 =G1 {NUMBER_OF_PAYER}",
    *numbers("6R EW X4 F4 BT"),
    f"REF ?5 =9F {NUMBER_OF_PAYER}",
    "AMT ?1 =T !money -",
    "AMT ?1 =F4 !money -",
    FIXED_FORMAT,
    "NTE ?1 =ADD,DCP !an80",
    "NTE ?1 =TPO !an80",
    "PS1 ?1 !an50 !money -",
    "HCP ?1 !00,01,02,03,04,05,06,07,08,09,10,11,12,13,14 !money ?money ?an50 ?r9 ?an50 ?money - ?ER,HC,IV,WK ?an48"
    " ?MJ,UN ?r15 ?T1,T2,T3,T4,T5,T6 ?1,2,3,4,5 ?1,2,3,4,5,6 P0910 P1112",
    _DRUG,
    *_PROVIDERS,
    _ADJUDICATION,
    _FORM,
)
