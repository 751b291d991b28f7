"""The two state machines: a submission's way to the clearinghouse, and a claim's way to a decision.

Pure. The claim's status is derived here from what happened, and nowhere else (domain rules F).
"""

from enum import StrEnum
from typing import Final

from app.domain.acknowledgments import AcknowledgmentEffect, AcknowledgmentSource
from app.domain.errors import Conflict


class SubmissionState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    OUTCOME_UNKNOWN = "outcome_unknown"
    """Perhaps it arrived: settled by looking, or by the same bytes under the same key."""
    SENT = "sent"
    NOT_SENT = "not_sent"
    """Given up, and certain that nothing arrived."""
    REFUSED = "refused"
    """The clearinghouse read it and refused it."""

    @property
    def is_open(self) -> bool:
        return self in {SubmissionState.QUEUED, SubmissionState.SENDING, SubmissionState.OUTCOME_UNKNOWN}


class ClaimStatus(StrEnum):
    DRAFT = "draft"
    HELD = "held"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDED = "pended"
    PAID = "paid"
    """Decided and not denied, even at 0.00."""
    DENIED = "denied"
    REPLACEMENT_PENDING = "replacement_pending"
    REPLACED = "replaced"
    VOID_PENDING = "void_pending"
    VOIDED = "voided"

    @property
    def is_live(self) -> bool:
        """The bill to its payer that counts; while a replacement or void is under way its successor is that."""
        return self not in _NOT_LIVE

    @property
    def is_over(self) -> bool:
        """Nothing can happen to it any more."""
        return self in {ClaimStatus.REPLACED, ClaimStatus.VOIDED}

    @property
    def is_changeable(self) -> bool:
        """What it says can still be changed: the payer has not taken it for adjudication."""
        return self in {ClaimStatus.DRAFT, ClaimStatus.HELD, ClaimStatus.REJECTED}


_NOT_LIVE: Final = frozenset(
    {ClaimStatus.REPLACED, ClaimStatus.VOIDED, ClaimStatus.REPLACEMENT_PENDING, ClaimStatus.VOID_PENDING}
)


class HoldReason(StrEnum):
    """Why a claim may not go out yet."""

    BY_HAND = "by_hand"
    PRIOR_PAYER_DENIED = "prior_payer_denied"
    """Non-covered or exhausted there: one confirmation releases it (domain rule C1)."""
    PRIOR_PAYER_CORRECTABLE = "prior_payer_correctable"
    """Denied for a reason that is put right at the earlier payer: an override reason releases it."""
    PAPER_REQUIRED = "paper_required"
    """The payer takes no claim after another payer electronically (domain rule C7)."""
    CROSSOVER_EXPECTED = "crossover_expected"
    """The earlier payer forwarded it (domain rules D)."""
    EARLIER_DECISION_CHANGED = "earlier_decision_changed"


class ClaimOutcome(StrEnum):
    """What a payer decided (domain rule B1)."""

    PAID = "paid"
    ZERO_PAID_PATIENT = "zero_paid_patient"
    DENIED = "denied"
    PARTLY_DENIED = "partly_denied"
    PARTIALLY_ADJUDICATED = "partially_adjudicated"
    """Some lines have no decision yet: not decided, no next claim (domain rule B6)."""

    @property
    def is_decided(self) -> bool:
        return self is not ClaimOutcome.PARTIALLY_ADJUDICATED


class ClaimEventKind(StrEnum):
    """What can happen to a claim; the timeline shows them."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    HELD = "held"
    RELEASED = "released"
    SUBMITTED = "submitted"
    ATTEMPT_STARTED = "attempt_started"
    OUTCOME_UNKNOWN = "outcome_unknown"
    SENT = "sent"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDED = "pended"
    ADJUDICATED = "adjudicated"
    ADJUDICATION_PROPOSED = "adjudication_proposed"
    REPAIRED = "repaired"
    SECONDARY_CREATED = "secondary_created"
    REVERSED = "reversed"


_SUBMISSION_STEPS: Final[dict[SubmissionState, frozenset[SubmissionState]]] = {
    SubmissionState.QUEUED: frozenset({SubmissionState.SENDING, SubmissionState.NOT_SENT}),
    SubmissionState.SENDING: frozenset(
        {
            SubmissionState.QUEUED,
            SubmissionState.SENT,
            SubmissionState.REFUSED,
            SubmissionState.OUTCOME_UNKNOWN,
            SubmissionState.NOT_SENT,
        }
    ),
    SubmissionState.OUTCOME_UNKNOWN: frozenset(
        {SubmissionState.SENDING, SubmissionState.SENT, SubmissionState.REFUSED, SubmissionState.NOT_SENT}
    ),
    SubmissionState.SENT: frozenset(),
    SubmissionState.NOT_SENT: frozenset(),
    SubmissionState.REFUSED: frozenset(),
}
"""A worker that died while it was sending leaves `sending`: it perhaps arrived, so the way on is `outcome_unknown`.

Back to `queued` goes what certainly did not arrive, by this attempt or any before it; from `outcome_unknown` no way leads
there.
"""


def may_become(state: SubmissionState, to: SubmissionState) -> bool:
    return to in _SUBMISSION_STEPS[state]


def step(state: SubmissionState, to: SubmissionState) -> SubmissionState:
    """The submission's next state; what the machine does not know is refused."""
    if not may_become(state, to):
        raise Conflict(f"A submission that is {state} does not become {to}.", code="submission_state")
    return to


class ClaimFact(StrEnum):
    """What can befall a claim. Acknowledgments and outcomes are those of its latest submission: what belongs to an
    earlier one is kept, and is no fact about the claim any more.
    """

    SUBMISSION_REQUESTED = "submission_requested"
    SENT = "sent"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    RECEIVED = "received"
    """Somebody has it, nobody has accepted it: proof that it arrived."""
    ACCEPTED_BY_CLEARINGHOUSE = "accepted_by_clearinghouse"
    ACCEPTED_BY_PAYER = "accepted_by_payer"
    REJECTED = "rejected"
    PENDED = "pended"
    DECIDED_PAID = "decided_paid"
    DECIDED_DENIED = "decided_denied"
    DECISION_REVERSED = "decision_reversed"
    """The payer took its decision back and has not decided anew."""
    HELD = "held"
    HOLD_REQUIRED = "hold_required"
    """A rule holds it, such as an earlier payer's decision that changed (domain rule E4)."""
    RELEASED = "released"
    REPLACEMENT_STARTED = "replacement_started"
    REPLACEMENT_ACCEPTED = "replacement_accepted"
    REPLACEMENT_FAILED = "replacement_failed"
    VOID_STARTED = "void_started"
    VOID_ACCEPTED = "void_accepted"
    VOID_FAILED = "void_failed"

    @property
    def is_act(self) -> bool:
        """Somebody wants it. Where it does not fit it is refused; a late answer that does not fit changes nothing."""
        return self in _ACTS


_ACTS: Final = frozenset(
    {
        ClaimFact.SUBMISSION_REQUESTED,
        ClaimFact.HELD,
        ClaimFact.RELEASED,
        ClaimFact.REPLACEMENT_STARTED,
        ClaimFact.VOID_STARTED,
    }
)


def _from(statuses: str, to: ClaimStatus) -> dict[ClaimStatus, ClaimStatus]:
    return dict.fromkeys(map(ClaimStatus, statuses.split()), to)


_BEFORE_ANSWER: Final = "submitting submitted"
_UNDECIDED: Final = "draft held submitting submitted accepted rejected pended"
_CLAIM_STEPS: Final[dict[ClaimFact, dict[ClaimStatus, ClaimStatus]]] = {
    # From hold the way out is a release; a rejected claim goes out again as the same claim (domain rule E1).
    ClaimFact.SUBMISSION_REQUESTED: _from("draft rejected", ClaimStatus.SUBMITTING),
    ClaimFact.SENT: _from("submitting", ClaimStatus.SUBMITTED),
    ClaimFact.NOT_SENT: _from("submitting", ClaimStatus.DRAFT),
    ClaimFact.REFUSED: _from("submitting", ClaimStatus.REJECTED),
    ClaimFact.RECEIVED: _from(_BEFORE_ANSWER, ClaimStatus.SUBMITTED),
    ClaimFact.ACCEPTED_BY_CLEARINGHOUSE: _from(f"{_BEFORE_ANSWER} accepted", ClaimStatus.ACCEPTED),
    ClaimFact.ACCEPTED_BY_PAYER: _from(f"{_BEFORE_ANSWER} accepted", ClaimStatus.ACCEPTED),
    ClaimFact.REJECTED: _from(f"{_BEFORE_ANSWER} accepted pended rejected", ClaimStatus.REJECTED),
    ClaimFact.PENDED: _from(f"{_BEFORE_ANSWER} accepted pended", ClaimStatus.PENDED),
    # A decision wins over whatever was said before it (domain rules F); a draft was billed elsewhere, a held claim
    # crossed over (domain rule D3).
    ClaimFact.DECIDED_PAID: _from(f"{_UNDECIDED} paid denied", ClaimStatus.PAID),
    ClaimFact.DECIDED_DENIED: _from(f"{_UNDECIDED} paid denied", ClaimStatus.DENIED),
    ClaimFact.DECISION_REVERSED: _from("paid denied", ClaimStatus.PENDED),
    ClaimFact.HELD: _from("draft rejected", ClaimStatus.HELD),
    ClaimFact.HOLD_REQUIRED: _from("draft rejected held", ClaimStatus.HELD),
    ClaimFact.RELEASED: _from("held", ClaimStatus.DRAFT),
    ClaimFact.REPLACEMENT_STARTED: _from("paid denied", ClaimStatus.REPLACEMENT_PENDING),
    ClaimFact.REPLACEMENT_ACCEPTED: _from("replacement_pending", ClaimStatus.REPLACED),
    ClaimFact.REPLACEMENT_FAILED: _from("replacement_pending", ClaimStatus.PAID),
    ClaimFact.VOID_STARTED: _from("paid denied", ClaimStatus.VOID_PENDING),
    ClaimFact.VOID_ACCEPTED: _from("void_pending", ClaimStatus.VOIDED),
    ClaimFact.VOID_FAILED: _from("void_pending", ClaimStatus.PAID),
}
"""From a status that a fact's row does not have, an act is refused and anything else changes nothing."""


def applies(status: ClaimStatus, fact: ClaimFact) -> bool:
    """Whether the fact says something about a claim in this status, be it that it stays so."""
    return status in _CLAIM_STEPS[fact]


def advance(status: ClaimStatus, fact: ClaimFact, *, outcome: ClaimOutcome | None = None) -> ClaimStatus:
    """The claim's status after the fact. `outcome` is how its payer decided it last: what a failed replacement or void
    brings it back to.
    """
    after = _CLAIM_STEPS[fact].get(status)
    if after is None:
        if fact.is_act:
            raise Conflict(f"A claim that is {status} cannot take this: {fact}.", code="claim_state")
        return status
    if fact in {ClaimFact.REPLACEMENT_FAILED, ClaimFact.VOID_FAILED} and outcome is ClaimOutcome.DENIED:
        return ClaimStatus.DENIED
    return after


def require_changeable(status: ClaimStatus) -> None:
    if not status.is_changeable:
        raise Conflict(f"A claim that is {status} cannot be changed.", code="claim_state")


def require_decidable(status: ClaimStatus) -> None:
    """A person may enter a decision on any claim that is not over; an 835 that comes after that changes nothing."""
    if status.is_over:
        raise Conflict(f"A claim that is {status} takes no decision.", code="claim_state")


def fact_of_submission(state: SubmissionState) -> ClaimFact | None:
    """None while it is open: the claim goes on submitting."""
    return {
        SubmissionState.SENT: ClaimFact.SENT,
        SubmissionState.NOT_SENT: ClaimFact.NOT_SENT,
        SubmissionState.REFUSED: ClaimFact.REFUSED,
    }.get(state)


def fact_of_acknowledgment(effect: AcknowledgmentEffect, source: AcknowledgmentSource) -> ClaimFact | None:
    """None for what is only kept."""
    if effect is AcknowledgmentEffect.ACCEPTED:
        by_payer = source is AcknowledgmentSource.PAYER
        return ClaimFact.ACCEPTED_BY_PAYER if by_payer else ClaimFact.ACCEPTED_BY_CLEARINGHOUSE
    return {
        AcknowledgmentEffect.RECEIVED: ClaimFact.RECEIVED,
        AcknowledgmentEffect.REJECTED: ClaimFact.REJECTED,
        AcknowledgmentEffect.PENDED: ClaimFact.PENDED,
    }.get(effect)


def fact_of_decision(outcome: ClaimOutcome) -> ClaimFact:
    """A decision that leaves lines open is none yet: the payer still has the claim (domain rule B6)."""
    if not outcome.is_decided:
        return ClaimFact.PENDED
    return ClaimFact.DECIDED_DENIED if outcome is ClaimOutcome.DENIED else ClaimFact.DECIDED_PAID
