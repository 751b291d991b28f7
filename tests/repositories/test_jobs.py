"""Jobs: leased to one worker at a time, fenced, counted before the work, fair between practices."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.domain.callers import Tenant
from app.domain.errors import LeaseLost
from app.domain.jobs import Job, JobKind
from app.repositories.database import Database, DatabaseLimits
from app.repositories.jobs import Jobs
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW
from tests.running import MASTER_KEYS, Databases

LEASE = timedelta(seconds=30)


@dataclass(frozen=True)
class Queue:
    """Each verb in a transaction of its own, as workers do it."""

    database: Database
    databases: Databases

    async def enqueue(self, practice_id: UUID, count: int = 1, *, max_attempts: int = 4) -> list[UUID]:
        """The subjects of so many jobs, all due at one moment."""
        subjects = [uuid4() for _ in range(count)]
        async with self.database.transaction() as connection:
            for subject in subjects:
                await _enqueue(Jobs(connection), practice_id, subject, max_attempts)
        return subjects

    async def take(self, *, limit: int = 10, lost_limit: int = 10) -> list[Job]:
        async with self.database.transaction() as connection:
            return await Jobs(connection).take(kinds=JobKind, limit=limit, lost_limit=lost_limit, lease=LEASE)

    async def do(self, verb: Callable[[Jobs], Awaitable[object]]) -> object:
        async with self.database.transaction() as connection:
            return await verb(Jobs(connection))

    async def states(self) -> dict[str, int]:
        async with self.database.transaction() as connection:
            rows = await connection.execute(sa.text("select state, count(*) as jobs from job group by state"))
            return {row.state: row.jobs for row in rows}

    async def pass_leases(self) -> None:
        """What the workers do not hear of: their time is over."""
        await self._run("update job set lease_until = now() - interval '1 second' where state = 'running'")

    async def pass_pauses(self) -> None:
        await self._run("update job set run_at = now() where state = 'ready'")

    async def _run(self, statement: str) -> None:
        async with self.databases.as_superuser() as connection:
            await connection.execute(sa.text(statement))


async def _enqueue(jobs: Jobs, practice_id: UUID, subject_id: UUID, max_attempts: int = 4) -> None:
    await jobs.enqueue(
        practice_id=practice_id,
        kind=JobKind.ELIGIBILITY_CHECK,
        subject_id=subject_id,
        request_id="request-1",
        max_attempts=max_attempts,
    )


@pytest.fixture(scope="module")
def queue_databases(databases: Databases) -> Databases:
    """Jobs are taken across practices: a database where nobody else takes any."""
    return databases.fresh()


@pytest.fixture
async def queue(queue_databases: Databases) -> AsyncIterator[Queue]:
    async with queue_databases.as_superuser() as connection:
        await connection.execute(sa.text("truncate job"))
    limits = DatabaseLimits(statement_ms=5_000, pool_size=8)
    opened = Database.connect(queue_databases.app_url, limits=limits, master_keys=MASTER_KEYS, name="queue")
    yield Queue(opened, queue_databases)
    await opened.close()


async def test_a_due_job_is_taken_once_with_its_attempt_counted(queue: Queue) -> None:
    practice_id = uuid4()
    (subject,) = await queue.enqueue(practice_id)
    (job,) = await queue.take()
    assert (job.practice_id, job.subject_id, job.kind) == (practice_id, subject, JobKind.ELIGIBILITY_CHECK)
    assert (job.attempts, job.max_attempts, job.lease_token, job.request_id) == (1, 4, 1, "request-1")
    assert not job.was_lost
    assert abs(job.lease_until - datetime.now(UTC) - LEASE) < timedelta(seconds=5)
    assert await queue.take() == []


async def test_a_subject_has_one_open_job_of_a_kind(queue: Queue) -> None:
    practice_id, subject = uuid4(), uuid4()
    for _ in range(2):
        await queue.do(lambda jobs: _enqueue(jobs, practice_id, subject))
    (job,) = await queue.take()
    await queue.do(lambda jobs: _enqueue(jobs, practice_id, subject))
    await queue.do(lambda jobs: jobs.finish(job))
    await queue.do(lambda jobs: _enqueue(jobs, practice_id, subject))
    assert await queue.states() == {"done": 1, "ready": 1}


async def test_one_connection_enqueues_any_number_of_jobs(queue: Queue) -> None:
    """PostgreSQL plans a statement anew, without its values, from the sixth time on."""
    await queue.enqueue(uuid4(), 20)
    assert await queue.states() == {"ready": 20}


async def test_a_job_of_a_rolled_back_unit_of_work_does_not_exist(queue: Queue, queue_databases: Databases) -> None:
    practice = await queue_databases.add_practice()
    tenant = Tenant(practice_id=practice.id, actor="tester", role="clinician", request_id="request-1")
    for commits in (False, True):
        async with UnitsOfWork(queue.database, now=lambda: NOW, new_id=uuid4).begin(tenant) as uow:
            await _enqueue(uow.jobs, practice.id, uuid4())
            if commits:
                await uow.commit()
        assert len(await queue.take()) == int(commits)


async def test_a_kind_the_worker_does_not_know_is_left_alone(queue: Queue) -> None:
    await queue.enqueue(uuid4())
    async with queue.database.transaction() as connection:
        assert await Jobs(connection).take(kinds=(), limit=10, lost_limit=10, lease=LEASE) == []
    assert await queue.states() == {"ready": 1}


async def test_a_session_passes_over_what_another_is_taking(queue: Queue) -> None:
    await queue.enqueue(uuid4(), 6)
    async with queue.database.transaction() as connection:
        first = await Jobs(connection).take(kinds=JobKind, limit=3, lost_limit=3, lease=LEASE)
        async with asyncio.timeout(1):
            second = await queue.take()
    assert (len(first), len(second)) == (3, 3)
    assert {job.id for job in first}.isdisjoint(job.id for job in second)


async def test_eight_workers_share_the_jobs_without_taking_one_twice(queue: Queue) -> None:
    for _ in range(5):
        await queue.enqueue(uuid4(), 60)

    async def work() -> list[UUID]:
        taken: list[UUID] = []
        while jobs := await queue.take(limit=7):
            taken += [job.id for job in jobs]
        return taken

    taken = [job for jobs in await asyncio.gather(*(work() for _ in range(8))) for job in jobs]
    # Whoever finds all remaining rows locked goes home early; the rest is there for the next look.
    taken += [job.id for job in await queue.take(limit=300)]
    assert len(taken) == len(set(taken)) == 300


@pytest.mark.parametrize("pile", [100, 1500])
async def test_a_practice_with_a_pile_of_jobs_does_not_starve_another(queue: Queue, pile: int) -> None:
    piled, other = uuid4(), uuid4()
    await queue.enqueue(piled, pile)
    await queue.enqueue(other, 3)
    assert Counter(job.practice_id for job in await queue.take(limit=4)) == {piled: 2, other: 2}
    assert Counter(job.practice_id for job in await queue.take(limit=4)) == {piled: 3, other: 1}


async def test_many_practices_take_turns(queue: Queue) -> None:
    practices = [uuid4() for _ in range(10)]
    for practice_id in practices:
        await queue.enqueue(practice_id, 20)
    for _ in range(20):
        assert Counter(job.practice_id for job in await queue.take(limit=10)) == Counter(practices)


async def test_jobs_that_lost_their_worker_do_not_keep_the_others_waiting(queue: Queue) -> None:
    await queue.enqueue(uuid4(), 10)
    assert len(await queue.take(limit=10)) == 10
    await queue.pass_leases()
    await queue.enqueue(uuid4(), 10)
    taken = await queue.take(limit=4, lost_limit=1)
    assert sorted(job.was_lost for job in taken) == [False, False, False, True]


async def test_a_lease_that_has_passed_is_taken_over_and_the_old_holder_is_refused(queue: Queue) -> None:
    await queue.enqueue(uuid4())
    (stalled,) = await queue.take()
    await queue.pass_leases()
    (current,) = await queue.take()
    assert (current.id, current.attempts, current.lease_token, current.was_lost) == (stalled.id, 2, 2, True)
    late: list[Callable[[Jobs], Awaitable[object]]] = [
        lambda jobs: jobs.finish(stalled),
        lambda jobs: jobs.retry(stalled, after=LEASE, error="late"),
        lambda jobs: jobs.bury(stalled, error="late"),
        lambda jobs: jobs.hold(stalled),
    ]
    for write in late:
        with pytest.raises(LeaseLost):
            await queue.do(write)
    assert await queue.do(lambda jobs: jobs.renew(stalled, lease=LEASE)) is False
    assert await queue.do(lambda jobs: jobs.renew(current, lease=LEASE)) is True
    await queue.do(lambda jobs: jobs.hold(current))
    await queue.do(lambda jobs: jobs.finish(current))
    assert await queue.states() == {"done": 1}


async def test_a_finished_job_is_not_finished_again(queue: Queue) -> None:
    await queue.enqueue(uuid4())
    (job,) = await queue.take()
    await queue.do(lambda jobs: jobs.finish(job))
    with pytest.raises(LeaseLost):
        await queue.do(lambda jobs: jobs.finish(job))


async def test_a_lease_token_made_up_is_refused(queue: Queue) -> None:
    await queue.enqueue(uuid4())
    (job,) = await queue.take()
    with pytest.raises(LeaseLost):
        await queue.do(lambda jobs: jobs.finish(replace(job, lease_token=job.lease_token + 1)))


async def test_a_held_lease_cannot_be_taken_over_until_its_transaction_ends(queue: Queue) -> None:
    await queue.enqueue(uuid4())
    (job,) = await queue.take()
    await queue.pass_leases()
    async with queue.database.transaction() as connection:
        await Jobs(connection).hold(job)
        assert await queue.take() == []
    assert len(await queue.take()) == 1


async def test_a_job_given_back_waits_for_its_next_run_and_says_why(queue: Queue) -> None:
    await queue.enqueue(uuid4())
    (job,) = await queue.take()
    await queue.do(lambda jobs: jobs.retry(job, after=timedelta(minutes=1), error="timeout"))
    async with queue.database.transaction() as connection:
        assert await connection.scalar(sa.text("select last_error from job")) == "timeout"
    assert await queue.take() == []
    await queue.pass_pauses()
    (again,) = await queue.take()
    assert (again.attempts, again.lease_token, again.was_lost) == (2, 2, False)


async def test_a_job_that_kills_its_worker_runs_out_of_attempts_and_is_buried_once(queue: Queue) -> None:
    await queue.enqueue(uuid4(), max_attempts=3)
    for attempt in (1, 2, 3):
        (job,) = await queue.take()
        assert (job.attempts, job.is_last_attempt) == (attempt, attempt == 3)
        assert await queue.do(lambda jobs: jobs.lost(kinds=JobKind)) == []
        await queue.pass_leases()
    assert await queue.take() == []
    async with queue.database.transaction() as connection:
        (lost,) = await Jobs(connection).lost(kinds=JobKind)
    assert lost.id == job.id
    assert await queue.do(lambda jobs: jobs.bury_lost(lost)) is True
    assert await queue.do(lambda jobs: jobs.bury_lost(lost)) is False
    assert await queue.states() == {"dead": 1}
    with pytest.raises(LeaseLost):
        await queue.do(lambda jobs: jobs.finish(job))


async def test_a_worker_that_comes_back_to_its_last_attempt_is_not_buried(queue: Queue) -> None:
    await queue.enqueue(uuid4(), max_attempts=1)
    (job,) = await queue.take()
    await queue.pass_leases()
    async with queue.database.transaction() as connection:
        (lost,) = await Jobs(connection).lost(kinds=JobKind)
    assert await queue.do(lambda jobs: jobs.renew(job, lease=LEASE)) is True
    assert await queue.do(lambda jobs: jobs.bury_lost(lost)) is False
    await queue.do(lambda jobs: jobs.finish(job))


async def test_figures_count_what_still_asks_for_attention(queue: Queue) -> None:
    await queue.enqueue(uuid4(), 5)
    one, two, _ = await queue.take(limit=3)
    await queue.do(lambda jobs: jobs.finish(one))
    await queue.do(lambda jobs: jobs.bury(two, error="broken"))
    async with queue.database.transaction() as connection:
        figures = await Jobs(connection).figures()
    assert figures.by_state == {"ready": 2, "running": 1, "dead": 1}
    assert 0 <= figures.oldest_wait_seconds < 5


async def test_jobs_done_long_ago_are_deleted_and_no_others(queue: Queue) -> None:
    await queue.enqueue(uuid4(), 5)
    one, two, dead, recent, _ = await queue.take()
    await queue.do(lambda jobs: jobs.finish(one))
    await queue.do(lambda jobs: jobs.finish(two))
    await queue.do(lambda jobs: jobs.bury(dead, error="broken"))
    await queue._run("update job set finished_at = now() - interval '8 days' where finished_at is not null")
    await queue.do(lambda jobs: jobs.finish(recent))
    assert await queue.do(lambda jobs: jobs.purge(older_than=timedelta(days=7))) == 2
    assert await queue.states() == {"done": 1, "dead": 1, "running": 1}
    assert await queue.do(lambda jobs: jobs.purge(older_than=timedelta(days=7))) == 0


@pytest.mark.parametrize(
    ("verb", "index"),
    [(Jobs.figures, "job_open_idx"), (lambda jobs: jobs.purge(older_than=timedelta(days=7)), "job_done_idx")],
    ids=["figures", "purge"],
)
async def test_jobs_that_are_done_are_not_gone_through_but_by_their_age(
    queue: Queue, verb: Callable[[Jobs], Awaitable[object]], index: str
) -> None:
    """PostgreSQL counts the scans of each index, also of plans that are made without values."""
    scans = sa.text("select idx_scan from pg_stat_user_indexes where indexrelname = :index")
    async with queue.databases.as_superuser() as connection:
        before = await connection.scalar(scans, {"index": index})
    async with queue.database.transaction() as connection:
        await connection.execute(sa.text("set local plan_cache_mode = force_generic_plan"))
        await connection.execute(sa.text("set local enable_seqscan = off"))
        await verb(Jobs(connection))
        await connection.execute(sa.text("select pg_stat_force_next_flush()"))
    async with queue.databases.as_superuser() as connection:
        after = await connection.scalar(scans, {"index": index})
    assert int(after or 0) > int(before or 0)
