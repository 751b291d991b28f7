"""What the answer to a submission means: taken, refused, certainly not there, or nobody knows.

An answer counts only when it is about our claim. What it leaves open is tried again with the same bytes under the same
key; what it settles is recorded by `submission_outcomes`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

from app.clearinghouse.port import RefusedReason, SubmissionReceipt, SubmissionRefusal, UnavailableReason
from app.domain.acknowledgments import (
    BatchAcknowledgment,
    ClaimAcknowledgment,
    EnvelopeAcknowledgment,
    GroupAcknowledgment,
    TransactionAcknowledgment,
)
from app.domain.claim_states import SubmissionState
from app.domain.submissions import SendingFault, Submission, SubmissionProblem
from app.x12 import acknowledgment_999, claim_acknowledgment_277

SyntaxAcknowledgment: TypeAlias = TransactionAcknowledgment | GroupAcknowledgment | EnvelopeAcknowledgment
_MOST_PROBLEMS: Final = 100


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One sending. `may_have_arrived`: an attempt before it may have brought the claim there already."""

    submission: Submission
    patient_control_number: str
    may_have_arrived: bool


@dataclass(frozen=True, kw_only=True)
class NoAnswer:
    """Why there is none, and how long the other side wants to be left alone."""

    reason: UnavailableReason
    retry_after: timedelta = timedelta(0)


SendingAnswer: TypeAlias = SubmissionReceipt | SubmissionRefusal | NoAnswer


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """`state` is what the submission becomes: sent and refused are settled, the others go out again while they may."""

    state: SubmissionState
    failure: str | None = None
    clearinghouse_id: str | None = field(default=None, repr=False)
    problems: tuple[SubmissionProblem, ...] = field(default=(), repr=False)
    acknowledgments: tuple[ClaimAcknowledgment, ...] = field(default=(), repr=False)
    may_be_repeated: bool = True
    retry_after: timedelta = timedelta(0)

    @property
    def is_settled(self) -> bool:
        return not self.state.is_open

    @property
    def is_of_the_connection(self) -> bool:
        """Credentials or address are wrong: that is put right by an operator, not within seconds."""
        return self.failure in {UnavailableReason.CREDENTIALS, UnavailableReason.WRONG_ADDRESS}


def meaning_of(attempt: Attempt, answer: SendingAnswer) -> Meaning:
    match answer:
        case SubmissionReceipt():
            return _of_receipt(attempt, answer)
        case SubmissionRefusal():
            return _of_refusal(attempt, answer)
        case NoAnswer():
            return _of_silence(attempt, answer)


def _of_receipt(attempt: Attempt, receipt: SubmissionReceipt) -> Meaning:
    if receipt.patient_control_number != attempt.patient_control_number:
        return Meaning(state=SubmissionState.OUTCOME_UNKNOWN, failure=SendingFault.OTHER_CLAIM)
    return Meaning(
        state=SubmissionState.SENT,
        clearinghouse_id=receipt.clearinghouse_id,
        acknowledgments=_acknowledgments(attempt, receipt.acknowledgment),
    )


def _of_refusal(attempt: Attempt, refusal: SubmissionRefusal) -> Meaning:
    """A refusal that does not name our claim says nothing of what an earlier attempt has delivered: that one may have
    been taken, and this one turned away because of it.
    """
    named = refusal.patient_control_number
    if named not in {None, attempt.patient_control_number}:
        return Meaning(state=SubmissionState.OUTCOME_UNKNOWN, failure=SendingFault.OTHER_CLAIM)
    acknowledgments = _acknowledgments(attempt, refusal.acknowledgment)
    syntax = _syntax_errors(attempt, refusal)
    is_ours = named is not None or bool(acknowledgments) or bool(syntax)
    if attempt.may_have_arrived and not is_ours:
        return Meaning(state=SubmissionState.OUTCOME_UNKNOWN, failure=refusal.reason)
    told = (
        SubmissionProblem(code=place.code, location=place.location, description=place.description)
        for place in refusal.problems
    )
    return Meaning(
        state=SubmissionState.REFUSED,
        failure=refusal.reason,
        problems=(*told, *syntax)[:_MOST_PROBLEMS],
        acknowledgments=acknowledgments,
    )


def _of_silence(attempt: Attempt, silence: NoAnswer) -> Meaning:
    reason = silence.reason
    is_certain = not (reason.may_have_arrived or attempt.may_have_arrived)
    return Meaning(
        state=SubmissionState.QUEUED if is_certain else SubmissionState.OUTCOME_UNKNOWN,
        failure=reason,
        may_be_repeated=reason.may_be_repeated,
        retry_after=silence.retry_after,
    )


def _acknowledgments(attempt: Attempt, x12: str | None) -> tuple[ClaimAcknowledgment, ...]:
    """What a 277CA says of our claim.

    The claim is found by its patient control number (2200D TRN02), whatever number the batch has there: some put one of
    their own. A word about a whole batch counts when it names our reference (2200B TRN02), and then as one about the claim.
    """
    if x12 is None:
        return ()
    number, reference = attempt.patient_control_number, attempt.submission.reference
    read, _ = claim_acknowledgment_277.read(x12)
    ours: list[ClaimAcknowledgment] = []
    for said in read:
        if isinstance(said, ClaimAcknowledgment):
            ours += [said] if said.patient_control_number == number else []
        elif said.batch_reference == reference:
            ours.append(_about_claim(said, number))
    return tuple(ours)


def _about_claim(said: BatchAcknowledgment, patient_control_number: str) -> ClaimAcknowledgment:
    """A submission holds one claim, so what is said of its batch is said of the claim."""
    return ClaimAcknowledgment(
        source=said.source,
        source_name=said.source_name,
        batch_reference=said.batch_reference,
        patient_control_number=patient_control_number,
        effect=said.effect,
        statuses=said.statuses,
        effective_on=said.effective_on,
        segment=said.segment,
    )


def _syntax_errors(attempt: Attempt, refusal: SubmissionRefusal) -> tuple[SubmissionProblem, ...]:
    """The places that a 999 or TA1 about our interchange names: at least its verdict."""
    if refusal.reason is not RefusedReason.SYNTAX or refusal.acknowledgment is None:
        return ()
    read, _ = acknowledgment_999.read(refusal.acknowledgment)
    return tuple(_problems(one for one in read if _is_of(one, attempt.submission.control_number)))


def _is_of(said: SyntaxAcknowledgment, control_number: int) -> bool:
    """GS06 and ISA13 of what we send are the same number."""
    number = said.interchange_control_number if isinstance(said, EnvelopeAcknowledgment) else said.group_control_number
    return number.lstrip("0") == str(control_number)


def _problems(acknowledgments: Iterable[SyntaxAcknowledgment]) -> Iterable[SubmissionProblem]:
    for said in acknowledgments:
        if isinstance(said, EnvelopeAcknowledgment):
            yield SubmissionProblem(code=said.note_code or said.status_code, location="ISA")
        else:
            yield from (SubmissionProblem(code=said.status_code, location=error) for error in said.errors)
            if not said.accepted and not said.errors:
                yield SubmissionProblem(code=said.status_code)
