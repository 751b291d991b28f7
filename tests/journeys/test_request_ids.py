"""A request has one id: in its answer's header, in its problem, in the log, in the audit trail, and in what it sets going."""

import json
from uuid import uuid4

import httpx

from app.domain.callers import Role
from app.domain.practices import Practice
from tests.journeys.claim_walking import act, new_draft, timeline_of
from tests.journeys.walking import Someone
from tests.running import RunningService


def logged_ids(service: RunningService, route: str) -> set[str]:
    lines = (json.loads(line) for line in service.log("api").splitlines() if line.startswith("{"))
    return {line["request_id"] for line in lines if line.get("route") == route}


async def test_an_answer_names_its_request_once(
    http: httpx.AsyncClient, service: RunningService, practice: Practice
) -> None:
    clinician = Someone.of(http, service, Role.CLINICIAN, practice.id)
    admin = Someone.of(http, service, Role.ADMIN, practice.id)
    patient = await clinician.new_patient()
    answer = await clinician.get(f"/v1/patients/{patient['id']}")
    (request_id,) = answer.headers.get_list("x-request-id")
    events = (await admin.get("/v1/audit-events", patient_id=patient["id"])).json()["data"]
    assert [event["request_id"] for event in events if event["action"] == "read"] == [request_id]
    assert request_id in logged_ids(service, "/v1/patients/{patient_id}")


async def test_a_refusal_names_its_request_as_its_header_and_the_log_do(
    http: httpx.AsyncClient, service: RunningService
) -> None:
    answer = await http.get(f"/v1/coverages/{uuid4()}")
    assert answer.status_code == 401
    assert answer.headers.get_list("x-request-id") == [answer.json()["request_id"]]
    assert answer.json()["request_id"] in logged_ids(service, "/v1/coverages/{coverage_id}")


async def test_a_callers_own_request_id_is_used_throughout(
    http: httpx.AsyncClient, service: RunningService, practice: Practice
) -> None:
    own = f"partner-{uuid4().hex}"
    token = service.token(Role.CLINICIAN, practice.id)
    headers = {"Authorization": f"Bearer {token}", "X-Request-Id": own}
    answer = await http.get(f"/v1/coverages/{uuid4()}", headers=headers)
    assert (answer.status_code, answer.json()["request_id"]) == (404, own)
    assert answer.headers.get_list("x-request-id") == [own]


async def test_what_a_submission_sets_going_carries_its_request_id(
    http: httpx.AsyncClient, service: RunningService, practice: Practice
) -> None:
    admin = Someone.of(http, service, Role.ADMIN, practice.id)
    draft = await new_draft(admin)
    answer = await act(admin, draft, "/submissions", Prefer="wait=20")
    assert answer.json()["state"] == "sent"
    request_id = answer.headers["x-request-id"]
    told = [event["kind"] for event in await timeline_of(admin, draft) if event["request_id"] == request_id]
    assert told[:3] == ["submitted", "attempt_started", "sent"]
    events = (await admin.get("/v1/audit-events", patient_id=draft["patient_id"], limit="100")).json()["data"]
    did = {(event["role"], event["action"]) for event in events if event["request_id"] == request_id}
    assert did == {("admin", "submit"), ("system", "send"), ("system", "record_answer")}
    ended = [json.loads(line) for line in service.log("worker").splitlines() if request_id in line]
    assert ("job_ended", "submission") in {(line["event"], line.get("kind")) for line in ended}
