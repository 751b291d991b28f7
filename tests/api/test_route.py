"""The gate's order and each of its checks, over HTTP into the small service of `kit`."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect

from app.api.route import MAX_BODY_BYTES, CrossoverRoute, read_body
from app.domain.errors import TooLarge
from tests.api import kit
from tests.api.kit import RECORD

_JSON = {"Content-Type": "application/json"}
_KEY = {"Idempotency-Key": "first"}


def _code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


async def test_the_checks_come_in_their_order(client: httpx.AsyncClient) -> None:
    """A request that is wrong in every way is told one fault after the other, in this order."""
    headers: list[tuple[str, str]] = [("Authorization", "Bearer nobody"), ("Content-Type", "text/plain")]
    query, content = "?colour=red", b"\x00" * (MAX_BODY_BYTES + 1)
    seen = []

    async def ask() -> None:
        request = httpx.Request("POST", f"http://service.test/v1/patients{query}", headers=headers, content=content)
        answer = await client.send(request, auth=None)
        seen.append(_code(answer) if answer.is_error else (answer.status_code, "done"))

    await ask()
    headers[0] = ("Authorization", "Bearer patient")
    await ask()
    headers[0] = ("Authorization", "Bearer clinician")
    await ask()
    query = ""
    await ask()
    headers[1] = ("Content-Type", "application/json")
    await ask()
    content = b"{"
    await ask()
    content = b'{"name":""}'
    await ask()
    headers.append(("Idempotency-Key", "first"))
    await ask()
    content = b'{"name":"Sheet"}'
    await ask()
    assert seen == [
        (401, "token_invalid"),
        (403, "role_forbidden"),
        (400, "query_unknown"),
        (415, "content_type_unsupported"),
        (413, "body_too_large"),
        (400, "json_syntax"),
        (400, "idempotency_key_missing"),
        (422, "validation_failed"),
        (201, "done"),
    ]


async def test_if_match_is_asked_for_after_the_key_and_before_the_record(client: httpx.AsyncClient) -> None:
    path = f"/v1/coverages/{RECORD}/verify"
    assert _code(await client.post(path)) == (400, "idempotency_key_missing")
    assert _code(await client.post(path, headers=_KEY)) == (428, "version_required")
    assert (await client.post(path, headers={**_KEY, "If-Match": '"3"'})).json()["version"] == 3


@pytest.mark.parametrize(
    "authorization",
    [
        *["", "Bearer", "Bearer ", "clinician", "Basic clinician", "Bearerclinician", "Bearer cli nician", "Bearer é"],
        *["Bearer nobody", "Bearer " + "a" * 9_000, 'Bearer "clinician"', "Bearer clinician, Bearer clinician"],
    ],
)
async def test_no_valid_token_is_one_answer(client: httpx.AsyncClient, authorization: str) -> None:
    headers = [(b"Authorization", authorization.encode())] if authorization else []
    request = httpx.Request("GET", "http://service.test/v1/practice", headers=headers)
    answer = await client.send(request)
    assert _code(answer) == (401, "token_invalid")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    other = (await client.get("/v1/practice", headers={"Authorization": "Bearer nobody"})).json()
    assert {**answer.json(), "request_id": ""} == {**other, "request_id": ""}


@pytest.mark.parametrize("authorization", ["Bearer clinician", "bearer clinician", "BEARER  clinician"])
async def test_the_scheme_is_case_insensitive(client: httpx.AsyncClient, authorization: str) -> None:
    answer = await client.get("/v1/practice", headers={"Authorization": authorization})
    assert answer.json()["subject"] == "clinician"


@pytest.mark.parametrize(
    "name", ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Purpose-Of-Use", "Content-Encoding"]
)
async def test_a_single_header_may_not_stand_twice(client: httpx.AsyncClient, name: str) -> None:
    headers = [("Authorization", "Bearer clinician"), (name, "Bearer clinician")]
    if name != "Authorization":
        headers.append((name, "x"))
    request = httpx.Request("GET", "http://service.test/v1/practice", headers=headers)
    assert _code(await client.send(request)) == (400, "header_duplicate")


async def test_a_token_in_the_query_is_no_token(client: httpx.AsyncClient) -> None:
    request = httpx.Request("GET", "http://service.test/v1/practice?access_token=clinician")
    assert _code(await client.send(request)) == (401, "token_invalid")


@pytest.mark.parametrize(
    ("token", "status"),
    [("clinician", 200), ("biller", 200), ("admin", 200), ("partner", 200), ("patient", 403), ("ops", 403)],
)
async def test_the_role_table_decides(client: httpx.AsyncClient, token: str, status: int) -> None:
    answer = await client.get("/v1/practice", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status


async def test_an_operation_without_a_row_is_refused_to_everyone(service: FastAPI) -> None:
    app = kit.service()

    async def unheard_of() -> None:
        raise AssertionError

    app.router.routes.append(CrossoverRoute("/v1/unheard-of", unheard_of))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as session:
        for token in ("admin", "ops", "partner"):
            answer = await session.get("/v1/unheard-of", headers={"Authorization": f"Bearer {token}"})
            assert _code(answer) == (403, "role_forbidden")


async def test_a_verifier_without_its_keys_is_not_the_callers_fault(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/practice", headers={"Authorization": "Bearer keys-are-away"})
    assert _code(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=1&limit=2", "query_duplicate"),
        ("limit=1&limit=1", "query_duplicate"),
        ("page=2", "query_unknown"),
        ("Limit=2", "query_unknown"),
        ("limit=2&=", "query_unknown"),
        ("", ""),
        ("limit=0", "limit_range"),
        ("limit=101", "limit_range"),
        ("limit=abc", "limit_range"),
        ("limit=", "limit_range"),
        ("limit=-1", "limit_range"),
        ("limit=1.0", "limit_range"),
        ("limit=1_0", "limit_range"),
        ("limit=+5", "limit_range"),
        ("limit=%205", "limit_range"),
        ("limit=%D9%A1", "limit_range"),
        ("limit=99999999999999999999", "limit_range"),
        ("limit=true", "limit_range"),
        ("cursor=", "cursor_invalid"),
        ("cursor=abc", "cursor_invalid"),
        ("cursor=%00", "query_invalid"),
        ("colour=blue", "query_invalid"),
        ("colour=RED", "query_invalid"),
        ("sort=%E2%80%AE", "query_invalid"),
        ("sort=%00", "query_invalid"),
        ("sort=%ff", ""),
    ],
)
async def test_the_query_is_read_strictly(client: httpx.AsyncClient, query: str, code: str) -> None:
    answer = await client.get(f"/v1/patients?{query}")
    if code:
        assert _code(answer) == (400, code)
    else:
        assert answer.status_code == 200


async def test_an_unknown_parameter_is_named_only_when_it_looks_like_one(client: httpx.AsyncClient) -> None:
    named = await client.get("/v1/patients?last_name=x")
    assert named.json()["findings"][0]["pointer"] == "/query/last_name"
    unnamed = await client.get("/v1/patients?Zebediah+Quackenbush=x")
    assert unnamed.json()["findings"][0]["pointer"] == "/query"
    assert "Quackenbush" not in unnamed.text


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json "],
)
async def test_json_in_utf8_is_taken(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post(
        "/v1/patients", headers={**_KEY, "Content-Type": content_type}, content=b'{"name":"Sheet"}'
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "text/json"},
        {"Content-Type": "application/merge-patch+json"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json; version=1"},
        {**_JSON, "Content-Encoding": "gzip"},
        {**_JSON, "Content-Encoding": "identity, gzip"},
        {**_JSON, "Content-Encoding": "br"},
    ],
)
async def test_other_content_is_not_taken(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/v1/patients", headers={**_KEY, **headers}, content=b'{"name":"Sheet"}')
    assert _code(answer) == (415, "content_type_unsupported")


async def test_a_body_of_exactly_the_limit_is_read(client: httpx.AsyncClient) -> None:
    body = b'{"name":"Sheet"}'
    content = body + b" " * (MAX_BODY_BYTES - len(body))
    assert (await client.post("/v1/patients", headers={**_KEY, **_JSON}, content=content)).status_code == 201
    answer = await client.post("/v1/patients", headers={**_KEY, **_JSON}, content=content + b" ")
    assert _code(answer) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


async def test_a_body_without_a_length_is_counted_while_it_comes(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64 * 1024 * 1024:
            sent += 65536
            yield b" " * 65536

    answer = await client.post("/v1/patients", headers={**_KEY, **_JSON}, content=endless())
    assert _code(answer) == (413, "body_too_large")
    assert sent <= MAX_BODY_BYTES + 2 * 65536


async def _receive_each(messages: list[dict[str, Any]]) -> Any:
    queue = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(queue)

    return receive


@pytest.mark.parametrize("length", [b"10", None, b"0", b"1048576"])
async def test_a_lying_length_changes_nothing(length: bytes | None) -> None:
    chunk = {"type": "http.request", "body": b" " * 524_288, "more_body": True}
    with pytest.raises(TooLarge):
        await read_body(await _receive_each([chunk, chunk, chunk]), length)


@pytest.mark.parametrize("length", [b"1048577", b"-1", b"+5", b"ten", b"", b"9" * 400])
async def test_a_length_over_the_limit_is_refused_before_reading(length: bytes) -> None:
    with pytest.raises(TooLarge):
        await read_body(await _receive_each([]), length)


async def test_a_body_may_come_in_pieces() -> None:
    pieces: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"a":', "more_body": True},
        {"type": "http.request", "more_body": True},
        {"type": "http.request", "body": b"1}"},
    ]
    assert await read_body(await _receive_each(pieces), None) == b'{"a":1}'


async def test_a_client_that_leaves_ends_the_reading() -> None:
    with pytest.raises(ClientDisconnect):
        await read_body(await _receive_each([{"type": "http.disconnect"}]), None)


async def test_the_body_reaches_the_operation_as_the_reader_read_it(client: httpx.AsyncClient) -> None:
    raw = b'{"name":"Jose\\u0301","charge":"80.00","colours":["red"]}'
    answer = await client.post("/v1/providers", headers={**_JSON, "Authorization": "Bearer admin"}, content=raw)
    assert answer.json()["name"] == "Jos\u00e9"
    assert answer.json()["charge"] == "80.00"


@pytest.mark.parametrize("token", ["clinician", "biller"])
@pytest.mark.parametrize(
    "record",
    [
        "01980000-0000-7000-8000-0000000000ff",
        str(RECORD).upper(),
        RECORD.hex,
        f"{{{RECORD}}}",
        f"urn:uuid:{RECORD}",
        "7",
        "null",
        f"{RECORD};x=1",
        f"{RECORD}%0A",
        f"%20{RECORD}",
        f"{RECORD}%00",
        "%D9%A1",
        "' or 1=1 --",
        "a" * 2_000,
    ],
)
async def test_every_id_that_is_not_a_record_of_the_caller_is_the_same_404(
    client: httpx.AsyncClient, record: str, token: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    absent = await client.get("/v1/patients/01980000-0000-7000-8000-0000000000fe", headers=headers)
    answer = await client.get(f"/v1/patients/{record}", headers=headers)
    told, expected = answer.json(), absent.json()
    assert answer.status_code == 404
    assert told.pop("request_id") != expected.pop("request_id")
    assert told == expected
    assert {k: v for k, v in answer.headers.items() if k != "x-request-id"} == {
        k: v for k, v in absent.headers.items() if k != "x-request-id"
    }


async def test_a_body_that_does_not_fit_comes_before_an_id_that_cannot_be(client: httpx.AsyncClient) -> None:
    headers = {**_JSON, "If-Match": '"7"'}
    for record in ("nothing", "01980000-0000-7000-8000-0000000000ff"):
        answer = await client.patch(f"/v1/patients/{record}", headers=headers, content=b'{"name":5}')
        assert _code(answer) == (422, "validation_failed")
        answer = await client.patch(f"/v1/patients/{record}", headers=headers, content=b"{}")
        assert _code(answer) == (404, "not_found")


async def test_the_route_says_what_it_needs() -> None:
    needs = {route.needs.operation: route.needs for route in kit.router.routes if isinstance(route, CrossoverRoute)}
    assert needs["create_patient"].idempotency_key
    assert needs["create_patient"].body
    assert not needs["create_patient"].version
    assert needs["verify_coverage"].version
    assert needs["verify_coverage"].path_ids
    assert not needs["verify_coverage"].body
    assert needs["create_eligibility_check"].wait
    assert needs["list_patients"].page
    assert needs["list_patients"].query == {"limit", "cursor", "colour", "sort"}
    assert needs["read_practice"].query == frozenset()


async def test_an_included_router_answers_as_a_direct_one() -> None:
    app = kit.service(include=True)
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": "Bearer clinician"}
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers) as session:
        assert (await session.get(f"/v1/patients/{RECORD}")).status_code == 200
        assert (await session.get("/v1/patients?limit=1")).status_code == 200
        assert (await session.get("/patients?limit=1")).status_code == 404
        assert (await session.put(f"/v1/patients/{RECORD}")).headers["allow"] == "GET, PATCH"


async def test_a_service_under_a_root_path_answers() -> None:
    app = kit.service()
    transport = httpx.ASGITransport(app, root_path="/crossover")
    headers = {"Authorization": "Bearer clinician"}
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers) as session:
        assert (await session.get(f"/crossover/v1/patients/{RECORD}")).status_code == 200


async def test_purpose_of_use_is_one_of_its_words(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/practice")).json()["purpose"] == "payment"
    answer = await client.get("/v1/practice", headers={"Purpose-Of-Use": "treatment"})
    assert answer.json()["purpose"] == "treatment"
    for word in ("Treatment", "curiosity", "", "payment, treatment"):
        answer = await client.get("/v1/practice", headers={"Purpose-Of-Use": word})
        assert _code(answer) == (400, "purpose_invalid")


async def test_a_method_override_header_is_ignored(client: httpx.AsyncClient) -> None:
    headers = {"X-HTTP-Method-Override": "PATCH", "X-Method-Override": "PATCH", "X-HTTP-Method": "PATCH"}
    assert (await client.get(f"/v1/patients/{RECORD}", headers=headers)).status_code == 200


async def test_ranges_are_ignored(client: httpx.AsyncClient) -> None:
    ranges = "bytes=" + ",".join(f"{number}-{number}" for number in range(1_500))
    answer = await client.get(f"/v1/patients/{RECORD}", headers={"Range": ranges})
    assert answer.status_code == 200
    assert "content-range" not in answer.headers
