"""The records that generated requests are pointed at, so that they get behind the first check: made through the API itself.

Everything of one practice and, for a patient's token, of one patient: what belongs to others is J12's business.
"""

import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.domain.access import ACCESS
from app.domain.callers import Role
from app.domain.payers import payer_id
from tests.factories import an_npi
from tests.journeys.claim_walking import a_claim_body, a_provider_body
from tests.journeys.walking import a_coverage_body, a_patient_body, blue_heron

JSON = dict[str, Any]

PLAN_VARIABLE, SUMMARY_VARIABLE = "FUZZING_PLAN", "FUZZING_SUMMARY"
"""Environment: the file that the test wrote, and the one it reads afterwards."""
_FIRST_NPI = 70_000_000
_CONSUMING = {"verify_coverage", "terminate_coverage", "change_coverage", "create_eligibility_check"}
"""What succeeds with a coverage as long as nobody has closed it: each gets a new one."""
_CONSUMING_CLAIMS = {
    *("change_claim", "delete_claim", "hold_claim", "release_claim", "create_submission"),
    *("create_adjudication", "create_secondary_claim"),
}
"""What succeeds with a claim as long as it is a draft, or held: each gets a new one."""
_FINAL = {"delete_claim", "create_submission", "create_adjudication", "create_secondary_claim"}
"""What is sent, decided or deleted is not there to be changed: requests that nobody made whole are about a paid claim."""
_PROPOSALS = 6
"""More than there are roles that may accept one; each is accepted once."""
_LONGEST_WAIT_SECONDS = 60


def a_decision_body(paid: str) -> JSON:
    """Of a claim of 150.00."""
    totals = {"paid": paid, "adjustments": "0.00", "patient_responsibility": "0.00"}
    return {"adjudication_date": "2026-03-20", "totals": totals}


_PAID_WHOLE = a_decision_body("150.00")
_NEW = {"If-Match": '"1"'}
"""About a record that is new."""
_BODIES: dict[str, JSON] = {
    "search_patients": {"last_name": "Walker"},
    "create_payer_override": {
        "setting": "appeal_limit",
        "value": {"basis": "decision", "days": 90},
        "source": "a call",
        "noted_on": "2026-01-05",
    },
    "verify_coverage": {"outcome": "rejected", "evidence": "card_seen"},
    "terminate_coverage": {"effective_to": "2026-01-01", "reason": "entered_in_error"},
    "change_coverage": {"plan_name": "Invented Plan"},
    "change_claim": {"referral_number": "REF7"},
    "hold_claim": {"reason": "by_hand"},
    "create_adjudication": _PAID_WHOLE,
    "create_secondary_claim": {"adjudication": _PAID_WHOLE},
}


def may(role: Role, operation: str) -> bool:
    """The partner's token has every scope there is."""
    access = ACCESS[operation]
    return role in access.roles or (role is Role.PARTNER and access.scope != "")


@dataclass(frozen=True)
class Plan:
    """What the test hands over: where service and sandbox are, a token of every role, whose record the patient's is for."""

    url: str
    sandbox_url: str
    patient_id: str
    tokens: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """The file is also the tool's own list of identities (`[auth.wfc]`)."""
        plan = json.loads(path.read_text(encoding="utf-8"))
        tokens = {entry["name"]: entry["fixedHeaders"][0]["value"].removeprefix("Bearer ") for entry in plan["auth"]}
        return cls(plan["url"], plan["sandbox_url"], plan["patient_id"], tokens)

    def write(self, path: Path) -> None:
        identities = [
            {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
            for name, token in self.tokens.items()
        ]
        places = {"url": self.url, "sandbox_url": self.sandbox_url, "patient_id": self.patient_id}
        path.write_text(json.dumps({**places, "auth": identities}), encoding="utf-8")


class Records:
    """Real ids by kind, ETags as they are now, and bodies that are taken."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._http = httpx.Client(base_url=plan.url, timeout=40)
        self._sandbox_url = plan.sandbox_url
        self._token = plan.tokens["admin"]
        self._choice = random.Random(seed)
        self._npis = itertools.count(_FIRST_NPI)
        self._lock = threading.Lock()
        self.patient_id = plan.patient_id
        self.document = self._http.get("/openapi.json").text
        self.ids: dict[str, list[str]] = {"patient_id": [plan.patient_id]}
        self.ids["payer_id"] = [str(payer_id(f"XOVR{number}")) for number in (1, 2)]
        self.ids["provider_id"] = [self._post("/v1/providers", self.body("create_provider"))["id"]]
        own = f"/v1/patients/{plan.patient_id}/coverages"
        # The first of each kind is one that the patient's token sees too: what it added itself.
        added = self._post(own, a_coverage_body(**blue_heron()), token=plan.tokens["patient"])
        staffs = self._post(own, a_coverage_body())
        checks = f"/v1/coverages/{added['id']}/eligibility-checks"
        asked = self._post(f"/v1/coverages/{staffs['id']}/eligibility-checks", {}, prefer="wait=20")
        self.ids["coverage_id"] = [added["id"], staffs["id"], self.new_coverage()]
        self.ids["check_id"] = [self.get(checks)["data"][0]["id"], asked["id"]]
        self.ids["patient_id"].append(self._post("/v1/patients", self.body("create_patient"))["id"])
        self._ordered = self._post("/v1/patients", self.body("create_patient"))["id"]
        first = self._post(f"/v1/patients/{self._ordered}/coverages", a_coverage_body())
        confirmed = self._post(f"/v1/coverages/{first['id']}/eligibility-checks", {}, prefer="wait=20")
        assert confirmed["outcome"] == "confirmed", "an order needs a verified coverage"
        self._first = first["id"]
        self._practice = self.get("/v1/practice")
        self._billed = self._insured()
        self.ids["billed_patient_id"] = [self._billed]
        self._treating = self._post("/v1/providers", a_provider_body())["id"]
        self.ids["claim_id"] = [self.new_claim(), self.new_claim(), self.new_claim(held=True), self._next()]
        self.ids["repair_id"] = self._repairs(self.ids["claim_id"][-1])
        # Made before any request can change the practice, without whose address and tax id no claim goes out.
        self._proposals = self._proposed()
        self.ids["adjudication_id"] = [one["adjudication_id"] for one in self._proposals]
        self.ids["remittance_id"] = [self.get("/v1/remittances")["data"][0]["id"]]
        paid = self._proposals[0]["claim_id"]
        self.ids["final_claim_id"] = [paid]
        self.ids["line_id"] = [line["id"] for line in self.get(f"/v1/claims/{paid}")["lines"]]

    def get(self, path: str) -> JSON:
        answer = self._http.get(path, headers={"Authorization": f"Bearer {self._token}"})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def etag(self, path: str) -> str | None:
        answer = self._http.get(path, headers={"Authorization": f"Bearer {self._token}"})
        tag: str | None = answer.headers.get("etag")
        return tag

    def known(self, operation: str, name: str) -> list[str]:
        """The ids for a parameter of the operation's path."""
        return self.ids["final_claim_id" if name == "claim_id" and operation in _FINAL else name]

    def one_of(self, known: list[str]) -> str:
        with self._lock:
            return self._choice.choice(known)

    def happens(self, chance: float) -> bool:
        with self._lock:
            return self._choice.random() < chance

    def new_npi(self) -> str:
        return an_npi(next(self._npis))

    def new_coverage(self) -> str:
        """An unverified coverage of the patient the token is for."""
        body = blue_heron(wished_rank="eleventh")
        coverage = self._post(f"/v1/patients/{self.patient_id}/coverages", a_coverage_body(**body))
        return str(coverage["id"])

    def new_claim(self, *, held: bool = False) -> str:
        """A draft, or held by hand."""
        claim = str(self._post("/v1/claims", self.body("create_claim"))["id"])
        if held:
            self._act(f"/v1/claims/{claim}/hold", {"reason": "by_hand"})
        return claim

    def path_parameters(self, operation: str, names: list[str]) -> dict[str, str]:
        """Ids with which the operation succeeds, also for the patient's token."""
        chosen = {name: self.ids[name][0] for name in names}
        if operation == "order_coverages":
            return {"patient_id": self._ordered}  # whom no generated request has touched
        if operation in _CONSUMING:
            return {"coverage_id": self.new_coverage()}
        if operation == "apply_repair":
            following = self._next()
            return {"claim_id": following, "repair_id": self._repairs(following)[0]}
        if operation == "accept_adjudication":
            with self._lock:
                return self._proposals.pop() if self._proposals else chosen
        if operation == "create_submission":
            self._restore_practice()
        if operation in _CONSUMING_CLAIMS:
            return {"claim_id": self.new_claim(held=operation == "release_claim")}
        return chosen

    def body(self, operation: str) -> JSON:
        """A body that the operation takes."""
        if operation == "order_coverages":
            ranks = [{"coverage_id": self._first, "rank": "primary"}]
            return {"effective_from": "2026-01-01", "ranks": ranks}
        if operation == "create_provider":
            return {"kind": "person", "npi": self.new_npi(), "name": {"last": "Madeup", "first": "Thera"}}
        if operation == "create_patient":
            return a_patient_body()
        if operation == "create_coverage":
            return a_coverage_body(**blue_heron(wished_rank="tenth"))
        if operation == "create_claim":
            return a_claim_body(self._billed, rendering_provider_id=self._treating)
        return _BODIES.get(operation, {})

    def _next(self) -> str:
        """A claim to the second payer, with cents that the first one's decision leaves unexplained."""
        body = {"adjudication": a_decision_body("140.00")}
        return str(self._post(f"/v1/claims/{self.new_claim()}/secondary", body, **_NEW)["id"])

    def _repairs(self, claim: str) -> list[str]:
        return [repair["id"] for repair in self.get(f"/v1/claims/{claim}/repairs")["data"]]

    def _proposed(self) -> list[dict[str, str]]:
        """Claims that were sent, each with a decision by hand beside which the payer's own waits. The payer thinks until
        the decision by hand is there.
        """
        patient = self._insured("PEND")
        body = self.body("create_claim") | {"patient_id": patient}
        claims = [self._post("/v1/claims", body | {"encounter_id": uuid4().hex}) for _ in range(_PROPOSALS)]
        for claim in claims:
            self._post(f"/v1/claims/{claim['id']}/submissions", {}, **_NEW)
        for claim in claims:
            pended = self._until(f"/v1/claims/{claim['id']}", lambda now: now["status"] == "pended")
            headers = {"If-Match": f'"{pended["version"]}"'}
            self._post(f"/v1/claims/{claim['id']}/adjudications", _PAID_WHOLE, **headers)
            number = claim["patient_control_number"]
            httpx.post(f"{self._sandbox_url}/sandbox/pended/{number}", json={"then": "pay"}).raise_for_status()
        return [self._proposal(claim["id"]) for claim in claims]

    def _proposal(self, claim: str) -> dict[str, str]:
        versions = self._until(f"/v1/claims/{claim}/adjudications", lambda page: len(page["data"]) == 2)["data"]
        assert versions[0]["status"] == "proposed"
        return {"claim_id": claim, "adjudication_id": versions[0]["id"]}

    def _until(self, path: str, holds: Callable[[JSON], bool]) -> JSON:
        """What the worker does takes its time."""
        until = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not holds(now := self.get(path)):
            assert time.monotonic() < until, path
            time.sleep(0.2)
        return now

    def _insured(self, ending: str = "") -> str:
        """A patient with a primary and a secondary coverage. `ending` says what the primary makes of claims."""
        patient = str(self._post("/v1/patients", a_patient_body())["id"])
        primary = a_coverage_body()
        self._post_verified(patient, member_id=primary["member_id"] + ending)
        self._post_verified(patient, **blue_heron())
        return patient

    def _restore_practice(self) -> None:
        """What a claim says of it may have been taken away by a change."""
        names = ("name", "tax_id", "tax_id_is_ssn", "taxonomy_code", "address", "billing_contact")
        said = {name: self._practice[name] for name in names}
        headers = {"Authorization": f"Bearer {self._token}", "If-Match": self.etag("/v1/practice") or ""}
        self._http.patch("/v1/practice", json=said, headers=headers).raise_for_status()

    def _post_verified(self, patient_id: str, **changes: Any) -> None:
        """A coverage that staff have confirmed."""
        coverage = self._post(f"/v1/patients/{patient_id}/coverages", a_coverage_body(**changes))
        self._act(f"/v1/coverages/{coverage['id']}/verify", {"outcome": "verified", "evidence": "card_seen"})

    def _act(self, path: str, body: JSON) -> None:
        """On a record that is new."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid4()), **_NEW}
        answer = self._http.post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def _post(self, path: str, body: JSON, *, token: str | None = None, **headers: str) -> JSON:
        sent = {"Authorization": f"Bearer {token or self._token}", "Idempotency-Key": str(uuid4())} | headers
        answer = self._http.post(path, json=body, headers=sent)
        assert answer.status_code in {201, 202}, answer.text
        return dict(answer.json())
