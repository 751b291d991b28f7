"""Repairs on a real database: offered in the review, accepted once, and what they leave of the earlier decision."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.domain.adjudications import AdjudicationSource, AdjudicationStatus
from app.domain.claim_states import ClaimEventKind, ClaimOutcome, ClaimStatus, HoldReason
from app.domain.errors import StaleVersion
from app.domain.practices import Practice
from app.domain.work_items import WorkItemKind
from app.use_cases import repairs
from app.use_cases.claim_reviews import Review
from tests.domain.decisions import adjustment, by_lines, on_line
from tests.running import Databases
from tests.use_cases.claim_desk import conflict
from tests.use_cases.decision_desk import (
    BLUE_HERON,
    CEDAR,
    MEADOWLARK,
    DecisionDesk,
    from_first_other_payer,
    opened,
    totals,
    unsplit,
)


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[DecisionDesk]:
    async with opened(databases, practice) as one:
        yield one


def offer(review: Review, kind: str) -> str:
    return next(one.repair.id for one in review.repairs if one.repair.kind.value == kind)


async def test_accepting_one_makes_the_claim_submittable(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    secondary = await desk.next(primary, entered=totals("80.00", "40.00", "25.00"))
    before = await desk.review(secondary)
    assert not before.is_submittable
    after = await desk.repair(secondary, offer(before, "remainder_to_co_45"))
    assert after.is_submittable
    assert (after.findings, after.repairs) == ((), ())
    assert "CAS*CO*45*45" in from_first_other_payer(after.x12)
    assert after.claim.version == secondary.version + 1
    again = await desk.review(secondary)
    assert again.is_submittable
    assert from_first_other_payer(again.x12) == from_first_other_payer(after.x12)


async def test_it_is_a_version_that_names_what_it_came_from(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    secondary = await desk.next(primary, entered=totals("80.00", "40.00", "25.00"))
    repair_id = offer(await desk.review(secondary), "remainder_to_pr_1")
    await desk.repair(secondary, repair_id)
    new, old = await desk.versions(primary)
    assert (new.number, new.status, new.source, new.based_on, new.repair_id) == (
        2,
        AdjudicationStatus.CURRENT,
        AdjudicationSource.REPAIR,
        old.id,
        repair_id,
    )
    assert old.status is AdjudicationStatus.SUPERSEDED
    event = next(one for one in reversed(await desk.claims.timeline(primary)) if one.claim_id == primary.id)
    assert (event.kind, event.facts["adjudication_id"]) == (ClaimEventKind.REPAIRED, str(new.id))


async def test_it_is_in_the_trail_under_its_kind(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=totals("80.00", "40.00", "25.00"))
    await desk.repair(secondary, offer(await desk.review(secondary), "remainder_to_pr_3"))
    entry = (await desk.claims.audit())[0].entry
    assert (entry.action, entry.record_type, entry.reason) == ("repair", "adjudication", "remainder_to_pr_3")


async def test_the_earlier_claim_moves_by_what_is_decided_then(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    line = primary.content.lines[0]
    entered = by_lines(on_line(line, "0.00", adjustment("CO-45", "45.00"), adjustment("CO-45", "105.00")))
    decided = (await desk.enter(primary, entered)).claim
    assert decided.outcome is ClaimOutcome.DENIED
    secondary = await desk.claims.release(await desk.next(decided), confirmed=True)
    review = await desk.review(secondary)
    assert [one.repair.kind.value for one in review.repairs] == ["duplicates_merged"]
    await desk.repair(secondary, offer(review, "duplicates_merged"))
    after = await desk.reread(primary)
    assert (after.status, after.version) == (ClaimStatus.DENIED, decided.version + 1)


async def test_one_that_was_offered_for_another_state_is_stale(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=totals("80.00", "40.00", "25.00"))
    repair_id = offer(await desk.review(secondary), "remainder_to_co_45")
    after = await desk.repair(secondary, repair_id)
    await conflict("repair_stale", desk.repair(after.claim, repair_id))
    await conflict("repair_stale", desk.repair(after.claim, "0" * 32))


async def test_of_two_at_once_one_is_accepted(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=unsplit("80.00", "45.00", "25.00"))
    review = await desk.review(secondary)
    ids = [offered.repair.id for offered in review.repairs]
    outcomes = await asyncio.gather(*(desk.repair(secondary, one) for one in ids), return_exceptions=True)
    assert len([one for one in outcomes if isinstance(one, Review)]) == 1
    assert {type(one) for one in outcomes if isinstance(one, Exception)} == {StaleVersion}


async def test_a_claim_that_is_on_its_way_is_not_repaired_for(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=totals("80.00", "40.00", "25.00"))
    repair_id = offer(await desk.review(secondary), "remainder_to_co_45")
    sent = await desk.claims.becomes(secondary, status=ClaimStatus.SUBMITTED)
    await conflict("claim_state", desk.repair(sent, repair_id))


async def test_a_repair_in_one_review_holds_the_other_later_claims(desk: DecisionDesk) -> None:
    primary = await desk.encounter(MEADOWLARK, BLUE_HERON, CEDAR)
    secondary = await desk.next(primary, entered=totals())
    later = totals("15.00", "0.00", "9.00", earlier_payers_effect="125.00")
    tertiary = await desk.next(secondary, entered=later)
    off = (await desk.enter(await desk.reread(primary), totals("80.00", "40.00", "25.00"))).claim
    assert off.status is ClaimStatus.PAID
    held = await desk.reread(tertiary)
    assert held.hold_reason is HoldReason.EARLIER_DECISION_CHANGED
    review = await desk.review(held)
    assert {offered.position for offered in review.repairs} == {0, 1}
    of_second = next(
        one.repair.id for one in review.repairs if (one.position, one.repair.kind) == (1, "remainder_to_pr_3")
    )
    after = await desk.repair(held, of_second)
    assert after.claim.hold_reason is HoldReason.EARLIER_DECISION_CHANGED
    assert {offered.position for offered in after.repairs} == {0}
    of_first = offer(after, "remainder_to_co_45")
    done = await desk.repair(after.claim, of_first)
    assert not done.has_error
    items = [item for item in await desk.work() if item.kind is WorkItemKind.EARLIER_DECISION_CHANGED]
    assert {item.claim_id for item in items} == {secondary.id}  # it was decided, so nobody calls it back


async def test_a_repair_that_makes_it_a_denial_holds_the_claim_it_was_accepted_for(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    paid_too = by_lines(on_line(primary.content.lines[0], "80.00", adjustment("CO-16", "150.00")))
    secondary = await desk.next(primary, entered=paid_too)
    assert secondary.status is ClaimStatus.DRAFT
    after = await desk.repair(secondary, offer(await desk.review(secondary), "paid_corrected"))
    assert after.claim.hold_reason is HoldReason.PRIOR_PAYER_CORRECTABLE
    assert (after.is_submittable, after.claim.version) == (False, secondary.version + 1)


async def test_one_that_was_released_after_a_denial_is_not_held_again_by_a_repair_of_it(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    twice = (adjustment("PR-96", "100.00"), adjustment("PR-96", "50.00"))
    held = await desk.next(primary, entered=by_lines(on_line(primary.content.lines[0], "0.00", *twice)))
    assert held.hold_reason is HoldReason.PRIOR_PAYER_DENIED
    released = await desk.claims.release(held, confirmed=True)
    after = await desk.repair(released, offer(await desk.review(released), "duplicates_merged"))
    assert after.claim.status is ClaimStatus.DRAFT


async def test_the_list_is_the_reviews(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=totals("80.00", "40.00", "25.00"))
    listed = await repairs.list_repairs(desk.claims.context, desk.claims.coverages.tenant, secondary.id)
    reviewed = await desk.review(secondary)
    assert [one.repair for one in listed.repairs] == [one.repair for one in reviewed.repairs]
    entry = (await desk.claims.audit())[1].entry
    assert (entry.action, entry.record_type) == ("list", "repair")


async def test_a_repair_of_a_remittance_stays_the_payers_words(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    line = primary.content.lines[0]
    waiting = await desk.proposed(primary, by_lines(on_line(line, "80.00", adjustment("CO-45", "45.00"))))
    decided = await desk.accept(primary, waiting.id)
    secondary = await desk.next(decided.claim)
    review = await desk.review(secondary)
    assert "remainder_to_pr_192" not in {one.repair.kind.value for one in review.repairs}
    await desk.repair(secondary, offer(review, "remainder_to_pr_1"))
    assert (await desk.versions(primary))[0].response_id == waiting.response_id
    assert replace(waiting, status=AdjudicationStatus.SUPERSEDED) == (await desk.versions(primary))[1]
