"""The gate before every operation of the API: what is checked of a request, in one fixed order, before its body is read.

Order: authentication, the operation's roles, the query, the content type, the size, the JSON, the Idempotency-Key, If-Match;
then the framework fits the body to its schema and the router function runs. Existence, the record's owner and the rules come
after, in use cases. What an operation asks for is read once, from its signature (`dependencies.py`).
"""

import copy
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, APIRouter
from starlette.requests import ClientDisconnect
from starlette.routing import Match, compile_path
from starlette.types import Receive, Scope

from app.api import dependencies, json_reader, pagination
from app.api.authentication import authenticate, purpose_of_use
from app.api.direct_calls import direct_call
from app.api.idempotency import IdempotencyHeader, fingerprint, read_key
from app.api.pointers import is_plain_name
from app.api.preconditions import expected_version, wait_seconds
from app.api.route_index import RouteIndex
from app.domain.access import may
from app.domain.errors import Forbidden, Malformed, TooLarge, Unsupported
from app.domain.findings import Finding

MAX_BODY_BYTES = 1024 * 1024

_SINGLE = frozenset(
    {
        b"authorization",
        b"content-type",
        b"content-encoding",
        b"content-length",
        b"idempotency-key",
        b"if-match",
        b"purpose-of-use",
    }
)
_JSON_TYPE = re.compile(rb'application/json[ \t]*(;[ \t]*charset[ \t]*=[ \t]*(utf-8|"utf-8")[ \t]*)?', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What an operation asks of a request, and the document says of it."""

    operation: str
    query: frozenset[str]
    path_ids: bool
    body: bool
    idempotency_key: bool
    version: bool
    wait: bool
    page: bool


class CrossoverRoute(APIRoute):
    """``APIRouter(route_class=CrossoverRoute)``. The operation's id is the function's name, its row in the role table."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        options["operation_id"] = options.get("operation_id") or endpoint.__name__
        super().__init__(path, endpoint, **options)
        self._not_ids: frozenset[str] = frozenset()

    def under(self, prefix: str) -> "CrossoverRoute":
        """The same operation with a prefix before its path."""
        moved = copy.copy(self)
        moved.path = prefix + self.path
        moved.path_regex, moved.path_format, moved.param_convertors = compile_path(moved.path)
        return moved

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["path"] in self._not_ids:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        framework = super().get_route_handler()
        answer = direct_call(self.dependant, framework) or framework
        needs = self.needs

        async def handle(request: Request) -> Response:
            return await answer(await admit(request, needs))

        return handle

    @property
    def needs(self) -> Needs:
        calls = set(_calls(self.dependant))
        parameters = get_flat_params(self.dependant)
        return Needs(
            operation=self.operation_id or self.name,
            query=frozenset(field.alias for field in parameters if _is_in(field, "query")),
            path_ids=any(_is_in(field, "path") for field in parameters),
            body=self.body_field is not None,
            idempotency_key=dependencies.idempotency in calls,
            version=dependencies.version in calls,
            wait=dependencies.wait in calls,
            page=pagination.page in calls,
        )


class JsonRequest(Request):
    """A request whose body has been read; the framework gets the strict reader's result."""

    def __init__(self, request: Request, raw: bytes, document: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._raw, self._document = raw, document

    async def body(self) -> bytes:
        return self._raw

    async def json(self) -> Any:
        return self._document


def add_routes(app: FastAPI, router: APIRouter, prefix: str = "") -> None:
    """Puts a router's operations into the application itself and its index: an included router is searched twice.

    A path of its own, such as /patients/search, is then never an id of /patients/{patient_id}.
    """
    routes = [route.under(prefix) if isinstance(route, CrossoverRoute) else route for route in router.routes]
    paths = frozenset(route.path for route in routes if isinstance(route, CrossoverRoute) and "{" not in route.path)
    index = next((route for route in app.router.routes if isinstance(route, RouteIndex)), None)
    if index is None:
        index = RouteIndex()
        app.router.routes.insert(0, index)
    for route in routes:
        if isinstance(route, CrossoverRoute):
            route._not_ids = paths - {route.path}  # noqa: SLF001  # its own
            index.add(route)
        app.router.routes.append(route)


async def admit(request: Request, needs: Needs) -> Request:
    """The request once it has passed the gate, with what was found in it on `request.state`."""
    scope = request.scope
    headers = single_headers(scope["headers"])
    state = request.state
    state.operation = needs.operation
    state.caller = await authenticate(request.app.state.verify_token, headers.get(b"authorization"))
    if not may(state.caller, needs.operation):
        raise Forbidden
    state.purpose = purpose_of_use(headers.get(b"purpose-of-use"))
    if scope["query_string"]:
        _check_query(request, needs.query)
    document = None
    if needs.body:
        _check_content_type(headers)
        raw = await read_body(request.receive, headers.get(b"content-length"))
        document = json_reader.read(raw)
        request = JsonRequest(request, raw, document)
        if needs.page:
            state.filters = fingerprint(scope["method"], scope["path"], document)
    if needs.idempotency_key:
        key = read_key(headers.get(b"idempotency-key"))
        state.idempotency = IdempotencyHeader(key, fingerprint(scope["method"], scope["path"], document))
    if needs.version:
        state.version = expected_version(headers.get(b"if-match"))
    if needs.wait:
        state.wait = wait_seconds(b",".join(value for name, value in scope["headers"] if name == b"prefer"))
    return request


def single_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers we read. Two of one name would let two readers see two requests."""
    found: dict[bytes, bytes] = {}
    for name, value in raw:
        if name in _SINGLE:
            if name in found:
                raise Malformed("A header that may stand once stands twice.", code="header_duplicate")
            found[name] = value.strip(b" \t")
    return found


async def read_body(receive: Receive, content_length: bytes | None) -> bytes:
    """The body, counted while it comes: what the sender says about its length is not believed."""
    if content_length is not None and (not content_length.isdigit() or int(content_length[:20]) > MAX_BODY_BYTES):
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise TooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _check_query(request: Request, known: frozenset[str]) -> None:
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known:
            pointer = f"/query/{name}" if is_plain_name(name) else "/query"
            message = "The operation has no such query parameter."
            finding = Finding(code="query_unknown", message=message, pointer=pointer)
            raise Malformed(message, code="query_unknown", findings=(finding,))
        if name in seen:
            raise Malformed("A query parameter stands twice.", code="query_duplicate")
        seen.add(name)
        fault = json_reader.text_fault(value)
        if fault:
            finding = Finding(code=fault[0], message=fault[1], pointer=f"/query/{name}")
            raise Malformed("The query does not fit the operation.", code="query_invalid", findings=(finding,))


def _check_content_type(headers: dict[bytes, bytes]) -> None:
    if _JSON_TYPE.fullmatch(headers.get(b"content-type", b"")) is None:
        raise Unsupported
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Unsupported


def _calls(dependant: Dependant) -> Iterable[Callable[..., Awaitable[Any]] | None]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)


def _is_in(field: Any, place: str) -> bool:
    return bool(field.field_info.in_.value == place)
