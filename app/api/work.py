"""What a router hands to a use case: the context, the caller as a tenant, an idempotent call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel

from app.api.answers import BytesAnswer, etag, json_answer, to_json
from app.api.idempotency import IdempotencyHeader
from app.api.pagination import PageRequest, Position
from app.api.schemas.base import Schema
from app.domain.callers import Caller, Purpose, Tenant
from app.domain.errors import Forbidden
from app.use_cases.context import Context
from app.use_cases.idempotency import Answer, Call

T = TypeVar("T")
Row = TypeVar("Row")
Wire = TypeVar("Wire", bound=Schema)


@dataclass(frozen=True)
class Work:
    context: Context
    tenant: Tenant


async def work(request: Request) -> Work:
    caller: Caller = request.state.caller
    purpose: Purpose = request.state.purpose
    if caller.practice_id is None:
        raise Forbidden
    tenant = Tenant(
        practice_id=caller.practice_id,
        actor=caller.subject,
        role="+".join(sorted(caller.roles)),
        request_id=request.state.request_id,
        purpose=purpose,
        confined_to=caller.patient_id if caller.is_patient else None,
    )
    return Work(request.app.state.context, tenant)


WorkDep = Annotated[Work, Depends(work)]


def idempotent(operation: str, header: IdempotencyHeader, render: Callable[[T], Answer]) -> Call[T]:
    return Call(operation=operation, key=header.key, content=header.fingerprint, render=render)


def record(model: BaseModel, version: int) -> BytesAnswer:
    """200 with the record and its ETag."""
    return json_answer(model, headers=[("ETag", etag(version))])


def kept(
    model: BaseModel, *, status: int, version: int | None = None, headers: Sequence[tuple[str, str]] = ()
) -> Answer:
    """An answer to be kept with its idempotency key."""
    tags = () if version is None else (("ETag", etag(version)),)
    return Answer(status=status, headers=(*headers, *tags), body=to_json(model))


def created(model: BaseModel, *, version: int, location: str) -> Answer:
    return kept(model, status=201, version=version, headers=[("Location", location)])


def page_of(
    schema: Any,
    rows: Sequence[Row],
    page: PageRequest,
    to_wire: Callable[[Row], Wire],
    position: Callable[[Row], Position],
) -> BytesAnswer:
    """`rows` were asked for with one more than the limit: the extra one says that there is a next page."""
    shown = rows[: page.limit]
    cursor = page.cursor(position(shown[-1])) if len(rows) > page.limit else None
    return json_answer(schema(data=[to_wire(row) for row in shown], next_cursor=cursor))


def after_id(page: PageRequest) -> UUID | None:
    """The id of the last record of the page before."""
    value = page.after[0] if page.after else None
    return value if isinstance(value, UUID) else None


def after_number(page: PageRequest) -> int | None:
    """The sequence number of the last record of the page before."""
    value = page.after[0] if page.after else None
    return value if isinstance(value, int) else None
