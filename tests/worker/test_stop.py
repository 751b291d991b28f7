"""SIGTERM: a worker finishes what it can and leaves the rest to its lease, an API process does not wait for its callers'
patience; both are gone within ten seconds.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.domain.callers import Role
from tests.journeys.walking import JSON, Someone
from tests.running import Databases, RunningService
from tests.worker.holding import Holding, holding
from tests.worker.ledger import Books

STOP_SECONDS = 10


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    running = RunningService(databases.fresh(), tmp_path_factory.mktemp("stop"))
    try:
        running.start("sandbox", "api")
        yield running
    finally:
        running.stop()


@pytest.fixture
def books(place: RunningService) -> Books:
    return Books(place.databases, place.sandbox_url)


@pytest.fixture
async def slow(place: RunningService) -> AsyncIterator[Holding]:
    """The clearinghouse of a worker that is started from now on."""
    async with holding(place.sandbox_port) as between:
        place._settings["CROSSOVER_CLEARINGHOUSE__BASE_URL"] = between.base_url
        yield between
        del place._settings["CROSSOVER_CLEARINGHOUSE__BASE_URL"]


@pytest.fixture
async def clinician(place: RunningService) -> AsyncIterator[Someone]:
    practice = await place.databases.add_practice()
    async with httpx.AsyncClient(base_url=place.url, timeout=40) as http:
        yield Someone.of(http, place, Role.CLINICIAN, practice.id)


async def a_coverage(clinician: Someone) -> JSON:
    return await clinician.new_coverage((await clinician.new_patient())["id"])


async def a_check(clinician: Someone) -> str:
    coverage = await a_coverage(clinician)
    answer = await clinician.post(f"/v1/coverages/{coverage['id']}/eligibility-checks", {}, Prefer="wait=0")
    return str(answer.json()["id"])


async def stopped(place: RunningService, name: str) -> tuple[int | None, float]:
    """Exit status, and how long it took after SIGTERM."""
    began = time.monotonic()
    await asyncio.to_thread(place.kill, name, signal.SIGTERM)
    return place._processes[name].returncode, time.monotonic() - began


async def test_a_worker_told_to_stop_finishes_the_job_under_way_and_takes_no_other(
    clinician: Someone, books: Books, place: RunningService, slow: Holding
) -> None:
    check = await a_check(clinician)
    place.start("worker")
    async with asyncio.timeout(20):
        await slow.asked.wait()
    stopping = asyncio.create_task(stopped(place, "worker"))
    await asyncio.sleep(0.5)
    left_alone = await a_check(clinician)
    await asyncio.sleep(1.5)
    assert not stopping.done()
    slow.let_go.set()
    status, seconds = await stopping
    assert status == 0
    assert seconds < STOP_SECONDS
    truths = await books.truths([check, left_alone])
    assert (truths[check].outcome, truths[check].attempts, truths[check].recorded) == ("confirmed", 1, 1)
    assert (truths[left_alone].status, truths[left_alone].job, truths[left_alone].attempts) == ("queued", "ready", 0)
    place.start("worker")
    await books.until_settled([left_alone])
    await stopped(place, "worker")


async def test_a_worker_whose_clearinghouse_is_silent_stops_in_time_and_another_takes_the_job_after_its_lease(
    clinician: Someone, books: Books, place: RunningService
) -> None:
    await books.queue_fault("HANG")
    check = await a_check(clinician)
    place.start("worker")
    async with asyncio.timeout(20):
        while (await books.truths([check]))[check].taken == 0:
            await asyncio.sleep(0.05)
    status, seconds = await stopped(place, "worker")
    assert status == 0
    assert seconds < STOP_SECONDS
    assert '"event":"jobs_left","count":1' in place.log("worker")
    truth = (await books.truths([check]))[check]
    assert (truth.status, truth.job, truth.attempts) == ("running", "running", 1)
    async with place.databases.as_superuser() as connection:
        left = await connection.scalar(
            sa.text("select lease_until - now() from job where subject_id = :id"), {"id": check}
        )
        assert 0 < left.total_seconds() <= 30
        # The lease's half minute is not waited for.
        await connection.execute(sa.text("update job set lease_until = now() where subject_id = :id"), {"id": check})
    place.start("worker")
    await books.until_settled([check])
    await stopped(place, "worker")
    truth = (await books.truths([check]))[check]
    assert (truth.outcome, truth.attempts, truth.recorded, truth.ranks) == ("confirmed", 2, 1, 1)


async def test_an_api_told_to_stop_does_not_wait_for_a_caller_who_waits_for_a_payer(
    clinician: Someone, books: Books, place: RunningService
) -> None:
    coverage = await a_coverage(clinician)
    path, key = f"/v1/coverages/{coverage['id']}/eligibility-checks", str(uuid4())
    waiting = asyncio.create_task(clinician.post(path, {}, key=key, Prefer="wait=20"))
    async with asyncio.timeout(10):
        while not (checks := (await clinician.get(path)).json()["data"]):
            await asyncio.sleep(0.05)
    status, seconds = await stopped(place, "api")
    assert seconds < STOP_SECONDS / 2
    assert status in {0, -signal.SIGTERM}  # the server ends, in good order, by the signal it was sent
    answer = await waiting
    assert (answer.status_code, answer.json()["id"]) == (202, checks[0]["id"])
    place.start("api")
    again = await clinician.post(path, {}, key=key, Prefer="wait=0")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert again.json()["id"] == checks[0]["id"]
