"""What a professional claim by itself is checked against beyond its structure (005010X222A1): its numbers, codes and lines.

One row a rule. What concerns its payers and their money is `rules_837`, where the severities are explained.
"""

from datetime import date
from typing import Final

from app.x12.rules import NPI_IN_FORCE, Rule, error, warning

CONTROL_NUMBER_TOO_LONG = error(
    "patient_control_number_length",
    "CLM01 has more than 20 characters.",
    source="005010X222A1 loop 2300 CLM01; clearinghouse edit: invalid patient control number",
    standard_code="IK403 5",
)
CONTROL_NUMBER_LONG = warning(
    "patient_control_number_long",
    "CLM01 has more than 17 characters: some payers answer with the first 17.",
    source="clearinghouse interface: patient control number",
    since=None,
)
CONTROL_NUMBER_REPEATED = warning(
    "patient_control_number_repeated",
    "CLM01 stood in an earlier claim of this file: answers to the two cannot be told apart.",
    source="005010X222A1 loop 2300 CLM01",
)
FREQUENCY_UNKNOWN = error(
    "claim_frequency",
    "CLM05-3 is none of 1, 7 and 8.",
    source="clearinghouse edit: invalid claim frequency code",
    standard_code="IK403 7",
    since=None,
)
PAYER_CLAIM_NUMBER_MISSING = error(
    "payer_claim_number_missing",
    "A replacement or void does not name the payer's claim (REF*F8).",
    source="005010X222A1 loop 2300 REF*F8; clearinghouse edit: missing payer claim control number",
    standard_code="IK304 I6",
)
PAYER_CLAIM_NUMBER_REFUSED = error(
    "payer_claim_number_refused",
    "An original claim names a claim of the payer (REF*F8): there is none yet.",
    source="RFI 2110",
    standard_code="IK304 I9",
)
ATTACHMENT_NUMBER_MISSING = error(
    "attachment_number_missing",
    "An attachment that is sent (PWK02 BM, EL, EM, FT or FX) has no control number (PWK06).",
    source="005010X222A1 loops 2300 and 2400 PWK06; clearinghouse edit: missing attachment control number",
    standard_code="IK403 I9",
)
DIAGNOSIS_REPEATED = error(
    "diagnosis_repeated",
    "A diagnosis stands twice in the claim.",
    source="clearinghouse edit: duplicate diagnosis codes",
    standard_code="IK403 I12",
    since=date(2026, 3, 25),
)
DIAGNOSIS_POINT = error(
    "diagnosis_point",
    "A diagnosis is written with its decimal point.",
    source="005010X222A1 loop 2300 HI",
    standard_code="IK403 7",
)
POINTER_UNKNOWN = error(
    "pointer_unknown",
    "SV107 points at none of the claim's diagnoses.",
    source="clearinghouse edit: invalid diagnosis pointers",
    standard_code="IK403 I12",
    since=date(2026, 1, 8),
)
UNITS_NOT_POSITIVE = error(
    "units_range",
    "SV104 is not above zero.",
    source="clearinghouse edit: invalid service unit counts",
    standard_code="IK403 I12",
    since=None,
)
LINE_CONTROL_NUMBER_REPEATED = error(
    "line_control_number_repeated",
    "A line's control number (REF*6R) stands on another line of the claim.",
    source="clearinghouse edit: line item control numbers must be unique",
    standard_code="IK403 I12",
    since=date(2026, 1, 7),
)
LINE_CONTROL_NUMBER_TOO_LONG = error(
    "line_control_number_length",
    "A line's control number (REF*6R) has more than 30 characters.",
    source="005010X222A1 loop 2400 REF*6R; clearinghouse edit: line item control number",
    standard_code="IK403 5",
)
NPI_INVALID = error(
    "npi_format",
    "NM109 under XX is no NPI: ten digits, the last one of which checks the others.",
    source="45 CFR 162.406",
    standard_code="IK403 7",
    since=NPI_IN_FORCE,
)

RULES: Final[tuple[Rule, ...]] = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
"""In the order of this page."""
