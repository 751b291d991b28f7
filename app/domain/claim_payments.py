"""What the claim payments of one payer mean for one claim: its decision, or why there is none to post.

Several 2100 loops may concern one claim (domain rule B6): a reversal (CLP02 22) or a correction takes back what it names
by the payer's claim number; loops about different lines are parts of one decision and are added. A decision is posted
only when every service is one of our lines, charges are what we billed, everything balances to the cent (RFI 2348), and
an 837 can carry it. Nothing is corrected here; zero adjustments go, and those of one group and reason are added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.domain.adjudication_checks import MOST_CLAIM_REMARKS, check_content
from app.domain.adjudications import Adjustment, Assumption, Decision, LineDecision, responsibility_in
from app.domain.adjustments import condensed
from app.domain.claim_outcomes import says_forwarded
from app.domain.denial_reasons import PATIENT_UNKNOWN, is_denial
from app.domain.findings import Finding, Severity, has_error
from app.domain.money import total
from app.domain.payment_faults import ClaimPaymentVerdict, PaymentPart, faults_of
from app.domain.payment_lines import decided_services, matched_lines
from app.domain.remittances import ClaimPayment
from app.domain.service_lines import ServiceLine

__all__ = ["ClaimPaymentVerdict", "decision_of", "difference_between"]

_REVERSAL: Final = "22"
_NOT_KNOWN: Final = "4"
_NOT_DECIDED: Final = {"23": ClaimPaymentVerdict.NOT_OUR_CLAIM, "25": ClaimPaymentVerdict.PREDETERMINATION}


def decision_of(
    payments: Sequence[ClaimPayment],
    *,
    remittance_date: date | None,
    lines: Sequence[ServiceLine],
    billed_charge: Decimal,
) -> tuple[Decision | None, ClaimPaymentVerdict, tuple[Finding, ...]]:
    """All payments of one payer for one claim, in the order in which they came.

    Findings point into the list of payments, ``/0/services/1``, or into what would be posted, ``/decision/paid``.
    """
    verdict, parts = _standing(payments, lines)
    if not parts:
        return None, verdict, ()
    if all(_says_patient_unknown(part.payment) for part in parts):
        return None, ClaimPaymentVerdict.NOT_KNOWN, ()
    faults = faults_of(parts, lines, billed_charge)
    findings = [fault.finding for fault in faults]
    if has_error(findings):
        verdict = next(fault.verdict for fault in faults if fault.finding.severity is Severity.ERROR)
        return None, verdict, tuple(findings)
    if remittance_date is None:
        undated = Finding(code="adjudication_date_missing", message="The payment has no date.", location="BPR16")
        return None, ClaimPaymentVerdict.UNDATED, (*findings, undated)
    decision = _decision(parts, lines, remittance_date)
    findings += [replace(one, pointer=f"/decision{one.pointer}") for one in check_content(decision, lines)]
    if has_error(findings):
        return None, ClaimPaymentVerdict.UNREADABLE, tuple(findings)
    decided = {one.line_id for one in decision.lines}
    missing = bool(decision.lines) and any(line.id not in decided for line in lines)
    return decision, ClaimPaymentVerdict.INCOMPLETE if missing else ClaimPaymentVerdict.POSTABLE, tuple(findings)


def _standing(
    payments: Sequence[ClaimPayment], lines: Sequence[ServiceLine]
) -> tuple[ClaimPaymentVerdict, tuple[PaymentPart, ...]]:
    """What is left after reversals and corrections, and the verdict when nothing is."""
    verdict = ClaimPaymentVerdict.STATUS_UNKNOWN
    parts: list[PaymentPart] = []
    for position, payment in enumerate(payments):
        part = PaymentPart(position, payment, matched_lines(payment.services, lines))
        if payment.status_code == _REVERSAL:
            parts = [earlier for earlier in parts if not _takes_back(part, earlier)]
            verdict = ClaimPaymentVerdict.REVERSAL
        elif payment.status_code in _NOT_DECIDED:
            verdict = _NOT_DECIDED[payment.status_code]
        else:
            parts = [earlier for earlier in parts if not _corrects(part, earlier)]
            parts.append(part)
    return verdict, tuple(parts)


def _takes_back(reversal: PaymentPart, earlier: PaymentPart) -> bool:
    """By claim number, where it is about the same lines: parts may have one number. Without a number, by the same amounts
    with the other sign.
    """
    said, before = reversal.payment, earlier.payment
    numbers = {said.payer_claim_number, said.original_claim_number} - {None}
    if numbers and before.payer_claim_number is not None:
        return before.payer_claim_number in numbers and reversal.overlaps(earlier)
    return (said.charge, said.paid) == (-before.charge, -before.paid)


def _corrects(later: PaymentPart, earlier: PaymentPart) -> bool:
    """REF*F8 names the claim that is corrected; the same CLP07 again corrects it where it is about the same lines."""
    number = earlier.payment.payer_claim_number
    if number is None:
        return False
    if number == later.payment.original_claim_number:
        return True
    return number == later.payment.payer_claim_number and later.overlaps(earlier)


def _says_patient_unknown(payment: ClaimPayment) -> bool:
    """CLP02 4 with such reasons only; payers send 4 for ordinary denials too, and those are decided."""
    adjustments = (*payment.adjustments, *(one for service in payment.services for one in service.adjustments))
    refused = [one for one in adjustments if is_denial(one)]
    return (
        payment.status_code == _NOT_KNOWN
        and payment.paid == 0
        and bool(refused)
        and all(one.reason_code in PATIENT_UNKNOWN for one in refused)
    )


def _decision(parts: Sequence[PaymentPart], lines: Sequence[ServiceLine], adjudicated_on: date) -> Decision:
    """The parts added. AMT*D is the sum of CLP04, REF*F8 the last CLP07, and MOA has room for five remarks."""
    payments = [part.payment for part in parts]
    remarks = tuple(dict.fromkeys(code for payment in payments for code in payment.remark_codes))
    numbers = [payment.payer_claim_number for payment in payments if payment.payer_claim_number is not None]
    matched = [line for part in parts for line in part.lines if line is not None]
    decided = decided_services([service for payment in payments for service in payment.services], matched)
    position = {line.id: at for at, line in enumerate(lines)}
    return Decision(
        adjudication_date=adjudicated_on,
        paid=total(payment.paid for payment in payments),
        adjustments=condensed(one for payment in payments for one in payment.adjustments),
        remark_codes=remarks[:MOST_CLAIM_REMARKS],
        payer_claim_number=numbers[-1] if numbers else None,
        lines=tuple(sorted(decided, key=lambda one: position[one.line_id])),
        assumptions=_assumptions(numbers, remarks),
        was_forwarded=any(map(_was_forwarded, payments)),
    )


def _assumptions(claim_numbers: Sequence[str], remarks: Sequence[str]) -> tuple[Assumption, ...]:
    assumptions: list[Assumption] = []
    if len(set(claim_numbers)) > 1:
        assumptions.append(
            Assumption(
                code="payer_claim_number_assumed",
                message="The payer used several claim numbers for this claim; the last one was taken.",
                pointer="/payer_claim_number",
            )
        )
    if len(remarks) > MOST_CLAIM_REMARKS:
        assumptions.append(
            Assumption(
                code="remarks_left_out",
                message="The payer gave more remark codes than a claim has room for; the first five were taken.",
                pointer="/remark_codes",
            )
        )
    return tuple(assumptions)


def _was_forwarded(payment: ClaimPayment) -> bool:
    remarks = (*payment.remark_codes, *(code for service in payment.services for code in service.remark_codes))
    return says_forwarded(remarks, status_code=payment.status_code, crossover_payer=payment.crossover_payer)


def difference_between(one: Decision, other: Decision, lines: Sequence[ServiceLine] = ()) -> tuple[str, ...]:
    """The places at which two decisions differ in a cent or a code, such as ``paid`` or ``lines/{line id}/adjustments``.

    Dates, claim numbers and assumptions are neither. With the billed `lines`, what is said as billed equals what is
    billed; an untold AMT*EAF is the patient responsibility at its level.
    """
    places: list[str] = []
    mine, theirs = _claim_places(one), _claim_places(other)
    places += [name for name in mine if mine[name] != theirs[name]]
    billed = {line.id: line for line in lines}
    my_lines, their_lines = _line_places(one, billed), _line_places(other, billed)
    for line_id in dict.fromkeys((*my_lines, *their_lines)):
        if line_id not in my_lines or line_id not in their_lines:
            places.append(f"lines/{line_id}")
            continue
        names, values = my_lines[line_id], their_lines[line_id]
        places += [f"lines/{line_id}/{name}" for name in names if names[name] != values[name]]
    return tuple(places)


def _claim_places(decision: Decision) -> dict[str, object]:
    return {
        "paid": decision.paid,
        "adjustments": _cents_and_codes(decision.adjustments),
        "remark_codes": frozenset(decision.remark_codes),
        "remaining_liability": decision.remaining_liability
        if decision.remaining_liability is not None
        else decision.patient_responsibility,
    }


def _line_places(decision: Decision, billed: Mapping[UUID, ServiceLine]) -> dict[UUID, dict[str, object]]:
    """Each line's services, in an order of their own, so that it does not matter which was entered first."""
    services: dict[UUID, list[LineDecision]] = {}
    for one in decision.lines:
        services.setdefault(one.line_id, []).append(_as_said(one, billed.get(one.line_id)))
    return {
        line_id: _service_places(sorted(those, key=lambda one: (one.procedure_code or "", one.modifiers, one.paid)))
        for line_id, those in services.items()
    }


def _service_places(services: Sequence[LineDecision]) -> dict[str, object]:
    return {
        "paid": [one.paid for one in services],
        "procedure_code": [(one.procedure_qualifier, one.procedure_code) for one in services],
        "modifiers": [one.modifiers for one in services],
        "units": [one.units for one in services],
        "bundled_into_line_id": [one.bundled_into_line_id for one in services],
        "adjustments": [_cents_and_codes(one.adjustments) for one in services],
        "remark_codes": [frozenset(one.remark_codes) for one in services],
        "remaining_liability": [
            one.remaining_liability if one.remaining_liability is not None else responsibility_in(one.adjustments)
            for one in services
        ],
    }


def _as_said(one: LineDecision, line: ServiceLine | None) -> LineDecision:
    """The decided service with what was billed where nothing else is said."""
    if line is None:
        return one
    procedure, modifiers = one.procedure_code, one.modifiers
    if procedure is None:
        procedure, modifiers = line.procedure_code, line.modifiers
    units = line.units if one.units is None else one.units
    return replace(one, procedure_code=procedure, modifiers=modifiers, units=units)


def _cents_and_codes(adjustments: Sequence[Adjustment]) -> frozenset[tuple[str, str | None, Decimal]]:
    return frozenset((one.group, one.reason_code, one.amount) for one in condensed(adjustments))
