"""Calls a router function without the framework's solver, when there is little to solve.

Most reads take what the gate has found, an id from the path and a few words of the query. The framework would build the
headers and the cookies for them, and a result object for each dependency, which costs more than the rest of the route. An
operation with a body or dependencies of dependencies is left to the framework, and so is a query that does not fit: its
refusal is the framework's.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, get_type_hints

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant

from app.domain.errors import NotFound

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

_PARAMETERS = ("path_params", "query_params", "header_params", "cookie_params", "body_params", "dependencies")
_SPECIAL = (
    "request_param_name",
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)


class _Needed(NamedTuple):
    """A dependency: the parameter it is for, where it wants the request, what it takes of the query."""

    name: str
    request_name: str | None
    query: Sequence[Any]
    find: Callable[..., Awaitable[Any]]


def direct_call(dependant: Dependant, otherwise: Handler) -> Handler | None:
    """The handler of an operation that takes ids from its path, single words of its query and plain dependencies, and
    answers a response; else None. `otherwise` is the framework's handler, for a query that does not fit.
    """
    endpoint = dependant.call
    if endpoint is None or not _is_plain(dependant, besides={"path_params", "query_params", "dependencies"}):
        return None
    answer = get_type_hints(endpoint).get("return")
    if not (isinstance(answer, type) and issubclass(answer, Response)):
        return None
    needed: list[_Needed] = []
    for dependency in dependant.dependencies:
        request_name = dependency.request_param_name
        is_plain = _is_plain(dependency, besides={"request_param_name", "query_params"})
        if not is_plain or not dependency.name or not (request_name or dependency.query_params):
            return None
        find: Any = dependency.call  # plain: a coroutine
        needed.append(_Needed(dependency.name, request_name, list(dependency.query_params), find))
    ids, words = list(dependant.path_params), list(dependant.query_params)

    async def call(request: Request) -> Response:
        query = request.query_params
        values = _read(words, query)
        found = [(one, _read(one.query, query)) for one in needed]
        if values is None or any(arguments is None for _, arguments in found):
            return await otherwise(request)
        for one, arguments in found:
            given = {} if one.request_name is None else {one.request_name: request}
            values[one.name] = await one.find(**(arguments or {}), **given)
        for field in ids:
            value, errors = field.validate(request.path_params[field.alias], {}, loc=("path", field.alias))
            if errors:
                raise NotFound  # an id nobody has
            values[field.name] = value
        response: Response = await endpoint(**values)
        return response

    return call


def _read(fields: Sequence[Any], query: Mapping[str, str]) -> dict[str, Any] | None:
    """The fields' values, the gate having refused what stands twice; None when one does not fit or is missing."""
    values: dict[str, Any] = {}
    for field in fields:
        text = query.get(field.alias)
        if text is None:
            if field.field_info.is_required():
                return None
            values[field.name] = field.get_default()
            continue
        value, errors = field.validate(text, {}, loc=("query", field.alias))
        if errors:
            return None
        values[field.name] = value
    return values


def _is_plain(dependant: Dependant, besides: set[str]) -> bool:
    others = [name for name in (*_PARAMETERS, *_SPECIAL) if name not in besides]
    return inspect.iscoroutinefunction(dependant.call) and not any(getattr(dependant, name) for name in others)
