"""Answers with patient data = audit events: counted over a walk through all operations, by request id.

An answer tells of a patient when it holds the patient's marked word or id, or succeeds about a record in its path that is
the patient's. Such an answer has one event of its own; so has each change, and each look at the trail itself or at what payers
paid; nothing else has any. What the worker records in the background it records under its own name.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.domain.access import ACCESS, may
from app.domain.callers import Caller, Role
from app.domain.practices import Practice
from app.repositories.database import Database
from tests.in_process import in_process
from tests.journeys.operations import EXAMPLES, Operation, operations_of
from tests.journeys.walking import Someone, a_patient_body, blue_heron
from tests.planting import plant
from tests.planting_records import Records
from tests.running import Databases, RunningService

CHANGES = ("create_", "change_", "order_", "terminate_", "verify_")
LOOKS = ("list_audit_events", "list_remittances")
"""Recorded whomever they show."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One question of the walk and its answer."""

    operation: Operation
    about: Records
    answer: httpx.Response

    @property
    def tells_of_the_patient(self) -> bool:
        text = self.answer.text.lower()
        marks = (self.about.word, self.about.external_id, str(self.about.patient_id))
        return any(mark in text for mark in marks) or (self.answer.is_success and self.operation.is_of_a_patient)

    @property
    def events(self) -> int:
        """How many there must be."""
        if self.tells_of_the_patient:
            return 1
        changes = self.operation.id.startswith(CHANGES) and "idempotency-replayed" not in self.answer.headers
        return int(self.answer.is_success and (changes or self.operation.id in LOOKS))

    def __str__(self) -> str:
        return f"{self.operation.id}: {self.answer.status_code}"


class Walk:
    """Asks operations as one person of the practice, and keeps each answer."""

    def __init__(self, http: httpx.AsyncClient, operations: dict[str, Operation]) -> None:
        self._http = http
        self.operations = operations
        self.steps: list[Step] = []

    async def ask(self, operation: str, token: str, about: Records, *record: Any, **more: Any) -> httpx.Response:
        asked = self.operations[operation]
        answer = await asked.ask(self._http, token, about, *record, **more)
        self.steps.append(Step(operation=asked, about=about, answer=answer))
        return answer


@pytest.fixture
async def walk(http: httpx.AsyncClient) -> Walk:
    return Walk(http, operations_of((await http.get("/openapi.json")).json()))


@pytest.fixture
async def records(database: Database, practice: Practice) -> Records:
    return await plant(database, practice.id)


async def events_of(databases: Databases, walk: Walk) -> Counter[str]:
    """How many events of people each request has."""
    ids = [step.answer.headers["x-request-id"] for step in walk.steps]
    async with databases.as_superuser() as connection:
        rows = await connection.scalars(
            sa.text("select request_id from audit_event where request_id = any(:ids) and role <> 'system'"),
            {"ids": ids},
        )
        return Counter(rows)


async def assert_counted(databases: Databases, walk: Walk) -> None:
    found = await events_of(databases, walk)
    wrong = {
        str(step): (found[step.answer.headers["x-request-id"]], step.events)
        for step in walk.steps
        if found[step.answer.headers["x-request-id"]] != step.events
    }
    assert wrong == {}


async def test_each_answer_about_a_patient_has_one_event_and_no_other_answer_has_any(
    databases: Databases, database: Database, service: RunningService, practice: Practice, walk: Walk
) -> None:
    for role in (Role.ADMIN, Role.CLINICIAN, Role.PATIENT):
        for operation in sorted(ACCESS):
            about = await plant(database, practice.id)
            patient_id = about.patient_id if role is Role.PATIENT else None
            caller = Caller(subject="x", practice_id=practice.id, roles=frozenset({role}), patient_id=patient_id)
            version = (await _version_of(databases, practice)) if operation == "change_practice" else 1
            answer = await walk.ask(
                operation,
                service.token(role, practice.id, patient_id=patient_id),
                about,
                headers={"If-Match": f'"{version}"'},
            )
            assert answer.is_success == may(caller, operation), f"{operation}: {answer.text}"
    telling = [step for step in walk.steps if step.tells_of_the_patient]
    assert len(telling) >= 65
    await assert_counted(databases, walk)


async def _version_of(databases: Databases, practice: Practice) -> int:
    async with databases.as_superuser() as connection:
        return int(
            await connection.scalar(sa.text("select version from practice where id = :id"), {"id": practice.id}) or 0
        )


async def test_replayed_answers_are_counted_like_first_ones(
    databases: Databases, database: Database, service: RunningService, practice: Practice, walk: Walk
) -> None:
    token = service.token(Role.ADMIN, practice.id)
    with_key = [name for name in sorted(ACCESS) if "Idempotency-Key" in walk.operations[name].headers]
    assert len(with_key) >= 14
    for operation in with_key:
        about, other = await plant(database, practice.id), await plant(database, practice.id)
        example = EXAMPLES[operation]
        body = example.body(about) if example.body is not None else {}
        same = {"json": body} if example.body is not None else {}
        key = {"Idempotency-Key": str(uuid4())}
        first = await walk.ask(operation, token, about, headers=dict(key), **same)
        again = await walk.ask(operation, token, about, headers=dict(key), **same)
        assert first.is_success, operation
        assert again.headers["idempotency-replayed"] == "true"
        assert (again.status_code, again.content) == (first.status_code, first.content)
        # Without a body, or with an empty one, another request is one about another record.
        reused = await walk.ask(
            operation, token, about if body else other, headers=dict(key), **{"json": {}} if body else {}
        )
        assert reused.status_code == 422
    await assert_counted(databases, walk)
    replays = [step for step in walk.steps if "idempotency-replayed" in step.answer.headers]
    assert sum(step.events for step in replays) == len(with_key) - 2  # a provider and a payer override are no patient's


async def test_refusals_tell_nothing_and_leave_no_event(
    databases: Databases, database: Database, service: RunningService, practice: Practice, records: Records, walk: Walk
) -> None:
    token = service.token(Role.ADMIN, practice.id)
    for name, operation in walk.operations.items():
        if operation.record:
            await walk.ask(name, token, records, uuid4())
        if operation.example.body is not None:
            await walk.ask(name, token, records, json={"unknown": records.word})
        if "If-Match" in operation.headers:
            await walk.ask(name, token, records, headers={"If-Match": '"99"'})
        await walk.ask(name, service.token(Role.OPS, None), records)
        await walk.ask(name, "no-token", records)
    duplicate = a_patient_body(external_id=records.external_id, name={"last": records.word, "first": records.word})
    await walk.ask("create_patient", token, records, json=duplicate)
    refused = {step.answer.status_code for step in walk.steps}
    assert refused == {401, 403, 404, 409, 412, 422}
    assert [str(step) for step in walk.steps if step.tells_of_the_patient] == []
    assert await events_of(databases, walk) == {}


async def test_what_the_worker_records_is_an_event_of_its_own(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, databases: Databases
) -> None:
    clinician = Someone.of(http, service, Role.CLINICIAN, practice.id, subject="dr-madeup")
    record = await clinician.new_patient()
    coverage = await clinician.new_coverage(record["id"], **blue_heron())
    answer = await clinician.post(f"/v1/coverages/{coverage['id']}/eligibility-checks", {}, Prefer="wait=20")
    assert answer.json()["status"] == "answered"
    async with databases.as_superuser() as connection:
        rows = await connection.execute(
            sa.text(
                "select actor, role, action, patient_id, request_id from audit_event"
                " where record_id = :check order by sequence"
            ),
            {"check": answer.json()["id"]},
        )
        events = [tuple(row) for row in rows]
    request_id = answer.headers["x-request-id"]
    patient_id = coverage["patient_id"]
    assert [(actor, role, action, str(patient), request) for actor, role, action, patient, request in events] == [
        ("dr-madeup", "clinician", "ask_payer", patient_id, request_id),
        ("system", "system", "record_answer", patient_id, request_id),
    ]


async def test_a_list_names_the_patients_it_showed_and_no_others(
    http: httpx.AsyncClient, service: RunningService, database: Database, practice: Practice
) -> None:
    planted = [await plant(database, practice.id) for _ in range(3)]
    biller = Someone.of(http, service, Role.BILLER, practice.id)
    admin = Someone.of(http, service, Role.ADMIN, practice.id)
    lists = (("/v1/patients", "id", 1), ("/v1/work-items", "patient_id", 1), ("/v1/claims", "patient_id", 5))
    for path, key, rows_each in lists:
        cursor: dict[str, str] = {}
        for _ in range(len(planted) * rows_each):
            shown = await biller.get(path, limit="1", **cursor)
            (row,) = shown.json()["data"]
            event = await event_of(admin, shown)
            assert (event["seen_patient_ids"], event["action"]) == ([row[key]], "list")
            cursor = {"cursor": shown.json()["next_cursor"]}
        assert cursor == {"cursor": None}


async def event_of(admin: Someone, answer: httpx.Response) -> dict[str, Any]:
    """The one event of the request, as the practice's admin reads it."""
    request_id = answer.headers["x-request-id"]
    events = (await admin.get("/v1/audit-events", limit="100")).json()["data"]
    (event,) = [event for event in events if event["request_id"] == request_id]
    return dict(event)


async def test_an_event_says_who_in_which_role_why_what_and_which_fields_but_no_value(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, databases: Databases
) -> None:
    clinician = Someone.of(http, service, Role.CLINICIAN, practice.id, subject="dr-madeup")
    admin = Someone.of(http, service, Role.ADMIN, practice.id)
    word = f"Zq{uuid4().hex[:10]}"
    record = await clinician.new_patient(name={"last": word, "first": word})
    path = f"/v1/patients/{record['id']}"
    changed = await http.patch(
        path,
        json={"name": {"first": f"{word}x"}, "address": {"city": f"{word}ton"}},
        headers={
            "Authorization": f"Bearer {clinician.token}",
            "If-Match": '"1"',
            "Purpose-Of-Use": "treatment",
        },
    )
    event = await event_of(admin, changed)
    assert {name: event[name] for name in ("actor", "role", "action", "record_type", "record_id", "purpose")} == {
        "actor": "dr-madeup",
        "role": "clinician",
        "action": "change",
        "record_type": "patient",
        "record_id": record["id"],
        "purpose": "treatment",
    }
    assert event["changed_fields"] == ["person.name.first", "person.address.city"]
    found = await clinician.post("/v1/patients/search", {"last_name": word})
    searched = await event_of(admin, found)
    assert (searched["action"], searched["seen_patient_ids"]) == ("search", [record["id"]])
    async with databases.as_superuser() as connection:
        told = await connection.scalars(
            sa.text("select cast(t as text) from audit_event t where practice_id = :id"), {"id": practice.id}
        )
        assert not [row for row in told if word.lower() in row.lower()]


async def test_the_trail_of_one_patient_holds_all_that_touched_or_showed_them(
    http: httpx.AsyncClient, service: RunningService, practice: Practice
) -> None:
    clinician = Someone.of(http, service, Role.CLINICIAN, practice.id)
    admin = Someone.of(http, service, Role.ADMIN, practice.id)
    one, other = await clinician.new_patient(), await clinician.new_patient()
    coverage = await clinician.new_coverage(one["id"])
    await asyncio.gather(
        clinician.get(f"/v1/patients/{one['id']}"),
        clinician.get(f"/v1/patients/{other['id']}"),
        clinician.get("/v1/patients"),
        clinician.get(f"/v1/coverages/{coverage['id']}"),
    )
    trail = (await admin.get("/v1/audit-events", patient_id=one["id"])).json()["data"]
    assert Counter((event["action"], event["record_type"]) for event in trail) == {
        ("create", "patient"): 1,
        ("create", "coverage"): 1,
        ("read", "patient"): 1,
        ("list", "patient"): 1,
        ("read", "coverage"): 1,
    }
    again = (await admin.get("/v1/audit-events", patient_id=one["id"])).json()["data"]
    assert (again[0]["action"], again[0]["record_type"]) == ("list", "audit_event")


def test_when_the_trail_cannot_be_written_no_answer_tells_of_a_patient(databases: Databases, tmp_path: Path) -> None:
    """Fail closed: on a database whose trail takes no rows, only answers that need no event succeed."""
    without_trail = databases.fresh()

    async def walk_without() -> set[str]:
        practice = await without_trail.add_practice()
        async with in_process(without_trail, tmp_path) as running:
            records = await plant(running.service.database, practice.id)
            async with without_trail.as_owner() as connection:
                await connection.execute(sa.text("revoke insert on audit_event from crossover_app"))
            transport = httpx.ASGITransport(app=running.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                walk = Walk(client, operations_of((await client.get("/openapi.json")).json()))
                for operation in sorted(ACCESS):
                    await walk.ask(operation, running.token(Role.ADMIN, practice.id), records)
        assert [str(step) for step in walk.steps if step.tells_of_the_patient] == []
        assert {step.answer.status_code for step in walk.steps} == {200, 500}
        return {step.operation.id for step in walk.steps if step.answer.is_success}

    with asyncio.Runner() as runner:
        assert runner.run(walk_without()) == {
            "read_practice",
            "list_providers",
            "read_provider",
            "search_payers",
            "read_payer",
            "list_payer_overrides",
        }
