"""Coverages through their use cases: what changing, ending and confirming one does to its ranks and to the others."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.domain.audit import AuditAction
from app.domain.codes import BenefitClass, PayerResponsibility, Relationship
from app.domain.coverages import Coverage, CoverageStatus, MemberIdOwner, TerminationReason, Verification
from app.domain.errors import CoverageConflict, CrossoverError, Invalid, NotFound, StaleVersion
from app.domain.practices import Practice
from app.use_cases import coverages
from app.use_cases.coverages import CoverageView
from tests.factories import a_person
from tests.running import Databases
from tests.use_cases.desk import BLUE_HERON, MBI, MEDICARE, Desk, new_patient, opened

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 7, 1), date(2026, 10, 1)
DAY = timedelta(days=1)


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[Desk]:
    async with opened(databases, practice) as one:
        yield one


def warnings(view: CoverageView) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.pointer) for finding in view.findings]


async def refused(wanted: type[CrossoverError], code: str, awaitable: object) -> CrossoverError:
    with pytest.raises(wanted) as refusal:
        await awaitable  # type: ignore[misc]  # each is a coroutine of the desk
    codes = [refusal.value.problem_code, *(finding.code for finding in refusal.value.findings)]
    assert code in codes
    return refusal.value


# Warnings


async def test_ending_a_primary_warns_however_it_is_ended(desk: Desk) -> None:
    primary = await desk.verified(1)
    await desk.verified(2, payer_id=BLUE_HERON)
    assert warnings(await desk.change(primary, effective_to=SUMMER)) == [("primary_ended", "/effective_to")]


async def test_beginning_a_primary_later_warns_where_a_later_payer_was_there_before(desk: Desk) -> None:
    primary = await desk.verified(1, effective_from=SPRING)
    await desk.verified(2, payer_id=BLUE_HERON)
    assert warnings(await desk.change(primary, effective_from=SUMMER)) == [("primary_ended", "/effective_from")]
    assert warnings(await desk.change(await desk.read(primary), effective_from=SPRING)) == []


async def test_narrowing_a_primary_to_other_benefits_warns(desk: Desk) -> None:
    primary = await desk.verified(1)
    await desk.verified(2, payer_id=BLUE_HERON, benefit_class=BenefitClass.BEHAVIORAL)
    view = await desk.change(primary, benefit_class=BenefitClass.MEDICAL)
    assert warnings(view) == [("primary_ended", "/benefit_class")]


async def test_ending_what_was_primary_once_warns_of_nothing(desk: Desk) -> None:
    old, new, third = await desk.verified(1), await desk.verified(2), await desk.verified(3)
    await desk.order(SUMMER, new, old, third)
    assert warnings(await desk.end(await desk.read(old), AUTUMN)) == []
    assert await desk.ranks_on(AUTUMN + DAY, old, new, third) == [None, 1, 3]


async def test_ending_a_secondary_warns_of_nothing(desk: Desk) -> None:
    await desk.verified(1)
    assert warnings(await desk.end(await desk.verified(2, payer_id=BLUE_HERON), SUMMER)) == []


# Periods


async def test_a_coverage_ended_and_extended_again_has_its_place_back(desk: Desk) -> None:
    first, second = await desk.verified(1), await desk.verified(2)
    await desk.order(SUMMER, second, first)
    ended = (await desk.end(await desk.read(first), AUTUMN)).coverage
    assert await desk.ranks_on(AUTUMN + DAY, first, second) == [None, 1]
    extended = (await desk.change(ended, effective_to=None)).coverage
    assert await desk.ranks_on(AUTUMN + DAY, extended, second) == [2, 1]
    assert await desk.ranks_on(SPRING, extended, second) == [1, 2]


async def test_a_coverage_is_not_extended_into_the_place_another_has_taken(desk: Desk) -> None:
    ended = (await desk.end(await desk.verified(1), SPRING)).coverage
    await desk.verified(1, effective_from=SPRING + DAY)
    refusal = await refused(CoverageConflict, "coverage_rank_taken", desk.change(ended, effective_to=None))
    assert [finding.pointer for finding in refusal.findings] == ["/effective_to"]
    assert (await desk.read(ended)).effective_to == SPRING


async def test_other_benefits_are_refused_where_the_place_is_taken(desk: Desk) -> None:
    therapy = await desk.verified(1, benefit_class=BenefitClass.BEHAVIORAL)
    await desk.verified(1, benefit_class=BenefitClass.MEDICAL)
    refusal = await refused(
        CoverageConflict, "coverage_rank_taken", desk.change(therapy, benefit_class=BenefitClass.ALL)
    )
    assert [finding.pointer for finding in refusal.findings] == ["/benefit_class"]


async def test_the_same_policy_comes_back_only_after_it_has_ended(desk: Desk) -> None:
    coverage = await desk.verified(1)
    again: dict[str, Any] = {"payer_id": coverage.payer_id, "member_id": coverage.member_id}
    await refused(CoverageConflict, "coverage_duplicate", desk.add(**again))
    ended = (await desk.end(coverage, SPRING)).coverage
    await desk.add(**again, effective_from=SPRING + DAY)
    await refused(CoverageConflict, "coverage_duplicate", desk.change(ended, effective_to=SPRING + DAY))


async def test_an_end_outside_the_period_is_refused(desk: Desk) -> None:
    coverage = await desk.verified(1, effective_from=SPRING, effective_to=AUTUMN)
    for day in (SPRING - DAY, AUTUMN + DAY):
        await refused(Invalid, "period_order", desk.end(coverage, day))
    assert (await desk.end(coverage, SPRING)).coverage.ranks[0].to_date == SPRING


async def test_whatever_is_done_every_verified_coverage_has_one_rank_on_each_of_its_days(desk: Desk) -> None:
    """Orders, ends, corrections and other benefits in any sequence; refusals leave all as it was."""
    dice = random.Random(20260910)
    held = [
        await desk.verified(1),
        await desk.verified(2, effective_from=SPRING),
        await desk.verified(3, effective_to=date(2027, 12, 31)),
    ]
    days = [None, *(date(2025, 7, 1) + timedelta(days=61 * step) for step in range(14))]
    done = 0
    for _ in range(120):
        held = [await desk.read(coverage) for coverage in held]
        try:
            await _something(desk, dice, held, days)
        except (CoverageConflict, Invalid):
            continue
        finally:
            for coverage in held:
                _ranked_throughout(await desk.read(coverage))
        done += 1
    assert done > 40


async def _something(desk: Desk, dice: random.Random, held: list[Coverage], days: list[date | None]) -> None:
    one, day = dice.choice(held), dice.choice(days)
    match dice.randrange(5):
        case 0 | 1:
            from_day = day or SUMMER
            live = [coverage for coverage in held if (coverage.effective_to or date.max) >= from_day]
            await desk.order(from_day, *dice.sample(live, len(live)))
        case 2:
            await desk.end(one, day or SUMMER)
        case 3:
            await desk.change(one, **{dice.choice(["effective_from", "effective_to"]): day})
        case _:
            await desk.change(one, benefit_class=dice.choice(list(BenefitClass)))


def _ranked_throughout(coverage: Coverage) -> None:
    rows = coverage.ranks
    assert (rows[0].from_date, rows[-1].to_date) == (coverage.effective_from, coverage.effective_to)
    for row, following in pairwise(rows):
        assert row.last_day + DAY == following.first_day
    assert {row.benefit_class for row in rows} == {coverage.benefit_class}


# Whose word it is


async def test_what_a_payer_confirmed_is_staffs_word_after_staff_changed_who_is_insured(desk: Desk) -> None:
    confirmed = await desk.confirmed_by_payer(await desk.add())
    renamed = (await desk.change(confirmed, plan_name="INVENTED PLUS")).coverage
    assert (renamed.verification, renamed.verified_at) == (Verification.ELIGIBILITY_CHECK, confirmed.verified_at)
    corrected = (await desk.change(renamed, member_id="MLK800000001")).coverage
    assert corrected.verification is Verification.STAFF
    stored = await desk.read(corrected)
    assert (stored.verification, stored.verified_at) == (Verification.STAFF, corrected.verified_at)
    assert stored.verified_at != confirmed.verified_at


async def test_a_child_is_not_made_of_the_subscriber_without_the_subscriber(desk: Desk) -> None:
    coverage = await desk.verified(1)
    await refused(Invalid, "subscriber_required", desk.change(coverage, relationship=Relationship.CHILD))
    changed = await desk.change(
        coverage, relationship=Relationship.CHILD, member_id_belongs_to=MemberIdOwner.SUBSCRIBER, subscriber=a_person()
    )
    await refused(Invalid, "subscriber_refused", desk.change(changed.coverage, relationship=Relationship.SELF))


@pytest.mark.parametrize("written", ["1EG4-TE5-MK73", "1EG4 TE5 MK73"])
async def test_medicares_number_is_taken_only_as_a_claim_carries_it(desk: Desk, written: str) -> None:
    await refused(Invalid, "member_id_mbi", desk.add(payer_id=MEDICARE, member_id=written))
    assert (await desk.add(payer_id=MEDICARE, member_id=MBI)).member_id == MBI


async def test_a_verified_coverages_rank_and_reason_change_through_the_order_only(desk: Desk) -> None:
    coverage = await desk.verified(1)
    for changes in ({"wished_rank": PayerResponsibility.SECONDARY}, {"insurance_type_code": "12"}):
        await refused(CoverageConflict, "rank_belongs_to_order", desk.change(coverage, **changes))


async def test_the_audit_names_what_an_end_changed_and_nothing_else(desk: Desk) -> None:
    verified, waiting = await desk.verified(1), await desk.add()
    await desk.end(verified, SUMMER)
    await desk.end(waiting, SUMMER)
    ends = [event.entry.changed_fields for event in await desk.audit() if event.entry.action is AuditAction.TERMINATE]
    assert ends == [("status",), ("effective_to", "ranks")]


# Two at once


async def test_of_two_who_act_on_what_they_read_one_is_told_to_read_again(desk: Desk) -> None:
    coverage = await desk.add()
    outcomes = await asyncio.gather(
        desk.verify(coverage),
        desk.change(coverage, plan_name="OTHER"),
        desk.end(coverage, SUMMER),
        return_exceptions=True,
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(refusal) for refusal in refusals] == [StaleVersion, StaleVersion]
    assert (await desk.read(coverage)).version == 2


async def test_the_same_policy_added_eight_times_at_once_is_there_once(desk: Desk) -> None:
    outcomes = await asyncio.gather(*(desk.add(member_id="MLK700001") for _ in range(8)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Coverage"] + ["CoverageConflict"] * 7


# A patient's token


async def test_a_kept_answer_is_not_given_to_a_patient_whose_record_it_is_not(desk: Desk) -> None:
    """The same person may sign in as staff and as a patient, under one subject."""
    other = await new_patient(desk.context.units, desk.tenant)
    await desk.add(key="once")
    with pytest.raises(NotFound):
        await desk.as_patient(other.id).add(key="once")


async def test_a_patient_finds_only_what_it_added_itself(desk: Desk) -> None:
    other = await new_patient(desk.context.units, desk.tenant)
    patient = desk.as_patient(desk.patient.id)
    own = await patient.add(wished_rank=PayerResponsibility.SECONDARY)
    with pytest.raises(NotFound):
        await desk.as_patient(other.id).read(own)
    assert (await patient.read(own)).id == own.id
    by_staff = await desk.add()
    with pytest.raises(NotFound):
        await patient.read(by_staff)
    seen = await coverages.list_coverages(
        desk.context, patient.tenant, desk.patient.id, status=None, after=None, limit=10
    )
    assert [view.coverage.id for view in seen] == [own.id]


async def test_a_coverage_entered_in_error_leaves_no_rank_behind(desk: Desk) -> None:
    wrong = await desk.verified(1)
    await desk.verified(2)
    withdrawn = (await desk.end(wrong, SUMMER, reason=TerminationReason.ENTERED_IN_ERROR)).coverage
    assert (withdrawn.status, withdrawn.ranks) == (CoverageStatus.WITHDRAWN, ())
    right = await desk.verified(1)
    assert [row.rank.number for row in right.ranks] == [1]


async def test_a_practice_finds_nothing_of_another(desk: Desk, databases: Databases) -> None:
    coverage = await desk.verified(1)
    async with opened(databases, await databases.add_practice()) as elsewhere:
        stranger = replace(desk, tenant=elsewhere.tenant)
        for attempt in (
            stranger.read(coverage),
            stranger.change(coverage, plan_name="TAKEN"),
            stranger.end(coverage, SUMMER),
            stranger.order(SUMMER, coverage),
            stranger.add(),
        ):
            with pytest.raises(NotFound):
                await attempt
        mine = await elsewhere.verified(1)
        await refused(CoverageConflict, "coverage_not_rankable", elsewhere.order(SUMMER, mine, coverage))
