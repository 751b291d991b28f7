"""J12: every operation x every role x every record, from the service's own document.

What is expected is computed from the role table and from whose the record is. A record of another practice, another
patient's record for a patient, and an id that nobody has are answered with the same bytes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from starlette.routing import Route

from app.api.application import VERSION_PREFIX, create_application
from app.domain.access import ACCESS, may, roles_of
from app.domain.callers import Caller, Role
from app.domain.practices import Practice
from app.repositories.database import Database
from app.repositories.tables import TENANT_TABLES
from tests.factories import a_practice
from tests.journeys.operations import EXAMPLES, Operation, operations_of
from tests.planting import Records, plant
from tests.running import Databases, RunningService

AT_ONCE = 6


class Whose(StrEnum):
    OWN = "own"
    PRACTICES = "what the practice recorded about them"
    OTHER_PATIENT = "another patient's"
    OTHER_PRACTICE = "another practice's"
    NOBODY = "nobody's"
    MALFORMED = "no id at all"


@dataclass(frozen=True, kw_only=True)
class Who:
    """Someone with a token, or without one."""

    name: str
    roles: tuple[Role, ...] = ()
    scopes: tuple[str, ...] = ()

    def caller(self, records: Records) -> Caller:
        return Caller(
            subject=self.name,
            practice_id=None if self.roles == (Role.OPS,) else records.practice_id,
            roles=frozenset(self.roles),
            scopes=frozenset(self.scopes),
            patient_id=records.patient_id if Role.PATIENT in self.roles else None,
        )

    def token(self, service: RunningService, records: Records) -> str | None:
        if not self.roles:
            return None
        caller = self.caller(records)
        return service.issuer.mint(
            self.name, self.roles, caller.practice_id, patient_id=caller.patient_id, scopes=self.scopes
        )


SCOPES = sorted({access.scope for access in ACCESS.values()} - {""})
EVERYONE = (
    Who(name="nobody"),
    *(Who(name=role.value, roles=(role,)) for role in Role if role is not Role.PARTNER),
    Who(name="partner without a scope", roles=(Role.PARTNER,)),
    *(Who(name=f"partner with {scope}", roles=(Role.PARTNER,), scopes=(scope,)) for scope in SCOPES),
    Who(name="partner with scopes that do not exist", roles=(Role.PARTNER,), scopes=("*", "admin", "practice:write")),
    Who(name="patient who is admin too", roles=(Role.PATIENT, Role.ADMIN)),
    Who(name="clinician with a scope", roles=(Role.CLINICIAN,), scopes=("work:read",)),
)


def expected(who: Who, operation: Operation, whose: Whose, records: Records) -> int | None:
    """The status; None for success of any kind."""
    caller = who.caller(records)
    if not who.roles:
        return 401
    if not may(caller, operation.id):
        return 403
    is_hidden = {
        Whose.OWN: False,
        Whose.PRACTICES: caller.is_patient,
        Whose.OTHER_PATIENT: caller.is_patient and operation.is_of_a_patient,
        Whose.OTHER_PRACTICE: operation.record != "payer_id",  # the directory of payers is everybody's
        Whose.NOBODY: True,
        Whose.MALFORMED: True,
    }
    return 404 if is_hidden[whose] else None


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


@dataclass(frozen=True, kw_only=True)
class Cell:
    who: Who
    whose: Whose
    own: Records
    about: Records
    answer: httpx.Response
    expected: int | None

    @property
    def is_as_expected(self) -> bool:
        return self.answer.is_success if self.expected is None else self.answer.status_code == self.expected

    def __str__(self) -> str:
        return f"{self.who.name}, {self.whose.value}: {self.answer.status_code}, not {self.expected or '2xx'}"


class Matrix:
    """Asks one operation as everybody about everything. What an answer may change is planted for that one question."""

    def __init__(
        self, service: RunningService, http: httpx.AsyncClient, database: Database, own: Records, foreign: Records
    ) -> None:
        self._service = service
        self._http = http
        self._database = database
        self._own = own
        self._foreign = foreign
        self._another: Records | None = None
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def cells(self, operation: Operation) -> list[Cell]:
        self._another = self._another or await self._planted()
        return await asyncio.gather(
            *(self._cell(operation, who, whose) for who in EVERYONE for whose in _kinds_of(operation))
        )

    async def _cell(self, operation: Operation, who: Who, whose: Whose) -> Cell:
        async with self._gate:
            own, about = await self._records(operation, who, whose)
            token, record_id = who.token(self._service, own), self._record_id(operation, whose)
            answer = await operation.ask(self._http, token, about, record_id, **await self._more(operation))
            wanted = expected(who, operation, whose, own)
            return Cell(who=who, whose=whose, own=own, about=about, answer=answer, expected=wanted)

    async def _records(self, operation: Operation, who: Who, whose: Whose) -> tuple[Records, Records]:
        """Whoever asks, as a patient, and what is asked about."""
        assert self._another is not None
        is_others = whose is Whose.OTHER_PATIENT
        if operation.method == "GET" or expected(who, operation, whose, self._own) is not None:
            return self._own, self._another if is_others else self._own
        fresh = await self._planted()
        return (self._own, fresh) if is_others else (fresh, fresh)

    async def _planted(self) -> Records:
        return await plant(self._database, self._own.practice_id)

    def _record_id(self, operation: Operation, whose: Whose) -> UUID | str | None:
        if whose is Whose.NOBODY:
            return uuid4()
        if whose is Whose.MALFORMED:
            return "not-an-id"
        if whose is Whose.PRACTICES:
            return UUID(str(getattr(self._own, f"verified_{operation.record}")))
        if whose is Whose.OTHER_PRACTICE:
            return UUID(str(getattr(self._foreign, operation.record)))
        return None

    async def _more(self, operation: Operation) -> dict[str, Any]:
        """The practice is one record for all cells, so its version moves."""
        if operation.id != "change_practice":
            return {}
        async with self._database.tenant_transaction(self._own.practice_id) as connection:
            version = await connection.scalar(
                sa.text("select version from practice where id = :id"), {"id": self._own.practice_id}
            )
        return {"headers": {"If-Match": f'"{version}"'}}


def _kinds_of(operation: Operation) -> list[Whose]:
    if not operation.record:
        return [Whose.OWN]
    may_be_the_practices = operation.method == "GET" and operation.record in {"coverage_id", "check_id"}
    return [whose for whose in Whose if whose is not Whose.PRACTICES or may_be_the_practices]


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
            practices = (str(cell.about.verified_coverage_id), str(cell.about.verified_check_id))
            assert leaked(cell.answer, practices) == [], cell
    assert len({without_its_own_id(cell.answer) for cell in cells if cell.expected == 404}) <= 1


REFERENCES: dict[str, Callable[[Records], dict[str, Any]]] = {
    "order_coverages": lambda theirs: {
        "json": {
            "effective_from": "2026-07-01",
            "ranks": [{"coverage_id": str(theirs.verified_coverage_id), "rank": "primary"}],
        }
    },
    "create_eligibility_check": lambda theirs: {"json": {"provider_id": str(theirs.provider_id)}},
    "list_audit_events": lambda theirs: {"params": {"patient_id": str(theirs.patient_id)}},
    "list_patients": lambda theirs: {"params": {"external_id": theirs.external_id}},
    "search_patients": lambda theirs: {"json": {"last_name": f"{theirs.word}Last"}},
}
"""Operations that take another record's id, or something that finds it, in body or query."""


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", sorted(REFERENCES))
async def test_a_reference_to_another_practices_record_is_answered_like_one_to_nothing(
    service: RunningService,
    http: httpx.AsyncClient,
    database: Database,
    home: Practice,
    foreign: Records,
    operations: dict[str, Operation],
    name: str,
) -> None:
    own = await plant(database, home.id)
    token = Who(name="admin", roles=(Role.ADMIN,)).token(service, own)
    answers = [
        await operations[name].ask(http, token, own, **REFERENCES[name](theirs))
        for theirs in (foreign, Records(practice_id=uuid4()))
    ]
    assert without_its_own_id(answers[0]) == without_its_own_id(answers[1])
    assert answers[0].status_code in {200, 409, 422}
    assert leaked(answers[0], foreign.marks) == []


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


def leaked(answer: httpx.Response, marks: tuple[str, ...]) -> list[str]:
    text = b"\n".join([answer.content, *(name + b": " + value for name, value in answer.headers.raw)]).lower()
    return [mark for mark in marks if mark.encode() in text]


def without_its_own_id(answer: httpx.Response) -> tuple[int, bytes, tuple[tuple[bytes, bytes], ...]]:
    """Status, body and headers, without what tells one request from another."""
    request_id = answer.headers["x-request-id"].encode()
    headers = tuple(
        (name, value) for name, value in answer.headers.raw if name.lower() not in {b"x-request-id", b"date"}
    )
    return answer.status_code, answer.content.replace(request_id, b"-"), headers
