"""Job kind → use case."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from app.domain.jobs import Job, JobKind
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import Postponed, run_eligibility_check


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What became of an attempt in one word, and why when there is more to say."""

    outcome: str
    reason: str | None = None


Handler = Callable[[Context, Job, timedelta], Awaitable[Ended]]
"""Does the job; it is finished, or postponed by the pause given, in the handler's own transaction."""


async def _eligibility_check(context: Context, job: Job, pause: timedelta) -> Ended:
    outcome = await run_eligibility_check(context, job, pause=pause)
    if isinstance(outcome, Postponed):
        return Ended(outcome="retry", reason=outcome.reason)
    return Ended(outcome=outcome.value)


HANDLERS: dict[JobKind, Handler] = {JobKind.ELIGIBILITY_CHECK: _eligibility_check}
