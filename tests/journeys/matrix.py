"""Everybody asks an operation about everything: the cells of `test_access_matrix.py`, and what each must be answered."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa

from app.domain.access import ACCESS, may
from app.domain.callers import Caller, Role
from app.repositories.database import Database
from tests.journeys.operations import Operation
from tests.planting import plant
from tests.planting_records import Records
from tests.running import RunningService

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
            *(self._cell(operation, who, whose) for who in EVERYONE for whose in kinds_of(operation))
        )

    async def _cell(self, operation: Operation, who: Who, whose: Whose) -> Cell:
        async with self._gate:
            own, about = await self._records(operation, who, whose)
            token, record_id = who.token(self._service, own), self._record_id(operation, whose)
            of = self._foreign if whose is Whose.OTHER_PRACTICE else about
            parts = {part: getattr(of, part) for part in operation.parts}
            more = await self._more(operation)
            answer = await operation.ask(self._http, token, about, record_id, parts=parts, **more)
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
            return UUID(str(getattr(self._foreign, operation.member)))
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


def kinds_of(operation: Operation) -> list[Whose]:
    if not operation.record:
        return [Whose.OWN]
    may_be_the_practices = operation.method == "GET" and operation.record in {"coverage_id", "check_id"}
    return [whose for whose in Whose if whose is not Whose.PRACTICES or may_be_the_practices]


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
