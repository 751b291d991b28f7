"""Every feed request the adapter sends and every feed answer the sandbox gives fits the published document."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.clearinghouse.port import FeedPosition
from app.clearinghouse.stedi import StediClearinghouse
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpClient
from app.sandbox.main import TEST_KEY
from tests.clearinghouse import published_wire
from tests.clearinghouse.contract_feed import a_document, walk
from tests.clearinghouse.published_wire import check_answer, check_request
from tests.clearinghouse.running import CORE_BASE_PATH, stedi
from tests.clearinghouse.scripted_peer import Peer, always, http_answer, scripted_peer
from tests.sandbox.running import Exchange, RunningSandbox


@pytest.fixture(autouse=True)
def _document() -> None:
    published_wire.needs_document()


def as_exchange(request: bytes) -> tuple[Exchange, str]:
    """A raw request, and its query."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Exchange(method, path, headers, body), query


async def asked(peer: Peer, clearinghouse: StediClearinghouse, position: FeedPosition) -> tuple[Exchange, str]:
    with contextlib.suppress(ClearinghouseUnavailable):
        await clearinghouse.list_inbound(position)
    return as_exchange(peer.requests[-1])


@pytest.mark.parametrize(
    "position",
    [
        FeedPosition(),
        FeedPosition(start=datetime(2026, 3, 2, 11, 59, 59, 999_999, tzinfo=UTC)),
        FeedPosition(start=datetime.now(UTC) + timedelta(days=1)),
        FeedPosition(page_token="eyJ/+= &?"),
        FeedPosition(start=datetime(2026, 3, 2, tzinfo=UTC), page_token="x" * 1024),
    ],
)
async def test_every_question_to_the_feed(position: FeedPosition) -> None:
    async with scripted_peer(always(http_answer(503))) as peer, HttpClient() as http:
        exchange, query = await asked(peer, stedi(http, peer.port, api_key="k"), position)
    check_request(exchange, query)


async def test_the_question_for_a_document() -> None:
    told = json.dumps({"documentDownloadUrl": "http://127.0.0.1:9/x"}).encode()
    script = always(http_answer(200, told, content_type="application/json"))
    async with scripted_peer(script) as peer, HttpClient() as http:
        with contextlib.suppress(ClearinghouseUnavailable):
            await stedi(http, peer.port, api_key="k").fetch_inbound(str(uuid4()))
    check_request(*as_exchange(peer.requests[0]))


def feed_exchanges(sandbox: RunningSandbox) -> list[Exchange]:
    return [one for one in sandbox.exchanges if one.path.startswith(CORE_BASE_PATH)]


async def test_every_page_and_every_address_of_a_document(sandbox: RunningSandbox) -> None:
    sandbox.exchanges.clear()
    for _ in range(3):
        sandbox.call("POST", "/sandbox/outbox", {"type": "277", "x12": a_document()})
    async with HttpClient() as http:
        clearinghouse = stedi(http, sandbox.port, api_key=TEST_KEY, page_size=2)
        entries, _ = await walk(clearinghouse, FeedPosition())
        await clearinghouse.fetch_inbound(entries[-1].id)
    exchanges = feed_exchanges(sandbox)
    assert {one.status for one in exchanges} == {200}
    assert len(exchanges) >= 3
    for exchange in exchanges:
        check_answer(exchange)


async def test_every_refusal(sandbox: RunningSandbox) -> None:
    sandbox.exchanges.clear()
    async with HttpClient() as http:
        for key in (TEST_KEY, "another"):
            clearinghouse = stedi(http, sandbox.port, api_key=key)
            with pytest.raises((ClearinghouseRefused, ClearinghouseUnavailable)):
                await clearinghouse.list_inbound(FeedPosition(page_token="nobody-gave-this"))
            with pytest.raises((ClearinghouseRefused, ClearinghouseUnavailable)):
                await clearinghouse.fetch_inbound(str(uuid4()))
    exchanges = feed_exchanges(sandbox)
    assert [one.status for one in exchanges] == [400, 404, 403, 403]
    for exchange in exchanges:
        check_answer(exchange)


@pytest.mark.parametrize("query", ["", "pageSize=501", "startDateTime=yesterday", "startDateTime=2999-01-01T00:00:00Z"])
def test_every_answer_to_a_wrong_question(sandbox: RunningSandbox, query: str) -> None:
    status, _ = sandbox.call("GET", f"{CORE_BASE_PATH}/polling/transactions?{query}")
    assert status == 400
    check_answer(feed_exchanges(sandbox)[-1])


def test_the_document_is_read_so_that_a_misspelt_parameter_is_found() -> None:
    exchange = Exchange("GET", f"{CORE_BASE_PATH}/polling/transactions", {"authorization": "k"})
    check_request(exchange, "pageToken=t&pageSize=500")
    with pytest.raises(AssertionError):
        check_request(exchange, "pagetoken=t")
    with pytest.raises(AssertionError, match="less than the minimum"):
        check_request(exchange, "pageToken=t&pageSize=0")
    with pytest.raises(AssertionError, match="the document has no"):
        check_request(Exchange("GET", f"{CORE_BASE_PATH}/transactions/a/b/input-url", {"authorization": "k"}))
