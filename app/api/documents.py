"""The API's document (OpenAPI 3.1) and its pages.

What an operation needs, who may call it and how it can refuse is written from the same facts the gate in `route.py` and the
role table work with, never by hand. The pages `/docs`, `/redoc` and `/problems` load nothing from elsewhere.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts

from app.api import document_pages
from app.api.finding_codes import FINDING_CODES
from app.api.idempotency import KEY_PATTERN
from app.api.preconditions import DEFAULT_WAIT_SECONDS, IF_MATCH_PATTERN, MAX_WAIT_SECONDS
from app.api.problem_codes import PROBLEM_CODES
from app.api.problems import PROBLEM_TYPE
from app.api.route import CrossoverRoute, Needs
from app.api.schemas.base import Problem
from app.domain.access import ACCESS, roles_of
from app.domain.callers import Purpose

SECURITY_SCHEME = "bearer"
_REF = "#/components/schemas/{model}"

_DESCRIPTION = """Coordination of benefits for US outpatient practices.

Money is a decimal string (`"80.00"`), ids are UUIDs in lower case, times are UTC, dates are dates. Lists are
`{"data": [...], "next_cursor": null}`; pass `next_cursor` as `cursor`, with the same filters. Changing a record needs its
ETag in `If-Match`; PATCH is a JSON merge patch. POSTs that create or act need an `Idempotency-Key`; a repeated one is
answered again for 7 days, marked `Idempotency-Replayed: true`. Refusals are problems (RFC 9457) with a stable `code`, listed
with all findings' codes under `x-problem-codes` and at `/problems`. Expect new members, enum values and codes in answers.
"""

_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "New and random for each new request, the same for its retries. Bare or quoted (RFC 9651).",
        "schema": {"type": "string", "minLength": 1, "pattern": KEY_PATTERN},
        "example": "4f0c1d52-6a3e-4a53-9d0a-0a8f2f6a3c11",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The record's ETag as it was read: one strong tag.",
        "schema": {"type": "string", "pattern": IF_MATCH_PATTERN},
        "example": '"7"',
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": (
            f"`wait=N`: seconds to wait for an answer, {DEFAULT_WAIT_SECONDS} unless said, at most {MAX_WAIT_SECONDS}. "
            "Preferences that are not understood are ignored (RFC 7240)."
        ),
        "schema": {"type": "string"},
        "example": f"wait={DEFAULT_WAIT_SECONDS}",
    },
    "PurposeOfUse": {
        "name": "Purpose-Of-Use",
        "in": "header",
        "required": False,
        "description": "Why records are looked at; it is kept in the audit trail. `payment` unless said.",
        "schema": {"type": "string", "enum": [purpose.value for purpose in Purpose]},
    },
}

_HEADERS: dict[str, dict[str, Any]] = {
    "RequestId": {"description": "Names this request in questions about it.", "schema": {"type": "string"}},
    "ETag": {"description": "The record's version, for If-Match.", "schema": {"type": "string"}},
    "Location": {"description": "The path of the record.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds until another try is worth it.", "schema": {"type": "integer"}},
    "IdempotencyReplayed": {
        "description": "`true`: the first answer to this key, again.",
        "schema": {"type": "string"},
    },
    "Authenticate": {"description": "Bearer (RFC 6750).", "schema": {"type": "string"}},
}
_HEADER_NAMES = {
    "RequestId": "X-Request-Id",
    "ETag": "ETag",
    "Location": "Location",
    "RetryAfter": "Retry-After",
    "IdempotencyReplayed": "Idempotency-Replayed",
    "Authenticate": "WWW-Authenticate",
}

_REFUSALS = {
    400: "The request cannot be read.",
    401: "No valid bearer token.",
    403: "The token's roles and scopes never allow this.",
    404: "Absent, or not the caller's.",
    409: "A rule says no.",
    412: "If-Match names an older version.",
    413: "The body is larger than 1 MiB.",
    414: "The address is longer than 4 KiB.",
    415: "The body is not application/json in UTF-8.",
    422: "The body does not fit the schema, or a value in it does not fit the field.",
    428: "If-Match is missing.",
    429: "Too many of these for now.",
    431: "The headers exceed 16 KiB or 64 lines.",
    503: "A part of the service is not available.",
}
_REFUSAL_HEADERS = {401: ["Authenticate"], 409: ["RetryAfter"], 429: ["RetryAfter"], 503: ["RetryAfter"]}


def install(app: FastAPI, *, server_url: str = "/") -> None:
    """Replaces the application's document by ours, and its pages by those that need no internet."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, server_url=server_url)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's own way to replace the document
    document_pages.install(app)


def document(app: FastAPI, *, server_url: str = "/") -> dict[str, Any]:
    drawn = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        routes=app.routes,
        servers=[{"url": server_url}],
    )
    components = drawn.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for framework_schema in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework_schema, None)
    problem = Problem.model_json_schema(ref_template=_REF, mode="serialization")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    components["parameters"] = _PARAMETERS
    components["headers"] = _HEADERS
    components["responses"] = {f"Problem{status}": _refusal(status) for status in _REFUSALS}
    components["securitySchemes"] = {SECURITY_SCHEME: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for operation, route in _operations(app, drawn):
        _complete(operation, route.needs, is_versioned=_is_versioned(route))
    drawn["x-problem-codes"] = {code: row._asdict() for code, row in PROBLEM_CODES.items()}
    drawn["x-finding-codes"] = FINDING_CODES
    return drawn


def refusals(needs: Needs) -> list[int]:
    """The statuses an operation can refuse with, from what it asks for."""
    statuses = {400, 401, 403, 414, 431, 503}
    if needs.path_ids:
        statuses.add(404)
    if needs.body:
        statuses |= {413, 415, 422}
    if needs.idempotency_key:
        statuses |= {409, 422, 429}
    if needs.version:
        statuses |= {404, 409, 412, 428}
    return sorted(statuses)


def _operations(app: FastAPI, drawn: dict[str, Any]) -> Iterator[tuple[dict[str, Any], CrossoverRoute]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, CrossoverRoute) and route.include_in_schema:
            for method in _methods(context):
                yield drawn["paths"][context.path_format][method], route


def _methods(context: RouteContext) -> Iterable[str]:
    return sorted(method.lower() for method in context.methods or ())


def _is_versioned(route: CrossoverRoute) -> bool:
    model = route.response_model
    return "version" in getattr(model, "model_fields", ()) or getattr(model, "has_etag", False)


def _complete(operation: dict[str, Any], needs: Needs, *, is_versioned: bool) -> None:
    operation["security"] = [{SECURITY_SCHEME: []}]
    operation["x-roles"] = roles_of(needs.operation)
    operation["x-partner-scope"] = ACCESS[needs.operation].scope or None
    asked = {
        "IdempotencyKey": needs.idempotency_key,
        "IfMatch": needs.version,
        "Prefer": needs.wait,
        "PurposeOfUse": True,
    }
    references = [{"$ref": f"#/components/parameters/{name}"} for name, is_asked in asked.items() if is_asked]
    operation["parameters"] = [*operation.get("parameters", ()), *references]
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for status, response in responses.items():
        if status.startswith("2"):
            headers = _header_references(_answer_headers(status, needs, is_versioned=is_versioned))
            response["headers"] = {**response.get("headers", {}), **headers}
    for status in {*refusals(needs), *(int(status) for status in responses if not status.startswith("2"))}:
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(responses.items()))


def _answer_headers(status: str, needs: Needs, *, is_versioned: bool) -> list[str]:
    names = ["RequestId"]
    if is_versioned and status != "202":
        names.append("ETag")
    if status in {"201", "202"}:
        names.append("Location")
    if status == "202":
        names.append("RetryAfter")
    if needs.idempotency_key:
        names.append("IdempotencyReplayed")
    return names


def _header_references(names: Iterable[str]) -> dict[str, Any]:
    return {_HEADER_NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": _REFUSALS[status],
        "headers": _header_references(["RequestId", *_REFUSAL_HEADERS.get(status, ())]),
        "content": {PROBLEM_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
