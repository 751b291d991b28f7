"""Outgoing HTTP: one client with deadlines and caps, for the clearinghouse and for the identity provider's keys.

It follows no redirect (credentials never travel on), reads no proxy or certificate setting from the environment,
takes no compressed body (RFC 9110, 12.5.3: `identity`), stops at `max_bytes`, and ends every call by a total deadline.
A connection that saw an error is closed, never used again. What a status or a body means is the caller's business.

    HttpError
    ├── NotSent          no byte of the request left: name, connection, TLS, or no free connection in time
    └── OutcomeUnknown   bytes may have left: the peer may have acted on the request
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx


class Failure(StrEnum):
    """Why there is no answer, in one word of ours; the peer's text is never kept."""

    CONNECTION = "connection"
    DEADLINE = "deadline"
    MALFORMED = "malformed"
    """Not HTTP, or closed in the middle of it."""
    TOO_LARGE = "too_large"
    COMPRESSED = "compressed"


class HttpError(Exception):
    """No answer. The text holds one word of ours: no address, no header, no byte of a body."""

    fact: ClassVar[str] = "no answer"

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{self.fact}: {failure}")
        self.failure = failure


class NotSent(HttpError):
    fact = "not sent"


class OutcomeUnknown(HttpError):
    fact = "outcome unknown"


@dataclass(frozen=True)
class HttpAnswer:
    """Status, headers (names in lower case) and the whole body, whatever they say."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass
class _Attempt:
    """How far one request came. The first byte of the request line is the point of no return."""

    may_have_left: bool = False

    async def trace(self, event: str, _details: Mapping[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            self.may_have_left = True


class HttpClient:
    """A pool of connections. Use it with `async with`, once for the life of the process."""

    def __init__(
        self,
        *,
        connect_seconds: float = 5,
        read_seconds: float = 60,
        total_seconds: float = 90,
        max_bytes: int = 8 * 1024 * 1024,
        max_connections: int = 50,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._total_seconds = total_seconds
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            verify=tls if tls is not None else True,
            timeout=httpx.Timeout(read_seconds, connect=connect_seconds, pool=connect_seconds),
            limits=httpx.Limits(max_connections=max_connections, max_keepalive_connections=10, keepalive_expiry=30),
            headers={"accept-encoding": "identity", "user-agent": "crossover"},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    async def post_json(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """POST bytes that are JSON already."""
        return await self._send("POST", url, {**headers, "content-type": "application/json"}, body)

    async def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None
    ) -> HttpAnswer:
        """`max_bytes` takes the place of the client's own cap, for this answer."""
        return await self._send("GET", url, dict(headers or {}), None, max_bytes)

    async def _send(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, max_bytes: int | None = None
    ) -> HttpAnswer:
        attempt = _Attempt()
        try:
            request = self._client.build_request(
                method,
                url,
                headers={"accept": "application/json", **headers},
                content=body,
                extensions={"trace": attempt.trace},
            )
            async with asyncio.timeout(self._total_seconds):
                outcome = await self._exchange(request, self._max_bytes if max_bytes is None else max_bytes)
        except (httpx.TimeoutException, TimeoutError):
            outcome = Failure.DEADLINE
        except (httpx.LocalProtocolError, httpx.RemoteProtocolError):
            outcome = Failure.MALFORMED
        except (httpx.RequestError, httpx.InvalidURL):
            outcome = Failure.CONNECTION
        if isinstance(outcome, HttpAnswer):
            return outcome
        # Raised out here, with nothing chained: httpx's and h11's messages quote what the peer sent.
        raise OutcomeUnknown(outcome) if attempt.may_have_left else NotSent(outcome)

    async def _exchange(self, request: httpx.Request, max_bytes: int) -> "HttpAnswer | Failure":
        answer = await self._client.send(request, stream=True)
        try:
            if answer.headers.get("content-encoding", "identity").lower() != "identity":
                return Failure.COMPRESSED
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > max_bytes:
                    return Failure.TOO_LARGE
            return HttpAnswer(answer.status_code, dict(answer.headers), bytes(body))
        finally:
            # Closing before the end of the body closes the connection as well.
            await answer.aclose()
