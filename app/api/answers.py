"""Turns results into HTTP answers with as little as possible between the bytes and the socket."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import orjson
from pydantic import BaseModel
from starlette.responses import Response

JSON = "application/json"
_JSON_TYPE = (b"content-type", b"application/json")


class KeptAnswer(Protocol):
    """An answer as a use case keeps it: status, headers, bytes."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def body(self) -> bytes: ...


class BytesAnswer(Response):
    """A response whose headers are ready; Starlette's constructor would look for charsets and copy them again."""

    def __init__(self, body: bytes, status: int, raw_headers: list[tuple[bytes, bytes]]) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = raw_headers


def json_answer(body: BaseModel | bytes, status: int = 200, *, headers: Iterable[tuple[str, str]] = ()) -> BytesAnswer:
    """A JSON answer from a model or from bytes that are JSON already."""
    content = to_json(body) if isinstance(body, BaseModel) else body
    raw_headers = [_JSON_TYPE, (b"content-length", b"%d" % len(content))]
    raw_headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return BytesAnswer(content, status, raw_headers)


def to_json(model: BaseModel) -> bytes:
    """The model as JSON. Its members hold Python values of the wire's types, which orjson writes three times as fast as
    the serializer pydantic compiles; the two are held equal by a test.
    """
    return orjson.dumps(model.__dict__, default=_member, option=orjson.OPT_UTC_Z)


def _member(value: Any) -> Any:
    """What orjson does not write by itself: models, money, and the driver's own kind of UUID."""
    if isinstance(value, BaseModel):
        return value.__dict__
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def no_content() -> BytesAnswer:
    return BytesAnswer(b"", 204, [])


def to_response(answer: KeptAnswer) -> BytesAnswer:
    """An answer a use case has kept, given again as it was."""
    raw_headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if answer.body or answer.status != 204:
        raw_headers.append((b"content-length", b"%d" % len(answer.body)))
        if all(name != b"content-type" for name, _ in raw_headers):
            raw_headers.append(_JSON_TYPE)
    return BytesAnswer(answer.body, answer.status, raw_headers)


def etag(version: int) -> str:
    """A strong entity tag (RFC 9110 section 8.8.3): the record's version in quotes."""
    return f'"{version}"'
