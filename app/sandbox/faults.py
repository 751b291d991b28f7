"""Ways in which an answer goes wrong on purpose, so that a client can be tested against a bad day.

Two ways to ask for one: end the member id with the fault's name (`MLK100001HANG`: the payer reads `MLK100001`), or
queue it for the next inquiries, claims or feed requests at the control endpoint. An ending is read in inquiries only.
Where "taken" is said, the inquiry or the claim is in the ledger first: the other side has it, although the answer never
tells.
"""

import asyncio
import os
import socket
import struct
import zlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

CONNECTION: Final = "sandbox.connection"
"""Key in `scope["extensions"]` under which the server puts the connection's transport."""


class On(StrEnum):
    """Which requests a queued fault waits for."""

    INQUIRIES = "inquiries"
    CLAIMS = "claims"
    FEED = "feed"


class Fault(StrEnum):
    """Not taken: E403, E404, E429, E503, REDIRECT, LOST, STALL. Taken: all others."""

    HANG = "HANG"
    RESET = "RESET"
    CUT = "CUT"
    DRIP = "DRIP"
    GARBAGE = "GARBAGE"
    HTML = "HTML"
    EMPTY = "EMPTY"
    NOX12 = "NOX12"
    OTHER = "OTHER"
    BOMB = "BOMB"
    REDIRECT = "REDIRECT"
    E403 = "E403"
    E404 = "E404"
    E429 = "E429"
    E500 = "E500"
    E503 = "E503"
    E504 = "E504"
    LOST = "LOST"
    STALL = "STALL"

    @property
    def before_taking(self) -> bool:
        return self in _BEFORE_TAKING


_BEFORE_TAKING: Final = frozenset(
    {Fault.E403, Fault.E404, Fault.E429, Fault.E503, Fault.REDIRECT, Fault.LOST, Fault.STALL}
)


@dataclass
class FaultQueue:
    """Faults for the requests to come, first in, first out for each kind of request; gone with the process."""

    _waiting: dict[On, deque[tuple[Fault, str | None]]] = field(default_factory=lambda: {on: deque() for on in On})

    def add(self, fault: Fault, times: int, retry_after: str | None, on: On = On.INQUIRIES) -> None:
        self._waiting[on].extend([(fault, retry_after)] * times)

    def take(self, on: On = On.INQUIRIES) -> tuple[Fault, str | None] | None:
        """The fault for the request at hand, and the Retry-After to send with it."""
        waiting = self._waiting[on]
        return waiting.popleft() if waiting else None

    def waiting(self, *kinds: On) -> list[Fault]:
        """What waits for these kinds of requests; for all without any."""
        return [fault for on in kinds or On for fault, _ in self._waiting[on]]

    def clear(self, *kinds: On) -> None:
        for on in kinds or On:
            self._waiting[on].clear()


def split_member_id(member_id: str) -> tuple[str, Fault | None]:
    """The member id the payer knows, and the fault its ending asks for."""
    for fault in Fault:
        if member_id.endswith(fault.value) and member_id != fault.value:
            return member_id.removesuffix(fault.value), fault
    return member_id, None


@dataclass(frozen=True)
class Pace:
    """How long HANG says nothing, the pause between the bytes of DRIP, and how long a payer takes for its 277CA.

    Its 835 follows after as long again.
    """

    hang_seconds: float = 600
    drip_seconds: float = 1
    payer_seconds: float = 1


def spoiled(fault: Fault, retry_after: str | None, answer: bytes, pace: Pace) -> Response:
    """The response that `fault` makes of an answer."""
    if fault.value[1:].isdecimal():
        code = {"code": "TOO_MANY_REQUESTS"} if fault is Fault.E429 else {}
        headers = {} if retry_after is None else {"retry-after": retry_after}
        content = {"message": "The sandbox was asked for this answer.", **code}
        return JSONResponse(content, status_code=int(fault.value[1:]), headers=headers)
    return _SPOILED[fault](answer, pace)


async def _drip(answer: bytes, seconds: float) -> AsyncIterator[bytes]:
    for position in range(len(answer)):
        yield answer[position : position + 1]
        await asyncio.sleep(seconds)


async def _bomb() -> AsyncIterator[bytes]:
    """A gigabyte of spaces, packed a thousandfold: after a full flush the same packed block can follow itself."""
    packer = zlib.compressobj(9, wbits=31)
    yield packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 1_048_576) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(1024):
        yield block
        # Lets the server notice that the client has gone.
        await asyncio.sleep(0)


class _Hang(Response):
    """Says nothing until the client goes or the time is up."""

    def __init__(self, seconds: float) -> None:
        super().__init__(status_code=504)
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            await super().__call__(scope, receive, send)


class _Broken(Response):
    """Sends half of the body it announced, or nothing at all, and resets the connection (TCP RST, no FIN)."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(answer, media_type="application/json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["extensions"][CONNECTION]
        if self.body:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await asyncio.sleep(0.05)
        linger_none = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)
        transport.abort()
        # The server ends the request by itself once the connection is lost; a response is no longer possible.
        while (await receive())["type"] != "http.disconnect":
            pass


_JSON: Final = "application/json"
_SPOILED: Final[dict[Fault, Callable[[bytes, Pace], Response]]] = {
    Fault.REDIRECT: lambda _answer, _pace: Response(status_code=307, headers={"location": "/sandbox/ledger"}),
    Fault.GARBAGE: lambda _answer, _pace: Response(os.urandom(512), media_type=_JSON),
    Fault.HTML: lambda _answer, _pace: Response("<!doctype html><title>Busy</title>", media_type="text/html"),
    Fault.EMPTY: lambda _answer, _pace: Response(b"", media_type=_JSON),
    Fault.NOX12: lambda _answer, _pace: JSONResponse({"benefitsInformation": [], "errors": [], "x12": ""}),
    Fault.OTHER: lambda answer, _pace: Response(answer, media_type=_JSON),
    Fault.BOMB: lambda _answer, _pace: StreamingResponse(
        _bomb(), media_type=_JSON, headers={"content-encoding": "gzip"}
    ),
    Fault.DRIP: lambda answer, pace: StreamingResponse(_drip(answer, pace.drip_seconds), media_type=_JSON),
    Fault.HANG: lambda _answer, pace: _Hang(pace.hang_seconds),
    Fault.STALL: lambda _answer, pace: _Hang(pace.hang_seconds),
    Fault.RESET: lambda _answer, _pace: _Broken(b""),
    Fault.LOST: lambda _answer, _pace: _Broken(b""),
    Fault.CUT: lambda answer, _pace: _Broken(answer),
}
