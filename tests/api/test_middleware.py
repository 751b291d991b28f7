import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from app.api.middleware import RequestBoundary, RequestDeadline
from tests.api import kit

_ORIGIN = "https://practice.example"


def _client(app: Any) -> httpx.AsyncClient:
    headers = {"Authorization": "Bearer biller"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test", headers=headers)


async def _sent(app: Any, scope: dict[str, Any]) -> list[Message]:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await app({"type": "http", "method": "GET", "path": "/", "query_string": b"", **scope}, receive, send)
    return messages


@pytest.mark.parametrize("path", ["/v1/practice", "/v1/nothing", "/docs", "/openapi.json", f"/v1/payers/{kit.RECORD}"])
async def test_every_answer_has_its_id_and_the_headers_of_security(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert len(answer.headers["x-request-id"]) == 36
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "path", "code", "status"),
    [
        ({f"x-{number}": "1" for number in range(64)}, "/v1/practice", "headers_too_large", 431),
        ({"x-long": "a" * 16 * 1024}, "/v1/practice", "headers_too_large", 431),
        ({"Authorization": "Bearer " + "a" * 64 * 1024}, "/v1/practice", "headers_too_large", 431),
        ({}, "/v1/practice?q=" + "a" * 4_096, "url_too_long", 414),
        ({}, "/v1/" + "a" * 4_096, "url_too_long", 414),
        ({"Host": ""}, "/v1/practice", "host_invalid", 400),
        ({"Host": "a/b"}, "/v1/practice", "host_invalid", 400),
        ({"Host": "user@host"}, "/v1/practice", "host_invalid", 400),
        ({"Host": "a b"}, "/v1/practice", "host_invalid", 400),
        ({"Host": "host:port"}, "/v1/practice", "host_invalid", 400),
        ({"Host": "host:1:2"}, "/v1/practice", "host_invalid", 400),
    ],
)
async def test_what_exceeds_the_bounds_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], path: str, code: str, status: int
) -> None:
    answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("hosts", [[], [b"a", b"a"], [b"a", b"b"]])
async def test_the_host_stands_once(service: FastAPI, hosts: list[bytes]) -> None:
    messages = await _sent(service, {"headers": [(b"host", host) for host in hosts]})
    assert messages[0]["status"] == 400


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("api.practice.example", 200),
        ("API.practice.example:8443", 200),
        ("127.0.0.1:8000", 400),
        ("evil.example", 400),
        ("api.practice.example.evil.example", 400),
        ("api.practice.example:80/x", 400),
    ],
)
async def test_named_hosts_are_the_only_ones(host: str, status: int) -> None:
    async with _client(kit.service(allowed_hosts=["api.practice.example"])) as session:
        assert (await session.get("/v1/practice", headers={"Host": host})).status_code == status


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "api-1.internal"])
async def test_any_well_formed_host_is_taken_when_none_is_named(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/v1/practice", headers={"Host": host})).status_code == 200


async def test_a_forwarded_address_changes_nothing(client: httpx.AsyncClient) -> None:
    headers = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil.example", "Forwarded": "for=10.0.0.1"}
    answer = await client.get(f"/v1/patients/{kit.RECORD}", headers=headers)
    assert answer.status_code == 200
    assert "evil.example" not in str(answer.headers)


async def test_a_request_that_takes_too_long_is_given_up() -> None:
    app = kit.service(deadline_seconds=0.05)
    async with _client(app) as session:
        app.state.pause = 0.0
        assert (await session.get("/v1/work-items")).status_code == 200
        app.state.pause = 5.0
        answer = await session.get("/v1/work-items")
    assert (answer.status_code, answer.json()["code"]) == (503, "deadline_exceeded")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_a_body_that_never_ends_is_given_up() -> None:
    app = kit.service(deadline_seconds=0.05)

    async def receive() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    headers = [(b"host", b"a"), (b"authorization", b"Bearer clinician"), (b"content-type", b"application/json")]
    path = "/v1/patients"
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers, "root_path": ""}
    await app(scope, receive, send)
    assert messages[0]["status"] == 503


async def test_a_timeout_of_our_own_is_not_the_deadline() -> None:
    async def impatient(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise TimeoutError("of a query")

    with pytest.raises(TimeoutError):
        await _sent(RequestDeadline(impatient, seconds=60), {})


async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    async def half(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError(kit.SECRET)

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(5)

    for app in (half, RequestDeadline(slow, seconds=0.01)):
        messages = await _sent(RequestBoundary(app), {"headers": [(b"host", b"a")]})
        assert [message["type"] for message in messages] == ["http.response.start"]


async def test_other_scopes_pass_through() -> None:
    seen = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    for kind in ("lifespan", "websocket"):
        await _sent(RequestBoundary(RequestDeadline(app)), {"type": kind})
    assert seen == ["lifespan", "websocket"]


async def test_a_named_origin_may_read_answers_and_refusals() -> None:
    async with _client(kit.service(cors_origins=[_ORIGIN])) as session:
        for path in (f"/v1/patients/{kit.RECORD}", "/v1/nothing", f"/v1/payers/{kit.RECORD}"):
            answer = await session.get(path, headers={"Origin": _ORIGIN})
            assert answer.headers["access-control-allow-origin"] == _ORIGIN
            exposed = answer.headers["access-control-expose-headers"].lower()
            for name in ("etag", "location", "retry-after", "idempotency-replayed", "x-request-id", "link"):
                assert name in exposed
            assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_is_answered_without_a_token() -> None:
    ask = {
        "Origin": _ORIGIN,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, if-match, prefer, purpose-of-use",
    }
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(kit.service(cors_origins=[_ORIGIN])), base_url="http://service.test"
    ) as session:
        assert (await session.options(f"/v1/patients/{kit.RECORD}", headers=ask)).status_code == 200
        refused = await session.options(f"/v1/patients/{kit.RECORD}", headers={**ask, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in refused.headers


async def test_no_origin_is_named_unless_settings_name_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/practice", headers={"Origin": _ORIGIN})
    assert not any(name.startswith("access-control") for name in answer.headers)
