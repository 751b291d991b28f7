"""A closed loop of keep-alive connections against one address: requests per second and latencies. Its own process."""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

import uvloop


async def _connection(host: str, port: int, request: bytes, until: float, latencies: list[float]) -> int:
    """Sends the request again and again; returns how many answers were not 200."""
    reader, writer = await asyncio.open_connection(host, port)
    refused = 0
    while (began := time.perf_counter()) < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        refused += not head.startswith(b"HTTP/1.1 200")
        latencies.append(time.perf_counter() - began)
    writer.close()
    return refused


async def _run(url: str, token: str, connections: int, seconds: float) -> dict[str, float]:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: */*\r\n\r\n"
    ).encode()
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    refused = await asyncio.gather(
        *(_connection(parts.hostname or "", parts.port or 80, request, until, latencies) for _ in range(connections))
    )
    latencies.sort()
    return {
        "requests_per_second": len(latencies) / seconds,
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
        "refused": sum(refused),
    }


if __name__ == "__main__":
    url, token, connections, seconds = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_run(url, token, int(connections), float(seconds)))))
