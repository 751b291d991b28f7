"""The pages of the API: `/docs` and `/redoc` draw its document, `/problems` lists its codes.

Scripts and styles are those inside the installed `fastapi-offline` package, served from where they lie; that package is not
imported. The policy of the pages lets a browser load from this service only.
"""

import functools
import html
import importlib.util
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.finding_codes import FINDING_CODES
from app.api.problem_codes import PROBLEM_CODES

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "redoc.standalone.js": "text/javascript; charset=utf-8",
    "favicon.png": "image/png",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_START = """window.addEventListener("load", function () {
  SwaggerUIBundle({
    url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, showExtensions: true, showCommonExtensions: true,
    validatorUrl: null, persistAuthorization: false, presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"
  });
});
"""


def install(app: FastAPI) -> None:
    app.add_route("/docs", _docs, include_in_schema=False)
    app.add_route("/redoc", _redoc, include_in_schema=False)
    app.add_route("/problems", _problems, include_in_schema=False)
    app.add_route("/docs/start.js", _start, include_in_schema=False)
    app.add_route("/docs/{name}", _asset, include_in_schema=False)


async def _docs(_request: Request) -> Response:
    return _page(
        "API reference",
        '<link rel="stylesheet" href="/docs/swagger-ui.css">',
        '<div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>',
    )


async def _redoc(_request: Request) -> Response:
    return _page(
        "API reference",
        "<style>body { margin: 0 }</style>",
        '<redoc spec-url="/openapi.json"></redoc><script src="/docs/redoc.standalone.js"></script>',
    )


async def _problems(_request: Request) -> Response:
    problems = "".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{row.status}</td>'
        f"<td>{html.escape(row.meaning)}</td><td>{html.escape(row.remedy)}</td></tr>"
        for code, row in PROBLEM_CODES.items()
    )
    findings = "".join(
        f"<tr><td><code>{code}</code></td><td>{html.escape(meaning)}</td></tr>"
        for code, meaning in FINDING_CODES.items()
    )
    return _page(
        "Problem codes",
        "<style>body { font-family: sans-serif; margin: 2em } td { padding: .2em 1em .2em 0; vertical-align: top }</style>",
        f"<h1>Problem codes</h1><table>{problems}</table><h1>Codes of findings</h1><table>{findings}</table>",
    )


async def _start(_request: Request) -> Response:
    return _file(_START.encode(), ASSETS["swagger-ui-bundle.js"])


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    return _file(_content(name), ASSETS[name])


@functools.cache
def _content(name: str) -> bytes:
    package = importlib.util.find_spec("fastapi_offline")
    if package is None or package.origin is None:
        raise HTTPException(404)
    return (Path(package.origin).parent / "static" / name).read_bytes()


def _page(title: str, head: str, body: str) -> Response:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>Crossover: {title}</title><link rel="icon" href="/docs/favicon.png">{head}</head><body>{body}</body></html>'
    )
    return Response(text, media_type="text/html", headers={"Content-Security-Policy": _POLICY})


def _file(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=3600"})
