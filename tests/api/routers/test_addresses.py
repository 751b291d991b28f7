"""What the running API refuses of any address: queries, filters, methods, paths, and whoever has no token."""

import http.client
import json

import httpx
import pytest

from tests.api.routers.refusals import ask, refused, send
from tests.journeys.walking import JSON, Someone
from tests.running import RunningService

PATIENTS = "/v1/patients"
NAME = "Quackenbush"


@pytest.mark.parametrize(
    ("query", "code", "findings"),
    [
        ("patient=1", "query_unknown", {("query_unknown", "/query/patient")}),
        ("Quackenbush", "query_unknown", {("query_unknown", "/query")}),
        ("limit=10&limit=10", "query_duplicate", set()),
        ("limit=0", "limit_range", {("limit_range", "/query/limit")}),
        ("limit=101", "limit_range", {("limit_range", "/query/limit")}),
        ("limit=-1", "limit_range", {("limit_range", "/query/limit")}),
        ("limit=abc", "limit_range", {("limit_range", "/query/limit")}),
        ("limit=", "limit_range", {("limit_range", "/query/limit")}),
        ("limit=1e1", "limit_range", {("limit_range", "/query/limit")}),
        ("limit=%D9%A1", "limit_range", {("limit_range", "/query/limit")}),
        ("cursor=", "cursor_invalid", {("cursor_invalid", "/query/cursor")}),
        ("cursor=Quackenbush", "cursor_invalid", set()),
        ("cursor=../../etc", "cursor_invalid", {("cursor_invalid", "/query/cursor")}),
        ("access_token=Quackenbush", "query_unknown", {("query_unknown", "/query/access_token")}),
    ],
)
@pytest.mark.parametrize(
    "path", [PATIENTS, "/v1/providers", "/v1/work-items", "/v1/audit-events", "{patient}/coverages"]
)
async def test_a_bad_query_is_refused_by_every_list(
    admin: Someone, patient: JSON, path: str, query: str, code: str, findings: set[tuple[str, str]]
) -> None:
    address = path.format(patient=f"{PATIENTS}/{patient['id']}")
    answer = await ask(admin, f"{address}?{query}")
    refused(answer, 400, code, findings)
    assert NAME not in answer.text


@pytest.mark.parametrize(
    ("path", "finding"),
    [
        ("/v1/work-items?status=Quackenbush", ("enum", "/query/status")),
        (f"{PATIENTS}?external_id=Quackenbush%20Z", ("external_id_format", "/query/external_id")),
        ("/v1/audit-events?patient_id=Quackenbush", ("identifier_format", "/query/patient_id")),
    ],
)
async def test_a_filter_of_another_form_is_refused(admin: Someone, path: str, finding: tuple[str, str]) -> None:
    answer = await ask(admin, path)
    refused(answer, 400, "query_invalid", {finding})
    assert NAME not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", f"{PATIENTS}/01980000-0000-7000-8000-000000000001", "GET, PATCH"),
        ("PUT", PATIENTS, "GET, POST"),
        ("PATCH", f"{PATIENTS}/search", "POST"),
        ("GET", f"{PATIENTS}/search", "POST"),
        ("POST", "/v1/practice", "GET, PATCH"),
        ("DELETE", "/v1/audit-events", "GET"),
        ("TRACE", PATIENTS, "GET, POST"),
    ],
)
async def test_another_method_is_told_which_there_are(admin: Someone, method: str, path: str, allowed: str) -> None:
    answer = await send(admin, method, path, {}, {"X-HTTP-Method-Override": "GET"})
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [
        f"{PATIENTS}/",
        "//v1/patients",
        "/v1//patients",
        "/v1/practice;x=1",
        "/v1/practice%00",
        "/v1/practice%0a",
        "/V1/practice",
        "/v1/%2e%2e/practice",
        "/v1",
        "/v2/patients",
        f"/{NAME}",
    ],
)
async def test_another_path_is_not_found_and_leads_nowhere(whole_service: RunningService, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", whole_service.api_port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert (answer.status, json.loads(text)["code"]) == (404, "not_found")
    assert NAME not in text


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Basic UXVhY2tlbmJ1c2g6eA==", "Bearer Quackenbush", "Bearer a.b.c", "Bearer x y"],
)
async def test_without_a_valid_token_nothing_is_said(
    http: httpx.AsyncClient, admin: Someone, patient: JSON, authorization: str | None
) -> None:
    headers = {"Authorization": authorization}
    for path in (PATIENTS, f"{PATIENTS}/{patient['id']}", f"{PATIENTS}/{patient['external_id']}", "/v1/practice"):
        answer = await send(admin, "GET", path, b"", headers)
        refused(answer, 401, "token_invalid")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert NAME not in answer.text


async def test_an_unknown_purpose_is_refused_and_a_known_one_kept(admin: Someone, patient: JSON) -> None:
    path = f"{PATIENTS}/{patient['id']}"
    refused(await send(admin, "GET", path, b"", {"Purpose-Of-Use": "marketing"}), 400, "purpose_invalid")
    assert (await send(admin, "GET", path, b"", {"Purpose-Of-Use": "treatment"})).status_code == 200
    newest = (await admin.get("/v1/audit-events", patient_id=patient["id"])).json()["data"][0]
    assert (newest["action"], newest["purpose"]) == ("read", "treatment")
