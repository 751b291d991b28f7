"""The order of coverages through its use case: from which day, for which benefits, and what the coverages show then."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.coverage_ranks import EARLIEST_ORDER, WantedRank
from app.domain.coverages import Coverage
from app.domain.errors import CoverageConflict, StaleVersion
from app.domain.practices import Practice
from app.use_cases.coverage_orders import CoverageOrder
from tests.running import Databases
from tests.use_cases.desk import BLUE_HERON, MBI, MEDICARE, Desk, opened

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 7, 1), date(2026, 10, 1)
DAY = timedelta(days=1)
PRIMARY, SECONDARY = PayerResponsibility.PRIMARY, PayerResponsibility.SECONDARY


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[Desk]:
    async with opened(databases, practice) as one:
        yield one


def at(coverage: Coverage, rank: PayerResponsibility, code: str | None = None) -> WantedRank:
    return WantedRank(coverage_id=coverage.id, rank=rank, insurance_type_code=code)


async def refusals(order: object) -> list[tuple[str, str | None]]:
    with pytest.raises(CoverageConflict) as refusal:
        await order  # type: ignore[misc]  # a coroutine of the desk
    return [(finding.code, finding.pointer) for finding in refusal.value.findings]


def warnings(order: CoverageOrder) -> list[str]:
    return [finding.code for finding in order.findings]


async def test_a_coverage_that_an_order_moves_has_another_version(desk: Desk) -> None:
    """Its ranks are part of what is read of it, so an ETag of before must not change it."""
    first, second, third = await desk.verified(1), await desk.verified(2), await desk.verified(3)
    await desk.order(SUMMER, second, first, third)
    now = [await desk.read(coverage) for coverage in (first, second, third)]
    assert [coverage.version for coverage in now] == [first.version + 1, second.version + 1, third.version]
    with pytest.raises(StaleVersion):
        await desk.end(first, AUTUMN)
    assert (await desk.end(now[0], AUTUMN)).coverage.version == first.version + 2


async def test_the_same_order_again_moves_nothing(desk: Desk) -> None:
    first, second = await desk.verified(1), await desk.verified(2)
    await desk.order(SUMMER, second, first)
    moved = await desk.read(first)
    await desk.order(SUMMER, second, first)
    assert await desk.read(first) == moved


async def test_an_order_from_a_past_day_lets_earlier_days_and_own_periods_stand(desk: Desk) -> None:
    first = await desk.verified(1)
    second = await desk.verified(2, effective_from=SPRING, effective_to=AUTUMN)
    await desk.order(SUMMER, second, first)
    await desk.order(SPRING + DAY, first, second)
    await desk.order(SPRING + 2 * DAY, second, first)
    ranks = {day: await desk.ranks_on(day, first, second) for day in (SPRING - DAY, SPRING, SPRING + DAY)}
    assert ranks == {SPRING - DAY: [1, None], SPRING: [1, 2], SPRING + DAY: [1, 2]}
    assert await desk.ranks_on(SPRING + 2 * DAY, first, second) == [2, 1]
    assert await desk.ranks_on(AUTUMN, first, second) == [2, 1]
    assert await desk.ranks_on(AUTUMN + DAY, first, second) == [2, None]


async def test_two_coverages_share_a_rank_for_different_benefits_only(desk: Desk) -> None:
    body = await desk.verified(1, benefit_class=BenefitClass.MEDICAL)
    mind = await desk.verified(1, benefit_class=BenefitClass.BEHAVIORAL)
    rest = await desk.verified(2, payer_id=BLUE_HERON)
    ordered = await desk.order(SUMMER, at(rest, PRIMARY), at(body, SECONDARY), at(mind, SECONDARY))
    assert warnings(ordered) == []
    assert await desk.ranks_on(SUMMER, body, mind, rest) == [2, 2, 1]
    both = desk.order(SUMMER, at(rest, SECONDARY), at(body, SECONDARY), at(mind, PRIMARY))
    assert ("coverage_rank_taken", "/ranks/1/rank") in await refusals(both)


async def test_a_payer_without_a_primary_for_its_own_benefits_warns(desk: Desk) -> None:
    body = await desk.verified(1, benefit_class=BenefitClass.MEDICAL)
    mind = await desk.verified(2, benefit_class=BenefitClass.BEHAVIORAL)
    assert warnings(await desk.order(SUMMER, body, mind)) == ["order_has_gap"]
    assert warnings(await desk.order(SUMMER, at(body, PRIMARY), at(mind, PRIMARY))) == []


async def test_original_medicare_needs_its_reason_exactly_where_it_is_not_primary(desk: Desk) -> None:
    medicare = await desk.verified(1, payer_id=MEDICARE, member_id=MBI)
    group = await desk.verified(2, payer_id=BLUE_HERON)
    assert await refusals(desk.order(SUMMER, group, medicare)) == [
        ("insurance_type_required", "/ranks/1/insurance_type_code")
    ]
    await desk.order(SUMMER, at(group, PRIMARY), at(medicare, SECONDARY, "12"))
    (before, since) = (await desk.read(medicare)).ranks
    assert (before.insurance_type_code, since.insurance_type_code) == (None, "12")
    assert await refusals(desk.order(AUTUMN, at(medicare, PRIMARY, "12"), at(group, SECONDARY))) == [
        ("insurance_type_refused", "/ranks/0/insurance_type_code")
    ]
    await desk.change(await desk.read(medicare), plan_name="PART B")
    assert [row.insurance_type_code for row in (await desk.read(medicare)).ranks] == [None, "12"]


async def test_an_order_names_each_verified_coverage_in_force_from_its_day_and_nothing_else(desk: Desk) -> None:
    first, second = await desk.verified(1), await desk.verified(2)
    waiting = await desk.add()
    assert await refusals(desk.order(SUMMER, first)) == [("order_incomplete", "/ranks")]
    assert ("coverage_not_rankable", "/ranks/2/coverage_id") in await refusals(
        desk.order(SUMMER, first, second, waiting)
    )
    assert ("coverage_repeated", "/ranks/1/coverage_id") in await refusals(desk.order(SUMMER, first, first, second))
    await desk.end(first, SUMMER - DAY)
    await desk.order(SUMMER, second)
    assert await desk.ranks_on(SUMMER - DAY, first, second) == [1, 2]
    assert await desk.ranks_on(SUMMER, first, second) == [None, 1]


async def test_an_order_reaches_back_to_1990_at_most(desk: Desk) -> None:
    coverage = await desk.verified(1)
    assert await refusals(desk.order(EARLIEST_ORDER - DAY, coverage)) == [("date_range", "/effective_from")]
    await desk.order(EARLIEST_ORDER, coverage)


async def test_of_two_orders_made_from_the_same_reading_one_holds(desk: Desk) -> None:
    first, second = await desk.verified(1), await desk.verified(2)
    outcomes = await asyncio.gather(
        desk.order(SUMMER, second, first), desk.order(SUMMER, first, second), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) in (
        ["CoverageOrder", "StaleVersion"],
        ["CoverageOrder", "CoverageOrder"],  # the second one read after the first had committed
    )
    assert sorted(filter(None, await desk.ranks_on(SUMMER, first, second))) == [1, 2]
