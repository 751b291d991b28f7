"""What the structure of a transaction set is checked against: one row a rule, with the code that a 999 would say.

An error is what a guide forbids or a receiver refuses, a warning what receivers read nevertheless. The rules hold for
every guide that is written down as data (`guides`); where one is of professional claims alone, its source says so.
"""

from datetime import date
from typing import Final

from app.x12.findings import ELEMENT_MISSING as READ_WITHOUT_ELEMENT
from app.x12.findings import SEGMENT_MISSING as READ_WITHOUT_SEGMENT
from app.x12.rules import Rule, error, warning

_SEGMENT_CODES: Final = "ASC X12 005010 data element 620 (IK304)"
_ELEMENT_CODES: Final = "ASC X12 005010 data element 621 (IK403)"
_GUIDE: Final = "005010X222A1 section 2.3"
_SYNTAX: Final = "ASC X12.6"
ICD_10_IN_FORCE: Final = date(2015, 10, 1)
"""45 CFR 162.1002(c)."""

# Segments and loops
SEGMENT_UNKNOWN = error(
    "segment_not_in_guide",
    "The transaction set has no segment of this name.",
    source=_SEGMENT_CODES,
    standard_code="IK304 1",
)
SEGMENT_MISPLACED = error(
    "segment_misplaced",
    "This segment, or its qualifier, belongs to no loop that is open here.",
    source=_SEGMENT_CODES,
    standard_code="IK304 2",
)
SEGMENT_MISSING = error(
    READ_WITHOUT_SEGMENT.code,
    READ_WITHOUT_SEGMENT.message,
    source=_SEGMENT_CODES,
    standard_code="IK304 3",
)
LOOP_MISSING = error(
    "loop_missing", "A required loop is missing.", source=f"{_SEGMENT_CODES}; {_GUIDE}", standard_code="IK304 3"
)
LOOP_TOO_OFTEN = error(
    "loop_too_often",
    "The loop begins here once more than the guide allows.",
    source=_SEGMENT_CODES,
    standard_code="IK304 4",
)
SEGMENT_TOO_OFTEN = error(
    "segment_too_often",
    "The segment stands here once more than the guide allows.",
    source=_SEGMENT_CODES,
    standard_code="IK304 5",
)
SEGMENT_OUT_OF_ORDER = error(
    "segment_out_of_order",
    "This segment comes after one that it must stand before.",
    source=_SEGMENT_CODES,
    standard_code="IK304 7",
)

# The hierarchy
HIERARCHY_NUMBER = error(
    "hierarchy_number",
    "HL01 does not count on by one within the transaction set.",
    source="005010X222A1 loop 2000A HL01",
    standard_code="IK403 I12",
)
HIERARCHY_PARENT = error(
    "hierarchy_parent",
    "HL02 is not the HL01 of the level above.",
    source="005010X222A1 loops 2000B and 2000C HL02",
    standard_code="IK403 I12",
)
CHILD_MISSING = error(
    "hierarchy_child_missing",
    "HL04 says that levels below this one follow, and none does.",
    source="005010X222A1 loop 2000B HL04",
    standard_code="IK403 I12",
)
CHILD_UNANNOUNCED = error(
    "hierarchy_child_unannounced",
    "HL04 says that no level below this one follows, and one does.",
    source="005010X222A1 loop 2000B HL04",
    standard_code="IK403 I12",
)
CLAIM_MISSING = error(
    "claim_missing",
    "The level has neither a claim (2300) nor a dependent (2000C).",
    source="005010X222A1 loops 2000B and 2300",
    standard_code="IK304 3",
)
LINE_NUMBER = error(
    "line_number",
    "LX01 does not count on by one within the claim.",
    source="005010X222A1 loop 2400 LX01",
    standard_code="IK403 I12",
)
PATIENT_DETAILS_MISSING = error(
    "patient_details_missing",
    "The subscriber is the patient (SBR02 18): 2010BA needs N3, N4 and DMG.",
    source="005010X222A1 loop 2010BA N3, N4 and DMG",
    standard_code="IK304 I6",
)

# Elements
ELEMENT_MISSING = error(
    READ_WITHOUT_ELEMENT.code, READ_WITHOUT_ELEMENT.message, source=_ELEMENT_CODES, standard_code="IK403 1"
)
CONDITION_BROKEN = error(
    "element_condition",
    "Elements that the standard binds together do not stand together.",
    source=f"{_SYNTAX}, syntax notes; {_ELEMENT_CODES}",
    standard_code="IK403 2",
)
EXCLUSION_BROKEN = error(
    "element_exclusion",
    "Two elements of which the standard allows one stand here.",
    source=f"{_SYNTAX}, syntax notes; {_ELEMENT_CODES}",
    standard_code="IK403 10",
)
TOO_MANY_ELEMENTS = error(
    "too_many_elements",
    "The segment has more elements than the standard.",
    source=_ELEMENT_CODES,
    standard_code="IK403 3",
)
TOO_MANY_COMPONENTS = error(
    "too_many_components",
    "The element has more components than the standard, or has some where it has none.",
    source=_ELEMENT_CODES,
    standard_code="IK403 13",
)
TOO_MANY_REPETITIONS = error(
    "too_many_repetitions",
    "The element is repeated, which the guide does not allow.",
    source=_ELEMENT_CODES,
    standard_code="IK403 12",
)
ELEMENT_FORBIDDEN = error(
    "element_forbidden",
    "The guide does not use this element, and it has content.",
    source=_ELEMENT_CODES,
    standard_code="IK403 I10",
)
ELEMENT_TOO_SHORT = error(
    "element_too_short", "The element is too short.", source=_ELEMENT_CODES, standard_code="IK403 4"
)
ELEMENT_TOO_LONG = error("element_too_long", "The element is too long.", source=_ELEMENT_CODES, standard_code="IK403 5")
NOT_A_NUMBER = error(
    "element_no_number",
    "The element is not a number as X12 writes it: no plus, no exponent, no separators of thousands.",
    source=f"{_SYNTAX}, types N and R; RFI 1924",
    standard_code="IK403 6",
)
TOO_MANY_DECIMALS = error(
    "too_many_decimals",
    "The number has more decimals than its element: two of an amount of money, three of a number of units.",
    source="005010X222A1 section 1.4 and SV104; RFI 1924",
    standard_code="IK403 I12",
)
NOT_A_DATE = error(
    "element_no_date",
    "The element is not a day, or not a period whose end follows its beginning, as its qualifier says.",
    source=f"{_SYNTAX}, type DT; {_ELEMENT_CODES}",
    standard_code="IK403 8",
)
NOT_A_TIME = error(
    "element_no_time",
    "The element is not a time of the day (HHMM).",
    source=f"{_SYNTAX}, type TM; {_ELEMENT_CODES}",
    standard_code="IK403 9",
)
CODE_NOT_IN_LIST = error(
    "code_not_in_list", "The code is not in the guide's list.", source=_ELEMENT_CODES, standard_code="IK403 7"
)
CODE_OUTDATED = warning(
    "code_outdated",
    "The code stands for ICD-9-CM, which is for services before October 2015.",
    source="45 CFR 162.1002; 005010X222A1 loop 2300 HI",
    standard_code="IK403 7",
    since=ICD_10_IN_FORCE,
)
SHAPE = error(
    "element_shape",
    "The element does not have the shape of what stands in it: a reason, a remark, nine digits, a country.",
    source=_ELEMENT_CODES,
    standard_code="IK403 I12",
)
POSTAL_CODE = warning(
    "postal_code",
    "A ZIP code has five or nine digits.",
    source="USPS Publication 28 section 223; 005010X222A1 loop 2010AA N403",
    standard_code="IK403 I12",
)
TRAILING_SEPARATORS = warning(
    "trailing_separators",
    "Delimiters stand after the last element or component that has content.",
    source=_SYNTAX,
    standard_code="IK403 3",
)
TRAILING_BLANKS = warning(
    "trailing_blanks", "Blanks stand at the end of an element.", source=_SYNTAX, standard_code="IK403 6"
)

RULES: Final[tuple[Rule, ...]] = (
    SEGMENT_UNKNOWN,
    SEGMENT_MISPLACED,
    SEGMENT_MISSING,
    LOOP_MISSING,
    LOOP_TOO_OFTEN,
    SEGMENT_TOO_OFTEN,
    SEGMENT_OUT_OF_ORDER,
    HIERARCHY_NUMBER,
    HIERARCHY_PARENT,
    CHILD_MISSING,
    CHILD_UNANNOUNCED,
    CLAIM_MISSING,
    LINE_NUMBER,
    PATIENT_DETAILS_MISSING,
    ELEMENT_MISSING,
    CONDITION_BROKEN,
    EXCLUSION_BROKEN,
    TOO_MANY_ELEMENTS,
    TOO_MANY_COMPONENTS,
    TOO_MANY_REPETITIONS,
    ELEMENT_FORBIDDEN,
    ELEMENT_TOO_SHORT,
    ELEMENT_TOO_LONG,
    NOT_A_NUMBER,
    TOO_MANY_DECIMALS,
    NOT_A_DATE,
    NOT_A_TIME,
    CODE_NOT_IN_LIST,
    CODE_OUTDATED,
    SHAPE,
    POSTAL_CODE,
    TRAILING_SEPARATORS,
    TRAILING_BLANKS,
)
