"""The feed is read on from a kept position, by one reader at a time, and everything in it is noted exactly once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.clearinghouse.port import FeedPage, FeedPosition, UnavailableReason
from app.domain.errors import ClearinghouseUnavailable, LeaseLost
from app.http_client import HttpClient
from app.sandbox.main import TEST_KEY
from app.use_cases.inbound_feed import FeedPatience, read_feed
from tests.clearinghouse.running import stedi
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.inbox import Inbox, inbox
from tests.worker.contexts import TLS
from tests.x12.texts_277ca import a_277ca, a_claim_level

TEXT = a_277ca(a_claim_level("NOBODYSCLAIM00001", "STC*A2:20*20260303*WQ*150"))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def own(databases: Databases) -> Databases:
    """Of each test: there is one position for all of a clearinghouse's feed."""
    return databases.fresh()


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Inbox]:
    async with inbox(own, sandbox, await own.add_practice()) as opened:
        yield opened


async def noted(desk: Inbox) -> dict[str, int]:
    """How many jobs each document has."""
    query = sa.text(
        "select external_id, count(job.id) as jobs from inbound_document d left join job on job.subject_id = d.id"
        " group by external_id"
    )
    async with desk.databases.as_superuser() as connection:
        return {row.external_id: row.jobs for row in await connection.execute(query)}


async def position(desk: Inbox) -> sa.Row[Any]:
    async with desk.databases.as_superuser() as connection:
        return (await connection.execute(sa.text("select * from feed_position"))).one()


async def change(desk: Inbox, statement: str) -> None:
    async with desk.databases.as_superuser() as connection:
        await connection.execute(sa.text(statement))


async def test_what_is_new_is_noted_with_a_job_and_what_is_known_is_not(desk: Inbox) -> None:
    await read_feed(desk.context)
    offered = [desk.offer(TEXT, "277") for _ in range(3)]
    assert await read_feed(desk.context) == 3
    assert await read_feed(desk.context) == 0
    jobs = await noted(desk)
    assert [jobs[one] for one in offered] == [1, 1, 1]
    document = await desk.document(offered[0])
    assert (document.state.value, document.kind.value, document.clearinghouse) == (
        "listed",
        "claim_acknowledgment",
        "stedi",
    )
    assert (await position(desk)).lease_until is None


class _Watched:
    """The clearinghouse with small pages: where it was asked from, and what happens instead of an answer."""

    name = "stedi"

    def __init__(self, http: HttpClient, port: int, *, dies_at: int = 0) -> None:
        self._behind = stedi(http, port, api_key=TEST_KEY, page_size=2)
        self._dies_at = dies_at
        self.asked: list[FeedPosition] = []

    async def list_inbound(self, position: FeedPosition) -> FeedPage:
        self.asked.append(position)
        if len(self.asked) == self._dies_at:
            raise ConnectionAbortedError
        return await self._behind.list_inbound(position)


async def test_a_restart_goes_on_from_the_kept_page(desk: Inbox, sandbox: RunningSandbox) -> None:
    await read_feed(desk.context)
    before = await noted(desk)
    offered = [desk.offer(TEXT, "277") for _ in range(5)]
    async with HttpClient(tls=TLS) as http:
        dying, restarted = _Watched(http, sandbox.port, dies_at=3), _Watched(http, sandbox.port)
        with pytest.raises(ConnectionAbortedError):
            await read_feed(replace(desk.context, clearinghouse=dying))  # type: ignore[arg-type]  # all that is asked
        kept = await position(desk)
        assert kept.page_token is not None
        await read_feed(replace(desk.context, clearinghouse=restarted))  # type: ignore[arg-type]  # all that is asked
    assert restarted.asked[0] == dying.asked[-1] == FeedPosition(start=kept.start_at, page_token=kept.page_token)
    jobs = await noted(desk)
    assert [jobs[one] for one in offered] == [1] * 5
    assert len(jobs) == len(before) + 5


async def test_a_token_that_expired_loses_and_doubles_nothing(desk: Inbox) -> None:
    first = desk.offer(TEXT, "277")
    await read_feed(desk.context)
    await change(desk, "update feed_position set page_token = 'nobody-gave-this'")
    second = desk.offer(TEXT, "277")
    assert await read_feed(desk.context) == 1
    jobs = await noted(desk)
    assert (jobs[first], jobs[second]) == (1, 1)
    assert (await position(desk)).page_token != "nobody-gave-this"


async def test_one_reads_while_the_others_stay_away(desk: Inbox) -> None:
    for _ in range(5):
        desk.offer(TEXT, "277")
    counts = await asyncio.gather(*(read_feed(desk.context) for _ in range(6)))
    assert sum(count or 0 for count in counts) == len(await noted(desk))
    assert None in counts
    assert set((await noted(desk)).values()) == {1}


async def test_a_reader_that_died_keeps_others_away_until_its_lease_runs_out(desk: Inbox) -> None:
    async with desk.context.units.begin_plain() as work:
        assert await work.feed_positions.take("stedi", lease=timedelta(minutes=1)) is not None
    offered = desk.offer(TEXT, "277")
    assert await read_feed(desk.context) is None
    await change(desk, "update feed_position set lease_until = now() - interval '1 second'")
    assert await read_feed(desk.context) == len(await noted(desk)) > 0
    assert (await noted(desk))[offered] == 1


class _Overtaken:
    """The clearinghouse as it is, with something that happens after its answer."""

    def __init__(self, desk: Inbox, *, then: str) -> None:
        self._desk, self._then = desk, then
        self.name = desk.context.clearinghouse.name

    async def list_inbound(self, position: FeedPosition) -> FeedPage:
        page = await self._desk.context.clearinghouse.list_inbound(position)
        await change(self._desk, self._then)
        return page


async def test_a_reader_that_was_overtaken_writes_nothing(desk: Inbox) -> None:
    desk.offer(TEXT, "277")
    taken_over = _Overtaken(desk, then="update feed_position set lease_token = lease_token + 1")
    with pytest.raises(LeaseLost):
        await read_feed(replace(desk.context, clearinghouse=taken_over))  # type: ignore[arg-type]  # all that is asked
    assert await noted(desk) == {}


async def test_a_feed_that_gives_no_answer_is_left_for_the_next_time_and_lets_others_in(
    desk: Inbox, sandbox: RunningSandbox
) -> None:
    offered = desk.offer(TEXT, "277")
    sandbox.queue_fault("E503", on="feed")
    with pytest.raises(ClearinghouseUnavailable) as caught:
        await read_feed(desk.context)
    assert caught.value.reason == UnavailableReason.BUSY
    assert (await position(desk)).lease_until is None
    await read_feed(desk.context)
    assert (await noted(desk))[offered] == 1


async def test_a_feed_that_hangs_is_let_go_before_the_lease_ends(desk: Inbox, sandbox: RunningSandbox) -> None:
    sandbox.queue_fault("HANG", on="feed")
    with pytest.raises(ClearinghouseUnavailable) as caught:
        await read_feed(desk.context, FeedPatience(call_seconds=0.2))
    assert caught.value.reason == UnavailableReason.NO_ANSWER


class _Looping:
    """A feed whose token leads back to where it came from."""

    name = "stedi"

    def __init__(self) -> None:
        self.asked = 0

    async def list_inbound(self, position: FeedPosition) -> FeedPage:
        self.asked += 1
        return FeedPage(entries=(), next=replace(position, page_token="again"), has_more=True)


async def test_a_feed_that_goes_in_a_circle_ends_the_reading(desk: Inbox) -> None:
    looping = _Looping()
    async with asyncio.timeout(5):
        await read_feed(replace(desk.context, clearinghouse=looping))  # type: ignore[arg-type]  # all that is asked
    assert looping.asked == 2
