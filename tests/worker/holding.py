"""A clearinghouse between the service and the sandbox that keeps answers back until it is told to let them go."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Holding:
    """`asked` is set once an inquiry's answer is in its hands; `let_go` sends it on, and all that come after."""

    port: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/2024-04-01"


@asynccontextmanager
async def holding(sandbox_port: int) -> AsyncIterator[Holding]:
    place = Holding()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            behind, onwards = await asyncio.open_connection("127.0.0.1", sandbox_port)
            with contextlib.closing(onwards):
                while not reader.at_eof():
                    onwards.write(await _message(reader))
                    answer = await _message(behind)
                    place.asked.set()
                    await place.let_go.wait()
                    writer.write(answer)
                    await writer.drain()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    place.port = server.sockets[0].getsockname()[1]
    try:
        yield place
    finally:
        place.let_go.set()
        server.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message with a Content-Length, as it came."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))
