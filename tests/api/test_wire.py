"""Framing, over a real socket into a real server: what a client may write there that no HTTP library would."""

import asyncio
import json
from typing import Any

import pytest

from app.api.route import MAX_BODY_BYTES
from tests.api import kit

_HEAD = b"Host: service.test\r\nAuthorization: Bearer clinician\r\n"
_POST = b"POST /v1/patients HTTP/1.1\r\n" + _HEAD + b"Content-Type: application/json\r\nIdempotency-Key: k\r\n"
_BODY = b'{"name":"Sheet"}'


async def _exchange(server: tuple[str, int], raw: bytes, *, seconds: float = 5) -> tuple[bytes, bool]:
    """All bytes that came back, and whether the server closed the connection."""
    reader, writer = await asyncio.open_connection(*server)
    received = b""
    try:
        writer.write(raw)
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(65536):
                received += chunk
    except TimeoutError:
        return received, False
    except ConnectionResetError:
        return received, True
    finally:
        writer.close()
    return received, True


def _statuses(received: bytes) -> list[int]:
    return [int(part[1:4]) for part in received.split(b"HTTP/1.1")[1:]]


def _problem(received: bytes) -> Any:
    return json.loads(received.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: +16\r\n\r\n",
        b"Content-Length: 0x10\r\n\r\n",
        b"Content-Length: 16\r\nContent-Length: 17\r\n\r\n",
        b"Content-Length: 16, 16\r\n\r\n",
        b"Content-Length: 16\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 16\r\n\r\n",
        b"Transfer-Encoding: gzip\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n\r\n",
        b"Bad Header: 1\r\n\r\n",
        b"Content-Length : 16\r\n\r\n",
        b"X: a\r\n b\x00c\r\n\r\n",
    ],
)
async def test_broken_framing_is_refused_and_the_connection_closed(server: tuple[str, int], framing: bytes) -> None:
    before = len(kit.operations_run)
    received, closed = await _exchange(server, _POST + framing + _BODY)
    assert _statuses(received) == [400]
    assert closed
    assert len(kit.operations_run) == before


async def test_a_body_shorter_than_its_length_runs_nothing(server: tuple[str, int]) -> None:
    before = len(kit.operations_run)
    received, _ = await _exchange(server, _POST + b"Content-Length: 99\r\n\r\n" + _BODY, seconds=0.3)
    assert received == b""
    assert len(kit.operations_run) == before


async def test_bytes_after_the_length_end_the_connection_and_are_never_a_request(server: tuple[str, int]) -> None:
    raw = _POST + b"Content-Length: 16\r\n\r\n" + _BODY + b"smuggled"
    received, closed = await _exchange(server, raw)
    assert _statuses(received)[-1] == 400
    assert closed


@pytest.mark.parametrize(
    "raw",
    [
        _POST + b"Content-Length: 1048577\r\n\r\n" + b" " * 1000,
        _POST + b"Content-Length: 99999999999\r\n\r\n",
        _POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"40000\r\n" + b" " * 0x40000 + b"\r\n") * 5,
    ],
)
async def test_too_large_a_body_is_refused_before_the_rest_is_read(server: tuple[str, int], raw: bytes) -> None:
    received, closed = await _exchange(server, raw)
    assert _statuses(received) == [413]
    assert _problem(received)["code"] == "body_too_large"
    assert closed


async def test_a_chunked_body_within_the_limit_is_read(server: tuple[str, int]) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in _BODY) + b"0\r\n\r\n"
    received, _ = await _exchange(server, _POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert _statuses(received) == [201]


async def test_a_body_of_the_limit_is_read_over_a_socket(server: tuple[str, int]) -> None:
    body = _BODY + b" " * (MAX_BODY_BYTES - len(_BODY))
    head = b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    received, _ = await _exchange(server, _POST + head + body)
    assert _statuses(received) == [201]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/v1/practice", 200),
        (b"//v1/practice", 404),
        (b"/v1//practice", 404),
        (b"/v1/../v1/practice", 404),
        (b"/v1/%2e%2e/v1/practice", 404),
        (b"/v1/./practice", 404),
        (b"/v1/practice/", 404),
        (b"/v1/practice/.", 404),
        (b"/v1/practice;x=1", 404),
        (b"/v1/practice%00", 404),
        (b"/v1/practice%0a", 404),
        (b"/v1/practice%0d%0aX-Injected:%201", 404),
        (b"/v1/practice%20", 404),
        (b"/v1\\practice", 404),
        (b"/v1/patients/%ff", 404),
        (b"/v1/patients/..%2f..%2fetc%2fpasswd", 404),
        (b"/docs/..%2f..%2f__init__.py", 404),
        (b"/docs/%2e%2e/core.py", 404),
        (b"/docs/core.py", 404),
    ],
)
async def test_a_path_is_taken_as_written(server: tuple[str, int], target: bytes, status: int) -> None:
    raw = b"GET " + target + b" HTTP/1.1\r\n" + _HEAD + b"Connection: close\r\n\r\n"
    received, _ = await _exchange(server, raw)
    assert _statuses(received) == [status]
    assert b"\r\nlocation:" not in received.lower()
    assert b"\r\nx-injected" not in received.lower()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/practice HTTP/1.1\r\n\r\n",
        b"GET /v1/practice HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /v1/practice HTTP/1.1\r\nHost: a/b\r\n\r\n",
        b"GET /v1/practice HTTP/1.1\r\nHost: \r\n\r\n",
        b"GET /v1/practice HTTP/1.0\r\n\r\n",
    ],
)
async def test_a_request_without_one_proper_host_is_refused(server: tuple[str, int], head: bytes) -> None:
    raw = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    received, _ = await _exchange(server, raw)
    assert _statuses(received) == [400]
    assert _problem(received)["code"] == "host_invalid"


async def test_headers_beyond_the_bounds_are_refused_on_the_wire(server: tuple[str, int]) -> None:
    for extra in (b"X: 1\r\n" * 65, b"X: " + b"a" * 20_000 + b"\r\n"):
        raw = b"GET /v1/practice HTTP/1.1\r\n" + _HEAD + b"Connection: close\r\n" + extra + b"\r\n"
        received, _ = await _exchange(server, raw)
        assert _statuses(received) == [431]


@pytest.mark.parametrize("method", [b"TRACE", b"PUT", b"DELETE", b"PROPFIND"])
async def test_a_method_the_resource_does_not_take_is_a_405(server: tuple[str, int], method: bytes) -> None:
    raw = method + b" /v1/practice HTTP/1.1\r\n" + _HEAD + b"Connection: close\r\n\r\n"
    received, _ = await _exchange(server, raw)
    assert _statuses(received) == [405]
    assert b"allow: GET\r\n" in received


async def test_two_tokens_are_refused_on_the_wire(server: tuple[str, int]) -> None:
    raw = b"GET /v1/practice HTTP/1.1\r\n" + _HEAD + b"Authorization: Bearer admin\r\nConnection: close\r\n\r\n"
    received, _ = await _exchange(server, raw)
    assert _statuses(received) == [400]
    assert _problem(received)["code"] == "header_duplicate"


async def test_a_client_that_leaves_half_way_leaves_no_trace(
    server: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    before = len(kit.operations_run)
    _, writer = await asyncio.open_connection(*server)
    writer.write(_POST + b"Content-Length: 99\r\n\r\n" + _BODY)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.05)
    assert len(kit.operations_run) == before
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


async def test_a_mistake_of_ours_is_not_in_the_servers_log(
    server: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    raw = b"GET /v1/payers/%s HTTP/1.1\r\n" % str(kit.RECORD).encode() + _HEAD + b"Connection: close\r\n\r\n"
    received, _ = await _exchange(server, raw)
    assert _statuses(received) == [500]
    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == ["crossover.api"]
    assert kit.SECRET not in caplog.text
