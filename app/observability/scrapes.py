"""The port that metrics are read from: `GET /metrics` and nothing else, apart from the API and its network.

A few lines of HTTP/1.1 on the process's own loop: a second server would take the signals of the first one, and a thread
could not ask the database. It reads one request line, answers, and closes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CONTENT_TYPE_LATEST

from app.observability.metrics import Metrics

_RECEIVE_SECONDS = 5.0
_MAX_HEAD = 8 * 1024
_MAX_CONNECTIONS = 20


class _Scrapes:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._open: set[asyncio.StreamWriter] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if len(self._open) <= _MAX_CONNECTIONS:
                async with asyncio.timeout(_RECEIVE_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(await self._answer(head))
                    await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever it was sent no request in time, or went away
        finally:
            self._open.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        """Whoever has not finished asking by now."""
        for writer in self._open:
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        target = rest.partition(b" ")[0].partition(b"?")[0]
        if target != b"/metrics":
            return _http("404 Not Found", "text/plain", b"metrics are at /metrics\n")
        if method != b"GET":
            return _http("405 Method Not Allowed", "text/plain", b"GET only\n", "Allow: GET\r\n")
        return _http("200 OK", CONTENT_TYPE_LATEST, await self._metrics.render())


def _http(status: str, content_type: str, body: bytes, more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nConnection: close\r\n{more}\r\n"
    )
    return head.encode("ascii") + body


@asynccontextmanager
async def serve_metrics(metrics: Metrics, host: str, port: int) -> AsyncIterator[int]:
    """Serves while the block runs, and gives the port: another than asked for only when asked for 0."""
    scrapes = _Scrapes(metrics)
    server = await asyncio.start_server(scrapes.answer, host, port, limit=_MAX_HEAD)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        scrapes.hang_up()
        await server.wait_closed()
