"""`make demo`: a walk through the running service, over HTTP only; prints each step and what came back."""

import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from app.domain.callers import Role
from app.identity.development import DevelopmentIssuer
from app.local.demonstration import PATIENT_ID, tokens

_LONGEST_LINE = 110


class DemoFailed(Exception):
    """A step was answered otherwise than it should."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    body: dict[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


class Walk:
    """Sends requests as one role or another, and tells about them."""

    def __init__(self, address: str, bearer: dict[Role, str]) -> None:
        self._address = address
        self._bearer = bearer
        self._step = 0

    def say(self, text: str) -> None:
        self._step += 1
        print(f"\n{self._step}. {text}")

    def ask(
        self,
        role: Role,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        expect: int,
        **headers: str,
    ) -> Reply:
        sent = {"Authorization": f"Bearer {self._bearer[role]}", **{n.replace("_", "-"): v for n, v in headers.items()}}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if method == "POST":
            sent["Idempotency-Key"] = str(uuid.uuid4())
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._address}{path}", data=content, headers=sent, method=method)  # noqa: S310  # loopback, http
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310  # loopback, http
                reply = Reply(answer.status, answer.headers, json.load(answer))
        except urllib.error.HTTPError as refused:
            reply = Reply(refused.code, refused.headers, json.load(refused))
        print(f"   {role}: {method} {path} -> {reply.status}")
        if reply.status != expect:
            raise DemoFailed(f"{method} {path} was answered {reply.status} {reply.body.get('code')}, not {expect}")
        return reply

    def show(self, reply: Reply, *names: str) -> None:
        """The named members of an answer, one a line."""
        for name in names:
            text = json.dumps(reply.body.get(name), ensure_ascii=False)
            print(f"      {name}: {text if len(text) <= _LONGEST_LINE else text[:_LONGEST_LINE] + ' ...'}")


def run(address: str, data_dir: Path) -> int:
    """0 when every step was answered as it should; needs `make run` in another terminal."""
    walk = Walk(address, tokens(DevelopmentIssuer(data_dir / "identity")))
    try:
        _coverages_and_eligibility(walk)
    except DemoFailed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except (urllib.error.URLError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        print(
            f"\nNo service answers at {address} ({type(reason).__name__}). Start it with `make run`.", file=sys.stderr
        )
        return 1
    print("\nDone.")
    return 0


def _coverages_and_eligibility(walk: Walk) -> None:
    clinician, patient_role = Role.CLINICIAN, Role.PATIENT
    walk.say("The payers, found with a typo in the name")
    primary_payer = _payer(walk, "Medowlark Health")
    secondary_payer = _payer(walk, "Blue Hreon")
    patient = _new_patient(walk)
    coverages = f"/v1/patients/{patient['id']}/coverages"

    walk.say("A clinician adds a primary and a secondary coverage: same fields, both unverified")
    primary = walk.ask(clinician, "POST", coverages, _coverage(primary_payer, "MLK7", "primary"), expect=201)
    walk.show(primary, "id", "wished_rank", "status", "findings")
    secondary = walk.ask(clinician, "POST", coverages, _coverage(secondary_payer, "BHM7", "secondary"), expect=201)
    walk.show(secondary, "id", "wished_rank", "status")

    for name, coverage in (("primary", primary), ("secondary", secondary)):
        walk.say(f"The {name}'s payer is asked (270), and answers (271)")
        _check(walk, coverage["id"])
        checked = walk.ask(clinician, "GET", f"/v1/coverages/{coverage['id']}", expect=200)
        walk.show(checked, "status", "verification", "ranks")

    walk.say("From the first of next month the order is turned around; what was before stays as it was")
    order = walk.ask(clinician, "GET", f"{coverages}/order", expect=200)
    swapped = walk.ask(
        clinician,
        "PUT",
        f"{coverages}/order",
        {
            "effective_from": _next_month(),
            "ranks": [
                {"coverage_id": secondary["id"], "rank": "primary"},
                {"coverage_id": primary["id"], "rank": "secondary"},
            ],
        },
        expect=200,
        If_Match=order.headers["ETag"],
    )
    for row in swapped["ranks"]:
        print(f"      {row['rank']:<10} {row['coverage_id']}  {row['effective_from']} to {row['effective_to']}")
    _patients_own(walk, patient_role, clinician, secondary_payer)


def _patients_own(walk: Walk, patient: Role, staff: Role, payer: str) -> None:
    walk.say("A patient adds a secondary coverage with a portal token; it checks itself")
    coverages = f"/v1/patients/{PATIENT_ID}/coverages"
    for earlier in walk.ask(staff, "GET", f"{coverages}?status=verified", expect=200)["data"]:
        _end(walk, staff, earlier)
    for earlier in walk.ask(staff, "GET", f"{coverages}?status=unverified", expect=200)["data"]:
        _end(walk, staff, earlier)
    added = walk.ask(patient, "POST", coverages, _coverage(payer, "BHM2", "secondary", "00002"), expect=201)
    walk.show(added, "id", "status", "findings")
    for _ in range(40):
        seen = walk.ask(patient, "GET", f"/v1/coverages/{added['id']}", expect=200)
        if seen["status"] == "verified":
            break
        time.sleep(0.25)
    walk.show(seen, "status", "verification")
    checks = walk.ask(patient, "GET", f"/v1/coverages/{added['id']}/eligibility-checks", expect=200)
    print(f"      the patient sees the outcome only: {checks['data'][0]['outcome']}, {checks['data'][0]['result']}")
    walk.say("And sees nobody else's data")
    walk.ask(patient, "GET", f"/v1/coverages/{uuid.uuid4()}", expect=404)
    walk.ask(patient, "GET", f"/v1/patients/{PATIENT_ID}", expect=403)


def _payer(walk: Walk, text: str) -> str:
    found = walk.ask(Role.CLINICIAN, "GET", f"/v1/payers?q={text.replace(' ', '%20')}&limit=3", expect=200)
    best = found["data"][0]
    print(f"      {text!r} -> {best['name']} ({best['electronic_id']})")
    return str(best["id"])


def _new_patient(walk: Walk) -> Reply:
    walk.say("A patient, invented")
    patient = walk.ask(
        Role.CLINICIAN,
        "POST",
        "/v1/patients",
        {
            "external_id": f"demo-{uuid.uuid4().hex[:12]}",
            "name": {"last": "Makeup", "first": "Demonstra"},
            "birth_date": "1987-06-05",
            "sex": "female",
            "address": {"line1": "1 Example Street", "city": "Denver", "state": "CO", "postal_code": "80202"},
            "signature_on_file": "2026-01-05",
            "release_of_information": "signed",
            "release_on_file": "2026-01-05",
        },
        expect=201,
    )
    walk.show(patient, "id", "external_id", "findings")
    return patient


def _coverage(payer: str, prefix: str, rank: str, number: str | None = None) -> dict[str, Any]:
    """Member ids of this prefix belong to whoever is asked about (`docs/sandbox.md`)."""
    return {
        "payer_id": payer,
        "wished_rank": rank,
        "member_id": f"{prefix}{number or f'{uuid.uuid4().int % 100_000:05d}'}",
        "member_id_belongs_to": "patient",
        "relationship": "self",
        "benefits_assigned": "yes",
    }


def _check(walk: Walk, coverage_id: str) -> None:
    check = walk.ask(
        Role.CLINICIAN, "POST", f"/v1/coverages/{coverage_id}/eligibility-checks", {}, expect=201, Prefer="wait=20"
    )
    walk.show(check, "outcome")
    result = Reply(check.status, check.headers, check["result"])
    walk.show(result, "active", "plan_name", "copayments", "deductibles")


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


def _next_month() -> str:
    year, month = time.gmtime()[:2]
    return f"{year + month // 12}-{month % 12 + 1:02d}-01"
