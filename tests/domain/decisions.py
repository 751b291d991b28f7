"""Payers' decisions for tests: builders in the words of a remittance, and strategies, balanced and not.

`balanced_decisions` are what an honest payer says of the lines; `decisions` have up to four slips of the kinds that
people and payers make, and are still such as may be entered or come in: no negative payment, no unknown line.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup, Decision, LineDecision
from app.domain.money import ZERO, total
from app.domain.service_lines import ServiceLine
from tests.domain.claims import DECISION_DAY, a_line, lines

Slip = Callable[[st.DrawFn, Decision], Decision]

CO, OA, PI, PR = (
    AdjustmentGroup.CONTRACTUAL,
    AdjustmentGroup.OTHER,
    AdjustmentGroup.PAYER_INITIATED,
    AdjustmentGroup.PATIENT_RESPONSIBILITY,
)
LINE_PAIRS = ((CO, "45"), (CO, "97"), (CO, "253"), (OA, "23"), (PI, "B7"), (PR, "1"), (PR, "2"), (PR, "3"), (PR, "96"))
CLAIM_PAIRS = ((CO, "A2"), (OA, "100"), (PR, "66"), (PR, "241"))
"""Other pairs than those of the lines, so that no amount stands at both levels by chance."""


def money(amount: str | int | Decimal) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


def adjustment(code: str, amount: str | int, **changes: Any) -> Adjustment:
    """``CO-45`` and an amount; ``PR`` alone is patient responsibility that nobody has split."""
    group, _, reason = code.partition("-")
    groups = {one.code: one for one in AdjustmentGroup}
    return Adjustment(group=groups[group], reason_code=reason or None, amount=money(amount), **changes)


def on_line(line: ServiceLine, paid: str | int | Decimal, *adjustments: Adjustment, **changes: Any) -> LineDecision:
    return LineDecision(line_id=line.id, paid=money(paid), adjustments=adjustments, **changes)


def by_lines(*services: LineDecision, **changes: Any) -> Decision:
    """AMT*D is the sum of the lines unless told otherwise."""
    paid = total(one.paid for one in services)
    return replace(Decision(adjudication_date=DECISION_DAY, paid=paid, lines=services), **changes)


def at_claim_level(paid: str | int, *adjustments: Adjustment, **changes: Any) -> Decision:
    return replace(Decision(adjudication_date=DECISION_DAY, paid=money(paid), adjustments=adjustments), **changes)


def several_lines(*charges: str | int) -> tuple[ServiceLine, ...]:
    return tuple(a_line(charge=money(charge)) for charge in charges)


def billed_lines(most: int = 4) -> st.SearchStrategy[tuple[ServiceLine, ...]]:
    return st.lists(lines(), min_size=1, max_size=most, unique_by=lambda line: line.id).map(tuple)


@st.composite
def balanced_decisions(draw: st.DrawFn, billed: Sequence[ServiceLine]) -> Decision:
    """By line, with unbundled and bundled lines and amounts at claim level; or at claim level only."""
    if draw(st.integers(0, 5)) == 0:
        return draw(_claim_level_decisions(total(line.charge for line in billed)))
    services: list[LineDecision] = []
    for line in billed:
        services += draw(_services_of(line, billed))
    paid = total(one.paid for one in services)
    at_claim: tuple[Adjustment, ...] = ()
    if paid > 0 and draw(st.integers(0, 3)) == 0:
        paid, at_claim = draw(_splits(paid, CLAIM_PAIRS))
    return Decision(adjudication_date=DECISION_DAY, paid=paid, adjustments=at_claim, lines=tuple(services))


@st.composite
def decisions(draw: st.DrawFn, billed: Sequence[ServiceLine]) -> Decision:
    """A balanced one with up to four slips."""
    decision = draw(balanced_decisions(billed))
    for slip in draw(st.lists(st.sampled_from(_SLIPS), max_size=4)):
        decision = slip(draw, decision)
    return decision


@st.composite
def balanced_claims(draw: st.DrawFn) -> tuple[tuple[ServiceLine, ...], Decision]:
    billed = draw(billed_lines())
    return billed, draw(balanced_decisions(billed))


@st.composite
def decided_claims(draw: st.DrawFn) -> tuple[tuple[ServiceLine, ...], Decision]:
    """Lines with a decision on them that may be wrong."""
    billed = draw(billed_lines())
    return billed, draw(decisions(billed))


@st.composite
def _splits(
    draw: st.DrawFn, amount: Decimal, pairs: Sequence[tuple[AdjustmentGroup, str]]
) -> tuple[Decimal, tuple[Adjustment, ...]]:
    """What was paid of an amount, and the rest under different reasons, none of them zero."""
    rest = int(amount * 100)
    adjustments: list[Adjustment] = []
    for group, reason in draw(st.lists(st.sampled_from(pairs), max_size=4, unique=True)):
        cents = draw(st.integers(1, rest) | st.just(rest)) if rest else 0
        if cents:
            adjustments.append(Adjustment(group=group, reason_code=reason, amount=Decimal(cents) / 100))
            rest -= cents
    return Decimal(rest) / 100, tuple(adjustments)


@st.composite
def _claim_level_decisions(draw: st.DrawFn, charge: Decimal) -> Decision:
    paid, adjustments = draw(_splits(charge, LINE_PAIRS))
    return Decision(adjudication_date=DECISION_DAY, paid=paid, adjustments=adjustments)


@st.composite
def _services_of(draw: st.DrawFn, line: ServiceLine, billed: Sequence[ServiceLine]) -> list[LineDecision]:
    first = billed[0]
    parts: tuple[tuple[Decimal, str | None], ...] = ((line.charge, None),)
    match draw(st.integers(0, 9)):
        case 0 if line is not first:
            bundled = Adjustment(group=CO, reason_code="97", amount=line.charge)
            return [LineDecision(line_id=line.id, paid=ZERO, adjustments=(bundled,), bundled_into_line_id=first.id)]
        case 1 if line.charge > Decimal("0.01"):
            part = Decimal(draw(st.integers(1, int(line.charge * 100) - 1))) / 100
            parts = ((part, "90833"), (line.charge - part, "99214"))
    services = []
    for amount, procedure in parts:
        paid, adjustments = draw(_splits(amount, LINE_PAIRS))
        services.append(LineDecision(line_id=line.id, paid=paid, procedure_code=procedure, adjustments=adjustments))
    return services


def _level(draw: st.DrawFn, decision: Decision) -> int | None:
    """A decided service, or the claim level."""
    level: int | None = draw(st.sampled_from((None, *range(len(decision.lines)))))
    return level


def _at(decision: Decision, level: int | None) -> Decision | LineDecision:
    return decision if level is None else decision.lines[level]


def _changed(decision: Decision, level: int | None, **changes: Any) -> Decision:
    if level is None:
        return replace(decision, **changes)
    services = list(decision.lines)
    services[level] = replace(services[level], **changes)
    return replace(decision, lines=tuple(services))


def _cents(draw: st.DrawFn) -> Decimal:
    return Decimal(draw(st.sampled_from((-4500, -1, 1, 9, 4500)))) / 100


def _paid_off(draw: st.DrawFn, decision: Decision) -> Decision:
    level = _level(draw, decision)
    return _changed(decision, level, paid=max(ZERO, _at(decision, level).paid + _cents(draw)))


def _adjustments_slip(
    change: Callable[[st.DrawFn, list[Adjustment], int], None],
) -> Slip:
    """A change of the adjustments of one level that has some."""

    def slip(draw: st.DrawFn, decision: Decision) -> Decision:
        level = _level(draw, decision)
        adjustments = list(_at(decision, level).adjustments)
        if adjustments:
            change(draw, adjustments, draw(st.integers(0, len(adjustments) - 1)))
        return _changed(decision, level, adjustments=tuple(adjustments))

    return slip


def _amount_off(draw: st.DrawFn, adjustments: list[Adjustment], index: int) -> None:
    one = adjustments[index]
    adjustments[index] = replace(one, amount=one.amount + _cents(draw))


def _dropped(draw: st.DrawFn, adjustments: list[Adjustment], index: int) -> None:
    del adjustments[index]


def _doubled(draw: st.DrawFn, adjustments: list[Adjustment], index: int) -> None:
    adjustments.append(adjustments[index])


def _zero_added(draw: st.DrawFn, adjustments: list[Adjustment], index: int) -> None:
    adjustments.insert(index, Adjustment(group=OA, reason_code="94", amount=ZERO))


def _unsplit(draw: st.DrawFn, adjustments: list[Adjustment], index: int) -> None:
    adjustments[index] = replace(adjustments[index], group=PR, reason_code=None)


def _copied_to_claim(draw: st.DrawFn, decision: Decision) -> Decision:
    """The commonest slip: what the lines say, said again for the claim."""
    adjustments = [one for line in decision.lines for one in line.adjustments]
    if not adjustments:
        return decision
    return replace(decision, adjustments=(*decision.adjustments, draw(st.sampled_from(adjustments))))


def _moved_to_claim(draw: st.DrawFn, decision: Decision) -> Decision:
    """A line's adjustment entered for the claim instead."""
    with_some = [level for level, line in enumerate(decision.lines) if line.adjustments]
    if not with_some:
        return decision
    level = draw(st.sampled_from(with_some))
    moved = decision.lines[level].adjustments[0]
    changed = _changed(decision, level, adjustments=decision.lines[level].adjustments[1:])
    return replace(changed, adjustments=(*changed.adjustments, moved))


def _undecided(draw: st.DrawFn, decision: Decision) -> Decision:
    if len(decision.lines) < 2:
        return decision
    gone = draw(st.sampled_from(decision.lines)).line_id
    return replace(decision, lines=tuple(line for line in decision.lines if line.line_id != gone))


_SLIPS: tuple[Slip, ...] = (
    _paid_off,
    _adjustments_slip(_amount_off),
    _adjustments_slip(_dropped),
    _adjustments_slip(_doubled),
    _adjustments_slip(_zero_added),
    _adjustments_slip(_unsplit),
    _copied_to_claim,
    _moved_to_claim,
    _undecided,
)
