"""J12: every operation x every role x every record, from the service's own document.

What is expected is computed from the role table and from whose the record is. A record of another practice, another
patient's record for a patient, and an id that nobody has are answered with the same bytes.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from starlette.routing import Route

from app.api.application import VERSION_PREFIX, create_application
from app.domain.access import ACCESS, roles_of
from app.domain.callers import Role
from app.domain.practices import Practice
from app.repositories.database import Database
from app.repositories.tables import TENANT_TABLES
from tests.factories import a_practice
from tests.journeys.claim_walking import a_claim_body, a_line_body
from tests.journeys.matrix import Matrix, Who, leaked, without_its_own_id
from tests.journeys.operations import EXAMPLES, Operation, a_decision_body, operations_of
from tests.planting import plant
from tests.planting_records import Records
from tests.running import Databases, RunningService


@pytest.fixture(scope="module")
async def home(databases: Databases) -> Practice:
    return await databases.add_practice()


@pytest.fixture(scope="module")
async def foreign(databases: Databases, database: Database) -> Records:
    """Another practice, marked in its own name and address too."""
    practice = a_practice()
    await databases.add_practice(practice)
    records = await plant(database, practice.id)
    async with database.tenant_transaction(practice.id) as connection:
        vault = await database.vault(connection, practice.id)
        sealed = {"name": f"{records.house_word} CLINIC", "tax_id": None, "address": None}
        await connection.execute(
            sa.text("update practice set sealed = :sealed where id = :id"),
            {"sealed": vault.seal("practice", "sealed", practice.id, sealed), "id": practice.id},
        )
        await connection.commit()
    return records


@pytest.fixture(scope="module")
async def document(http: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await http.get("/openapi.json")).raise_for_status().json())


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, Operation]:
    return operations_of(document)


def test_each_operation_of_the_document_has_a_row_in_the_role_table_and_an_example(
    operations: dict[str, Operation],
) -> None:
    assert operations.keys() == ACCESS.keys()
    assert operations.keys() == EXAMPLES.keys()


def test_the_document_says_who_may(document: dict[str, Any]) -> None:
    said = {
        operation["operationId"]: operation["x-roles"]
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    assert said == {operation: roles_of(operation) for operation in ACCESS}


def test_no_operation_is_left_out_of_the_document(document: dict[str, Any]) -> None:
    served = {
        (route.path, method)
        for route in create_application(version="test").routes
        if isinstance(route, Route) and route.path.startswith(VERSION_PREFIX)
        for method in route.methods or ()
    }
    documented = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert {entry for entry in served if entry[1] != "HEAD"} == documented


def test_examples_need_what_the_document_says(document: dict[str, Any], operations: dict[str, Operation]) -> None:
    with_body = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    }
    assert {name for name, operation in operations.items() if operation.example.body} == with_body


@pytest.fixture(scope="module")
async def matrix(
    service: RunningService, http: httpx.AsyncClient, database: Database, home: Practice, foreign: Records
) -> Matrix:
    return Matrix(service, http, database, await plant(database, home.id), foreign)


@pytest.fixture
async def untouched(databases: Databases, foreign: Records) -> AsyncIterator[None]:
    """Whatever is asked, the other practice's rows stay as they are."""
    before = await rows_of(databases, foreign.practice_id)
    yield
    assert await rows_of(databases, foreign.practice_id) == before


async def rows_of(databases: Databases, practice_id: UUID) -> dict[str, list[str]]:
    everything = "select cast(t as text) from {table} t where {column} = :id order by 1"
    tables = dict.fromkeys(TENANT_TABLES, "practice_id") | {"practice": "id"}
    async with databases.as_superuser() as connection:
        return {
            table: list(
                await connection.scalars(sa.text(everything.format(table=table, column=column)), {"id": practice_id})
            )
            for table, column in tables.items()
        }


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", sorted(ACCESS))
async def test_who_may_do_what_to_whose(
    matrix: Matrix, operations: dict[str, Operation], foreign: Records, name: str
) -> None:
    cells = await matrix.cells(operations[name])
    assert [str(cell) for cell in cells if not cell.is_as_expected] == []
    for cell in cells:
        assert leaked(cell.answer, foreign.marks) == [], cell
        if cell.expected is not None:
            # A refusal tells nothing of the record it is about, and nothing of the one who asks.
            assert leaked(cell.answer, (*cell.about.marks, *cell.own.marks)) == [], cell
        if Role.PATIENT in cell.who.roles:
            assert leaked(cell.answer, cell.about.of_the_practice) == [], cell
    assert len({without_its_own_id(cell.answer) for cell in cells if cell.expected == 404}) <= 1


Request = tuple[str, Callable[[Records], dict[str, Any]]]
REFERENCES: dict[str, Request] = {
    "a coverage in an order": (
        "order_coverages",
        lambda theirs: {
            "json": {
                "effective_from": "2026-07-01",
                "ranks": [{"coverage_id": str(theirs.verified_coverage_id), "rank": "primary"}],
            }
        },
    ),
    "a provider in a check": (
        "create_eligibility_check",
        lambda theirs: {"json": {"provider_id": str(theirs.provider_id)}},
    ),
    "a patient of events": ("list_audit_events", lambda theirs: {"params": {"patient_id": str(theirs.patient_id)}}),
    "a record system's patient": ("list_patients", lambda theirs: {"params": {"external_id": theirs.external_id}}),
    "a name": ("search_patients", lambda theirs: {"json": {"last_name": f"{theirs.word}Last"}}),
    "a patient to bill for": ("create_claim", lambda theirs: {"json": a_claim_body(str(theirs.patient_id))}),
    "a provider who rendered": (
        "change_claim",
        lambda theirs: {"json": {"rendering_provider_id": str(theirs.provider_id)}},
    ),
    "a line of a claim": (
        "change_claim",
        lambda theirs: {"json": {"lines": [a_line_body(id=str(theirs.line_id), first_date="2026-08-20")]}},
    ),
    "a coverage to go on to": (
        "create_secondary_claim",
        lambda theirs: {"json": {"coverage_id": str(theirs.secondary_coverage_id)}},
    ),
    "a line in a decision": (
        "create_adjudication",
        lambda theirs: {"json": a_decision_body([{"line_id": str(theirs.line_id), "paid": "80.00"}])},
    ),
    "a patient of claims": ("list_claims", lambda theirs: {"params": {"patient_id": str(theirs.patient_id)}}),
    "a provider of claims": ("list_claims", lambda theirs: {"params": {"provider_id": str(theirs.provider_id)}}),
    "an encounter of claims": ("list_claims", lambda theirs: {"params": {"encounter_id": theirs.encounter_id}}),
}
"""Operations that take another record's id, or something that finds it, in body or query."""


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("request_of", REFERENCES.values(), ids=REFERENCES.keys())
async def test_a_reference_to_another_practices_record_is_answered_like_one_to_nothing(
    service: RunningService,
    http: httpx.AsyncClient,
    database: Database,
    home: Practice,
    foreign: Records,
    operations: dict[str, Operation],
    request_of: Request,
) -> None:
    name, more = request_of
    own = await plant(database, home.id)
    token = Who(name="admin", roles=(Role.ADMIN,)).token(service, own)
    answers = [
        await operations[name].ask(http, token, own, **more(theirs))
        for theirs in (foreign, Records(practice_id=uuid4()))
    ]
    assert without_its_own_id(answers[0]) == without_its_own_id(answers[1])
    assert answers[0].status_code in {200, 409, 422}
    assert leaked(answers[0], foreign.marks) == []


async def test_what_belongs_to_another_claim_is_answered_like_what_is_not_there(
    service: RunningService,
    http: httpx.AsyncClient,
    database: Database,
    home: Practice,
    foreign: Records,
    operations: dict[str, Operation],
) -> None:
    """The claim is one's own. A repair's id stands for a state of things, so that one from elsewhere is out of date."""
    neighbour = await plant(database, home.id)
    with_parts = {name: operation for name, operation in operations.items() if operation.parts}
    assert with_parts.keys() == {"accept_adjudication", "apply_repair"}
    expected = {"accept_adjudication": (404, "not_found"), "apply_repair": (409, "repair_stale")}
    for name, operation in with_parts.items():
        own = await plant(database, home.id)
        token = Who(name="admin", roles=(Role.ADMIN,)).token(service, own)
        (part,) = operation.parts
        answers = [
            await operation.ask(http, token, own, parts={part: getattr(theirs, part)})
            for theirs in (neighbour, foreign, Records(practice_id=uuid4()))
        ]
        assert len({without_its_own_id(answer) for answer in answers}) == 1
        assert (answers[0].status_code, answers[0].json()["code"]) == expected[name]
        assert leaked(answers[0], (*own.marks, *neighbour.marks, *foreign.marks)) == []
        for malformed in ("not-an-id", "%00", str(getattr(own, part)).upper() + "0"):
            answer = await operation.ask(http, token, own, parts={part: malformed})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await operation.ask(http, token, own)).is_success


async def test_a_cursor_continues_no_list_but_its_callers_own(
    service: RunningService, http: httpx.AsyncClient, database: Database, home: Practice, foreign: Records
) -> None:
    own = await plant(database, home.id)

    async def page(who: str, records: Records, **query: str) -> httpx.Response:
        token = Who(name=who, roles=(Role.CLINICIAN,)).token(service, records)
        path = f"/v1/patients/{records.patient_id}/coverages"
        return await http.get(path, params={"limit": "1", **query}, headers={"Authorization": f"Bearer {token}"})

    theirs = (await page("someone", foreign)).json()["next_cursor"]
    mine = (await page("someone", own)).json()["next_cursor"]
    assert (await page("someone", own, cursor=mine)).is_success
    for answer in (
        await page("someone", own, cursor=theirs),
        await page("someone else", own, cursor=mine),
        await page("someone", own, cursor=mine, status="verified"),
        await page("someone", await plant(database, home.id), cursor=mine),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")
        assert leaked(answer, (*foreign.marks, *own.marks)) == []


async def test_an_idempotency_key_of_another_practice_or_caller_gives_no_answer_away(
    service: RunningService, http: httpx.AsyncClient, home: Practice, foreign: Records, operations: dict[str, Operation]
) -> None:
    own = Records(practice_id=home.id)
    headers = {"Idempotency-Key": str(uuid4())}
    body = EXAMPLES["create_patient"].body
    assert body is not None
    sent = body(own)

    async def create(who: str, records: Records) -> httpx.Response:
        token = Who(name=who, roles=(Role.CLINICIAN,)).token(service, records)
        return await operations["create_patient"].ask(http, token, own, headers=dict(headers), json=sent)

    theirs, mine = await create("someone", foreign), await create("someone", own)
    assert (theirs.status_code, mine.status_code) == (201, 201)
    assert theirs.json()["id"] != mine.json()["id"]
    assert (await create("someone", own)).content == mine.content
    stranger = await create("someone else", own)
    assert (stranger.status_code, stranger.json()["code"]) == (409, "external_id_taken")


@pytest.mark.parametrize("name", sorted(ACCESS))
async def test_a_token_for_a_practice_that_does_not_exist_opens_nothing(
    service: RunningService, http: httpx.AsyncClient, operations: dict[str, Operation], name: str
) -> None:
    for practice_id in (uuid4(), UUID(int=0)):
        records = Records(practice_id=practice_id)
        answer = await operations[name].ask(
            http, Who(name="admin", roles=(Role.ADMIN,)).token(service, records), records
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "role_forbidden")
