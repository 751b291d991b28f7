import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate

from app.api import documents
from app.api.documents import refusals
from app.api.finding_codes import FINDING_CODES
from app.api.problem_codes import PROBLEM_CODES
from app.api.route import CrossoverRoute
from app.domain.access import ACCESS
from tests.api import kit


@pytest.fixture(scope="module")
def document(service: FastAPI) -> dict[str, Any]:
    drawn: dict[str, Any] = service.openapi()
    return drawn


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for item in document["paths"].values() for operation in item.values()}


def _names(operation: dict[str, Any]) -> set[str]:
    return {
        parameter["$ref"].rpartition("/")[2] if "$ref" in parameter else parameter["name"]
        for parameter in operation["parameters"]
    }


def _headers(operation: dict[str, Any], status: str) -> set[str]:
    return set(operation["responses"][status]["headers"])


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": "/"}]


def test_the_document_is_the_one_that_is_served(document: dict[str, Any], service: FastAPI) -> None:
    assert json.loads(json.dumps(document)) == documents.document(service)


async def test_the_document_needs_no_token(service: FastAPI, document: dict[str, Any]) -> None:
    transport = httpx.ASGITransport(service)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as session:
        answer = await session.get("/openapi.json")
    assert answer.json() == document


def test_operations_are_named_for_their_functions_and_show_who_may(document: dict[str, Any]) -> None:
    operations = _operations(document)
    assert set(operations) == {
        route.endpoint.__name__ for route in kit.router.routes if isinstance(route, CrossoverRoute)
    }
    for name, operation in operations.items():
        assert operation["security"] == [{"bearer": []}]
        assert {role for role in operation["x-roles"] if ":" not in role} == set(ACCESS[name].roles)
        assert operation["x-partner-scope"] == (ACCESS[name].scope or None)
    assert operations["create_provider"]["x-partner-scope"] is None
    assert "partner:patients:read" in operations["read_patient"]["x-roles"]


def test_headers_are_asked_for_where_the_signature_asks(document: dict[str, Any]) -> None:
    operations = _operations(document)
    assert _names(operations["read_patient"]) == {"patient_id", "PurposeOfUse"}
    assert _names(operations["create_patient"]) == {"IdempotencyKey", "PurposeOfUse"}
    assert _names(operations["verify_coverage"]) == {"coverage_id", "IdempotencyKey", "IfMatch", "PurposeOfUse"}
    assert _names(operations["create_eligibility_check"]) >= {"IdempotencyKey", "Prefer"}
    assert _names(operations["list_patients"]) == {"limit", "cursor", "colour", "sort", "PurposeOfUse"}


def test_refusals_follow_from_what_is_asked(document: dict[str, Any]) -> None:
    operations = _operations(document)
    always = {"400", "401", "403", "414", "431", "503"}
    expected = {
        "read_practice": always,
        "read_patient": always | {"404"},
        "create_patient": always | {"409", "413", "415", "422", "429"},
        "change_patient": always | {"404", "409", "412", "413", "415", "422", "428"},
        "verify_coverage": always | {"404", "409", "412", "422", "428", "429"},
        "list_patients": always,
    }
    for name, statuses in expected.items():
        told = {status for status in operations[name]["responses"] if not status.startswith("2")}
        assert told == statuses, name


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for operation in _operations(document).values():
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                assert response == {"$ref": f"#/components/responses/Problem{status}"}
    for response in document["components"]["responses"].values():
        assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert "X-Request-Id" in response["headers"]
    assert "Retry-After" in document["components"]["responses"]["Problem503"]["headers"]
    assert "WWW-Authenticate" in document["components"]["responses"]["Problem401"]["headers"]
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])
    assert "HTTPValidationError" not in json.dumps(document)


def test_answers_show_their_headers(document: dict[str, Any]) -> None:
    operations = _operations(document)
    assert _headers(operations["read_practice"], "200") == {"X-Request-Id"}
    assert _headers(operations["read_patient"], "200") == {"X-Request-Id", "ETag"}
    assert _headers(operations["list_patients"], "200") == {"X-Request-Id"}
    created = {"X-Request-Id", "ETag", "Location", "Idempotency-Replayed"}
    assert _headers(operations["create_patient"], "201") == created


def test_the_documents_refusals_are_those_the_kit_sends(document: dict[str, Any]) -> None:
    needs = {route.needs.operation: route.needs for route in kit.router.routes if isinstance(route, CrossoverRoute)}
    for name, operation in _operations(document).items():
        told = {int(status) for status in operation["responses"] if not status.startswith("2")}
        assert told == set(refusals(needs[name]))


def test_the_limits_of_types_are_in_the_document(document: dict[str, Any]) -> None:
    limit, cursor = (
        next(p["schema"] for p in _operations(document)["list_patients"]["parameters"] if p.get("name") == name)
        for name in ("limit", "cursor")
    )
    assert (limit["type"], limit["minimum"], limit["maximum"], limit["default"]) == ("integer", 1, 100, 50)
    assert cursor["pattern"] == "^[A-Za-z0-9_-]{1,1024}$"
    path_id = next(p for p in _operations(document)["read_patient"]["parameters"] if p.get("name") == "patient_id")
    assert path_id["schema"]["format"] == "uuid"
    assert document["components"]["schemas"]["Sheet"]["additionalProperties"] is False


def test_all_codes_are_in_the_document(document: dict[str, Any]) -> None:
    assert set(document["x-problem-codes"]) == set(PROBLEM_CODES)
    assert document["x-finding-codes"] == FINDING_CODES
    assert document["x-problem-codes"]["version_stale"]["status"] == 412


def test_a_declared_extra_refusal_is_a_problem_too() -> None:
    app = kit.service()

    async def list_providers() -> None: ...

    route = CrossoverRoute("/v1/providers", list_providers, responses={404: {"description": "None yet."}})
    app.router.routes.append(route)
    operation = documents.document(app)["paths"]["/v1/providers"]["get"]
    assert operation["responses"]["404"] == {"$ref": "#/components/responses/Problem404"}


def test_an_operation_without_a_row_in_the_role_table_has_no_document() -> None:
    app = kit.service()

    async def unheard_of() -> None: ...

    app.router.routes.append(CrossoverRoute("/v1/unheard-of", unheard_of))
    with pytest.raises(KeyError, match="unheard_of"):
        documents.document(app)
