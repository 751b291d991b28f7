"""What an earlier payer may have decided on a claim, to the cent: by line, at claim level, in parts, in full, not at all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, Decision, LineDecision
from app.domain.money import ZERO, total
from app.domain.service_lines import ServiceLine
from tests.domain.claims import DECISION_DAY
from tests.domain.decisions import CO, OA, PR, balanced_decisions

REMARKS: Final = "MA07 MA18 MA19 MA130 N89 N245 N1 M15 N700".split()
"""Remark codes that the oracle's list has."""
_Change = Callable[[st.DrawFn, Decision, Sequence[ServiceLine]], Decision]
_DENIALS: Final = ((CO, "16"), (PR, "96"), (CO, "29"), (PR, "204"), (OA, "23"), (CO, "45"), (PR, "100"), (PR, "1"))
"""Denied, left to somebody, or paid to the patient (PR-100): the whole charge under one reason."""


@st.composite
def prior_decisions(draw: st.DrawFn, billed: Sequence[ServiceLine]) -> Decision:
    decision = draw(balanced_decisions(billed))
    for change in draw(st.lists(st.sampled_from(_CHANGES), max_size=3)):
        decision = change(draw, decision, billed)
    last_day = max(line.end_date for line in billed)
    day = draw(st.sampled_from((DECISION_DAY, last_day, last_day + timedelta(days=30))))
    return replace(decision, adjudication_date=day)


def _nothing_paid(draw: st.DrawFn, decision: Decision, billed: Sequence[ServiceLine]) -> Decision:
    group, reason = draw(st.sampled_from(_DENIALS))

    def whole(charge: Decimal) -> tuple[Adjustment, ...]:
        return (Adjustment(group=group, reason_code=reason, amount=charge),)

    if draw(st.integers(0, 3)) == 0:
        return replace(decision, paid=ZERO, adjustments=whole(total(line.charge for line in billed)), lines=())
    services = tuple(LineDecision(line_id=line.id, paid=ZERO, adjustments=whole(line.charge)) for line in billed)
    return replace(decision, paid=ZERO, adjustments=(), lines=services)


def _more_than_charged(draw: st.DrawFn, decision: Decision, billed: Sequence[ServiceLine]) -> Decision:
    """OA-94: allowed above the charge, so that an adjustment is below zero; what it gives is taken off elsewhere."""
    amount = Decimal(draw(st.integers(1, 900))) / 100
    pair = (
        Adjustment(group=OA, reason_code="94", amount=-amount),
        Adjustment(group=CO, reason_code="59", amount=amount),
    )
    return _on_a_level(draw, decision, pair)


def _to_nothing(draw: st.DrawFn, decision: Decision, billed: Sequence[ServiceLine]) -> Decision:
    """Two of one reason that cancel each other."""
    amount = Decimal(draw(st.integers(1, 900))) / 100
    pair = (
        Adjustment(group=CO, reason_code="131", amount=amount),
        Adjustment(group=CO, reason_code="131", amount=-amount),
    )
    return _on_a_level(draw, decision, pair)


def _on_a_level(draw: st.DrawFn, decision: Decision, added: tuple[Adjustment, ...]) -> Decision:
    if not decision.lines:
        return replace(decision, adjustments=(*decision.adjustments, *added))
    at = draw(st.integers(0, len(decision.lines) - 1))
    service = replace(decision.lines[at], adjustments=(*decision.lines[at].adjustments, *added))
    return replace(decision, lines=(*decision.lines[:at], service, *decision.lines[at + 1 :]))


def _numbered(draw: st.DrawFn, decision: Decision, billed: Sequence[ServiceLine]) -> Decision:
    return replace(decision, payer_claim_number=draw(st.sampled_from(("ZQXJ1", "ZQXJ 2026-7/A"))))


def _remarked(draw: st.DrawFn, decision: Decision, billed: Sequence[ServiceLine]) -> Decision:
    remarks = tuple(draw(st.lists(st.sampled_from(REMARKS), max_size=5, unique=True)))
    services = tuple(replace(one, remark_codes=remarks[:2]) for one in decision.lines)
    return replace(decision, remark_codes=remarks, lines=services)


def _liability_stated(draw: st.DrawFn, decision: Decision, billed: Sequence[ServiceLine]) -> Decision:
    """AMT*EAF as the payer gave it: for the claim, for its lines, or for both."""
    stated = st.none() | st.integers(0, 20_000).map(lambda cents: Decimal(cents) / 100)
    services = tuple(replace(one, remaining_liability=draw(stated)) for one in decision.lines)
    return replace(decision, remaining_liability=draw(stated), lines=services)


def _adjudicated_otherwise(draw: st.DrawFn, decision: Decision, billed: Sequence[ServiceLine]) -> Decision:
    """Another procedure, other modifiers and units than were billed, and counted adjustments."""
    quantities = st.none() | st.decimals(-99, 99, places=1)
    services = tuple(
        replace(
            one,
            procedure_code=draw(st.sampled_from(("90834", "H0004", "99214"))),
            modifiers=tuple(draw(st.lists(st.sampled_from(("95", "HO", "U1")), max_size=4))),
            units=draw(st.sampled_from((None, Decimal(0), Decimal(2), Decimal("0.5")))),
            adjustments=tuple(replace(taken, quantity=draw(quantities)) for taken in one.adjustments),
        )
        for one in decision.lines
    )
    return replace(decision, lines=services)


_CHANGES: Final[tuple[_Change, ...]] = (
    _nothing_paid,
    _more_than_charged,
    _to_nothing,
    _numbered,
    _remarked,
    _liability_stated,
    _adjudicated_otherwise,
)
