"""The professional claim: loop 2300 of 005010X222A1, its providers (2310) and its other payers (2320, 2330)."""

from typing import Final

from app.x12.guide_837_line import LINE
from app.x12.guide_837_shared import (
    ADDRESS,
    ADJUSTMENTS,
    AMBULANCE,
    AMBULANCE_CONDITIONS,
    ANYBODY,
    ATTACHMENTS,
    CONTRACT,
    FILING_CODES,
    FIXED_FORMAT,
    INSURANCE_TYPES,
    MEMBER,
    NAMELESS,
    NAMELESS_ORGANIZATION,
    NAMELESS_PERSON,
    NUMBER,
    OPTIONAL_ADDRESS,
    ORGANIZATION,
    PAYER,
    PERSON,
    PHONE,
    RANKS,
    RELATIONSHIPS,
    dates,
    numbers,
)
from app.x12.guides import loop

_PROVIDERS: Final = (
    loop("2310A", "?2", f"NM1 !1 =DN,P3 {PERSON}", f"REF ?3 =0B,1G,G2 {NUMBER}"),
    loop("2310B", "?1", f"NM1 !1 =82 {ANYBODY}", "PRV ?1 !PE !PXC !an50 -*3", f"REF ?4 =0B,1G,G2,LU {NUMBER}"),
    loop("2310C", "?1", f"NM1 !1 =77 {ORGANIZATION}", *ADDRESS, f"REF ?3 =0B,G2,LU {NUMBER}", f"PER ?1 {PHONE}"),
    loop("2310D", "?1", f"NM1 !1 =DQ {PERSON}", f"REF ?4 =0B,1G,G2,LU {NUMBER}"),
    loop("2310E", "?1", f"NM1 !1 =PW {NAMELESS_ORGANIZATION}", *ADDRESS),
    loop("2310F", "?1", "NM1 !1 =45 !2 ?an60 -*9", *ADDRESS),
)

_OTHER_PAYER: Final = loop(
    "2320",
    "?10",
    f"SBR !1 !{RANKS} !18,{RELATIONSHIPS} ?an50 ?an60 ?{INSURANCE_TYPES} -*3 ?{FILING_CODES}",
    ADJUSTMENTS,
    "AMT ?1 =D !money -",
    "AMT ?1 =A8 !money -",
    "AMT ?1 =EAF !money -",
    "OI !1 -*2 !N,W,Y ?P - !I,Y",
    "MOA ?1 ?r10 ?money ?remark*5 ?money*2",
    loop("2330A", "!1", f"NM1 !1 =IL {MEMBER}", *OPTIONAL_ADDRESS, "REF ?1 =SY !nine -*2"),
    loop(
        "2330B",
        "!1",
        f"NM1 !1 =PR {PAYER}",
        *OPTIONAL_ADDRESS,
        "DTP ?1 =573 !D8 !when",
        f"REF ?2 =2U,EI,FY,NF {NUMBER}",
        *numbers("G1 9F"),
        "REF ?1 =T4 !Y -*2",
        *numbers("F8"),
    ),
    loop("2330C", "?2", f"NM1 !1 =DN,P3 {NAMELESS_PERSON}", f"REF !3 =0B,1G,G2 {NUMBER}"),
    loop("2330D", "?1", f"NM1 !1 =82 {NAMELESS}", f"REF !3 =0B,1G,G2,LU {NUMBER}"),
    loop("2330E", "?1", f"NM1 !1 =77 {NAMELESS_ORGANIZATION}", f"REF !3 =0B,G2,LU {NUMBER}"),
    loop("2330F", "?1", f"NM1 !1 =DQ {NAMELESS_PERSON}", f"REF !3 =0B,1G,G2,LU {NUMBER}"),
    loop("2330G", "?1", f"NM1 !1 =85 {NAMELESS}", f"REF !2 =G2,LU {NUMBER}"),
)

CLAIM: Final = loop(
    "2300",
    "?100",
    "CLM !1 !an38 !money -*2 !(!place !B !an1) !N,Y !A,B,C !N,W,Y !I,Y ?P ?(!AA,EM,OA ?AA,EM,OA - ?state ?country)"
    " ?02,03,05,09 -*7 ?1,2,3,4,5,6,7,8,9,10,11,15",
    *dates("431 454 304 453 439 484 455 471"),
    "DTP ?1 =314,360,361 !D8,RD8 !when",
    *dates("297 296 435 096"),
    "DTP ?2 =090,091 !D8 !when",
    *dates("444 050"),
    f"PWK ?10 !{ATTACHMENTS} !AA,BM,EL,EM,FT,FX -*2 ?AC ?an2/50 -*3 P0506",
    CONTRACT,
    "AMT ?1 =F5 !money -",
    "REF ?1 =4N !1,2,3,4,5,6,7 -*2",
    "REF ?1 =F5 !N,Y -*2",
    *numbers("EW 9F G1 F8 X4 9A 9C LX D9 EA P4 1J"),
    FIXED_FORMAT,
    "NTE ?1 !ADD,CER,DCP,DGN,TPO !an80",
    AMBULANCE,
    "CR2 ?1 -*7 !A,C,D,E,F,G,M - ?an80*2 -",
    AMBULANCE_CONDITIONS,
    "CRC ?3 =E1,E2,E3 !N,Y !L1,L2,L3,L4,L5 ?L1,L2,L3,L4,L5*4",
    "CRC ?1 =75 !Y !IH -*4",
    "CRC ?1 =ZZ !N,Y !AV,NU,S2,ST ?AV,NU,S2,ST*2 -*2",
    "HI !1 !(=ABK,BK? !an30 -*7) ?(!ABF,BF? !an30 -*7)*11",
    "HI ?1 !(=BP !an30 -*7) ?(!BO !an30 -*7) -*10",
    "HI ?2 !(=BG !an30 -*7) ?(!BG !an30 -*7)*11",
    "HCP ?1 !00,01,02,03,04,05,07,08,09,10,11,12,13,14 !money ?money ?an50 ?r9 ?an50 ?money -*5 ?T1,T2,T3,T4,T5,T6"
    " ?1,2,3,4,5 ?1,2,3,4,5,6",
    *_PROVIDERS,
    _OTHER_PAYER,
    LINE,
)
"""Of a subscriber; of a dependent there must be one, which the level of the patient is asked for (`hierarchy_837`)."""
