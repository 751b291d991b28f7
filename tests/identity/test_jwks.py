"""The key cache against a real server: rotation, forged key ids, an issuer that is down."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key

from app.domain.errors import Unavailable
from app.http_client import HttpClient
from app.identity.jwks import MAX_DOCUMENT_BYTES, JwksFile, JwksUrl
from tests.identity.forging import ISSUER_KEY, token
from tests.identity.refusing import verifier
from tests.identity.serving import KeyServer, key_server

MINUTE = 60.0
HOUR = 3600.0
OLD = ECKey.generate_key("P-256", {"kid": "old"})
NEW = ECKey.generate_key("P-256", {"kid": "new"})


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def key_set(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


@pytest.fixture
async def server() -> AsyncIterator[KeyServer]:
    async with key_server() as keys:
        keys.document = key_set(OLD)
        yield keys


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient(connect_seconds=2, read_seconds=5, total_seconds=5, max_bytes=MAX_DOCUMENT_BYTES) as client:
        yield client


@pytest.fixture
async def cached(server: KeyServer, http: HttpClient, clock: Clock) -> AsyncIterator[JwksUrl]:
    keys = JwksUrl(http, server.url, clock=clock)
    yield keys
    await keys.close()


async def settled(cached: JwksUrl) -> None:
    """Waits for a reading in the background."""
    if cached._reading is not None:
        await asyncio.wait([cached._reading])


async def test_a_known_key_is_read_once(cached: JwksUrl, server: KeyServer) -> None:
    for _ in range(50):
        key = await cached.key("old")
        assert key is not None
    assert server.requests == 1


async def test_many_first_requests_cause_one_reading(cached: JwksUrl, server: KeyServer) -> None:
    keys = await asyncio.gather(*(cached.key("old") for _ in range(50)))
    assert all(keys)
    assert server.requests == 1


async def test_a_new_key_is_found_at_once_and_the_old_one_stays_valid_while_published(
    cached: JwksUrl, server: KeyServer, clock: Clock
) -> None:
    assert await cached.key("old")
    clock.now += MINUTE
    server.document = key_set(OLD, NEW)
    assert await cached.key("new")
    assert await cached.key("old")
    assert server.requests == 2


async def test_forged_key_ids_cause_one_reading_a_minute(cached: JwksUrl, server: KeyServer, clock: Clock) -> None:
    assert await cached.key("old")
    for second in range(180):
        clock.now = 1_000.0 + second
        assert not any(await asyncio.gather(cached.key(f"forged-{second}"), cached.key("forged")))
    assert server.requests == 3


async def test_a_request_with_a_known_key_does_not_wait_for_a_slow_issuer(
    cached: JwksUrl, server: KeyServer, clock: Clock
) -> None:
    assert await cached.key("old")
    clock.now += MINUTE
    server.hold()
    unknown = asyncio.create_task(cached.key("new"))
    await server.asked.wait()
    assert await asyncio.wait_for(cached.key("old"), 0.5)
    server.document = key_set(OLD, NEW)
    server.may_answer.set()
    assert await unknown


async def test_a_caller_who_goes_away_does_not_end_the_reading_for_others(cached: JwksUrl, server: KeyServer) -> None:
    server.hold()
    first, second = asyncio.create_task(cached.key("old")), asyncio.create_task(cached.key("old"))
    await server.asked.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    server.may_answer.set()
    assert await second
    assert server.requests == 1


async def test_a_withdrawn_key_is_gone_after_ten_minutes(cached: JwksUrl, server: KeyServer, clock: Clock) -> None:
    assert await cached.key("old")
    server.document = key_set(NEW)
    clock.now += 10 * MINUTE
    assert await cached.key("old")
    clock.now += 1
    await cached.key("old")
    await settled(cached)
    assert await cached.key("old") is None


@pytest.mark.parametrize("status", [500, 404, 301, 429])
async def test_cached_keys_serve_for_a_day_while_the_issuer_is_down_and_not_longer(
    cached: JwksUrl, server: KeyServer, clock: Clock, status: int
) -> None:
    assert await cached.key("old")
    server.status = status
    clock.now += 24 * HOUR
    assert await cached.key("old")
    await settled(cached)
    clock.now += 1
    with pytest.raises(Unavailable):
        await cached.key("old")
    server.status = 200
    clock.now += 5
    assert await cached.key("old")


async def test_keys_a_day_old_are_read_anew_before_anyone_is_refused(
    cached: JwksUrl, server: KeyServer, clock: Clock
) -> None:
    assert await cached.key("old")
    clock.now += 30 * HOUR
    assert await cached.key("old")
    assert server.requests == 2


async def test_without_any_key_the_issuer_is_asked_every_five_seconds(http: HttpClient, clock: Clock) -> None:
    async with key_server() as server:
        url = server.url
    cached = JwksUrl(http, url, clock=clock)
    with pytest.raises(Unavailable) as refused:
        await cached.key("old")
    assert refused.value.retry_after == 5
    assert not await cached.load()
    async with key_server() as server:
        server.document = key_set(OLD)
        cached = JwksUrl(http, server.url, clock=clock)
        server.status = 503
        for second in range(10):
            clock.now = 5_000.0 + second
            assert not await cached.load()
        assert server.requests == 2
        server.status = 200
        clock.now += 5
        assert await cached.load()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b"[" * 100_000,
        b"\xff" * 10,
        b" " * (MAX_DOCUMENT_BYTES + 1),
    ],
    ids=lambda document: document[:12],
)
async def test_a_broken_document_does_not_cost_us_the_keys_we_have(
    cached: JwksUrl, server: KeyServer, clock: Clock, document: bytes
) -> None:
    assert await cached.key("old")
    clock.now += MINUTE
    server.document = document
    assert await cached.key("new") is None
    assert server.requests == 2
    assert await cached.key("old")


async def test_closing_ends_a_reading(server: KeyServer, http: HttpClient, clock: Clock) -> None:
    cached = JwksUrl(http, server.url, clock=clock)
    server.hold()
    waiting = asyncio.create_task(cached.key("old"))
    await server.asked.wait()
    await cached.close()
    server.may_answer.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_token_is_verified_with_fetched_keys(cached: JwksUrl, server: KeyServer) -> None:
    server.document = key_set(OLD, ISSUER_KEY)
    caller = await verifier(keys=cached).verify(token())
    assert caller.subject == "user-17"


async def test_a_file_is_read_again_for_an_unknown_key(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "jwks.json"
    keys = JwksFile(path, clock=clock)
    assert not await keys.load()
    path.write_text(json.dumps(key_set(OLD)))
    clock.now += 5
    assert await keys.key("old")
    path.write_text(json.dumps(key_set(OLD, NEW)))
    clock.now += MINUTE
    assert await keys.key("new")
