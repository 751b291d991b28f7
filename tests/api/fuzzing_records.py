"""The records that generated requests are pointed at, so that they get behind the first check: made through the API itself.

Everything of one practice and, for a patient's token, of one patient: what belongs to others is J12's business.
"""

import itertools
import json
import random
import threading
import time
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
_PROPOSALS = 6
"""More than there are roles that may accept one; each is accepted once."""
_LONGEST_WAIT_SECONDS = 30


def a_decision_body(paid: str) -> JSON:
    """Of a claim of 150.00."""
    totals = {"paid": paid, "adjustments": "0.00", "patient_responsibility": "0.00"}
    return {"adjudication_date": "2026-03-20", "totals": totals}


_PAID_WHOLE = a_decision_body("150.00")
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
    """What the test hands over: where the service is, a token of every role, whose record the patient's token is for."""

    url: str
    patient_id: str
    tokens: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """The file is also the tool's own list of identities (`[auth.wfc]`)."""
        plan = json.loads(path.read_text(encoding="utf-8"))
        tokens = {entry["name"]: entry["fixedHeaders"][0]["value"].removeprefix("Bearer ") for entry in plan["auth"]}
        return cls(plan["url"], plan["patient_id"], tokens)

    def write(self, path: Path) -> None:
        identities = [
            {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
            for name, token in self.tokens.items()
        ]
        path.write_text(
            json.dumps({"url": self.url, "patient_id": self.patient_id, "auth": identities}), encoding="utf-8"
        )


class Records:
    """Real ids by kind, ETags as they are now, and bodies that are taken."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._http = httpx.Client(base_url=plan.url, timeout=40)
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
        self._billed = self._post("/v1/patients", self.body("create_patient"))["id"]
        self._post_verified(self._billed)
        self.ids["billed_patient_id"] = [self._billed]
        self._treating = self._post("/v1/providers", a_provider_body())["id"]
        self.ids["claim_id"] = [self.new_claim() for _ in range(3)]
        self.ids["remittance_id"] = [self._paid()]
        self._post_verified(self._billed, **blue_heron())
        self.ids["repair_id"] = [self._repairable()["repair_id"]]
        # Made before any request can change the practice, without whose address and tax id no claim goes out.
        self._proposals = [self._proposed() for _ in range(_PROPOSALS)]
        self.ids["adjudication_id"] = [one["adjudication_id"] for one in self._proposals]

    def get(self, path: str) -> JSON:
        answer = self._http.get(path, headers={"Authorization": f"Bearer {self._token}"})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def etag(self, path: str) -> str | None:
        answer = self._http.get(path, headers={"Authorization": f"Bearer {self._token}"})
        tag: str | None = answer.headers.get("etag")
        return tag

    def some(self, kind: str) -> str:
        with self._lock:
            return self._choice.choice(self.ids[kind])

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
            return self._repairable()
        if operation == "accept_adjudication":
            with self._lock:
                return self._proposals.pop() if self._proposals else chosen
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

    def _repairable(self) -> dict[str, str]:
        """A claim to the second payer, with cents that the first one's decision leaves unexplained."""
        body = {"adjudication": a_decision_body("140.00")}
        first = {"If-Match": '"1"'}
        following = self._post(f"/v1/claims/{self.new_claim()}/secondary", body, **first)["id"]
        repairs = self.get(f"/v1/claims/{following}/repairs")["data"]
        return {"claim_id": following, "repair_id": repairs[0]["id"]}

    def _proposed(self) -> dict[str, str]:
        """A claim that was sent, with a decision by hand beside which the payer's own waits."""
        claim = f"/v1/claims/{self.new_claim()}"
        self._do(f"{claim}/submissions", {}, {"If-Match": '"1"', "Prefer": "wait=0"})
        until = time.monotonic() + _LONGEST_WAIT_SECONDS
        entered = 412
        while entered == 412 and time.monotonic() < until:  # the worker moves the claim meanwhile
            headers = {"If-Match": self.etag(claim) or ""}
            entered = self._do(f"{claim}/adjudications", _PAID_WHOLE, headers).status_code
        while time.monotonic() < until:
            for one in self.get(f"{claim}/adjudications")["data"]:
                if one["status"] == "proposed":
                    return {"claim_id": one["claim_id"], "adjudication_id": one["id"]}
            time.sleep(0.2)
        raise AssertionError("the payer's own decision did not come")

    def _do(self, path: str, body: JSON, headers: dict[str, str]) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid4()), **headers}
        return self._http.post(path, json=body, headers=sent)

    def _paid(self) -> str:
        """The remittance of a claim that was sent."""
        provider = self._post("/v1/providers", a_provider_body(npi=self.new_npi()))
        claim = self._post("/v1/claims", a_claim_body(self._billed, rendering_provider_id=provider["id"]))
        submission = {"If-Match": f'"{claim["version"]}"', "Prefer": "wait=20"}
        assert self._post(f"/v1/claims/{claim['id']}/submissions", {}, **submission)["state"] == "sent"
        for _ in range(300):
            if remittances := self.get("/v1/remittances")["data"]:
                return str(remittances[0]["id"])
            time.sleep(0.1)
        raise AssertionError("no remittance came")

    def _post_verified(self, patient_id: str, **changes: Any) -> None:
        """A coverage that staff have confirmed."""
        coverage = self._post(f"/v1/patients/{patient_id}/coverages", a_coverage_body(**changes))
        self._act(f"/v1/coverages/{coverage['id']}/verify", {"outcome": "verified", "evidence": "card_seen"})

    def _act(self, path: str, body: JSON) -> None:
        """On a record that is new."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": str(uuid4()),
            "If-Match": '"1"',
        }
        answer = self._http.post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def _post(self, path: str, body: JSON, *, token: str | None = None, **headers: str) -> JSON:
        sent = {"Authorization": f"Bearer {token or self._token}", "Idempotency-Key": str(uuid4())} | headers
        answer = self._http.post(path, json=body, headers=sent)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())
