"""The loop in this process: what it takes, what it goes on with, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.domain.coverages import Coverage, CoverageStatus
from app.domain.payers import payer_id
from app.worker.loop import Worker, WorkerLimits
from tests.factories import a_patient
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.checking import Checking, checking

LEASE = timedelta(seconds=30)


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    return databases.fresh()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Checking]:
    async with own.as_superuser() as connection:
        await connection.execute(sa.text("delete from job"))
    async with checking(own, sandbox, await own.add_practice()) as opened:
        yield opened


class Observed:
    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def __call__(self, kind: str, outcome: str) -> None:
        assert kind == "eligibility_check"
        self.outcomes.append(outcome)

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.outcomes) < count:
                await asyncio.sleep(0.02)
        return self.outcomes


@asynccontextmanager
async def working(desk: Checking, **limits: Any) -> AsyncIterator[Observed]:
    observed = Observed()
    worker = Worker(desk.context, WorkerLimits(**{"lease": LEASE, "stop_seconds": 5, **limits}), observed)
    running = asyncio.create_task(worker.run())
    try:
        yield observed
    finally:
        worker.stop()
        await running


async def a_queued_coverage(desk: Checking) -> tuple[Coverage, UUID]:
    """Of a patient of its own, so that each may be primary."""
    desk.patient = a_patient()
    async with desk.context.units.begin(desk.tenant) as uow:
        await uow.patients.add(desk.patient)
        await uow.commit()
    coverage = await desk.coverage()
    return coverage, await desk.queued(coverage)


async def job_states(own: Databases) -> dict[UUID, tuple[str, int]]:
    async with own.as_superuser() as connection:
        rows = await connection.execute(sa.text("select subject_id, state, attempts from job"))
        return {row.subject_id: (row.state, row.attempts) for row in rows}


async def lose(own: Databases, *checks: UUID) -> None:
    """As after a worker's death."""
    async with own.as_superuser() as connection:
        await connection.execute(
            sa.text(
                "update job set state = 'running', attempts = 1, lease_token = 1, lease_until = now() - interval '1 s'"
                " where subject_id = any(:ids)"
            ),
            {"ids": list(checks)},
        )


class Gate:
    """Keeps the payer silent; counts who stands before it."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.waiting = 0

    async def __call__(self) -> None:
        self.waiting += 1
        await self.open.wait()

    async def until_waiting(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.waiting < count:
                await asyncio.sleep(0.02)


async def test_a_job_is_done_soon_after_it_was_queued(desk: Checking) -> None:
    async with working(desk) as observed:
        await asyncio.sleep(0.3)
        began = asyncio.get_running_loop().time()
        coverage, _ = await a_queued_coverage(desk)
        assert await observed.until(1) == ["confirmed"]
        assert asyncio.get_running_loop().time() - began < 3
    assert (await desk.now(coverage)).status is CoverageStatus.VERIFIED


async def test_one_jobs_error_stops_no_other(desk: Checking, own: Databases) -> None:
    """Jobs about checks that are not there: an error nobody thought of."""
    async with own.as_superuser() as connection:
        for max_attempts in (1, 4):
            await connection.execute(
                sa.text(
                    "insert into job (id, practice_id, kind, subject_id, state, max_attempts, run_at, request_id, created_at)"
                    " values (:id, :practice, 'eligibility_check', :id, 'ready', :attempts, now(), 'a-request', now())"
                ),
                {"id": uuid4(), "practice": desk.tenant.practice_id, "attempts": max_attempts},
            )
    _, check = await a_queued_coverage(desk)
    async with working(desk, concurrency=1) as observed:
        assert sorted((await observed.until(3))[:3]) == ["confirmed", "dead", "error"]
    states = await job_states(own)
    assert states.pop(check) == ("done", 1)
    assert sorted(states.values()) == [("dead", 1), ("ready", 1)]


async def test_no_more_jobs_run_side_by_side_than_allowed(desk: Checking) -> None:
    gate = Gate()
    desk.payer.meanwhile = gate
    for _ in range(5):
        await a_queued_coverage(desk)
    async with working(desk, concurrency=3) as observed:
        await gate.until_waiting(3)
        await asyncio.sleep(0.3)
        assert gate.waiting == 3
        gate.open.set()
        assert await observed.until(5) == ["confirmed"] * 5


async def test_jobs_that_lost_their_worker_are_done_one_after_another_beside_the_others(
    desk: Checking, own: Databases
) -> None:
    gate = Gate()
    desk.payer.meanwhile = gate
    lost = [(await a_queued_coverage(desk))[1] for _ in range(3)]
    await lose(own, *lost)
    others = [(await a_queued_coverage(desk))[1] for _ in range(2)]
    async with working(desk) as observed:
        await gate.until_waiting(3)
        await asyncio.sleep(1.2)
        states = await job_states(own)
        assert gate.waiting == 3
        assert sorted(states[check] for check in lost) == [("running", 1), ("running", 1), ("running", 2)]
        assert {states[check] for check in others} == {("running", 1)}
        gate.open.set()
        assert await observed.until(5) == ["confirmed"] * 5
    assert {(await job_states(own))[check] for check in lost} == {("done", 2)}


async def test_a_job_longer_than_its_lease_stays_with_its_worker(desk: Checking, own: Databases) -> None:
    gate = Gate()
    desk.payer.meanwhile = gate
    _, check = await a_queued_coverage(desk)
    lease = timedelta(seconds=0.9)
    async with working(desk, lease=lease) as observed:
        await gate.until_waiting(1)
        async with working(desk, lease=lease) as other:
            await asyncio.sleep(2.2)
            gate.open.set()
            assert await observed.until(1) == ["confirmed"]
        assert other.outcomes == []
    assert (await job_states(own))[check] == ("done", 1)


async def test_work_whose_lease_was_taken_away_ends(desk: Checking, own: Databases) -> None:
    gate = Gate()
    desk.payer.meanwhile = gate
    _, check = await a_queued_coverage(desk)
    async with working(desk, lease=timedelta(seconds=0.6)) as observed:
        await gate.until_waiting(1)
        async with own.as_superuser() as connection:
            await connection.execute(
                sa.text("update job set lease_token = 9, lease_until = now() + interval '1 h' where subject_id = :id"),
                {"id": check},
            )
        assert await observed.until(1) == ["lease_lost"]
    assert (await job_states(own))[check] == ("running", 1)


async def test_a_job_lost_for_the_last_time_is_buried_with_its_check(desk: Checking, own: Databases) -> None:
    coverage, check = await a_queued_coverage(desk)
    await lose(own, check)
    async with own.as_superuser() as connection:
        await connection.execute(
            sa.text("update job set attempts = max_attempts where subject_id = :id"), {"id": check}
        )
    async with working(desk) as observed:
        assert await observed.until(1) == ["dead"]
    assert (await job_states(own))[check] == ("dead", 4)
    assert await desk.codes(coverage) == ["check_not_finished"]
    assert desk.payer.asked == []


async def test_with_nothing_under_way_it_stops_at_once(desk: Checking) -> None:
    began = asyncio.get_running_loop().time()
    async with working(desk, stop_seconds=5):
        await asyncio.sleep(0.2)
    assert asyncio.get_running_loop().time() - began < 1.5


async def test_it_waits_for_jobs_under_way_no_longer_than_it_may(desk: Checking, own: Databases) -> None:
    gate = Gate()
    desk.payer.meanwhile = gate
    _, check = await a_queued_coverage(desk)
    began = asyncio.get_running_loop().time()
    async with working(desk, stop_seconds=0.5) as observed:
        await gate.until_waiting(1)
    assert asyncio.get_running_loop().time() - began < 4
    assert observed.outcomes == []
    assert (await job_states(own))[check] == ("running", 1)
    gate.open.set()


async def test_a_practices_pile_does_not_keep_another_waiting(desk: Checking, own: Databases) -> None:
    gate = Gate()
    desk.payer.meanwhile = gate
    for _ in range(12):
        await a_queued_coverage(desk)
    async with checking(own, desk.payer.sandbox, await own.add_practice()) as other:
        coverage = await other.coverage(payer_id=payer_id("XOVR2"), member_id="BHM700001")
        check = await other.queued(coverage)
        async with working(desk, concurrency=2) as observed:
            await gate.until_waiting(2)
            assert (await job_states(own))[check] == ("running", 1)
            gate.open.set()
            await observed.until(13)
