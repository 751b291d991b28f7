"""Bad JSON bodies, each with the exact answer: status, code of the problem, codes of its findings; over HTTP.

What is wrong with headers, queries, ids and framing is tested beside the piece that refuses it (`test_route.py`,
`test_idempotency.py`, `test_preconditions.py`, `test_pagination.py`, `test_middleware.py`, `test_wire.py`).
"""

import json
import time

import httpx
import pytest

_TREE = b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _with(**members: object) -> bytes:
    return json.dumps({"name": "Sheet", **members}).encode()


_ROWS: dict[str, tuple[bytes, int, str, list[str]]] = {
    "empty body": (b"", 422, "body_not_object", ["type"]),
    "null": (b"null", 422, "body_not_object", ["type"]),
    "array": (b"[]", 422, "body_not_object", ["type"]),
    "bare string": (b'"Jane"', 422, "body_not_object", ["type"]),
    "trailing bytes": (b'{"name":"Sheet"} x', 400, "json_syntax", []),
    "two objects": (b'{"name":"Sheet"}{"name":"Sheet"}', 400, "json_syntax", []),
    "duplicate names": (b'{"name":"Sheet","name":"Other"}', 400, "json_duplicate_key", []),
    "duplicate names, one escaped": (b'{"name":"Sheet","n\\u0061me":"Other"}', 400, "json_duplicate_key", []),
    "unknown member": (_with(extra=1), 422, "validation_failed", ["unknown_field"]),
    "members of the server": (
        _with(tenant_id=1, id=2, status=3, created_at=4),
        422,
        "validation_failed",
        ["unknown_field"] * 4,
    ),
    "invalid UTF-8": (b'{"name":"\xff"}', 400, "json_encoding", []),
    "byte order mark": (b"\xef\xbb\xbf" + _with(), 400, "json_encoding", []),
    "UTF-16": ('{"name":"Sheet"}'.encode("utf-16"), 400, "json_encoding", []),
    "UTF-32": ('{"name":"Sheet"}'.encode("utf-32-le"), 400, "json_encoding", []),
    "lone surrogate in a field": (b'{"name":"\\ud800"}', 422, "validation_failed", ["text_invalid"]),
    "lone surrogate in a refused field": (
        b'{"name":"Sheet","x":"\\ud800"}',
        422,
        "validation_failed",
        ["text_invalid"],
    ),
    "lone surrogate in a name": (b'{"name":"Sheet","\\udfff":1}', 422, "validation_failed", ["text_invalid"]),
    "NUL": (b'{"name":"a\\u0000b"}', 422, "validation_failed", ["text_control"]),
    "line feed": (_with(name="a\nb"), 422, "validation_failed", ["text_control"]),
    "C1 control": (_with(name="a\x85b"), 422, "validation_failed", ["text_control"]),
    "bidi override": (_with(name="a\u202eb"), 422, "validation_failed", ["text_unsafe"]),
    "zero width": (_with(name="a\u200bb"), 422, "validation_failed", ["text_unsafe"]),
    "unassigned": (_with(name="a\U000e0fffb"), 422, "validation_failed", ["text_unsafe"]),
    "a mebibyte in a short field": (_with(name="x" * 1_040_000), 422, "validation_failed", ["too_long"]),
    "5,000 digits": (b'{"name":"Sheet","count":' + b"1" * 5_000 + b"}", 400, "json_number", []),
    "1e400": (b'{"name":"Sheet","count":1e400}', 400, "json_number", []),
    "NaN": (b'{"name":"Sheet","count":NaN}', 400, "json_number", []),
    "Infinity": (b'{"name":"Sheet","count":-Infinity}', 400, "json_number", []),
    "nesting of 100,000": (_TREE, 400, "json_depth", []),
    "200,000 items": (b'{"name":[' + b"1," * 200_000 + b"1]}", 422, "too_many", ["too_many"]),
    "money as a number": (_with(charge=0.1), 422, "validation_failed", ["money_format"]),
    "money with underscore": (_with(charge="1_000.00"), 422, "validation_failed", ["money_format"]),
    "money with spaces": (_with(charge=" 1.00 "), 422, "validation_failed", ["money_format"]),
    "money in Arabic digits": (_with(charge="\u0661\u0662"), 422, "validation_failed", ["money_format"]),
    "money with exponent": (_with(charge="1e3"), 422, "validation_failed", ["money_format"]),
    "money with plus": (_with(charge="+1.00"), 422, "validation_failed", ["money_format"]),
    "money with commas": (_with(charge="1,000.00"), 422, "validation_failed", ["money_format"]),
    "minus zero": (_with(balance="-0.00"), 422, "validation_failed", ["money_format"]),
    "three decimals": (_with(charge="1.005"), 422, "validation_failed", ["money_format"]),
    "leading zero": (_with(charge="01.00"), 422, "validation_failed", ["money_format"]),
    "money NaN": (_with(charge="NaN"), 422, "validation_failed", ["money_format"]),
    "negative where not taken": (_with(charge="-1.00"), 422, "validation_failed", ["amount_negative"]),
    "too much": (_with(charge="100000000.00"), 422, "validation_failed", ["money_range"]),
    "true for a number": (_with(count=True), 422, "validation_failed", ["type"]),
    "text for a number": (_with(count="5"), 422, "validation_failed", ["type"]),
    "5.0 for an integer": (_with(count=5.0), 422, "validation_failed", ["type"]),
    "ten to the thirtieth": (_with(count=10**30), 422, "validation_failed", ["range"]),
    "minus one": (_with(count=-1), 422, "validation_failed", ["range"]),
    "two to the thirty-first": (_with(count=2**31), 422, "validation_failed", ["range"]),
    "30 February": (_with(day="2026-02-30"), 422, "validation_failed", ["date_format"]),
    "short date": (_with(day="2026-2-3"), 422, "validation_failed", ["date_format"]),
    "basic date": (_with(day="20260203"), 422, "validation_failed", ["date_format"]),
    "date with time": (_with(day="2026-02-03T00:00:00"), 422, "validation_failed", ["date_format"]),
    "year 0000": (_with(day="0000-01-01"), 422, "validation_failed", ["date_range"]),
    "year 9999": (_with(day="9999-12-31"), 422, "validation_failed", ["date_range"]),
    "NPI with a wrong check digit": (_with(npi="1234567890"), 422, "validation_failed", ["npi_format"]),
    "NPI of nine digits": (_with(npi="123456789"), 422, "validation_failed", ["npi_format"]),
    "NPI of eleven digits": (_with(npi="12345678930"), 422, "validation_failed", ["npi_format"]),
    "id in upper case": (
        _with(payer_id="01980000-0000-7000-8000-00000000000A"),
        422,
        "validation_failed",
        ["identifier_format"],
    ),
    "null where none is taken": (_with(name=None), 422, "validation_failed", ["type"]),
}


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_body_has_its_exact_answer(client: httpx.AsyncClient, row: str) -> None:
    body, status, code, findings = _ROWS[row]
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    begun = time.perf_counter()
    answer = await client.post("/v1/patients", headers=headers, content=body)
    took = time.perf_counter() - begun
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert [finding["code"] for finding in told["findings"]] == findings
    assert told["findings_total"] == len(findings)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert len(answer.content) < 2_000
    assert took < 0.5


async def test_names_are_kept_composed_and_equal_to_themselves(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    one = await client.post("/v1/patients", headers=headers, json={"name": "Jose\u0301"})
    other = await client.post("/v1/patients", headers=headers, json={"name": "Jos\u00e9"})
    assert one.json()["name"] == other.json()["name"] == "Jos\u00e9"
