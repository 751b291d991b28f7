"""What keeps the payments of a claim from being a decision: unreadable, about unknown lines, other charges, no balance.

A verdict says what becomes of the payments; each fault has one, and the finding with its place. Findings point into the
list of payments, ``/0/services/1``; their locations are those of the 835 (005010X221A1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from app.domain.adjudication_checks import PROCEDURE_QUALIFIERS
from app.domain.findings import Finding, Severity
from app.domain.money import ZERO, total
from app.domain.remittance_balance import BalanceFault, BalanceLevel, claim_faults, responsibility_difference
from app.domain.remittances import ClaimPayment
from app.domain.service_lines import ServiceLine


class ClaimPaymentVerdict(StrEnum):
    """What becomes of the payments of a claim. Only the first two have a decision."""

    POSTABLE = "postable"
    INCOMPLETE = "incomplete"
    """Some lines have no decision yet: stored, but no next claim (domain rule B6)."""
    REVERSAL = "reversal"
    """Taken back, and nothing decided in its place."""
    NOT_KNOWN = "not_known"
    """The payer does not know the patient: about the coverage, not about the claim (domain rule B1)."""
    NOT_OUR_CLAIM = "not_our_claim"
    """CLP02 23: not decided, sent on to another payer."""
    PREDETERMINATION = "predetermination"
    """CLP02 25: what would be paid, not what was."""
    STATUS_UNKNOWN = "status_unknown"
    UNDATED = "undated"
    UNREADABLE = "unreadable"
    """Something could not be read, or a claim has no way to say it."""
    UNMATCHED_LINE = "unmatched_line"
    CHARGE_DIFFERS = "charge_differs"
    UNBALANCED = "unbalanced"


class Fault(NamedTuple):
    verdict: ClaimPaymentVerdict
    finding: Finding


@dataclass(frozen=True)
class PaymentPart:
    """One payment that stands, its position among all, and the line of each of its services."""

    position: int
    payment: ClaimPayment
    lines: tuple[ServiceLine | None, ...]

    @property
    def line_ids(self) -> frozenset[UUID] | None:
        """The lines it is about; None when that cannot be told: no services, or one that matches no line."""
        ids = [line.id for line in self.lines if line is not None]
        return frozenset(ids) if ids and len(ids) == len(self.lines) else None

    def overlaps(self, other: "PaymentPart") -> bool:
        mine, theirs = self.line_ids, other.line_ids
        return mine is None or theirs is None or bool(mine & theirs)


DECIDED: Final = frozenset({"1", "2", "3", "4", "19", "20", "21"})
"""CLP02 of a claim that was decided, however it was (domain rule B1)."""

_FAULTS: Final = {
    BalanceLevel.LINE: ("service_out_of_balance", "The charge less the adjustments is not what was paid", "2110 SVC03"),
    BalanceLevel.CLAIM: (
        "payment_out_of_balance",
        "The charge less all adjustments is not what was paid",
        "2100 CLP04",
    ),
    BalanceLevel.CLAIM_LINES: (
        "payment_differs_from_services",
        "The services' payments less the claim's adjustments are not what was paid",
        "2100 CLP04",
    ),
}


def faults_of(parts: Sequence[PaymentPart], lines: Sequence[ServiceLine], billed_charge: Decimal) -> list[Fault]:
    """Everything that keeps the parts from being a decision, the first one naming the verdict."""
    return [
        *(fault for part in parts for fault in _unreadable(part)),
        *(fault for part in parts for fault in _unmatched(part, alone=len(parts) == 1)),
        *_charges(parts, lines, billed_charge),
        *(fault for part in parts for fault in _unbalanced(part)),
    ]


def _unreadable(part: PaymentPart) -> Iterable[Fault]:
    payment, pointer = part.payment, f"/{part.position}"
    if payment.status_code not in DECIDED:
        yield Fault(
            ClaimPaymentVerdict.STATUS_UNKNOWN,
            Finding(
                code="claim_status_unknown",
                message="The claim's status is none that decides it.",
                pointer=f"{pointer}/status_code",
                location="2100 CLP02",
            ),
        )
    if not payment.is_whole:
        yield Fault(
            ClaimPaymentVerdict.UNREADABLE,
            Finding(
                code="payment_unreadable",
                message="A part of the payment could not be read.",
                pointer=pointer,
                location="2100 CLP",
            ),
        )
    levels = [(payment.unread_adjustments, pointer, "2100 CAS")]
    levels += [
        (service.unread_adjustments, f"{pointer}/services/{index}", "2110 CAS")
        for index, service in enumerate(payment.services)
    ]
    for unread, place, location in levels:
        if unread:
            yield Fault(
                ClaimPaymentVerdict.UNREADABLE,
                Finding(
                    code="adjustment_unreadable",
                    message="An adjustment has a group nobody knows or no reason.",
                    pointer=place,
                    location=location,
                ),
            )
    for index, service in enumerate(payment.services):
        if service.procedure_qualifier not in PROCEDURE_QUALIFIERS:
            yield Fault(
                ClaimPaymentVerdict.UNREADABLE,
                Finding(
                    code="procedure_not_representable",
                    message="A professional claim cannot say a procedure of this code set.",
                    pointer=f"{pointer}/services/{index}/procedure_qualifier",
                    location="2110 SVC01-1",
                ),
            )


def _unmatched(part: PaymentPart, *, alone: bool) -> Iterable[Fault]:
    """A service that is none of our lines, or a part that does not say which lines it is about."""
    if not part.lines and not alone:
        yield Fault(
            ClaimPaymentVerdict.UNMATCHED_LINE,
            Finding(
                code="services_missing",
                message="One of several payments for the claim does not say which lines it is about.",
                pointer=f"/{part.position}",
                location="2110 SVC",
            ),
        )
    for index, line in enumerate(part.lines):
        if line is None:
            yield Fault(
                ClaimPaymentVerdict.UNMATCHED_LINE,
                Finding(
                    code="service_unmatched",
                    message="The service is none of the claim's lines, or could be more than one.",
                    pointer=f"/{part.position}/services/{index}",
                    location="2110 SVC",
                ),
            )


def _charges(parts: Sequence[PaymentPart], lines: Sequence[ServiceLine], billed_charge: Decimal) -> Iterable[Fault]:
    """The charges of each line's services add up to what we billed; without services, the claim's do."""
    charges: dict[UUID, Decimal] = {}
    places: dict[UUID, str] = {}
    for part in parts:
        for index, line in enumerate(part.lines):
            if line is not None:
                charges[line.id] = charges.get(line.id, ZERO) + part.payment.services[index].charge
                places.setdefault(line.id, f"/{part.position}/services/{index}/charge")
    for line in lines:
        if line.id in charges and charges[line.id] != line.charge:
            yield Fault(
                ClaimPaymentVerdict.CHARGE_DIFFERS,
                Finding(
                    code="service_charge_differs",
                    message="The charge is not the one we billed for the line.",
                    pointer=places[line.id],
                    location="2110 SVC02",
                ),
            )
    if not charges and total(part.payment.charge for part in parts) != billed_charge:
        yield Fault(
            ClaimPaymentVerdict.CHARGE_DIFFERS,
            Finding(
                code="claim_charge_differs",
                message="The charge is not the one we billed for the claim.",
                pointer=f"/{parts[0].position}/charge",
                location="2100 CLP03",
            ),
        )


def _unbalanced(part: PaymentPart) -> Iterable[Fault]:
    for fault in claim_faults(part.payment):
        yield Fault(ClaimPaymentVerdict.UNBALANCED, _balance_finding(part, fault))
    if responsibility_difference(part.payment):
        yield Fault(
            ClaimPaymentVerdict.POSTABLE,
            Finding(
                code="responsibility_differs",
                message="The patient responsibility the payer states is not the sum of its adjustments.",
                severity=Severity.WARNING,
                pointer=f"/{part.position}/patient_responsibility",
                location="2100 CLP05",
            ),
        )


def _balance_finding(part: PaymentPart, fault: BalanceFault) -> Finding:
    code, message, location = _FAULTS[fault.level]
    service = "" if fault.line_position is None else f"/services/{fault.line_position - 1}"
    side = "more" if fault.difference > 0 else "less"
    return Finding(
        code=code,
        message=f"{message}, which is {abs(fault.difference):.2f} {side}.",
        pointer=f"/{part.position}{service}/paid",
        location=location,
    )
