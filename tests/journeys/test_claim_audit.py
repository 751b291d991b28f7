"""What the audit trail says of claims: for each of their operations who did what to which record of which patient.

That there is one event for each answer is counted in `test_audit_trail.py`.
"""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.domain.access import ACCESS
from app.domain.callers import Role
from app.domain.practices import Practice
from app.repositories.database import Database
from tests.journeys.claim_walking import a_line_body, act, new_draft, new_insured, path_of
from tests.journeys.operations import Operation, an_adjudication_body, operations_of
from tests.journeys.walking import JSON, Someone
from tests.planting import plant
from tests.running import Databases, RunningService

OF_THE_ANSWER = "id"
EVENTS: dict[str, tuple[str, str, str | None]] = {
    "create_claim": ("create", "claim", OF_THE_ANSWER),
    "list_claims": ("list", "claim", None),
    "read_claim": ("read", "claim", "draft_claim_id"),
    "change_claim": ("change", "claim", "draft_claim_id"),
    "delete_claim": ("delete", "claim", "draft_claim_id"),
    "hold_claim": ("hold", "claim", "draft_claim_id"),
    "release_claim": ("release", "claim", "held_claim_id"),
    "read_claim_timeline": ("list", "claim_event", "draft_claim_id"),
    "create_secondary_claim": ("create", "claim", OF_THE_ANSWER),
    "review_claim": ("read", "claim_review", "next_claim_id"),
    "list_repairs": ("list", "repair", "next_claim_id"),
    "apply_repair": ("repair", "adjudication", "prior_payers/0/adjudication/id"),
    "create_adjudication": ("create", "adjudication", OF_THE_ANSWER),
    "list_adjudications": ("list", "adjudication", "paid_claim_id"),
    "accept_adjudication": ("change", "adjudication", "adjudication_id"),
    "create_submission": ("submit", "submission", OF_THE_ANSWER),
    "list_submissions": ("list", "submission", None),
    "read_claim_837": ("read", "submission", "submission_id"),
    "list_remittances": ("list", "remittance", None),
    "read_remittance": ("read", "remittance", "remittance_id"),
    "list_claim_payments": ("list", "remittance", "remittance_id"),
}
"""Action, type of the record, and which it is: a member of the planted records, or a place in the answer."""
SHOWS_SEVERAL = {"list_claims", "read_remittance", "list_claim_payments"}
OF_NO_PATIENT = {"list_remittances"}


@pytest.fixture
def admin(http: httpx.AsyncClient, service: RunningService, practice: Practice) -> Someone:
    return Someone.of(http, service, Role.ADMIN, practice.id)


@pytest.fixture
async def operations(http: httpx.AsyncClient) -> dict[str, Operation]:
    return operations_of((await http.get("/openapi.json")).json())


async def test_an_event_names_who_did_what_to_which_record_of_which_patient(
    service: RunningService, database: Database, practice: Practice, admin: Someone, operations: dict[str, Operation]
) -> None:
    of_claims = {name for name in ACCESS if operations[name].path.startswith(("/v1/claims", "/v1/remittances"))}
    assert of_claims == EVENTS.keys()
    token = service.token(Role.BILLER, practice.id, subject="biller-madeup")
    for name, (action, record_type, which) in EVENTS.items():
        about = await plant(database, practice.id)
        answer = await operations[name].ask(admin.http, token, about)
        assert answer.is_success, f"{name}: {answer.text}"
        event = await _event_of(admin, answer)
        said = ("biller-madeup", "biller", action, record_type)
        assert tuple(event[member] for member in ("actor", "role", "action", "record_type")) == said, name
        if which is not None:
            assert event["record_id"] == str(getattr(about, which, None) or _at(answer.json(), which)), name
        patient = None if name in SHOWS_SEVERAL | OF_NO_PATIENT else str(about.patient_id)
        assert event["patient_id"] == patient, name
        assert event["seen_patient_ids"] == ([str(about.patient_id)] if name in SHOWS_SEVERAL else []), name


async def test_a_preview_is_a_look_at_the_claim(
    service: RunningService, database: Database, practice: Practice, admin: Someone, operations: dict[str, Operation]
) -> None:
    about = await plant(database, practice.id)
    answer = await operations["read_claim_837"].ask(admin.http, admin.token, about, about.draft_claim_id)
    assert answer.headers["crossover-content"] == "preview"
    event = await _event_of(admin, answer)
    assert (event["action"], event["record_type"], event["record_id"]) == ("read", "claim", str(about.draft_claim_id))


async def test_a_change_names_the_fields_and_a_hold_its_reason(admin: Someone) -> None:
    draft = await new_draft(admin)
    change = {"diagnoses": ["F419"], "lines": [a_line_body(charge="151.00")], "referral_number": "REF7"}
    changed = await admin.patch(path_of(draft), change, version=1)
    event = await _event_of(admin, changed)
    assert set(event["changed_fields"]) == {"content.diagnoses", "content.lines", "content.referral_number"}
    held = await act(admin, changed.json(), "/hold", {"reason": "by_hand"})
    assert (await _event_of(admin, held))["reason"] == "by_hand"


async def test_a_refusal_that_shows_the_lines_of_a_claim_is_a_look_at_it(admin: Someone) -> None:
    """Totals on two lines are refused with a template of them, and nothing of what was asked for is kept."""
    insured = await new_insured(admin)
    lines = [a_line_body(), a_line_body(procedure_code="90785", charge="30.00")]
    answer = await admin.post("/v1/claims", insured.claim_body(lines=lines))
    claim = answer.json()
    totals = {"paid": "80.00", "adjustments": "75.00", "patient_responsibility": "25.00", "copay": "25.00"}
    for verb, body in (
        ("/adjudications", an_adjudication_body(totals=totals)),
        ("/secondary", {"adjudication": an_adjudication_body(totals=totals)}),
    ):
        refused = await act(admin, claim, verb, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "lines_required")
        assert len(refused.json()["line_template"]) == 2
        event = await _event_of(admin, refused)
        assert (event["action"], event["record_type"]) == ("read", "claim")
        assert (event["record_id"], event["patient_id"]) == (claim["id"], claim["patient_id"])


async def test_what_the_worker_does_with_a_claim_is_recorded_under_its_own_name(
    admin: Someone, databases: Databases
) -> None:
    draft = await new_draft(admin)
    sent = await act(admin, draft, "/submissions", Prefer="wait=20")
    assert (sent.status_code, sent.json()["state"]) == (201, "sent")
    claim = await _decided(admin, draft)
    assert claim["status"] == "paid"
    query = (
        "select actor, role, action, record_type, record_id, request_id from audit_event"
        " where patient_id = :patient and role = 'system' order by sequence"
    )
    async with databases.as_superuser() as connection:
        rows = await connection.execute(sa.text(query), {"patient": draft["patient_id"]})
        events = [dict(row) for row in rows.mappings()]
    assert {event["actor"] for event in events} == {"system"}
    assert all(event["request_id"] for event in events)
    assert Counter((event["action"], event["record_type"]) for event in events) == {
        ("send", "submission"): 1,
        ("record_answer", "submission"): 1,
        ("record_answer", "claim"): 2,  # the payer's acknowledgment and its decision
    }
    ids = {"submission": sent.json()["id"], "claim": claim["id"]}
    assert all(str(event["record_id"]) == ids[event["record_type"]] for event in events)


async def _decided(admin: Someone, draft: JSON) -> JSON:
    """The claim once its payer has decided."""
    async with asyncio.timeout(60):
        while True:
            claim = (await admin.get(path_of(draft))).json()
            if claim["outcome"] is not None:
                return dict(claim)
            await asyncio.sleep(0.3)


async def _event_of(admin: Someone, answer: httpx.Response) -> dict[str, Any]:
    """The one event of the request, as the practice's admin reads it."""
    request_id = answer.headers["x-request-id"]
    events = (await admin.get("/v1/audit-events", limit="100")).json()["data"]
    (event,) = [event for event in events if event["request_id"] == request_id]
    return dict(event)


def _at(document: Any, place: str) -> Any:
    for name in place.split("/"):
        document = document[int(name) if name.isdigit() else name]
    return document
