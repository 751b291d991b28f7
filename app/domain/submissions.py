"""Submissions: the frozen bytes of one claim on their way to the clearinghouse (design rules 4 and 5)."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from app.domain.claim_states import SubmissionState

KEY_NAMESPACE = UUID("5b7f3f3e-0c52-4a58-9a70-64f7c0b7c9d4")
RESEND_WINDOW = timedelta(hours=23)
"""The clearinghouse remembers a key for 24 hours; an hour is kept back."""


def idempotency_key(submission_id: UUID) -> UUID:
    """The same for every attempt of a submission, for ever."""
    return uuid5(KEY_NAMESPACE, submission_id.hex)


def batch_reference(submission_id: UUID) -> str:
    """BHT03: the whole id in 26 letters and digits; an acknowledgment's TRN02 has room for 30."""
    return base64.b32encode(submission_id.bytes).decode("ascii").rstrip("=")


class SendingFault(StrEnum):
    """Why a sending ended as it did, beside the words of the clearinghouse's port."""

    OTHER_CLAIM = "other_claim"
    """The answer was about another claim, or named none."""
    INTERRUPTED = "interrupted"
    """The attempt never came to its end: its worker died, or stood still."""
    OVERTAKEN = "overtaken"
    """A decision came before the first byte left: the claim's own payer's, or another one of an earlier payer's."""


@dataclass(frozen=True, kw_only=True)
class SubmissionProblem:
    """One error that the clearinghouse found. `location` and `description` are its own words, and may quote the claim."""

    code: str | None = None
    location: str | None = field(default=None, repr=False)
    description: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """`sequence` counts a claim's submissions from 1. `x12` and its SHA-256 never change.

    `adjudication_ids` are the versions of the earlier payers' decisions it was built from. `reference` is BHT03, which
    the 277CA repeats; `clearinghouse_id` is what the clearinghouse calls it. `failure` is a word of the port's lists, or
    a `SendingFault`: why the last attempt brought no receipt. `problems` are what the clearinghouse refused it for.
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
    problems: tuple[SubmissionProblem, ...] = field(default=(), repr=False)
    created_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def may_have_arrived(self) -> bool:
        """Whether an attempt until now may have brought it there. One that is queued, also for the second time, is
        certainly not there.
        """
        return self.state is not SubmissionState.QUEUED

    def may_be_sent_again(self, now: datetime) -> bool:
        """With the same bytes and the same key, less than 23 h after the first try."""
        return self.first_sent_at is None or now < self.first_sent_at + RESEND_WINDOW
