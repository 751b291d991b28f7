"""Jobs: enqueued and finished in the caller's transaction, leased for a time, fenced by a token.

A lease is taken across practices, one practice after another so that none waits behind another's pile. Attempts are
counted before the work, so that a job which kills its worker runs out of them; then it is `dead`, and visible. All times
are the database's own: a worker whose clock is wrong takes nobody's lease.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uuid_utils.compat
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import LeaseLost
from app.domain.jobs import Job, JobKind, JobState
from app.repositories.tables import job

NEW_JOB_CHANNEL = "crossover_job"

_TAKE = sa.text(
    """
    with lost as (
        select id from job
        where state = 'running' and lease_until < now() and attempts < max_attempts and kind = any(:kinds)
        order by lease_until limit :lost_limit for update skip locked
    ), due as (
        select id, row_number() over (partition by practice_id order by run_at, id) as turn, run_at from job
        where state = 'ready' and run_at <= now() and kind = any(:kinds)
        order by turn, run_at limit 1000
    ), ready as (
        select job.id from job join due on due.id = job.id where job.state = 'ready' and job.run_at <= now()
        order by due.turn, due.run_at limit :limit - (select count(*) from lost) for update of job skip locked
    ), taken as (
        select id, true as was_lost from lost union all select id, false from ready
    )
    update job set state = 'running', attempts = attempts + 1, lease_token = lease_token + 1,
        lease_until = now() + cast(:lease as interval)
    from taken where job.id = taken.id returning job.*, taken.was_lost
    """
)


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """Jobs by state, `done` left out, and how long the one that has been due longest has waited."""

    by_state: dict[str, int]
    oldest_wait_seconds: float


class Jobs:
    """`connection` may be a practice's unit of work (enqueue, finish) or a plain transaction (take, renew)."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def enqueue(
        self, *, practice_id: UUID, kind: JobKind, subject_id: UUID, request_id: str, max_attempts: int
    ) -> None:
        """Does nothing when a job of this kind is open for the subject. Workers hear of it at the commit."""
        await self._connection.execute(
            insert(job)
            .values(
                id=uuid_utils.compat.uuid7(),
                practice_id=practice_id,
                kind=kind.value,
                subject_id=subject_id,
                state=JobState.READY.value,
                max_attempts=max_attempts,
                run_at=sa.func.now(),
                request_id=request_id,
                created_at=sa.func.now(),
            )
            .on_conflict_do_nothing(
                index_elements=["practice_id", "kind", "subject_id"],
                # As text: a predicate with parameters matches no index once PostgreSQL plans it without their values.
                index_where=sa.text("state in ('ready', 'running')"),
            )
        )
        await self._connection.execute(sa.select(sa.func.pg_notify(NEW_JOB_CHANNEL, "")))

    async def take(self, *, kinds: Iterable[JobKind], limit: int, lost_limit: int, lease: timedelta) -> list[Job]:
        """Due jobs, leased to the caller, and at most `lost_limit` among them whose worker let its lease pass. A kind
        that the caller does not know, of a newer version of the service, is left alone.
        """
        words = [kind.value for kind in kinds]
        parameters = {"kinds": words, "limit": limit, "lost_limit": min(limit, lost_limit), "lease": lease}
        return [_job(row, was_lost=row.was_lost) for row in await self._connection.execute(_TAKE, parameters)]

    async def lost(self, *, kinds: Iterable[JobKind]) -> list[Job]:
        """Jobs that lost their worker on the last attempt: nobody takes them again."""
        rows = await self._connection.execute(
            sa.select(job).where(*_LOST, job.c.kind.in_([kind.value for kind in kinds])).order_by(job.c.lease_until)
        )
        return [_job(row, was_lost=True) for row in rows]

    async def hold(self, leased: Job) -> None:
        """Asserts, under a row lock until the transaction ends, that the lease is still ours; raises `LeaseLost`."""
        held = await self._connection.scalar(
            sa.select(sa.literal(1)).where(*_lease(leased)).with_for_update().select_from(job)
        )
        if held is None:
            raise LeaseLost

    async def renew(self, leased: Job, *, lease: timedelta) -> bool:
        """False when the lease was lost."""
        result = await self._connection.execute(
            sa.update(job).where(*_lease(leased)).values(lease_until=sa.func.now() + lease)
        )
        return int(result.rowcount) == 1

    async def finish(self, leased: Job) -> None:
        """Marks the job done in the transaction that holds its effect; raises `LeaseLost` for a stale worker."""
        await self._settle(leased, state=JobState.DONE, finished_at=sa.func.now())

    async def retry(self, leased: Job, *, after: timedelta, error: str) -> None:
        """`error` is an error's class name or a word of ours, never its text."""
        await self._settle(leased, state=JobState.READY, run_at=sa.func.now() + after, last_error=error)

    async def bury(self, leased: Job, *, error: str) -> None:
        await self._settle(leased, state=JobState.DEAD, finished_at=sa.func.now(), last_error=error)

    async def bury_lost(self, lost: Job) -> bool:
        """False when its worker came back to it, or another has buried it."""
        result = await self._connection.execute(
            sa.update(job)
            .where(*_lease(lost), *_LOST)
            .values(state=JobState.DEAD.value, lease_until=None, finished_at=sa.func.now(), last_error="worker_lost")
        )
        return int(result.rowcount) == 1

    async def figures(self) -> QueueFigures:
        rows = await self._connection.execute(
            sa.select(job.c.state, sa.func.count().label("jobs")).where(_NOT_DONE).group_by(job.c.state)
        )
        waited = await self._connection.scalar(
            sa.select(sa.func.extract("epoch", sa.func.now() - sa.func.min(job.c.run_at))).where(
                job.c.state == JobState.READY.value
            )
        )
        return QueueFigures(
            by_state={row.state: row.jobs for row in rows}, oldest_wait_seconds=max(0.0, float(waited or 0))
        )

    async def purge(self, *, older_than: timedelta) -> int:
        """Deletes what was done so long ago; how many jobs that were. Dead ones stay: somebody must look at them."""
        result = await self._connection.execute(
            sa.delete(job).where(_DONE, job.c.finished_at < sa.func.now() - older_than)
        )
        return int(result.rowcount)

    async def _settle(self, leased: Job, *, state: JobState, **values: object) -> None:
        result = await self._connection.execute(
            sa.update(job).where(*_lease(leased)).values(state=state.value, lease_until=None, **values)
        )
        if int(result.rowcount) != 1:
            raise LeaseLost


# As text: a predicate with parameters matches no partial index once PostgreSQL plans it without their values.
_DONE, _NOT_DONE = sa.text("state = 'done'"), sa.text("state <> 'done'")
_LOST = (
    job.c.state == JobState.RUNNING.value,
    job.c.lease_until < sa.func.now(),
    job.c.attempts >= job.c.max_attempts,
)


def _lease(leased: Job) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        job.c.id == leased.id,
        job.c.lease_token == leased.lease_token,
        job.c.state == JobState.RUNNING.value,
    )


def _job(row: sa.Row[Any], *, was_lost: bool) -> Job:
    return Job(
        id=row.id,
        practice_id=row.practice_id,
        kind=JobKind(row.kind),
        subject_id=row.subject_id,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        lease_token=row.lease_token,
        lease_until=row.lease_until,
        request_id=row.request_id,
        was_lost=was_lost,
    )
