"""Sending a submission: at most one claim at the clearinghouse, whatever happens to the answer or to the worker.

Three steps, no transaction open across the call: (1) that an attempt begins, and under which lease, is committed; the
bytes and their key are on record since the request. (2) The clearinghouse is given them. (3) Its answer, what the claim
becomes by it and the job's completion are committed together, fenced by the lease.

When the answer does not come the outcome is unknown: only the same bytes under the same key may follow, within 23 hours
of the first try. After that it is a person's.
"""

import contextlib
from datetime import timedelta
from typing import Final

from app.clearinghouse.port import UnavailableReason
from app.domain.claim_states import SubmissionState
from app.domain.claims import Claim
from app.domain.errors import ClearinghouseUnavailable, DatabaseUnavailable, LeaseLost
from app.domain.jobs import Job
from app.domain.submissions import SendingFault, Submission
from app.domain.work_items import WorkItemKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context
from app.use_cases.decision_posting import hold_back_overtaken
from app.use_cases.eligibility_checks import Postponed, tenant_of
from app.use_cases.persistence import persistently
from app.use_cases.submission_answers import Attempt, Meaning, NoAnswer, SendingAnswer, meaning_of
from app.use_cases.submission_outcomes import give_up, leave_open, locked_submission, settle, start_attempt

_UNKNOWN: Final = SubmissionState.OUTCOME_UNKNOWN
_CONNECTION_PAUSE: Final = timedelta(minutes=5)
"""Before the next try with a key or an address that is refused."""


async def run_submission(context: Context, job: Job, *, pause: timedelta) -> SubmissionState | Postponed:
    """What the submission has become. After a failure that may pass it is tried again after `pause` and what the
    clearinghouse asked for on top.

    Raises `LeaseLost` when another worker has the job by now; nothing is written then.
    """
    attempt = await _begin(context, job, pause)
    if not isinstance(attempt, Attempt):
        return attempt
    answer = await _send(context, attempt)
    await _note_connection(context, answer)
    return await _record(context, job, attempt, meaning_of(attempt, answer), pause)


async def _begin(context: Context, job: Job, pause: timedelta) -> Attempt | SubmissionState | Postponed:
    """The attempt, committed; or what there is to say when there may be none.

    Two workers that die of one submission, one after the other, may die of it each time: then it waits as after any other
    failure, so that their deaths are few.
    """
    async with context.units.begin(tenant_of(job)) as uow:
        await uow.jobs.hold(job)
        submission, claim = await locked_submission(uow, job.subject_id)
        state = submission.state
        may_be_sent = not submission.may_have_arrived or submission.may_be_sent_again(uow.now)
        if may_be_sent and state is SubmissionState.SENDING and submission.failure == SendingFault.INTERRUPTED:
            await leave_open(uow, submission, claim, Meaning(state=_UNKNOWN, failure=SendingFault.INTERRUPTED))
            await uow.jobs.retry(job, after=pause, error=SendingFault.INTERRUPTED)
            await uow.commit()
            return Postponed(reason=SendingFault.INTERRUPTED)
        if state is SubmissionState.QUEUED and await hold_back_overtaken(uow, submission, claim):
            await uow.jobs.finish(job)
            await uow.commit()
            return SubmissionState.NOT_SENT
        if may_be_sent and state.is_open:
            started = await start_attempt(uow, submission, claim, fence=job.lease_token)
            await uow.commit()
            return Attempt(
                submission=started,
                patient_control_number=claim.patient_control_number,
                may_have_arrived=submission.may_have_arrived,
            )
        await uow.jobs.finish(job)
        if state.is_open:
            state = await give_up(uow, submission, claim)
        await uow.commit()
        return state


async def _send(context: Context, attempt: Attempt) -> SendingAnswer:
    submission = attempt.submission
    try:
        return await context.clearinghouse.submit_claim(submission.x12, idempotency_key=str(submission.idempotency_key))
    except ClearinghouseUnavailable as error:
        return NoAnswer(reason=UnavailableReason(error.reason), retry_after=timedelta(seconds=error.retry_after or 0))


async def _record(
    context: Context, job: Job, attempt: Attempt, meaning: Meaning, pause: timedelta
) -> SubmissionState | Postponed:
    """The answer's effect and the end of the job, or its next try: one transaction, under the lease."""
    after = pause + max(meaning.retry_after, _CONNECTION_PAUSE if meaning.is_of_the_connection else timedelta(0))
    goes_on = (
        not meaning.is_settled
        and meaning.may_be_repeated
        and not job.is_last_attempt
        and attempt.submission.may_be_sent_again(context.now() + after)
    )

    async def write() -> SubmissionState | Postponed:
        async with context.units.begin(tenant_of(job)) as uow:
            await uow.jobs.hold(job)
            submission, claim = await locked_submission(uow, job.subject_id)
            if submission.fence != job.lease_token:
                raise LeaseLost
            outcome = await _take_effect(uow, submission, claim, meaning, goes_on=goes_on)
            if isinstance(outcome, Postponed):
                await uow.jobs.retry(job, after=after, error=outcome.reason)
            else:
                await uow.jobs.finish(job)
            await uow.commit()
            return outcome

    return await persistently(write)


async def _take_effect(
    uow: UnitOfWork, submission: Submission, claim: Claim, meaning: Meaning, *, goes_on: bool
) -> SubmissionState | Postponed:
    """What came in meanwhile may have proved that it arrived: then only a receipt says more."""
    if meaning.is_settled and (submission.state.is_open or submission.state is meaning.state):
        return await settle(uow, submission, claim, meaning)
    if not submission.state.is_open:
        return submission.state
    left = await leave_open(uow, submission, claim, meaning)
    if goes_on:
        return Postponed(reason=str(meaning.failure))
    return await give_up(uow, left, claim, kind=_whose(meaning))


def _whose(meaning: Meaning) -> WorkItemKind:
    """What a person is told of an outcome that stays unknown."""
    if meaning.may_be_repeated:
        return WorkItemKind.SUBMISSION_OUTCOME_UNKNOWN
    return WorkItemKind.SUBMISSION_STOPPED


async def _note_connection(context: Context, answer: SendingAnswer) -> None:
    """For operators only: an answer in hand is not lost because its news could not be written."""
    failure = answer.reason if isinstance(answer, NoAnswer) else None
    with contextlib.suppress(DatabaseUnavailable):
        await context.clearinghouse_connections.note(context.clearinghouse.name, failure)
