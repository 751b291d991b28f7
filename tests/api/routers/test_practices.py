"""Bad changes of the practice over the running API, each with its exact answer."""

import pytest

from tests.api.routers.refusals import Row, refused, repeats_nothing, send
from tests.journeys.walking import JSON, Someone

_ROWS: dict[str, Row] = {
    "wrong check digit": Row({"npi": "1234567890"}, {("npi_format", "/npi")}),
    "no NPI": Row({"npi": None}, {("type", "/npi")}),
    "tax id with a dash": Row({"tax_id": "12-3456789"}, {("tax_id_format", "/tax_id")}),
    "tax id as a number": Row({"tax_id": 123456789}, {("type", "/tax_id")}),
    "time zone of another country": Row({"time_zone": "Europe/Berlin"}, {("time_zone_unknown", "/time_zone")}),
    "time zone as a path": Row({"time_zone": "../../etc/passwd"}, {("time_zone_unknown", "/time_zone")}),
    "no time zone": Row({"time_zone": None}, {("type", "/time_zone")}),
    "name of 61": Row({"name": "Q" * 61}, {("too_long", "/name")}),
    "name with a line feed": Row({"name": "Quackenbush\nLLC"}, {("text_control", "/name")}),
    "no state": Row({"address": {"state": "Confusion"}}, {("state_format", "/address/state")}),
    "what the operator sets": Row(
        {"is_test": False, "id": "19731973", "practice_id": "19731973"},
        {("unknown_field", "/is_test"), ("unknown_field", "/id"), ("unknown_field", "/practice_id")},
    ),
    "phone with dashes": Row(
        {"billing_contact": {"name": "Quackenbush", "phone": "303-555-0100"}},
        {("phone_format", "/billing_contact/phone")},
    ),
    "contact without a phone": Row(
        {"billing_contact": {"name": "Quackenbush", "phone": None}}, {("type", "/billing_contact/phone")}
    ),
    "a list": Row({"name": ["Quackenbush"]}, {("type", "/name")}),
}


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_change_is_refused_with_every_finding(admin: Someone, row: str) -> None:
    bad = _ROWS[row]
    before: JSON = (await admin.get("/v1/practice")).json()
    answer = await send(admin, "PATCH", "/v1/practice", bad.changes)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, bad.changes)
    assert (await admin.get("/v1/practice")).json() == before


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"name"', b"[{}]"])
async def test_a_patch_is_an_object(admin: Someone, body: bytes) -> None:
    refused(await send(admin, "PATCH", "/v1/practice", body), 422, "body_not_object", {("type", "")})


async def test_an_address_is_patched_member_by_member(stranger: Someone) -> None:
    before = (await stranger.get("/v1/practice")).json()
    answer = await stranger.patch("/v1/practice", {"address": {"city": "Elsewhere"}, "tax_id": None}, version=1)
    assert answer.json()["address"] == {**before["address"], "city": "Elsewhere"}
    assert answer.json()["tax_id"] is None
    assert answer.json()["npi"] == before["npi"]
    gone = await stranger.patch("/v1/practice", {"address": None}, version=2)
    assert gone.json()["address"] is None
    half = await stranger.patch("/v1/practice", {"address": {"city": "Elsewhere"}}, version=3)
    missing = {("missing", f"/address/{name}") for name in ("line1", "state", "postal_code")}
    refused(half, 422, "validation_failed", missing)
