"""Bad coverages over the running API, each with its exact answer: added, patched, verified, ended."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from app.domain.callers import Role
from app.domain.payers import payer_id
from tests.api.routers.refusals import Row, refused, repeats_nothing, send
from tests.journeys.walking import JSON, Someone, a_coverage_body, blue_heron
from tests.running import RunningService

LATER = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
MEDICARE = str(payer_id("XOVR7"))
MBI = "1EG4TE5MK73"  # the published sample format of CMS
SUBSCRIBER = {
    "name": {"last": "Quackenbush", "first": "Zebediah"},
    "birth_date": "1970-01-01",
    "sex": "male",
    "address": {"line1": "9 Pretend Court", "city": "Denver", "state": "CO", "postal_code": "80202"},
}
SPOUSE = {"relationship": "spouse", "member_id_belongs_to": "subscriber", "subscriber": SUBSCRIBER}

_ROWS: dict[str, Row] = {
    "a payer nobody knows": Row({"payer_id": str(uuid4())}, {("payer_unknown", "/payer_id")}),
    "a payer by its name": Row({"payer_id": "Meadowlark Health Plan"}, {("identifier_format", "/payer_id")}),
    "member id with a star": Row({"member_id": "MLK*123456"}, {("member_id_format", "/member_id")}),
    "member id with a tilde": Row({"member_id": "MLK123456~"}, {("member_id_format", "/member_id")}),
    "member id in lower case": Row({"member_id": "mlk123456"}, {("member_id_format", "/member_id")}),
    "member id of 81": Row({"member_id": "M" * 81}, {("member_id_format", "/member_id")}),
    "member id of one": Row({"member_id": "M"}, {("member_id_format", "/member_id")}),
    "member id ending in space": Row({"member_id": "MLK123456 "}, {("member_id_format", "/member_id")}),
    "member id with NUL": Row({"member_id": "MLK\x00123456"}, {("text_control", "/member_id")}),
    "member id as a number": Row({"member_id": 123456}, {("type", "/member_id")}),
    "spouse without a subscriber": Row(
        {"relationship": "spouse", "member_id_belongs_to": "subscriber"}, {("subscriber_required", "/subscriber")}
    ),
    "self with a subscriber": Row({"subscriber": SUBSCRIBER}, {("subscriber_refused", "/subscriber")}),
    "self with a subscriber's number": Row(
        {"member_id_belongs_to": "subscriber"}, {("member_id_owner", "/member_id_belongs_to")}
    ),
    "subscriber without an address": Row(
        {**SPOUSE, "subscriber": {**SUBSCRIBER, "address": None}}, {("missing", "/subscriber/address")}
    ),
    "subscriber not born yet": Row(
        {**SPOUSE, "subscriber": {**SUBSCRIBER, "birth_date": LATER}}, {("birth_date_range", "/subscriber/birth_date")}
    ),
    "subscriber without a first name": Row(
        {**SPOUSE, "subscriber": {**SUBSCRIBER, "name": {"last": "Quackenbush"}}},
        {("missing", "/subscriber/name/first")},
    ),
    "ends before it begins": Row(
        {"effective_from": "2026-03-02", "effective_to": "2026-03-01"}, {("period_order", "/effective_to")}
    ),
    "begins on no day": Row({"effective_from": "2026-02-30"}, {("date_format", "/effective_from")}),
    "begins in another era": Row({"effective_from": "9999-12-31"}, {("date_range", "/effective_from")}),
    "rank by its letter": Row({"wished_rank": "P"}, {("enum", "/wished_rank")}),
    "rank by its number": Row({"wished_rank": 1}, {("enum", "/wished_rank")}),
    "reason for another payer than Medicare": Row(
        {"insurance_type_code": "12"}, {("insurance_type_refused", "/insurance_type_code")}
    ),
    "a reason nobody has": Row({"insurance_type_code": "99"}, {("insurance_type_code", "/insurance_type_code")}),
    "a filing code nobody has": Row({"claim_filing_code": "XX"}, {("claim_filing_code", "/claim_filing_code")}),
    "what the service decides": Row(
        dict.fromkeys(("status", "verification", "verified_at", "ranks", "source", "patient_id", "id"), "verified"),
        {
            ("unknown_field", f"/{name}")
            for name in ("status", "verification", "verified_at", "ranks", "source", "patient_id", "id")
        },
    ),
    "several at once": Row(
        {
            "member_id_belongs_to": "subscriber",
            "subscriber": SUBSCRIBER,
            "effective_from": "2026-03-02",
            "effective_to": "2026-03-01",
        },
        {
            ("member_id_owner", "/member_id_belongs_to"),
            ("subscriber_refused", "/subscriber"),
            ("period_order", "/effective_to"),
        },
    ),
}
_ADDED_ONLY = {"a payer nobody knows", "a payer by its name"}

_MEDICARE_ROWS: dict[str, Row] = {
    "no MBI": Row({"member_id": "MLK123456"}, {("member_id_mbi", "/member_id")}),
    "an MBI with an S": Row({"member_id": "1SG4TE5MK73"}, {("member_id_mbi", "/member_id")}),
    "a spouse": Row({**SPOUSE, "member_id": MBI}, {("relationship_medicare", "/relationship")}),
    "second without the reason": Row(
        {"wished_rank": "secondary"}, {("insurance_type_required", "/insurance_type_code")}
    ),
    "first with a reason": Row({"insurance_type_code": "12"}, {("insurance_type_refused", "/insurance_type_code")}),
}


@pytest.fixture(scope="module")
async def coverage(admin: Someone, patient: JSON) -> JSON:
    """A coverage at version 1, for requests that are refused."""
    return await admin.new_coverage(patient["id"])


def path_of(coverage: JSON, verb: str = "") -> str:
    return f"/v1/coverages/{coverage['id']}{verb}"


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_coverage_is_refused_with_every_finding(admin: Someone, patient: JSON, row: str) -> None:
    bad = _ROWS[row]
    body = a_coverage_body(**bad.changes)
    answer = await send(admin, "POST", f"/v1/patients/{patient['id']}/coverages", body)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, body)


@pytest.mark.parametrize("row", sorted(_ROWS.keys() - _ADDED_ONLY))
async def test_the_same_in_a_patch_is_refused_the_same(admin: Someone, coverage: JSON, row: str) -> None:
    bad = _ROWS[row]
    answer = await send(admin, "PATCH", path_of(coverage), bad.changes)
    findings = bad.findings
    if row == "subscriber without an address":
        # In a patch null takes the address away, and then the record lacks it.
        findings = {("missing", "/subscriber/address")}
    refused(answer, bad.status, bad.code, findings)
    repeats_nothing(answer, bad.changes)
    assert (await admin.get(path_of(coverage))).json() == coverage


@pytest.mark.parametrize("row", _MEDICARE_ROWS)
async def test_original_medicare_asks_for_more(admin: Someone, patient: JSON, row: str) -> None:
    bad = _MEDICARE_ROWS[row]
    body = a_coverage_body(**{"payer_id": MEDICARE, "member_id": MBI, **bad.changes})
    answer = await send(admin, "POST", f"/v1/patients/{patient['id']}/coverages", body)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, body)


async def test_a_payer_is_not_changed_by_a_patch(admin: Someone, coverage: JSON) -> None:
    answer = await send(admin, "PATCH", path_of(coverage), {"payer_id": MEDICARE})
    refused(answer, 422, "validation_failed", {("unknown_field", "/payer_id")})


async def test_a_policy_stands_once_whatever_its_spelling(admin: Someone, patient: JSON) -> None:
    coverage = await admin.new_coverage(patient["id"], member_id="MLK 700-321")
    for spelling in ("MLK 700-321", "MLK700321", "MLK-700 321"):
        body = a_coverage_body(member_id=spelling, wished_rank="secondary")
        answer = await admin.post(f"/v1/patients/{patient['id']}/coverages", body)
        refused(answer, 409, "coverage_duplicate", {("coverage_duplicate", "/member_id")})
        repeats_nothing(answer, spelling)
    other = await admin.new_coverage(patient["id"])
    answer = await admin.patch(path_of(other), {"member_id": coverage["member_id"]}, version=1)
    refused(answer, 409, "coverage_duplicate", {("coverage_duplicate", "/member_id")})


async def test_a_policy_of_another_patient_is_taken_like_any_other(admin: Someone) -> None:
    """Whether someone else has a member id is not to be found out by adding it."""
    answers = []
    for _ in range(2):
        path = f"/v1/patients/{(await admin.new_patient())['id']}/coverages"
        answers.append(await admin.post(path, a_coverage_body(member_id="MLK755555")))
    own = {"id", "patient_id", "created_at", "updated_at"}
    told = [{name: value for name, value in answer.json().items() if name not in own} for answer in answers]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert told[0] == told[1]


async def test_what_was_decided_is_not_decided_again(admin: Someone, patient: JSON) -> None:
    rejected = await admin.new_coverage(patient["id"], **blue_heron())
    word = {"outcome": "rejected", "evidence": "payer_called"}
    assert (await admin.post(path_of(rejected, "/verify"), word, If_Match='"1"')).json()["status"] == "rejected"
    refused(await admin.post(path_of(rejected, "/verify"), word, If_Match='"2"'), 409, "coverage_not_unverified")
    refused(await admin.patch(path_of(rejected), {"plan_name": "Plan"}, version=2), 409, "coverage_closed")
    ending = {"effective_to": "2026-01-01", "reason": "entered_in_error"}
    refused(await admin.post(path_of(rejected, "/terminate"), ending, If_Match='"2"'), 409, "coverage_closed")
    asked = await admin.post(path_of(rejected, "/eligibility-checks"), {})
    refused(asked, 409, "coverage_closed")


async def test_a_verified_coverages_rank_belongs_to_the_order(admin: Someone) -> None:
    patient = await admin.new_patient()
    coverage = await admin.verified_coverage(patient["id"])
    answer = await admin.patch(path_of(coverage), {"wished_rank": "tertiary"}, version=coverage["version"])
    refused(answer, 409, "rank_belongs_to_order")
    second = await admin.new_coverage(patient["id"], **blue_heron(wished_rank="primary"))
    word = {"outcome": "verified", "evidence": "card_seen"}
    answer = await admin.post(path_of(second, "/verify"), word, If_Match='"1"')
    refused(answer, 409, "coverage_rank_taken", {("coverage_rank_taken", "/wished_rank")})


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({"outcome": "verified"}, ("missing", "/evidence")),
        ({"outcome": "true", "evidence": "card_seen"}, ("enum", "/outcome")),
        ({"outcome": "verified", "evidence": "a friend of Quackenbush"}, ("enum", "/evidence")),
        ({"outcome": "verified", "evidence": "card_seen", "rank": "primary"}, ("unknown_field", "/rank")),
    ],
)
async def test_a_bad_verification_is_refused(
    admin: Someone, coverage: JSON, body: JSON, finding: tuple[str, str]
) -> None:
    answer = await admin.post(path_of(coverage, "/verify"), body, If_Match='"1"')
    refused(answer, 422, "validation_failed", {finding})
    repeats_nothing(answer, body)


async def test_an_end_lies_within_the_period(admin: Someone) -> None:
    patient = await admin.new_patient()
    coverage = await admin.verified_coverage(patient["id"], effective_from="2026-02-01", effective_to="2026-03-31")
    for day in ("2026-01-31", "2026-04-01"):
        body = {"effective_to": day, "reason": "plan_changed"}
        answer = await admin.post(path_of(coverage, "/terminate"), body, If_Match=f'"{coverage["version"]}"')
        refused(answer, 422, "validation_failed", {("period_order", "/effective_to")})
    assert (await admin.get(path_of(coverage))).json()["effective_to"] == "2026-03-31"


async def test_a_patient_says_no_more_than_a_patient_may(
    http: httpx.AsyncClient, whole_service: RunningService, admin: Someone, stranger: Someone
) -> None:
    record = await admin.new_patient()
    practice_id = UUID((await admin.get("/v1/practice")).json()["id"])
    patient = Someone.of(http, whole_service, Role.PATIENT, practice_id, patient_id=UUID(record["id"]))
    own = f"/v1/patients/{record['id']}/coverages"
    refused(
        await patient.post(own, a_coverage_body()),
        409,
        "patient_rank_refused",
        {("patient_rank_refused", "/wished_rank")},
    )
    for name in ("status", "verification", "source", "priority"):
        answer = await patient.post(own, a_coverage_body(**blue_heron(), **{name: "verified"}))
        refused(answer, 422, "validation_failed", {("unknown_field", f"/{name}")})
    for other in (await admin.new_patient(), await stranger.new_patient()):
        refused(await patient.post(f"/v1/patients/{other['id']}/coverages", a_coverage_body()), 404, "not_found")
    added = await patient.new_coverage(record["id"], **blue_heron())
    refused(await patient.patch(path_of(added), {"plan_name": "Plan"}, version=1), 403, "role_forbidden")
    refused(await patient.get(f"/v1/patients/{record['id']}"), 403, "role_forbidden")
