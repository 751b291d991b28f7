import json
import logging
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from app.api.problem_codes import PROBLEM_CODES
from app.api.problems import refusal, status_of
from app.api.schemas.base import Problem
from app.domain.errors import (
    ClearinghouseRefused,
    ClearinghouseUnavailable,
    CoverageConflict,
    CrossoverError,
    IdempotencyKeyInUse,
    Invalid,
    LimitReached,
    LinesRequired,
    Member,
    NotFound,
    Unauthenticated,
)
from app.domain.findings import Finding, Severity
from tests.api import kit


def _leaves(kind: type[CrossoverError] = CrossoverError) -> Iterator[type[CrossoverError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _leaves(subclass)


def _raised(kind: type[CrossoverError]) -> CrossoverError:
    if issubclass(kind, ClearinghouseUnavailable | ClearinghouseRefused):
        return kind("timeout")
    return kind()


@pytest.mark.parametrize("kind", [kind for kind in _leaves() if kind.__module__.startswith("app.")])
def test_every_error_becomes_a_problem_of_the_documented_form(kind: type[CrossoverError]) -> None:
    error = _raised(kind)
    answer = refusal(error, "r-1")
    headers = {name.decode(): value.decode() for name, value in answer.raw_headers}
    problem = Problem.model_validate_json(bytes(answer.body))
    assert answer.status_code == problem.status == status_of(kind)
    assert problem.code == kind.code
    assert problem.title == kind.title
    assert problem.type == f"/problems#{kind.code}"
    assert problem.request_id == "r-1"
    assert headers["content-type"] == "application/problem+json"
    assert headers["cache-control"] == "no-store"
    assert headers["content-length"] == str(len(answer.body))
    assert ("www-authenticate" in headers) == issubclass(kind, Unauthenticated)
    assert "retry-after" not in headers


def test_an_extension_member_stands_beside_the_members_of_every_problem_and_replaces_none() -> None:
    members: dict[str, Member] = {"line_template": [{"units": "1"}], "status": 200, "code": "other"}
    body = json.loads(bytes(refusal(LinesRequired("Which?", members=members), "r-1").body))
    assert body["line_template"] == [{"units": "1"}]
    assert (body["status"], body["code"]) == (409, "lines_required")
    assert "line_template" not in json.loads(bytes(refusal(LinesRequired(), "r-1").body))


def test_a_refusal_carries_its_own_words_code_findings_and_delay() -> None:
    finding = Finding(
        code="period_order", message="Ends too early.", pointer="/to", location="2000B", severity=Severity.WARNING
    )
    error = CoverageConflict("No.", code="coverage_duplicate", findings=(finding,), retry_after=7)
    answer = refusal(error, "r-1")
    body = json.loads(bytes(answer.body))
    assert body["detail"] == "No."
    assert body["code"] == "coverage_duplicate"
    assert body["findings"] == [
        {
            "code": "period_order",
            "severity": "warning",
            "message": "Ends too early.",
            "pointer": "/to",
            "location": "2000B",
            "repair_ids": [],
        }
    ]
    assert (b"retry-after", b"7") in answer.raw_headers


@pytest.mark.parametrize(
    "error",
    [IdempotencyKeyInUse(retry_after=2), LimitReached(retry_after=60), ClearinghouseUnavailable("x", retry_after=5)],
)
def test_a_delay_is_a_header(error: CrossoverError) -> None:
    assert (b"retry-after", str(error.retry_after).encode()) in refusal(error, "r").raw_headers


def test_the_reason_of_a_clearinghouse_stays_inside() -> None:
    assert b"their words" not in refusal(ClearinghouseUnavailable("their words"), "r").body


def test_at_most_fifty_findings_are_shown() -> None:
    findings = tuple(Finding(code="missing", message="Required.", pointer=f"/{n}") for n in range(51))
    body = json.loads(bytes(refusal(Invalid(findings=findings), "r").body))
    assert (len(body["findings"]), body["findings_total"]) == (50, 51)


async def test_the_request_id_is_in_body_and_header_and_differs(client: httpx.AsyncClient) -> None:
    one, other = await client.get("/v1/nothing"), await client.get("/v1/nothing")
    assert one.json()["request_id"] == one.headers["x-request-id"] != other.headers["x-request-id"]


async def test_a_callers_request_id_is_not_taken_over(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/practice", headers={"X-Request-Id": kit.SECRET})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] != kit.SECRET


@pytest.mark.parametrize(
    "path",
    [
        *["/", "/v1", "/v1/", "/v1/practice/", "/v1/patients//", "/nothing", "/V1/practice", "/v1/practice;x=1"],
        *["/v1/%2e%2e/v1/practice", "/v1/practice%00", "/v1/practice%0A"],
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_path_that_is_not_there_is_a_404_and_never_a_redirect(
    client: httpx.AsyncClient, path: str, method: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "location" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW", "QUERY"])
async def test_another_method_is_a_405_that_lists_all_methods_of_the_path(
    client: httpx.AsyncClient, method: str
) -> None:
    answer = await client.request(method, f"/v1/patients/{kit.RECORD}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, PATCH"
    if method != "HEAD":
        assert answer.json()["code"] == "method_not_allowed"


async def test_a_mistake_of_ours_says_and_logs_nothing_of_the_request(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await client.get(f"/v1/payers/{kit.RECORD}?")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.headers["content-type"] == "application/problem+json"
    told = "".join([answer.text, *answer.headers.values()])
    assert not any(word in told for word in ("Quackenbush", "RuntimeError", "Traceback", "kit.py"))
    records = [record for record in caplog.records if record.name == "crossover.api"]
    assert [record.getMessage() for record in records] == ["unhandled_error"]
    record = vars(records[0])
    assert record["error"] == "RuntimeError"
    assert record["error_at"].startswith("tests.api.kit:")
    assert record["request_id"] == answer.json()["request_id"]
    assert record["exc_info"] is None
    assert all("Quackenbush" not in str(vars(entry)) for entry in caplog.records)


async def test_a_refusal_is_not_logged(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="crossover"):
        await client.get("/v1/patients/nothing")
        await client.get("/v1/nothing")
    assert [record for record in caplog.records if record.name.startswith("crossover")] == []


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (HTTPException(400, kit.SECRET), 400, "malformed_request"),
        (HTTPException(413, kit.SECRET), 413, "body_too_large"),
        (HTTPException(418, kit.SECRET), 400, "malformed_request"),
        (HTTPException(500, kit.SECRET), 500, "internal_error"),
        (ExceptionGroup("many", [RuntimeError(kit.SECRET)]), 500, "internal_error"),
        (TimeoutError(kit.SECRET), 500, "internal_error"),
        (NotFound(), 404, "not_found"),
    ],
)
async def test_whatever_is_raised_anywhere_is_a_problem(raised: Exception, status: int, code: str) -> None:
    async def verify(_token: str) -> None:
        raise raised

    app = kit.service(verify)  # type: ignore[arg-type]  # it never gives a caller
    headers = {"Authorization": "Bearer any"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as session:
        answer = await session.get("/v1/practice", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert PROBLEM_CODES[code].status == status
    assert "Quackenbush" not in answer.text


async def test_without_its_boundary_an_application_still_answers_with_problems(service: FastAPI) -> None:
    bare = kit.service()
    bare.user_middleware.clear()
    transport = httpx.ASGITransport(bare, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as session:
        refused = await session.get("/v1/practice")
        broken = await session.get(f"/v1/payers/{kit.RECORD}", headers={"Authorization": "Bearer clinician"})
    assert refused.json()["request_id"]
    assert (broken.status_code, broken.json()["code"]) == (500, "internal_error")
    assert "Quackenbush" not in broken.text
