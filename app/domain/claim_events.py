"""Claim events: the timeline of a claim and its chain. Each is one thing that happened, who did it, and why.

Append-only. An event holds ids, numbers and words of closed lists; nothing about a person stands in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.claim_states import ClaimEventKind, ClaimStatus


@dataclass(frozen=True, kw_only=True)
class ClaimEvent:
    """`sequence` is the order of a chain's events. `reason` is a word of a closed list, such as a hold's or a release's.
    `facts` are what the event is about: statuses, ids of a submission, an adjudication or an inbound document, a
    failure's word, a count of attempts.
    """

    sequence: int
    id: UUID
    chain_id: UUID
    claim_id: UUID
    patient_id: UUID
    kind: ClaimEventKind
    occurred_at: datetime
    actor: str
    role: str
    request_id: str
    reason: str | None
    facts: Mapping[str, str | int | None]


def status_facts(before: ClaimStatus | None, after: ClaimStatus | None) -> dict[str, str]:
    """The change of status for an event's facts; empty when there was none."""
    if before is after:
        return {}
    pairs = {"from_status": before, "to_status": after}
    return {name: status.value for name, status in pairs.items() if status is not None}
