"""Bad questions to payers over the running API, each with its exact answer, and preferences nobody understands."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.api.routers.refusals import Row, refused, repeats_nothing, send
from tests.journeys.walking import JSON, Someone

_ROWS: dict[str, Row] = {
    "before 1990": Row({"service_date": "1989-12-31"}, {("date_range", "/service_date")}),
    "more than a year ahead": Row(
        {"service_date": (datetime.now(UTC) + timedelta(days=370)).date().isoformat()},
        {("date_range", "/service_date")},
    ),
    "no such day": Row({"service_date": "2026-02-30"}, {("date_format", "/service_date")}),
    "a provider nobody knows": Row({"provider_id": str(uuid4())}, {("provider_unknown", "/provider_id")}),
    "a provider by NPI": Row({"provider_id": "1234567893"}, {("identifier_format", "/provider_id")}),
    "both at once": Row(
        {"service_date": "1989-12-31", "provider_id": str(uuid4())},
        {("date_range", "/service_date"), ("provider_unknown", "/provider_id")},
    ),
    "what the service decides": Row(
        {"status": "answered", "outcome": "confirmed"}, {("unknown_field", "/status"), ("unknown_field", "/outcome")}
    ),
}


@pytest.fixture(scope="module")
async def coverage(admin: Someone, patient: JSON) -> JSON:
    return await admin.new_coverage(patient["id"])


def path_of(coverage: JSON) -> str:
    return f"/v1/coverages/{coverage['id']}/eligibility-checks"


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_question_is_refused_and_asks_nobody(admin: Someone, coverage: JSON, row: str) -> None:
    bad = _ROWS[row]
    answer = await send(admin, "POST", path_of(coverage), bad.changes)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, bad.changes)
    assert (await admin.get(path_of(coverage))).json()["data"] == []


async def test_another_practices_provider_is_one_that_nobody_knows(
    admin: Someone, stranger: Someone, coverage: JSON
) -> None:
    foreign = await stranger.post(
        "/v1/providers", {"kind": "organization", "npi": "1234567893", "organization_name": "Invented Group"}
    )
    answer = await admin.post(path_of(coverage), {"provider_id": foreign.json()["id"]})
    refused(answer, 422, "validation_failed", {("provider_unknown", "/provider_id")})


@pytest.mark.parametrize(
    "prefer", ["wait=0", "wait=-1", "wait=soon", "wait=99999999999999", "respond-async", ";;;,,,", "wait"]
)
async def test_a_preference_nobody_understands_is_ignored(admin: Someone, prefer: str) -> None:
    coverage = await admin.new_coverage((await admin.new_patient())["id"])
    answer = await admin.post(path_of(coverage), {}, Prefer=prefer)
    assert answer.status_code in {201, 202}, answer.text


async def test_many_checks_in_a_row_are_all_taken(admin: Someone) -> None:
    """More than a connection's first five: from then on the server plans a statement for any value."""
    coverage = await admin.new_coverage((await admin.new_patient())["id"])
    for _ in range(12):
        answer = await admin.post(path_of(coverage), {}, Prefer="wait=0")
        assert answer.status_code in {201, 202}, answer.text
    assert len((await admin.get(path_of(coverage))).json()["data"]) == 12


async def test_a_check_nobody_has_is_not_found(admin: Someone, stranger: Someone) -> None:
    coverage = await stranger.new_coverage((await stranger.new_patient())["id"])
    check = (await stranger.post(path_of(coverage), {}, Prefer="wait=20")).json()
    for check_id in (check["id"], str(uuid4()), check["id"].upper(), "latest"):
        refused(await admin.get(f"/v1/eligibility-checks/{check_id}"), 404, "not_found")
    refused(await admin.get(path_of(coverage)), 404, "not_found")
    refused(await admin.post(path_of(coverage), {}), 404, "not_found")
