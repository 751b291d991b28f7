"""Workers that die or stop while they send a claim: it is sent, and the clearinghouse has it once.

As in `tests/journeys/test_worker_crashes.py`: API and sandbox as the command line starts them, workers as forks that die
at the moment they were told.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.domain.callers import Role
from tests.journeys.claim_walking import Insured, new_insured
from tests.journeys.walking import Someone
from tests.running import Databases, RunningService
from tests.worker.fates import AFTER, BEFORE, DURING, Moment
from tests.worker.forking import Workers, forge, until_reported, until_stopped
from tests.worker.ledger import Books
from tests.worker.scale import times
from tests.worker.submitting import Sent, a_submission, make_due, truths

CRASHES = times(3, 50)
STOPS = times(1, 10)
BATCH_SECONDS = 4.0
SHORTEST_LEASE = 2.0


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """API and sandbox over a database of their own: no worker but the test's own takes its jobs, none reads the feed."""
    running = RunningService(databases.fresh(), tmp_path_factory.mktemp("submission-crashes"))
    try:
        running.start("sandbox", "api")
        yield running
    finally:
        running.stop()


@pytest.fixture
def books(place: RunningService) -> Books:
    return Books(place.databases, place.sandbox_url)


@pytest.fixture
async def workers(place: RunningService) -> AsyncIterator[Workers]:
    folder = place.folder / uuid4().hex
    folder.mkdir()
    async with forge(folder) as running:
        yield Workers(place.databases.app_url, place.sandbox_url, running)


@pytest.fixture
async def biller(place: RunningService) -> AsyncIterator[Someone]:
    practice = await place.databases.add_practice()
    async with httpx.AsyncClient(base_url=place.url, timeout=40) as http:
        yield Someone.of(http, place, Role.ADMIN, practice.id)


@pytest.fixture
async def insured(biller: Someone) -> Insured:
    return await new_insured(biller)


UNHURT = Sent(state="sent", claim="submitted", tries=1, job="done", attempts=1, taken=1, told=("sent",))
AFTER_A_CRASH = {
    Moment.TAKEN: replace(UNHURT, attempts=2),
    Moment.INQUIRY_WRITTEN: replace(UNHURT, attempts=2),
    # From here on nobody knows whether it has arrived: it is settled by the same bytes under the same key.
    Moment.INQUIRY_KEPT: replace(UNHURT, attempts=2, tries=2, told=("outcome_unknown", "sent")),
    Moment.ASKED: replace(UNHURT, attempts=2, tries=2, told=("outcome_unknown", "sent")),
    Moment.ANSWERED: replace(UNHURT, attempts=2, tries=2, told=("outcome_unknown", "sent")),
    Moment.RESULT_WRITTEN: replace(UNHURT, attempts=2, tries=2, told=("outcome_unknown", "sent")),
    Moment.RESULT_KEPT: UNHURT,
}
"""What must stand in the books when the worker was killed at that moment and another came after it."""


async def test_a_worker_killed_before_during_or_after_the_call_leaves_one_claim_there_and_it_is_known(
    biller: Someone, insured: Insured, books: Books, workers: Workers
) -> None:
    due = [moment for _ in range(CRASHES) for moment in (*BEFORE, *DURING, *AFTER)]
    killed: dict[str, Moment] = {}
    while due:
        # All leases of a batch end after its last crash, so that no crash hits a submission twice.
        batch, ends = [], time.monotonic() + BATCH_SECONDS
        while due and time.monotonic() < ends:
            moment, submission = due.pop(), (await a_submission(biller, insured))["id"]
            if moment is Moment.ASKED:
                await books.queue_fault("HANG", on="claims")
            lease = ends + SHORTEST_LEASE - time.monotonic()
            worker = await workers.begin(moment=moment.value, concurrency=1, lease=lease)
            assert await worker.end() == -signal.SIGKILL
            killed[submission] = moment
            batch.append(submission)
        await workers.finish(books, batch)
    found = await truths(books, list(killed))
    wrong = {
        (killed[submission], truth) for submission, truth in found.items() if truth != AFTER_A_CRASH[killed[submission]]
    }
    assert wrong == set()
    assert len(found) == CRASHES * len(Moment)


async def test_a_submission_that_is_lost_with_its_worker_twice_is_sent_once(
    biller: Someone, insured: Insured, books: Books, workers: Workers
) -> None:
    submission = (await a_submission(biller, insured))["id"]
    for moment in (Moment.ANSWERED, Moment.RESULT_WRITTEN):
        worker = await workers.begin(moment=moment.value, concurrency=1, lease=1.0)
        assert await worker.end() == -signal.SIGKILL
    await workers.finish(books, [submission])
    told = ("outcome_unknown", "outcome_unknown", "sent")
    assert (await truths(books, [submission]))[submission] == replace(UNHURT, attempts=4, tries=3, told=told)


@pytest.mark.parametrize("moment", [Moment.TAKEN, Moment.INQUIRY_KEPT, Moment.ANSWERED])
async def test_a_worker_stopped_past_its_lease_writes_nothing_when_it_goes_on(
    biller: Someone, insured: Insured, books: Books, workers: Workers, moment: Moment
) -> None:
    for _ in range(STOPS):
        submission = (await a_submission(biller, insured))["id"]
        stopped = await workers.begin(
            moment=moment.value, signal_number=signal.SIGSTOP.value, concurrency=1, lease=SHORTEST_LEASE
        )
        await until_stopped(stopped)
        await workers.finish(books, [submission])
        before = (await truths(books, [submission]))[submission]
        stopped.send(signal.SIGCONT)
        await until_reported(stopped)
        stopped.send(signal.SIGTERM)
        assert await stopped.end() == 0
        assert stopped.outcomes() == ["lease_lost"]
        after = (await truths(books, [submission]))[submission]
        assert after == before
        assert (after.state, after.taken, after.recorded) == ("sent", 1, 1)


async def test_while_a_stopped_worker_still_holds_the_connection_the_next_one_waits_for_its_turn(
    biller: Someone, insured: Insured, books: Books, workers: Workers
) -> None:
    """The clearinghouse has the claim and is not done with the first request: it says so, and is asked again later."""
    for _ in range(STOPS):
        submission = (await a_submission(biller, insured))["id"]
        await books.queue_fault("HANG", on="claims")
        stopped = await workers.begin(
            moment=Moment.ASKED.value, signal_number=signal.SIGSTOP.value, concurrency=1, lease=SHORTEST_LEASE
        )
        await until_stopped(stopped)
        survivor = await workers.begin(lease=SHORTEST_LEASE)
        await until_unknown(books, submission)
        stopped.send(signal.SIGCONT)
        await until_reported(stopped)
        assert stopped.outcomes() == ["lease_lost"]
        await make_due(books, submission)
        await books.until_settled([submission])
        for worker in (stopped, survivor):
            worker.send(signal.SIGTERM)
            assert await worker.end() == 0
        truth = (await truths(books, [submission]))[submission]
        assert (truth.state, truth.taken, truth.recorded) == ("sent", 1, 1)
        assert truth.told[-1] == "sent"


async def until_unknown(books: Books, submission: str) -> None:
    async with asyncio.timeout(20):
        while (await truths(books, [submission]))[submission].failure != "busy":
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("moment", [Moment.INQUIRY_KEPT, Moment.ANSWERED])
async def test_a_late_write_is_refused_even_when_its_worker_believes_in_its_lease(
    biller: Someone, insured: Insured, books: Books, workers: Workers, moment: Moment
) -> None:
    """The worker's own clock would let it go on: only the token in the database says no."""
    for _ in range(STOPS):
        submission = (await a_submission(biller, insured))["id"]
        stopped = await workers.begin(
            moment=moment.value, signal_number=signal.SIGSTOP.value, concurrency=1, lease=60.0
        )
        await until_stopped(stopped)
        async with books.databases.as_superuser() as connection:
            await connection.execute(
                sa.text("update job set lease_until = now() - interval '1 second' where subject_id = :id"),
                {"id": submission},
            )
        await workers.finish(books, [submission])
        before = (await truths(books, [submission]))[submission]
        stopped.send(signal.SIGCONT)
        await until_reported(stopped)
        stopped.send(signal.SIGTERM)
        assert await stopped.end() == 0
        assert stopped.outcomes() == ["lease_lost"]
        assert (await truths(books, [submission]))[submission] == before
        assert before.taken == 1
