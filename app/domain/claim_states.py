"""The two state machines: a submission's way to the clearinghouse, and a claim's way to a decision.

Pure. The claim's status is derived here from what happened, and nowhere else (domain rules F).
"""

from enum import StrEnum


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
