"""Code lists of the transactions read here: codes only, with our words where the domain has one.

Source: the lists of 005010X279A1 as published in open implementation maps and clearinghouse interface documents. A
code that is missing here is kept and reported as information: payers send what they like, and X12 adds codes.
"""

from typing import Final

from app.domain.acknowledgments import AcknowledgmentEffect
from app.domain.claim_statuses import ClaimStatusEffect
from app.domain.eligibility import BenefitKind
from app.domain.parties import Sex

BENEFIT_KINDS: Final = {
    **dict.fromkeys("1 2 3 4 5".split(), BenefitKind.ACTIVE),
    **dict.fromkeys("6 7 8".split(), BenefitKind.INACTIVE),
    "A": BenefitKind.COINSURANCE,
    "B": BenefitKind.COPAYMENT,
    "C": BenefitKind.DEDUCTIBLE,
    "F": BenefitKind.LIMITATION,
    "G": BenefitKind.OUT_OF_POCKET,
    "I": BenefitKind.NON_COVERED,
    "R": BenefitKind.OTHER_PAYER,
    "U": BenefitKind.CONTACT,
    **dict.fromkeys("CB D E H J K L M MC N O P Q S T V W X Y".split(), BenefitKind.OTHER),
}
"""EB01."""

SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE, "U": Sex.UNKNOWN}
"""DMG03."""

COVERAGE_DATES: Final = frozenset("291 292 307 346 347 348 349 356 357".split())
"""DTP01: the dates that say whether a plan or benefit is in force on a day."""

_REJECTIONS: Final = (
    "04 15 33 35 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 "
    "76 77 78 79 80 97 98 T4 AA AE AF AG AO CI E8 IA MA"
)

CODE_LISTS: Final = {
    ("EB", 1): frozenset(BENEFIT_KINDS),
    ("EB", 2): frozenset("CHD DEP ECH EMP ESP FAM IND SPC SPO".split()),
    ("EB", 6): frozenset("6 7 13 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36".split()),
    ("EB", 9): frozenset("8H 99 CA CE D3 DB DY HS LA LE M2 MN P6 QA S7 S8 VS YY".split()),
    ("EB", 11): frozenset("N U Y".split()),
    ("EB", 12): frozenset("N U W Y".split()),
    ("AAA", 3): frozenset(_REJECTIONS.split()),
    ("AAA", 4): frozenset("C N P R S W X Y".split()),
    ("DMG", 3): frozenset(SEXES),
}
"""By segment and element; what is empty is not looked up."""

RELATED_ENTITIES: Final = frozenset(
    "13 1I 1P 2B 36 73 FA GP GW I3 IL LR OC P3 P4 P5 PR PRP SEP TTP VER VN VY X3 Y2".split()
)
"""NM101 of loop 2120."""

ACKNOWLEDGMENT_EFFECTS: Final = {
    **dict.fromkeys("A0 A1".split(), AcknowledgmentEffect.RECEIVED),
    "A2": AcknowledgmentEffect.ACCEPTED,
    **dict.fromkeys("A3 A6 A7 A8".split(), AcknowledgmentEffect.REJECTED),
}
"""STC01-1, the claim status category (list 507): the acknowledgments that say what became of a claim."""

PENDING_CATEGORIES: Final = frozenset("PR")
"""First letters of the categories of list 507 for pended claims and for requests of information: P0 to P5, R0 and up."""

CLAIM_STATUS_EFFECTS: Final = {
    **dict.fromkeys("A0 A1".split(), ClaimStatusEffect.RECEIVED),
    **dict.fromkeys("A2 A5".split(), ClaimStatusEffect.ACCEPTED),
    **dict.fromkeys("A3 A6 A7 A8".split(), ClaimStatusEffect.REJECTED),
    **dict.fromkeys("A4 D0".split(), ClaimStatusEffect.NOT_FOUND),
    **dict.fromkeys("E0 E1 E2 E3 E4".split(), ClaimStatusEffect.ERROR),
    **dict.fromkeys("F0 F3N".split(), ClaimStatusEffect.FINALISED),
    "F1": ClaimStatusEffect.PAID,
    "F2": ClaimStatusEffect.DENIED,
    "F3": ClaimStatusEffect.REVISED,
    "F3F": ClaimStatusEffect.FORWARDED,
    "F4": ClaimStatusEffect.NO_PAYMENT,
    **dict.fromkeys("P0 P1 P2 P3 P4 P5".split(), ClaimStatusEffect.PENDING),
    **dict.fromkeys(
        "R0 R1 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 R14 R15 R16 R17 RQ".split(), ClaimStatusEffect.INFORMATION_REQUESTED
    ),
    **dict.fromkeys("F5 X0".split(), ClaimStatusEffect.NOTED),  # out of use for long
}
"""STC01-1 of a 277: every category of list 507 that was ever in use. F3N is decided and, other than F3F, not sent on."""

CLAIM_STATUS_FAMILIES: Final = {
    "E": ClaimStatusEffect.ERROR,
    "P": ClaimStatusEffect.PENDING,
    "R": ClaimStatusEffect.INFORMATION_REQUESTED,
}
"""First letters under which list 507 has grown and means one thing: for a category that is not known yet."""

ACCEPTING_VERDICTS: Final = frozenset("A E".split())
REFUSING_VERDICTS: Final = frozenset("M R W X".split())
"""IK501 and TA104; AK901 has P, partly accepted, beside them."""

SYNTAX_CODES: Final = {
    ("IK3", 4): frozenset("1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9".split()),
    ("IK4", 3): frozenset("1 2 3 4 5 6 7 8 9 10 11 12 13 I6 I9 I10 I11 I12 I13".split()),
    ("IK5", 2): frozenset("1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6".split()),
    ("AK9", 5): frozenset("1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26".split()),
    ("TA1", 5): frozenset(f"{code:03}" for code in range(32)),
}
"""What a 999 or TA1 finds wrong, by segment and first element that says so."""
