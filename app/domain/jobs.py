"""Background work: ids only, leased, fenced, counted before it is done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

NO_PRACTICE: Final = UUID(int=0)
"""Whose jobs are about nobody's data in particular."""


class JobKind(StrEnum):
    ELIGIBILITY_CHECK = "eligibility_check"
    SUBMISSION = "submission"
    """Send a submission's bytes; the subject is the submission."""
    INBOUND_DOCUMENT = "inbound_document"
    """Fetch a document and route it to practices. It belongs to none: its practice is the nil id."""
    INBOUND_CLAIMS = "inbound_claims"
    """Record what a document says of one practice's claims; the subject is the document."""


class JobState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A leased job. `lease_token` rises with each lease: a write that carries an older one is refused."""

    id: UUID
    practice_id: UUID
    kind: JobKind
    subject_id: UUID
    attempts: int
    max_attempts: int
    lease_token: int
    lease_until: datetime
    request_id: str
    was_lost: bool = False
    """Its last worker let the lease pass: it died, or stood still."""

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= self.max_attempts
