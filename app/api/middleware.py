"""What surrounds every request: its id, its bounds, its deadline, and the headers that go out with every answer.

Plain ASGI: a middleware that wraps request and response objects halves the throughput. `RequestBoundary` is the last stop
of every exception, so that the server never writes one, with its text, to a log.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.answers import BytesAnswer
from app.api.problem_codes import PROBLEM_CODES
from app.api.problems import internal_error, problem, refusal, request_id_of
from app.domain.errors import NotFound

MAX_HEADERS = 64
MAX_HEADER_BYTES = 16 * 1024
MAX_URL_BYTES = 4 * 1024
DEADLINE_SECONDS = 30.0

REQUEST_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Prefer", "Purpose-Of-Use")
RESPONSE_HEADERS = ("ETag", "Location", "Retry-After", "Idempotency-Replayed", "X-Request-Id", "Link")

_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_SECURITY_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class RequestBoundary:
    """Names the request, refuses what exceeds the bounds of HTTP we keep, completes the answer's headers."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str] = ()) -> None:
        self.app = app
        self.allowed_hosts = frozenset(host.lower().encode("ascii") for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(scope)  # of the layer that logs requests, when there is one
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_completed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _complete(message, request_id)
            await send(message)

        out_of_bounds = self._out_of_bounds(scope, request_id)
        if out_of_bounds is not None:
            await out_of_bounds(scope, receive, send_completed)
            return
        try:
            await self.app(scope, receive, send_completed)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:  # noqa: BLE001  # the last stop: the server would log the text of what passes
            answer = internal_error(error, request_id)
            if not started:
                await answer(scope, receive, send_completed)

    def _out_of_bounds(self, scope: Scope, request_id: str) -> BytesAnswer | None:
        size, hosts = 0, []
        for name, value in scope["headers"]:
            size += len(name) + len(value) + 4
            if name == b"host":
                hosts.append(value)
        if size > MAX_HEADER_BYTES or len(scope["headers"]) > MAX_HEADERS:
            return _problem("headers_too_large", request_id)
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > MAX_URL_BYTES:
            return _problem("url_too_long", request_id)
        if len(hosts) != 1 or not self._is_our_host(hosts[0]):
            return _problem("host_invalid", request_id)
        if not scope["path"].isprintable():
            # A route's pattern would pass a trailing line feed.
            return refusal(NotFound(), request_id)
        return None

    def _is_our_host(self, host: bytes) -> bool:
        parts = _HOST.fullmatch(host)
        return parts is not None and (not self.allowed_hosts or parts[1].lower() in self.allowed_hosts)


class RequestDeadline:
    """Ends a request that takes too long, whether it waits for its client or for us."""

    def __init__(self, app: ASGIApp, seconds: float = DEADLINE_SECONDS) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as deadline:
                await self.app(scope, receive, send_noting)
        except TimeoutError:
            if started or not deadline.expired():
                raise
            answer = _problem("deadline_exceeded", request_id_of(scope), headers={"Retry-After": "1"})
            await answer(scope, receive, send)


def install(
    app: FastAPI,
    *,
    cors_origins: Sequence[str] = (),
    allowed_hosts: Sequence[str] = (),
    deadline_seconds: float = DEADLINE_SECONDS,
) -> None:
    """Inside out: the deadline, the boundary, and, when origins are named, CORS, so that refusals carry its headers too."""
    app.add_middleware(RequestDeadline, seconds=deadline_seconds)
    app.add_middleware(RequestBoundary, allowed_hosts=allowed_hosts)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=list(REQUEST_HEADERS),
            expose_headers=list(RESPONSE_HEADERS),
            max_age=600,
        )


def _problem(code: str, request_id: str, headers: dict[str, str] | None = None) -> BytesAnswer:
    row = PROBLEM_CODES[code]
    return problem(status=row.status, code=code, title=row.meaning, request_id=request_id, headers=headers)


def _complete(message: Message, request_id: str) -> None:
    """Adds to an answer what it does not say itself; the API's pages bring their own policy and caching."""
    headers: list[Any] = list(message.get("headers", ()))
    present = {name for name, _ in headers}
    headers += [header for header in _SECURITY_HEADERS if header[0] not in present]
    headers.append((b"x-request-id", request_id.encode("ascii")))
    message["headers"] = headers
