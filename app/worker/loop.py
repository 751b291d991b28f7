"""The worker's loop: take due jobs, run them side by side, renew their leases, stop gracefully.

Woken by a signal at the commit that enqueued a job, and once a second in any case. On stop no new job is taken and those
under way are waited for; what does not end in time is left to its lease.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.domain.errors import DatabaseUnavailable, LeaseLost
from app.domain.jobs import Job
from app.use_cases.context import Context
from app.use_cases.idempotency import expire_keys
from app.use_cases.jobs import give_back, reap_jobs, renew_lease, take_jobs
from app.worker.backoff import delay
from app.worker.handlers import HANDLERS

NEW_JOB_CHANNEL = "crossover_job"
_POLL_SECONDS = 1.0
_HOUSEKEEPING_SECONDS = 3600.0

log = structlog.get_logger("worker")


@dataclass(frozen=True, kw_only=True)
class WorkerLimits:
    concurrency: int = 8
    lease: timedelta = timedelta(seconds=30)
    stop_seconds: float = 10.0


class Worker:
    """`observe(kind, outcome)` counts what became of each job."""

    def __init__(self, context: Context, limits: WorkerLimits, observe: Callable[[str, str], None]) -> None:
        self._context = context
        self._limits = limits
        self._observe = observe
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Takes no further job; `run` returns when those under way have ended, or after `stop_seconds`."""
        self._stopping.set()

    async def run(self) -> None:
        housekeeping = asyncio.create_task(self._keep_house())
        try:
            with self._context.signals.subscribe(NEW_JOB_CHANNEL) as new_job:
                while not self._stopping.is_set():
                    new_job.clear()
                    if not await self._start_due_jobs():
                        await self._wait(new_job)
            if self._running:
                await asyncio.wait(self._running, timeout=self._limits.stop_seconds)
        finally:
            for task in (housekeeping, *self._running):
                task.cancel()
            await asyncio.gather(housekeeping, *self._running, return_exceptions=True)

    async def _start_due_jobs(self) -> bool:
        """True when there may be more to take at once."""
        free = self._limits.concurrency - len(self._running)
        if free <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED, timeout=_POLL_SECONDS)
            return True
        try:
            await reap_jobs(self._context)
            jobs = await take_jobs(self._context, limit=free, lease=self._limits.lease)
        except DatabaseUnavailable:
            log.warning("database_unavailable")
            return False
        for job in jobs:
            task = asyncio.create_task(self._run(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(jobs) == free

    async def _run(self, job: Job) -> None:
        structlog.contextvars.bind_contextvars(job_id=str(job.id), request_id=job.request_id)
        heartbeat = asyncio.create_task(self._beat(job))
        retry_at = self._context.now() + delay(job.attempts, jitter=random.random())  # noqa: S311  # not a secret
        try:
            outcome = await HANDLERS[job.kind](self._context, job, retry_at)
        except LeaseLost:
            outcome = "lease_lost"
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  # one job's error must not stop the others; its class is kept
            name = type(error).__name__
            log.error("job_failed", kind=job.kind.value, attempt=job.attempts, error=name)
            with contextlib.suppress(DatabaseUnavailable):
                await give_back(self._context, job, run_at=retry_at, error=name)
            outcome = "error"
        finally:
            heartbeat.cancel()
        self._observe(job.kind.value, outcome)
        log.info("job_ended", kind=job.kind.value, attempt=job.attempts, outcome=outcome)

    async def _beat(self, job: Job) -> None:
        """Renews the lease at a third of its time, so that two missed beats do not lose it."""
        while True:
            await asyncio.sleep(self._limits.lease.total_seconds() / 3)
            with contextlib.suppress(DatabaseUnavailable):
                if not await renew_lease(self._context, job, lease=self._limits.lease):
                    return

    async def _keep_house(self) -> None:
        while True:
            with contextlib.suppress(DatabaseUnavailable):
                await expire_keys(self._context)
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)

    async def _wait(self, new_job: asyncio.Event) -> None:
        stop = asyncio.create_task(self._stopping.wait())
        wake = asyncio.create_task(new_job.wait())
        await asyncio.wait({stop, wake}, timeout=_POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in (stop, wake):
            task.cancel()
