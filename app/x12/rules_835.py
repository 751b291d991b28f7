"""What a remittance is checked against beyond what reading it finds (005010X221A1): one row a rule.

A rule is an error where the claim or the payment cannot be posted as it stands: it does not add up, or says two things.
It is a warning where the guide speaks against it and posting is still safe. The first five say what `remittance_835.check`
says about a remittance that was read whole. A balance's difference is what was paid less what the other amounts come
to; of CLP05, CLP05 less the PR adjustments; of a reversal with its correction, what their charges come to together; of
interest, AMT*I less what PLB pays.
"""

from typing import Final

from app.domain.findings import Severity
from app.x12 import findings
from app.x12.findings import Fault
from app.x12.rules import Rule, error, warning


def _sourced(fault: Fault, source: str) -> Rule:
    rule = error if fault.severity is Severity.ERROR else warning
    return rule(fault.code, fault.message, source=source, standard_code=fault.standard_code)


# What adds up
LINE_UNBALANCED = _sourced(findings.LINE_UNBALANCED, "005010X221A1 section 1.10.2.1.1; RFI 2348")
CLAIM_UNBALANCED = _sourced(findings.CLAIM_UNBALANCED, "005010X221A1 section 1.10.2.1.2; RFI 689")
CLAIM_LINES_UNBALANCED = _sourced(
    findings.CLAIM_LINES_UNBALANCED, "005010X221A1 sections 1.10.2.1.1 and 1.10.2.1.2; RFI 2570"
)
PAYMENT_UNBALANCED = _sourced(findings.PAYMENT_UNBALANCED, "005010X221A1 section 1.10.2.1.3; RFI 427")
RESPONSIBILITY_DIFFERS = _sourced(findings.RESPONSIBILITY_DIFFERS, "RFI 2548")

# The payment
HANDLING_UNKNOWN = warning(
    "payment_handling",
    "BPR01 is none of C, D, H, I, P, U and X: what the text is for is not known.",
    source="005010X221A1 BPR01",
    standard_code="IK403 7",
)
NOTIFICATION_PAYS = error(
    "notification_with_payment",
    "BPR01 H says that no money moves, but BPR02 is a payment.",
    source="RFI 352; RFI 2228",
    standard_code="IK403 I12",
)
NO_METHOD_PAYS = error(
    "no_method_with_payment",
    "BPR04 NON says that no money moves, but BPR02 is a payment.",
    source="RFI 352; RFI 2228",
    standard_code="IK403 I12",
)
NOTHING_PAID = warning(
    "nothing_paid",
    "BPR02 is zero: BPR01 is then H and BPR04 NON, or the text only tests the way to the bank (BPR01 P).",
    source="RFI 2228",
    standard_code="IK403 I12",
)
TOTAL_NEGATIVE = error(
    "total_paid_negative",
    "BPR02 is below zero: nobody pays that. What is owed is carried forward by a PLB (FB).",
    source="005010X221A1 section 1.10.2.12; RFI 1604",
    standard_code="IK403 I12",
)
NOT_A_CREDIT = warning(
    "payment_not_a_credit",
    "BPR03 is not C: the money would go from the payee to the payer.",
    source="005010X221A1 BPR03",
    standard_code="IK403 7",
)
NOTHING_REMITTED = warning(
    "nothing_remitted",
    "BPR01 I says that this explains a payment, but there is neither a claim nor a PLB.",
    source="RFI 1870",
    standard_code="IK304 I6",
)
PAYMENT_DATE_MISSING = warning(
    "payment_date_missing",
    "BPR16 is empty; the day of the decision is taken from DTM*405.",
    source="005010X221A1 BPR16",
    standard_code="IK403 1",
)
DECISION_DATE_MISSING = error(
    "decision_date_missing",
    "Neither BPR16 nor DTM*405 says when this was decided; the next payer asks for it (DTP*573).",
    source="005010X221A1 BPR16; 005010X222A1 loop 2430 DTP*573",
    standard_code="IK403 1",
)
TRACE_MISSING = error(
    "trace_number_missing",
    "TRN02 does not say which check or transfer this belongs to.",
    source="005010X221A1 TRN02; RFI 604; RFI 654",
    standard_code="IK304 3",
)
PAYER_MISSING = error(
    "payer_missing",
    "No payer is named (1000A N1*PR).",
    source="005010X221A1 loop 1000A N1",
    standard_code="IK304 3",
)
PAYEE_MISSING = error(
    "payee_missing",
    "No payee is named (1000B N1*PE).",
    source="005010X221A1 loop 1000B N1",
    standard_code="IK304 3",
)

# What a claim's status says
STATUS_UNKNOWN = error(
    "claim_status_unknown",
    "CLP02 is no status of a claim: what was decided is not known.",
    source="005010X221A1 loop 2100 CLP02",
    standard_code="IK403 7",
)
NEGATIVE_WITHOUT_REVERSAL = error(
    "negative_without_reversal",
    "CLP03 or CLP04 is below zero, but the claim is no reversal (CLP02 22).",
    source="005010X221A1 section 1.10.2.8; RFI 1604",
    standard_code="IK403 I12",
)
REVERSAL_NOT_NEGATED = error(
    "reversal_not_negated",
    "A reversal (CLP02 22) repeats the charges and payments of the claim with the other sign; this one is above zero.",
    source="005010X221A1 section 1.10.2.8; RFI 1147; RFI 1429",
    standard_code="IK403 I12",
)
REVERSAL_ALONE = warning(
    "reversal_without_correction",
    "The claim is taken back (CLP02 22), and no later claim of this payment decides it anew.",
    source="RFI 791; RFI 2442; RFI 227",
)
REVERSAL_CHARGE_DIFFERS = warning(
    "reversal_charge_differs",
    "The reversal takes back another charge (CLP03) than its correction decides.",
    source="005010X221A1 section 1.10.2.8",
    standard_code="IK403 I12",
)
CORRECTION_UNLINKED = warning(
    "correction_reference_missing",
    "The correction has another CLP07 than the reversal, and no REF*F8 that names the claim it corrects.",
    source="005010X221A1 loop 2100 REF*F8",
    standard_code="IK304 I6",
)
VOID_PAID = warning(
    "void_paid",
    "CLP09 8 says that the provider took the claim back, but it is paid.",
    source="005010X221A1 loop 2100 CLP09",
    standard_code="IK403 I12",
)
CROSSOVER_PAYER_MISSING = warning(
    "crossover_payer_missing",
    "CLP02 says that the claim was sent on to another payer; NM1*TT does not say to whom.",
    source="RFI 1981",
    standard_code="IK304 I6",
)
CROSSOVER_PAYER_UNEXPECTED = warning(
    "crossover_payer_unexpected",
    "NM1*TT names a payer that the claim was sent on to, but by CLP02 it was not.",
    source="RFI 1981; RFI 2365",
    standard_code="IK304 I9",
)
FORWARDED_PAID = error(
    "forwarded_unprocessed_paid",
    "CLP02 23 says that the payer sent the claim on undecided, but it pays.",
    source="005010X221A1 loop 2100 CLP02",
    standard_code="IK403 I12",
)
PREDETERMINATION_PAID = error(
    "predetermination_paid",
    "CLP02 25 says what would be paid, but money is paid.",
    source="005010X221A1 loop 2100 CLP02",
    standard_code="IK403 I12",
)
CLAIM_REPEATED = error(
    "claim_payment_repeated",
    "The same claim was paid before with the same lines and amounts, and not taken back in between.",
    source="005010X221A1 section 1.10.2.11; RFI 1604",
    standard_code="IK403 I12",
)
LINES_MISSING = warning(
    "remittance_lines_missing",
    "No line (SVC) says what was decided. Only an institutional claim may have none.",
    source="RFI 2348; RFI 2354",
    standard_code="IK304 I6",
)

# Adjustments, units, remarks
GROUP_CORRECTION = warning(
    "adjustment_group_correction",
    "CAS01 CR: a remittance has that group no more; a reversal repeats the groups of the claim.",
    source="RFI 1147",
    standard_code="IK403 7",
)
ADJUSTMENT_ZERO = warning(
    "remittance_adjustment_zero",
    "An adjustment of zero adjusts nothing.",
    source="005010X221A1 section 1.10.2.4; RFI 396",
    standard_code="IK403 I12",
)
REASON_FORMAT = warning(
    "reason_code_format",
    "A reason code (CARC) has 1 to 5 letters and digits.",
    source="X12 external code list 139",
    standard_code="IK403 7",
)
REMARK_FORMAT = warning(
    "remark_code_format",
    "A remark code (RARC) has one or two letters and 1 to 4 digits.",
    source="X12 external code list 411",
    standard_code="IK403 7",
)
EARLIER_EFFECT_OF_FIRST = warning(
    "earlier_payers_effect_of_primary",
    "OA-23 is the effect of earlier payers; the claim was decided as the first payer's (CLP02 1 or 19).",
    source="005010X221A1 section 1.10.2.13; RFI 2143; RFI 2194",
    standard_code="IK403 I12",
)
WRITE_OFF_TOO_LARGE = warning(
    "write_off_exceeds_charge",
    "CO-45 is more than the charge: the effect of earlier payers would be OA-23, and this write-off is not to be posted.",
    source="RFI 1696; RFI 2194",
    standard_code="IK403 I12",
)
NO_UNITS_PAID = warning(
    "paid_without_units",
    "SVC05 says that no unit was paid, but SVC03 is a payment.",
    source="RFI 386; RFI 2163",
    standard_code="IK403 I12",
)

# What concerns the provider only
INTEREST_DIFFERS = warning(
    "interest_differs",
    "The interest of the claims (AMT*I) is not what PLB pays as interest (L6): AMT takes no part in the payment.",
    source="005010X221A1 section 1.10.2.9",
    standard_code="IK403 I12",
)
PROVIDER_REFERENCE_MISSING = warning(
    "provider_adjustment_reference_missing",
    "A recovery (WO), a balance carried forward (FB) or a returned payment (72) does not say of what (PLB03-2).",
    source="RFI 2370; RFI 227; 005010X221A1 section 1.10.2.17",
    standard_code="IK403 I9",
)
PROVIDER_ADJUSTMENT_ZERO = warning(
    "provider_adjustment_zero",
    "A PLB amount of zero neither adds to the payment nor takes from it.",
    source="RFI 264",
    standard_code="IK403 I12",
)
PROVIDER_MISSING = warning(
    "provider_adjustment_provider_missing",
    "PLB01 does not say which provider this concerns.",
    source="005010X221A1 PLB01",
    standard_code="IK403 1",
)
FISCAL_PERIOD = warning(
    "fiscal_period",
    "PLB02 is not the last day of the provider's fiscal year.",
    source="005010X221A1 PLB02",
    standard_code="IK403 8",
)

RULES: Final[tuple[Rule, ...]] = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
"""In the order of this page."""
