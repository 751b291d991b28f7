"""Whether one claim of a remittance adds up and says one thing (`rules_835`): its amounts, its status, its lines.

The place of what is found is the claim's CLP or the line's SVC: a value does not know the segments behind it. Of one
rule a level has one finding, however many adjustments break it. Nearly every claim is in order, and is seen to be so in
one pass; only the others are looked at rule by rule.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from app.domain.adjustments import Adjustment, AdjustmentGroup, is_reason_code, is_remark_code
from app.domain.money import ZERO
from app.domain.remittance_balance import BalanceLevel, claim_faults, responsibility_difference
from app.domain.remittances import ClaimPayment, ServicePayment
from app.x12.code_lists import CLAIM_STATUSES
from app.x12.findings import Placed, Report
from app.x12.rules import Rule
from app.x12.rules_835 import (
    ADJUSTMENT_ZERO,
    CLAIM_LINES_UNBALANCED,
    CLAIM_UNBALANCED,
    CROSSOVER_PAYER_MISSING,
    CROSSOVER_PAYER_UNEXPECTED,
    EARLIER_EFFECT_OF_FIRST,
    FORWARDED_PAID,
    GROUP_CORRECTION,
    LINE_UNBALANCED,
    LINES_MISSING,
    NEGATIVE_WITHOUT_REVERSAL,
    NO_UNITS_PAID,
    PREDETERMINATION_PAID,
    REASON_FORMAT,
    REMARK_FORMAT,
    RESPONSIBILITY_DIFFERS,
    REVERSAL_NOT_NEGATED,
    STATUS_UNKNOWN,
    VOID_PAID,
    WRITE_OFF_TOO_LARGE,
)

REVERSAL: Final = "22"
_FORWARDED: Final = frozenset("19 20 21 23".split())
_FORWARDED_UNDECIDED: Final = "23"
_PREDETERMINATION: Final = "25"
_DECIDED_FIRST: Final = frozenset({"1", "19"})
_DECIDED: Final = frozenset("1 2 3 4".split())
_VOID: Final = "8"
_EARLIER_PAYERS: Final = "23"
_WRITE_OFF: Final = "45"
_CONTRACTUAL: Final = AdjustmentGroup.CONTRACTUAL  # of an enumeration it takes long to look up
_CORRECTION: Final = AdjustmentGroup.CORRECTION
_OTHER: Final = AdjustmentGroup.OTHER
_PATIENT: Final = AdjustmentGroup.PATIENT_RESPONSIBILITY
_is_remark_code: Final = lru_cache(maxsize=1_024)(is_remark_code)  # the same few again and again
_is_reason_code: Final = lru_cache(maxsize=1_024)(is_reason_code)


class Place(NamedTuple):
    """Of a segment that is not at hand."""

    number: int
    offset: int
    id: str


def claim_place(claim: ClaimPayment) -> Place:
    return Place(claim.segment, claim.offset or 0, "CLP")


def _service_place(service: ServicePayment) -> Place:
    return Place(service.segment or 0, service.offset or 0, "SVC")


def add_difference(
    report: Report, rule: Rule, at: Placed, loop: str | None, element: int | None, difference: Decimal
) -> None:
    """The message says the cents, which are of no one amount of the text."""
    message = f"{rule.message} It is out by {difference:.2f}."
    report.add(rule, at, loop=loop, element=element, difference=difference, message=message)


def check_claim_payment(claim: ClaimPayment, report: Report) -> None:
    """All that is to be seen in one claim alone."""
    if not is_in_order(claim):
        check_rules(claim, report)


def is_in_order(claim: ClaimPayment) -> bool:
    """In one pass: true of a decided claim with lines that breaks no rule. False says nothing."""
    charge, paid = claim.charge, claim.paid
    if (
        claim.status_code not in _DECIDED
        or claim.crossover_payer is not None
        or claim.frequency_code == _VOID
        or not claim.services
        or claim.adjustments
        or claim.unread_adjustments
        or charge < 0
        or paid < 0
        or not all(map(_is_remark_code, claim.remark_codes))
    ):
        return False
    of_patient = ZERO
    for service in claim.services:
        of_line = _responsibility_in_order(service)
        if of_line is None:
            return False
        of_patient += of_line
        charge -= service.charge
        paid -= service.paid
    return not charge and not paid and claim.patient_responsibility in (None, of_patient)


def _responsibility_in_order(service: ServicePayment) -> Decimal | None:
    """The PR adjustments of a line that breaks no rule; None of any other."""
    charge, of_patient = service.charge, ZERO
    left = charge
    for one in service.adjustments:
        amount, group = one.amount, one.group
        if not amount or not _is_reason_code(one.reason_code or ""):
            return None
        left -= amount
        if group is _PATIENT:
            of_patient += amount
        elif group is not _CONTRACTUAL or (one.reason_code == _WRITE_OFF and not -charge <= amount <= charge):
            return None
    units_agree = service.units is None or service.units or not left
    if left != service.paid or not units_agree or service.unread_adjustments:
        return None
    return of_patient if all(map(_is_remark_code, service.remark_codes)) else None


def check_rules(claim: ClaimPayment, report: Report) -> None:
    """Each rule on its own."""
    _check_status(claim, report)
    _check_balance(claim, report)
    if not claim.services and claim.is_whole and claim.status_code != _FORWARDED_UNDECIDED:
        report.add(LINES_MISSING, claim_place(claim), loop="2100")
    is_first = claim.status_code in _DECIDED_FIRST
    if claim.adjustments:
        for rule in _broken_rules(claim.adjustments, claim.charge, is_first=is_first):
            report.add(rule, claim_place(claim), loop="2100")
    if claim.remark_codes and not all(map(_is_remark_code, claim.remark_codes)):
        report.add(REMARK_FORMAT, claim_place(claim), loop="2100")
    for service in claim.services:
        _check_service(service, report, is_first=is_first)


def _check_status(claim: ClaimPayment, report: Report) -> None:
    status, paid = claim.status_code, claim.paid
    if status not in CLAIM_STATUSES:
        report.add(STATUS_UNKNOWN, claim_place(claim), loop="2100", element=2)
    if (status in _FORWARDED) is (claim.crossover_payer is None):
        rule = CROSSOVER_PAYER_MISSING if claim.crossover_payer is None else CROSSOVER_PAYER_UNEXPECTED
        report.add(rule, claim_place(claim), loop="2100", element=2)
    if status == REVERSAL:
        _check_reversal(claim, report)
        return
    for element, amount in ((3, claim.charge), (4, paid)):
        if amount < 0:
            report.add(NEGATIVE_WITHOUT_REVERSAL, claim_place(claim), loop="2100", element=element)
    if not paid:
        return
    if status == _FORWARDED_UNDECIDED:
        report.add(FORWARDED_PAID, claim_place(claim), loop="2100", element=4)
    elif status == _PREDETERMINATION:
        report.add(PREDETERMINATION_PAID, claim_place(claim), loop="2100", element=4)
    elif claim.frequency_code == _VOID:
        report.add(VOID_PAID, claim_place(claim), loop="2100", element=9)


def _check_reversal(claim: ClaimPayment, report: Report) -> None:
    """Where the claim's own amounts are negated, a line may still not be."""
    above = [(3, claim.charge > 0), (4, claim.paid > 0)]
    for element, is_above in above:
        if is_above:
            report.add(REVERSAL_NOT_NEGATED, claim_place(claim), loop="2100", element=element)
    if any(is_above for _, is_above in above):
        return
    for service in claim.services:
        for element, amount in ((2, service.charge), (3, service.paid)):
            if amount > 0:
                report.add(REVERSAL_NOT_NEGATED, _service_place(service), loop="2110", element=element)


_CLAIM_BALANCES: Final = {BalanceLevel.CLAIM: CLAIM_UNBALANCED, BalanceLevel.CLAIM_LINES: CLAIM_LINES_UNBALANCED}


def _check_balance(claim: ClaimPayment, report: Report) -> None:
    for fault in claim_faults(claim):
        if fault.line_position is None:
            add_difference(report, _CLAIM_BALANCES[fault.level], claim_place(claim), "2100", 4, fault.difference)
        else:
            service = claim.services[fault.line_position - 1]
            add_difference(report, LINE_UNBALANCED, _service_place(service), "2110", 3, fault.difference)
    if claim.status_code != REVERSAL and (difference := responsibility_difference(claim)):
        add_difference(report, RESPONSIBILITY_DIFFERS, claim_place(claim), "2100", 5, difference)


def _check_service(service: ServicePayment, report: Report, *, is_first: bool) -> None:
    if service.units is not None and not service.units and service.paid:
        report.add(NO_UNITS_PAID, _service_place(service), loop="2110", element=5)
    for rule in _broken_rules(service.adjustments, service.charge, is_first=is_first):
        report.add(rule, _service_place(service), loop="2110")
    if service.remark_codes and not all(map(_is_remark_code, service.remark_codes)):
        report.add(REMARK_FORMAT, _service_place(service), loop="2110")


def _broken_rules(adjustments: Iterable[Adjustment], charge: Decimal, *, is_first: bool) -> Iterable[Rule]:
    """Each once, in the order in which the adjustments break them."""
    broken: dict[Rule, None] = {}
    for one in adjustments:
        amount, reason, group = one.amount, one.reason_code or "", one.group
        if not amount:
            broken[ADJUSTMENT_ZERO] = None
        if group is _CONTRACTUAL:
            if reason == _WRITE_OFF and abs(amount) > abs(charge):
                broken[WRITE_OFF_TOO_LARGE] = None
        elif group is _CORRECTION:
            broken[GROUP_CORRECTION] = None
        elif reason == _EARLIER_PAYERS and is_first and group is _OTHER:
            broken[EARLIER_EFFECT_OF_FIRST] = None
        if not _is_reason_code(reason):
            broken[REASON_FORMAT] = None
    return broken
