"""Which billed line each service of an 835 is about, and what it says of that line (005010X221A1, loop 2110).

By our line control number (REF*6R), which no payer may change; where it does not come back, by procedure, date, charge
and units, and only when that leaves one line. What is not certain is not matched.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID

from app.domain.adjudications import AdjustmentGroup, LineDecision
from app.domain.adjustments import adjusted, condensed
from app.domain.denial_reasons import BUNDLED
from app.domain.remittances import ServicePayment
from app.domain.service_lines import ServiceLine


def matched_lines(services: Sequence[ServicePayment], lines: Sequence[ServiceLine]) -> tuple[ServiceLine | None, ...]:
    """For each service its line, or None. Several services of one line are parts of it (unbundling)."""
    by_number = {_comparable(line.control_number): line for line in lines}
    numbered = [by_number.get(_comparable(service.line_control_number or "")) for service in services]
    taken = {line.id for line in numbered if line is not None}
    free = [line for line in lines if line.id not in taken]
    return tuple(
        line if line is not None else _by_content(service, free)
        for service, line in zip(services, numbered, strict=True)
    )


def decided_services(services: Sequence[ServicePayment], matched: Sequence[ServiceLine]) -> tuple[LineDecision, ...]:
    """The services as 2430 carries them, each with its line; adjustments merged, without what is zero."""
    return tuple(
        LineDecision(
            line_id=line.id,
            paid=service.paid,
            procedure_qualifier=service.procedure_qualifier,
            procedure_code=None if _is_as_billed(service, line) else service.procedure_code,
            modifiers=() if _is_as_billed(service, line) else service.modifiers,
            units=service.units,
            bundled_into_line_id=_bundled_into(service, services, matched),
            adjustments=condensed(service.adjustments),
            remark_codes=tuple(dict.fromkeys(service.remark_codes)),
        )
        for service, line in zip(services, matched, strict=True)
    )


def _by_content(service: ServicePayment, lines: Sequence[ServiceLine]) -> ServiceLine | None:
    """The only line with its procedure and date, else the only one with its charge and units as well."""
    tests: tuple[Callable[[ServiceLine], bool], ...] = (
        lambda line: _billed_procedure(service) == (line.procedure_code, line.modifiers) and _is_on_date(service, line),
        lambda line: service.charge == line.charge,
        lambda line: _billed_units(service) in {None, line.units},
    )
    left = list(lines)
    for test in tests:
        left = [line for line in left if test(line)]
        if len(left) == 1:
            return left[0]
    return None


def _billed_procedure(service: ServicePayment) -> tuple[str, tuple[str, ...]]:
    """SVC06 where the payer changed the procedure, else SVC01."""
    if service.submitted_procedure_code is not None:
        return service.submitted_procedure_code, service.submitted_modifiers
    return service.procedure_code, service.modifiers


def _billed_units(service: ServicePayment) -> Decimal | None:
    """SVC07, else SVC05; 0 is what payers send for a denied line and says nothing of what was billed."""
    return service.submitted_units or service.units or None


def _is_on_date(service: ServicePayment, line: ServiceLine) -> bool:
    """A service without a date has the claim's, which is no help to tell lines apart."""
    if service.first_date is None:
        return True
    return (service.first_date, service.last_date or service.first_date) == (line.first_date, line.end_date)


def _is_as_billed(service: ServicePayment, line: ServiceLine) -> bool:
    return (service.procedure_qualifier, service.procedure_code, service.modifiers) == (
        "HC",
        line.procedure_code,
        line.modifiers,
    )


def _bundled_into(
    service: ServicePayment, services: Sequence[ServicePayment], matched: Sequence[ServiceLine]
) -> UUID | None:
    """The other line under whose procedure this one was paid: CO-97 for the whole charge, and SVC06 for what was billed.

    Without SVC06, or with more than one such line, nobody can tell which line it went into.
    """
    is_changed = _billed_procedure(service) != (service.procedure_code, service.modifiers)
    if service.paid or not is_changed or not _is_bundled(service):
        return None
    own = next(line.id for one, line in zip(services, matched, strict=True) if one is service)
    into = {
        line.id
        for one, line in zip(services, matched, strict=True)
        if line.id != own and one.procedure_code == service.procedure_code and not _is_bundled(one)
    }
    return into.pop() if len(into) == 1 else None


def _is_bundled(service: ServicePayment) -> bool:
    whole = [
        one for one in service.adjustments if one.reason_code == BUNDLED and one.group is not AdjustmentGroup.CORRECTION
    ]
    return bool(whole) and adjusted(whole) == service.charge


def _comparable(control_number: str) -> str:
    """Some payers change the case or pad with spaces."""
    return control_number.strip().upper()
