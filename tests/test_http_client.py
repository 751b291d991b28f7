"""The outgoing HTTP client against peers that behave, misbehave, or are not there."""

import asyncio
import gzip
import socket
import ssl
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.http_client import Failure, HttpAnswer, HttpClient, HttpError, NotSent, OutcomeUnknown
from tests.clearinghouse.scripted_peer import Peer, Script, always, http_answer, scripted_peer


@asynccontextmanager
async def calling(script: Script, **limits: float) -> AsyncIterator[tuple[Peer, HttpClient]]:
    """A peer with a script and a client with short deadlines."""
    seconds = {"connect_seconds": 1.0, "read_seconds": 1.0, "total_seconds": 2.0, **limits}
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(scripted_peer(script))
        client = await stack.enter_async_context(HttpClient(**seconds))  # type: ignore[arg-type]  # ints among floats
        yield peer, client


async def post(client: HttpClient, peer: Peer) -> HttpAnswer:
    return await client.post_json(f"{peer.url}/x", headers={"authorization": "secret-key"}, body=b'{"x12":"ISA"}')


async def failure_of(client: HttpClient, peer: Peer) -> HttpError:
    with pytest.raises(HttpError) as caught:
        # Without its own deadline the client would wait for ever.
        async with asyncio.timeout(10):
            await post(client, peer)
    return caught.value


async def test_an_answer_comes_whole_whatever_its_status() -> None:
    async with calling(always(http_answer(503, b'{"message":"no"}', Retry_After="7"))) as (peer, client):
        answer = await post(client, peer)
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, b'{"message":"no"}', "7")


async def test_the_request_carries_the_bytes_and_headers_given_and_asks_for_no_compression() -> None:
    async with calling(always(http_answer(200))) as (peer, client):
        await post(client, peer)
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert body == b'{"x12":"ISA"}'
    assert lines[0] == b"post /x http/1.1"
    assert {
        b"authorization: secret-key",
        b"content-type: application/json",
        b"accept-encoding: identity",
        b"user-agent: crossover",
    } <= set(lines)


async def test_a_get_sends_no_body() -> None:
    async with calling(always(http_answer(200, b"{}"))) as (peer, client):
        assert (await client.get(f"{peer.url}/keys")).body == b"{}"
    assert peer.requests[0].startswith(b"GET /keys HTTP/1.1\r\n")
    assert b"content-length" not in peer.requests[0].lower()


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with scripted_peer(always(http_answer(200))) as elsewhere:
        script = always(http_answer(307, Location=f"{elsewhere.url}/stolen"))
        async with calling(script) as (peer, client):
            assert (await post(client, peer)).status == 307
        assert elsewhere.connections == 0


async def test_proxy_settings_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with calling(always(http_answer(200))) as (peer, client):
        assert (await post(client, peer)).status == 200


async def test_a_refused_connection_is_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        async with HttpClient() as client:
            with pytest.raises(NotSent) as caught:
                await client.get(f"http://127.0.0.1:{port}/")
    assert caught.value.failure is Failure.CONNECTION


async def test_a_peer_that_never_finishes_the_tls_handshake_is_not_sent() -> None:
    async with calling(always(b""), connect_seconds=0.2) as (peer, client):
        with pytest.raises(NotSent) as caught:
            await client.get(f"https://127.0.0.1:{peer.port}/")
    assert caught.value.failure is Failure.DEADLINE
    assert peer.requests == []


async def test_a_request_that_waits_too_long_for_a_free_connection_is_not_sent() -> None:
    async def hang(_peer: Peer, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with calling(hang, max_connections=1, connect_seconds=0.2, read_seconds=0.6) as (peer, client):
        first = asyncio.create_task(failure_of(client, peer))
        await asyncio.sleep(0.05)
        second = await failure_of(client, peer)
        assert isinstance(second, NotSent)
        assert second.failure is Failure.DEADLINE
        assert isinstance(await first, OutcomeUnknown)
        assert len(peer.requests) == 1


def _certificate(tmp_path: Path, *, name: str, until: datetime) -> tuple[Path, Path]:
    """A certificate for `name`, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=30))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


@pytest.mark.parametrize(
    ("name", "days_left", "is_trusted", "is_answered"),
    [
        ("localhost", 10, True, True),
        ("localhost", 10, False, False),
        ("localhost", -1, True, False),
        ("elsewhere.example", 10, True, False),
    ],
    ids=["valid", "unknown issuer", "expired", "wrong name"],
)
async def test_a_certificate_that_does_not_hold_lets_no_byte_of_the_request_out(
    tmp_path: Path, name: str, days_left: int, is_trusted: bool, is_answered: bool
) -> None:
    certificate, key = _certificate(tmp_path, name=name, until=datetime.now(UTC) + timedelta(days=days_left))
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(certificate, key)
    client_side = ssl.create_default_context(cafile=str(certificate)) if is_trusted else None
    async with scripted_peer(always(http_answer(200)), server_side) as peer, HttpClient(tls=client_side) as client:
        url = f"https://localhost:{peer.port}/"
        if is_answered:
            assert (await client.get(url)).status == 200
            return
        with pytest.raises(NotSent) as caught:
            await client.get(url)
    assert caught.value.failure is Failure.CONNECTION
    assert peer.raw_bytes == 0


async def _reset(_peer: Peer, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _half_an_answer(_peer: Peer, writer: asyncio.StreamWriter) -> None:
    writer.write(http_answer(200, b"x" * 100)[:-50])
    await writer.drain()
    writer.close()


async def _silence(_peer: Peer, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def _endless_continue(_peer: Peer, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _drip(_peer: Peer, writer: asyncio.StreamWriter) -> None:
    for byte in http_answer(200, b"x" * 1000):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (_reset, Failure.MALFORMED),
        (_half_an_answer, Failure.MALFORMED),
        (_silence, Failure.DEADLINE),
        (_endless_continue, Failure.DEADLINE),
        (_drip, Failure.DEADLINE),
        (always(b"\x16\x03\x01 what is this\r\n\r\n"), Failure.MALFORMED),
        (always(b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 10_000_000 + b"\r\n\r\n"), Failure.MALFORMED),
        (always(http_answer(200, b"x" * 70_000)), Failure.TOO_LARGE),
        (always(http_answer(200, gzip.compress(b"x" * 50_000_000), Content_Encoding="gzip")), Failure.COMPRESSED),
    ],
    ids=["reset", "cut", "silence", "1xx", "drip", "not http", "long header", "too large", "compressed"],
)
async def test_after_the_request_may_have_left_the_outcome_is_unknown(script: Script, failure: Failure) -> None:
    async with calling(script, read_seconds=0.5, total_seconds=1, max_bytes=65_536) as (peer, client):
        began = time.monotonic()
        error = await failure_of(client, peer)
        took = time.monotonic() - began
    assert isinstance(error, OutcomeUnknown)
    assert error.failure is failure
    assert took < 2


async def test_an_endless_body_is_cut_at_the_cap() -> None:
    written = 0

    async def endless(_peer: Peer, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            await writer.drain()
            written += 65_536

    async with calling(endless, max_bytes=1_000_000) as (peer, client):
        assert (await failure_of(client, peer)).failure is Failure.TOO_LARGE
    # What the kernel's buffers hold is written, never read.
    assert written < 30_000_000


async def test_one_answer_may_have_a_cap_of_its_own() -> None:
    async with calling(always(http_answer(200, b"x" * 5000)), max_bytes=1000) as (peer, client):
        assert len((await client.get(peer.url, max_bytes=5000)).body) == 5000
        for cap in (None, 4999, 0):
            with pytest.raises(OutcomeUnknown) as caught:
                await client.get(peer.url, max_bytes=cap)
            assert caught.value.failure is Failure.TOO_LARGE


@pytest.mark.parametrize("url", ["http://127.0.0.1/\x7fCANARY", "http://[::1/CANARY", "CANARY:/x", "/CANARY", ""])
async def test_what_is_no_address_is_not_sent_and_not_told(url: str) -> None:
    async with HttpClient() as client:
        with pytest.raises(NotSent) as caught:
            await client.get(url)
    assert "CANARY" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("script", [_half_an_answer, _silence, always(http_answer(200, b"x" * 70_000))])
async def test_a_connection_that_saw_an_error_is_never_used_again(script: Script) -> None:
    async def first_bad_then_good(peer: Peer, writer: asyncio.StreamWriter) -> None:
        if len(peer.requests) == 1:
            await script(peer, writer)
        else:
            writer.write(http_answer(200, b"mine"))

    async with calling(first_bad_then_good, read_seconds=0.3, max_bytes=65_536) as (peer, client):
        await failure_of(client, peer)
        assert (await post(client, peer)).body == b"mine"
        assert peer.connections == 2


async def test_an_answer_that_comes_after_the_deadline_is_read_by_no_later_request() -> None:
    async def late(peer: Peer, writer: asyncio.StreamWriter) -> None:
        number = len(peer.requests)
        if number == 1:
            await asyncio.sleep(0.5)
        writer.write(http_answer(200, f"answer {number}".encode()))

    async with calling(late, read_seconds=0.2) as (peer, client):
        await failure_of(client, peer)
        answers = []
        for _ in range(3):
            answers.append((await post(client, peer)).body)
            await asyncio.sleep(0.2)
    assert answers == [b"answer 2", b"answer 3", b"answer 4"]


async def test_a_good_connection_is_used_again() -> None:
    async with calling(always(http_answer(200))) as (peer, client):
        for _ in range(3):
            await post(client, peer)
        assert peer.connections == 1


async def test_a_cancelled_call_leaves_the_client_usable() -> None:
    async def first_silent(peer: Peer, writer: asyncio.StreamWriter) -> None:
        if len(peer.requests) == 1:
            await asyncio.sleep(5)
        writer.write(http_answer(200, b"mine"))

    async with calling(first_silent, max_connections=1) as (peer, client):
        call = asyncio.create_task(post(client, peer))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await post(client, peer)).body == b"mine"


async def test_an_error_repeats_nothing_of_the_address_the_request_or_the_answer() -> None:
    async with calling(always(b"CANARY-ANSWER not http\r\n\r\n")) as (peer, client):
        with pytest.raises(OutcomeUnknown) as caught:
            await client.post_json(
                f"{peer.url}/CANARY-PATH", headers={"authorization": "CANARY-KEY"}, body=b"CANARY-BODY"
            )
    told = "".join(traceback.format_exception(caught.value, chain=True)) + repr(caught.value)
    assert "CANARY-ANSWER" not in told
    assert "CANARY-KEY" not in str(caught.value)
    assert str(caught.value) == "outcome unknown: malformed"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_answer_does_not_show_its_content() -> None:
    assert repr(HttpAnswer(200, {"x": "CANARY"}, b"CANARY")) == "HttpAnswer(status=200)"
