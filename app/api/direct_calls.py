"""Calls a router function without the framework's solver, when there is nothing to solve.

Most reads take what the gate has found and an id from the path. The framework would build the query, the headers and the
cookies for them, and a result object for each dependency, which costs more than the rest of the route. An operation with a
query, a body or dependencies of dependencies is left to the framework.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, get_type_hints

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


def direct_call(dependant: Dependant) -> Handler | None:
    """The handler of an operation that takes ids from its path and plain dependencies and answers a response, else None."""
    endpoint = dependant.call
    if endpoint is None or not _is_plain(dependant, besides={"path_params", "dependencies"}):
        return None
    answer = get_type_hints(endpoint).get("return")
    if not (isinstance(answer, type) and issubclass(answer, Response)):
        return None
    needed: list[tuple[str, str, Callable[..., Awaitable[Any]]]] = []
    for dependency in dependant.dependencies:
        request_name = dependency.request_param_name
        if not _is_plain(dependency, besides={"request_param_name"}) or not (dependency.name and request_name):
            return None
        needed.append((dependency.name, request_name, dependency.call))  # type: ignore[arg-type]  # plain: a coroutine
    ids = list(dependant.path_params)

    async def call(request: Request) -> Response:
        values = {name: await find(**{parameter: request}) for name, parameter, find in needed}
        for field in ids:
            value, errors = field.validate(request.path_params[field.alias], {}, loc=("path", field.alias))
            if errors:
                raise NotFound  # an id nobody has
            values[field.name] = value
        response: Response = await endpoint(**values)
        return response

    return call


def _is_plain(dependant: Dependant, besides: set[str]) -> bool:
    others = [name for name in (*_PARAMETERS, *_SPECIAL) if name not in besides]
    return inspect.iscoroutinefunction(dependant.call) and not any(getattr(dependant, name) for name in others)
