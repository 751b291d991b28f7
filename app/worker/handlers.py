"""Job kind → use case."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from app.domain.jobs import Job, JobKind
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import run_eligibility_check

Handler = Callable[[Context, Job, datetime], Awaitable[str]]
"""Does the job and returns its outcome in one word; the job is finished or given back in the handler's transaction."""


async def _eligibility_check(context: Context, job: Job, retry_at: datetime) -> str:
    outcome = await run_eligibility_check(context, job, retry_at=retry_at)
    return "retry" if outcome is None else outcome.value


HANDLERS: dict[JobKind, Handler] = {JobKind.ELIGIBILITY_CHECK: _eligibility_check}
