"""Code lists of the transactions read here: codes only, with our words where the domain has one.

Source: the lists of 005010X279A1 as published in open implementation maps and clearinghouse interface documents. A
code that is missing here is kept and reported as information: payers send what they like, and X12 adds codes.
"""

from typing import Final

from app.domain.acknowledgments import AcknowledgmentEffect
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

TRANSACTION_NAMES: Final = {
    "270": "eligibility inquiry",
    "271": "eligibility answer",
    "276": "claim status request",
    "277": "claim status answer",
    "278": "services review",
    "820": "premium payment",
    "834": "enrolment",
    "835": "remittance",
    "837": "claim",
    "997": "functional acknowledgment",
    "999": "implementation acknowledgment",
}
"""ST01."""

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

CLAIM_STATUSES: Final = frozenset("1 2 3 4 19 20 21 22 23 25".split())
"""CLP02."""

PAYMENT_METHODS: Final = frozenset("ACH BOP CHK FWT NON".split())
"""BPR04."""

REMITTANCE_FILING_CODES: Final = frozenset("12 13 14 15 16 17 AM CH DS HM LM MA MB MC OF TV VA WC ZZ".split())
"""CLP06: fewer than SBR09 has."""

REMITTANCE_GROUPS: Final = frozenset("CO OA PI PR".split())
"""CAS01 of an 835; CR is a group of the 837 only (RFI 1147)."""

ACKNOWLEDGMENT_EFFECTS: Final = {
    **dict.fromkeys("A0 A1".split(), AcknowledgmentEffect.RECEIVED),
    "A2": AcknowledgmentEffect.ACCEPTED,
    **dict.fromkeys("A3 A6 A7 A8".split(), AcknowledgmentEffect.REJECTED),
}
"""STC01-1, the claim status category (list 507): the acknowledgments that say what became of a claim."""

PENDING_CATEGORIES: Final = frozenset("PR")
"""First letters of the categories of list 507 for pended claims and for requests of information: P0 to P5, R0 and up."""

ACCEPTING_VERDICTS: Final = frozenset("A E".split())
REFUSING_VERDICTS: Final = frozenset("M R W X".split())
"""IK501 and TA104; AK901 has P, partly accepted, beside them."""
