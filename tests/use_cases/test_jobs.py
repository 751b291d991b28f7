"""Jobs: one taker each, fair between practices, fenced, counted, and buried together with what they were about."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.domain.eligibility import CheckOutcome, CheckStatus
from app.domain.errors import LeaseLost
from app.domain.jobs import Job, JobKind
from app.repositories.jobs import Jobs
from app.use_cases.context import Context
from app.use_cases.jobs import (
    bury_lost_job,
    give_back,
    lost_jobs,
    new_job_signal,
    purge_jobs,
    queue_figures,
    renew_lease,
    take_jobs,
)
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.checking import Checking, checking, patients_own
from tests.worker.contexts import Place, opened

LEASE = timedelta(minutes=1)
A, B, C = (UUID(int=number) for number in (1, 2, 3))
_INSERT = sa.text(
    "insert into job (id, practice_id, kind, subject_id, state, max_attempts, run_at, request_id, created_at)"
    " select gen_random_uuid(), :practice, :kind, gen_random_uuid(), 'ready', 4,"
    " now() - make_interval(secs => cast(:age as float8)), 'a-request', now() from generate_series(1, :count)"
)


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    return databases.fresh()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
async def context(own: Databases) -> AsyncIterator[Context]:
    """A queue with nothing in it."""
    async with own.as_superuser() as connection:
        await connection.execute(sa.text("delete from job"))
    async with opened(Place(database_url=own.app_url, clearinghouse_url="http://127.0.0.1:9"), name="jobs") as reached:
        yield reached


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox, context: Context) -> AsyncIterator[Checking]:
    async with checking(own, sandbox, await own.add_practice()) as ready:
        yield ready


async def queue(own: Databases, practice: UUID, count: int, *, age: float = 0, kind: str = "eligibility_check") -> None:
    async with own.as_superuser() as connection:
        await connection.execute(_INSERT, {"practice": practice, "kind": kind, "age": age, "count": count})


async def take(context: Context, limit: int = 1, *, lost_limit: int = 1, lease: timedelta = LEASE) -> list[Job]:
    return await take_jobs(context, kinds=JobKind, limit=limit, lost_limit=lost_limit, lease=lease)


async def let_leases_pass(own: Databases) -> None:
    async with own.as_superuser() as connection:
        await connection.execute(
            sa.text("update job set lease_until = now() - interval '1 second' where state = 'running'")
        )


async def row(own: Databases, job: Job) -> sa.Row[Any]:
    async with own.as_superuser() as connection:
        statement = sa.text(
            "select *, run_at - now() as due_in, lease_until - now() as leased_for from job where id = :id"
        )
        return (await connection.execute(statement, {"id": job.id})).one()


# Taking


async def test_of_many_takers_each_job_has_one(context: Context, own: Databases) -> None:
    await queue(own, A, 300)
    taken: list[Job] = []

    async def taker() -> None:
        while jobs := await take(context, 3):
            taken.extend(jobs)

    await asyncio.gather(*(taker() for _ in range(8)))
    assert len(taken) == len({job.id for job in taken}) == 300
    assert {(job.attempts, job.lease_token, job.was_lost) for job in taken} == {(1, 1, False)}


async def test_practices_take_turns_however_long_one_pile_is(context: Context, own: Databases) -> None:
    await queue(own, A, 1_500, age=60)
    await queue(own, B, 2, age=5)
    await queue(own, C, 2)
    assert Counter(job.practice_id for job in await take(context, 6)) == {A: 2, B: 2, C: 2}


async def test_the_longest_due_is_taken_first(context: Context, own: Databases) -> None:
    for age, practice in ((1, A), (9, B), (5, C)):
        await queue(own, practice, 1, age=age)
    assert [job.practice_id for jobs in [await take(context) for _ in range(3)] for job in jobs] == [B, C, A]


async def test_what_is_not_due_or_of_an_unknown_kind_is_left_alone(context: Context, own: Databases) -> None:
    await queue(own, A, 1, age=-60)
    await queue(own, A, 1, kind="of_a_newer_version")
    assert await take(context, 10) == []


async def test_a_worker_whose_clock_is_wrong_takes_nobodys_lease(context: Context, own: Databases) -> None:
    await queue(own, A, 1)
    (job,) = await take(context)
    tomorrow = context.now() + timedelta(days=1)
    assert await take(replace(context, now=lambda: tomorrow)) == []
    assert await lost_jobs(replace(context, now=lambda: tomorrow), kinds=JobKind) == []
    assert timedelta(seconds=55) < (await row(own, job)).leased_for <= LEASE


async def test_of_lost_jobs_no_more_are_taken_than_asked_for(context: Context, own: Databases) -> None:
    await queue(own, A, 3)
    assert len(await take(context, 3)) == 3
    await let_leases_pass(own)
    await queue(own, B, 2)
    first = await take(context, 2, lost_limit=1)
    assert sorted((job.was_lost, job.attempts) for job in first) == [(False, 1), (True, 2)]
    second = await take(context, 5, lost_limit=0)
    assert [(job.was_lost, job.practice_id) for job in second] == [(False, B)]
    assert [job.was_lost for job in await take(context, 5, lost_limit=5)] == [True, True]


async def test_whoever_waits_for_jobs_hears_of_one(context: Context, desk: Checking) -> None:
    coverage = await desk.coverage()
    with new_job_signal(context) as heard:
        async with asyncio.timeout(10):
            while not heard.is_set():
                await desk.queued(coverage)
                await asyncio.sleep(0.05)


# Holding


async def test_a_lease_is_renewed_by_its_holder_only(context: Context, own: Databases) -> None:
    await queue(own, A, 1)
    (stale,) = await take(context, lease=timedelta(milliseconds=1))
    assert await renew_lease(context, stale, lease=LEASE)
    assert await take(context) == []
    await let_leases_pass(own)
    (holder,) = await take(context)
    assert not await renew_lease(context, stale, lease=LEASE)
    assert await renew_lease(context, holder, lease=2 * LEASE)
    assert (await row(own, holder)).leased_for > LEASE


@pytest.mark.parametrize("act", ["hold", "finish", "retry", "bury"])
async def test_a_stale_token_writes_nothing(context: Context, own: Databases, act: str) -> None:
    await queue(own, A, 1)
    (stale,) = await take(context)
    await let_leases_pass(own)
    (holder,) = await take(context)
    before = await row(own, holder)
    words: dict[str, dict[str, Any]] = {"retry": {"after": LEASE, "error": "e"}, "bury": {"error": "e"}}
    more = words.get(act, {})
    with pytest.raises(LeaseLost):
        async with context.database.transaction() as connection:
            await getattr(Jobs(connection), act)(stale, **more)
    assert (await row(own, holder))[:-2] == before[:-2]
    async with context.database.transaction() as connection:
        await getattr(Jobs(connection), act)(holder, **more)


async def test_a_finished_job_is_finished_once(context: Context, own: Databases) -> None:
    await queue(own, A, 1)
    (job,) = await take(context)
    async with context.database.transaction() as connection:
        await Jobs(connection).finish(job)
    for act in (Jobs.finish, Jobs.hold):
        with pytest.raises(LeaseLost):
            async with context.database.transaction() as connection:
                await act(Jobs(connection), job)
    assert not await renew_lease(context, job, lease=LEASE)


# Giving up


async def test_an_error_gives_the_job_back_after_a_pause(desk: Checking, own: Databases) -> None:
    coverage = await desk.coverage()
    job = await desk.take(await desk.queued(coverage))
    assert not await give_back(desk.context, job, pause=timedelta(seconds=9), error="ValueError")
    now = await row(own, job)
    assert (now.state, now.attempts, now.last_error, now.lease_until) == ("ready", 1, "ValueError", None)
    assert timedelta(seconds=7) < now.due_in <= timedelta(seconds=9)


@pytest.mark.parametrize("ending", ["error", "worker lost"])
async def test_the_last_attempt_ends_the_job_and_its_check_together(
    desk: Checking, own: Databases, ending: str
) -> None:
    coverage = await desk.coverage(**patients_own())
    job = await at_last_attempt(desk, own, await desk.queued(coverage))
    if ending == "error":
        assert await give_back(desk.context, job, pause=LEASE, error="ValueError")
    else:
        await desk.let_lease_pass(job.subject_id)
        assert await take(desk.context) == []
        assert [lost.id for lost in await lost_jobs(desk.context, kinds=JobKind)] == [job.id]
        assert await bury_lost_job(desk.context, job)
    now, check = await row(own, job), await desk.check_of(coverage)
    assert (now.state, now.last_error) == ("dead", "ValueError" if ending == "error" else "worker_lost")
    assert check.status is CheckStatus.FAILED
    assert check.result is not None
    assert check.result.outcome is CheckOutcome.CLEARINGHOUSE_UNAVAILABLE
    assert [finding.code for finding in check.result.findings] == ["check_not_finished"]
    assert [(item.coverage_id, item.reason) for item in await desk.open_items()] == [
        (coverage.id, "clearinghouse_unavailable")
    ]
    async with desk.context.units.begin(desk.tenant) as uow:
        newest = (await uow.audit_events.page(patient_id=desk.patient.id, before=None, limit=1))[0]
    assert (newest.entry.action, newest.entry.record_id, newest.actor) == ("record_answer", check.id, "system")
    assert not await bury_lost_job(desk.context, job)


async def test_a_worker_that_comes_back_keeps_its_last_attempt(desk: Checking, own: Databases) -> None:
    job = await at_last_attempt(desk, own, await desk.queued(await desk.coverage()))
    await desk.let_lease_pass(job.subject_id)
    (lost,) = await lost_jobs(desk.context, kinds=JobKind)
    assert await renew_lease(desk.context, job, lease=LEASE)
    assert not await bury_lost_job(desk.context, lost)
    assert (await row(own, job)).state == "running"


async def test_a_stale_worker_gives_nothing_back(desk: Checking, own: Databases) -> None:
    coverage = await desk.coverage()
    job = await at_last_attempt(desk, own, await desk.queued(coverage))
    await desk.let_lease_pass(job.subject_id)
    assert await bury_lost_job(desk.context, job)
    settled = await desk.check_of(coverage)
    with pytest.raises(LeaseLost):
        await give_back(desk.context, job, pause=LEASE, error="ValueError")
    assert await desk.check_of(coverage) == settled


async def test_a_job_about_nothing_is_buried_all_the_same(context: Context, own: Databases) -> None:
    practice = await own.add_practice()
    await queue(own, practice.id, 1)
    (job,) = await take(context)
    assert await give_back(context, replace(job, attempts=job.max_attempts), pause=LEASE, error="NotFound")
    assert (await row(own, job)).state == "dead"


async def test_the_queues_figures(context: Context, own: Databases) -> None:
    assert (await queue_figures(context)).oldest_wait_seconds == 0
    await queue(own, A, 2, age=30)
    await queue(own, A, 1, age=-300)
    await take(context)
    figures = await queue_figures(context)
    assert figures.by_state == {"ready": 2, "running": 1}
    assert 30 <= figures.oldest_wait_seconds < 60


async def test_housekeeping_deletes_jobs_a_week_after_they_were_done(context: Context, own: Databases) -> None:
    await queue(own, A, 3)
    async with own.as_superuser() as connection:
        await connection.execute(
            sa.text("update job set state = 'done', finished_at = now() - interval '7 days 1 hour'")
        )
        await connection.execute(
            sa.text("update job set finished_at = now() - interval '6 days' where id = (select id from job limit 1)")
        )
    assert await purge_jobs(context) == 2
    assert await purge_jobs(context) == 0


async def test_a_second_job_for_the_same_check_is_not_queued(desk: Checking) -> None:
    check_id = await desk.queued(await desk.coverage())
    async with desk.context.units.begin(desk.tenant) as uow:
        await uow.jobs.enqueue(
            practice_id=desk.tenant.practice_id,
            kind=JobKind.ELIGIBILITY_CHECK,
            subject_id=check_id,
            request_id=str(uuid4()),
            max_attempts=4,
        )
        await uow.commit()
    assert (await desk.job_row(check_id)).state == "ready"


async def at_last_attempt(desk: Checking, own: Databases, check_id: UUID) -> Job:
    async with own.as_superuser() as connection:
        await connection.execute(
            sa.text("update job set attempts = max_attempts - 1 where subject_id = :id"), {"id": check_id}
        )
    return await desk.take(check_id)
