import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, NoMatchFound, Route
from starlette.types import Scope

from app.api.route_index import RouteIndex

_PATHS = [
    "/",
    "/livez",
    "/v1/practice",
    "/v1/patients",
    "/v1/patients/search",
    "/v1/patients/{id}",
    "/v1/patients/{id}/coverages",
    "/v1/patients/{id}/coverages/order",
    "/v1/coverages/{id}",
    "/v1/coverages/{id}/verify",
    "/{anything}/else/where",
    "/v1/{noun}",
]


async def _answer(_request: Request) -> Response:
    return Response()


_ROUTES = [Route(path, _answer, methods=[method]) for path in _PATHS for method in ("GET", "PATCH")]
_INDEX = RouteIndex()
for _route in _ROUTES:
    _INDEX.add(_route)


def _scope(path: str, method: str = "GET", **more: object) -> Scope:
    return {"type": "http", "path": path, "method": method, "headers": [], **more}


def _searched(scope: Scope) -> Route | None:
    """What trying one route after the other finds."""
    return next((route for route in _ROUTES if route.matches(scope)[0] is Match.FULL), None)


_WORDS = st.sampled_from(
    ["", "v1", "patients", "coverages", "practice", "search", "order", "verify", "livez", "x", "%"]
)


@given(st.lists(_WORDS, max_size=6), st.sampled_from(["GET", "PATCH", "POST"]))
def test_the_index_finds_what_a_search_finds_or_leaves_it_to_the_search(words: list[str], method: str) -> None:
    scope = _scope("/" + "/".join(words), method)
    match, child_scope = _INDEX.matches(scope)
    found = _searched(scope)
    if match is Match.FULL:
        assert found is not None
        assert child_scope == found.matches(scope)[1]
    elif found is not None:
        assert "{" in "/".join(found.path.split("/", 3)[:3])


@pytest.mark.parametrize(
    "scope",
    [
        _scope("/v1/practice", root_path="/v1"),
        _scope("/crossover/v1/practice", root_path="/crossover"),
        _scope("/v1/practice", "DELETE"),
        {**_scope("/v1/practice"), "type": "websocket"},
    ],
)
def test_what_it_does_not_know_is_left_to_the_search(scope: Scope) -> None:
    assert _INDEX.matches(scope) == (Match.NONE, {})


def test_it_has_no_path_of_its_own() -> None:
    with pytest.raises(NoMatchFound):
        _INDEX.url_path_for("anything")
