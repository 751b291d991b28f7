"""Work items: typed things that a person must decide."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class WorkItemKind(StrEnum):
    COVERAGE_NOT_CONFIRMED = "coverage_not_confirmed"
    """A patient's own addition whose check did not confirm it (domain rule A5)."""
    COVERAGE_RANK_TAKEN = "coverage_rank_taken"
    """Confirmed by the payer, but its wished rank belongs to another verified coverage in that period."""


class WorkItemStatus(StrEnum):
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    id: UUID
    kind: WorkItemKind
    status: WorkItemStatus
    patient_id: UUID
    coverage_id: UUID
    reason: str
    """The check's outcome or the finding's code: a word of a closed list."""
    created_at: datetime
    resolved_at: datetime | None = None
