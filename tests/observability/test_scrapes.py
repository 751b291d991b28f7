"""The metrics port, over real sockets."""

import asyncio

import httpx
import pytest

from app.observability import Metrics, serve_metrics


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_scrape_reads_the_metrics() -> None:
    metrics = Metrics()
    metrics.token_refused("signature")
    async with serve_metrics(metrics, "127.0.0.1", 0) as port, httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'crossover_tokens_refused_total{reason="signature"} 1.0' in answer.text


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/1.1", b"404"),
        (b"GET /v1/patients HTTP/1.1", b"404"),
        (b"GET /metrics/ HTTP/1.1", b"404"),
        (b"GET /metrics?x=1 HTTP/1.1", b"200"),
        (b"POST /metrics HTTP/1.1", b"405"),
        (b"rubbish", b"404"),
    ],
)
async def test_there_is_nothing_else_on_the_port(request_line: bytes, status: bytes) -> None:
    async with serve_metrics(Metrics(), "127.0.0.1", 0) as port:
        answer = await ask(port, request_line + b"\r\nHost: x\r\n\r\n")
    assert answer.split(b" ")[1] == status


async def test_a_head_without_end_is_hung_up_on() -> None:
    async with serve_metrics(Metrics(), "127.0.0.1", 0) as port:
        assert await ask(port, b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 20_000) == b""


async def test_more_than_twenty_who_say_nothing_do_not_pile_up() -> None:
    async with serve_metrics(Metrics(), "127.0.0.1", 0) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        async with asyncio.timeout(2):
            assert await ask(port, b"") == b""
        for _, writer in silent:
            writer.close()
        await asyncio.sleep(0.05)
        assert (await ask(port, b"GET /metrics HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")


async def test_it_stops_at_once_even_with_silent_connections() -> None:
    async with asyncio.timeout(2):
        async with serve_metrics(Metrics(), "127.0.0.1", 0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.05)
        assert await reader.read() == b""
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def test_a_port_in_use_is_told() -> None:
    async with serve_metrics(Metrics(), "127.0.0.1", 0) as port:
        with pytest.raises(OSError, match="in use"):
            async with serve_metrics(Metrics(), "127.0.0.1", port):
                pass
