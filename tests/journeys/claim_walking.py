"""Claims over HTTP: bodies, and the few verbs with which a journey gets from nothing to a claim that its payer has paid."""

import asyncio
import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.domain.adjudications import AdjustmentGroup
from app.domain.callers import Role
from app.domain.payers import payer_id
from tests.journeys.walking import JSON, Someone, blue_heron
from tests.planting import new_npi
from tests.running import RunningService
from tests.x12.claims import body as segments_of

SERVICE_DAY = "2026-03-02"
DECISION_DAY = "2026-03-20"
MEADOWLARK, BLUE_HERON, KETTLE, LARKSPUR = (str(payer_id(f"XOVR{number}")) for number in (1, 2, 5, 8))
COPAYA: JSON = {
    "name": {"last": "Plainly", "first": "Copaya"},
    "birth_date": "1991-05-27",
    "sex": "female",
    "address": {"line1": "25 Flat Rate Road", "city": "Omaha", "state": "NE", "postal_code": "68102"},
}
"""Whom the sandbox's payers know: a session of 150.00 is paid 80.00, then 25.00. An ending of the first member id says
what else the first payer makes of a claim.
"""
_DAYS = itertools.count()


def a_session_day() -> str:
    """Another one for each claim: payers take a copay once a day."""
    return (date(2025, 1, 2) + timedelta(days=next(_DAYS))).isoformat()


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
    """A therapist in the networks of the payers."""
    terms = {"accepts_assignment": "assigned", "in_network": True}
    return {
        "kind": "person",
        "npi": new_npi(),
        "name": {"last": "Madeup", "first": "Thera"},
        "taxonomy_code": "101YM0800X",
        "participations": [{"payer_id": payer, **terms} for payer in (MEADOWLARK, BLUE_HERON, KETTLE, LARKSPUR)],
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


async def new_copaya(staff: "Staff", *, ending: str = "", **secondary: Any) -> Insured:
    """Copaya Plainly in a practice's records, confirmed by staff; `secondary` are changes of her second coverage."""
    primary = {"member_id": f"MLK100010{ending}"}
    return await new_insured(
        staff.admin, patient=COPAYA, primary=primary, secondary={"member_id": "BHM200010", **secondary}
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


@dataclass(frozen=True)
class Staff:
    """The people of one practice, each with a token of their own."""

    practice_id: UUID
    clinician: Someone
    biller: Someone
    admin: Someone

    @classmethod
    def of(cls, http: httpx.AsyncClient, service: RunningService, practice_id: UUID) -> "Staff":
        clinician, biller, admin = (
            Someone.of(http, service, role, practice_id, subject=f"{role}-madeup")
            for role in (Role.CLINICIAN, Role.BILLER, Role.ADMIN)
        )
        return cls(practice_id, clinician, biller, admin)


async def reread(someone: Someone, claim: JSON) -> JSON:
    answer = await someone.get(path_of(claim))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def until(someone: Someone, claim: JSON, *statuses: str, seconds: float = 30) -> JSON:
    """The claim once it has one of these statuses."""
    async with asyncio.timeout(seconds):
        while (now := await reread(someone, claim))["status"] not in statuses:
            await asyncio.sleep(0.1)
        return now


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def review_of(someone: Someone, claim: JSON) -> JSON:
    answer = await someone.get(path_of(claim, "/review"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def errors_of(review: JSON) -> list[tuple[str, str]]:
    """Code and place of what keeps a claim from going out."""
    return [(one["code"], one["pointer"]) for one in review["findings"] if one["severity"] == "error"]


async def submit(biller: Someone, claim: JSON) -> JSON:
    """Sends the claim as it stands now; the submission, which the clearinghouse took."""
    answer = await act(biller, await reread(biller, claim), "/submissions", Prefer="wait=20")
    assert (answer.status_code, answer.json().get("state")) == (201, "sent"), answer.text
    return dict(answer.json())


async def paid(biller: Someone, claim: JSON) -> JSON:
    """The claim after it was sent and its payer has decided, and not denied."""
    await submit(biller, claim)
    return await until(biller, claim, "paid")


async def next_claim(biller: Someone, claim: JSON, body: JSON | None = None) -> JSON:
    """The claim to the payer after this claim's. Read again as often as an answer of the payer has changed the claim."""
    answer = await act(biller, await reread(biller, claim), "/secondary", body)
    while answer.status_code == 412:
        answer = await act(biller, await reread(biller, claim), "/secondary", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def repair(biller: Someone, claim: JSON, kind: str) -> JSON:
    """Accepts the one repair of its kind that the claim's review offers; the review after it."""
    review = await review_of(biller, claim)
    (offered,) = [one for one in review["repairs"] if one["kind"] == kind]
    answer = await act(biller, review["claim"], f"/repairs/{offered['id']}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def sent_837(someone: Someone, claim: JSON) -> str:
    """The very text that was submitted."""
    answer = await someone.get(path_of(claim, "/837"))
    assert (answer.status_code, answer.headers["crossover-content"]) == (200, "submission"), answer.text
    return answer.text


def other_payers(text: str) -> list[str]:
    """The segments from the first other payer (2320) to the end of the claim."""
    segments = segments_of(text)
    first, *_ = [at for at, segment in enumerate(segments) if segment.startswith("SBR*")][1:]
    return segments[first:]


def segments_named(text: str, *names: str) -> list[str]:
    """Those of the other payers and of the lines whose id is among the names."""
    return [segment for segment in other_payers(text) if segment.split("*")[0] in names]


async def booked(service: RunningService, *claims: JSON) -> list[int]:
    """How often the clearinghouse has each claim in its ledger."""
    counts = []
    async with httpx.AsyncClient() as http:
        for claim in claims:
            number = claim["patient_control_number"]
            answer = await http.get(f"{service.sandbox_url}/sandbox/ledger", params={"control_number": number})
            counts.append(answer.json()["claims"]["by_control_number"].get(number, 0))
    return counts


async def decision_on(someone: Someone, claim: JSON) -> JSON:
    """The current version of what the claim's payer decided."""
    versions = (await someone.get(path_of(claim, "/adjudications"))).json()["data"]
    (current,) = [one for one in versions if one["status"] == "current"]
    return dict(current)


def money_in(adjudication: JSON) -> JSON:
    """What it says of the money: paid, and the adjustments of the claim and of each decided service, as `PR-3 25.00`."""
    decision = adjudication["decision"]
    return {
        "paid": decision["paid"],
        "claim": _adjustments(decision),
        "lines": [(line["paid"], *_adjustments(line)) for line in decision["lines"]],
    }


def _adjustments(level: JSON) -> list[str]:
    return [
        f"{AdjustmentGroup(one['group']).code}-{one['reason_code']} {one['amount']}" for one in level["adjustments"]
    ]
