"""What the running API refuses of any body, key and version, whatever the noun."""

import gzip
import http.client
import json
from typing import Any

import pytest

from tests.api.routers.refusals import refused, send
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
