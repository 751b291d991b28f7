"""The way from an entry of the feed to its X12: where it may be fetched from, and what travels there."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.clearinghouse.port import RefusedReason, UnavailableReason
from app.clearinghouse.stedi import StediClearinghouse
from app.clearinghouse.stedi_feed import document, download_address, is_loopback
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpAnswer, HttpClient
from tests.clearinghouse.answers import A277, answer
from tests.clearinghouse.running import stedi
from tests.clearinghouse.scripted_peer import Peer, Script, always, http_answer, scripted_peer


@pytest.mark.parametrize(
    ("address", "is_near", "is_taken"),
    [
        ("https://bucket.s3.us-east-1.amazonaws.com/x?X-Amz-Signature=1", False, True),
        ("https://bucket.s3.us-east-1.amazonaws.com/x", True, True),
        ("http://bucket.s3.us-east-1.amazonaws.com/x", False, False),
        ("http://bucket.s3.us-east-1.amazonaws.com/x", True, False),
        ("http://127.0.0.1:8100/x", True, True),
        ("http://127.0.0.1:8100/x", False, False),
        ("http://[::1]:8100/x", True, True),
        ("http://localhost:8100/x", True, True),
        ("http://localhost.evil.example/x", True, False),
        ("https://user:pw@bucket.example/x", False, False),
        ("https:///x", False, False),
        ("https://bucket.example:99999999/x", False, False),
        ("https://bucket.example:443/x", False, True),
        (f"https://{'a' * 64}.example/x", False, False),
        ("https://bucket..example/x", False, False),
        ("https://buck et.example/x", False, False),
        ("https://b\u00fccket.example/x", False, False),
        ("https://[::1/x", False, False),
        ("file:///etc/passwd", True, False),
        ("ftp://127.0.0.1/x", True, False),
        ("//bucket.example/x", True, False),
        ("", True, False),
    ],
)
def test_a_document_is_fetched_by_https_or_on_this_machine_only(address: str, is_near: bool, is_taken: bool) -> None:
    told = answer(200, {"documentDownloadUrl": address})
    if is_taken:
        assert download_address(told, may_be_plain=is_near) == address
        return
    with pytest.raises(ClearinghouseUnavailable) as caught:
        download_address(told, may_be_plain=is_near)
    assert caught.value.reason is UnavailableReason.UNREADABLE
    assert caught.value.__context__ is None


def test_this_machine_is_known_by_its_address() -> None:
    near = ["http://127.0.0.1:8100/2023-08-01", "http://127.9.9.9", "http://localhost", "http://[::1]/"]
    far = ["https://core.us.stedi.com/2023-08-01", "http://128.0.0.1", "http://localhost.example", "", "x"]
    assert [is_loopback(one) for one in near + far] == [True] * 4 + [False] * 5


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (answer(404, {"message": "x"}), RefusedReason.NOT_FOUND),
        (answer(400, {"message": "x"}), RefusedReason.REQUEST),
        (answer(422, {"message": "x"}), RefusedReason.REQUEST),
    ],
)
def test_a_document_they_do_not_have_is_refused(told: HttpAnswer, reason: RefusedReason) -> None:
    with pytest.raises(ClearinghouseRefused) as caught:
        download_address(told, may_be_plain=False)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("came", "reason"),
    [
        (answer(200, b""), UnavailableReason.UNREADABLE),
        (answer(200, b"<html>"), UnavailableReason.UNREADABLE),
        (answer(204, b""), UnavailableReason.UNREADABLE),
        (answer(302, b""), UnavailableReason.UNREADABLE),
        (answer(206, A277.encode()), UnavailableReason.UNREADABLE),
        *((answer(status, b"<Error/>"), UnavailableReason.BUSY) for status in (401, 403, 404, 410, 500, 503)),
        (answer(429, b""), UnavailableReason.RATE_LIMITED),
    ],
)
def test_what_is_no_interchange_is_no_document(came: HttpAnswer, reason: UnavailableReason) -> None:
    with pytest.raises(ClearinghouseUnavailable) as caught:
        document(came)
    assert caught.value.reason is reason


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n "])
def test_a_document_is_given_byte_for_byte(before: bytes) -> None:
    text = before + A277.encode() + b"\x00\xff\r\n"
    assert document(answer(200, text)) == text


@asynccontextmanager
async def two_peers(
    download: Script, address: Callable[[Peer], str] = lambda peer: f"{peer.url}/doc?sig=CANARY", **limits: int
) -> AsyncIterator[tuple[Peer, Peer, StediClearinghouse]]:
    """A clearinghouse that names an address, and the peer at that address."""
    async with scripted_peer(download) as store:
        told = json.dumps({"documentDownloadUrl": address(store)}).encode()
        script = always(http_answer(200, told, content_type="application/json"))
        async with scripted_peer(script) as core, HttpClient(read_seconds=1, total_seconds=2, max_bytes=1000) as http:
            yield core, store, stedi(http, core.port, api_key="KEY", **limits)


async def test_our_key_goes_to_the_clearinghouse_and_not_to_the_store() -> None:
    async with two_peers(always(http_answer(200, A277.encode()))) as (core, store, clearinghouse):
        assert await clearinghouse.fetch_inbound("c8dd3a67-1") == A277.encode()
    (asked,), (fetched,) = core.requests, store.requests
    assert asked.startswith(b"GET /2023-08-01/transactions/c8dd3a67-1/input-url HTTP/1.1\r\n")
    assert b"authorization: key" in asked.lower()
    assert fetched.startswith(b"GET /doc?sig=CANARY HTTP/1.1\r\n")
    assert b"authorization" not in fetched.lower()
    assert b"KEY" not in fetched


async def test_a_document_may_be_longer_than_any_other_answer_up_to_its_own_cap() -> None:
    text = A277.encode().ljust(5000)
    async with two_peers(always(http_answer(200, text)), max_document_bytes=5000) as (_, _, clearinghouse):
        assert await clearinghouse.fetch_inbound("a") == text
    async with two_peers(always(http_answer(200, text)), max_document_bytes=4999) as (_, _, clearinghouse):
        with pytest.raises(ClearinghouseUnavailable) as caught:
            await clearinghouse.fetch_inbound("a")
    assert caught.value.reason is UnavailableReason.UNREADABLE


async def test_a_redirect_of_the_store_is_not_followed() -> None:
    async with scripted_peer(always(http_answer(200, A277.encode()))) as elsewhere:
        script = always(http_answer(302, Location=elsewhere.url))
        async with two_peers(script) as (_, _, clearinghouse):
            with pytest.raises(ClearinghouseUnavailable):
                await clearinghouse.fetch_inbound("a")
        assert elsewhere.connections == 0


@pytest.mark.parametrize("document_id", ["", "..", "../polling", "a/b", "a?b", "a b", "é"])
async def test_an_id_that_could_lead_elsewhere_is_not_asked_for(document_id: str) -> None:
    async with two_peers(always(http_answer(200))) as (core, _, clearinghouse):
        with pytest.raises(ClearinghouseRefused):
            await clearinghouse.fetch_inbound(document_id)
        assert core.connections == 0


async def _cut(_peer: Peer, writer: asyncio.StreamWriter) -> None:
    writer.write(http_answer(200, A277.encode())[:-10])
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("script", [_cut, always(http_answer(403, b"CANARY")), always(http_answer(200, b"CANARY"))])
async def test_a_failed_fetch_tells_nothing_of_the_address(script: Script) -> None:
    async with two_peers(script) as (_, _, clearinghouse):
        with pytest.raises(ClearinghouseUnavailable) as caught:
            await clearinghouse.fetch_inbound("a")
    assert "CANARY" not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("address", ["https://127.0.0.1:99999999/CANARY", "https://127.0.0.1:9/\x7fCANARY"])
async def test_an_address_that_is_none_is_an_error_without_it(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with two_peers(always(http_answer(200)), lambda _peer: address) as (_, store, clearinghouse):
        with pytest.raises(ClearinghouseUnavailable) as caught:
            await clearinghouse.fetch_inbound("a")
        assert store.connections == 0
    assert "CANARY" not in "".join(traceback.format_exception(caught.value)) + caplog.text
