"""Workers that die, stop or are told to end in the middle of a job: the job is done once, and nothing is lost.

Real processes on both sides: the API and the sandbox as the command line starts them, workers as forks of a program that
has the real worker in it and dies at the moment it was told (`tests/worker/fates.py`).
"""

import asyncio
import dataclasses
import signal
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.domain.callers import Role
from tests.journeys.walking import Someone
from tests.running import Databases, RunningService
from tests.worker.fates import AFTER, BEFORE, DURING, Moment
from tests.worker.forking import Workers, forge, until_reported, until_stopped
from tests.worker.ledger import Books, Truth
from tests.worker.scale import times

CRASHES = times(4, 50)
STOPS = times(1, 10)
BATCH_SECONDS = 4.0
SHORTEST_LEASE = 2.0


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """API and sandbox over a database of their own: no worker but the test's own takes its jobs."""
    running = RunningService(databases.fresh(), tmp_path_factory.mktemp("crashes"))
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
async def clinician(place: RunningService) -> AsyncIterator[Someone]:
    practice = await place.databases.add_practice()
    async with httpx.AsyncClient(base_url=place.url, timeout=40) as http:
        yield Someone.of(http, place, Role.CLINICIAN, practice.id)


async def a_check(clinician: Someone, **coverage: str) -> str:
    """Queued, of a patient and a coverage of its own."""
    patient = await clinician.new_patient()
    added = await clinician.new_coverage(patient["id"], **coverage)
    answer = await clinician.post(f"/v1/coverages/{added['id']}/eligibility-checks", {}, Prefer="wait=0")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def confirmed(*, attempts: int, exchanges: tuple[str, ...], taken: int) -> Truth:
    """Done once, and all of it."""
    return Truth(
        status="answered",
        outcome="confirmed",
        coverage="verified",
        verification="eligibility_check",
        job="done",
        attempts=attempts,
        last_error=None,
        jobs=1,
        recorded=1,
        ranks=1,
        work_items=0,
        exchanges=exchanges,
        taken=taken,
    )


AFTER_A_CRASH = {
    Moment.TAKEN: confirmed(attempts=2, exchanges=("answer",), taken=1),
    Moment.INQUIRY_WRITTEN: confirmed(attempts=2, exchanges=("answer",), taken=1),
    Moment.INQUIRY_KEPT: confirmed(attempts=2, exchanges=("nothing", "answer"), taken=1),
    Moment.ASKED: confirmed(attempts=2, exchanges=("nothing", "answer"), taken=2),
    Moment.ANSWERED: confirmed(attempts=2, exchanges=("nothing", "answer"), taken=2),
    Moment.RESULT_WRITTEN: confirmed(attempts=2, exchanges=("nothing", "answer"), taken=2),
    Moment.RESULT_KEPT: confirmed(attempts=1, exchanges=("answer",), taken=1),
}
"""What must stand in the books when the worker was killed at that moment and another came after it."""


async def test_a_worker_killed_before_during_or_after_its_work_leaves_it_done_once(
    clinician: Someone, books: Books, workers: Workers
) -> None:
    due = [moment for _ in range(CRASHES) for moment in (*BEFORE, *DURING, *AFTER)]
    killed: dict[str, Moment] = {}
    while due:
        # All leases of a batch end after its last crash, so that no crash hits a check twice; the clock decides how many.
        batch, ends = [], time.monotonic() + BATCH_SECONDS
        while due and time.monotonic() < ends:
            moment, check = due.pop(), await a_check(clinician)
            if moment is Moment.ASKED:
                await books.queue_fault("HANG")
            lease = ends + SHORTEST_LEASE - time.monotonic()
            worker = await workers.begin(moment=moment.value, concurrency=1, lease=lease)
            assert await worker.end() == -signal.SIGKILL
            killed[check] = moment
            batch.append(check)
        await workers.finish(books, batch)
    truths = await books.truths(list(killed))
    wrong = {(killed[check], truth) for check, truth in truths.items() if truth != AFTER_A_CRASH[killed[check]]}
    assert wrong == set()
    assert len(truths) == CRASHES * len(Moment)
    assert set(await books.taken()) <= await books.kept_traces()


@pytest.mark.parametrize("moment", [Moment.TAKEN, Moment.INQUIRY_KEPT, Moment.ASKED, Moment.ANSWERED])
async def test_a_worker_stopped_past_its_lease_writes_nothing_when_it_goes_on(
    clinician: Someone, books: Books, workers: Workers, moment: Moment
) -> None:
    checks = []
    for _ in range(STOPS):
        check = await a_check(clinician)
        if moment is Moment.ASKED:
            await books.queue_fault("HANG")
        stopped = await workers.begin(
            moment=moment.value, signal_number=signal.SIGSTOP.value, concurrency=1, lease=SHORTEST_LEASE
        )
        await until_stopped(stopped)
        await workers.finish(books, [check])
        before = (await books.truths([check]))[check]
        stopped.send(signal.SIGCONT)
        await until_reported(stopped)
        stopped.send(signal.SIGTERM)
        assert await stopped.end() == 0
        assert stopped.outcomes() == ["lease_lost"]
        after = (await books.truths([check]))[check]
        assert (after.job, after.attempts, after.recorded, after.ranks) == ("done", 2, 1, 1)
        assert after == before
        checks.append(check)
    assert len(set(checks)) == STOPS


@pytest.mark.parametrize("moment", [Moment.INQUIRY_KEPT, Moment.ANSWERED])
async def test_a_late_write_is_refused_even_when_its_worker_believes_in_its_lease(
    clinician: Someone, books: Books, workers: Workers, place: RunningService, moment: Moment
) -> None:
    """The worker's own clock would let it go on: only the token in the database says no."""
    for _ in range(STOPS):
        check = await a_check(clinician)
        stopped = await workers.begin(
            moment=moment.value, signal_number=signal.SIGSTOP.value, concurrency=1, lease=60.0
        )
        await until_stopped(stopped)
        async with place.databases.as_superuser() as connection:
            await connection.execute(
                sa.text("update job set lease_until = now() - interval '1 second' where subject_id = :check"),
                {"check": check},
            )
        await workers.finish(books, [check])
        before = (await books.truths([check]))[check]
        stopped.send(signal.SIGCONT)
        await until_reported(stopped)
        stopped.send(signal.SIGTERM)
        assert await stopped.end() == 0
        assert stopped.outcomes() == ["lease_lost"]
        after = (await books.truths([check]))[check]
        assert after == dataclasses.replace(before, taken=after.taken)
        assert after.taken == 2


async def test_a_worker_stopped_with_its_result_uncommitted_holds_the_job_only_until_the_server_cuts_it_off(
    clinician: Someone, books: Books, workers: Workers
) -> None:
    check = await a_check(clinician)
    stopped = await workers.begin(
        moment=Moment.RESULT_WRITTEN.value,
        signal_number=signal.SIGSTOP.value,
        concurrency=1,
        lease=SHORTEST_LEASE,
        idle_in_transaction_ms=1_500,
    )
    await until_stopped(stopped)
    await workers.finish(books, [check])
    stopped.send(signal.SIGCONT)
    await until_reported(stopped)
    stopped.send(signal.SIGTERM)
    assert await stopped.end() == 0
    assert stopped.outcomes() == ["lease_lost"]
    assert (await books.truths([check]))[check] == AFTER_A_CRASH[Moment.RESULT_WRITTEN]


async def test_a_job_that_kills_its_worker_each_time_is_buried_and_the_others_are_done(
    clinician: Someone, books: Books, workers: Workers
) -> None:
    others = [await a_check(clinician) for _ in range(5)]
    poison = await a_check(clinician, member_id="MLK766613")
    others += [await a_check(clinician) for _ in range(5)]
    deaths = 0
    settling = asyncio.create_task(books.until_settled([poison, *others], seconds=60))
    while not settling.done():
        worker = await workers.begin(moment=Moment.INQUIRY_KEPT.value, only_about="MLK766613", lease=1.0)
        while not (settling.done() or worker.ended.done()):
            await asyncio.sleep(0.05)
        deaths += worker.ended.done()
    await settling
    worker.send(signal.SIGTERM)
    assert await worker.end() == 0
    assert worker.outcomes()[-1:] == ["dead"]
    truths = await books.truths([poison, *others])
    buried = truths.pop(poison)
    assert (buried.job, buried.attempts, buried.last_error) == ("dead", 4, "worker_lost")
    assert (buried.status, buried.outcome, buried.recorded) == ("failed", "clearinghouse_unavailable", 1)
    assert (buried.coverage, buried.ranks, buried.taken) == ("unverified", 0, 0)
    assert deaths == 4
    assert {(truth.status, truth.outcome, truth.recorded, truth.ranks) for truth in truths.values()} == {
        ("answered", "confirmed", 1, 1)
    }
    assert max(truth.attempts for truth in truths.values()) <= 2  # in its company at most once
    shown = await clinician.get(f"/v1/eligibility-checks/{poison}")
    assert (shown.json()["status"], shown.json()["outcome"]) == ("failed", "clearinghouse_unavailable")
    assert [finding["code"] for finding in shown.json()["result"]["findings"]] == ["check_not_finished"]
