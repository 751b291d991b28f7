"""Finds an operation by the first words of its path, where the framework would try one route after the other.

The routes stay in the application as well: they draw its document, name the methods of a path, and serve a path under a
mount, which the index does not know.
"""

from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send


class RouteIndex(BaseRoute):
    """The first route of an application. A path goes to the operation that a search in their order would have found."""

    def __init__(self) -> None:
        self._routes: dict[tuple[int, str], list[Route]] = {}

    def add(self, route: Route) -> None:
        if "{" not in _first_words(route.path):
            self._routes.setdefault((route.path.count("/"), _first_words(route.path)), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            path: str = scope["path"]
            for route in self._routes.get((path.count("/"), _first_words(path)), ()):
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    return match, child_scope
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Matching has put the operation's own route there.
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> None:  # type: ignore[override]  # it has no paths
        raise NoMatchFound(name, path_params)


def _first_words(path: str) -> str:
    """`/v1/coverages` of `/v1/coverages/…`."""
    return "/".join(path.split("/", 3)[:3])
