"""The professional claim (837, 005010X222A1) as data: who sends and receives, who bills, whose coverage, who was treated.

Facts of the guide: which loops, segments, elements and codes there are, how often, how long. Sources: ASC X12's public
examples of the guide, companion guides of payers, and the implementation maps of open-source validators; where two
disagree, the wider one stands (BHT06 31). Parts: `guide_837_claim`, `guide_837_line`, `guide_837_shared`.
"""

from typing import Final

from app.x12.guide_837_claim import CLAIM
from app.x12.guide_837_shared import (
    ADDRESS,
    ANYBODY,
    CITY,
    CONTACT,
    FILING_CODES,
    INSURANCE_TYPES,
    MEMBER,
    NAMELESS,
    NUMBER,
    OPTIONAL_ADDRESS,
    PAYER,
    PHONE,
    RANKS,
    RELATIONSHIPS,
    STREET,
)
from app.x12.guides import Guide, loop

_BIRTH: Final = "!D8 !when !F,M,U -*8"
_DEATH_AND_WEIGHT: Final = "?D8 ?when ?01 ?r10 ?Y P0506 P0708"

_DEPENDENT: Final = loop(
    "2000C",
    "?*",
    "HL !1 !an12 !an12 =23 !0",
    f"PAT !1 !{RELATIONSHIPS} -*3 {_DEATH_AND_WEIGHT}",
    loop(
        "2010CA",
        "!1",
        "NM1 !1 =QC !1 !an60 ?an35 ?an25 - ?an10 -*5",
        f"N3 !1 {STREET}",
        f"N4 !1 {CITY}",
        f"DMG !1 {_BIRTH}",
        f"REF ?1 =Y4 {NUMBER}",
        f"REF ?1 =1W,SY {NUMBER}",
        f"PER ?1 {PHONE}",
    ),
    CLAIM,
)

_SUBSCRIBER: Final = loop(
    "2000B",
    "!*",
    "HL !1 !an12 !an12 =22 !0,1",
    f"SBR !1 !{RANKS} ?18 ?an50 ?an60 ?{INSURANCE_TYPES} -*3 ?{FILING_CODES}",
    f"PAT ?1 -*4 {_DEATH_AND_WEIGHT}",
    loop(
        "2010BA",
        "!1",
        f"NM1 !1 =IL {MEMBER}",
        *OPTIONAL_ADDRESS,
        f"DMG ?1 {_BIRTH}",
        "REF ?1 =SY !nine -*2",
        f"REF ?1 =Y4 {NUMBER}",
        f"PER ?1 {PHONE}",
    ),
    loop(
        "2010BB",
        "!1",
        f"NM1 !1 =PR {PAYER}",
        *OPTIONAL_ADDRESS,
        f"REF ?3 =2U,EI,FY,NF {NUMBER}",
        f"REF ?2 =G2,LU {NUMBER}",
    ),
    CLAIM,
    _DEPENDENT,
)

_BILLING: Final = loop(
    "2000A",
    "!*",
    "HL !1 !an12 - =20 !1",
    "PRV ?1 !BI !PXC !an50 -*3",
    "CUR ?1 !85 !currency -*19",
    loop(
        "2010AA",
        "!1",
        f"NM1 !1 =85 {ANYBODY}",
        *ADDRESS,
        f"REF !1 =EI,SY {NUMBER}",
        f"REF ?2 =0B,1G {NUMBER}",
        f"PER ?2 {CONTACT}",
    ),
    loop("2010AB", "?1", f"NM1 !1 =87 {NAMELESS}", *ADDRESS),
    loop(
        "2010AC",
        "?1",
        f"NM1 !1 =PE {PAYER}",
        *ADDRESS,
        f"REF ?1 =2U,FY,NF {NUMBER}",
        f"REF !1 =EI {NUMBER}",
    ),
    _SUBSCRIBER,
)

GUIDE: Final = Guide(
    id="005010X222A1",
    root=loop(
        "ST",
        "!1",
        "BHT !1 !0019 !00,18 !an30 !day !time !31,CH,RP",
        loop(
            "1000A",
            "!1",
            "NM1 !1 =41 !1,2 !an60 ?an35 ?an25 -*2 !46 !an2/80 -*3",
            "PER !2 !IC ?an60 !ED,EM,FX,TE !an256 ?ED,EM,EX,FX,TE ?an256 ?ED,EM,EX,FX,TE ?an256 - P0506 P0708",
        ),
        loop("1000B", "!1", "NM1 !1 =40 !2 !an60 -*4 !46 !an2/80 -*3"),
        _BILLING,
    ),
)
