"""Acknowledgments of claims (277CA, 999): kept, and the claim moved by what they say of its latest submission.

They come in documents of the feed, and with the answer to a submission. Whoever answers has the claim: a submission whose
outcome was unknown is known to have arrived, whatever was answered.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.acknowledgments import AcknowledgmentEffect, AcknowledgmentSource, ClaimAcknowledgment, StatusCode
from app.domain.claim_states import (
    ClaimEventKind,
    ClaimFact,
    SubmissionState,
    applies,
    fact_of_acknowledgment,
    step,
)
from app.domain.claims import AcceptedBy, Claim
from app.domain.received_remittances import ReceivedAcknowledgment
from app.domain.submissions import Submission
from app.domain.work_items import WorkItemKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_records import move, open_work
from app.use_cases.context import found

_EVENTS: Final = {
    ClaimFact.ACCEPTED_BY_CLEARINGHOUSE: ClaimEventKind.ACCEPTED,
    ClaimFact.ACCEPTED_BY_PAYER: ClaimEventKind.ACCEPTED,
    ClaimFact.REJECTED: ClaimEventKind.REJECTED,
    ClaimFact.PENDED: ClaimEventKind.PENDED,
}
"""A mere receipt moves nothing and is kept without a word: submission and acceptance are told."""
_ACCEPTANCES: Final = frozenset({ClaimFact.ACCEPTED_BY_CLEARINGHOUSE, ClaimFact.ACCEPTED_BY_PAYER})
_NOT_THERE: Final = frozenset({SubmissionState.QUEUED, SubmissionState.NOT_SENT})
_STATUS_CODE: Final = re.compile(r"[A-Z][0-9]{1,2}(:[0-9]{1,4}(:[A-Z0-9]{2,3})?)?", re.ASCII)
"""As the code lists 507, 508 and 98 have them; anything else in their place may be somebody's data."""
_MOST_CODES: Final = 10
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""The clearinghouse's clock and ours, at most."""
_SETTLED: Final = (WorkItemKind.SUBMISSION_OUTCOME_UNKNOWN, WorkItemKind.SUBMISSION_STOPPED)


async def record_acknowledgment(
    uow: UnitOfWork, claim: Claim, said: ClaimAcknowledgment, *, document_id: UUID, position: int
) -> Claim:
    """The claim after it, which is locked by the caller. Each place of a document counts once, however often it is read."""
    document = found(await uow.inbound_documents.get(document_id))
    submissions = await uow.submissions.of_claim(claim.id)
    gone_out = [one for one in submissions if one.first_sent_at is not None]
    about = _submission_meant(gone_out, said, document.processed_at)
    received = ReceivedAcknowledgment(
        id=uow.new_id(),
        claim_id=claim.id,
        submission_id=None if about is None else about.id,
        document_id=document_id,
        position=position,
        acknowledgment=said,
        received_at=uow.now,
    )
    if not await uow.claim_acknowledgments.add(received):
        return claim
    if about is None or about is not submissions[-1]:
        return claim  # what was said of an earlier submission is no fact about the claim as it is now
    if about.state.is_open and len(gone_out) > 1 and not _names(said, about):
        return claim  # nor is what may be said of an earlier one while nobody knows whether the latest arrived
    return await _follow(uow, await _settle_as_sent(uow, claim, about), received)


async def record_with_answer(
    uow: UnitOfWork, claim: Claim, submission: Submission, said: ClaimAcknowledgment, *, position: int
) -> Claim:
    """What came with the answer to a submission. A refusal has said already what it means for the claim."""
    received = ReceivedAcknowledgment(
        id=uow.new_id(),
        claim_id=claim.id,
        submission_id=submission.id,
        position=position,
        acknowledgment=said,
        received_at=uow.now,
    )
    is_new = await uow.claim_acknowledgments.add(received)
    if not is_new or submission.state is SubmissionState.REFUSED:
        return claim
    return await _follow(uow, claim, received)


async def settle_only_submission(uow: UnitOfWork, claim: Claim) -> Claim:
    """A payer answers about the claim: the only submission that ever went out has arrived."""
    gone_out = [one for one in await uow.submissions.of_claim(claim.id) if one.first_sent_at is not None]
    return await _settle_as_sent(uow, claim, gone_out[0]) if len(gone_out) == 1 else claim


async def _settle_as_sent(uow: UnitOfWork, claim: Claim, submission: Submission) -> Claim:
    """Where nobody knew whether it had arrived. The answer to an attempt that is under way adds what it is called there."""
    if submission.state not in {SubmissionState.SENDING, SubmissionState.OUTCOME_UNKNOWN}:
        return claim
    state = step(submission.state, SubmissionState.SENT)
    await uow.submissions.save_state(
        replace(submission, state=state, answered_at=uow.now, failure=None, updated_at=uow.now)
    )
    await uow.work_items.settle_claim(claim.id, kinds=_SETTLED, now=uow.now)
    return await move(
        uow,
        claim,
        ClaimFact.SENT,
        ClaimEventKind.SENT,
        reason="answered",
        facts={"submission_id": str(submission.id), "sequence": submission.sequence},
    )


def _submission_meant(
    gone_out: Sequence[Submission], said: ClaimAcknowledgment, processed_at: datetime
) -> Submission | None:
    """The one that it names; payers that repeat another number, or none, answer to the latest that had arrived, or may
    have, when the clearinghouse had their answer.
    """
    named = next((one for one in gone_out if _names(said, one)), None)
    if named is not None:
        return named
    arrived = [one for one in gone_out if one.state not in _NOT_THERE] or gone_out
    latest_start = processed_at + _CLOCKS_DIFFER
    before = [one for one in arrived if one.first_sent_at is not None and one.first_sent_at <= latest_start]
    return next(reversed(before or arrived), None)


def _names(said: ClaimAcknowledgment, submission: Submission) -> bool:
    """By its BHT03, or as a 999 does by its GS06."""
    number = said.batch_reference
    if number is None:
        return False
    return number == submission.reference or number.lstrip("0") == str(submission.control_number)


async def _follow(uow: UnitOfWork, claim: Claim, received: ReceivedAcknowledgment) -> Claim:
    """Moved and told. What came late, after a decision or what a person did since, is told and moves nothing."""
    said = received.acknowledgment
    fact = fact_of_acknowledgment(said.effect, said.source)
    if fact is None or fact not in _EVENTS:
        return claim
    in_time = applies(claim.status, fact)
    is_late_acceptance = fact in _ACCEPTANCES and not claim.status.is_changeable
    codes = _shown(said.statuses)
    moved = await move(
        uow,
        claim,
        fact,
        _EVENTS[fact],
        facts={
            "acknowledgment_id": str(received.id),
            **({} if received.document_id is None else {"document_id": str(received.document_id)}),
            "submission_id": str(received.submission_id),
            "source": said.source.value,
            **({"status_codes": codes} if codes else {}),
        },
        accepted_by=_accepted_by(claim, fact) if in_time or is_late_acceptance else claim.accepted_by,
        payer_claim_number=(said.payer_claim_number if in_time else None) or claim.payer_claim_number,
    )
    if not in_time:
        return moved
    if fact is ClaimFact.REJECTED:
        await open_work(uow, moved, WorkItemKind.CLAIM_REJECTED, f"rejected_by_{said.source.value}")
    else:
        await uow.work_items.settle_claim(moved.id, kinds=(WorkItemKind.CLAIM_REJECTED,), now=uow.now)
    return moved


def _accepted_by(claim: Claim, fact: ClaimFact) -> AcceptedBy | None:
    """A payer's acceptance is more than the clearinghouse's, in whichever order they come; a rejection ends both."""
    if fact is ClaimFact.REJECTED:
        return None
    if fact is ClaimFact.ACCEPTED_BY_PAYER:
        return AcceptedBy.PAYER
    if fact is ClaimFact.ACCEPTED_BY_CLEARINGHOUSE:
        return claim.accepted_by or AcceptedBy.CLEARINGHOUSE
    return claim.accepted_by


def _shown(statuses: Iterable[StatusCode]) -> str:
    """The status codes as a 277CA writes them (`A7:33:IL`), for a timeline."""
    texts = (":".join(part for part in (one.category, one.status, one.entity) if part) for one in statuses)
    shown = [text for text in texts if _STATUS_CODE.fullmatch(text)]
    return " ".join(dict.fromkeys(shown[:_MOST_CODES]))


def refused_syntax(patient_control_number: str, *, group_control_number: str, segment: int) -> ClaimAcknowledgment:
    """What a 999 that refuses a transaction set says of a claim it names: it was never read."""
    return ClaimAcknowledgment(
        source=AcknowledgmentSource.CLEARINGHOUSE,
        batch_reference=group_control_number,
        patient_control_number=patient_control_number,
        effect=AcknowledgmentEffect.REJECTED,
        segment=segment,
    )
