"""The worker's reader of the feed: it goes on whatever happens, waits between, and stops at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.clearinghouse.port import FeedPage, FeedPosition
from app.use_cases.inbound_feed import FeedPatience
from app.worker.feed import FeedReader
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.inbox import Inbox, inbox
from tests.x12.texts_277ca import a_277ca, a_claim_level

TEXT = a_277ca(a_claim_level("NOBODYSCLAIM00001", "STC*A2:20*20260303*WQ*150"))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def own(databases: Databases) -> Databases:
    return databases.fresh()


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Inbox]:
    async with inbox(own, sandbox, await own.add_practice()) as opened:
        yield opened


@asynccontextmanager
async def reading(reader: FeedReader) -> AsyncIterator[None]:
    task = asyncio.create_task(reader.run())
    try:
        yield
    finally:
        reader.stop()
        async with asyncio.timeout(5):
            await task


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.02)


async def is_noted(desk: Inbox, external_id: str) -> bool:
    query = sa.text("select count(*) from inbound_document where external_id = :id")
    async with desk.databases.as_superuser() as connection:
        return bool(await connection.scalar(query, {"id": external_id}))


async def connection_word(desk: Inbox) -> tuple[str, str | None]:
    state = await desk.context.clearinghouse_connections.state("stedi")
    return state.word, state.failure


async def test_it_reads_again_and_again_with_a_pause_between(desk: Inbox, sandbox: RunningSandbox) -> None:
    async with reading(FeedReader(desk.context, poll_seconds=0.2)):
        for _ in range(3):
            offered = desk.offer(TEXT, "277")
            await until(lambda offered=offered: is_noted(desk, offered))  # type: ignore[misc]  # each its own
        began = time.monotonic()
        before = len(sandbox.exchanges)
        await asyncio.sleep(1)
        polls = len(sandbox.exchanges) - before
    assert 1 <= polls <= (time.monotonic() - began) / 0.2 + 1


async def test_a_failure_is_shown_until_the_feed_answers_again(desk: Inbox, sandbox: RunningSandbox) -> None:
    for _ in range(3):
        sandbox.queue_fault("E503", on="feed")
    async with reading(FeedReader(desk.context, poll_seconds=0.3)):

        async def is_failing() -> bool:
            return await connection_word(desk) == ("failing", "busy")

        async def is_answering() -> bool:
            return (await connection_word(desk))[0] == "answering"

        await until(is_failing)
        await until(is_answering)
        offered = desk.offer(TEXT, "277")
        await until(lambda: is_noted(desk, offered))


async def test_a_feed_that_names_a_time_is_not_asked_sooner(desk: Inbox, sandbox: RunningSandbox) -> None:
    sandbox.queue_fault("E429", on="feed", retry_after="2")
    before = len(sandbox.exchanges)
    async with reading(FeedReader(desk.context, poll_seconds=0.1)):
        await asyncio.sleep(1.5)
        assert len(sandbox.exchanges) - before == 1


async def test_it_stops_at_once_while_the_feed_is_silent_and_lets_the_next_reader_in(
    desk: Inbox, sandbox: RunningSandbox
) -> None:
    sandbox.queue_fault("HANG", on="feed")
    reader = FeedReader(desk.context, poll_seconds=0.1)
    task = asyncio.create_task(reader.run())
    await asyncio.sleep(0.5)
    began = time.monotonic()
    reader.stop()
    await task
    assert time.monotonic() - began < 2
    offered = desk.offer(TEXT, "277")
    async with reading(FeedReader(desk.context, poll_seconds=0.1)):
        await until(lambda: is_noted(desk, offered))


async def test_a_reader_that_was_stopped_before_it_began_does_not_begin(desk: Inbox, sandbox: RunningSandbox) -> None:
    before = len(sandbox.exchanges)
    reader = FeedReader(desk.context, poll_seconds=0.1)
    reader.stop()
    await reader.run()
    assert len(sandbox.exchanges) == before


class _Broken:
    """Fails in a way nobody thought of, once; then it is the clearinghouse."""

    name = "stedi"

    def __init__(self, desk: Inbox) -> None:
        self._behind = desk.context.clearinghouse
        self._has_failed = False

    async def list_inbound(self, position: FeedPosition) -> FeedPage:
        if not self._has_failed:
            self._has_failed = True
            raise ZeroDivisionError
        return await self._behind.list_inbound(position)


async def test_an_error_nobody_thought_of_does_not_end_it(desk: Inbox) -> None:
    offered = desk.offer(TEXT, "277")
    context = replace(desk.context, clearinghouse=_Broken(desk))  # type: ignore[arg-type]  # all that is asked
    async with reading(FeedReader(context, poll_seconds=0.1, patience=FeedPatience())):
        await until(lambda: is_noted(desk, offered))


async def test_readers_side_by_side_note_each_document_once(desk: Inbox) -> None:
    async with (
        reading(FeedReader(desk.context, poll_seconds=0.05)),
        reading(FeedReader(desk.context, poll_seconds=0.05)),
        reading(FeedReader(desk.context, poll_seconds=0.05)),
    ):
        offered = [desk.offer(TEXT, "277") for _ in range(20)]
        await until(lambda: is_noted(desk, offered[-1]))
        await asyncio.sleep(0.3)
    query = sa.text(
        "select external_id, count(*) as jobs from inbound_document d join job on subject_id = d.id group by 1"
    )
    async with desk.databases.as_superuser() as connection:
        jobs = {row.external_id: row.jobs for row in await connection.execute(query)}
    assert [jobs[one] for one in offered] == [1] * 20
