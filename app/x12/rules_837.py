"""What a professional claim is checked against beyond its structure (005010X222A1): one row a rule.

A rule is an error where a receiver refuses the claim for it or cannot work with what it says, a warning where the guide
speaks against it and receivers differ. Rules that are named like a finding of the service say the same about the text.
A balance's difference is the charge less what explains it; for AMT*D, what the lines say less AMT*D: below zero when
too much is explained.
"""

from datetime import date
from typing import Final

from app.x12.rules import Rule, error, warning

_BALANCING: Final = "005010X222A1 section 1.4.4"

# The charge and the balance of each payer
CHARGE_NOT_OF_LINES = error(
    "charge_differs_from_lines", "CLM02 is not the sum of the lines' charges (SV102).", source=_BALANCING
)
LINE_UNBALANCED = error(
    "line_out_of_balance",
    "SV102 is not what this payer paid on the line (SVD02) and adjusted (CAS), over all its 2430 there.",
    source=f"{_BALANCING}; RFI 1555",
)
LINE_UNDECIDED = error(
    "line_undecided",
    "A payer that decided other lines has no 2430 on this one: nothing explains its charge.",
    source=f"{_BALANCING}; RFI 2143",
)
PAID_NOT_OF_LINES = error(
    "paid_differs_from_lines",
    "AMT*D is not the sum of this payer's SVD02 less its adjustments at claim level (2320 CAS).",
    source=_BALANCING,
)
CLAIM_UNBALANCED = error(
    "claim_out_of_balance",
    "CLM02 is not what this payer paid (AMT*D) and adjusted at claim level (2320 CAS), and it has no 2430.",
    source=f"{_BALANCING}; RFI 1115",
)
DOLLAR_AT_TWO_LEVELS = error(
    "amount_at_both_levels",
    "An adjustment stands in 2320 and again in 2430, and the payer does not balance: a dollar stands at one level.",
    source=f"{_BALANCING}; clearinghouse edit: COB service lines must be balanced",
)
SAME_AT_TWO_LEVELS = warning(
    "adjustment_at_both_levels",
    "2320 and 2430 carry an adjustment of one group, reason and amount. The payer balances, so they may be two.",
    source=_BALANCING,
)
CHARGE_NEGATIVE = error(
    "charge_negative",
    "A charge (CLM02, SV102) is below zero.",
    source="clearinghouse edit: negative line item charge amount",
    since=None,
)
CLAIM_CHARGE_ZERO = error(
    "claim_charge_zero",
    "A chargeable claim (BHT06 CH) charges nothing.",
    source="clearinghouse edit: zero-charge claims",
    since=date(2025, 12, 1),
)

# What a payer decided
PAID_MISSING = error(
    "paid_amount_missing",
    "The payer decided (CAS, 2430, AMT*EAF, MOA or DTP*573), but AMT*D does not say what it paid; nothing is 0.",
    source="005010X222A1 loop 2320 AMT*D",
    standard_code="IK304 I6",
)
PAID_NEGATIVE = error(
    "paid_amount_negative",
    "A paid amount (AMT*D, SVD02) is below zero.",
    source="clearinghouse edit: invalid paid amount",
    since=None,
)
PAID_UNITS_NEGATIVE = warning(
    "paid_units_negative",
    "The units that a payer paid (SVD05) are below zero.",
    source="005010X222A1 loop 2430 SVD05",
    standard_code="IK403 I12",
)
PRIOR_PAYER_UNDECIDED = error(
    "prior_payer_undecided",
    "A payer ahead of the one that is asked has no decision here, and no AMT*A8 says why.",
    source="clearinghouse edit: missing other payer adjudication date",
    standard_code="IK304 I6",
    since=None,
)
LATER_PAYER_DECIDED = warning(
    "later_payer_decided",
    "A payer behind the one that is asked carries a decision.",
    source="005010X222A1 section 1.4.1",
)
AVOIDED_DIFFERS = error(
    "non_covered_differs_from_charge",
    "AMT*A8 says that the payer was not billed; it is the whole charge (CLM02).",
    source="RFI 1353; RFI 1603",
)
AVOIDED_AND_DECIDED = error(
    "non_covered_and_decided",
    "AMT*A8 says that the payer was not billed, but it carries a decision (AMT*D, CAS, 2430 or DTP*573).",
    source="RFI 1603; RFI 1999",
    standard_code="IK304 I9",
)
LINE_PAYER_UNKNOWN = error(
    "line_payer_unknown",
    "SVD01 is the id (2330B NM109) of none of the claim's other payers.",
    source="005010X222A1 loop 2430 SVD01",
    standard_code="IK403 I12",
)
PAYER_ID_REPEATED = error(
    "payer_id_repeated",
    "Two payers with decisions have this id: SVD01 cannot tell whose the lines' decisions are.",
    source="005010X222A1 loop 2430 SVD01",
    standard_code="IK403 I12",
)
BUNDLED_INTO_NOTHING = error(
    "bundled_into_line",
    "SVD06 is not the number (LX01) of another line of the claim.",
    source="005010X222A1 loop 2430 SVD06",
    standard_code="IK403 I12",
)
BUNDLED_LINE_PAID = warning(
    "bundled_line_paid",
    "A line that was bundled into another (SVD06) is paid: the payment stands on the other line.",
    source="005010X222A1 loop 2430 SVD06",
)

# When it decided
DATE_AT_TWO_LEVELS = error(
    "adjudication_date_at_both_levels",
    "DTP*573 stands in 2330B and in 2430 for one payer.",
    source="clearinghouse edit: adjudication date at both the claim and service line level",
    standard_code="IK304 I9",
    since=None,
)
DATE_MISSING = error(
    "adjudication_date_missing",
    "The payer decided, but no DTP*573 says when: neither 2330B nor 2430 has one.",
    source="clearinghouse edit: missing other payer adjudication date",
    standard_code="IK304 I6",
    since=None,
)
DECIDED_BEFORE_SERVICE = warning(
    "adjudication_before_service",
    "The payer decided before the last day of the service.",
    source="005010X222A1 loops 2330B and 2430 DTP*573",
)
DECIDED_AFTER_CREATION = warning(
    "adjudication_in_future",
    "The payer decided after this transaction was created (BHT04).",
    source="005010X222A1 loops 2330B and 2430 DTP*573",
)

# What is left to pay
LIABILITY_AT_TWO_LEVELS = error(
    "liability_at_two_levels",
    "AMT*EAF stands in 2320 and in 2430 for one payer.",
    source="RFI 1391; clearinghouse edit: duplicate remaining patient liability",
    standard_code="IK304 I9",
)
LIABILITY_MISSING = warning(
    "liability_missing",
    "The payer decided, but AMT*EAF does not say what is left to pay; nothing is 0.",
    source="RFI 1515; RFI 1517",
    standard_code="IK304 I6",
)
LIABILITY_NEGATIVE = warning(
    "liability_negative",
    "What is left to pay (AMT*EAF) is below zero; nothing is 0.",
    source="RFI 1515; 005010X222A1 loops 2320 and 2430 AMT*EAF",
    standard_code="IK403 I12",
)

# Adjustments
ADJUSTMENT_ZERO = error(
    "adjustment_zero", "An adjustment of zero is not sent.", source="RFI 1865", standard_code="IK403 I12"
)
ADJUSTMENT_NEGATIVE = warning(
    "adjustment_negative",
    "An adjustment is below zero: legal, but some receivers refuse it.",
    source="RFI 626; clearinghouse interface: adjustment amounts without sign",
)
AMOUNT_MISSING = error(
    "adjustment_amount_missing",
    "An adjustment has a reason but no amount.",
    source="RFI 1532; clearinghouse edit: missing adjustment amount",
    standard_code="IK403 2",
)
GROUP_CORRECTION = warning(
    "adjustment_group_correction",
    "CR is a group that remittances of this version no longer have.",
    source="RFI 1147",
)
ADJUSTMENT_REPEATED = warning(
    "adjustment_duplicate",
    "A group and reason stand twice at one level; they are sent once, with the sum.",
    source="RFI 213",
)
GROUP_SPLIT = warning(
    "adjustment_group_split",
    "Two CAS of one group stand where one would hold the adjustments: a level has room for five.",
    source="005010X222A1 loops 2320 and 2430 CAS",
)
PAID_TO_PATIENT_GROUP = warning(
    "paid_to_patient_group", "Payment made to the patient (CARC 100) stands in the group PR.", source="RFI 1812"
)
EARLIER_EFFECT_GROUP = warning(
    "earlier_payers_effect_group",
    "The effect of earlier payers (CARC 23) stands in the group OA.",
    source="RFI 2194; X12 code list 139",
)
EARLIER_EFFECT_OF_FIRST = warning(
    "earlier_payers_effect_of_primary",
    "The primary payer's decision shows an effect of earlier payers (CARC 23); none came before it.",
    source="RFI 2143; RFI 2535",
)

# Who pays in which order
RANK_REPEATED = error(
    "payer_rank_repeated",
    "Two payers of the claim have this rank (SBR01).",
    source="005010X222A1 SBR01; clearinghouse edit: duplicate payer responsibility level codes",
    standard_code="IK403 I12",
)
PRIMARY_MISSING = error(
    "primary_payer_missing",
    "None of the claim's payers is the primary (SBR01 P).",
    source="clearinghouse edit: missing primary payer",
    since=date(2025, 12, 8),
)
RANK_SKIPPED = error(
    "order_has_gap",
    "A payer's rank (SBR01) comes after one that no payer has.",
    source="clearinghouse edit: payer responsibility level codes must be in order",
    standard_code="IK403 I6",
    since=None,
)
RANK_UNKNOWN = warning(
    "payer_rank_unknown",
    "A provider says of no payer that its rank is unknown (SBR01 U): the code is for claims from payer to payer.",
    source="005010X222A1 SBR01",
    standard_code="IK403 I6",
)
FILING_CODE_MISSING = error(
    "claim_filing_code_missing",
    "SBR09 says of no payer what kind of plan it is.",
    source="005010X222A1 SBR09",
    standard_code="IK403 I9",
)
TYPE_CODE_REFUSED = error(
    "insurance_type_refused",
    "The primary payer has an insurance type code (SBR05).",
    source="clearinghouse edit: insurance type code not allowed for the primary payer",
    standard_code="IK403 I13",
    since=None,
)
TYPE_CODE_NOT_MEDICARE = warning(
    "insurance_type_not_medicare",
    "A payer that is not Medicare (SBR09) says why Medicare is not primary (SBR05).",
    source="005010X222A1 SBR05",
    standard_code="IK403 I13",
)
TYPE_CODE_REQUIRED = error(
    "insurance_type_required",
    "Medicare after another payer does not say why (SBR05).",
    source="clearinghouse edit: missing insurance type code when Medicare is a non-primary payer",
    standard_code="IK403 I9",
    since=date(2026, 3, 25),
)
MEDICARE_DEPENDENT = warning(
    "relationship_medicare",
    "A Medicare beneficiary is always the subscriber.",
    source="CMS contractor First Coast: electronic MSP claims",
    since=None,
)
MEDICARE_ONE_PAYER_AHEAD = warning(
    "medicare_payers_ahead",
    "Medicare takes a claim after more than one payer on paper only.",
    source="CMS contractor First Coast: electronic MSP claims",
    since=None,
)
MEDICARE_TAKES_ORIGINALS = warning(
    "medicare_frequency",
    "Original Medicare takes original claims only (CLM05-3 1); a decided claim is reopened or appealed.",
    source="CMS 837P companion guide: CLM05-3",
    since=None,
)
MEDICARE_PATIENT_PAID = warning(
    "medicare_patient_paid",
    "Medicare sends its payment to the patient when AMT*F5 says that the patient paid.",
    source="CMS contractor in Rhode Island: electronic MSP claims, AMT*F5",
    since=None,
)
SUBSCRIBER_RELATIONSHIP = error(
    "subscriber_relationship",
    "SBR02 of 2000B is 18 when the patient is the subscriber, and empty when a 2000C names the patient.",
    source="005010X222A1 loop 2000B SBR02; clearinghouse edit: invalid subscriber individual relationship codes",
    standard_code="IK403 I12",
)
READJUDICATION_BY_PROVIDER = warning(
    "readjudication_by_provider",
    "REF*T4 says that a payer decided anew; a provider never sends it.",
    source="005010X222A1 loop 2330B REF*T4",
    standard_code="IK304 I9",
)
CONSENT_DIFFERS = warning(
    "consent_differs", "OI06 is not CLM09: there is one consent.", source="RFI 1786", standard_code="IK403 I12"
)

RULES: Final[tuple[Rule, ...]] = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
"""In the order of this page."""
