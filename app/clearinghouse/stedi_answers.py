"""What all of Stedi's answers have in common: statuses, JSON, the wait they ask for, the envelope of X12 in them.

Branches go by status, code and type, never by message text, which may change.
"""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn

from app.clearinghouse.port import RefusedReason, UnavailableReason
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpAnswer

_ISA_LENGTH: Final = 106


def raise_for_status(answer: HttpAnswer) -> NoReturn:
    """For every status that has no answer of its own."""
    status, wait = answer.status, retry_after(answer)
    if status in {401, 403}:
        raise ClearinghouseUnavailable(UnavailableReason.CREDENTIALS)
    # 303 is no such redirect: it says that the request was carried out (RFC 9110, 15.4.4).
    if status in {404, 405, 410, 415} or (300 <= status < 400 and status != 303):
        raise ClearinghouseUnavailable(UnavailableReason.WRONG_ADDRESS)
    if status == 413:
        raise ClearinghouseRefused(RefusedReason.TOO_LARGE)
    if status == 422:
        raise ClearinghouseRefused(RefusedReason.REQUEST)
    if status == 429:
        raise ClearinghouseUnavailable(UnavailableReason.RATE_LIMITED, retry_after=wait)
    if status in {408, 409, 425} or status >= 500:
        raise ClearinghouseUnavailable(UnavailableReason.BUSY, retry_after=wait)
    raise unreadable()


def unreadable() -> ClearinghouseUnavailable:
    return ClearinghouseUnavailable(UnavailableReason.UNREADABLE)


def json_object(answer: HttpAnswer) -> dict[str, Any]:
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    content: object = None
    if media_type == "application/json":
        try:
            content = json.loads(answer.body)
        except (ValueError, RecursionError):
            content = None
    if not isinstance(content, dict):
        raise unreadable()
    return content


def kind_of(x12: object) -> str:
    """What follows the ISA: GS01 of the first functional group (HB, HN, FA …) or `TA1`; empty when it is no X12."""
    match _first_segment_after_isa(x12) if isinstance(x12, str) else []:
        case ["GS", kind, *_]:
            return kind
        case ["TA1", *_]:
            return "TA1"
    return ""


def _first_segment_after_isa(x12: str) -> list[str]:
    text = x12.lstrip()
    if not text.startswith("ISA") or len(text) <= _ISA_LENGTH:
        return []
    separator, terminator = text[3], text[_ISA_LENGTH - 1]
    # A lone surrogate is JSON, but no text: it could be neither stored nor sent on.
    if any("\ud800" <= character <= "\udfff" for character in text):
        return []
    return text[_ISA_LENGTH:].lstrip().partition(terminator)[0].split(separator)


def retry_after(answer: HttpAnswer) -> int | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3), held between a second and an hour; None when it says neither."""
    text = answer.headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text.lstrip("-").isdecimal() else _seconds_until(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return None
    return round(min(max(seconds, 1), 3600))


def _seconds_until(moment: datetime) -> float:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
