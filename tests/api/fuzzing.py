"""What surrounds each generated request: a role's token, real records in place of invented ids, and checks of our own.

Loaded by `tests/schemathesis.toml` in the process of schemathesis. A component generated to be wrong is left as it is; the
others are made right, so that the wrong one is what the service has to find. Until a role had its first success with an
operation, its well-formed requests are made whole; from then on most of each is what was generated.
"""

import atexit
import collections
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CaseMetadata, CoveragePhaseData

from app.domain.callers import Role
from tests.api.fuzzing_records import JSON, PLAN_VARIABLE, SUMMARY_VARIABLE, Plan, Records, may
from tests.journeys.claim_walking import SERVICE_DAY

ETAG_OF = {
    "change_practice": "/v1/practice",
    "change_provider": "/v1/providers/{provider_id}",
    "change_patient": "/v1/patients/{patient_id}",
    "change_coverage": "/v1/coverages/{coverage_id}",
    "verify_coverage": "/v1/coverages/{coverage_id}",
    "terminate_coverage": "/v1/coverages/{coverage_id}",
    "order_coverages": "/v1/patients/{patient_id}/coverages/order",
    "change_claim": "/v1/claims/{claim_id}",
    "delete_claim": "/v1/claims/{claim_id}",
    "hold_claim": "/v1/claims/{claim_id}",
    "release_claim": "/v1/claims/{claim_id}",
    "create_adjudication": "/v1/claims/{claim_id}",
    "accept_adjudication": "/v1/claims/{claim_id}",
    "create_secondary_claim": "/v1/claims/{claim_id}",
    "apply_repair": "/v1/claims/{claim_id}",
    "create_submission": "/v1/claims/{claim_id}",
}
AnyCase: TypeAlias = Case[Any]
_POINTED_AT = {name: name for name in ("payer_id", "provider_id", "coverage_id")} | {
    "patient_id": "billed_patient_id",
    "rendering_provider_id": "provider_id",
    "referring_provider_id": "provider_id",
    "supervising_provider_id": "provider_id",
    "line_id": "line_id",
    "bundled_into_line_id": "line_id",
}
"""Members of bodies, and the kind of record whose id they take."""
_KEPT: JSON = {
    "adjudication_date": "2026-09-02",
    "billing_provider_id": None,
    "diagnosis_pointers": [1],
    "first_date": SERVICE_DAY,
    "id": None,
    "last_date": None,
    "patient_paid": None,
}
"""Members of claims and decisions whose rule no schema can say, and a value that keeps it."""
_MOSTLY = 0.85


class Run:
    """The state of one run, shared by its threads."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.records = Records(plan, seed=1)
        self.role_of: dict[str, Role] = {}
        self.statuses: dict[str, dict[str, collections.Counter[int]]] = {}
        self._turns: collections.Counter[tuple[str, Role]] = collections.Counter()
        self._lock = threading.Lock()

    def next_role(self, operation: str, *, is_right: bool) -> Role:
        """Each role in turn; with requests that are right first whoever still waits for the answer it must get."""
        owed = [role for role in Role if not self.has_answered(operation, role)] if is_right else []
        with self._lock:
            role = min(
                owed or [role for role in Role if may(role, operation)],
                key=lambda candidate: self._turns[operation, candidate],
            )
            self._turns[operation, role] += 1
            return role

    def has_answered(self, operation: str, role: Role) -> bool:
        """With success where the role may, with 403 where it may not."""
        statuses = self.statuses.get(operation, {}).get(role, collections.Counter())
        with self._lock:
            return any(status < 300 if may(role, operation) else status == 403 for status in statuses)

    def note(self, operation: str, role: Role, status: int) -> None:
        with self._lock:
            self.statuses.setdefault(operation, {}).setdefault(role, collections.Counter())[status] += 1

    def write_summary(self, path: Path) -> None:
        path.write_text(json.dumps(self.statuses), encoding="utf-8")


def _start() -> Run:
    run = Run(Plan.read(Path(os.environ[PLAN_VARIABLE])))
    atexit.register(run.write_summary, Path(os.environ[SUMMARY_VARIABLE]))
    return run


_run = _start()


@schemathesis.hook
def before_call(_context: HookContext, case: AnyCase, _kwargs: dict[str, Any]) -> None:
    operation = _operation(case)
    if operation is None or case.meta is None or case.auth_identity is None:
        return  # another method, or a request that is meant to come without a token of ours
    wrong = _wrong_places(case.meta)
    role = _run.next_role(operation, is_right=not wrong)
    _run.role_of[case.id] = role
    is_whole = not wrong and may(role, operation) and not _run.has_answered(operation, role)
    if ParameterLocation.PATH not in wrong:
        _fill_path(case, operation, role, is_whole=is_whole)
    if ParameterLocation.QUERY not in wrong:
        _fill_query(case, is_whole=is_whole)
    if ParameterLocation.BODY not in wrong and isinstance(case.body, dict):
        case.body = _run.records.body(operation) if is_whole else _with_real_ids(case.body)
    if ParameterLocation.HEADER not in wrong:
        _fill_headers(case, operation, is_whole=is_whole, is_right=not wrong)
    case.headers["Authorization"] = f"Bearer {_run.plan.tokens[role]}"


@schemathesis.hook
def after_call(_context: HookContext, case: AnyCase, response: Response) -> None:
    operation, role = _operation(case), _run.role_of.get(case.id)
    if operation is not None and role is not None:
        _run.note(operation, role, response.status_code)


@schemathesis.check
def the_role_table_is_kept(_context: CheckContext, response: Response, case: AnyCase) -> None:
    """403 for a role without a row, and for no other; a path that is no route has no row."""
    operation, role = _operation(case), _run.role_of.get(case.id)
    if operation is None or role is None or case.meta is None:
        return
    if may(role, operation):
        assert response.status_code != 403, f"{role} may {operation}, and was refused"
    elif not case.meta.is_negative_at(ParameterLocation.PATH):
        assert response.status_code == 403, f"{role} may not {operation}, and got {response.status_code}"


@schemathesis.check
def a_right_request_is_refused_by_a_listed_rule(context: CheckContext, response: Response, case: AnyCase) -> None:
    """A rule the document could state may not refuse what fits it. The others are listed by their codes: the problem's, or
    those of all its findings.
    """
    if case.meta is None or response.status_code not in {400, 409, 412, 422, 429} or _operation(case) is None:
        return
    if case.meta.generation.mode.is_negative or any(case.meta.is_negative_at(place) for place in ParameterLocation):
        return
    listed = context.config.custom_kwargs.get("a_right_request_is_refused_by_a_listed_rule", {}).get("codes", [])
    problem = response.json()
    codes = {finding["code"] for finding in problem["findings"]} or {problem["code"]}
    is_listed = problem["code"] in listed or codes <= set(listed)
    assert is_listed, f"refused by {sorted(codes)}, which the document does not tell"


@schemathesis.check
def a_refusal_repeats_nothing(_context: CheckContext, response: Response, case: AnyCase) -> None:
    """No text of the body or the query comes back; what stands in the document itself is nobody's data."""
    if response.status_code < 400:
        return
    answer = response.text
    for text in (*_texts(case.body), *_texts(dict(case.query or {}))):
        assert len(text) < 6 or text in _run.records.document or text not in answer, "a submitted text came back"


@schemathesis.check
def an_answer_is_kept_by_nobody(_context: CheckContext, response: Response, _case: AnyCase) -> None:
    assert response.headers.get("cache-control") == ["no-store"]
    assert response.headers.get("x-content-type-options") == ["nosniff"]
    assert len(response.headers.get("x-request-id", [])) == 1


def _operation(case: AnyCase) -> str | None:
    """The operation's id; None for a method the path does not have."""
    definition = case.operation.definition.raw
    return None if case.method.lower() != case.operation.method.lower() else str(definition["operationId"])


def _wrong_places(meta: CaseMetadata) -> set[ParameterLocation]:
    """Where the request was made wrong on purpose. The coverage phase varies one place; others may be wrong by accident."""
    wrong = {place for place in ParameterLocation if meta.is_negative_at(place)}
    if isinstance(meta.phase.data, CoveragePhaseData) and meta.phase.data.parameter_location is not None:
        wrong &= {meta.phase.data.parameter_location}
    return wrong


def _fill_path(case: AnyCase, operation: str, role: Role, *, is_whole: bool) -> None:
    if is_whole:
        case.path_parameters = _run.records.path_parameters(operation, list(case.path_parameters))
        return
    for name in case.path_parameters:
        known = _run.records.known(operation, name)
        if case.path_parameters[name] not in known and _run.records.happens(_MOSTLY):
            case.path_parameters[name] = known[0] if role is Role.PATIENT else _run.records.one_of(known)


def _fill_query(case: AnyCase, *, is_whole: bool) -> None:
    # No cursor can be made up: with one the list itself would never be reached.
    if "cursor" in case.query and (is_whole or _run.records.happens(_MOSTLY)):
        del case.query["cursor"]
    if "sequence" in case.query and (is_whole or _run.records.happens(_MOSTLY)):
        del case.query["sequence"]  # most claims were never submitted


def _fill_headers(case: AnyCase, operation: str, *, is_whole: bool, is_right: bool) -> None:
    if "Idempotency-Key" in case.headers and (is_whole or _run.records.happens(_MOSTLY)):
        case.headers["Idempotency-Key"] = str(uuid4())
    if operation in ETAG_OF and (is_whole or _run.records.happens(_MOSTLY)):
        # What is wrong elsewhere is found before the version is looked at.
        etag = _run.records.etag(ETAG_OF[operation].format_map(case.path_parameters)) if is_right else None
        case.headers["If-Match"] = etag or '"1"'


def _with_real_ids(body: Any) -> Any:
    """The body with most ids pointing at something, check digits that hold, and days on which something could be."""
    if isinstance(body, list):
        return [_with_real_ids(item) for item in body]
    if not isinstance(body, dict):
        return body
    filled: JSON = {}
    for name, value in body.items():
        if name in _POINTED_AT and value is not None and _run.records.happens(_MOSTLY):
            filled[name] = _run.records.one_of(_run.records.ids[_POINTED_AT[name]])
        elif name == "npi" and _run.records.happens(_MOSTLY):
            filled[name] = _run.records.new_npi()
        elif name in _KEPT and _run.records.happens(_MOSTLY):
            filled[name] = _KEPT[name]
        else:
            filled[name] = _with_real_ids(value)
    return filled


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield str(name)
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
