"""Segments that stand in many loops of the professional claim (005010X222A1), in the notation of `guides`."""

from typing import Final

# NM1 from its second element: who it is, and by which number
PERSON: Final = "!1 !an60 ?an35 ?an25 - ?an10 ?XX ?an2/80 -*3 P0809"
ANYBODY: Final = "!1,2 !an60 ?an35 ?an25 - ?an10 ?XX ?an2/80 -*3 P0809"
ORGANIZATION: Final = "!2 !an60 -*4 ?XX ?an2/80 -*3 P0809"
MEMBER: Final = "!1,2 !an60 ?an35 ?an25 - ?an10 !II,MI !an2/80 -*3"
PAYER: Final = "!2 !an60 -*4 !PI,XV !an2/80 -*3"
NAMELESS_PERSON: Final = "!1 -*10"
NAMELESS_ORGANIZATION: Final = "!2 -*10"
NAMELESS: Final = "!1,2 -*10"

STREET: Final = "!an55 ?an55"
CITY: Final = "!an2/30 ?state ?postal ?country -*2 ?an3 E0207 C0704"
ADDRESS: Final = (f"N3 !1 {STREET}", f"N4 !1 {CITY}")
OPTIONAL_ADDRESS: Final = (f"N3 ?1 {STREET}", f"N4 ?1 {CITY}")

NUMBER: Final = "!an50 -*2"
"""REF from its second element."""
NUMBER_OF_PAYER: Final = "!an50 - ?(!2U !an50 -*4)"
"""The same on a line, where REF04 may say which payer's number it is (its 2330B NM109)."""

PHONE: Final = "!IC ?an60 !TE !an256 ?EX ?an256 -*3 P0506"
CONTACT: Final = "!IC ?an60 !EM,FX,TE !an256 ?EM,EX,FX,TE ?an256 ?EM,EX,FX,TE ?an256 - P0506 P0708"

RANKS: Final = "A,B,C,D,E,F,G,H,P,S,T,U"
RELATIONSHIPS: Final = "01,19,20,21,39,40,53,G8"
INSURANCE_TYPES: Final = "12,13,14,15,16,41,42,43,47"
FILING_CODES: Final = "11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ"

ADJUSTMENTS: Final = (
    "CAS ?5 !CO,CR,OA,PI,PR !reason !money ?r15"
    + " ?reason ?money ?r15" * 5
    + " L050607 C0605 C0705 L080910 C0908 C1008"
    " L111213 C1211 C1311 L141516 C1514 C1614 L171819 C1817 C1917"
)
CONTRACT: Final = "CN1 ?1 !01,02,03,04,05,06,09 ?money ?r6 ?an50 ?r6 ?an30"
FIXED_FORMAT: Final = "K3 ?10 !an80 -*2"
AMBULANCE: Final = "CR1 ?1 ?LB ?r10 - !A,B,C,D,E !DH !r15 -*2 ?an80*2 P0102"
AMBULANCE_CONDITIONS: Final = "CRC ?3 =07 !N,Y !01,04,05,06,07,08,09,12 ?01,04,05,06,07,08,09,12*4"
ATTACHMENTS: Final = (
    "03,04,05,06,07,08,09,10,11,13,15,21,A3,A4,AM,AS,B2,B3,B4,BR,BS,BT,CB,CK,CT,D2,DA,DB,DG,DJ,DS,EB,HC,HR,I5,IR,LA,"
    "M1,MT,NN,OB,OC,OD,OE,OX,OZ,P4,P5,PE,PN,PO,PQ,PY,PZ,RB,RR,RT,RX,SG,V5,XP"
)
PROCEDURE: Final = "!(!ER,HC,IV,WK !an48 ?modifier*4 ?an80 -)"


def dates(qualifiers: str) -> tuple[str, ...]:
    """A DTP for each of these, a day."""
    return tuple(f"DTP ?1 ={qualifier} !D8 !when" for qualifier in qualifiers.split())


def numbers(qualifiers: str) -> tuple[str, ...]:
    """A REF for each of these."""
    return tuple(f"REF ?1 ={qualifier} {NUMBER}" for qualifier in qualifiers.split())
