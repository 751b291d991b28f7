import json
from typing import Any, get_args

import httpx
import pytest
from pydantic_core import core_schema

from app.api.finding_codes import FINDING_CODES
from app.api.validation import code_of
from tests.api.kit import SECRET


async def _post(client: httpx.AsyncClient, body: Any) -> httpx.Response:
    headers = {"Authorization": "Bearer admin", "Content-Type": "application/json"}
    return await client.post("/v1/providers", headers=headers, content=json.dumps(body).encode())


async def _findings(client: httpx.AsyncClient, body: Any) -> list[tuple[str, str]]:
    answer = await _post(client, body)
    assert answer.status_code == 422
    return [(finding["code"], finding["pointer"]) for finding in answer.json()["findings"]]


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"tenant_id": 1}, "unknown_field", "/tenant_id"),
        ({"id": 1}, "unknown_field", "/id"),
        ({"status": "paid"}, "unknown_field", "/status"),
        ({"created_at": None}, "unknown_field", "/created_at"),
        ({"charge": 0.1}, "money_format", "/charge"),
        ({"charge": "1_000"}, "money_format", "/charge"),
        ({"charge": "-1.00"}, "amount_negative", "/charge"),
        ({"balance": "-0.00"}, "money_format", "/balance"),
        ({"balance": "100000000.00"}, "money_range", "/balance"),
        ({"day": "2026-02-30"}, "date_format", "/day"),
        ({"day": "9999-01-01"}, "date_range", "/day"),
        ({"payer_id": "x"}, "identifier_format", "/payer_id"),
        ({"at": "now"}, "timestamp_format", "/at"),
        ({"colour": "blue"}, "enum", "/colour"),
        ({"colours": ["red", "blue"]}, "enum", "/colours/1"),
        ({"colours": ["red"] * 4}, "too_long", "/colours"),
        ({"colours": {}}, "type", "/colours"),
        ({"count": True}, "type", "/count"),
        ({"count": "5"}, "type", "/count"),
        ({"count": 5.0}, "type", "/count"),
        ({"count": 10**30}, "range", "/count"),
        ({"count": -1}, "range", "/count"),
        ({"is_final": 1}, "type", "/is_final"),
        ({"npi": "1234567890"}, "npi_format", "/npi"),
        ({"name": ""}, "too_short", "/name"),
        ({"name": "x" * 61}, "too_long", "/name"),
        ({"name": " x"}, "format", "/name"),
        ({"name": None}, "type", "/name"),
        ({"parts": [{"charge": "1.00"}]}, "missing", "/parts/0/name"),
        ({"parts": [{"name": "a", "charge": "1.00"}, {"name": "a", "charge": 1}]}, "money_format", "/parts/1/charge"),
        ({"parts": ["a"]}, "type", "/parts/0"),
        ({"parts": [{"name": "a", "charge": "1.00", "x": 1}]}, "unknown_field", "/parts/0/x"),
    ],
)
async def test_each_misfit_has_its_code_and_place(
    client: httpx.AsyncClient, members: dict[str, Any], code: str, pointer: str
) -> None:
    assert await _findings(client, {"name": "Sheet", **members}) == [(code, pointer)]


async def test_all_misfits_are_told_at_once(client: httpx.AsyncClient) -> None:
    findings = await _findings(client, {"charge": 1, "count": "x", "more": 1})
    assert sorted(findings) == [
        ("missing", "/name"),
        ("money_format", "/charge"),
        ("type", "/count"),
        ("unknown_field", "/more"),
    ]


async def test_fifty_findings_are_shown_and_all_are_counted(client: httpx.AsyncClient) -> None:
    answer = await _post(client, {"name": "Sheet", "parts": [{"name": "a", "charge": 1}] * 120})
    assert len(answer.json()["findings"]) == 50
    assert answer.json()["findings_total"] == 120


@pytest.mark.parametrize(
    "body",
    [
        {"name": SECRET * 50_000},
        {"name": SECRET, "charge": SECRET, "day": SECRET, "colour": SECRET, "count": SECRET, "parts": SECRET},
        {"name": SECRET, SECRET: SECRET},
        {"name": SECRET, "parts": [{SECRET: {SECRET: SECRET}}]},
        {"name": SECRET, SECRET * 1_000: 1},
        {"name": SECRET, "payer_id": SECRET, "npi": SECRET, "at": SECRET, "is_final": SECRET, "colours": [SECRET]},
    ],
)
async def test_no_refusal_repeats_what_was_sent(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await _post(client, body)
    assert answer.status_code == 422
    assert "Quackenbush" not in answer.text
    assert all("Quackenbush" not in value for value in answer.headers.values())


async def test_a_mebibyte_in_a_short_field_has_a_short_answer(client: httpx.AsyncClient) -> None:
    answer = await _post(client, {"name": "x" * 1_000_000})
    assert answer.json()["findings"][0]["code"] == "too_long"
    assert len(answer.content) < 2_000


async def test_a_member_name_that_is_no_field_name_is_not_repeated(client: httpx.AsyncClient) -> None:
    assert ("unknown_field", "") in await _findings(client, {"name": "Sheet", "Jane Doe": 1})
    assert ("unknown_field", "/parts/0") in await _findings(client, {"name": "Sheet", "parts": [{"a/b~c": 1}]})


def test_every_kind_of_the_validator_has_one_of_our_codes() -> None:
    for kind in get_args(core_schema.ErrorType):
        assert code_of(kind) in FINDING_CODES, kind
        assert code_of(kind) != kind or kind in {"missing", "too_long", "too_short", "enum", "date_future"}


def test_a_kind_nobody_knows_is_a_misfit() -> None:
    assert code_of("brand_new_kind") == "value"
