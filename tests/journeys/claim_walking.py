"""Claims over HTTP: bodies, and the few verbs with which a journey gets from nothing to a claim that can be sent."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from app.domain.payers import payer_id
from tests.journeys.walking import JSON, Someone, blue_heron
from tests.planting import new_npi

SERVICE_DAY = "2026-03-02"
MEADOWLARK, BLUE_HERON = str(payer_id("XOVR1")), str(payer_id("XOVR2"))


def a_line_body(**changes: Any) -> JSON:
    """An hour of psychotherapy for 150.00."""
    return {
        "procedure_code": "90837",
        "charge": "150.00",
        "units": "1",
        "diagnosis_pointers": [1],
        "first_date": SERVICE_DAY,
        **changes,
    }


def a_claim_body(patient_id: str, **changes: Any) -> JSON:
    return {
        "encounter_id": f"ENC-{uuid4().hex}",
        "patient_id": patient_id,
        "place_of_service": "11",
        "diagnoses": ["F411"],
        "lines": [a_line_body()],
        **changes,
    }


def a_provider_body(**changes: Any) -> JSON:
    """A therapist in the networks of both payers."""
    terms = {"accepts_assignment": "assigned", "in_network": True}
    return {
        "kind": "person",
        "npi": new_npi(),
        "name": {"last": "Madeup", "first": "Thera"},
        "taxonomy_code": "101YM0800X",
        "participations": [{"payer_id": payer, **terms} for payer in (MEADOWLARK, BLUE_HERON)],
        **changes,
    }


@dataclass(frozen=True)
class Insured:
    """A patient with a verified primary and a verified secondary coverage, and who treats them."""

    patient: JSON
    primary: JSON
    secondary: JSON
    provider: JSON

    def claim_body(self, **changes: Any) -> JSON:
        """Of a claim that lacks nothing."""
        return a_claim_body(self.patient["id"], **{"rendering_provider_id": self.provider["id"], **changes})


async def new_insured(
    admin: Someone, *, patient: JSON | None = None, primary: JSON | None = None, secondary: JSON | None = None
) -> Insured:
    """Each argument is what is to be different: of the patient's body, or of a coverage's."""
    record = await admin.new_patient(**(patient or {}))
    answer = await admin.post("/v1/providers", a_provider_body())
    assert answer.status_code == 201, answer.text
    return Insured(
        patient=record,
        primary=await admin.verified_coverage(record["id"], **(primary or {})),
        secondary=await admin.verified_coverage(record["id"], **blue_heron(**(secondary or {}))),
        provider=answer.json(),
    )


async def new_claim(someone: Someone, body: JSON) -> JSON:
    answer = await someone.post("/v1/claims", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def new_draft(admin: Someone, **changes: Any) -> JSON:
    """A claim to the primary payer of a patient of its own, which lacks nothing."""
    return await new_claim(admin, (await new_insured(admin)).claim_body(**changes))


def path_of(claim: JSON, verb: str = "") -> str:
    return f"/v1/claims/{claim['id']}{verb}"


async def act(
    someone: Someone, claim: JSON, verb: str, body: JSON | None = None, *, key: str | None = None, **headers: str
) -> httpx.Response:
    """POST of what is done to a claim, such as `/hold`, at the version in which it was read."""
    return await someone.post(path_of(claim, verb), body, key=key, If_Match=f'"{claim["version"]}"', **headers)


async def delete(someone: Someone, path: str, *, version: int) -> httpx.Response:
    headers = {"Authorization": f"Bearer {someone.token}", "If-Match": f'"{version}"'}
    return await someone.http.delete(path, headers=headers)


async def timeline_of(someone: Someone, claim: JSON) -> list[JSON]:
    """All events of the claim's chain, oldest first."""
    answer = await someone.get(path_of(claim, "/timeline"), limit="100")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])
