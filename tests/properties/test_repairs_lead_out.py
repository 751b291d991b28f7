"""Repairs lead out: whichever of them are taken, in whatever order, they come to an end, and each does what it says."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.domain.adjudications import AdjudicationSource
from app.domain.balance import BalanceTable, ClaimBalance, LineBalance
from app.domain.claim_parts import ClaimParts
from app.domain.repairs import RepairAmounts
from app.use_cases.claim_reviews import OfferedRepair, Review
from tests.properties.slips import unbalanced_parts
from tests.properties.verdicts import goes_out, reviewed, unmet
from tests.worker.scale import times

MOST_STEPS = 20


@settings(max_examples=times(150, 3_000))
@given(unbalanced_parts(), st.data())
def test_repairs_in_any_order_come_to_an_end_and_then_the_claim_goes_out_or_says_why_not(
    parts: ClaimParts, data: st.DataObject
) -> None:
    review = reviewed(parts)
    steps = 0
    while review.repairs:
        steps += 1
        assert steps <= MOST_STEPS
        taken = data.draw(st.sampled_from(review.repairs))
        parts = _with(parts, taken)
        before, review = review, reviewed(parts)
        assert _is_as_promised(taken, before, review)
        assert _findings(review) < _findings(before)
    event(f"{'goes out' if goes_out(review) else 'is refused'} after {steps} steps")
    assert unmet(parts, review) == []


def _with(parts: ClaimParts, taken: OfferedRepair) -> ClaimParts:
    """The decision that was offered is the payer's current one."""
    chain = tuple(
        replace(
            one,
            adjudication=replace(
                one.adjudication,
                decision=taken.repair.decision,
                source=AdjudicationSource.REPAIR,
                number=one.adjudication.number + 1,
            ),
        )
        if one.adjudication is not None and one.adjudication is taken.prior.adjudication
        else one
        for one in parts.chain
    )
    return replace(parts, chain=chain)


def _is_as_promised(taken: OfferedRepair, before: Review, after: Review) -> bool:
    """The place had the amounts that were shown, and has those now; the repair is not offered again."""
    repair, number = taken.repair, taken.repair.line_number
    was, is_now = (review.prior_payers[taken.position].balance for review in (before, after))
    assert was is not None
    assert is_now is not None
    return (
        _amounts(was, number) in {None, repair.before}
        and _amounts(is_now, number) == repair.after
        and repair.id not in {offered.repair.id for offered in after.repairs}
    )


def _amounts(table: BalanceTable, number: int | None) -> RepairAmounts | None:
    """None for a line that the payer had not decided yet."""
    if number is None:
        return _of(table.claim, table.claim.paid_difference if table.lines else table.claim.difference)
    return _of(table.lines[number - 1], table.lines[number - 1].difference) if table.lines else None


def _of(place: ClaimBalance | LineBalance, difference: Decimal) -> RepairAmounts:
    return RepairAmounts(paid=place.paid, adjustments=place.adjustments, difference=difference)


def _findings(review: Review) -> int:
    """How many there are about earlier decisions."""
    return sum((one.pointer or "").startswith("/prior_payers/") for one in review.findings)
