import re
from html.parser import HTMLParser

import httpx
import pytest

from app.api.document_pages import ASSETS
from app.api.finding_codes import FINDING_CODES
from app.api.problem_codes import PROBLEM_CODES

_PAGES = ["/docs", "/redoc", "/problems"]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.scripts_inside: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in {"src", "href", "spec-url", "action"} and value]
        assert not [name for name, _ in attrs if name.startswith("on")]
        self._in_script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.scripts_inside.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"


@pytest.fixture
async def anyone(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The pages need no token; the client's own is as good as none."""
    return client


@pytest.mark.parametrize("path", _PAGES)
async def test_a_page_names_no_address_outside_and_all_it_names_is_here(anyone: httpx.AsyncClient, path: str) -> None:
    page = await anyone.get(path, headers={"Authorization": ""})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"(https?:)?//", page.text)
    links = _Links()
    links.feed(page.text)
    assert links.scripts_inside == []
    for link in links.links:
        assert link.startswith("/")
        assert (await anyone.get(link, headers={"Authorization": ""})).status_code == 200


@pytest.mark.parametrize("path", _PAGES)
async def test_the_policy_lets_a_page_load_from_here_only(anyone: httpx.AsyncClient, path: str) -> None:
    page = await anyone.get(path)
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert "http" not in page.headers["content-security-policy"]
    assert "unsafe-eval" not in page.headers["content-security-policy"]
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("name", ASSETS)
async def test_scripts_and_styles_are_served_with_their_type(anyone: httpx.AsyncClient, name: str) -> None:
    asset = await anyone.get(f"/docs/{name}")
    assert asset.status_code == 200
    assert asset.headers["content-type"] == ASSETS[name]
    assert asset.headers.get_list("cache-control") == ["public, max-age=3600"]
    assert len(asset.content) > 1_000 or name == "favicon.png"


async def test_the_start_of_the_page_asks_for_the_document_here(anyone: httpx.AsyncClient) -> None:
    start = await anyone.get("/docs/start.js")
    assert start.headers["content-type"].startswith("text/javascript")
    assert '"/openapi.json"' in start.text
    assert "validatorUrl: null" in start.text
    assert "//" not in start.text


@pytest.mark.parametrize("name", ["__init__.py", "core.py", "nothing.js", "swagger-ui.css.map"])
async def test_nothing_else_of_the_package_is_served(anyone: httpx.AsyncClient, name: str) -> None:
    assert (await anyone.get(f"/docs/{name}")).status_code == 404


async def test_ten_thousand_ranges_of_a_file_are_the_whole_file(anyone: httpx.AsyncClient) -> None:
    ranges = "bytes=" + ",".join(f"{number}-" for number in range(2_500))
    asset = await anyone.get("/docs/swagger-ui.css", headers={"Range": ranges})
    assert asset.status_code == 200
    assert "content-range" not in asset.headers


async def test_the_type_of_a_problem_leads_to_its_row(anyone: httpx.AsyncClient) -> None:
    problem = (await anyone.get("/v1/nothing")).json()
    path, _, anchor = problem["type"].partition("#")
    page = await anyone.get(path)
    assert f'id="{anchor}"' in page.text
    assert all(f'id="{code}"' in page.text for code in PROBLEM_CODES)
    assert all(f"<code>{code}</code>" in page.text for code in FINDING_CODES)
