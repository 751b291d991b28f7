"""The records that generated requests are pointed at, so that they get behind the first check: made through the API itself.

Everything of one practice and, for a patient's token, of one patient: what belongs to others is J12's business.
"""

import itertools
import json
import random
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.domain.access import ACCESS
from app.domain.callers import Role
from app.domain.payers import payer_id
from tests.factories import an_npi
from tests.journeys.walking import a_coverage_body, a_patient_body, blue_heron

JSON = dict[str, Any]

PLAN_VARIABLE, SUMMARY_VARIABLE = "FUZZING_PLAN", "FUZZING_SUMMARY"
"""Environment: the file that the test wrote, and the one it reads afterwards."""
_FIRST_NPI = 70_000_000
_CONSUMING = {"verify_coverage", "terminate_coverage", "change_coverage", "create_eligibility_check"}
"""What succeeds with a coverage as long as nobody has closed it: each gets a new one."""

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

    def path_parameters(self, operation: str, names: list[str]) -> dict[str, str]:
        """Ids with which the operation succeeds, also for the patient's token."""
        chosen = {name: self.ids[name][0] for name in names}
        if operation == "order_coverages":
            return {"patient_id": self._ordered}  # whom no generated request has touched
        if operation in _CONSUMING:
            return {"coverage_id": self.new_coverage()}
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
        return _BODIES.get(operation, {})

    def _post(self, path: str, body: JSON, *, token: str | None = None, **headers: str) -> JSON:
        sent = {"Authorization": f"Bearer {token or self._token}", "Idempotency-Key": str(uuid4())} | headers
        answer = self._http.post(path, json=body, headers=sent)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())
