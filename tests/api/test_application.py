"""The application as it is served: its document, its pages, and the framework's telemetry, which stays off."""

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.application import create_application
from app.domain.access import ACCESS, roles_of

PAGES = ("/docs", "/redoc", "/problems")
OUTSIDE = re.compile(r"""(?:https?:)?//[a-z0-9]""", re.IGNORECASE)
REPOSITORY = Path(__file__).parents[2]

_WITH_TELEMETRY_WANTED = """
import asyncio
import httpx
from asgi_lifespan import LifespanManager
from opentelemetry import metrics, trace
from app.api.application import create_application

class Tracers(trace.TracerProvider):
    def get_tracer(self, *args, **kwargs):
        raise SystemExit("a tracer was asked for")

class Meters(metrics.MeterProvider):
    def get_meter(self, *args, **kwargs):
        raise SystemExit("a meter was asked for")

trace.set_tracer_provider(Tracers())
metrics.set_meter_provider(Meters())

async def serve():
    application = create_application(version="1")
    async with LifespanManager(application):
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
            print((await client.get("/livez")).status_code, (await client.get("/v1/practice")).status_code)

asyncio.run(serve())
"""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_application(version="1").openapi()


@pytest.fixture(scope="module")
async def anyone() -> AsyncIterator[httpx.AsyncClient]:
    """Without a token, at an application that has no database: what is served here needs neither."""
    transport = httpx.ASGITransport(create_application(version="1"))
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        yield client


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_the_document_and_the_role_table_have_the_same_operations(document: dict[str, Any]) -> None:
    assert sorted(operation["operationId"] for _, _, operation in operations(document)) == sorted(ACCESS)


def test_every_operation_says_who_may_call_it(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        assert operation["x-roles"] == roles_of(operation["operationId"])
        assert operation["x-roles"]
        assert operation["security"] == [{"bearer": []}]


def test_every_path_is_of_this_version_and_its_parameters_are_ids(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        assert path.startswith("/v1/")
        for parameter in operation.get("parameters", ()):
            if parameter.get("in") == "path" and parameter["name"] == "repair_id":
                assert parameter["schema"]["pattern"] == "^[0-9a-f]{32}$"  # a hash of what is offered
            elif parameter.get("in") == "path":
                assert parameter["schema"]["format"] == "uuid"


def test_no_filter_holds_personal_data(document: dict[str, Any]) -> None:
    """URLs end up in logs: our ids, opaque external ids, words of closed lists, spans of days, what a payer is called."""
    named = {
        parameter["name"]
        for _, _, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter.get("in") == "query"
    }
    ids = {"external_id", "encounter_id", "patient_id", "payer_id", "provider_id", "sequence"}
    spans = {"on", "service_from", "service_to", "updated_since"}
    assert named == {"limit", "cursor", "sort", "status", "rank", "q"} | ids | spans


def test_a_rule_that_a_schema_can_say_is_in_the_document(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("PatientFields", "ProviderFields", "NewCoverage", "NewPayerOverride"):
        assert schemas[name]["anyOf"], name
    settings = [rule["properties"]["setting"]["const"] for rule in schemas["NewPayerOverride"]["anyOf"]]
    assert sorted(settings) == sorted(schemas["ProfileSetting"]["enum"])


async def test_the_document_is_served_as_it_is_kept(anyone: httpx.AsyncClient, document: dict[str, Any]) -> None:
    assert (await anyone.get("/openapi.json")).json() == document


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_and_what_it_loads_come_from_this_service(anyone: httpx.AsyncClient, page: str) -> None:
    answer = await anyone.get(page)
    assert answer.status_code == 200
    assert OUTSIDE.search(answer.text) is None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert OUTSIDE.search(policy) is None
    for loaded in re.findall(r'(?:src|href|spec-url)="([^"]+)"', answer.text):
        assert loaded.startswith("/")
        assert (await anyone.get(loaded)).status_code == 200


def test_the_environment_cannot_turn_telemetry_on() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", _WITH_TELEMETRY_WANTED],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.returncode, finished.stdout.split()) == (0, ["200", "401"]), finished.stderr[-2000:]


def test_the_kept_document_is_the_one_that_is_drawn(document: dict[str, Any]) -> None:
    kept = json.loads((REPOSITORY / "openapi" / "openapi.json").read_text(encoding="utf-8"))
    assert {**kept, "info": None} == {**document, "info": None}, "`crossover openapi write` draws it anew"
