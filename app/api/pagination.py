"""Keyset pages: a limit, and a sealed cursor that opens only for the caller and the question it was made for.

A position may be made of a patient's values, so it is encrypted, and bound to the caller, the practice, the operation, the
path and every other query parameter. What the position means is the repository's business.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.domain.callers import Caller
from app.domain.errors import Malformed

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
CURSOR_PATTERN = r"^[A-Za-z0-9_-]{1,1024}$"

Value: TypeAlias = UUID | datetime | date | str | int
Position: TypeAlias = tuple[Value, ...]

_CURSOR = re.compile(CURSOR_PATTERN.strip("^$"), re.ASCII)
_READERS: dict[str, Callable[[Any], Value]] = {
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "s": str,
    "i": int,
}


@dataclass(frozen=True)
class CursorCodec:
    """`seal(plain, associated)` and `open_(sealed, associated)` are an AEAD; `open_` gives None for what is not its own."""

    seal: Callable[[bytes, bytes], bytes] = field(repr=False)
    open_: Callable[[bytes, bytes], bytes | None] = field(repr=False)

    def encode(self, position: Sequence[Value], bound_to: bytes) -> str:
        plain = orjson.dumps([_tagged(value) for value in position])
        return base64.urlsafe_b64encode(self.seal(plain, bound_to)).rstrip(b"=").decode("ascii")

    def decode(self, cursor: str, bound_to: bytes) -> Position:
        sealed = _from_base64(cursor)
        plain = None if sealed is None else self.open_(sealed, bound_to)
        if plain is None:
            raise Malformed("This cursor does not continue this list.", code="cursor_invalid")
        return tuple(_READERS[tag](value) for tag, value in orjson.loads(plain))


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """Which page is asked for: `limit` records after `after`, from the start when it is None."""

    limit: int
    after: Position | None
    codec: CursorCodec = field(repr=False)
    bound_to: bytes = field(repr=False)

    def cursor(self, position: Sequence[Value]) -> str:
        """The cursor of the page after `position`."""
        return self.codec.encode(position, self.bound_to)


def binding(caller: Caller, operation: str, request: Request) -> bytes:
    """What a cursor is good for. Filters and sort are the query without limit and cursor, in any order, and the body."""
    question = sorted(pair for pair in request.query_params.multi_items() if pair[0] not in {"limit", "cursor"})
    body: bytes = getattr(request.state, "filters", b"")
    whose = [caller.subject, str(caller.practice_id)]
    return orjson.dumps(["page/1", *whose, operation, request.scope["path"], question, body.hex()])


def read_limit(text: Any) -> int:
    """1 to 100 in plain digits: `+5`, `1_0` and digits of other scripts are no limits."""
    if isinstance(text, int):
        return text
    if isinstance(text, str) and re.fullmatch("[0-9]{1,3}", text, re.ASCII) and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise PydanticCustomError("limit_range", "The limit is a number from 1 to 100.")


def _cursor(text: Any) -> str:
    if isinstance(text, str) and _CURSOR.fullmatch(text):
        return text
    raise PydanticCustomError("cursor_invalid", "This cursor does not continue this list.")


Limit = Annotated[
    int,
    BeforeValidator(read_limit),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}),
    Query(description="How many records a page holds."),
]
Cursor = Annotated[
    str | None,
    BeforeValidator(_cursor),
    WithJsonSchema({"type": "string", "pattern": CURSOR_PATTERN}),
    Query(description="`next_cursor` of the page before, with the same filters and sort."),
]


async def page(request: Request, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> PageRequest:
    codec: CursorCodec = request.app.state.cursor_codec
    bound_to = binding(request.state.caller, request.state.operation, request)
    after = None if cursor is None else codec.decode(cursor, bound_to)
    return PageRequest(limit=limit, after=after, codec=codec, bound_to=bound_to)


PageDep = Annotated[PageRequest, Depends(page)]


def _tagged(value: Value) -> tuple[str, Any]:
    if isinstance(value, UUID):
        return "u", str(value)
    if isinstance(value, datetime):
        return "t", value.isoformat()
    if isinstance(value, date):
        return "d", value.isoformat()
    return ("i", value) if isinstance(value, int) else ("s", value)


def _from_base64(text: str) -> bytes | None:
    """The bytes of base64url without padding; None for another spelling of the same bytes."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return sealed if base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii") == text else None
