"""A real HTTP server on 127.0.0.1 for key sets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class KeyServer:
    """Serves `document` with `status`, counts requests, and can wait before it answers."""

    def __init__(self) -> None:
        self.document: Any = {"keys": []}
        self.status = 200
        self.requests = 0
        self.asked = asyncio.Event()
        self.port = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/jwks"

    def hold(self) -> None:
        """From now on requests wait; `asked` tells when the next one has come."""
        self.asked.clear()
        self.may_answer.clear()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        self.asked.set()
        await self.may_answer.wait()
        body = self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()
        head = f"HTTP/1.1 {self.status} x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def key_server() -> AsyncIterator[KeyServer]:
    keys = KeyServer()
    server = await asyncio.start_server(keys.answer, "127.0.0.1", 0)
    keys.port = server.sockets[0].getsockname()[1]
    try:
        yield keys
    finally:
        server.close()
        await server.wait_closed()
