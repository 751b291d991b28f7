"""The timeline of a claim and its chain, on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Identifier, Schema, Timestamp
from app.domain.claim_events import ClaimEvent
from app.domain.claim_states import ClaimEventKind


class ClaimEventAnswer(Schema):
    """One thing that happened. Nothing about a person stands in it."""

    id: Identifier
    claim_id: Identifier = Field(description="The claim of the chain that it happened to; it may be deleted since.")
    kind: ClaimEventKind
    occurred_at: Timestamp
    actor: str = Field(description="The token's subject; `system` for the service itself.")
    role: str
    request_id: str
    reason: str | None = Field(description="Why, as a word; null when there is nothing to say.")
    facts: dict[str, str | int | None] = Field(
        description="What it is about: statuses, ids, counts, words. Expect new members."
    )

    @classmethod
    def from_domain(cls, event: ClaimEvent) -> Self:
        return cls.of(
            id=event.id,
            claim_id=event.claim_id,
            kind=event.kind,
            occurred_at=event.occurred_at,
            actor=event.actor,
            role=event.role,
            request_id=event.request_id,
            reason=event.reason,
            facts=dict(event.facts),
        )
