"""Bad questions about payers and bad entries over the running API, each with its exact answer."""

from typing import Any
from uuid import uuid4

import pytest

from app.domain.payers import payer_id
from tests.api.routers.refusals import Row, ask, refused, repeats_nothing, send
from tests.journeys.walking import JSON, Someone

PAYER = f"/v1/payers/{payer_id('XOVR1')}"
VALUE = "/value"

_ROWS: dict[str, Row] = {
    "another basis": Row({"value": {"basis": "birthday", "days": 30}}, {("setting_value_choice", "/value/basis")}),
    "days and months": Row({"value": {"basis": "decision", "days": 30, "months": 1}}, {("setting_value_keys", VALUE)}),
    "zero days": Row({"value": {"basis": "decision", "days": 0}}, {("setting_value_range", "/value/days")}),
    "half a day": Row({"value": {"basis": "decision", "days": 0.5}}, {("setting_value_range", "/value/days")}),
    "days as text": Row({"value": {"basis": "decision", "days": "30"}}, {("setting_value_range", "/value/days")}),
    "days as true": Row({"value": {"basis": "decision", "days": True}}, {("setting_value_range", "/value/days")}),
    "ten years and a day": Row(
        {"value": {"basis": "decision", "days": 3661}}, {("setting_value_range", "/value/days")}
    ),
    "no value": Row({"value": None}, {("setting_value_keys", VALUE)}),
    "deep value": Row({"value": {"basis": {"basis": {"basis": "decision"}}}}, {("setting_value_keys", VALUE)}),
    "yes for true": Row({"setting": "accepts_electronic_secondary", "value": "yes"}, {("setting_value_type", VALUE)}),
    "a number of another shape": Row(
        {"setting": "crossover_window_business_days", "value": [30]}, {("setting_value_range", VALUE)}
    ),
    "a reason twice": Row(
        {"setting": "auto_send_after_denial_reasons", "value": ["PR-96", "PR-96"]}, {("setting_value_repeated", VALUE)}
    ),
    "a reason in lower case": Row(
        {"setting": "auto_send_after_denial_reasons", "value": ["PR-96", "pr-204"]},
        {("setting_value_format", "/value/1")},
    ),
    "a list in a list": Row(
        {"setting": "auto_send_after_denial_reasons", "value": [["PR-96"]]}, {("setting_value_format", "/value/0")}
    ),
    "another setting": Row({"setting": "free_money"}, {("enum", "/setting")}),
    "ends before it begins": Row(
        {"effective_from": "2026-03-02", "effective_to": "2026-03-01"}, {("period_order", "/effective_to")}
    ),
    "no source": Row({"source": ""}, {("too_short", "/source")}),
    "source of 201": Row({"source": "Q" * 201}, {("too_long", "/source")}),
    "noted on no day": Row({"noted_on": "2026-02-30"}, {("date_format", "/noted_on")}),
    "members of the service": Row(
        {"practice_override": False, "source_url": "https://quackenbush.test", "payer_id": "19731973"},
        {("unknown_field", "/practice_override"), ("unknown_field", "/source_url"), ("unknown_field", "/payer_id")},
    ),
}


def an_override_body(**changes: Any) -> JSON:
    return {
        "setting": "appeal_limit",
        "value": {"basis": "decision", "days": 90},
        "source": "A call",
        "noted_on": "2026-01-05",
        **changes,
    }


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_entry_is_refused_with_every_finding(admin: Someone, row: str) -> None:
    bad = _ROWS[row]
    answer = await send(admin, "POST", f"{PAYER}/overrides", an_override_body(**bad.changes))
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, bad.changes.get("source", ""))
    assert (await admin.get(f"{PAYER}/overrides")).json()["data"] == []


@pytest.mark.parametrize(
    ("query", "code", "findings"),
    [
        ("", "query_invalid", {("missing", "/query/q")}),
        ("q=", "query_invalid", {("too_short", "/query/q")}),
        (f"q={'Q' * 101}", "query_invalid", {("too_long", "/query/q")}),
        ("q=Quacken%00bush", "query_invalid", {("text_control", "/query/q")}),
        ("q=Quacken%E2%80%AEbush", "query_invalid", {("text_unsafe", "/query/q")}),
        ("q=%D0%96%D1%83%D0%BA", "query_invalid", {("format", "/query/q")}),
        ("q=Quacken&q=bush", "query_duplicate", set()),
        ("q=Quacken&name=Quackenbush", "query_unknown", {("query_unknown", "/query/name")}),
        ("q=Quacken&limit=0", "limit_range", {("limit_range", "/query/limit")}),
        ("q=Quacken&limit=101", "limit_range", {("limit_range", "/query/limit")}),
        ("q=Quacken&limit=abc", "limit_range", {("limit_range", "/query/limit")}),
        ("q=Quacken&limit=%2B5", "limit_range", {("limit_range", "/query/limit")}),
        ("q=Quacken&limit=1_0", "limit_range", {("limit_range", "/query/limit")}),
        ("q=Quacken&limit=5.0", "limit_range", {("limit_range", "/query/limit")}),
        ("q=Quacken&limit=%D9%A5", "limit_range", {("limit_range", "/query/limit")}),
        ("q=Quacken&limit=%205", "limit_range", {("limit_range", "/query/limit")}),
    ],
)
async def test_a_bad_question_is_refused(admin: Someone, query: str, code: str, findings: set[tuple[str, str]]) -> None:
    answer = await ask(admin, f"/v1/payers?{query}")
    refused(answer, 400, code, findings)
    assert "Quacken" not in answer.text


@pytest.mark.parametrize("asked", ["blue ", " blue", "   ", "%", "_", "'; --", "M\u00fcller", "\u00df", "."])
async def test_what_people_type_into_a_search_box_is_taken(admin: Someone, asked: str) -> None:
    answer = await admin.get("/v1/payers", q=asked)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("on", "finding"),
    [("2026-02-30", "date_format"), ("today", "date_format"), ("1850-01-01", "date_range"), ("", "date_format")],
)
async def test_a_profile_is_for_a_day_of_the_calendar(admin: Someone, on: str, finding: str) -> None:
    refused(await admin.get(PAYER, on=on), 400, "query_invalid", {(finding, "/query/on")})


async def test_a_payer_nobody_knows_is_not_found(admin: Someone) -> None:
    for spelling in (str(uuid4()), str(payer_id("XOVR1")).upper(), "XOVR1"):
        for path in (f"/v1/payers/{spelling}", f"/v1/payers/{spelling}/overrides"):
            refused(await admin.get(path), 404, "not_found")
        refused(await admin.post(f"/v1/payers/{spelling}/overrides", an_override_body()), 404, "not_found")


async def test_an_override_shows_for_its_own_practice_only(admin: Someone, stranger: Someone) -> None:
    value = {"basis": "decision", "days": 17}
    answer = await stranger.post(f"{PAYER}/overrides", an_override_body(value=value))
    assert answer.status_code == 201, answer.text
    own = {row["setting"]: row for row in (await stranger.get(PAYER)).json()["profile"]}["appeal_limit"]
    assert (own["value"], own["practice_override"], own["id"]) == (value, True, answer.json()["id"])
    assert answer.json()["id"] not in (await admin.get(PAYER)).text
