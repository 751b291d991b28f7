"""Refusals as RFC 9457 problems: one table from error class to status, one place that writes the body.

No problem repeats what was sent, names a class, a path of ours or a statement. `type` is a reference to this service's own
page of codes, relative to the address that was asked, so that it resolves without the internet.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from uuid_utils.compat import uuid7

from app.api.answers import BytesAnswer
from app.api.validation import to_refusal
from app.domain.errors import (
    NO_MEMBERS,
    Conflict,
    CrossoverError,
    Forbidden,
    Invalid,
    LimitReached,
    Malformed,
    Member,
    NotFound,
    StaleVersion,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
    VersionRequired,
)
from app.domain.findings import Finding

PROBLEM_TYPE = "application/problem+json"
SHOWN_FINDINGS = 50

STATUS: dict[type[CrossoverError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    StaleVersion: 412,
    TooLarge: 413,
    Unsupported: 415,
    Invalid: 422,
    VersionRequired: 428,
    LimitReached: 429,
    Unavailable: 503,
}

_log = logging.getLogger("crossover.api")


def status_of(error: type[CrossoverError]) -> int:
    """The status of the nearest class of the tree that has one."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def install(app: FastAPI) -> None:
    """Every way out of the application that is not an answer becomes a problem."""
    app.add_exception_handler(CrossoverError, _refused)
    app.add_exception_handler(RequestValidationError, _did_not_fit)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    *,
    status: int,
    code: str,
    title: str,
    request_id: str,
    detail: str | None = None,
    findings: tuple[Finding, ...] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Member] = NO_MEMBERS,
) -> BytesAnswer:
    """`members` are added to those of every problem, and take the place of none."""
    body = orjson.dumps(
        {
            **members,
            "type": f"/problems#{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail or title,
            "request_id": request_id,
            "findings": [_finding(finding) for finding in findings[:SHOWN_FINDINGS]],
            "findings_total": len(findings),
        }
    )
    raw_headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    raw_headers += [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()
    ]
    return BytesAnswer(body, status, raw_headers)


def refusal(error: CrossoverError, request_id: str) -> BytesAnswer:
    """An expected refusal as its problem."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="crossover"'
    if isinstance(error, TooLarge):
        headers["Connection"] = "close"  # what is still on its way is not read
    return problem(
        status=status_of(type(error)),
        code=error.problem_code,
        title=error.title,
        detail=error.detail,
        findings=error.findings,
        request_id=request_id,
        headers=headers,
        members=error.members,
    )


def internal_error(error: BaseException, request_id: str) -> BytesAnswer:
    """A mistake of ours. The log gets the error's class and place; its text may hold anything."""
    _log.error(
        "unhandled_error",
        extra={"error": type(error).__name__, "error_at": _place(error), "request_id": request_id},
    )
    return problem(status=500, code="internal_error", title="The service made a mistake.", request_id=request_id)


def request_id_of(scope: Mapping[str, Any]) -> str:
    """The id the boundary gave the request, or a new one where there is no boundary."""
    known = scope.get("state", {}).get("request_id")
    return known if isinstance(known, str) else str(uuid7())


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CrossoverError)  # noqa: S101  # the handler's table says so
    return refusal(error, request_id_of(request.scope))


async def _did_not_fit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # the handler's table says so
    return refusal(to_refusal(error), request_id_of(request.scope))


async def _unexpected(request: Request, error: Exception) -> Response:
    return internal_error(error, request_id_of(request.scope))


async def _not_routed(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: no such path, no such method, little else."""
    assert isinstance(error, HTTPException)  # noqa: S101  # the handler's table says so
    request_id = request_id_of(request.scope)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return refusal(NotFound(), request_id)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return problem(
            status=405,
            code="method_not_allowed",
            title="This resource does not take this method.",
            request_id=request_id,
            headers={"Allow": ", ".join(_methods_of(request))},
        )
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return refusal(TooLarge(), request_id)
    if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return refusal(Malformed(), request_id)
    return internal_error(error, request_id)


def _methods_of(request: Request) -> list[str]:
    """All methods of the path; the router alone would name those of the first operation only."""
    path = request.scope["path"]
    found = [
        route
        for route in iter_route_contexts(request.app.routes)
        if (pattern := getattr(route, "path_regex", None)) is not None and pattern.match(path)
    ]
    # A path of its own is no id of another: its methods are its own.
    found = [route for route in found if route.path == path] or found
    return sorted({method for route in found for method in route.methods or ()})


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "pointer": finding.pointer,
        "location": finding.location,
        "repair_ids": finding.repair_ids,
    }


def _place(error: BaseException) -> str:
    """Module and line where the error was raised: code of ours, never data."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return "" if step is None else f"{step.tb_frame.f_globals.get('__name__', '')}:{step.tb_lineno}"
