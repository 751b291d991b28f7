"""Job kind → use case."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from app.domain.jobs import Job, JobKind
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import Postponed, run_eligibility_check
from app.use_cases.inbound_claims import record_inbound_claims
from app.use_cases.inbound_documents import run_inbound_document
from app.use_cases.submission_sending import run_submission


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


async def _submission(context: Context, job: Job, pause: timedelta) -> Ended:
    outcome = await run_submission(context, job, pause=pause)
    if isinstance(outcome, Postponed):
        return Ended(outcome="retry", reason=outcome.reason)
    return Ended(outcome=outcome.value)


async def _inbound_document(context: Context, job: Job, pause: timedelta) -> Ended:
    outcome = await run_inbound_document(context, job, pause=pause)
    if isinstance(outcome, Postponed):
        return Ended(outcome="retry", reason=outcome.reason)
    return Ended(outcome="done", reason=outcome.value)


async def _inbound_claims(context: Context, job: Job, _pause: timedelta) -> Ended:
    await record_inbound_claims(context, job)
    return Ended(outcome="done")


HANDLERS: dict[JobKind, Handler] = {
    JobKind.ELIGIBILITY_CHECK: _eligibility_check,
    JobKind.SUBMISSION: _submission,
    JobKind.INBOUND_DOCUMENT: _inbound_document,
    JobKind.INBOUND_CLAIMS: _inbound_claims,
}
