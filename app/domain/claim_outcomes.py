"""What a payer decided, judged by the money and not by CLP02 (domain rule B1), and what a denial is about (C1).

Contractual reductions are no denial, nor is the patient's share. So a payer that left everything to the deductible has
not denied, and the next payer is asked; a payer that took the whole charge off as non-covered has.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.domain.adjudications import Adjustment, Decision, LineDecision
from app.domain.claim_states import ClaimOutcome
from app.domain.denial_reasons import (
    EARLIER_PAYERS,
    FORWARDED,
    NOT_FORWARDED,
    PAID_TO_PATIENT,
    UNPROCESSABLE,
    is_correctable,
    is_denial,
    is_non_covered,
    is_patient_share,
)
from app.domain.money import total
from app.domain.service_lines import ServiceLine

_FORWARDING_STATUSES = frozenset({"19", "20", "21"})
"""CLP02: processed as primary, secondary, tertiary, and sent on."""


class DenialKind(StrEnum):
    """What releases a claim to the next payer after a denial."""

    CORRECTABLE = "correctable"
    """It can be put right at this payer: an override reason releases."""
    NON_COVERED = "non_covered"
    """Not covered or used up: one confirmation releases."""
    OTHER = "other"


def outcome_of(decision: Decision, lines: Sequence[ServiceLine]) -> ClaimOutcome:
    if not decision.lines:
        charge = total(line.charge for line in lines)
        return _outcome_at_one_level(decision.paid, decision.adjustments, charge)
    services = by_line(decision)
    if any(line.id not in services for line in lines):
        return ClaimOutcome.PARTIALLY_ADJUDICATED
    denied = {line.id for line in lines if _is_line_denied(services[line.id], line.charge)}
    judged = [line.id for line in lines if not _is_bundled(services[line.id])]
    are_denied = [line_id in denied for line_id in judged]
    if decision.paid > 0:
        return ClaimOutcome.PARTLY_DENIED if any(are_denied) and not all(are_denied) else ClaimOutcome.PAID
    if any(map(is_denial, decision.adjustments)) or (are_denied and all(are_denied)):
        return ClaimOutcome.DENIED
    return ClaimOutcome.PARTLY_DENIED if any(are_denied) else ClaimOutcome.ZERO_PAID_PATIENT


def denial_kind(decision: Decision) -> DenialKind | None:
    """What the denied part of a decision was denied for; None when nothing was denied.

    One correctable reason makes it correctable, and so does MA130; only non-covered reasons make it non-covered.
    """
    denied = list(_denied_adjustments(decision))
    if UNPROCESSABLE in all_remarks(decision) or any(map(is_correctable, denied)):
        return DenialKind.CORRECTABLE
    if not denied:
        return None
    return DenialKind.NON_COVERED if all(map(is_non_covered, denied)) else DenialKind.OTHER


def is_forwarded(decision: Decision) -> bool:
    """This payer sent the claim on itself: the next claim waits (domain rule D1)."""
    return decision.was_forwarded or says_forwarded(all_remarks(decision))


def says_forwarded(
    remark_codes: Iterable[str], *, status_code: str | None = None, crossover_payer: str | None = None
) -> bool:
    """Of an 835: CLP02 says so by itself; a remark or NM1*TT says so unless MA19 takes it back."""
    remarks = frozenset(remark_codes)
    if status_code in _FORWARDING_STATUSES:
        return True
    return NOT_FORWARDED not in remarks and (bool(remarks & FORWARDED) or bool(crossover_payer))


def says_not_forwarded(decision: Decision) -> bool:
    """MA19: the payer could not send it on, so we do; it releases a claim that waits."""
    return NOT_FORWARDED in all_remarks(decision)


def all_remarks(decision: Decision) -> frozenset[str]:
    return frozenset((*decision.remark_codes, *(code for line in decision.lines for code in line.remark_codes)))


def by_line(decision: Decision) -> dict[UUID, tuple[LineDecision, ...]]:
    """The decided services of each line: several when it was unbundled."""
    services: dict[UUID, list[LineDecision]] = defaultdict(list)
    for one in decision.lines:
        services[one.line_id].append(one)
    return {line_id: tuple(those) for line_id, those in services.items()}


def _outcome_at_one_level(paid: Decimal, adjustments: Sequence[Adjustment], charge: Decimal) -> ClaimOutcome:
    if paid > 0:
        return ClaimOutcome.PAID
    return ClaimOutcome.DENIED if _is_denied(paid, adjustments, charge) else ClaimOutcome.ZERO_PAID_PATIENT


def _is_line_denied(services: Sequence[LineDecision], charge: Decimal) -> bool:
    adjustments = [one for service in services for one in service.adjustments]
    return _is_denied(total(service.paid for service in services), adjustments, charge)


def _is_denied(paid: Decimal, adjustments: Sequence[Adjustment], charge: Decimal) -> bool:
    """Nothing paid, and a reason to refuse it, or no reason that leaves it to somebody: CO-45 alone is none."""
    if paid > 0 or charge == 0:
        return False
    return any(map(is_denial, adjustments)) or not any(one.amount > 0 and _is_somebodys(one) for one in adjustments)


def _is_somebodys(adjustment: Adjustment) -> bool:
    """The patient's share, what earlier payers covered already, or what went to the patient directly."""
    return is_patient_share(adjustment) or adjustment.reason_code in {EARLIER_PAYERS, PAID_TO_PATIENT}


def _is_bundled(services: Sequence[LineDecision]) -> bool:
    """Its payment stands on another line, and so does its outcome."""
    return all(one.bundled_into_line_id is not None for one in services)


def _denied_adjustments(decision: Decision) -> Iterable[Adjustment]:
    if decision.paid <= 0:
        yield from filter(is_denial, decision.adjustments)
    for services in by_line(decision).values():
        if total(one.paid for one in services) <= 0 and not _is_bundled(services):
            yield from (one for service in services for one in filter(is_denial, service.adjustments))
