"""Each operation of the API with a valid request: what a walk through all of them asks, and of which records.

Paths, methods and needed headers come from the service's own document; only bodies, queries and which of the records a path
names stand here. An operation without an example fails `test_access_matrix`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.journeys.claim_walking import a_claim_body
from tests.journeys.walking import a_coverage_body, a_patient_body, blue_heron
from tests.planting import new_npi
from tests.planting_records import Records

JSON = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Example:
    """`body` and `query` are made of the records acted on.

    `record` is the member of the records that the path names first, where it is not called like the path's parameter.
    """

    body: Callable[[Records], JSON] | None = None
    query: Callable[[Records], dict[str, str]] | None = None
    record: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of the document. `record` is the first parameter of its path, such as `patient_id`, and says whose it
    is; "" when it has none. `parts` are those behind it, of what belongs to the record.
    """

    id: str
    method: str
    path: str
    record: str
    parts: tuple[str, ...]
    headers: frozenset[str]
    example: Example

    @property
    def is_of_a_patient(self) -> bool:
        """Its record belongs to one patient."""
        return self.record in {"patient_id", "coverage_id", "check_id", "claim_id"}

    @property
    def member(self) -> str:
        """The member of the records that its path names first; "" when it names none."""
        return self.example.record or self.record

    async def ask(
        self,
        http: httpx.AsyncClient,
        token: str | None,
        records: Records,
        record_id: UUID | str | None = None,
        *,
        parts: Mapping[str, UUID | str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Its example about `records`, or about another id in the path. `more` replaces query, body or headers."""
        target = str(record_id or (getattr(records, self.member) if self.member else ""))
        example = self.example
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"', "Prefer": "wait=0"}
        needed = {name: value for name, value in headers.items() if name in self.headers}
        request: dict[str, Any] = {"headers": needed | ({"Authorization": f"Bearer {token}"} if token else {})}
        if example.body is not None:
            request["json"] = example.body(records)
        if example.query is not None:
            request["params"] = example.query(records)
        if "headers" in more:
            request["headers"] |= more.pop("headers")
        path = self.path.replace(f"{{{self.record}}}", target) if self.record else self.path
        for part in self.parts:
            path = path.replace(f"{{{part}}}", str((parts or {}).get(part) or getattr(records, part)))
        return await http.request(self.method, path, **request | more)


def operations_of(document: Mapping[str, Any]) -> dict[str, Operation]:
    """By id; an operation that has no example gets an empty one, which the table's own test finds."""
    found: dict[str, Operation] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = [_resolved(document, parameter) for parameter in operation.get("parameters", ())]
            in_path = [parameter["name"] for parameter in parameters if parameter["in"] == "path"]
            found[operation["operationId"]] = Operation(
                id=operation["operationId"],
                method=method.upper(),
                path=path,
                record=in_path[0] if in_path else "",
                parts=tuple(in_path[1:]),
                headers=frozenset(parameter["name"] for parameter in parameters if parameter["in"] == "header"),
                example=EXAMPLES.get(operation["operationId"], Example()),
            )
    return found


def _resolved(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in value:
        return value
    node: Any = document
    for part in value["$ref"].removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def _secondary(records: Records) -> JSON:
    """What a patient may add too; the word comes back in the answer."""
    return a_coverage_body(**blue_heron(), plan_name=f"{records.word} PLAN")


def an_adjudication_body(**changes: Any) -> JSON:
    """All of a session of 150.00 is explained: the copay is the patient's, the rest is the contract's."""
    totals = {"paid": "80.00", "adjustments": "45.00", "patient_responsibility": "25.00", "copay": "25.00"}
    return {"adjudication_date": "2026-09-02", "totals": totals, **changes}


def a_decision_body(lines: list[JSON], **changes: Any) -> JSON:
    """Line by line; what was paid is what the lines say."""
    return {"adjudication_date": "2026-09-02", "decision": {"paid": "80.00", "lines": lines}, **changes}


def _named(records: Records) -> JSON:
    return {"last": f"{records.word}Last", "first": f"{records.word}First"}


EXAMPLES: dict[str, Example] = {
    "read_practice": Example(),
    "change_practice": Example(body=lambda _: {"name": "Invented Minds"}),
    "list_providers": Example(),
    "read_provider": Example(),
    "create_provider": Example(
        body=lambda _: {"kind": "person", "npi": new_npi(), "name": {"last": "Madeup", "first": "Thera"}}
    ),
    "change_provider": Example(body=lambda _: {"is_active": False}),
    "create_patient": Example(body=lambda records: a_patient_body(name=_named(records))),
    "list_patients": Example(query=lambda records: {"external_id": records.external_id}),
    "search_patients": Example(body=lambda records: {"last_name": f"{records.word}Last"}),
    "read_patient": Example(),
    "change_patient": Example(body=lambda records: {"name": {"middle": f"{records.word}Second"}}),
    "search_payers": Example(query=lambda _: {"q": "Meadowlark"}),
    "read_payer": Example(),
    "list_payer_overrides": Example(),
    "create_payer_override": Example(
        body=lambda _: {
            "setting": "crossover_window_business_days",
            "value": 20,
            "source": "told on the telephone",
            "noted_on": "2026-09-01",
        }
    ),
    "create_coverage": Example(body=_secondary),
    "list_coverages": Example(),
    "read_coverage": Example(),
    "change_coverage": Example(body=lambda records: {"group_name": f"{records.word} OTHER"}),
    "terminate_coverage": Example(body=lambda _: {"effective_to": "2026-12-31", "reason": "coverage_ended"}),
    "verify_coverage": Example(body=lambda _: {"outcome": "verified", "evidence": "card_seen"}),
    "read_coverage_order": Example(),
    "order_coverages": Example(
        body=lambda records: {
            "effective_from": "2026-07-01",
            "ranks": [
                {"coverage_id": str(records.verified_coverage_id), "rank": "primary"},
                {"coverage_id": str(records.secondary_coverage_id), "rank": "secondary"},
            ],
        }
    ),
    "create_eligibility_check": Example(body=lambda records: {"provider_id": str(records.provider_id)}),
    "list_eligibility_checks": Example(),
    "read_eligibility_check": Example(),
    "create_claim": Example(body=lambda records: a_claim_body(str(records.patient_id))),
    "list_claims": Example(query=lambda records: {"patient_id": str(records.patient_id)}),
    "read_claim": Example(),
    "change_claim": Example(body=lambda records: {"referral_number": f"{records.word}-NEW".upper()}),
    "delete_claim": Example(),
    "hold_claim": Example(body=lambda _: {"reason": "by_hand"}),
    "release_claim": Example(body=lambda _: {}, record="held_claim_id"),
    "read_claim_timeline": Example(),
    "create_submission": Example(),
    "list_submissions": Example(record="paid_claim_id"),
    "read_claim_837": Example(record="paid_claim_id"),
    "create_secondary_claim": Example(body=lambda _: {}, record="paid_claim_id"),
    "review_claim": Example(record="next_claim_id"),
    "list_repairs": Example(record="next_claim_id"),
    "apply_repair": Example(record="next_claim_id"),
    "create_adjudication": Example(body=lambda _: an_adjudication_body()),
    "list_adjudications": Example(record="paid_claim_id"),
    "accept_adjudication": Example(record="decided_claim_id"),
    "list_remittances": Example(),
    "read_remittance": Example(),
    "list_claim_payments": Example(),
    "list_work_items": Example(),
    "list_audit_events": Example(query=lambda records: {"patient_id": str(records.patient_id)}),
}
