"""Stedi's healthcare API, raw X12 in JSON: https://www.stedi.com/docs (document of 2024-04-01).

Two shapes of 400 exist: `{message, fieldList}` when the request is wrong, and the eligibility answer itself with
`errors[]`, which may carry X12 in `x12`: the payer's 271 with AAA segments, or a 999 about our 270. So the status alone
decides little. Branches go by code and type, never by message text, which may change.
"""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn

from app.clearinghouse.port import RefusedReason, UnavailableReason
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import Failure, HttpAnswer, HttpClient, NotSent, OutcomeUnknown

_ELIGIBILITY_PATH: Final = "/change/medicalnetwork/eligibility/v3/raw-x12"

# AAA03 values that say "the payer could not be reached": 42 unable to respond, 80 no response.
_PAYER_OUT_OF_REACH: Final = frozenset({"42", "80"})

_ISA_LENGTH: Final = 106


class StediClearinghouse:
    """One Stedi account: the key decides between test and production, the address does not."""

    name: Final = "stedi"

    def __init__(self, http: HttpClient, *, base_url: str, api_key: str) -> None:
        self._http = http
        self._eligibility_url = base_url.rstrip("/") + _ELIGIBILITY_PATH
        self._headers = {"authorization": api_key}

    def __repr__(self) -> str:
        return "StediClearinghouse()"

    async def ask_eligibility(self, x12: str) -> str:
        return _eligibility_answer(await self._post(self._eligibility_url, {"x12": x12}))

    async def _post(self, url: str, content: dict[str, str]) -> HttpAnswer:
        body = json.dumps(content, ensure_ascii=True).encode("ascii")
        try:
            return await self._http.post_json(url, headers=self._headers, body=body)
        except NotSent:
            reason = UnavailableReason.NOT_SENT
        except OutcomeUnknown as unknown:
            unwanted = unknown.failure in {Failure.TOO_LARGE, Failure.COMPRESSED}
            reason = UnavailableReason.UNREADABLE if unwanted else UnavailableReason.NO_ANSWER
        raise ClearinghouseUnavailable(reason)


def _eligibility_answer(answer: HttpAnswer) -> str:
    if answer.status not in {200, 400}:
        _raise_for_status(answer)
    content = _json_object(answer)
    x12 = content.get("x12")
    if isinstance(x12, str) and x12:
        return _271(x12)
    errors = content.get("errors")
    if isinstance(errors, list) and errors:
        codes = [error.get("code") for error in errors if isinstance(error, dict)]
        if any(isinstance(code, str) and code in _PAYER_OUT_OF_REACH for code in codes):
            raise ClearinghouseUnavailable(UnavailableReason.PAYER_UNAVAILABLE, retry_after=_retry_after(answer))
        raise ClearinghouseRefused(RefusedReason.EDITS)
    if answer.status == 400 and isinstance(content.get("message"), str):
        raise ClearinghouseRefused(RefusedReason.REQUEST)
    raise ClearinghouseUnavailable(UnavailableReason.UNREADABLE)


def _271(x12: str) -> str:
    """The text, when its first functional group is a 271's."""
    match _first_segment_after_isa(x12):
        case ["GS", "HB", *_]:
            return x12
        case ["GS", "FA", *_] | ["TA1", *_]:
            raise ClearinghouseRefused(RefusedReason.SYNTAX)
    raise ClearinghouseUnavailable(UnavailableReason.UNREADABLE)


def _first_segment_after_isa(x12: str) -> list[str]:
    text = x12.lstrip()
    if not text.startswith("ISA") or len(text) <= _ISA_LENGTH:
        return []
    separator, terminator = text[3], text[_ISA_LENGTH - 1]
    # A lone surrogate is JSON, but no text: it could be neither stored nor sent on.
    if any("\ud800" <= character <= "\udfff" for character in text):
        return []
    return text[_ISA_LENGTH:].lstrip().partition(terminator)[0].split(separator)


def _raise_for_status(answer: HttpAnswer) -> NoReturn:
    status, wait = answer.status, _retry_after(answer)
    if status in {401, 403}:
        raise ClearinghouseUnavailable(UnavailableReason.CREDENTIALS)
    if status in {404, 405, 410, 415} or 300 <= status < 400:
        raise ClearinghouseUnavailable(UnavailableReason.WRONG_ADDRESS)
    if status == 413:
        raise ClearinghouseRefused(RefusedReason.TOO_LARGE)
    if status == 422:
        raise ClearinghouseRefused(RefusedReason.REQUEST)
    if status == 429:
        raise ClearinghouseUnavailable(UnavailableReason.RATE_LIMITED, retry_after=wait)
    if status in {408, 409, 425} or status >= 500:
        raise ClearinghouseUnavailable(UnavailableReason.BUSY, retry_after=wait)
    raise ClearinghouseUnavailable(UnavailableReason.UNREADABLE)


def _json_object(answer: HttpAnswer) -> dict[str, Any]:
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    content: object = None
    if media_type == "application/json":
        try:
            content = json.loads(answer.body)
        except (ValueError, RecursionError):
            content = None
    if not isinstance(content, dict):
        raise ClearinghouseUnavailable(UnavailableReason.UNREADABLE)
    return content


def _retry_after(answer: HttpAnswer) -> int | None:
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
