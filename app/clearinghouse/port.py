"""The clearinghouse as the service sees it: X12 text out, X12 text back.

Whoever carries the text, whatever their JSON, keys and status codes are, an adapter keeps this contract
(`tests/clearinghouse/contract.py` is its test suite). It does not read or write X12 beyond the envelope that tells
one kind of interchange from another.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias


class UnavailableReason(StrEnum):
    """Why there is no usable answer; asking again later may bring one."""

    NOT_SENT = "not_sent"
    """No connection: nothing left this machine."""
    NO_ANSWER = "no_answer"
    """Sent, perhaps; the connection broke or the deadline passed before a whole HTTP answer was there."""
    CREDENTIALS = "credentials"
    """The key is missing, wrong, or of the other kind (test or production)."""
    WRONG_ADDRESS = "wrong_address"
    """The endpoint is not where the settings say: a redirect, 404, 405, 410, 415."""
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    """An error of theirs: 408, 409, 425 or any 5xx."""
    PAYER_UNAVAILABLE = "payer_unavailable"
    """The clearinghouse is there, but could not reach the payer and has no X12 answer of it."""
    UNREADABLE = "unreadable"
    """A whole answer that is not what was agreed: no JSON, no X12, an unexpected status, too long, compressed."""
    KEY_REUSED = "key_reused"
    """Other bytes came under this idempotency key before: ours have changed. A person must look."""
    POSITION_EXPIRED = "position_expired"
    """The feed does not know this page token any more: go on from `FeedPosition.without_token`."""

    @property
    def may_have_arrived(self) -> bool:
        """Whether the other side may have acted on what was sent, so that only the same bytes under the same key may
        follow. False is certainty about this one call, not about those before it.
        """
        return self not in _NOT_TAKEN

    @property
    def may_be_repeated(self) -> bool:
        """Whether the same request, sent again later, may bring an answer."""
        return self not in {UnavailableReason.KEY_REUSED, UnavailableReason.POSITION_EXPIRED}


_NOT_TAKEN = frozenset(
    {
        UnavailableReason.NOT_SENT,
        UnavailableReason.CREDENTIALS,
        UnavailableReason.WRONG_ADDRESS,
        UnavailableReason.POSITION_EXPIRED,
    }
)


class RefusedReason(StrEnum):
    """Why the clearinghouse would not take the text; the same text is refused again."""

    EDITS = "edits"
    """It read the X12 and found errors."""
    SYNTAX = "syntax"
    """It answered with a 999 or TA1: the X12 breaks the implementation guide."""
    REQUEST = "request"
    """The request around the X12 is wrong."""
    TOO_LARGE = "too_large"
    NOT_FOUND = "not_found"
    """It has no document of this id."""


@dataclass(frozen=True, kw_only=True)
class SubmissionReceipt:
    """A claim was taken. `patient_control_number` says which (CLM01): whether it is ours is the caller's to compare.

    `clearinghouse_id` is what the clearinghouse calls it, when it says. `acknowledgment` is its own 277CA when it came
    along: it may still reject the claim, which is the caller's to read.
    """

    patient_control_number: str | None = field(default=None, repr=False)
    clearinghouse_id: str | None = field(default=None, repr=False)
    acknowledgment: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class RefusedPlace:
    """One error it found. `location` and `description` are its own words and may quote the claim: sealed, for a biller."""

    code: str | None = None
    location: str | None = field(default=None, repr=False)
    description: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class SubmissionRefusal:
    """A claim was read and not taken: there is no claim at the clearinghouse.

    `patient_control_number` says which, when it could be read that far: the caller compares. `acknowledgment` is the
    277CA that rejects it, or the 999 or TA1 where `reason` is SYNTAX, when one came along.
    """

    reason: RefusedReason
    patient_control_number: str | None = field(default=None, repr=False)
    acknowledgment: str | None = field(default=None, repr=False)
    problems: tuple[RefusedPlace, ...] = ()


SubmissionAnswer: TypeAlias = SubmissionReceipt | SubmissionRefusal


@dataclass(frozen=True, kw_only=True)
class FeedPosition:
    """How far the feed of inbound documents was read. Opaque; whoever reads the feed keeps both parts.

    The token says where to go on. `start` is for when there is no token, or one that is not known any more: everything
    processed before it was listed. Without either, the feed begins a day ago.
    """

    start: datetime | None = None
    page_token: str | None = field(default=None, repr=False)

    @property
    def without_token(self) -> "FeedPosition":
        return FeedPosition(start=self.start)


@dataclass(frozen=True, kw_only=True)
class InboundEntry:
    """One inbound document of the feed. `kind_hint` is its transaction set (`277`, `835`, `999`), or empty."""

    id: str
    kind_hint: str
    processed_at: datetime


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """Some entries, oldest first, and where to go on. `has_more`: ask again at once; otherwise after a while.

    Nothing is left out between one page and the next; the same entry may come again, so the reader compares ids.
    """

    entries: tuple[InboundEntry, ...]
    next: FeedPosition
    has_more: bool


class Clearinghouse(Protocol):
    """One clearinghouse account.

    Both errors come from `app.domain.errors` and carry a word of the lists above as `reason`, and nothing of what the
    other side wrote: its texts may quote the inquiry. `ClearinghouseUnavailable` has `retry_after` in whole seconds, 1
    to 3600, when the other side named one. One call is one attempt: nothing is repeated inside.
    """

    @property
    def name(self) -> str:
        """A short constant for logs and metrics, such as `stedi`."""
        ...

    async def ask_eligibility(self, x12: str) -> str:
        """Send one 270 interchange in real time; the 271 interchange that answers it.

        A payer's own refusals (AAA segments) are part of the 271. Whether the 271 belongs to this 270 (TRN02, BHT03) is
        the caller's to compare. Raises `ClearinghouseUnavailable` or `ClearinghouseRefused`.
        """
        ...

    async def submit_claim(self, x12: str, *, idempotency_key: str) -> SubmissionAnswer:
        """Send one 837P interchange. However often the same text comes under the same key within 24 hours, the other
        side takes one claim, and a repetition brings that claim's receipt.

        A refusal is an answer. Everything else raises `ClearinghouseUnavailable`; where `reason.may_have_arrived`, the
        outcome is unknown until the same text under the same key brings an answer.
        """
        ...

    async def list_inbound(self, position: FeedPosition) -> FeedPage:
        """The next inbound documents after a position. Raises `ClearinghouseUnavailable` or `ClearinghouseRefused`."""
        ...

    async def fetch_inbound(self, document_id: str) -> bytes:
        """The X12 of an inbound document, byte for byte.

        Raises `ClearinghouseUnavailable`, or `ClearinghouseRefused` (NOT_FOUND).
        """
        ...
