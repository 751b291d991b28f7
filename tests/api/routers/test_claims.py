"""Bad claims over the running API, each with its exact answer: created, patched, held, listed, deleted."""

import asyncio
import http.client
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.api.routers.refusals import Row, refused, repeats_nothing, send, without
from tests.journeys.claim_walking import (
    SERVICE_DAY,
    Insured,
    a_claim_body,
    a_line_body,
    act,
    delete,
    new_claim,
    new_draft,
    new_insured,
    path_of,
)
from tests.journeys.walking import JSON, Someone
from tests.running import RunningService

LATER = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
ADDRESS = {"line1": "9 Pretend Court", "city": "Denver", "state": "CO", "postal_code": "80202"}


def _line(findings: set[tuple[str, str]], **changes: Any) -> Row:
    """One line that is wrong; the pointers are into it."""
    return Row({"lines": [a_line_body(**changes)]}, {(code, f"/lines/0{pointer}") for code, pointer in findings})


def _charge(code: str, charge: Any) -> Row:
    return _line({(code, "/charge")}, charge=charge)


def _units(code: str, units: Any) -> Row:
    return _line({(code, "/units")}, units=units)


_ROWS: dict[str, Row] = {
    # money
    "a negative charge": _charge("amount_negative", "-150.00"),
    "a charge of three decimals": _charge("money_format", "150.005"),
    "a charge of one decimal": _charge("money_format", "150.0"),
    "a charge as a number": _charge("money_format", 150.25),
    "a charge above ten digits": _charge("money_range", "100000000.00"),
    "a charge of nothing": _charge("charge_zero", "0.00"),
    "charges above ten digits together": Row(
        {"lines": [a_line_body(charge="99999999.99"), a_line_body(procedure_code="90785", charge="0.01")]},
        {("amount_limit", "/lines")},
    ),
    "the patient paid less than nothing": Row({"patient_paid": "-1.00"}, {("amount_negative", "/patient_paid")}),
    "the patient paid more than was charged": Row(
        {"patient_paid": "150.01"}, {("patient_paid_above_charge", "/patient_paid")}
    ),
    # days
    "a service of the day after tomorrow": _line({("date_future", "/first_date")}, first_date=LATER),
    "a service that ends the day after tomorrow": _line({("date_future", "/last_date")}, last_date=LATER),
    "a service before the patient's birth": _line({("date_before_birth", "/first_date")}, first_date="1984-02-28"),
    "a service that ends before it begins": _line({("date_order", "/last_date")}, last_date="2026-03-01"),
    "a service on no day": _line({("date_format", "/first_date")}, first_date="2026-02-30"),
    "a service in another era": _line({("date_range", "/first_date")}, first_date="9999-12-31"),
    # diagnoses and what points at them
    "no diagnosis": Row({"diagnoses": []}, {("too_short", "/diagnoses")}),
    "thirteen diagnoses": Row({"diagnoses": [f"F4{n:02d}" for n in range(13)]}, {("too_long", "/diagnoses")}),
    "a diagnosis with its point": Row({"diagnoses": ["F41.1"]}, {("diagnosis_format", "/diagnoses/0")}),
    "a diagnosis in lower case": Row({"diagnoses": ["f411"]}, {("diagnosis_format", "/diagnoses/0")}),
    "a diagnosis twice": Row({"diagnoses": ["F411", "F411"]}, {("diagnosis_repeated", "/diagnoses/1")}),
    "a pointer to nothing": _line({("pointer_unknown", "/diagnosis_pointers/0")}, diagnosis_pointers=[2]),
    "a pointer before the first": _line({("range", "/diagnosis_pointers/0")}, diagnosis_pointers=[0]),
    "a pointer behind the last": _line({("range", "/diagnosis_pointers/0")}, diagnosis_pointers=[13]),
    "a pointer twice": _line({("pointer_repeated", "/diagnosis_pointers/1")}, diagnosis_pointers=[1, 1]),
    "a pointer by its letter": _line({("type", "/diagnosis_pointers/0")}, diagnosis_pointers=["A"]),
    "no pointer": _line({("too_short", "/diagnosis_pointers")}, diagnosis_pointers=[]),
    "five pointers": _line({("too_long", "/diagnosis_pointers")}, diagnosis_pointers=[1, 1, 1, 1, 1]),
    # services
    "no line": Row({"lines": []}, {("too_short", "/lines")}),
    "51 lines": Row({"lines": [a_line_body(charge=f"{n}.00") for n in range(1, 52)]}, {("too_long", "/lines")}),
    "a line entered twice": Row({"lines": [a_line_body(), a_line_body()]}, {("line_duplicate", "/lines/1")}),
    "a procedure nobody has": _line({("procedure_format", "/procedure_code")}, procedure_code="psychotherapy"),
    "a modifier of three": _line({("modifier_format", "/modifiers/0")}, modifiers=["951"]),
    "a modifier twice": _line({("modifier_repeated", "/modifiers/1")}, modifiers=["95", "95"]),
    "five modifiers": _line({("too_long", "/modifiers")}, modifiers=["95", "HO", "U1", "U2", "U3"]),
    "no units": _units("units_format", "0"),
    "units below zero": _units("units_format", "-1"),
    "units with four decimals": _units("units_format", "1.0005"),
    "units with an exponent": _units("units_format", "1e2"),
    "units as a number": _units("type", 1),
    "a place nobody has": Row({"place_of_service": "00"}, {("place_of_service_unknown", "/place_of_service")}),
    "a line's place nobody has": _line({("place_of_service_unknown", "/place_of_service")}, place_of_service="98"),
    # people and numbers
    "a facility's NPI with a wrong check digit": Row(
        {"service_facility": {"name": "Quackenbush House", "npi": "1234567890", "address": ADDRESS}},
        {("npi_format", "/service_facility/npi")},
    ),
    "a facility without an address": Row(
        {"service_facility": {"name": "Quackenbush House"}}, {("missing", "/service_facility/address")}
    ),
    "a contact's number with dashes": Row(
        {"billing_contact": {"name": "Zebediah Desk", "phone": "303-555-0100"}},
        {("phone_format", "/billing_contact/phone")},
    ),
    "a state nobody has": Row(
        {"pay_to_address": {**ADDRESS, "state": "XX"}}, {("state_format", "/pay_to_address/state")}
    ),
    "an authorization with a star": Row(
        {"prior_authorization": "AUTH*7"}, {("reference_format", "/prior_authorization")}
    ),
    "a referral in lower case": Row({"referral_number": "ref7"}, {("reference_format", "/referral_number")}),
    "a payer's number of nobody on the claim": Row(
        {"payer_assigned_ids": [{"role": "supervising", "number": "G2-7777"}]},
        {("payer_assigned_id_unplaced", "/payer_assigned_ids/0/role")},
    ),
    "two payer's numbers of one": Row(
        {"payer_assigned_ids": [{"role": "billing", "number": "G2-7777"}, {"role": "billing", "number": "G2-8888"}]},
        {("payer_assigned_id_repeated", "/payer_assigned_ids/1/role")},
    ),
    "providers nobody knows": Row(
        {"rendering_provider_id": str(uuid4()), "supervising_provider_id": str(uuid4())},
        {("provider_unknown", "/rendering_provider_id"), ("provider_unknown", "/supervising_provider_id")},
    ),
    "a provider by its name": Row(
        {"referring_provider_id": "Zebediah Quackenbush"}, {("identifier_format", "/referring_provider_id")}
    ),
    # what the service decides
    "what the service decides": Row(
        dict.fromkeys(("status", "rank", "payer_id", "total_charge", "patient_control_number", "version"), "decided"),
        {
            ("unknown_field", f"/{name}")
            for name in ("status", "rank", "payer_id", "total_charge", "patient_control_number", "version")
        },
    ),
    "a line's own numbers": _line({("unknown_field", "/control_number")}, control_number="1234567"),
    "several at once": Row(
        {"diagnoses": ["F411", "F411"], "lines": [a_line_body(first_date=LATER, diagnosis_pointers=[3])]},
        {
            ("diagnosis_repeated", "/diagnoses/1"),
            ("date_future", "/lines/0/first_date"),
            ("pointer_unknown", "/lines/0/diagnosis_pointers/0"),
        },
    ),
}

_ADDED_ONLY: dict[str, Row] = {
    "a patient nobody knows": Row({"patient_id": str(uuid4())}, {("patient_unknown", "/patient_id")}),
    "a patient by its name": Row({"patient_id": "Zebediah Quackenbush"}, {("identifier_format", "/patient_id")}),
    "a coverage nobody knows": Row({"coverage_id": str(uuid4())}, {("coverage_unknown", "/coverage_id")}),
    "an encounter named like a person": Row(
        {"encounter_id": "Zebediah Quackenbush"}, {("external_id_format", "/encounter_id")}
    ),
    "an encounter of 65": Row({"encounter_id": "E" * 65}, {("external_id_format", "/encounter_id")}),
    "a new line with an id": _line({("unknown_field", "/id")}, id=str(uuid4())),
}


@pytest.fixture(scope="module")
async def insured(admin: Someone) -> Insured:
    return await new_insured(admin)


@pytest.fixture(scope="module")
async def draft(admin: Someone, insured: Insured) -> JSON:
    """A claim at version 1, for requests that are refused."""
    return await new_claim(admin, insured.claim_body())


@pytest.mark.parametrize("row", [*_ROWS, *_ADDED_ONLY])
async def test_a_bad_claim_is_refused_with_every_finding(admin: Someone, insured: Insured, row: str) -> None:
    bad = (_ROWS | _ADDED_ONLY)[row]
    body = {**insured.claim_body(), **bad.changes}
    answer = await send(admin, "POST", "/v1/claims", body)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, body)


@pytest.mark.parametrize("row", _ROWS)
async def test_the_same_in_a_patch_is_refused_the_same(admin: Someone, draft: JSON, row: str) -> None:
    bad = _ROWS[row]
    answer = await send(admin, "PATCH", path_of(draft), bad.changes)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, bad.changes)
    assert (await admin.get(path_of(draft))).json() == draft


@pytest.mark.parametrize("name", ["encounter_id", "patient_id", "place_of_service", "diagnoses", "lines"])
async def test_what_a_claim_needs_is_asked_for(admin: Someone, insured: Insured, name: str) -> None:
    answer = await send(admin, "POST", "/v1/claims", without(insured.claim_body(), name))
    refused(answer, 422, "validation_failed", {("missing", f"/{name}")})


@pytest.mark.parametrize("name", ["place_of_service", "diagnoses", "lines"])
async def test_what_a_claim_needs_is_not_taken_away(admin: Someone, draft: JSON, name: str) -> None:
    answer = await send(admin, "PATCH", path_of(draft), {name: None})
    refused(answer, 422, "validation_failed", {("type", f"/{name}")})


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_body_of_ten_megabytes_is_not_read(
    admin: Someone, whole_service: RunningService, draft: JSON, method: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", whole_service.api_port, timeout=10)
    connection.putrequest(method, "/v1/claims" if method == "POST" else path_of(draft))
    for name, value in (
        ("Authorization", f"Bearer {admin.token}"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(10 * 1024 * 1024)),
        ("Idempotency-Key", "large"),
        ("If-Match", '"1"'),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()  # what it says of its length is enough
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "body_too_large")


async def test_the_largest_claim_there_is_fits(admin: Someone, insured: Insured) -> None:
    lines = [
        a_line_body(
            charge=f"{number}.00",
            modifiers=["95", "HO", "U1", "U2"],
            unit_of_measure="minute",
            diagnosis_pointers=[1, 2, 3, 4],
            last_date=SERVICE_DAY,
            place_of_service="02",
        )
        for number in range(1, 51)
    ]
    provider = insured.provider["id"]
    body = insured.claim_body(
        coverage_id=insured.primary["id"],
        billing_provider_id=provider,
        referring_provider_id=provider,
        supervising_provider_id=provider,
        service_facility={
            "name": "Pretend House",
            "npi": insured.provider["npi"],
            "address": {**ADDRESS, "line2": "B"},
        },
        pay_to_address={**ADDRESS, "line2": "B"},
        billing_contact={"name": "Pretend Desk", "phone": "3035550100"},
        payer_assigned_ids=[
            {"role": role, "number": f"G2-{role}".upper().replace("_", "")}
            for role in ("billing", "referring", "rendering", "service_facility", "supervising")
        ],
        diagnoses=[f"F4{number:02d}" for number in range(12)],
        prior_authorization="AUTH7",
        referral_number="REF7",
        patient_paid="20.00",
        signature_generated_by_provider=True,
        lines=lines,
    )
    claim = await new_claim(admin, body)
    kept = [without(line, "control_number") for line in claim["lines"]]
    answer = await admin.patch(path_of(claim), {"place_of_service": "02", "lines": kept}, version=1)
    assert answer.status_code == 200, answer.text
    assert answer.json()["lines"] == claim["lines"]


async def test_a_pointer_with_a_decimal_point_is_a_whole_number_as_the_schema_says(
    admin: Someone, insured: Insured
) -> None:
    claim = await new_claim(admin, insured.claim_body(lines=[a_line_body(diagnosis_pointers=[1.0])]))
    assert claim["lines"][0]["diagnosis_pointers"] == [1]
    body = insured.claim_body(lines=[a_line_body(diagnosis_pointers=[1.5])])
    answer = await send(admin, "POST", "/v1/claims", body)
    refused(answer, 422, "validation_failed", {("type", "/lines/0/diagnosis_pointers/0")})


# Rules


async def test_a_coverage_that_cannot_be_billed_is_refused_by_its_own_code(admin: Someone, insured: Insured) -> None:
    patient = (await admin.new_patient())["id"]
    refused(await admin.post("/v1/claims", a_claim_body(patient)), 409, "no_next_payer")
    unverified = await admin.new_coverage(patient)
    refused(await admin.post("/v1/claims", a_claim_body(patient)), 409, "coverage_unverified")
    ended = await admin.verified_coverage(patient, effective_to="2026-03-01")
    codes = {
        unverified["id"]: "coverage_unverified",
        ended["id"]: "coverage_not_active",
        insured.primary["id"]: "coverage_of_other_patient",
    }
    for coverage_id, code in codes.items():
        refused(await admin.post("/v1/claims", a_claim_body(patient, coverage_id=coverage_id)), 409, code)
    skipping = insured.claim_body(coverage_id=insured.secondary["id"])
    refused(await admin.post("/v1/claims", skipping), 409, "payer_skipped")


async def test_an_encounter_is_billed_once(admin: Someone, draft: JSON, insured: Insured) -> None:
    again = insured.claim_body(encounter_id=draft["encounter_id"])
    refused(await admin.post("/v1/claims", again), 409, "claim_exists")
    other = (await new_insured(admin)).claim_body(encounter_id=draft["encounter_id"])
    refused(await admin.post("/v1/claims", other), 409, "encounter_of_other_patient")


async def test_of_64_requests_at_once_one_bills_the_encounter(admin: Someone, insured: Insured) -> None:
    body = insured.claim_body()
    answers = await asyncio.gather(*(admin.post("/v1/claims", body) for _ in range(64)))
    counted = Counter(answer.status_code for answer in answers)
    assert counted[201] == 1
    # 503: longer in line than the lock time-out.
    assert counted.keys() <= {201, 409, 503}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"claim_exists"}
    listed = (await admin.get("/v1/claims", encounter_id=body["encounter_id"])).json()["data"]
    assert [claim["id"] for claim in listed] == [answer.json()["id"] for answer in answers if answer.status_code == 201]


async def test_another_practices_records_are_nobodys(stranger: Someone, insured: Insured, draft: JSON) -> None:
    own = await new_insured(stranger)
    answer = await stranger.post("/v1/claims", a_claim_body(insured.patient["id"]))
    refused(answer, 422, "validation_failed", {("patient_unknown", "/patient_id")})
    answer = await stranger.post(
        "/v1/claims",
        own.claim_body(coverage_id=insured.primary["id"], rendering_provider_id=insured.provider["id"]),
    )
    findings = {("coverage_unknown", "/coverage_id"), ("provider_unknown", "/rendering_provider_id")}
    refused(answer, 422, "validation_failed", findings)
    await new_claim(stranger, own.claim_body(encounter_id=draft["encounter_id"]))
    listed = await stranger.get("/v1/claims", patient_id=insured.patient["id"])
    assert (listed.status_code, listed.json()["data"]) == (200, [])


# Changes


async def test_a_line_is_changed_by_its_id(admin: Someone) -> None:
    claim = await new_draft(admin)
    (line,) = claim["lines"]
    sent = {**without(line, "control_number"), "modifiers": ["95"], "units": "1.5"}
    answer = await admin.patch(path_of(claim), {"lines": [sent, a_line_body(charge="20.00")]}, version=1)
    kept, added = answer.json()["lines"]
    assert kept == {**line, "modifiers": ["95"], "units": "1.5"}
    assert added["id"] != line["id"]
    assert answer.json()["total_charge"] == "170.00"
    strange = {**sent, "id": str(uuid4())}
    answer = await admin.patch(path_of(claim), {"lines": [strange]}, version=2)
    refused(answer, 422, "validation_failed", {("line_unknown", "/lines/0/id")})
    answer = await admin.patch(path_of(claim), {"lines": [sent, {**sent, "charge": "1.00"}]}, version=2)
    refused(answer, 422, "validation_failed", {("line_id_repeated", "/lines/1/id")})


async def test_what_was_said_can_be_taken_back(admin: Someone) -> None:
    facility = {"name": "Pretend House", "npi": None, "address": {**ADDRESS, "line2": None}}
    said = {"service_facility": facility, "prior_authorization": "AUTH7", "patient_paid": "20.00"}
    claim = await new_draft(admin, **said)
    assert {name: claim[name] for name in said} == said
    answer = await admin.patch(path_of(claim), dict.fromkeys(said), version=1)
    assert {name: answer.json()[name] for name in said} == dict.fromkeys(said)


async def test_a_stale_etag_changes_nothing(admin: Someone) -> None:
    claim = await new_draft(admin)
    changed = (await admin.patch(path_of(claim), {"place_of_service": "02"}, version=1)).json()
    assert changed["version"] == 2
    refused(await admin.patch(path_of(claim), {"place_of_service": "10"}, version=1), 412, "version_stale")
    refused(await act(admin, claim, "/hold", {"reason": "by_hand"}), 412, "version_stale")
    refused(await act(admin, claim, "/release", {}), 412, "version_stale")
    refused(await delete(admin, path_of(claim), version=1), 412, "version_stale")
    assert (await admin.get(path_of(claim))).json() == changed


async def test_an_etag_is_asked_for(admin: Someone, draft: JSON) -> None:
    headers: dict[str, str | None] = {"If-Match": None}
    refused(await send(admin, "PATCH", path_of(draft), {}, headers), 428, "version_required")
    refused(await send(admin, "DELETE", path_of(draft), b"", headers), 428, "version_required")
    refused(await send(admin, "POST", path_of(draft, "/hold"), {"reason": "by_hand"}, headers), 428, "version_required")


async def test_who_bills_is_not_changed(admin: Someone, draft: JSON, insured: Insured) -> None:
    answer = await admin.patch(path_of(draft), {"billing_provider_id": insured.provider["id"]}, version=1)
    refused(answer, 409, "billing_provider_fixed")


async def test_a_deleted_claim_is_not_deleted_again(admin: Someone) -> None:
    claim = await new_draft(admin)
    answer = await delete(admin, path_of(claim), version=1)
    assert (answer.status_code, answer.content) == (204, b"")
    refused(await delete(admin, path_of(claim), version=1), 404, "not_found")
    refused(await admin.get(path_of(claim)), 404, "not_found")
    refused(await admin.get(path_of(claim, "/timeline")), 404, "not_found")
