"""A closed loop of keep-alive connections against two addresses of one server, in short turns. Its own process.

Whatever else the machine does lasts longer than a turn, so that it slows both alike.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import uvloop

from benchmarks.processor_time import cpu_seconds

_TURN_SECONDS: Final = 0.5


@dataclass
class _Side:
    """One address: its connections, and what was measured so far."""

    request: bytes
    streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0
    cpu: float = 0

    @classmethod
    async def at(cls, url: str, token: str, connections: int) -> "_Side":
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: */*\r\n\r\n"
        ).encode()
        host, port = parts.hostname or "", parts.port or 80
        return cls(request, [await asyncio.open_connection(host, port) for _ in range(connections)])

    async def turn(self, pid: int) -> None:
        began, cpu = time.perf_counter(), cpu_seconds(pid)
        await asyncio.gather(*(self._repeat(*stream, until=began + _TURN_SECONDS) for stream in self.streams))
        self.seconds += time.perf_counter() - began
        self.cpu += cpu_seconds(pid) - cpu

    async def _repeat(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, until: float) -> None:
        while (began := time.perf_counter()) < until:
            writer.write(self.request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            self.refused += not head.startswith(b"HTTP/1.1 200")
            self.latencies.append(time.perf_counter() - began)

    def close(self) -> None:
        for _, writer in self.streams:
            writer.close()

    @property
    def figures(self) -> dict[str, float]:
        """`refused` are the answers that were not 200."""
        ordered = sorted(self.latencies)
        return {
            "requests_per_second": len(ordered) / self.seconds,
            "p50_ms": ordered[len(ordered) // 2] * 1000,
            "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
            "cpu_ms": self.cpu / len(ordered) * 1000,
            "refused": self.refused,
        }


async def _run(pid: int, token: str, connections: int, seconds: float, urls: Sequence[str]) -> list[dict[str, float]]:
    """The figures of each address, `seconds` long."""
    sides = [await _Side.at(url, token, connections) for url in urls]
    while sides[-1].seconds < seconds:
        for side in sides:
            await side.turn(pid)
    for side in sides:
        side.close()
    return [side.figures for side in sides]


if __name__ == "__main__":
    pid, token, connections, seconds, *urls = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_run(int(pid), token, int(connections), float(seconds), urls))))
