"""`/2023-08-01/…`: the clearinghouse's processed transactions, polled page by page, and their texts."""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.sandbox.eligibility_route import Desk
from app.sandbox.faults import On, spoiled
from app.sandbox.feed import Feed, Transaction
from app.sandbox.feed_json import page, summary

CORE_BASE_PATH: Final = "/2023-08-01"

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 500
_OLD_ENOUGH: Final = timedelta(minutes=1)


async def poll(request: Request) -> Response:
    """`startDateTime` or `pageToken`; the token goes before. A refusal before anything is read, then the page."""
    return _refusal(request) or _with_fault(request, _page(request))


async def show_transaction(request: Request) -> Response:
    return _refusal(request) or _with_fault(request, _shown(request))


async def input_url(request: Request) -> Response:
    """200 with an address that gives the text for an hour to whoever has it."""
    return _refusal(request) or _with_fault(request, _address(request, status=200))


async def input_document(request: Request) -> Response:
    """302 to such an address."""
    return _refusal(request) or _with_fault(request, _address(request, status=302))


async def download(request: Request) -> Response:
    """The text. No key is asked for; 404 for a token nobody was given, 410 after its hour."""
    feed: Feed = request.app.state.feed
    desk: Desk = request.app.state.desk
    given = feed.download(request.path_params["token"])
    if given is None:
        return _unknown()
    x12, ends_at = given
    if desk.clock() >= ends_at:
        return JSONResponse({"message": "This address is no longer valid."}, status_code=410)
    return PlainTextResponse(x12, media_type="application/edi-x12")


ROUTES: Final = (
    Route(f"{CORE_BASE_PATH}/polling/transactions", poll),
    Route(f"{CORE_BASE_PATH}/transactions/{{transaction_id}}", show_transaction),
    Route(f"{CORE_BASE_PATH}/transactions/{{transaction_id}}/input-url", input_url),
    Route(f"{CORE_BASE_PATH}/transactions/{{transaction_id}}/input", input_document),
    Route("/sandbox/documents/{token}", download),
)


def _page(request: Request) -> JSONResponse:
    feed: Feed = request.app.state.feed
    desk: Desk = request.app.state.desk
    query = request.query_params
    size = _page_size(query.get("pageSize", str(_DEFAULT_PAGE)))
    if size is None:
        return _bad_request(f"pageSize must be a number from 1 to {_LARGEST_PAGE}.")
    # One more than the page holds tells whether there is a next one.
    if "pageToken" in query:
        position = _position(query["pageToken"])
        if position is None:
            return _bad_request("pageToken must be one that was given out as nextPageToken.")
        found = feed.after(position, size + 1)
    elif "startDateTime" in query:
        start = _moment(query["startDateTime"])
        if start is None or start > desk.clock() - _OLD_ENOUGH:
            return _bad_request("startDateTime must be an ISO 8601 time with an offset, at least one minute ago.")
        found = feed.since(start, size + 1)
    else:
        return _bad_request("One of startDateTime and pageToken is needed.")
    next_token = _token(found[size - 1].position) if len(found) > size else None
    return JSONResponse(page(found[:size], next_token, _base_url(request)))


def _shown(request: Request) -> JSONResponse:
    found = _found(request)
    return _unknown() if found is None else JSONResponse(summary(found, _base_url(request)))


def _address(request: Request, *, status: int) -> JSONResponse:
    feed: Feed = request.app.state.feed
    desk: Desk = request.app.state.desk
    found = _found(request)
    if found is None:
        return _unknown()
    url = f"{_origin(request)}/sandbox/documents/{feed.open_download(found.id, desk.clock())}"
    headers = {"location": url} if status == 302 else {}
    return JSONResponse({"documentDownloadUrl": url}, status_code=status, headers=headers)


def _refusal(request: Request) -> Response | None:
    desk: Desk = request.app.state.desk
    if request.headers.get("authorization", "").removeprefix("Key ") == desk.api_key:
        return None
    return JSONResponse({"code": "ACCESS_DENIED", "message": "This API key is not known."}, status_code=403)


def _with_fault(request: Request, answer: JSONResponse) -> Response:
    """The answer, or what a fault queued for the feed makes of it."""
    desk: Desk = request.app.state.desk
    fault, retry_after = desk.faults.take(On.FEED) or (None, None)
    return answer if fault is None else spoiled(fault, retry_after, bytes(answer.body), desk.pace)


def _found(request: Request) -> Transaction | None:
    feed: Feed = request.app.state.feed
    return feed.transaction(request.path_params["transaction_id"])


def _page_size(text: str) -> int | None:
    size = int(text) if re.fullmatch("[0-9]{1,4}", text) else 0
    return size if 1 <= size <= _LARGEST_PAGE else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"after {position}".encode()).decode()


def _position(token: str) -> int | None:
    try:
        told = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    found = re.fullmatch("after ([0-9]{1,18})", told)
    return int(found[1]) if found else None


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _base_url(request: Request) -> str:
    return f"{_origin(request)}{CORE_BASE_PATH}"


def _bad_request(message: str) -> JSONResponse:
    return JSONResponse({"code": "BAD_REQUEST", "message": message}, status_code=400)


def _unknown() -> JSONResponse:
    return JSONResponse({"message": "There is no such resource."}, status_code=404)
