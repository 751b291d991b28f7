"""What the few adjustment reasons and remarks mean that a rule of ours turns on. Every other code is carried unread.

X12 keeps the list of reasons (CARC, CAS02) and CMS that of remarks (RARC). The meanings here are those of the Medicare
Claims Processing Manual, chapter 22, section 60, of CMS's code tables at resdac.org and of X12's requests for
interpretation; the words are ours. Which reasons are put right at the earlier payer, and which are final there, are
domain rules B1 and C1.
"""

from typing import Final, NamedTuple

from app.domain.adjudications import Adjustment, AdjustmentGroup


class Reason(NamedTuple):
    """One CARC, in our words."""

    meaning: str
    kind: str


_SHARE = "patient_share"
_PRICE = "price"
_EARLIER = "earlier_payers"
_TO_PATIENT = "paid_to_patient"
_PAPER = "from_paper"
_CORRECTABLE = "correctable"
_NON_COVERED = "non_covered"
_OTHER = "other"

REASONS: Final = {
    "1": Reason("Deductible.", _SHARE),
    "2": Reason("Coinsurance.", _SHARE),
    "3": Reason("Copayment.", _SHARE),
    "16": Reason("The claim lacks something or says something wrong; a remark says what.", _CORRECTABLE),
    "18": Reason("The payer has this claim already.", _OTHER),
    "22": Reason("Another payer may come first.", _CORRECTABLE),
    "23": Reason("What earlier payers paid and took off (RFI 2194); no new write-off.", _EARLIER),
    "26": Reason("The service was before the coverage began.", _NON_COVERED),
    "27": Reason("The service was after the coverage ended.", _NON_COVERED),
    "29": Reason("The claim came after the payer's filing limit.", _CORRECTABLE),
    "31": Reason("The payer does not know the patient as insured.", _NON_COVERED),
    "42": Reason("Above the payer's fee schedule; older payers send it for 45.", _PRICE),
    "45": Reason("Above the fee schedule, the contract or the legal maximum.", _PRICE),
    "59": Reason("Lower price for one of several procedures.", _PRICE),
    "94": Reason("The payer allows more than was charged; the amount is negative (RFI 626).", _PRICE),
    "96": Reason("The plan does not cover the service.", _NON_COVERED),
    "97": Reason("Covered by what was paid for another service.", _OTHER),
    "100": Reason("Paid to the patient instead of the provider (RFI 1812).", _TO_PATIENT),
    "119": Reason("The benefit for the period is used up.", _NON_COVERED),
    "131": Reason("Discount negotiated for this claim.", _PRICE),
    "192": Reason("A paper remittance gives no standard reason (RFI 1517).", _PAPER),
    "197": Reason("Authorization or notice beforehand is missing.", _CORRECTABLE),
    "204": Reason("Not in the patient's plan.", _NON_COVERED),
    "252": Reason("The payer wants documents before it decides.", _CORRECTABLE),
    "253": Reason("Sequestration: Medicare's payment lowered by law.", _PRICE),
    "A2": Reason("Contractual reduction; older payers send it for 45.", _PRICE),
}

CONTRACTUAL_REDUCTION: Final = "45"
EARLIER_PAYERS: Final = "23"
PAID_TO_PATIENT: Final = "100"
BUNDLED: Final = "97"
FROM_PAPER: Final = "192"
DEDUCTIBLE, COINSURANCE, COPAYMENT = "1", "2", "3"

PATIENT_UNKNOWN: Final = frozenset({"31", "32", "33", "140"})
"""The payer does not find the patient, the dependent or the member id: what CLP02 4 means by the standard."""

FORWARDED: Final = frozenset({"MA07", "MA18", "N89"})
"""Sent on to Medicaid, to the supplemental insurer, to several payers."""
NOT_FORWARDED: Final = "MA19"
UNPROCESSABLE: Final = "MA130"
"""Returned as unprocessable, without right of appeal: send a new claim."""


def is_patient_share(adjustment: Adjustment) -> bool:
    """Deductible, coinsurance or copayment, and what stands for one of them as long as nobody has said which."""
    return adjustment.group is AdjustmentGroup.PATIENT_RESPONSIBILITY and (
        adjustment.reason_code is None or _kind(adjustment) in {_SHARE, _PAPER}
    )


def is_contractual(adjustment: Adjustment) -> bool:
    """No denial under any group: the price, what earlier payers did, or what the patient was paid instead."""
    return _kind(adjustment) in {_PRICE, _EARLIER, _TO_PATIENT}


def is_denial(adjustment: Adjustment) -> bool:
    """Neither the patient's share nor contractual: the payer refuses this money (domain rule B1)."""
    return adjustment.amount > 0 and not is_patient_share(adjustment) and not is_contractual(adjustment)


def is_correctable(adjustment: Adjustment) -> bool:
    """Under any group: a payer's choice of who bears it does not make it less correctable."""
    return _kind(adjustment) == _CORRECTABLE


def is_non_covered(adjustment: Adjustment) -> bool:
    """Under PR only, as the rule has it: under CO the provider bears it, and a next payer seldom takes it over."""
    return adjustment.group is AdjustmentGroup.PATIENT_RESPONSIBILITY and _kind(adjustment) == _NON_COVERED


def _kind(adjustment: Adjustment) -> str:
    reason = REASONS.get(adjustment.reason_code or "")
    return reason.kind if reason else _OTHER
