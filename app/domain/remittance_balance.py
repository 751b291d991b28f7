"""Whether a remittance adds up: the three balances of an 835 to the cent (005010X221A1, balancing; RFI 2348).

A line: SVC02 less its adjustments is SVC03. A claim: CLP03 less all adjustments, its lines' too, is CLP04; and where
there are lines, CLP04 is also the sum of SVC03 less the claim's own adjustments. The payment: the sum of CLP04 less the
provider adjustments (PLB) is BPR02. The signs of a reversal need no other rule. What was not read is not made up: an
amount that is missing shows as a difference.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from app.domain.adjustments import AdjustmentGroup
from app.domain.money import ZERO
from app.domain.remittances import ClaimPayment, Remittance, ServicePayment

_PATIENT_RESPONSIBILITY: Final = AdjustmentGroup.PATIENT_RESPONSIBILITY  # of an enumeration it takes long to look up


class BalanceLevel(StrEnum):
    LINE = "line"
    CLAIM = "claim"
    """CLP03 less all adjustments against CLP04."""
    CLAIM_LINES = "claim_lines"
    """The sum of SVC03 less the claim's own adjustments against CLP04."""
    PAYMENT = "payment"


@dataclass(frozen=True, kw_only=True)
class BalanceFault:
    """`difference` is what was paid less what should have been by the other amounts.

    Positions count from 1: `claim_position` is the claim's own in the transaction, `line_position` the line's in it.
    """

    level: BalanceLevel
    difference: Decimal
    claim_position: int | None = None
    line_position: int | None = None


def balance_faults(remittance: Remittance) -> tuple[BalanceFault, ...]:
    """All that does not add up, in the order of the text, the payment last."""
    faults = [fault for claim in remittance.claims for fault in claim_faults(claim)]
    if remittance.difference:
        faults.append(BalanceFault(level=BalanceLevel.PAYMENT, difference=remittance.difference))
    return tuple(faults)


def claim_faults(claim: ClaimPayment) -> tuple[BalanceFault, ...]:
    """What does not add up within one claim, whatever the rest of the payment does."""
    position, services = claim.position, claim.services
    own = claim.adjusted
    on_lines = paid_on_lines = ZERO
    lines: list[BalanceFault] = []
    for number, service in enumerate(services, start=1):
        adjusted, paid = service.adjusted, service.paid
        on_lines += adjusted
        paid_on_lines += paid
        if difference := paid - (service.charge - adjusted):
            lines.append(
                BalanceFault(
                    level=BalanceLevel.LINE, difference=difference, claim_position=position, line_position=number
                )
            )
    faults: list[BalanceFault] = []
    if difference := claim.paid - (claim.charge - own - on_lines):
        faults.append(BalanceFault(level=BalanceLevel.CLAIM, difference=difference, claim_position=position))
    if services and (difference := claim.paid - (paid_on_lines - own)):
        faults.append(BalanceFault(level=BalanceLevel.CLAIM_LINES, difference=difference, claim_position=position))
    return (*faults, *lines)


def line_difference(service: ServicePayment) -> Decimal:
    return service.paid - (service.charge - service.adjusted)


def responsibility_difference(claim: ClaimPayment) -> Decimal:
    """CLP05 less the PR adjustments. CLP05 is situational: not sent is no difference, and none is an imbalance."""
    if claim.patient_responsibility is None:
        return ZERO
    left = claim.patient_responsibility
    for adjustments in (claim.adjustments, *[service.adjustments for service in claim.services]):
        for one in adjustments:
            if one.group is _PATIENT_RESPONSIBILITY:
                left -= one.amount
    return left
