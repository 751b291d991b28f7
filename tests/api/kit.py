"""A small service made of the API's pieces only, with operations that give back what they were given."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import APIRouter, FastAPI, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.api import documents, middleware, problems
from app.api.answers import etag, json_answer
from app.api.dependencies import CallerDep, IdempotencyDep, PreferWait, PurposeDep, RequestIdDep, VersionDep
from app.api.pagination import CursorCodec, PageDep
from app.api.route import CrossoverRoute, add_routes
from app.api.schemas.base import (
    Date,
    Format,
    Identifier,
    Money,
    Page,
    Patch,
    Schema,
    SignedMoney,
    Text,
    Timestamp,
    absent,
)
from app.domain.callers import Caller, Role
from app.domain.errors import NotFound, StaleVersion, Unauthenticated, Unavailable
from app.domain.identifiers import is_npi

PRACTICE = UUID("01980000-0000-7000-8000-000000000001")
OTHER_PRACTICE = UUID("01980000-0000-7000-8000-000000000002")
RECORD = UUID("01980000-0000-7000-8000-00000000000a")
SECRET = "Zebediah Quackenbush"

_CALLERS = {
    "clinician": Caller(subject="clinician", practice_id=PRACTICE, roles=frozenset({Role.CLINICIAN})),
    "biller": Caller(subject="biller", practice_id=PRACTICE, roles=frozenset({Role.BILLER})),
    "admin": Caller(subject="admin", practice_id=PRACTICE, roles=frozenset({Role.ADMIN})),
    "stranger": Caller(subject="clinician", practice_id=OTHER_PRACTICE, roles=frozenset({Role.CLINICIAN})),
    "patient": Caller(subject="patient", practice_id=PRACTICE, roles=frozenset({Role.PATIENT}), patient_id=RECORD),
    "partner": Caller(
        subject="partner", practice_id=PRACTICE, roles=frozenset({Role.PARTNER}), scopes=frozenset({"practice:read"})
    ),
    "ops": Caller(subject="ops", practice_id=None, roles=frozenset({Role.OPS})),
}


async def verify_token(token: str) -> Caller:
    if token == "keys-are-away":
        raise Unavailable(retry_after=3)
    caller = _CALLERS.get(token)
    if caller is None:
        raise Unauthenticated
    return caller


def cursor_codec(key: bytes | None = None) -> CursorCodec:
    cipher = AESGCM(key or AESGCM.generate_key(256))

    def seal(plain: bytes, associated: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, plain, associated)

    def open_(sealed: bytes, associated: bytes) -> bytes | None:
        try:
            return cipher.decrypt(sealed[:12], sealed[12:], associated)
        except (InvalidTag, ValueError):
            return None

    return CursorCodec(seal, open_)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Part(Schema):
    name: Annotated[str, Text(1, 20)]
    charge: Money


class Sheet(Schema):
    name: Annotated[str, Text(1, 60)]
    charge: Money | None = None
    balance: SignedMoney | None = None
    day: Date | None = None
    payer_id: Identifier | None = None
    at: Timestamp | None = None
    colour: Colour | None = None
    colours: list[Colour] = Field(default_factory=list, max_length=3)
    count: int | None = Field(default=None, ge=0, le=2_147_483_647)
    is_final: bool | None = None
    npi: (
        Annotated[str, Format(code="npi_format", message="Not an NPI.", pattern="^[12][0-9]{9}$", holds=is_npi)] | None
    ) = None
    parts: list[Part] = Field(default_factory=list)


class SheetAnswer(Sheet):
    id: Identifier
    version: int


class SheetPatch(Patch):
    name: Annotated[str, Text(1, 60)] = absent()
    charge: Money | None = absent()
    parts: list[Part] = absent()


router = APIRouter(route_class=CrossoverRoute)
operations_run: list[str] = []


@router.get("/practice")
async def read_practice(caller: CallerDep, purpose: PurposeDep, request_id: RequestIdDep) -> Response:
    """Who asks, as the route has seen it."""
    return json_answer(
        b'{"subject":"%s","purpose":"%s","request_id":"%s"}'
        % (caller.subject.encode(), purpose.encode(), request_id.encode())
    )


@router.get("/patients", response_model=Page[SheetAnswer])
async def list_patients(
    page: PageDep, colour: Annotated[Colour | None, Query()] = None, sort: Annotated[str | None, Query()] = None
) -> Response:
    """Three pages of numbered records."""
    first = 0 if page.after is None else int(str(page.after[0]))
    sheets = [SheetAnswer(id=RECORD, version=1, name=f"Sheet {number}") for number in range(first, first + page.limit)]
    next_cursor = page.cursor((first + page.limit, RECORD)) if first + page.limit < 150 else None
    return json_answer(Page[SheetAnswer](data=sheets, next_cursor=next_cursor))


@router.get("/patients/{patient_id}", response_model=SheetAnswer)
async def read_patient(patient_id: Identifier) -> Response:
    if patient_id != RECORD:
        raise NotFound
    return json_answer(SheetAnswer(id=RECORD, version=7, name="Sheet"), headers=[("ETag", etag(7))])


@router.get("/patients/{patient_id}/coverages", response_model=Page[SheetAnswer])
async def list_coverages(patient_id: Identifier, page: PageDep) -> Response:
    """A list below a record, always with a next page."""
    return json_answer(Page[SheetAnswer](data=[], next_cursor=page.cursor((patient_id,))))


@router.post("/patients", status_code=201, response_model=SheetAnswer)
async def create_patient(body: Sheet, key: IdempotencyDep) -> Response:
    operations_run.append(key.key)
    answer = SheetAnswer(id=RECORD, version=1, **dict(body))
    headers = [("Location", f"/v1/patients/{RECORD}"), ("ETag", etag(1)), ("X-Fingerprint", key.fingerprint.hex())]
    return json_answer(answer, 201, headers=headers)


@router.patch("/patients/{patient_id}", response_model=SheetAnswer)
async def change_patient(patient_id: Identifier, version: VersionDep, patch: SheetPatch) -> Response:
    if patient_id != RECORD:
        raise NotFound
    if version != 7:
        raise StaleVersion
    return json_answer(b'{"sent":%d}' % len(patch.to_changes()))


@router.post("/coverages/{coverage_id}/verify", response_model=SheetAnswer)
async def verify_coverage(coverage_id: Identifier, version: VersionDep, key: IdempotencyDep) -> Response:
    return json_answer(SheetAnswer(id=coverage_id, version=version, name=key.key))


@router.post("/coverages/{coverage_id}/eligibility-checks", status_code=201, response_model=SheetAnswer)
async def create_eligibility_check(coverage_id: Identifier, wait: PreferWait, key: IdempotencyDep) -> Response:
    return json_answer(SheetAnswer(id=coverage_id, version=1, name=f"waits {wait}"), 201)


@router.get("/payers")
async def search_payers(q: Annotated[str, Query(min_length=1, max_length=40)]) -> Response:
    return json_answer(b'{"length":%d}' % len(q))


@router.get("/payers/{payer_id}")
async def read_payer(payer_id: Identifier) -> Response:
    """A mistake of ours that has a person's name at hand."""
    raise RuntimeError(f"{SECRET} {payer_id}")


@router.get("/work-items")
async def list_work_items(request: Request) -> Response:
    """Takes as long as the test says."""
    await asyncio.sleep(request.app.state.pause)
    return json_answer(b"{}")


@router.post("/providers")
async def create_provider(body: Sheet) -> Response:
    """The body as it was fitted."""
    return json_answer(body, 201)


def service(
    verify: Callable[[str], Awaitable[Caller]] = verify_token, *, include: bool = False, **options: Any
) -> FastAPI:
    app = FastAPI(
        title="Kit",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"logs": False, "operation_spans": False, "tracing": False, "metrics": False},
    )
    if include:
        app.include_router(router, prefix="/v1")
    else:
        add_routes(app, router, "/v1")
    problems.install(app)
    documents.install(app)
    middleware.install(app, **options)
    app.state.verify_token = verify
    app.state.cursor_codec = cursor_codec()
    app.state.pause = 0.0
    return app
