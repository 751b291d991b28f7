"""J12: two practices whose claims one payer pays with one remittance. Neither reads a byte of the other's, whoever looks.

Who may do what to whose record is asked operation by operation in `test_access_matrix.py`. Here everything that a practice
can read is read, and nothing that only the other one has is in it: no id, number, name or amount, in no list, timeline,
review, remittance, 837P or audit trail.
"""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from app.domain.adjudications import Adjustment
from app.domain.remittances import ClaimPayment
from tests.journeys.claim_walking import (
    COPAYA,
    Staff,
    a_line_body,
    a_session_day,
    act,
    new_claim,
    new_insured,
    next_claim,
    path_of,
    refusal,
    sent_837,
    submit,
    until,
)
from tests.journeys.walking import JSON, Someone
from tests.running import Databases, RunningService
from tests.x12.claims import co, pr
from tests.x12.remittances import a_claim as a_payment
from tests.x12.remittances import a_remittance, a_service
from tests.x12.texts_835 import a_835

NAMES = ("Quillworth", "Zandermere")
OF_A_CLAIM = ("", "/review", "/repairs", "/adjudications", "/submissions", "/timeline", "/837")


@dataclass(frozen=True, kw_only=True)
class House:
    """One of the practices: its people, its claims to both payers, and all that only it should ever read."""

    staff: Staff
    claims: list[JSON]
    patient: JSON
    amounts: tuple[str, str]
    """What the first payer paid, and what it took off by contract."""
    own: set[str]

    @property
    def people(self) -> tuple[Someone, ...]:
        return (self.staff.clinician, self.staff.biller, self.staff.admin)


@pytest.fixture(scope="module")
async def houses(databases: Databases, service: RunningService, http: httpx.AsyncClient) -> list[House]:
    """80.00 and 45.00 here, 61.37 and 63.63 there, and 25.00 to the patient: one payment of 141.37."""
    staffs = [Staff.of(http, service, (await databases.add_practice()).id) for _ in NAMES]
    amounts = [("80.00", "45.00"), ("61.37", "63.63")]
    primaries = await asyncio.gather(*(_pended(one, name) for one, name in zip(staffs, NAMES, strict=True)))
    payments = [a_payment_of(claim, *of) for claim, of in zip(primaries, amounts, strict=True)]
    remittance = a_remittance(*payments, payer_id="XOVR1", trace_number=uuid4().hex[:20].upper())
    async with httpx.AsyncClient(base_url=service.sandbox_url) as sandbox:
        await sandbox.post("/sandbox/outbox", json={"type": "835", "x12": a_835(remittance)})
    return list(
        await asyncio.gather(*(_billed_on(*one) for one in zip(staffs, primaries, amounts, strict=True))),
    )


async def _pended(staff: Staff, name: str) -> JSON:
    """A claim that waits for its payer's word."""
    patient = {**COPAYA, "name": {"last": name, "first": "Copaya"}, "external_id": f"{name}-{uuid4().hex}"}
    insured = await new_insured(staff.admin, patient=patient, primary={"member_id": "MLK100010PEND"})
    body = insured.claim_body(lines=[a_line_body(first_date=a_session_day())], encounter_id=f"{name}-{uuid4().hex}")
    claim = await new_claim(staff.biller, body)
    await submit(staff.biller, claim)
    return await until(staff.biller, claim, "pended")


def a_payment_of(claim: JSON, paid: str, contractual: str) -> ClaimPayment:
    adjustments: tuple[Adjustment, ...] = (co(contractual), pr("25.00"))
    service = a_service(
        line_control_number=claim["lines"][0]["control_number"], paid=Decimal(paid), adjustments=adjustments
    )
    number = f"ICN{uuid4().hex[:12].upper()}"
    return a_payment(service, patient_control_number=claim["patient_control_number"], payer_claim_number=number)


async def _billed_on(staff: Staff, pended: JSON, amounts: tuple[str, str]) -> House:
    """The claim to the second payer is made and sent as well."""
    primary = await until(staff.biller, pended, "paid")
    secondary = await next_claim(staff.biller, primary)
    await submit(staff.biller, secondary)
    secondary = await until(staff.biller, secondary, "paid")
    patient = (await staff.clinician.get(f"/v1/patients/{primary['patient_id']}")).json()
    own = {patient["name"]["last"].upper(), patient["external_id"], patient["id"], *amounts}
    for claim in (primary, secondary):
        names = ("id", "chain_id", "encounter_id", "coverage_id", "patient_control_number", "payer_claim_number")
        own |= {claim[name] for name in (*names, "rendering_provider_id")}
        own |= {line[name] for line in claim["lines"] for name in ("id", "control_number")}
        for verb in ("/adjudications", "/submissions", "/timeline"):
            own |= {one["id"] for one in (await staff.biller.get(path_of(claim, verb))).json()["data"]}
    own |= {one["id"] for one in (await staff.biller.get("/v1/remittances")).json()["data"]}
    return House(staff=staff, claims=[primary, secondary], patient=patient, amounts=amounts, own=own)


def the_other(houses: list[House], house: House) -> House:
    return next(one for one in houses if one is not house)


async def everything(house: House) -> str:
    """All that the people of the practice can read, status lines and headers too, in capital letters."""
    of_patient = f"/v1/patients/{house.patient['id']}"
    paths = ["/v1/practice", "/v1/providers", "/v1/claims", "/v1/remittances", "/v1/work-items", of_patient]
    paths += [f"{of_patient}/coverages", f"{of_patient}/coverages/order"]
    paths += [path_of(claim, verb) for claim in house.claims for verb in OF_A_CLAIM]
    told = []
    for someone in house.people:
        answers = [await someone.get(path) for path in paths]
        remittances = answers[3].json().get("data", [])
        answers += [
            await someone.get(f"/v1/remittances/{one['id']}{verb}")
            for one in remittances
            for verb in ("", "/claim-payments")
        ]
        answers.append(await someone.get("/v1/audit-events", patient_id=house.patient["id"], limit="100"))
        told += [f"{dict(answer.headers)}\n{answer.text}" for answer in answers]
    return "\n".join(told).upper()


@pytest.mark.parametrize("index", [0, 1], ids=NAMES)
async def test_a_practice_reads_its_own_and_not_a_byte_of_the_others(houses: list[House], index: int) -> None:
    house = houses[index]
    told = await everything(house)
    assert {word for word in house.own if word.upper() not in told} == set()
    foreign = the_other(houses, house).own - house.own
    assert len(foreign) > 30
    assert {word for word in foreign if word.upper() in told} == set()


@pytest.mark.parametrize("index", [0, 1], ids=NAMES)
async def test_of_a_shared_remittance_a_practice_sees_its_own_claim_and_its_own_sum(
    houses: list[House], index: int
) -> None:
    house = houses[index]
    listed = (await house.staff.biller.get("/v1/remittances")).json()["data"]
    (shared,) = [one for one in listed if one["payer_id"] == "XOVR1"]
    assert shared["total_paid"] == house.amounts[0]
    whole = await house.staff.biller.get(f"/v1/remittances/{shared['id']}")
    assert [(one["claim_id"], one["paid"]) for one in whole.json()["claim_payments"]] == [
        (house.claims[0]["id"], house.amounts[0])
    ]
    assert "141.37" not in whole.text
    for someone in (the_other(houses, house).staff.biller, the_other(houses, house).staff.admin):
        for verb in ("", "/claim-payments"):
            refused = await someone.get(f"/v1/remittances/{shared['id']}{verb}")
            assert refusal(refused) == (404, "not_found")


async def test_a_list_finds_nothing_by_what_only_the_other_practice_has(houses: list[House]) -> None:
    ours, theirs = houses
    of_theirs = theirs.claims[0]
    filters = {name: of_theirs[name] for name in ("patient_id", "encounter_id")}
    filters["provider_id"] = of_theirs["rendering_provider_id"]
    for someone in ours.people:
        for name, value in filters.items():
            answer = await someone.get("/v1/claims", **{name: value})
            assert (answer.status_code, answer.json()) == (200, {"data": [], "next_cursor": None}), name
        mine = (await someone.get("/v1/claims")).json()["data"]
        assert {one["id"] for one in mine} == {claim["id"] for claim in ours.claims}


async def test_the_others_claims_are_not_there_whoever_asks_for_what_of_them(houses: list[House]) -> None:
    ours, theirs = houses
    for someone in ours.people:
        for claim in theirs.claims:
            answers = [await someone.get(path_of(claim, verb)) for verb in OF_A_CLAIM]
            answers.append(await someone.get(path_of(claim, "/837"), sequence="1"))
            assert {refusal(answer) for answer in answers} == {(404, "not_found")}
    for verb in ("/secondary", "/submissions", "/hold"):
        body = {"reason": "by_hand"} if verb == "/hold" else None
        refused = await act(ours.staff.biller, theirs.claims[0], verb, body)
        assert refusal(refused) == (404, "not_found")


async def test_each_practices_837p_is_its_own(houses: list[House]) -> None:
    for house in houses:
        texts = [await sent_837(house.staff.biller, claim) for claim in house.claims]
        name, foreign = house.patient["name"]["last"].upper(), the_other(houses, house)
        for text in texts:
            assert f"*{name}*COPAYA" in text
            assert {word for word in foreign.own - house.own if word.upper() in text} == set()
