"""J1 and J2 as far as coverages and eligibility go, over HTTP with a real worker, sandbox and database."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.domain.callers import Role
from app.domain.payers import payer_id
from app.domain.practices import Practice
from tests.journeys.walking import Someone, a_coverage_body, a_patient_body, blue_heron
from tests.running import RunningService


@pytest.fixture
def clinician(http: httpx.AsyncClient, service: RunningService, practice: Practice) -> Someone:
    return Someone.of(http, service, Role.CLINICIAN, practice.id)


def codes(answer: httpx.Response) -> list[str]:
    return [finding["code"] for finding in answer.json()["findings"]]


async def checked(someone: Someone, coverage: dict[str, Any]) -> httpx.Response:
    return await someone.post(f"/v1/coverages/{coverage['id']}/eligibility-checks", {}, Prefer="wait=20")


async def test_a_clinician_adds_and_checks_a_primary_and_a_secondary(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    primary = await clinician.new_coverage(patient["id"])
    secondary = await clinician.new_coverage(patient["id"], **blue_heron())
    assert (primary["status"], secondary["status"]) == ("unverified", "unverified")
    assert primary["ranks"] == []
    for coverage, rank in ((primary, "primary"), (secondary, "secondary")):
        answer = await checked(clinician, coverage)
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/v1/eligibility-checks/{answer.json()['id']}"
        assert answer.json()["outcome"] == "confirmed"
        assert answer.json()["result"]["active"] is True
        assert answer.json()["result"]["copayments"]
        now = (await clinician.get(f"/v1/coverages/{coverage['id']}")).json()
        assert (now["status"], now["verification"]) == ("verified", "eligibility_check")
        assert [row["rank"] for row in now["ranks"]] == [rank]
    assert (await clinician.get(f"/v1/coverages/{primary['id']}")).json()["ranks"][0]["rank"] == "primary"


async def test_a_patients_own_addition_checks_itself_and_shows_the_outcome_only(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, clinician: Someone
) -> None:
    record = await clinician.new_patient()
    patient = Someone.of(http, service, Role.PATIENT, practice.id, patient_id=UUID(record["id"]))
    added = await patient.new_coverage(record["id"], **blue_heron())
    assert (added["status"], added["source"]) == ("unverified", "patient")
    async with asyncio.timeout(20):
        while (seen := (await patient.get(f"/v1/coverages/{added['id']}")).json())["status"] == "unverified":
            await asyncio.sleep(0.1)
    assert (seen["status"], seen["verification"]) == ("verified", "eligibility_check")
    (check,) = (await patient.get(f"/v1/coverages/{added['id']}/eligibility-checks")).json()["data"]
    assert (check["outcome"], check["result"]) == ("confirmed", None)
    (for_staff,) = (await clinician.get(f"/v1/coverages/{added['id']}/eligibility-checks")).json()["data"]
    assert for_staff["result"]["plan_name"]


async def test_a_patients_addition_that_nobody_knows_stays_unverified_and_becomes_work(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, clinician: Someone
) -> None:
    record = await clinician.new_patient()
    patient = Someone.of(http, service, Role.PATIENT, practice.id, patient_id=UUID(record["id"]))
    biller = Someone.of(http, service, Role.BILLER, practice.id)
    added = await patient.new_coverage(record["id"], **blue_heron(member_id="BHM999999"))
    async with asyncio.timeout(20):
        while not (work := (await biller.get("/v1/work-items", status="open")).json()["data"]):
            await asyncio.sleep(0.1)
    assert [(item["kind"], item["reason"], item["coverage_id"]) for item in work] == [
        ("coverage_not_confirmed", "member_not_found", added["id"])
    ]
    assert (await patient.get(f"/v1/coverages/{added['id']}")).json()["status"] == "unverified"
    withdrawn = await clinician.post(
        f"/v1/coverages/{added['id']}/terminate",
        {"effective_to": "2026-01-01", "reason": "entered_in_error"},
        If_Match='"1"',
    )
    assert withdrawn.json()["status"] == "withdrawn"
    assert (await biller.get("/v1/work-items", status="open")).json()["data"] == []


async def test_a_patient_adds_no_primary_and_at_most_five_a_day(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, clinician: Someone
) -> None:
    record = await clinician.new_patient()
    patient = Someone.of(http, service, Role.PATIENT, practice.id, patient_id=UUID(record["id"]))
    path = f"/v1/patients/{record['id']}/coverages"
    refused = await patient.post(path, a_coverage_body())
    assert (refused.status_code, refused.json()["code"]) == (409, "patient_rank_refused")
    bodies = [a_coverage_body(**blue_heron(member_id=f"BHM99{n:04d}")) for n in range(8)]
    answers = await asyncio.gather(*(patient.post(path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [429] * 3
    assert {answer.headers.get("retry-after") for answer in answers if answer.status_code == 429} == {"3600"}


async def test_a_confirmed_coverage_whose_rank_is_taken_waits_for_a_person(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, clinician: Someone
) -> None:
    biller = Someone.of(http, service, Role.BILLER, practice.id)
    patient = await clinician.new_patient()
    await clinician.verified_coverage(patient["id"])
    second = await clinician.new_coverage(patient["id"], **blue_heron(wished_rank="primary"))
    answer = await checked(clinician, second)
    assert answer.json()["outcome"] == "confirmed"
    assert "coverage_rank_taken" in [finding["code"] for finding in answer.json()["result"]["findings"]]
    assert (await clinician.get(f"/v1/coverages/{second['id']}")).json()["status"] == "unverified"
    (item,) = (await biller.get("/v1/work-items", status="open")).json()["data"]
    assert item["kind"] == "coverage_rank_taken"


async def test_the_order_swaps_from_a_day_on_and_keeps_the_past(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    one = await clinician.verified_coverage(patient["id"])
    two = await clinician.verified_coverage(patient["id"], **blue_heron())
    path = f"/v1/patients/{patient['id']}/coverages/order"
    order = await clinician.get(path)
    version = int(order.headers["etag"].strip('"'))
    body = {
        "effective_from": "2026-07-01",
        "ranks": [{"coverage_id": two["id"], "rank": "primary"}, {"coverage_id": one["id"], "rank": "secondary"}],
    }
    swapped = await clinician.put(path, body, version=version)
    assert swapped.status_code == 200, swapped.text
    rows = {
        (row["coverage_id"], row["rank"], row["effective_from"], row["effective_to"]) for row in swapped.json()["ranks"]
    }
    assert rows == {
        (one["id"], "primary", None, "2026-06-30"),
        (two["id"], "secondary", None, "2026-06-30"),
        (two["id"], "primary", "2026-07-01", None),
        (one["id"], "secondary", "2026-07-01", None),
    }
    stale = await clinician.put(path, body, version=version)
    assert (stale.status_code, stale.json()["code"]) == (412, "version_stale")


async def test_an_order_that_leaves_one_out_or_puts_two_at_one_rank_is_refused_whole(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    one = await clinician.verified_coverage(patient["id"])
    two = await clinician.verified_coverage(patient["id"], **blue_heron())
    path = f"/v1/patients/{patient['id']}/coverages/order"
    version = int((await clinician.get(path)).headers["etag"].strip('"'))
    left_out = await clinician.put(
        path,
        {"effective_from": "2026-07-01", "ranks": [{"coverage_id": one["id"], "rank": "primary"}]},
        version=version,
    )
    assert (left_out.status_code, codes(left_out)) == (409, ["order_incomplete"])
    both = await clinician.put(
        path,
        {
            "effective_from": "2026-07-01",
            "ranks": [{"coverage_id": one["id"], "rank": "primary"}, {"coverage_id": two["id"], "rank": "primary"}],
        },
        version=version,
    )
    assert (both.status_code, codes(both)) == (409, ["coverage_rank_taken"])


async def test_ending_a_primary_with_a_live_secondary_warns(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    primary = await clinician.verified_coverage(patient["id"])
    await clinician.verified_coverage(patient["id"], **blue_heron())
    ended = await clinician.post(
        f"/v1/coverages/{primary['id']}/terminate",
        {"effective_to": "2026-06-30", "reason": "coverage_ended"},
        If_Match=f'"{primary["version"]}"',
    )
    assert codes(ended) == ["primary_ended"]
    assert ended.json()["ranks"][0]["effective_to"] == "2026-06-30"


async def test_the_same_payer_and_member_id_is_refused_on_a_second_rank(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    coverage = await clinician.new_coverage(patient["id"])
    again = await clinician.post(
        f"/v1/patients/{patient['id']}/coverages",
        a_coverage_body(member_id=coverage["member_id"], wished_rank="secondary"),
    )
    assert (again.status_code, again.json()["code"]) == (409, "coverage_duplicate")
    assert coverage["member_id"] not in again.text


async def test_a_payer_that_is_down_is_a_named_outcome_with_what_to_do(clinician: Someone) -> None:
    patient = await clinician.new_patient(
        name={"last": "Unheard", "first": "Quietly"}, birth_date="1975-05-05", sex="female"
    )
    coverage = await clinician.new_coverage(patient["id"], payer_id=str(payer_id("XOVR6")), member_id="SHA600001")
    answer = (await checked(clinician, coverage)).json()
    assert (answer["outcome"], answer["result"]["rejection_codes"]) == ("payer_unavailable", ["42"])
    assert answer["result"]["what_to_do"]


async def test_without_waiting_a_check_is_answered_202_with_where_to_look(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    coverage = await clinician.new_coverage(patient["id"])
    answer = await clinician.post(f"/v1/coverages/{coverage['id']}/eligibility-checks", {}, Prefer="wait=0")
    assert answer.status_code in {201, 202}
    assert answer.headers["location"].startswith("/v1/eligibility-checks/")
    async with asyncio.timeout(20):
        while (await clinician.get(answer.headers["location"])).json()["status"] != "answered":
            await asyncio.sleep(0.1)


async def test_a_repeated_key_is_answered_again_and_another_request_under_it_is_refused(clinician: Someone) -> None:
    body = a_patient_body()
    first = await clinician.post("/v1/patients", body, key="once-and-again")
    again = await clinician.post("/v1/patients", body, key="once-and-again")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = await clinician.post("/v1/patients", a_patient_body(), key="once-and-again")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_sixty_four_requests_with_one_key_do_the_work_once(clinician: Someone) -> None:
    body = a_patient_body()
    answers = await asyncio.gather(*(clinician.post("/v1/patients", body, key="sixty-four") for _ in range(64)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert len({answer.json()["id"] for answer in done}) == 1
    listed = (await clinician.get("/v1/patients", external_id=body["external_id"])).json()["data"]
    assert len(listed) == 1


async def test_concurrent_confirmations_leave_one_coverage_at_a_rank(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    coverages = [await clinician.new_coverage(patient["id"], member_id=f"MLK7{n:05d}") for n in range(8)]
    answers = await asyncio.gather(
        *(
            clinician.post(
                f"/v1/coverages/{coverage['id']}/verify",
                {"outcome": "verified", "evidence": "payer_called"},
                If_Match='"1"',
            )
            for coverage in coverages
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"coverage_rank_taken"}
