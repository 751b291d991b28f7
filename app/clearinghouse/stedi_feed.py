"""The feed of processed transactions, and the way from an entry to its X12 (document of 2023-08-01).

The feed runs from oldest to newest by `processedAt`, leaves out the last 15 seconds, and gives a token with every page,
an empty one too: the next call with it goes on where this one ended. Tokens are said to last for ever. So `start` is only
the way back in, two minutes before the newest transaction that was seen: what was processed in the same instant comes
again rather than never.
"""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from app.clearinghouse.port import (
    FeedPage,
    FeedPosition,
    InboundEntry,
    RefusedReason,
    UnavailableReason,
)
from app.clearinghouse.stedi_answers import json_object, raise_for_status, unreadable
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpAnswer

FIRST_LOOK_BACK: Final = timedelta(days=1)
OVERLAP: Final = timedelta(minutes=2)
"""`startDateTime` must be at least one minute in the past; twice that leaves room for clocks."""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
_SET: Final = re.compile(r"[0-9]{3}", re.ASCII)
_LONGEST_TOKEN: Final = 1024
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+", re.ASCII)
"""A name with a dot, or an IPv4 address."""


def feed_query(position: FeedPosition, now: datetime, page_size: int) -> str:
    """Exactly one of token and start is sent."""
    if position.page_token is not None:
        return urlencode({"pageToken": position.page_token, "pageSize": page_size})
    start = min(_start(position, now), now - OVERLAP).astimezone(UTC)
    return urlencode(
        {"startDateTime": f"{start:%Y-%m-%dT%H:%M:%S}.{start.microsecond // 1000:03}Z", "pageSize": page_size}
    )


def feed_page(answer: HttpAnswer, position: FeedPosition, now: datetime) -> FeedPage:
    if answer.status == 400 and position.page_token is not None:
        raise ClearinghouseUnavailable(UnavailableReason.POSITION_EXPIRED)
    if answer.status == 400:
        raise ClearinghouseRefused(RefusedReason.REQUEST)
    if answer.status != 200:
        raise_for_status(answer)
    content = json_object(answer)
    items, token = content.get("items"), content.get("nextPageToken")
    if not isinstance(items, list) or not (token is None or _is_token(token)):
        raise unreadable()
    # One entry that cannot be read stops the page: to go past it would lose a document without a word.
    entries = [(_entry(item), item.get("direction") == "OUTBOUND") for item in items]
    newest = max((entry.processed_at for entry, _ in entries), default=None)
    start = _start(position, now)
    if newest is not None:
        start = max(start, min(max(start, newest), now) - OVERLAP)
    return FeedPage(
        # What failed there, or has no direction there, may still be a payer's money.
        entries=tuple(entry for entry, is_ours in entries if not is_ours),
        next=FeedPosition(start=start, page_token=token),
        has_more=bool(items) and token is not None,
    )


def document_path(document_id: str) -> str:
    if not _ID.fullmatch(document_id):
        raise ClearinghouseRefused(RefusedReason.NOT_FOUND)
    return f"/transactions/{quote(document_id, safe='')}/input-url"


def download_address(answer: HttpAnswer, *, may_be_plain: bool) -> str:
    """Where the document lies. Only https; on this machine plain http, when the clearinghouse is there as well."""
    if answer.status == 404:
        raise ClearinghouseRefused(RefusedReason.NOT_FOUND)
    if answer.status == 400:
        raise ClearinghouseRefused(RefusedReason.REQUEST)
    if answer.status != 200:
        raise_for_status(answer)
    address = json_object(answer).get("documentDownloadUrl")
    if not isinstance(address, str) or not _may_be_fetched(address, may_be_plain=may_be_plain):
        raise unreadable()
    return address


def document(answer: HttpAnswer) -> bytes:
    """What lies there, when it begins like an interchange."""
    if answer.status == 200:
        if answer.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISA"):
            return answer.body
        raise unreadable()
    if answer.status in {401, 403, 404, 410}:
        # An address lasts for a while; the next try asks for a new one. Our key was never shown here.
        raise ClearinghouseUnavailable(UnavailableReason.BUSY)
    if answer.status in {408, 409, 425, 429} or answer.status >= 500:
        raise_for_status(answer)
    raise unreadable()


def is_loopback(address: str) -> bool:
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _start(position: FeedPosition, now: datetime) -> datetime:
    return position.start or now - FIRST_LOOK_BACK


def _is_token(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TOKEN and value.isascii() and value.isprintable()


def _entry(item: Any) -> InboundEntry:
    if not isinstance(item, dict):
        raise unreadable()
    identity, processed_at = item.get("transactionId"), item.get("processedAt")
    if not isinstance(identity, str) or not _ID.fullmatch(identity) or not isinstance(processed_at, str):
        raise unreadable()
    return InboundEntry(id=identity, kind_hint=_transaction_set(item.get("x12")), processed_at=_moment(processed_at))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    # Nothing chained: the error quotes the text.
    raise unreadable()


def _transaction_set(x12: Any) -> str:
    """ST01, where the document puts it, or where samples of it do; text or number. A hint only, so anything may lack."""
    for path in (("metadata", "transaction"), ()):
        place = x12
        for name in path:
            place = place.get(name) if isinstance(place, dict) else None
        code = str(place.get("transactionSetIdentifier")) if isinstance(place, dict) else ""
        if _SET.fullmatch(code):
            return code
    return ""


def _may_be_fetched(address: str, *, may_be_plain: bool) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or not (_HOST.fullmatch(host) or is_loopback(address)):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and may_be_plain and is_loopback(address))
