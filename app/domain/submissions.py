"""Submissions: the frozen bytes of one claim on their way to the clearinghouse (design rules 4 and 5)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from app.domain.claim_states import SubmissionState

KEY_NAMESPACE = UUID("5b7f3f3e-0c52-4a58-9a70-64f7c0b7c9d4")
RESEND_WINDOW = timedelta(hours=23)
"""The clearinghouse remembers a key for 24 hours; an hour is kept back."""


def idempotency_key(submission_id: UUID) -> UUID:
    """The same for every attempt of a submission, for ever."""
    return uuid5(KEY_NAMESPACE, submission_id.hex)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """`sequence` counts a claim's submissions from 1. `x12` and its SHA-256 never change.

    `adjudication_ids` are the versions of the earlier payers' decisions it was built from. `reference` is BHT03, which
    the 277CA repeats; `clearinghouse_id` is what the clearinghouse calls it. `failure` is a word of the port's lists.
    """

    id: UUID
    claim_id: UUID
    sequence: int
    state: SubmissionState
    x12: str = field(repr=False)
    sha256: str
    idempotency_key: UUID
    control_number: int
    reference: str
    adjudication_ids: tuple[UUID, ...] = ()
    attempts: int = 0
    fence: int = 0
    """The lease token of the attempt under way: an answer of an older attempt's worker is refused."""
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    answered_at: datetime | None = None
    clearinghouse_id: str | None = field(default=None, repr=False)
    failure: str | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime

    def may_be_sent_again(self, now: datetime) -> bool:
        """With the same bytes and the same key, less than 23 h after the first try."""
        return self.first_sent_at is None or now < self.first_sent_at + RESEND_WINDOW
