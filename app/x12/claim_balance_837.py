"""Whether each earlier payer's decision explains the whole charge: what does not balance is not written.

Per payer (005010X222A1 section 1.4.4; RFI 1555):

    a line     SV102 = sum of SVD02 + sum of the CAS in 2430, over all its services
    the claim  AMT*D = sum of SVD02 - sum of the CAS in 2320
    no lines   CLM02 = AMT*D + sum of the CAS in 2320

CLM02 is written as the sum of SV102. AMT*EAF takes no part (RFI 1521). The codes are those of `domain/balance.py`, which
says the same of a decision as it was entered. A decision with an amount that cannot be sent is not added up.
"""

from decimal import Decimal
from typing import Final

from app.domain.adjustments import adjusted
from app.domain.findings import Severity
from app.domain.money import ZERO
from app.domain.professional_claims import PriorDecision, PriorLine, ProfessionalClaim
from app.x12.claim_segments_837 import ClaimDraft, money_fault
from app.x12.findings import Fault


def _unbalanced(code: str, message: str) -> Fault:
    return Fault(code, None, Severity.ERROR, message)


LINE_OUT_OF_BALANCE: Final = _unbalanced("line_out_of_balance", "Paid and adjustments of a line are not its charge.")
LINE_UNDECIDED: Final = _unbalanced("line_undecided", "A payer that decided other lines has not decided this one.")
PAID_DIFFERS: Final = _unbalanced("paid_differs_from_lines", "The amount paid is not what the lines say.")
CLAIM_OUT_OF_BALANCE: Final = _unbalanced("claim_out_of_balance", "Paid and adjustments are not the charge.")
BALANCE_CODES: Final = frozenset(
    fault.code for fault in (LINE_OUT_OF_BALANCE, LINE_UNDECIDED, PAID_DIFFERS, CLAIM_OUT_OF_BALANCE)
)


def check_balance(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """To be asked when all else is written: without a finding every amount is one that can be added up."""
    is_sound = not draft.findings
    charges = [line.charge for line in claim.lines]
    if not (is_sound or all(_is_sound(charge) for charge in charges)):
        return
    for position, payer in enumerate(claim.other_payers):
        decision = payer.decision
        if decision is not None and (is_sound or _can_be_added_up(decision)):
            pointer, name = f"/other_payers/{position}/decision", f"Earlier payer {position + 1}"
            if decision.lines:
                _check_lines(draft, decision, charges, pointer, name)
            else:
                _check_claim(draft, decision, sum(charges, ZERO), pointer, name)


def _check_lines(draft: ClaimDraft, decision: PriorDecision, charges: list[Decimal], pointer: str, name: str) -> None:
    left = dict(enumerate(charges, start=1))
    """Of each line, what no service of the payer explains."""
    paid = ZERO
    first_service: dict[int, int] = {}
    for position, service in enumerate(decision.lines):
        paid += service.paid
        number = service.line_number
        if number in left:  # one on a line that the claim does not have is refused by itself
            first_service.setdefault(number, position)
            left[number] -= service.paid
            for one in service.adjustments:
                left[number] -= one.amount
    for number, difference in left.items():
        if number not in first_service:
            message = f"{name} has not decided line {number}."
            draft.refuse(LINE_UNDECIDED, f"{pointer}/lines", "2430", message, difference=difference)
        elif difference:
            message = f"{name}, line {number}: paid and adjustments are {_against_charge(difference)}."
            place = f"{pointer}/lines/{first_service[number]}"
            draft.refuse(LINE_OUT_OF_BALANCE, place, "2430 CAS", message, difference=difference)
    difference = paid - adjusted(decision.adjustments) - decision.paid
    if difference:
        side = "less" if difference > 0 else "more"
        message = (
            f"{name}, claim: the amount paid is {abs(difference):.2f} {side} than the lines' payments less the adjustments "
            "at claim level."
        )
        draft.refuse(PAID_DIFFERS, f"{pointer}/paid", "2320 AMT*D", message, difference=difference)


def _check_claim(draft: ClaimDraft, decision: PriorDecision, charge: Decimal, pointer: str, name: str) -> None:
    difference = charge - decision.paid - adjusted(decision.adjustments)
    if difference:
        message = f"{name}, claim: paid and adjustments are {_against_charge(difference)}."
        draft.refuse(CLAIM_OUT_OF_BALANCE, f"{pointer}/paid", "2320 CAS", message, difference=difference)


def _can_be_added_up(decision: PriorDecision) -> bool:
    levels: tuple[PriorDecision | PriorLine, ...] = (decision, *decision.lines)
    return all(_is_sound(level.paid) for level in levels) and all(
        money_fault(one.amount, signed=True) is None for level in levels for one in level.adjustments
    )


def _is_sound(amount: Decimal) -> bool:
    return money_fault(amount, signed=False) is None


def _against_charge(difference: Decimal) -> str:
    return f"{abs(difference):.2f} {'less' if difference > 0 else 'more'} than the charge"
