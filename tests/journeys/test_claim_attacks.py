"""What somebody tries on claims who means no good: every path, cursors, the list of bad input.

Whose claims are whose is `test_access_matrix.py`'s business, what is wrong with each field that of `tests/api/routers/`, and
unlucky moments that of `test_claim_races.py`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.access import ACCESS
from app.domain.callers import Role
from app.domain.practices import Practice
from app.repositories.database import Database
from tests.journeys.claim_walking import (
    Insured,
    a_line_body,
    act,
    new_claim,
    new_insured,
    path_of,
)
from tests.journeys.operations import EXAMPLES, Operation, operations_of
from tests.journeys.walking import JSON, Someone
from tests.planting import plant
from tests.planting_records import Records
from tests.running import RunningService

WORD = f"Zq{uuid4().hex[:10]}"
"""In the name of whoever is billed for here: no refusal may say it."""


@pytest.fixture
def admin(http: httpx.AsyncClient, service: RunningService, practice: Practice) -> Someone:
    return Someone.of(http, service, Role.ADMIN, practice.id)


@pytest.fixture
async def operations(http: httpx.AsyncClient) -> dict[str, Operation]:
    """Those of claims that change something."""
    found = operations_of((await http.get("/openapi.json")).json())
    return {name: one for name, one in found.items() if one.path.startswith("/v1/claims") and one.method != "GET"}


@pytest.fixture
async def records(database: Database, practice: Practice) -> Records:
    return await plant(database, practice.id)


@pytest.fixture
async def insured(admin: Someone) -> Insured:
    return await new_insured(admin, patient={"name": {"last": f"{WORD}Last", "first": f"{WORD}First"}})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# Every path that changes a claim


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (None, (428, "version_required")),
        ("*", (400, "if_match_invalid")),
        ('W/"1"', (400, "if_match_invalid")),
        ('"7"', (412, "version_stale")),
    ],
)
async def test_no_claim_changes_without_the_version_it_has(
    admin: Someone, operations: dict[str, Operation], records: Records, tag: str | None, expected: tuple[int, str]
) -> None:
    with_version = {name: one for name, one in operations.items() if "If-Match" in one.headers}
    assert with_version.keys() == operations.keys() - {"create_claim"}
    for name, operation in with_version.items():
        if tag is None:
            operation = replace(operation, headers=operation.headers - {"If-Match"})  # noqa: PLW2901  # the same, without it
        headers = {} if tag is None else {"If-Match": tag}
        answer = await operation.ask(admin.http, admin.token, records, headers=headers)
        assert refused(answer) == expected, name
        assert records.word not in answer.text.lower()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"reason": "by_hand", "reason": "by_hand"}', (400, "json_duplicate_key")),
        (b'{"reason": NaN}', (400, "json_number")),
        (b'{"lines": [{"charge": -Infinity}]}', (400, "json_number")),
        (b'{"lines": [{"charge": 1e999999999}]}', (400, "json_number")),
        (b"[" * 40 + b"]" * 40, (400, "json_depth")),
        (b"[]", (422, "body_not_object")),
        (b'{"reason": "\xff"}', (400, "json_encoding")),
        (b'{"reason"', (400, "json_syntax")),
    ],
    ids=lambda value: value[:20].decode(errors="replace") if isinstance(value, bytes) else value[1],
)
async def test_what_cannot_be_read_changes_no_claim(
    admin: Someone, operations: dict[str, Operation], records: Records, content: bytes, expected: tuple[int, str]
) -> None:
    with_body = {name: one for name, one in operations.items() if one.example.body is not None}
    assert len(with_body) == 6
    for name, operation in with_body.items():
        headers = {"Content-Type": "application/json"}
        answer = await operation.ask(admin.http, admin.token, records, headers=headers, json=None, content=content)
        assert refused(answer) == expected, name


async def test_ten_megabytes_are_not_read_on_any_path(
    admin: Someone, operations: dict[str, Operation], records: Records
) -> None:
    for name, operation in operations.items():
        if operation.example.body is not None:
            path = operation.path.replace("{claim_id}", str(records.claim_id))
            assert await _announced(admin, operation.method, path, 10_000_000) == (413, "body_too_large"), name


async def test_the_same_key_does_a_thing_once(
    admin: Someone, operations: dict[str, Operation], database: Database, practice: Practice
) -> None:
    """Sent four times at once and once again: one change, one answer. Another claim's request gets nothing by the key."""
    with_key = {name: one for name, one in operations.items() if "Idempotency-Key" in one.headers}
    assert with_key.keys() == operations.keys() - {"change_claim", "delete_claim"}
    for name, operation in with_key.items():
        about, other = await plant(database, practice.id), await plant(database, practice.id)
        body = EXAMPLES[name].body
        same: dict[str, Any] = {} if body is None else {"json": body(about)}
        key = {"Idempotency-Key": str(uuid4())}

        async def ask(
            of: Records, one: Operation = operation, same: dict[str, Any] = same, key: dict[str, str] = key
        ) -> httpx.Response:
            return await one.ask(admin.http, admin.token, of, headers=dict(key), **same)

        answers = await asyncio.gather(*(ask(about) for _ in range(4)))
        answers.append(await ask(about))
        done = [answer for answer in answers if answer.is_success]
        assert {refused(answer) for answer in answers if not answer.is_success} <= {(409, "idempotency_key_in_use")}, (
            name
        )
        assert len({answer.content for answer in done}) == 1, name
        assert answers[-1].headers["idempotency-replayed"] == "true"
        assert [answer.headers.get("idempotency-replayed") for answer in done].count(None) == 1, name
        if operation.record:
            stolen = await ask(other)
            assert refused(stolen) == (422, "idempotency_key_reused"), name
            assert about.word not in stolen.text.lower()


async def test_a_patients_token_reaches_no_claim(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, records: Records
) -> None:
    """Not even their own; nor does one that says it is staff as well."""
    found = operations_of((await http.get("/openapi.json")).json())
    of_claims = [one for one in found.values() if one.path.startswith(("/v1/claims", "/v1/remittances"))]
    assert len(of_claims) == 21
    roles = ([Role.PATIENT], [Role.PATIENT, Role.ADMIN, Role.PARTNER])
    scopes = sorted({access.scope for access in ACCESS.values()} - {""})
    for wanted in roles:
        token = service.issuer.mint("x", wanted, practice.id, patient_id=records.patient_id, scopes=scopes)
        for operation in of_claims:
            answer = await operation.ask(http, token, records)
            assert refused(answer) == (403, "role_forbidden"), operation.id


# Cursors


async def test_a_cursor_continues_its_own_list_only(admin: Someone, insured: Insured) -> None:
    for day in ("2026-03-02", "2026-03-03"):
        await new_claim(admin, insured.claim_body(lines=[a_line_body(first_date=day)]))
    one, other = [row["id"] for row in (await admin.get("/v1/claims")).json()["data"]]
    for claim in (one, other):
        assert (await admin.patch(f"/v1/claims/{claim}", {"referral_number": "REF7"}, version=1)).is_success
    query = {"limit": "1", "patient_id": insured.patient["id"]}
    cursor = (await admin.get("/v1/claims", **query)).json()["next_cursor"]
    assert (await admin.get("/v1/claims", **query, cursor=cursor)).is_success
    wrong: list[tuple[str, dict[str, str]]] = [
        ("/v1/claims", {"limit": "1"}),
        ("/v1/claims", {**query, "patient_id": str(uuid4())}),
        ("/v1/claims", {**query, "status": "draft"}),
        ("/v1/claims", {**query, "sort": "created_at"}),
        ("/v1/claims", {**query, "sort": "updated_at"}),
        (f"/v1/claims/{one}/timeline", {"limit": "1"}),
        ("/v1/remittances", {"limit": "1"}),
    ]
    for path, asked in wrong:
        assert refused(await admin.get(path, **asked, cursor=cursor)) == (400, "cursor_invalid"), (path, asked)
    timeline = (await admin.get(f"/v1/claims/{one}/timeline", limit="1")).json()["next_cursor"]
    for path in (f"/v1/claims/{other}/timeline", f"/v1/claims/{one}/submissions", f"/v1/claims/{one}/adjudications"):
        assert refused(await admin.get(path, limit="1", cursor=timeline)) == (400, "cursor_invalid"), path


async def _announced(someone: Someone, method: str, path: str, size: int) -> tuple[int, str]:
    """What is answered to a body of that size, of which nothing is sent."""

    def ask() -> tuple[int, str]:
        base = someone.http.base_url
        connection = HTTPConnection(base.host, base.port, timeout=20)
        connection.putrequest(method, path)
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        for name, value in {**headers, "Authorization": f"Bearer {someone.token}", "Content-Length": str(size)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())["code"]

    return await asyncio.to_thread(ask)


# Bad input: each its own code


Ask = Callable[[Someone, Insured], Awaitable[httpx.Response]]


def _creating(**changes: Any) -> Ask:
    return lambda admin, insured: admin.post("/v1/claims", insured.claim_body(**changes))


def _line(**changes: Any) -> Ask:
    return _creating(lines=[a_line_body(**changes)])


async def _before_birth(admin: Someone, insured: Insured) -> httpx.Response:
    return await admin.post("/v1/claims", insured.claim_body(lines=[a_line_body(first_date="1984-02-28")]))


async def _unverified(admin: Someone, insured: Insured) -> httpx.Response:
    added = await admin.new_coverage(insured.patient["id"], wished_rank="tertiary")
    return await admin.post("/v1/claims", insured.claim_body(coverage_id=added["id"]))


async def _ended(admin: Someone, insured: Insured) -> httpx.Response:
    path = f"/v1/coverages/{insured.primary['id']}/terminate"
    ending = {"effective_to": "2026-01-31", "reason": "coverage_ended"}
    assert (await admin.post(path, ending, If_Match=f'"{insured.primary["version"]}"')).is_success
    return await admin.post("/v1/claims", insured.claim_body(coverage_id=insured.primary["id"]))


async def _of_another(admin: Someone, insured: Insured) -> httpx.Response:
    other = await new_insured(admin)
    return await admin.post("/v1/claims", insured.claim_body(coverage_id=other.primary["id"]))


async def _skipped(admin: Someone, insured: Insured) -> httpx.Response:
    return await admin.post("/v1/claims", insured.claim_body(coverage_id=insured.secondary["id"]))


async def _stale(admin: Someone, insured: Insured) -> httpx.Response:
    claim = await new_claim(admin, insured.claim_body())
    assert (await admin.patch(path_of(claim), {"referral_number": "REF7"}, version=1)).is_success
    return await admin.patch(path_of(claim), {"referral_number": "REF8"}, version=1)


BAD_INPUT: dict[str, tuple[Ask, int, str]] = {
    "money below zero": (_line(charge="-0.01"), 422, "amount_negative"),
    "money above 99,999,999.99": (_line(charge="100000000.00"), 422, "money_range"),
    "money of three decimals": (_line(charge="150.005"), 422, "money_format"),
    "a day in the future": (_line(first_date="2098-01-01"), 422, "date_future"),
    "a day before birth": (_before_birth, 422, "date_before_birth"),
    "a pointer to no diagnosis": (_line(diagnosis_pointers=[2]), 422, "pointer_unknown"),
    "a line twice": (_creating(lines=[a_line_body(), a_line_body()]), 422, "line_duplicate"),
    "an NPI of a wrong check digit": (
        _creating(
            service_facility={
                "name": "Pretend House",
                "npi": "1234567890",
                "address": {"line1": "9 Pretend Court", "city": "Denver", "state": "CO", "postal_code": "80202"},
            }
        ),
        422,
        "npi_format",
    ),
    "an unverified coverage": (_unverified, 409, "coverage_unverified"),
    "an ended coverage": (_ended, 409, "coverage_not_active"),
    "another patient's coverage": (_of_another, 409, "coverage_of_other_patient"),
    "a payer skipped": (_skipped, 409, "payer_skipped"),
    "a version of before": (_stale, 412, "version_stale"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
async def test_bad_input_has_a_code_of_its_own_and_is_not_repeated(admin: Someone, insured: Insured, name: str) -> None:
    ask, status, code = BAD_INPUT[name]
    answer = await ask(admin, insured)
    problem = answer.json()
    said = [finding["code"] for finding in problem["findings"]] if status == 422 else [problem["code"]]
    assert (answer.status_code, said) == (status, [code])
    assert WORD.lower() not in answer.text.lower()
    kept = (await admin.get("/v1/claims", status="draft", patient_id=insured.patient["id"])).json()["data"]
    assert len(kept) == (name == "a version of before")


def test_no_two_of_them_share_a_code() -> None:
    assert len({code for _, _, code in BAD_INPUT.values()} | {"body_too_large"}) == len(BAD_INPUT) + 1


@pytest.mark.parametrize("amount", ["-0.01", "-99999999.99", "100000000.00", "99999999999999999999.99"])
async def test_no_amount_anywhere_leaves_its_bounds(admin: Someone, insured: Insured, amount: str) -> None:
    claim = await new_claim(admin, insured.claim_body())
    totals = {"paid": "80.00", "adjustments": "45.00", "patient_responsibility": "25.00"}
    line = {"line_id": claim["lines"][0]["id"], "paid": amount}
    asked = [
        await admin.post("/v1/claims", insured.claim_body(patient_paid=amount)),
        await admin.patch(path_of(claim), {"lines": [a_line_body(charge=amount)]}, version=1),
        *[await act(admin, claim, "/adjudications", _decided(totals={**totals, name: amount})) for name in totals],
        await act(admin, claim, "/adjudications", _decided(decision={"paid": "1.00", "lines": [line]})),
        await act(admin, claim, "/secondary", {"adjudication": _decided(totals={**totals, "paid": amount})}),
    ]
    for answer in asked:
        assert refused(answer) == (422, "validation_failed")
        assert {finding["code"] for finding in answer.json()["findings"]} == {
            "amount_negative" if amount.startswith("-") else "money_range"
        }
        assert amount not in answer.text


def _decided(**form: Any) -> JSON:
    return {"adjudication_date": "2026-09-02", **form}


# Odd addresses


@pytest.mark.parametrize(
    "sequence", ["0", "-1", "+1", "1.0", "1_0", "\u0661", "99999", "1e1", " 1", "0x1", "'; drop table claim; --"]
)
async def test_a_sequence_is_a_number_and_nothing_else(admin: Someone, records: Records, sequence: str) -> None:
    answer = await admin.get(f"/v1/claims/{records.paid_claim_id}/837", sequence=sequence)
    assert answer.status_code == 400
    assert json.dumps(sequence)[1:-1] not in answer.text or len(sequence) < 4


async def test_an_id_written_otherwise_is_none(admin: Someone, records: Records) -> None:
    claim = records.paid_claim_id
    for path in (
        f"/v1/claims//{claim}",
        f"/v1/claims/{claim}/837/",
        f"/v1/claims/{str(claim).upper()}",
        f"/v1/claims/{claim.hex}",
        f"/v1/claims/{{{claim}}}",
        f"/v1/claims/{claim}/submissions/1",
        f"/v1/remittances/{claim}",
    ):
        request = admin.http.build_request("GET", "/", headers={"Authorization": f"Bearer {admin.token}"})
        request.url = request.url.copy_with(raw_path=path.encode())
        assert refused(await admin.http.send(request)) == (404, "not_found"), path
