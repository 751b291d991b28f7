"""The clearinghouse as the service sees it: X12 text out, X12 text back.

Whoever carries the text, whatever their JSON, keys and status codes are, an adapter keeps this contract
(`tests/clearinghouse/contract.py` is its test suite). It does not read or write X12 beyond the envelope that tells
one kind of interchange from another.
"""

from enum import StrEnum
from typing import Protocol


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


class RefusedReason(StrEnum):
    """Why the clearinghouse would not take the text; the same text is refused again."""

    EDITS = "edits"
    """It read the X12 and found errors."""
    SYNTAX = "syntax"
    """It answered with a 999 or TA1: the X12 breaks the implementation guide."""
    REQUEST = "request"
    """The request around the X12 is wrong."""
    TOO_LARGE = "too_large"


class Clearinghouse(Protocol):
    """One clearinghouse account.

    Both errors come from `app.domain.errors` and carry a word of the lists above as `reason`, and nothing of what the
    other side wrote: its texts may quote the inquiry.
    """

    @property
    def name(self) -> str:
        """A short constant for logs and metrics, such as `stedi`."""
        ...

    async def ask_eligibility(self, x12: str) -> str:
        """Send one 270 interchange in real time; the 271 interchange that answers it.

        A payer's own refusals (AAA segments) are part of the 271. Whether the 271 belongs to this 270 (TRN02, BHT03) is
        the caller's to compare. Raises `ClearinghouseUnavailable(reason,
        retry_after)` with `retry_after` in whole seconds, 1 to 3600, when the other side named one; or
        `ClearinghouseRefused(reason)`.
        """
        ...
