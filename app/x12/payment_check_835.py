"""Whether the payment of a remittance says one thing (`rules_835`): BPR, trace number, payer and payee, PLB.

Of BPR, N1 and PLB the values hold what a claim is settled by; the rest is taken from the segments as they go by.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from app.domain.remittances import RemittanceHeader
from app.x12.claim_payment_check_835 import Place
from app.x12.elements import read_date, read_money
from app.x12.findings import Report
from app.x12.rules_835 import (
    DECISION_DATE_MISSING,
    FISCAL_PERIOD,
    HANDLING_UNKNOWN,
    NO_METHOD_PAYS,
    NOT_A_CREDIT,
    NOTHING_PAID,
    NOTIFICATION_PAYS,
    PAYEE_MISSING,
    PAYER_MISSING,
    PAYMENT_DATE_MISSING,
    PROVIDER_ADJUSTMENT_ZERO,
    PROVIDER_MISSING,
    PROVIDER_REFERENCE_MISSING,
    TOTAL_NEGATIVE,
    TRACE_MISSING,
)
from app.x12.segments import Run, Segment

_HANDLINGS: Final = frozenset("C D H I P U X".split())
_NOTIFICATION: Final = "H"
_PRENOTIFICATION: Final = "P"
_NO_METHOD: Final = "NON"
_NEED_REFERENCE: Final = frozenset("72 FB WO".split())
_DETAIL: Final = frozenset({"CLP", "LX"})
_PROVIDER_ADJUSTMENT: Final = frozenset({"PLB"})
_first: Final = itemgetter(0)


class PaymentSegments:
    """Of one 835: its first BPR, whether a payee is named, and each PLB until somebody takes it."""

    def __init__(self) -> None:
        self.bpr: Segment | None = None
        self.has_payee = False
        self.is_ahead = True
        """No claim has begun yet."""
        self._provider_adjustments: list[Segment] = []

    @property
    def handling(self) -> str:
        """BPR01."""
        return "" if self.bpr is None else self.bpr.get(1)

    def note(self, run: Run) -> None:
        if self.is_ahead:
            self._note_ahead(run)
        if not _PROVIDER_ADJUSTMENT.isdisjoint(map(_first, run.elements)):
            self._provider_adjustments += [one for one in run if one.id in _PROVIDER_ADJUSTMENT]

    def _note_ahead(self, run: Run) -> None:
        for segment in run:
            if segment.id in _DETAIL:
                self.is_ahead = False
                return
            if segment.id == "BPR":
                self.bpr = self.bpr or segment
            elif segment.id == "N1" and segment.get(1) == "PE":
                self.has_payee |= any(map(segment.get, range(2, len(segment.elements))))

    def taken_provider_adjustments(self) -> Iterator[Segment]:
        taken, self._provider_adjustments = self._provider_adjustments, []
        return iter(taken)


def check_payment(header: RemittanceHeader, segments: PaymentSegments, report: Report) -> None:
    """Without a BPR there is no payment, which the reader reports."""
    bpr = segments.bpr
    if bpr is None and header.total_paid is None:
        return
    place = bpr or Place(header.segment, header.offset, "BPR")
    if header.total_paid is not None and header.total_paid < 0:
        report.add(TOTAL_NEGATIVE, place, element=2)
    if bpr is not None:
        _check_handling(header, bpr, report)
        if not segments.has_payee:
            report.add(PAYEE_MISSING, place)
    if header.adjudicated_on is None:
        report.add(DECISION_DATE_MISSING, place, element=16)
    elif bpr is not None and not bpr.get(16):
        report.add(PAYMENT_DATE_MISSING, place, element=16)
    if header.trace_number is None:
        report.add(TRACE_MISSING, place)
    if header.payer_name is None and header.payer_id is None:
        report.add(PAYER_MISSING, place)


def _check_handling(header: RemittanceHeader, bpr: Segment, report: Report) -> None:
    handling, paid = bpr.get(1), header.total_paid
    if handling not in _HANDLINGS:
        report.add(HANDLING_UNKNOWN, bpr, element=1)
    if bpr.get(3) != "C":
        report.add(NOT_A_CREDIT, bpr, element=3)
    if paid is None:
        return
    if not paid:
        is_nothing = handling == _NOTIFICATION and header.payment_method == _NO_METHOD
        if not is_nothing and handling != _PRENOTIFICATION:
            report.add(NOTHING_PAID, bpr, element=2)
        return
    if handling == _NOTIFICATION:
        report.add(NOTIFICATION_PAYS, bpr, element=1)
    if header.payment_method == _NO_METHOD:
        report.add(NO_METHOD_PAYS, bpr, element=4)


def check_provider_adjustments(plb: Segment, report: Report) -> None:
    if not plb.get(1):
        report.add(PROVIDER_MISSING, plb, element=1)
    if read_date(plb.get(2)) is None:
        report.add(FISCAL_PERIOD, plb, element=2)
    for element in range(3, len(plb.elements), 2):
        reason, *more = (*plb.components(element), "")
        if reason in _NEED_REFERENCE and not more[0]:
            report.add(PROVIDER_REFERENCE_MISSING, plb, element=element)
        amount = read_money(plb.get(element + 1))
        if amount is not None and not amount:
            report.add(PROVIDER_ADJUSTMENT_ZERO, plb, element=element + 1)
