"""The outermost layer of the API: gives each request its id, and counts, times and logs it by its route's template.

Plain ASGI: a layer built on Starlette's BaseHTTPMiddleware runs the application in a task of its own, which loses context
and turns a caller's leaving into a cancellation at any point. Never kept: path, query, headers, body, address.
"""

import re
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

import structlog
from uuid_utils.compat import uuid7

from app.observability.metrics import NO_ROUTE, Metrics

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PAGE = "(page)"
_QUIET_ROUTES = frozenset({"/livez", "/readyz"})
"""Asked every few seconds by whoever runs us: in the log at debug level only."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_HEADER = b"x-request-id"

_log = structlog.get_logger("crossover.requests")


class RequestTelemetry:
    """Wraps the whole application, so that what it refuses or fails at any depth is counted too."""

    def __init__(self, app: Application, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [header for header in message.get("headers", ()) if header[0] != _HEADER]
                message["headers"] = [*headers, (_HEADER, request_id.encode())]
            await send(message)

        began = time.perf_counter()
        self._metrics.in_flight.inc()
        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            status = status or 500  # the server answers so when the application has not answered itself
            raise
        finally:
            self._metrics.in_flight.dec()
            self._account(scope, status, time.perf_counter() - began)
            structlog.contextvars.reset_contextvars(**bound)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_template(scope)
        self._metrics.request_finished(method=scope["method"], route=route, status=status, seconds=seconds)
        log = _log.error if status >= 500 else _log.debug if route in _QUIET_ROUTES else _log.info
        log("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def route_template(scope: Scope) -> str:
    """The route as it was written in the code, such as `/v1/coverages/{coverage_id}`; never the path that was asked for.

    A router that is included elsewhere keeps its own, shorter templates; FastAPI puts the whole one beside it.
    """
    whole = scope.get("fastapi", {}).get("effective_route_context")
    for route in (whole, scope.get("route")):
        template = getattr(route, "path_format", None)
        if isinstance(template, str):
            return template
    return PAGE if "endpoint" in scope else NO_ROUTE


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The caller's, when it has given one that can do no harm; else a new one."""
    given = [value for name, value in headers if name == _HEADER]
    if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]):
        return given[0].decode("ascii")
    return str(uuid7())
