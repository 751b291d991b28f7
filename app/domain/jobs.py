"""Background work: ids only, leased, fenced, counted before it is done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class JobKind(StrEnum):
    ELIGIBILITY_CHECK = "eligibility_check"


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
