"""Small changes to a payer's decision, each giving a new one: what repairs are made of.

A level is the claim, or one of the decided services by its position. Assumptions follow what they are about: where an
adjustment is taken away, those behind it move up and what was assumed of it is gone.
"""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.domain.adjudication_forms import service_as_billed
from app.domain.adjudications import Adjustment, Assumption, Decision, LineDecision
from app.domain.adjustments import adjusted, merged

Level = int | None
"""The position of a decided service; None is the claim level."""
CLAIM: Final[Level] = None


def level_of(pointer: str) -> tuple[Level, int | None]:
    """The level a pointer names, and the adjustment within it: ``/lines/0/adjustments/1`` is (0, 1)."""
    parts = pointer.split("/")[1:]
    level = int(parts[1]) if parts[0] == "lines" and len(parts) > 1 else CLAIM
    index = int(parts[-1]) if len(parts) > 1 and parts[-2] == "adjustments" else None
    return level, index


def adjustments_at(decision: Decision, level: Level) -> tuple[Adjustment, ...]:
    return decision.adjustments if level is None else decision.lines[level].adjustments


def paid_at(decision: Decision, level: Level) -> Decimal:
    return decision.paid if level is None else decision.lines[level].paid


def with_adjustments(decision: Decision, level: Level, adjustments: tuple[Adjustment, ...]) -> Decision:
    if level is None:
        return replace(decision, adjustments=adjustments)
    return _with_service(decision, level, replace(decision.lines[level], adjustments=adjustments))


def with_paid(decision: Decision, level: Level, paid: Decimal) -> Decision:
    if level is None:
        return replace(decision, paid=paid)
    return _with_service(decision, level, replace(decision.lines[level], paid=paid))


def with_added(decision: Decision, level: Level, *added: Adjustment) -> Decision:
    """Added to the first one under the same group and reason, else behind the others."""
    adjustments = list(adjustments_at(decision, level))
    for one in added:
        at = next((at for at, other in enumerate(adjustments) if _is_same_pair(one, other)), None)
        if at is None:
            adjustments.append(one)
        else:
            adjustments[at] = merged((adjustments[at], one))[0]
    return with_adjustments(decision, level, tuple(adjustments))


def with_reason(decision: Decision, level: Level, index: int, reason_code: str) -> Decision:
    """Patient responsibility that was not split, all under one reason."""
    one = replace(adjustments_at(decision, level)[index], reason_code=reason_code)
    if any(_is_same_pair(one, other) for other in adjustments_at(decision, level)):
        return with_added(without_adjustment(decision, level, index), level, one)
    adjustments = list(adjustments_at(decision, level))
    adjustments[index] = one
    return with_adjustments(decision, level, tuple(adjustments))


def with_merged(decision: Decision, level: Level, index: int) -> Decision:
    """The adjustment added to the first one of its group and reason."""
    one = adjustments_at(decision, level)[index]
    return with_added(without_adjustment(decision, level, index), level, one)


def without_adjustment(decision: Decision, level: Level, index: int) -> Decision:
    left = list(adjustments_at(decision, level))
    del left[index]
    assumptions = _moved_up(decision.assumptions, f"{_pointer(level)}/adjustments/", index)
    return replace(with_adjustments(decision, level, tuple(left)), assumptions=assumptions)


def with_claim_amounts_on_line(
    decision: Decision, level: int, indexes: Collection[int], *, out_of_paid: bool = False
) -> Decision:
    """Claim-level adjustments moved to a decided service, out of what it was paid where the dollar stands there."""
    moved = [decision.adjustments[index] for index in indexes]
    changed = decision
    for index in sorted(indexes, reverse=True):
        changed = without_adjustment(changed, CLAIM, index)
    changed = with_added(changed, level, *moved)
    return with_paid(changed, level, paid_at(changed, level) - adjusted(moved)) if out_of_paid else changed


def with_claim_totals_on_line(decision: Decision, line_id: UUID) -> Decision:
    """A decision at claim level as one of the claim's only line: SVD02 = AMT*D, the adjustments in 2430."""
    line = LineDecision(
        line_id=line_id,
        paid=decision.paid,
        adjustments=decision.adjustments,
        remaining_liability=decision.remaining_liability,
    )
    moved = tuple(
        replace(one, pointer=f"/lines/0{one.pointer}")
        for one in decision.assumptions
        if one.pointer.startswith(("/adjustments/", "/remaining_liability"))
    )
    return replace(
        decision,
        adjustments=(),
        remaining_liability=None,
        lines=(line,),
        assumptions=(*moved, service_as_billed("/lines/0")),
    )


def _is_same_pair(one: Adjustment, other: Adjustment) -> bool:
    return (one.group, one.reason_code) == (other.group, other.reason_code)


def _pointer(level: Level) -> str:
    return "" if level is None else f"/lines/{level}"


def _with_service(decision: Decision, level: int, service: LineDecision) -> Decision:
    lines = list(decision.lines)
    lines[level] = service
    return replace(decision, lines=tuple(lines))


def _moved_up(assumptions: tuple[Assumption, ...], prefix: str, gone: int) -> tuple[Assumption, ...]:
    kept: list[Assumption] = []
    for one in assumptions:
        if not one.pointer.startswith(prefix):
            kept.append(one)
            continue
        position, _, rest = one.pointer.removeprefix(prefix).partition("/")
        if int(position) != gone:
            moved = int(position) - (int(position) > gone)
            kept.append(replace(one, pointer=f"{prefix}{moved}" + (f"/{rest}" if rest else "")))
    return tuple(kept)
