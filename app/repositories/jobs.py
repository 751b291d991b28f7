"""Jobs: enqueued and finished in the caller's transaction, leased for a time, fenced by a token.

A lease is taken across practices, one practice after another so that none waits behind another's pile. Attempts are
counted before the work, so that a job which kills its worker runs out of them; then it is `dead`, and visible.
"""

from datetime import datetime, timedelta
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
    with due as (
        select id, row_number() over (partition by practice_id order by run_at, id) as turn, run_at from job
        where state = 'ready' and run_at <= :now
           or state = 'running' and lease_until < :now and attempts < max_attempts
        order by run_at limit 1000
    ), taken as (
        select job.id from job join due on due.id = job.id
        where job.state = 'ready' and job.run_at <= :now
           or job.state = 'running' and job.lease_until < :now and job.attempts < job.max_attempts
        order by due.turn, due.run_at limit :limit for update of job skip locked
    )
    update job set state = 'running', attempts = attempts + 1, lease_token = lease_token + 1, lease_until = :lease_until
    from taken where job.id = taken.id returning job.*
    """
)


class Jobs:
    """`connection` may be a practice's unit of work (enqueue, finish) or a plain transaction (take, renew, reap)."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def enqueue(
        self,
        *,
        practice_id: UUID,
        kind: JobKind,
        subject_id: UUID,
        run_at: datetime,
        request_id: str,
        max_attempts: int,
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
                run_at=run_at,
                request_id=request_id,
                created_at=run_at,
            )
            .on_conflict_do_nothing(
                index_elements=["practice_id", "kind", "subject_id"],
                index_where=job.c.state.in_([JobState.READY.value, JobState.RUNNING.value]),
            )
        )
        await self._connection.execute(sa.select(sa.func.pg_notify(NEW_JOB_CHANNEL, "")))

    async def take(self, *, limit: int, now: datetime, lease: timedelta) -> list[Job]:
        """Due jobs, and those whose worker let its lease pass, leased to the caller."""
        rows = await self._connection.execute(_TAKE, {"now": now, "limit": limit, "lease_until": now + lease})
        return [
            Job(
                id=row.id,
                practice_id=row.practice_id,
                kind=JobKind(row.kind),
                subject_id=row.subject_id,
                attempts=row.attempts,
                max_attempts=row.max_attempts,
                lease_token=row.lease_token,
                lease_until=row.lease_until,
                request_id=row.request_id,
            )
            for row in rows
        ]

    async def hold(self, leased: Job) -> None:
        """Asserts, under a row lock until the transaction ends, that the lease is still ours; raises `LeaseLost`."""
        held = await self._connection.scalar(
            sa.select(sa.literal(1)).where(*_lease(leased)).with_for_update().select_from(job)
        )
        if held is None:
            raise LeaseLost

    async def renew(self, leased: Job, *, until: datetime) -> bool:
        """False when the lease was lost."""
        result = await self._connection.execute(sa.update(job).where(*_lease(leased)).values(lease_until=until))
        return int(result.rowcount) == 1

    async def finish(self, leased: Job, *, now: datetime) -> None:
        """Marks the job done in the transaction that holds its effect; raises `LeaseLost` for a stale worker."""
        await self._settle(leased, state=JobState.DONE, finished_at=now)

    async def retry(self, leased: Job, *, run_at: datetime, error: str) -> None:
        """`error` is an error's class name or a word of ours, never its text."""
        await self._settle(leased, state=JobState.READY, run_at=run_at, last_error=error)

    async def bury(self, leased: Job, *, now: datetime, error: str) -> None:
        await self._settle(leased, state=JobState.DEAD, finished_at=now, last_error=error)

    async def reap(self, *, now: datetime) -> list[tuple[UUID, JobKind, UUID]]:
        """Jobs that lost their worker on the last attempt become dead: (practice, kind, subject) of each."""
        rows = await self._connection.execute(
            sa.update(job)
            .where(job.c.state == JobState.RUNNING.value, job.c.lease_until < now, job.c.attempts >= job.c.max_attempts)
            .values(state=JobState.DEAD.value, lease_until=None, finished_at=now, last_error="worker_lost")
            .returning(job.c.practice_id, job.c.kind, job.c.subject_id)
        )
        return [(row.practice_id, JobKind(row.kind), row.subject_id) for row in rows]

    async def depths(self) -> dict[str, int]:
        """How many jobs stand in each state that still asks for attention."""
        rows = await self._connection.execute(
            sa.select(job.c.state, sa.func.count())
            .where(job.c.state.in_([JobState.READY.value, JobState.RUNNING.value, JobState.DEAD.value]))
            .group_by(job.c.state)
        )
        return dict(rows.tuples().all())

    async def next_run(self) -> datetime | None:
        """When the earliest waiting job is due."""
        due: datetime | None = await self._connection.scalar(
            sa.select(sa.func.min(job.c.run_at)).where(job.c.state == JobState.READY.value)
        )
        return due

    async def _settle(self, leased: Job, *, state: JobState, **values: object) -> None:
        result = await self._connection.execute(
            sa.update(job).where(*_lease(leased)).values(state=state.value, lease_until=None, **values)
        )
        if int(result.rowcount) != 1:
            raise LeaseLost


def _lease(leased: Job) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        job.c.id == leased.id,
        job.c.lease_token == leased.lease_token,
        job.c.state == JobState.RUNNING.value,
    )
