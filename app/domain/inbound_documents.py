"""Inbound documents: what the clearinghouse has for us, kept whole until each claim in it has found its practice."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class InboundKind(StrEnum):
    """What a document is: said by the clearinghouse's list, then by its own envelope."""

    CLAIM_ACKNOWLEDGMENT = "claim_acknowledgment"
    """277CA."""
    REMITTANCE = "remittance"
    """835."""
    IMPLEMENTATION_ACKNOWLEDGMENT = "implementation_acknowledgment"
    """999."""
    INTERCHANGE_ACKNOWLEDGMENT = "interchange_acknowledgment"
    """TA1."""
    OTHER = "other"


class InboundState(StrEnum):
    LISTED = "listed"
    """Known by its id; not fetched yet."""
    FETCHED = "fetched"
    """Its bytes are here."""
    ROUTED = "routed"
    """Each claim in it was given to its practice."""
    UNROUTED = "unrouted"
    """Something in it belongs to no claim we know: it waits for an operator."""
    FAILED = "failed"
    """It cannot be fetched or read: it waits for an operator."""


@dataclass(frozen=True, kw_only=True)
class InboundDocument:
    """One document of the feed, without its bytes. `external_id` is the clearinghouse's, `failure` a word of ours.

    `processed_at` is when the clearinghouse had it, `received_at` when we first saw it.
    """

    id: UUID
    clearinghouse: str
    external_id: str = field(repr=False)
    kind: InboundKind = InboundKind.OTHER
    state: InboundState = InboundState.LISTED
    failure: str | None = None
    processed_at: datetime
    received_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class FeedLease:
    """The right to read a clearinghouse's feed on from a position; `token` rises with each lease."""

    clearinghouse: str
    token: int
    start_at: datetime | None
    page_token: str | None = field(repr=False)
