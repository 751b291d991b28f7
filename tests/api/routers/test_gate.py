"""What the running API refuses of any request, whatever its noun: sizes, encodings, headers, queries, methods, tokens."""

import gzip
import http.client
import json
from typing import Any

import httpx
import pytest

from tests.api.routers.refusals import ask, refused, send
from tests.journeys.walking import JSON, Someone, a_patient_body
from tests.running import RunningService

PATIENTS = "/v1/patients"
NAME = "Quackenbush"


# Bodies


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 10 * 1024 * 1024])
@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    admin: Someone, whole_service: RunningService, size: int, *, chunked: bool
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", whole_service.api_port, timeout=10)
    connection.putrequest("POST", PATIENTS)
    for name, value in (
        ("Authorization", f"Bearer {admin.token}"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "large"),
        ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(size)),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    piece = b'"' + NAME.encode() * 5_957
    try:
        for _ in range(size // len(piece) + 1):
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the service has answered and hung up
    answer = connection.getresponse()
    told = json.loads(answer.read())
    assert (answer.status, told["code"], answer.headers["Connection"]) == (413, "body_too_large", "close")
    assert NAME not in str(told)


@pytest.mark.parametrize(
    ("body", "status", "code", "findings"),
    [
        (b"", 422, "body_not_object", {("type", "")}),
        (b"null", 422, "body_not_object", {("type", "")}),
        (b"[]", 422, "body_not_object", {("type", "")}),
        (b'"Quackenbush"', 422, "body_not_object", {("type", "")}),
        (b'{"last_name": "Quackenbush"} {}', 400, "json_syntax", set()),
        (b'{"last_name": "Quackenbush", }', 400, "json_syntax", set()),
        (b'{"last_name": "Quackenbush", "last_name": "B"}', 400, "json_duplicate_key", set()),
        (b'{"last_name": "\xff"}', 400, "json_encoding", set()),
        (b'\xef\xbb\xbf{"last_name": "Quackenbush"}', 400, "json_encoding", set()),
        ('{"last_name": "Quackenbush"}'.encode("utf-16"), 400, "json_encoding", set()),
        (b'{"last_name": NaN}', 400, "json_number", set()),
        (b'{"last_name": 1e400}', 400, "json_number", set()),
        (b'{"last_name": ' + b"9" * 5_000 + b"}", 400, "json_number", set()),
        (b'{"last_name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "json_depth", set()),
        (b'{"last_name": [' + b"1," * 200_000 + b"1]}", 422, "too_many", {("too_many", "")}),
        (b'{"last_name": "\\ud800"}', 422, "validation_failed", {("text_invalid", "/last_name")}),
        (b'{"last_name": "a", "x": "\\ud800"}', 422, "validation_failed", {("text_invalid", "/x")}),
        (b'{"last_name": "\\u0000"}', 422, "validation_failed", {("text_control", "/last_name")}),
    ],
)
async def test_what_is_no_json_object_is_refused(
    admin: Someone, body: bytes, status: int, code: str, findings: set[tuple[str, str]]
) -> None:
    answer = await send(admin, "POST", f"{PATIENTS}/search", body)
    refused(answer, status, code, findings)
    assert NAME not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": None},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/merge-patch+xml"},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_a_body_of_another_type_is_refused(admin: Someone, headers: dict[str, str | None]) -> None:
    body = json.dumps(a_patient_body()).encode()
    content = gzip.compress(body) if "Content-Encoding" in headers else body
    refused(await send(admin, "POST", PATIENTS, content, headers), 415, "content_type_unsupported")


# Idempotency-Key


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_missing"),
        ("", "idempotency_key_invalid"),
        ("Quackenbush Zebediah", "idempotency_key_invalid"),
        ("k" * 256, "idempotency_key_invalid"),
        ("sch\u00fcssel", "idempotency_key_invalid"),
        ('"half', "idempotency_key_invalid"),
        ('""', "idempotency_key_invalid"),
    ],
)
async def test_a_key_is_missing_or_none(admin: Someone, key: str | None, code: str) -> None:
    answer = await send(admin, "POST", PATIENTS, a_patient_body(), {"Idempotency-Key": key})
    refused(answer, 400, code)
    assert NAME not in answer.text


async def test_a_key_belongs_to_one_request_of_one_caller(admin: Someone, stranger: Someone) -> None:
    body = a_patient_body()
    first = await admin.post(PATIENTS, body, key="one-request")
    again = await send(admin, "POST", PATIENTS, dict(reversed(body.items())), {"Idempotency-Key": '"one-request"'})
    assert (again.status_code, again.content) == (201, first.content)
    assert (again.headers["idempotency-replayed"], again.headers["etag"]) == ("true", first.headers["etag"])
    assert again.headers["location"] == first.headers["location"]
    refused(await admin.post(PATIENTS, a_patient_body(), key="one-request"), 422, "idempotency_key_reused")
    theirs = await stranger.post(PATIENTS, body, key="one-request")
    assert (theirs.status_code, theirs.json()["id"] == first.json()["id"]) == (201, False)
    other_operation = await admin.post(
        "/v1/providers", {"kind": "organization", "npi": "1234567893", "organization_name": "A"}, key="one-request"
    )
    assert other_operation.status_code == 201


async def test_a_refused_request_does_not_use_up_its_key(admin: Someone) -> None:
    body = a_patient_body()
    refused(
        await admin.post(PATIENTS, {**body, "birth_date": "1850-01-01"}, key="second-try"),
        422,
        "validation_failed",
        {("date_range", "/birth_date")},
    )
    assert (await admin.post(PATIENTS, body, key="second-try")).status_code == 201


# If-Match


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        (None, 428, "version_required"),
        ("", 400, "if_match_invalid"),
        ("*", 400, "if_match_invalid"),
        ('W/"1"', 400, "if_match_invalid"),
        ("1", 400, "if_match_invalid"),
        ('"1", "2"', 400, "if_match_invalid"),
        ('"0"', 400, "if_match_invalid"),
        ('"-1"', 400, "if_match_invalid"),
        ('"01"', 400, "if_match_invalid"),
        ('"1_0"', 400, "if_match_invalid"),
        ('"\u0661"', 400, "if_match_invalid"),
        ('"99999999999999999999"', 400, "if_match_invalid"),
        ('"Quackenbush"', 400, "if_match_invalid"),
        ('"2"', 412, "version_stale"),
        ('"999999999"', 412, "version_stale"),
    ],
)
async def test_a_version_is_missing_none_or_old(
    admin: Someone, patient: JSON, tag: str | None, status: int, code: str
) -> None:
    coverage = await admin.new_coverage(patient["id"])
    requests: list[tuple[str, str, Any]] = [
        ("PATCH", f"{PATIENTS}/{patient['id']}", {"sex": "unknown"}),
        ("PATCH", "/v1/practice", {"name": "RENAMED"}),
        ("PATCH", f"/v1/coverages/{coverage['id']}", {"plan_name": "Plan"}),
        ("POST", f"/v1/coverages/{coverage['id']}/verify", {"outcome": "rejected", "evidence": "card_seen"}),
        (
            "POST",
            f"/v1/coverages/{coverage['id']}/terminate",
            {"effective_to": "2026-01-01", "reason": "patient_request"},
        ),
        (
            "PUT",
            f"{PATIENTS}/{patient['id']}/coverages/order",
            {"effective_from": "2026-01-01", "ranks": [{"coverage_id": coverage["id"], "rank": "primary"}]},
        ),
    ]
    for method, path, body in requests:
        answer = await send(admin, method, path, body, {"If-Match": tag})
        refused(answer, status, code)
        assert NAME not in answer.text
    assert (await admin.get(f"{PATIENTS}/{patient['id']}")).json() == patient
    assert (await admin.get(f"/v1/coverages/{coverage['id']}")).json() == coverage


# Queries, methods, addresses, tokens


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
