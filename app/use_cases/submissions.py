"""Submitting a claim: its exact bytes are frozen with their job in one transaction; what was frozen is listed and read.

The sending is the worker's (`submission_sending`); whoever asks for it may wait for the outcome without holding anything.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.claim_parts import PriorPayer, prior_payers
from app.domain.claim_states import ClaimEventKind, ClaimFact, ClaimStatus, SubmissionState, advance
from app.domain.claims import Claim
from app.domain.errors import Conflict, DatabaseUnavailable
from app.domain.findings import Finding
from app.domain.jobs import JobKind
from app.domain.submissions import Submission, batch_reference, idempotency_key
from app.domain.work_items import WorkItemKind
from app.repositories.submissions import submission_open
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.answer_waiting import settled_within
from app.use_cases.claim_parts import read_parts
from app.use_cases.claim_records import locked_claim, move, visible_claim
from app.use_cases.claim_reviews import Review, current_review, review_of
from app.use_cases.context import Context, found
from app.use_cases.idempotency import Answer, Call, claim, conclude
from app.use_cases.patients import practice_today

ATTEMPTS: Final = 300
"""More than fit into the 23 hours in which the bytes may be sent, at one in 5 minutes: the window ends the tries, and
this only those of a submission that kills its worker.
"""
_ANSWERED_BY_A_NEW_ONE: Final = (WorkItemKind.CLAIM_REJECTED, WorkItemKind.SUBMISSION_STOPPED)


@dataclass(frozen=True, kw_only=True)
class ClaimText:
    """An 837P: the exact text of a submission, or, without one, how the claim would be written now."""

    x12: str = field(repr=False)
    submission: Submission | None


async def create_submission(
    context: Context, tenant: Tenant, claim_id: UUID, *, version: int, wait_seconds: float, call: Call[Submission]
) -> Answer:
    """Commits the submission and its job; waits up to `wait_seconds` for the outcome with no connection held.

    Refused with all findings when the claim's review has an error: nothing is sent that would not pass it.
    """
    control_number = await context.control_numbers.next(context.clearinghouse.name)
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        current = await locked_claim(uow, claim_id, version=version)
        submission = await _freeze(context, uow, current, control_number)
        answer = await conclude(uow, call, claimed, submission, patient_id=current.patient_id)

    async def is_settled(uow: UnitOfWork) -> bool:
        state = await uow.submissions.state(submission.id)
        return state is not None and not state.is_open

    try:
        if not await settled_within(context, tenant, submission.id, wait_seconds, is_settled):
            return answer
        async with context.units.begin(tenant) as uow:
            settled = found(await uow.submissions.get(submission.id))
            return await conclude(uow, call, claimed, settled, patient_id=current.patient_id)
    except DatabaseUnavailable:
        return answer  # committed already: a database that goes away while we wait takes nothing back


async def list_submissions(
    context: Context, tenant: Tenant, claim_id: UUID, *, before: int | None, limit: int
) -> list[Submission]:
    """Newest first."""
    async with context.units.begin(tenant) as uow:
        current = await visible_claim(uow, claim_id)
        rows = await uow.submissions.page(current.id, before=before, limit=limit)
        await uow.audit_events.add(
            AuditEntry(action=AuditAction.LIST, record_type="submission", patient_id=current.patient_id)
        )
        await uow.commit()
        return rows


async def read_claim_837(context: Context, tenant: Tenant, claim_id: UUID, *, sequence: int | None) -> ClaimText:
    """The submission of that sequence number, or the latest; of a claim that was never submitted, its preview."""
    async with context.units.begin(tenant) as uow:
        current = await visible_claim(uow, claim_id)
        text = await _text_of(context, uow, current, sequence)
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.READ,
                record_type="claim" if text.submission is None else "submission",
                record_id=current.id if text.submission is None else text.submission.id,
                patient_id=current.patient_id,
            )
        )
        await uow.commit()
        return text


async def _text_of(context: Context, uow: UnitOfWork, current: Claim, sequence: int | None) -> ClaimText:
    if sequence is not None:
        submission = found(await uow.submissions.by_sequence(current.id, sequence))
        return ClaimText(x12=submission.x12, submission=submission)
    latest = await uow.submissions.latest(current.id)
    if latest is not None:
        return ClaimText(x12=latest.x12, submission=latest)
    review = await current_review(context, uow, current)
    if review.x12 is None:
        raise _not_submittable(review.findings)
    return ClaimText(x12=review.x12, submission=None)


async def _freeze(context: Context, uow: UnitOfWork, current: Claim, control_number: int) -> Submission:
    """The submission, its job and what the claim has become, in the caller's transaction."""
    _require_unsent(current)
    parts = await read_parts(uow, current)
    _require_decided(prior_payers(parts))
    submission_id = uow.new_id()
    reference = batch_reference(submission_id)
    review = review_of(
        context, parts, today=await practice_today(uow), control_number=control_number, reference=reference
    )
    latest = await uow.submissions.latest(current.id)
    x12 = _checked(review)
    submission = Submission(
        id=submission_id,
        claim_id=current.id,
        sequence=1 if latest is None else latest.sequence + 1,
        state=SubmissionState.QUEUED,
        x12=x12,
        sha256=hashlib.sha256(x12.encode()).hexdigest(),
        idempotency_key=idempotency_key(submission_id),
        control_number=control_number,
        reference=reference,
        adjudication_ids=tuple(
            prior.adjudication.id for prior in review.prior_payers if prior.adjudication is not None
        ),
        created_by=uow.tenant.actor,
        created_at=uow.now,
        updated_at=uow.now,
    )
    await uow.submissions.add(submission)
    await uow.jobs.enqueue(
        practice_id=uow.tenant.practice_id,
        kind=JobKind.SUBMISSION,
        subject_id=submission.id,
        request_id=uow.tenant.request_id,
        max_attempts=ATTEMPTS,
    )
    await uow.work_items.settle_claim(current.id, kinds=_ANSWERED_BY_A_NEW_ONE, now=uow.now)
    await move(
        uow,
        current,
        ClaimFact.SUBMISSION_REQUESTED,
        ClaimEventKind.SUBMITTED,
        facts={"submission_id": str(submission.id), "sequence": submission.sequence},
        accepted_by=None,
    )
    await uow.audit_events.add(
        AuditEntry(
            action=AuditAction.SUBMIT,
            record_type="submission",
            record_id=submission.id,
            patient_id=current.patient_id,
        )
    )
    return submission


def _require_unsent(current: Claim) -> None:
    """A draft, or one that was rejected and goes out again (domain rule E1)."""
    if current.status is ClaimStatus.SUBMITTING:
        raise submission_open()
    if current.hold_reason is not None and current.status is ClaimStatus.HELD:
        held = Finding(
            code="claim_held",
            message=f"The claim is held: {current.hold_reason}.",
            pointer="/claim/hold_reason",
        )
        raise Conflict("The claim is held. Release it, then submit it.", code="claim_held", findings=(held,))
    advance(current.status, ClaimFact.SUBMISSION_REQUESTED)


def _require_decided(priors: tuple[PriorPayer, ...]) -> None:
    """No payer is asked before every payer ahead of it has decided (domain rule C1): what held when the claim was made
    may have been taken back since.
    """
    for position, prior in enumerate(priors):
        if prior.billed is None or not prior.billed.is_decided:
            undecided = Finding(
                code="prior_payer_undecided",
                message=f"The {prior.ranked.rank} payer has not decided.",
                pointer=f"/prior_payers/{position}/adjudication",
                location="2320 AMT*D",
            )
            raise Conflict(
                f"The {prior.ranked.rank} payer has not decided. Wait for its remittance, or enter its decision.",
                code="prior_payer_undecided",
                findings=(undecided,),
            )


def _checked(review: Review) -> str:
    """The text, if it may go out."""
    if review.x12 is None or review.has_error:
        raise _not_submittable(review.findings)
    return review.x12


def _not_submittable(findings: tuple[Finding, ...]) -> Conflict:
    return Conflict(
        "The claim cannot be submitted as it stands. Its review shows what to put right.",
        code="claim_not_submittable",
        findings=findings,
    )
