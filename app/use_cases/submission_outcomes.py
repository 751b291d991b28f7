"""What becomes of a submission, written on it, its claim and the claim's timeline, in the caller's transaction.

Whoever writes here has locked the claim's chain first and the submission after it, in this order everywhere.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.claim_states import ClaimEventKind, ClaimFact, ClaimStatus, SubmissionState, step
from app.domain.claims import Claim
from app.domain.jobs import Job
from app.domain.submissions import SendingFault, Submission
from app.domain.work_items import WorkItemKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_acknowledgments import record_with_answer
from app.use_cases.claim_records import locked_claim, move, open_work, tell
from app.use_cases.context import found
from app.use_cases.submission_answers import Meaning

Facts = dict[str, str | int | None]
_SETTLED_BY_A_RECEIPT: Final = (WorkItemKind.SUBMISSION_OUTCOME_UNKNOWN, WorkItemKind.SUBMISSION_STOPPED)


async def locked_submission(uow: UnitOfWork, submission_id: UUID) -> tuple[Submission, Claim]:
    claim = await locked_claim(uow, found(await uow.submissions.claim_of(submission_id)))
    return found(await uow.submissions.get(submission_id, lock=True)), claim


async def start_attempt(uow: UnitOfWork, submission: Submission, claim: Claim, *, fence: int) -> Submission:
    """On record before the first byte leaves: which attempt, under which lease, and since when."""
    if submission.state is SubmissionState.SENDING:
        submission = await _leave_unknown(uow, submission, claim, SendingFault.INTERRUPTED)
    started = replace(
        submission,
        state=step(submission.state, SubmissionState.SENDING),
        attempts=submission.attempts + 1,
        fence=fence,
        first_sent_at=submission.first_sent_at or uow.now,
        last_sent_at=uow.now,
        updated_at=uow.now,
    )
    await uow.submissions.save_state(started)
    # With the failure of the attempt before it: one that certainly did not arrive has no event of its own.
    await tell(uow, claim, ClaimEventKind.ATTEMPT_STARTED, facts=_facts(started))
    await uow.audit_events.add(_entry(AuditAction.SEND, submission, claim))
    return started


async def leave_open(uow: UnitOfWork, submission: Submission, claim: Claim, meaning: Meaning) -> Submission:
    """Without an answer: queued when certainly nothing arrived, otherwise unknown."""
    if meaning.state is SubmissionState.OUTCOME_UNKNOWN:
        return await _leave_unknown(uow, submission, claim, meaning.failure)
    state = step(submission.state, meaning.state)
    queued = replace(submission, state=state, failure=meaning.failure, updated_at=uow.now)
    await uow.submissions.save_state(queued)
    return queued


async def settle(uow: UnitOfWork, submission: Submission, claim: Claim, meaning: Meaning) -> SubmissionState:
    """The clearinghouse's word: sent or refused. That it was sent may have been proved already, by what came in since."""
    is_sent = meaning.state is SubmissionState.SENT
    is_proved = submission.state is meaning.state
    settled = replace(
        submission,
        state=submission.state if is_proved else step(submission.state, meaning.state),
        clearinghouse_id=meaning.clearinghouse_id,
        failure=meaning.failure,
        problems=meaning.problems,
        answered_at=uow.now,
        updated_at=uow.now,
    )
    await uow.submissions.save_state(settled)
    if not is_proved:
        fact, kind = (ClaimFact.SENT, ClaimEventKind.SENT) if is_sent else (ClaimFact.REFUSED, ClaimEventKind.REFUSED)
        claim = await move(uow, claim, fact, kind, facts=_facts(settled))
    if is_sent:
        await uow.work_items.settle_claim(claim.id, kinds=_SETTLED_BY_A_RECEIPT, now=uow.now)
    elif claim.status is ClaimStatus.REJECTED:  # a decision may have come meanwhile: then there is nothing to correct
        await _open_item(uow, claim, WorkItemKind.CLAIM_REJECTED, meaning.failure)
    for position, said in enumerate(meaning.acknowledgments, start=1):
        claim = await record_with_answer(uow, claim, settled, said, position=position)
    await uow.audit_events.add(_entry(AuditAction.RECORD_ANSWER, settled, claim, reason=settled.state))
    return settled.state


async def give_up(
    uow: UnitOfWork,
    submission: Submission,
    claim: Claim,
    *,
    kind: WorkItemKind = WorkItemKind.SUBMISSION_OUTCOME_UNKNOWN,
) -> SubmissionState:
    """It is sent no more. What perhaps arrived stays unknown, a person's to look for; what certainly did not makes its
    claim a draft again.
    """
    failure = submission.failure
    if submission.state is SubmissionState.SENDING or failure is None:
        failure = SendingFault.INTERRUPTED
    if submission.may_have_arrived:
        left = await _leave_unknown(uow, submission, claim, failure)
        await _open_item(uow, claim, kind, failure)
    else:
        left, claim = await _end_unsent(uow, submission, claim, failure)
        await _open_item(uow, claim, WorkItemKind.SUBMISSION_STOPPED, failure)
    await uow.audit_events.add(_entry(AuditAction.RECORD_ANSWER, left, claim, reason=left.state))
    return left.state


async def withdraw_queued(uow: UnitOfWork, claim: Claim) -> Claim:
    """What waits and certainly never left is not sent any more when a decision has overtaken it; its claim is a draft
    again, and its job finds nothing to do. What perhaps left stays. The claim's chain is locked by whoever calls this.
    """
    latest = await uow.submissions.latest(claim.id)
    submission = None if latest is None else await uow.submissions.get(latest.id, lock=True)
    if submission is None or not submission.state.is_open or submission.may_have_arrived:
        return claim
    return (await _end_unsent(uow, submission, claim, SendingFault.OVERTAKEN))[1]


async def _end_unsent(uow: UnitOfWork, submission: Submission, claim: Claim, failure: str) -> tuple[Submission, Claim]:
    ended = replace(
        submission,
        state=step(submission.state, SubmissionState.NOT_SENT),
        failure=failure,
        answered_at=uow.now,
        updated_at=uow.now,
    )
    await uow.submissions.save_state(ended)
    return ended, await move(uow, claim, ClaimFact.NOT_SENT, ClaimEventKind.NOT_SENT, facts=_facts(ended))


async def fail_submission(uow: UnitOfWork, job: Job) -> None:
    """The submission of a job that is given up, in the transaction that buries it: it must not be open for ever."""
    if await uow.submissions.claim_of(job.subject_id) is None:
        return
    submission, claim = await locked_submission(uow, job.subject_id)
    if submission.state.is_open:
        await give_up(uow, submission, claim)


async def _leave_unknown(uow: UnitOfWork, submission: Submission, claim: Claim, failure: str | None) -> Submission:
    state = SubmissionState.OUTCOME_UNKNOWN
    is_told = submission.state is state and submission.failure == failure
    if submission.state is not state:
        step(submission.state, state)
    unknown = replace(submission, state=state, failure=failure, updated_at=uow.now)
    await uow.submissions.save_state(unknown)
    if not is_told:
        await tell(uow, claim, ClaimEventKind.OUTCOME_UNKNOWN, facts=_facts(unknown))
    return unknown


async def _open_item(uow: UnitOfWork, claim: Claim, kind: WorkItemKind, reason: str | None) -> None:
    await open_work(uow, claim, kind, reason or SendingFault.INTERRUPTED)


def _facts(submission: Submission) -> Facts:
    facts: Facts = {
        "submission_id": str(submission.id),
        "sequence": submission.sequence,
        "attempt": submission.attempts,
    }
    return facts if submission.failure is None else {**facts, "failure": str(submission.failure)}


def _entry(action: AuditAction, submission: Submission, claim: Claim, reason: str | None = None) -> AuditEntry:
    return AuditEntry(
        action=action,
        record_type="submission",
        record_id=submission.id,
        patient_id=claim.patient_id,
        reason=reason,
    )
