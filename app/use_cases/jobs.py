"""Taking, renewing and giving back jobs: what the worker's loop needs, each in a short transaction of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final

from app.domain.jobs import NO_PRACTICE, Job, JobKind
from app.repositories.jobs import NEW_JOB_CHANNEL, Jobs, QueueFigures
from app.repositories.unit_of_work import PlainWork, UnitOfWork
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import fail_check, tenant_of
from app.use_cases.inbound_documents import fail_document, fail_recording
from app.use_cases.persistence import persistently
from app.use_cases.submission_outcomes import fail_submission

_FAIL_SUBJECT: Final[dict[JobKind, Callable[[UnitOfWork, Job], Awaitable[None]]]] = {
    JobKind.ELIGIBILITY_CHECK: fail_check,
    JobKind.SUBMISSION: fail_submission,
    JobKind.INBOUND_CLAIMS: fail_recording,
}
"""What becomes of the record a job was about when the job is given up: in one transaction with the burial."""

_FAIL_PLAIN_SUBJECT: Final[dict[JobKind, Callable[[PlainWork, Job], Awaitable[None]]]] = {
    JobKind.INBOUND_DOCUMENT: fail_document
}
"""The same where the job belongs to no practice."""

_KEPT: Final = timedelta(days=7)


def new_job_signal(context: Context) -> AbstractContextManager[asyncio.Event]:
    """An event that is set when a job may be due. One signal may be lost: look once in a while in any case."""
    return context.signals.subscribe(NEW_JOB_CHANNEL)


async def take_jobs(
    context: Context, *, kinds: Iterable[JobKind], limit: int, lost_limit: int, lease: timedelta
) -> list[Job]:
    """Due jobs, and at most `lost_limit` among them that lost their last worker."""
    async with context.database.transaction() as connection:
        return await Jobs(connection).take(kinds=kinds, limit=limit, lost_limit=lost_limit, lease=lease)


async def renew_lease(context: Context, job: Job, *, lease: timedelta) -> bool:
    """False when the lease was lost, or the job is done."""
    async with context.database.transaction() as connection:
        return await Jobs(connection).renew(job, lease=lease)


async def give_back(context: Context, job: Job, *, pause: timedelta, error: str) -> bool:
    """After an error: another try after `pause`, or dead after the last. True when it is dead now.

    Raises `LeaseLost` when another worker has the job by now.
    """

    async def settle(jobs: Jobs) -> bool:
        if job.is_last_attempt:
            await jobs.bury(job, error=error)
        else:
            await jobs.retry(job, after=pause, error=error)
        return job.is_last_attempt

    async def write() -> bool:
        return await _ended(context, job, settle)

    return await persistently(write)


async def lost_jobs(context: Context, *, kinds: Iterable[JobKind]) -> list[Job]:
    """Jobs that lost their worker on the last attempt."""
    async with context.database.transaction() as connection:
        return await Jobs(connection).lost(kinds=kinds)


async def bury_lost_job(context: Context, job: Job) -> bool:
    """True when it is dead now; else its worker came back to it, or somebody else has buried it."""

    async def bury(jobs: Jobs) -> bool:
        return await jobs.bury_lost(job)

    return await _ended(context, job, bury)


async def _ended(context: Context, job: Job, settle: Callable[[Jobs], Awaitable[bool]]) -> bool:
    """`settle` says whether the job is dead now; then what it was about fails in the same transaction."""
    if job.practice_id == NO_PRACTICE:
        async with context.units.begin_plain() as work:
            is_dead = await settle(work.jobs)
            if is_dead:
                await _FAIL_PLAIN_SUBJECT[job.kind](work, job)
        return is_dead
    async with context.units.begin(tenant_of(job)) as uow:
        is_dead = await settle(uow.jobs)
        if is_dead:
            await _FAIL_SUBJECT[job.kind](uow, job)
        await uow.commit()
    return is_dead


async def purge_jobs(context: Context) -> int:
    """Deletes jobs that were done more than a week ago: what they did is on record elsewhere."""
    async with context.database.transaction() as connection:
        return await Jobs(connection).purge(older_than=_KEPT)


async def queue_figures(context: Context) -> QueueFigures:
    """What the metrics show."""
    async with context.database.transaction() as connection:
        return await Jobs(connection).figures()
