"""The feed's position: one reader at a time, and a reader that lost its lease moves nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.domain.errors import LeaseLost
from app.domain.inbound_documents import FeedLease
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW
from tests.repositories.billing import Billing, all_at_once
from tests.running import Databases

LEASE = timedelta(seconds=30)


async def take(units: UnitsOfWork, feed: str) -> FeedLease | None:
    async with units.begin_plain() as work:
        return await work.feed_positions.take(feed, lease=LEASE)


async def taken(units: UnitsOfWork, feed: str) -> FeedLease:
    held = await take(units, feed)
    assert held is not None
    return held


async def advance(units: UnitsOfWork, held: FeedLease, page_token: str | None) -> None:
    async with units.begin_plain() as work:
        await work.feed_positions.advance(held, start_at=NOW, page_token=page_token, lease=LEASE)


async def pass_lease(databases: Databases, feed: str) -> None:
    statement = "update feed_position set lease_until = now() - interval '1 second' where clearinghouse = :feed"
    async with databases.as_superuser() as connection:
        await connection.execute(sa.text(statement), {"feed": feed})


@pytest.fixture
def feed() -> str:
    """A clearinghouse that nobody has read yet."""
    return f"clearinghouse-{uuid4().hex}"


async def test_a_feed_that_was_never_read_has_no_position(units: UnitsOfWork, feed: str) -> None:
    held = await taken(units, feed)
    assert held == FeedLease(clearinghouse=feed, token=1, start_at=None, page_token=None)


async def test_the_next_reader_goes_on_where_the_last_one_ended(units: UnitsOfWork, feed: str) -> None:
    held = await taken(units, feed)
    await advance(units, held, "page-2")
    async with units.begin_plain() as work:
        await work.feed_positions.release(held)
    assert await taken(units, feed) == FeedLease(clearinghouse=feed, token=2, start_at=NOW, page_token="page-2")


async def test_of_sixty_four_readers_one_reads(crowd: Billing, feed: str) -> None:
    outcomes = await all_at_once([take(crowd.units, feed) for _ in range(64)])
    assert len([held for held in outcomes if held is not None]) == 1


async def test_a_reader_that_lost_its_lease_moves_nothing(units: UnitsOfWork, databases: Databases, feed: str) -> None:
    slow = await taken(units, feed)
    await pass_lease(databases, feed)
    quick = await taken(units, feed)
    await advance(units, quick, "page-9")
    with pytest.raises(LeaseLost):
        await advance(units, slow, "page-2")
    async with units.begin_plain() as work:
        await work.feed_positions.release(slow)
    assert await take(units, feed) is None
    await advance(units, quick, "page-10")


async def test_a_reader_that_was_only_late_goes_on(units: UnitsOfWork, databases: Databases, feed: str) -> None:
    held = await taken(units, feed)
    await pass_lease(databases, feed)
    await advance(units, held, "page-2")
    assert await take(units, feed) is None


async def test_a_released_position_is_moved_by_nobody(units: UnitsOfWork, feed: str) -> None:
    held = await taken(units, feed)
    async with units.begin_plain() as work:
        await work.feed_positions.release(held)
    with pytest.raises(LeaseLost):
        await advance(units, held, "page-2")


async def test_what_was_listed_and_the_position_are_kept_together_or_not_at_all(
    units: UnitsOfWork, databases: Databases, feed: str
) -> None:
    slow = await taken(units, feed)
    await pass_lease(databases, feed)
    await taken(units, feed)

    async def list_and_advance() -> None:
        async with units.begin_plain() as work:
            assert (await work.claim_routes.find([feed])) == {}
            await work.claim_routes.add(feed, practice_id=uuid4(), claim_id=uuid4(), now=NOW)
            await work.feed_positions.advance(slow, start_at=NOW, page_token=None, lease=LEASE)

    with pytest.raises(LeaseLost):
        await list_and_advance()
    async with units.begin_plain() as work:
        assert await work.claim_routes.find([feed]) == {}
