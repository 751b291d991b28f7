"""The demonstration's first part, a patient with two coverages that their payers confirm; and what a patient does alone."""

import uuid
from dataclasses import dataclass
from typing import Any

from app.domain.callers import Role
from app.local.demo_walk import Walk
from app.local.demonstration import PATIENT_ID


@dataclass(frozen=True, kw_only=True)
class InsuredPatient:
    """Ids of the patient and of the two payers."""

    patient: str
    primary_payer: str
    secondary_payer: str


def insured_patient(walk: Walk) -> InsuredPatient:
    clinician = Role.CLINICIAN
    walk.say("The payers, found with a typo in the name")
    primary_payer = _payer(walk, "Medowlark Health")
    secondary_payer = _payer(walk, "Blue Hreon")
    walk.say("A patient, invented; the sandbox's payers know her (docs/sandbox.md)")
    patient = walk.ask(clinician, "POST", "/v1/patients", _copaya(), expect=201)
    walk.show(patient, "id", "external_id", "findings")
    coverages = f"/v1/patients/{patient['id']}/coverages"

    walk.say("A clinician adds a primary and a secondary coverage: same fields, both unverified")
    primary = walk.ask(clinician, "POST", coverages, _coverage(primary_payer, "MLK100010", "primary"), expect=201)
    walk.show(primary, "id", "wished_rank", "status", "findings")
    secondary = walk.ask(clinician, "POST", coverages, _coverage(secondary_payer, "BHM200010", "secondary"), expect=201)
    walk.show(secondary, "id", "wished_rank", "status")

    for name, coverage in (("primary", primary), ("secondary", secondary)):
        walk.say(f"The {name}'s payer is asked (270), and answers (271)")
        _check(walk, coverage["id"])
        checked = walk.ask(clinician, "GET", f"/v1/coverages/{coverage['id']}", expect=200)
        walk.show(checked, "status", "verification", "ranks")
        walk.expect([row["rank"] for row in checked["ranks"]] == [name], f"the coverage is verified and {name}")
    return InsuredPatient(patient=patient["id"], primary_payer=primary_payer, secondary_payer=secondary_payer)


def patients_own(walk: Walk, payer: str) -> None:
    patient, staff = Role.PATIENT, Role.CLINICIAN
    walk.say("Another patient adds a secondary coverage with a portal token; it checks itself")
    coverages = f"/v1/patients/{PATIENT_ID}/coverages"
    for status in ("verified", "unverified"):
        for earlier in walk.ask(staff, "GET", f"{coverages}?status={status}", expect=200)["data"]:
            _end(walk, staff, earlier)
    added = walk.ask(patient, "POST", coverages, _coverage(payer, "BHM200002", "secondary"), expect=201)
    walk.show(added, "id", "status", "findings")
    seen = walk.wait(
        patient, f"/v1/coverages/{added['id']}", lambda reply: reply["status"] == "verified", "The confirmation"
    )
    walk.show(seen, "status", "verification")
    checks = walk.ask(patient, "GET", f"/v1/coverages/{added['id']}/eligibility-checks", expect=200)
    print(f"      the patient sees the outcome only: {checks['data'][0]['outcome']}, {checks['data'][0]['result']}")
    walk.say("And sees nobody else's data, and no claims")
    walk.ask(patient, "GET", f"/v1/coverages/{uuid.uuid4()}", expect=404)
    walk.ask(patient, "GET", f"/v1/patients/{PATIENT_ID}", expect=403)
    walk.ask(patient, "GET", "/v1/claims", expect=403)


def _payer(walk: Walk, text: str) -> str:
    found = walk.ask(Role.CLINICIAN, "GET", f"/v1/payers?q={text.replace(' ', '%20')}&limit=3", expect=200)
    best = found["data"][0]
    print(f"      {text!r} -> {best['name']} ({best['electronic_id']})")
    return str(best["id"])


def _copaya() -> dict[str, Any]:
    return {
        "external_id": f"demo-{uuid.uuid4().hex[:12]}",
        "name": {"last": "Plainly", "first": "Copaya"},
        "birth_date": "1991-05-27",
        "sex": "female",
        "address": {"line1": "25 Flat Rate Road", "city": "Omaha", "state": "NE", "postal_code": "68102"},
        "signature_on_file": "2026-01-05",
        "release_of_information": "signed",
        "release_on_file": "2026-01-05",
    }


def _coverage(payer: str, member_id: str, rank: str) -> dict[str, Any]:
    return {
        "payer_id": payer,
        "wished_rank": rank,
        "member_id": member_id,
        "member_id_belongs_to": "patient",
        "relationship": "self",
        "benefits_assigned": "yes",
    }


def _check(walk: Walk, coverage_id: str) -> None:
    check = walk.ask(
        Role.CLINICIAN, "POST", f"/v1/coverages/{coverage_id}/eligibility-checks", {}, expect=201, Prefer="wait=20"
    )
    walk.show(check, "outcome")
    walk.show(check["result"], "active", "plan_name", "copayments", "deductibles")


def _end(walk: Walk, staff: Role, coverage: dict[str, Any]) -> None:
    """Makes room, so that the demonstration can be walked again."""
    walk.ask(
        staff,
        "POST",
        f"/v1/coverages/{coverage['id']}/terminate",
        {"effective_to": coverage["effective_from"] or "2020-01-01", "reason": "entered_in_error"},
        expect=200,
        If_Match=f'"{coverage["version"]}"',
    )
