"""Bad providers over the running API, each with its exact answer."""

from typing import Any
from uuid import uuid4

import pytest

from app.domain.payers import payer_id
from tests.api.routers.refusals import Row, refused, repeats_nothing, send
from tests.factories import an_npi
from tests.journeys.walking import JSON, Someone

NAME = {"last": "Quackenbush", "first": "Zebediah"}
PAYER = str(payer_id("XOVR1"))
TERMS = {"payer_id": PAYER, "accepts_assignment": "assigned", "in_network": True}

_ROWS: dict[str, Row] = {
    "wrong check digit": Row({"npi": "1234567890"}, {("npi_format", "/npi")}),
    "nine digits": Row({"npi": "123456789"}, {("npi_format", "/npi")}),
    "eleven digits": Row({"npi": "12345678930"}, {("npi_format", "/npi")}),
    "of a first digit nobody has": Row({"npi": "3234567893"}, {("npi_format", "/npi")}),
    "other digits": Row(
        {"npi": "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0663"}, {("npi_format", "/npi")}
    ),
    "NPI as a number": Row({"npi": 1234567893}, {("type", "/npi")}),
    "NPI with space": Row({"npi": " 1234567893"}, {("npi_format", "/npi")}),
    "taxonomy in lower case": Row({"taxonomy_code": "101ym0800x"}, {("taxonomy_format", "/taxonomy_code")}),
    "taxonomy without its X": Row({"taxonomy_code": "101YM08001"}, {("taxonomy_format", "/taxonomy_code")}),
    "a person with an organization's name": Row({"organization_name": "Quackenbush LLC"}, {("provider_name", "/name")}),
    "a person without a name": Row({"name": None}, {("provider_name", "/name")}),
    "an organization with a person's name": Row({"kind": "organization"}, {("provider_name", "/organization_name")}),
    "another kind": Row({"kind": "robot"}, {("enum", "/kind")}),
    "a payer nobody knows": Row(
        {"participations": [TERMS, {**TERMS, "payer_id": str(uuid4())}]},
        {("payer_unknown", "/participations/1/payer_id")},
    ),
    "a payer twice": Row({"participations": [TERMS, TERMS]}, {("payer_repeated", "/participations/1/payer_id")}),
    "201 payers": Row({"participations": [TERMS] * 201}, {("too_long", "/participations")}),
    "terms as an object": Row({"participations": {"0": TERMS}}, {("type", "/participations")}),
    "half the terms": Row(
        {"participations": [{"payer_id": PAYER}]},
        {("missing", "/participations/0/accepts_assignment"), ("missing", "/participations/0/in_network")},
    ),
    "a payer id in upper case": Row(
        {"participations": [{**TERMS, "payer_id": PAYER.upper()}]},
        {("identifier_format", "/participations/0/payer_id")},
    ),
    "true as a word": Row({"is_active": "true"}, {("type", "/is_active")}),
    "true as a number": Row({"is_active": 1}, {("type", "/is_active")}),
    "members of the service": Row(
        {"id": "19731973", "tenant_id": "19731973", "version": 19731973, "status": "active-19731973"},
        {("unknown_field", f"/{name}") for name in ("id", "tenant_id", "version", "status")},
    ),
}


def a_provider_body(**changes: Any) -> JSON:
    return {"kind": "person", "npi": an_npi(uuid4().int), "name": NAME, **changes}


@pytest.fixture(scope="module")
async def provider(admin: Someone) -> JSON:
    answer = await admin.post("/v1/providers", a_provider_body())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_provider_is_refused_with_every_finding(admin: Someone, row: str) -> None:
    bad = _ROWS[row]
    answer = await send(admin, "POST", "/v1/providers", a_provider_body(**bad.changes))
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, bad.changes)


@pytest.mark.parametrize("row", _ROWS)
async def test_the_same_in_a_patch_is_refused_the_same(admin: Someone, provider: JSON, row: str) -> None:
    bad = _ROWS[row]
    answer = await send(admin, "PATCH", f"/v1/providers/{provider['id']}", bad.changes)
    refused(answer, bad.status, bad.code, bad.findings)
    assert (await admin.get(f"/v1/providers/{provider['id']}")).json() == provider


async def test_an_npi_is_taken_once(admin: Someone, provider: JSON) -> None:
    taken = {("npi_taken", "/npi")}
    answer = await admin.post("/v1/providers", a_provider_body(npi=provider["npi"]))
    refused(answer, 409, "npi_taken", taken)
    repeats_nothing(answer, provider["npi"])
    other = (await admin.post("/v1/providers", a_provider_body())).json()
    answer = await admin.patch(f"/v1/providers/{other['id']}", {"npi": provider["npi"]}, version=1)
    refused(answer, 409, "npi_taken", taken)


async def test_a_person_becomes_an_organization_in_one_patch_only(admin: Someone) -> None:
    provider = (await admin.post("/v1/providers", a_provider_body())).json()
    path = f"/v1/providers/{provider['id']}"
    half = await admin.patch(path, {"kind": "organization"}, version=1)
    refused(half, 422, "validation_failed", {("provider_name", "/organization_name")})
    whole = await admin.patch(
        path, {"kind": "organization", "name": None, "organization_name": "Invented Group"}, version=1
    )
    assert whole.status_code == 200, whole.text
    assert (whole.json()["name"], whole.json()["organization_name"]) == (None, "Invented Group")
