"""Taking, renewing and giving back jobs: what the worker's loop needs, each in a short transaction of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.errors import LeaseLost
from app.domain.jobs import Job, JobKind
from app.repositories.jobs import Jobs
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import fail_lost_check


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """What the metrics show; `oldest_wait_seconds` is 0 when nothing is overdue."""

    by_state: dict[str, int]
    oldest_wait_seconds: float


async def take_jobs(context: Context, *, limit: int, lease: timedelta) -> list[Job]:
    async with context.database.transaction() as connection:
        return await Jobs(connection).take(limit=limit, now=context.now(), lease=lease)


async def renew_lease(context: Context, job: Job, *, lease: timedelta) -> bool:
    """False when the lease was lost: the work must stop."""
    async with context.database.transaction() as connection:
        return await Jobs(connection).renew(job, until=context.now() + lease)


async def give_back(context: Context, job: Job, *, run_at: datetime, error: str) -> bool:
    """After an error: another try at `run_at`, or dead after the last. True when it is dead now."""
    try:
        async with context.database.transaction() as connection:
            if job.is_last_attempt:
                await Jobs(connection).bury(job, now=context.now(), error=error)
            else:
                await Jobs(connection).retry(job, run_at=run_at, error=error)
    except LeaseLost:
        return False
    if job.is_last_attempt:
        await _give_up(context, job.kind, job)
    return job.is_last_attempt


async def reap_jobs(context: Context) -> int:
    """Buries jobs that lost their worker on the last attempt; returns how many."""
    async with context.database.transaction() as connection:
        dead = await Jobs(connection).reap(now=context.now())
    for practice_id, kind, subject_id in dead:
        if kind is JobKind.ELIGIBILITY_CHECK:
            await fail_lost_check(context, practice_id, subject_id)
    return len(dead)


async def queue_figures(context: Context) -> QueueFigures:
    async with context.database.transaction() as connection:
        jobs = Jobs(connection)
        by_state, next_run = await jobs.depths(), await jobs.next_run()
    waited = 0.0 if next_run is None else max(0.0, (context.now() - next_run).total_seconds())
    return QueueFigures(by_state=by_state, oldest_wait_seconds=waited)


async def _give_up(context: Context, kind: JobKind, job: Job) -> None:
    if kind is JobKind.ELIGIBILITY_CHECK:
        await fail_lost_check(context, job.practice_id, job.subject_id)
