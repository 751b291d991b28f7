"""The worker's loop: take due jobs, run them side by side, renew their leases, stop gracefully.

Woken by a signal at the commit that enqueued a job, and once a second in any case. On stop no new job is taken and those
under way are waited for; what does not end in time is left to its lease. No error of a job or of the queue ends the loop.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.domain.errors import DatabaseUnavailable, LeaseLost
from app.domain.jobs import Job
from app.use_cases.context import Context
from app.use_cases.idempotency import expire_keys
from app.use_cases.jobs import (
    bury_lost_job,
    give_back,
    lost_jobs,
    new_job_signal,
    purge_jobs,
    renew_lease,
    take_jobs,
)
from app.worker.backoff import delay
from app.worker.handlers import HANDLERS, Ended

_POLL_SECONDS = 1.0
_HOUSEKEEPING_SECONDS = 3600.0

log = structlog.get_logger("worker")


@dataclass(frozen=True, kw_only=True)
class WorkerLimits:
    concurrency: int = 8
    lease: timedelta = timedelta(seconds=30)
    stop_seconds: float = 10.0


class Worker:
    """`observe(kind, outcome)` counts what became of each attempt."""

    def __init__(self, context: Context, limits: WorkerLimits, observe: Callable[[str, str], None]) -> None:
        self._context = context
        self._limits = limits
        self._observe = observe
        self._running: dict[asyncio.Task[None], Job] = {}
        self._stopping = False
        self._time: asyncio.Timeout | None = None
        self._wake = asyncio.Event()

    def stop(self) -> None:
        """Takes no further job; `run` returns when those under way have ended, or after `stop_seconds`."""
        if self._stopping:
            return
        self._stopping = True
        self._wake.set()
        if self._time is not None:
            self._time.reschedule(asyncio.get_running_loop().time() + self._limits.stop_seconds)

    async def run(self) -> None:
        housekeeping = asyncio.create_task(self._keep_house())
        try:
            async with asyncio.timeout(None) as self._time:
                await self._take_until_stopped()
                if self._running:
                    await asyncio.wait(self._running)
        except TimeoutError:
            log.warning("jobs_left", count=len(self._running))
        finally:
            self._time = None
            for task in (housekeeping, *self._running):
                task.cancel()
            await asyncio.gather(housekeeping, *self._running, return_exceptions=True)

    async def _take_until_stopped(self) -> None:
        with new_job_signal(self._context) as self._wake:
            while not self._stopping:
                self._wake.clear()
                may_be_more = False
                with _errors_logged("queue"):
                    await self._bury_lost_jobs()
                    may_be_more = await self._start_due_jobs()
                if not may_be_more:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_POLL_SECONDS):
                            await self._wake.wait()

    async def _start_due_jobs(self) -> bool:
        """True when there may be more to take at once.

        Of the jobs that lost their worker one is done at a time: if it is one that kills its worker, those that were lost
        with it the last time are not lost again, until they too have no attempt left.
        """
        free = self._limits.concurrency - len(self._running)
        if free <= 0:
            return False
        jobs = await take_jobs(
            self._context,
            kinds=HANDLERS,
            limit=free,
            lost_limit=0 if any(job.was_lost for job in self._running.values()) else 1,
            lease=self._limits.lease,
        )
        for job in jobs:
            task = asyncio.create_task(self._run(job))
            self._running[task] = job
            task.add_done_callback(self._ended)
        return len(jobs) == free

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._wake.set()

    async def _bury_lost_jobs(self) -> None:
        for job in await lost_jobs(self._context, kinds=HANDLERS):
            with _errors_logged("burial"):
                if await bury_lost_job(self._context, job):
                    self._report(job, Ended(outcome="dead", reason="worker_lost"))

    async def _run(self, job: Job) -> None:
        structlog.contextvars.bind_contextvars(job_id=str(job.id), request_id=job.request_id)
        ended = Ended(outcome="error")
        with _errors_logged("job"):
            try:
                ended = await self._attempt(job)
            except LeaseLost:
                ended = Ended(outcome="lease_lost")
        self._report(job, ended)

    async def _attempt(self, job: Job) -> Ended:
        pause = delay(job.attempts, jitter=random.random())  # noqa: S311  # not a secret
        try:
            return await self._under_lease(job, pause)
        except LeaseLost:
            raise
        except Exception as error:  # one job's error must not stop the others; its class is kept
            log.exception("job_failed", kind=job.kind.value, attempt=job.attempts)
            is_dead = await give_back(self._context, job, pause=pause, error=type(error).__name__)
            return Ended(outcome="dead" if is_dead else "error")

    async def _under_lease(self, job: Job, pause: timedelta) -> Ended:
        """Work that outlives its lease is stopped: by then it is another worker's, and would be refused at its end."""
        try:
            async with asyncio.timeout(self._limits.lease.total_seconds()) as ours:
                heartbeat = asyncio.create_task(self._keep_lease(job, ours))
                try:
                    return await HANDLERS[job.kind](self._context, job, pause)
                finally:
                    heartbeat.cancel()
        except TimeoutError:
            if ours.expired():
                raise LeaseLost from None
            raise

    async def _keep_lease(self, job: Job, ours: asyncio.Timeout) -> None:
        """Renews the lease at a third of its time, so that two missed beats do not lose it."""
        seconds = self._limits.lease.total_seconds()
        while True:
            await asyncio.sleep(seconds / 3)
            asked_at = asyncio.get_running_loop().time()
            with _errors_logged("lease"):
                if not await renew_lease(self._context, job, lease=self._limits.lease) or ours.expired():
                    return
                ours.reschedule(asked_at + seconds)

    async def _keep_house(self) -> None:
        while True:
            with _errors_logged("housekeeping"):
                await expire_keys(self._context)
            with _errors_logged("housekeeping"):
                await purge_jobs(self._context)
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)

    def _report(self, job: Job, ended: Ended) -> None:
        self._observe(job.kind.value, ended.outcome)
        more = {} if ended.reason is None else {"reason": ended.reason}
        log.info(
            "job_ended",
            job_id=str(job.id),
            request_id=job.request_id,
            kind=job.kind.value,
            attempt=job.attempts,
            outcome=ended.outcome,
            **more,
        )


@contextlib.contextmanager
def _errors_logged(part: str) -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailable:
        log.warning("database_unavailable", part=part)
    except Exception:  # the loop goes on whatever one job or one query does
        log.exception("unhandled_error", part=part)
