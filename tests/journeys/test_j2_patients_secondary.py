"""J2: a patient adds a secondary with a portal token. It cannot be billed; eligibility confirms it; now it can.

What the patient typed has a slip in the member id, so the coverage's own check does not confirm it. Staff correct it.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from app.domain.callers import Role
from tests.journeys.claim_walking import (
    COPAYA,
    Staff,
    a_claim_body,
    a_line_body,
    a_provider_body,
    a_session_day,
    act,
    booked,
    decision_on,
    money_in,
    new_claim,
    next_claim,
    other_payers,
    paid,
    path_of,
    refusal,
    review_of,
    sent_837,
)
from tests.journeys.walking import JSON, Someone, blue_heron
from tests.running import Databases, RunningService
from tests.x12.claims import body as segments_of


@dataclass(frozen=True, kw_only=True)
class Walked:
    """`refused` is what asking for the secondary was answered with while the coverage was unverified: by itself, naming
    the coverage, and bringing the first payer's decision along.
    """

    staff: Staff
    service: RunningService
    patient: Someone
    stranger: JSON
    added: JSON
    work: list[JSON]
    primary: JSON
    primary_837: str
    refused: list[httpx.Response]
    check: JSON
    confirmed: JSON
    secondary: JSON
    secondary_paid: JSON


@pytest.fixture(scope="module")
async def walked(databases: Databases, service: RunningService, http: httpx.AsyncClient) -> Walked:
    staff = Staff.of(http, service, (await databases.add_practice()).id)
    clinician, biller = staff.clinician, staff.biller
    record = await clinician.new_patient(**COPAYA)
    await clinician.verified_coverage(record["id"], member_id="MLK100010")
    patient = Someone.of(http, service, Role.PATIENT, staff.practice_id, patient_id=UUID(record["id"]))
    added = await patient.new_coverage(record["id"], **blue_heron(member_id="BHM200011"))
    work = await until_waiting(biller)
    provider = (await staff.admin.post("/v1/providers", a_provider_body())).json()
    lines = [a_line_body(first_date=a_session_day())]
    body = a_claim_body(record["id"], rendering_provider_id=provider["id"], lines=lines)
    primary = await paid(biller, await new_claim(biller, body))
    refused = [
        await act(biller, primary, "/secondary", wanted)
        for wanted in ({}, {"coverage_id": added["id"]}, {"adjudication": a_decision(primary)})
    ]
    corrected = await clinician.patch(f"/v1/coverages/{added['id']}", {"member_id": "BHM200010"}, version=1)
    assert corrected.status_code == 200, corrected.text
    check = await clinician.post(f"/v1/coverages/{added['id']}/eligibility-checks", {}, Prefer="wait=20")
    confirmed = (await clinician.get(f"/v1/coverages/{added['id']}")).json()
    secondary = await next_claim(biller, primary)
    return Walked(
        staff=staff,
        service=service,
        patient=patient,
        stranger=await clinician.new_patient(),
        added=added,
        work=work,
        primary=primary,
        primary_837=await sent_837(biller, primary),
        refused=refused,
        check=check.json(),
        confirmed=confirmed,
        secondary=secondary,
        secondary_paid=await paid(biller, secondary),
    )


async def until_waiting(biller: Someone) -> list[JSON]:
    async with asyncio.timeout(20):
        while not (items := (await biller.get("/v1/work-items", status="open")).json()["data"]):
            await asyncio.sleep(0.1)
        return list(items)


def a_decision(primary: JSON) -> JSON:
    totals = {"paid": "80.00", "adjustments": "45.00", "patient_responsibility": "25.00", "copay": "25.00"}
    return {"adjudication_date": primary["last_service_date"], "totals": totals}


async def test_what_the_patient_added_is_unverified_and_becomes_work(walked: Walked) -> None:
    assert (walked.added["status"], walked.added["source"], walked.added["ranks"]) == ("unverified", "patient", [])
    assert [(one["kind"], one["reason"], one["coverage_id"]) for one in walked.work] == [
        ("coverage_not_confirmed", "member_not_found", walked.added["id"])
    ]


async def test_an_unverified_coverage_is_not_billed_whoever_asks_however(walked: Walked) -> None:
    assert [refusal(one) for one in walked.refused] == [(409, "coverage_unverified")] * 3
    assert {one.json()["findings"][0]["pointer"] for one in walked.refused} == {"/coverage_id"}


async def test_a_refused_claim_leaves_no_decision_behind(walked: Walked) -> None:
    versions = (await walked.staff.biller.get(path_of(walked.primary, "/adjudications"))).json()["data"]
    assert [one["source"] for one in versions] == ["era"]


async def test_an_unverified_coverage_is_named_to_nobody(walked: Walked) -> None:
    segments = segments_of(walked.primary_837)
    assert [one for one in segments if one.startswith("SBR*")] == ["SBR*P*18*******CI"]
    assert "BHM2000" not in walked.primary_837


async def test_once_its_payer_confirms_it_the_coverage_holds_its_rank(walked: Walked) -> None:
    assert walked.check["outcome"] == "confirmed"
    assert (walked.confirmed["status"], walked.confirmed["verification"]) == ("verified", "eligibility_check")
    assert [row["rank"] for row in walked.confirmed["ranks"]] == ["secondary"]
    assert (await walked.staff.biller.get("/v1/work-items", status="open")).json()["data"] == []


async def test_and_then_it_is_billed_and_pays(walked: Walked) -> None:
    """With what the first payer's own remittance said: 150.00 = 80.00 + 45.00 + 25.00."""
    biller, secondary = walked.staff.biller, walked.secondary
    assert (secondary["status"], secondary["coverage_id"]) == ("draft", walked.added["id"])
    assert (await review_of(biller, secondary))["amount_asked"] == "25.00"
    text = await sent_837(biller, secondary)
    assert "NM1*IL*1*PLAINLY*COPAYA****MI*BHM200010" in segments_of(text)
    assert [one for one in other_payers(text) if one.startswith(("AMT*", "SVD*", "CAS*"))] == [
        "AMT*D*80",
        "SVD*XOVR1*80*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        "AMT*EAF*25",
    ]
    assert (walked.secondary_paid["status"], walked.secondary_paid["outcome"]) == ("paid", "paid")
    decision = money_in(await decision_on(biller, secondary))
    assert decision == {"paid": "25.00", "claim": [], "lines": [("25.00", "OA-23 125.00")]}
    assert await booked(walked.service, walked.primary, secondary) == [1, 1]


async def test_the_patient_sees_nothing_of_claims(walked: Walked) -> None:
    paths = ["/v1/claims", "/v1/remittances", "/v1/work-items"]
    paths += [
        path_of(claim, verb)
        for claim in (walked.primary, walked.secondary)
        for verb in ("", "/review", "/repairs", "/adjudications", "/submissions", "/timeline", "/837")
    ]
    answers = [await walked.patient.get(path) for path in paths]
    assert {refusal(answer) for answer in answers} == {(403, "role_forbidden")}
    refused = await act(walked.patient, walked.primary, "/secondary")
    assert refusal(refused) == (403, "role_forbidden")


async def test_the_patient_sees_the_outcome_of_the_checks_and_nobody_elses_data(walked: Walked) -> None:
    checks = (await walked.patient.get(f"/v1/coverages/{walked.added['id']}/eligibility-checks")).json()["data"]
    assert [(one["outcome"], one["result"]) for one in checks] == [("confirmed", None), ("member_not_found", None)]
    foreign = await walked.staff.clinician.new_coverage(walked.stranger["id"])
    for path in (f"/v1/coverages/{foreign['id']}", f"/v1/patients/{walked.stranger['id']}/coverages"):
        assert refusal(await walked.patient.get(path)) == (404, "not_found")
