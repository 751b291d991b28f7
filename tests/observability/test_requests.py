"""Requests through the whole application: their id, their route, their line in the log, their figures."""

import asyncio
from typing import Any

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Request

from app.observability import Metrics, RequestTelemetry
from app.observability.requests import Message, Receive, Scope, Send
from tests.observability.conftest import Log
from tests.observability.test_logs import CANARY
from tests.observability.test_metrics import samples


def service() -> FastAPI:
    app = FastAPI(telemetry={"logs": False, "operation_spans": False}, redoc_url=None)
    coverages, v1 = APIRouter(prefix="/coverages"), APIRouter(prefix="/v1")

    @coverages.get("/{coverage_id}")
    async def read_coverage(coverage_id: str, request: Request) -> dict[str, Any]:
        if coverage_id == "fail":
            raise ValueError(CANARY)
        return {"request_id": request.state.request_id}

    @app.get("/livez")
    async def livez() -> None:
        return None

    v1.include_router(coverages)
    app.include_router(v1)
    return app


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def client(metrics: Metrics) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(RequestTelemetry(service(), metrics), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api.example.org")


async def counted(metrics: Metrics) -> set[tuple[str, ...]]:
    return set(await samples(metrics, "crossover_http_requests_total"))


@pytest.mark.parametrize("given", ["abcdefgh", "0199f000-0000-7000-8000-00000000000a", "A.b_c-d" * 9])
async def test_a_harmless_request_id_is_kept(client: httpx.AsyncClient, log: Log, given: str) -> None:
    answer = await client.get("/v1/coverages/x", headers={"X-Request-Id": given})
    assert answer.headers.get_list("x-request-id") == [given]
    assert answer.json() == {"request_id": given}
    assert log.requests[-1]["request_id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with space", "with\ttab", 'quote"d-id', "söme-längere", CANARY]
)
async def test_any_other_request_id_is_replaced(client: httpx.AsyncClient, log: Log, given: str) -> None:
    answer = await client.get("/v1/coverages/x", headers=[(b"X-Request-Id", given.encode())])
    own = answer.headers["x-request-id"]
    assert own != given
    assert len(own) == 36
    assert log.requests[-1]["request_id"] == own


async def test_two_request_ids_are_none(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/coverages/x", headers=[("X-Request-Id", "first-id"), ("X-Request-Id", "second-id")])
    assert answer.headers["x-request-id"] not in {"first-id", "second-id"}


async def test_each_request_has_an_id_of_its_own(client: httpx.AsyncClient, log: Log) -> None:
    answers = await asyncio.gather(*(client.get(f"/v1/coverages/{number}") for number in range(30)))
    ids = [answer.json()["request_id"] for answer in answers]
    assert len(set(ids)) == 30
    assert {line["request_id"] for line in log.requests} == set(ids)


async def test_the_id_does_not_outlive_its_request(client: httpx.AsyncClient, log: Log) -> None:
    await client.get("/v1/coverages/x")
    structlog.get_logger().info("later")
    assert log.last == {"level": "info", "event": "later"}


async def test_a_request_is_logged_by_its_template(client: httpx.AsyncClient, log: Log) -> None:
    await client.get("/v1/coverages/secret-17?name=doe", headers={"X-Request-Id": "request-17"})
    line = log.requests[0]
    assert line["ms"] >= 0
    assert {key: line[key] for key in line if key not in {"time", "ms"}} == {
        "level": "info",
        "event": "request",
        "method": "GET",
        "route": "/v1/coverages/{coverage_id}",
        "status": 200,
        "request_id": "request-17",
    }
    assert "secret-17" not in log.text
    assert "doe" not in log.text


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/v1/coverages/x", "/v1/coverages/{coverage_id}", "2xx"),
        ("POST", "/v1/coverages/x", "/v1/coverages/{coverage_id}", "4xx"),
        ("GET", "/v1/coverages/x/", "(none)", "3xx"),
        ("GET", f"/v1/{CANARY}", "(none)", "4xx"),
        ("GET", "/docs", "(page)", "2xx"),
        ("GET", "/v1/coverages/fail", "/v1/coverages/{coverage_id}", "5xx"),
    ],
)
async def test_requests_are_counted_by_template_never_by_path(
    client: httpx.AsyncClient, metrics: Metrics, log: Log, method: str, path: str, route: str, status: str
) -> None:
    await client.request(method, path)
    assert await counted(metrics) == {(method, route, status)}
    assert "Canaria" not in log.text + (await metrics.render()).decode()


async def test_an_unknown_method_is_named_other(client: httpx.AsyncClient, metrics: Metrics, log: Log) -> None:
    await client.request("DOE", "/v1/coverages/x")
    assert await counted(metrics) == {("other", "/v1/coverages/{coverage_id}", "4xx")}
    assert "DOE" not in log.text


async def test_a_failure_is_an_error_in_the_log_and_still_has_its_id(client: httpx.AsyncClient, log: Log) -> None:
    answer = await client.get("/v1/coverages/fail", headers={"X-Request-Id": "request-17"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] == "request-17"
    line = log.requests[0]
    assert (line["level"], line["status"]) == ("error", 500)


async def test_probes_are_quiet_unless_we_debug(client: httpx.AsyncClient, log: Log, metrics: Metrics) -> None:
    log.configure("info")
    await client.get("/livez")
    assert log.lines == []
    assert await counted(metrics) == {("GET", "/livez", "2xx")}


async def test_a_request_that_is_cancelled_is_counted_without_a_status(metrics: Metrics, log: Log) -> None:
    started = asyncio.Event()

    async def hang(scope: Scope, receive: Receive, send: Send) -> None:
        started.set()
        await asyncio.sleep(60)

    async def nothing(*_: Message) -> Message:
        return {}

    async def sent(_: Message) -> None:
        return None

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    running = asyncio.create_task(RequestTelemetry(hang, metrics)(scope, nothing, sent))
    await started.wait()
    assert await samples(metrics, "crossover_http_requests_in_flight") == {(): 1}
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await samples(metrics, "crossover_http_requests_in_flight") == {(): 0}
    assert await counted(metrics) == {("GET", "(none)", "none")}


async def test_what_is_no_request_passes_untouched(metrics: Metrics) -> None:
    seen = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(dict(scope))

    async def unused(*_: Message) -> Any:
        raise AssertionError

    await RequestTelemetry(application, metrics)({"type": "lifespan"}, unused, unused)
    assert seen == [{"type": "lifespan"}]
    assert await counted(metrics) == set()
