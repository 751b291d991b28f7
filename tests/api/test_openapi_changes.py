"""Seeded breaks, each found; additions, each allowed; equal documents, nothing."""

import copy
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from fastapi import FastAPI

from app.api.openapi_changes import breaking_changes

Json: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Json], object]


@pytest.fixture(scope="module")
def document(service: FastAPI) -> Json:
    drawn: Json = service.openapi()
    return drawn


def _schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def _post(document: Json) -> Json:
    found: Json = document["paths"]["/v1/patients"]["post"]
    return found


def _get(document: Json) -> Json:
    found: Json = document["paths"]["/v1/patients"]["get"]
    return found


def _property(document: Json, schema: str, name: str) -> Json:
    found: Json = _schema(document, schema)["properties"][name]
    return found


def _parameter(document: Json, name: str) -> Json:
    return next(parameter for parameter in _get(document)["parameters"] if parameter.get("name") == name)


_BREAKS: dict[str, tuple[Change, str]] = {
    "path": (lambda d: d["paths"].pop("/v1/practice"), "GET /v1/practice: removed"),
    "operation": (
        lambda d: d["paths"]["/v1/patients/{patient_id}"].pop("patch"),
        "PATCH /v1/patients/{patient_id}: removed",
    ),
    "operation id": (lambda d: _post(d).update(operationId="add"), "POST /v1/patients: operation id changed"),
    "security": (lambda d: _post(d).update(security=[]), "POST /v1/patients: security changed"),
    "security gone": (lambda d: _post(d).pop("security"), "POST /v1/patients: security changed"),
    "role": (lambda d: _post(d)["x-roles"].remove("biller"), "POST /v1/patients: role biller may no longer call it"),
    "scope": (
        lambda d: _post(d)["x-roles"].remove("partner:patients:write"),
        "POST /v1/patients: role partner:patients:write may no longer call it",
    ),
    "parameter": (
        lambda d: _get(d)["parameters"].remove(_parameter(d, "colour")),
        "GET /v1/patients: query parameter colour removed",
    ),
    "parameter required": (
        lambda d: _parameter(d, "colour").update(required=True),
        "GET /v1/patients: query parameter colour became required",
    ),
    "new required parameter": (
        lambda d: _get(d)["parameters"].append({"name": "x", "in": "query", "required": True, "schema": {}}),
        "GET /v1/patients: required query parameter x added",
    ),
    "new required header": (
        lambda d: _get(d)["parameters"].append({"$ref": "#/components/parameters/IfMatch"}),
        "GET /v1/patients: required header parameter If-Match added",
    ),
    "parameter bound": (
        lambda d: _parameter(d, "limit")["schema"].update(maximum=50),
        "GET /v1/patients: query parameter limit: maximum lowered",
    ),
    "path parameter form": (
        lambda d: d["paths"]["/v1/patients/{patient_id}"]["get"]["parameters"][0]["schema"].update(pattern="^x$"),
        "GET /v1/patients/{patient_id}: path parameter patient_id: pattern changed",
    ),
    "header form": (
        lambda d: d["components"]["parameters"]["IdempotencyKey"]["schema"].update(minLength=8),
        "POST /v1/patients: header parameter Idempotency-Key: minLength raised",
    ),
    "body required member": (
        lambda d: _schema(d, "Sheet")["required"].append("charge"),
        "POST /v1/patients: request.charge: became required",
    ),
    "body new required member": (
        lambda d: (_schema(d, "Part")["required"].append("x"), _schema(d, "Part")["properties"].update(x={})),
        "POST /v1/patients: request.parts[].x: required, and new",
    ),
    "body member gone": (
        lambda d: _schema(d, "Sheet")["properties"].pop("npi"),
        "POST /v1/patients: request.npi: removed",
    ),
    "body enum": (
        lambda d: _schema(d, "Colour").update(enum=["red"]),
        "POST /v1/patients: request.colours[]: values no longer taken: green",
    ),
    "body type": (
        lambda d: _property(d, "Sheet", "name").update(type="integer"),
        "POST /v1/patients: request.name: string is no longer taken",
    ),
    "body null": (
        lambda d: _property(d, "Sheet", "count")["anyOf"].pop(1),
        "POST /v1/patients: request.count: null is no longer taken",
    ),
    "body pattern": (
        lambda d: _property(d, "Sheet", "name").update(pattern="^[A-Z]+$"),
        "POST /v1/patients: request.name: pattern changed",
    ),
    "body format": (
        lambda d: _property(d, "Sheet", "name").update(format="email"),
        "POST /v1/patients: request.name: format changed",
    ),
    "body length": (
        lambda d: _property(d, "Sheet", "name").update(maxLength=30),
        "POST /v1/patients: request.name: maxLength lowered",
    ),
    "body minimum": (
        lambda d: _property(d, "Sheet", "count")["anyOf"][0].update(minimum=1),
        "POST /v1/patients: request.count: minimum raised",
    ),
    "body new bound": (
        lambda d: _property(d, "Sheet", "parts").update(maxItems=5),
        "POST /v1/patients: request.parts: maxItems lowered",
    ),
    "body gone": (lambda d: _post(d).pop("requestBody"), "POST /v1/patients: request body removed"),
    "body type of content": (
        lambda d: (
            _post(d)["requestBody"]["content"].update({"text/csv": {}})
            or _post(d)["requestBody"]["content"].pop("application/json")
        ),
        "POST /v1/patients: request type application/json removed",
    ),
    "answer": (lambda d: _post(d)["responses"].pop("201"), "POST /v1/patients: response 201 removed"),
    "answer member gone": (
        lambda d: _schema(d, "SheetAnswer")["properties"].pop("version"),
        "POST /v1/patients: response 201.version: removed",
    ),
    "answer member in a list": (
        lambda d: _schema(d, "SheetAnswer")["properties"].pop("version"),
        "GET /v1/patients: response 200.data[].version: removed",
    ),
    "answer member optional": (
        lambda d: _schema(d, "SheetAnswer")["required"].remove("id"),
        "POST /v1/patients: response 201.id: became optional",
    ),
    "answer may be null": (
        lambda d: _schema(d, "SheetAnswer")["properties"].update(id={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "POST /v1/patients: response 201.id: may be null now",
    ),
    "answer type": (
        lambda d: _property(d, "SheetAnswer", "version").update(type="string"),
        "POST /v1/patients: response 201.version: may be string now",
    ),
    "answer format": (
        lambda d: _property(d, "SheetAnswer", "id").update(format="uri"),
        "POST /v1/patients: response 201.id: format changed",
    ),
    "answer header": (
        lambda d: _post(d)["responses"]["201"]["headers"].pop("ETag"),
        "POST /v1/patients: response 201 header ETag removed",
    ),
    "answer content": (
        lambda d: _post(d)["responses"]["201"].update(content={"text/plain": {}}),
        "POST /v1/patients: response 201 type application/json removed",
    ),
    "problem member": (
        lambda d: _schema(d, "Problem")["properties"].pop("code"),
        "POST /v1/patients: response 422.code: removed",
    ),
    "problem code": (lambda d: d["x-problem-codes"].pop("version_stale"), "problem code version_stale: removed"),
    "problem status": (
        lambda d: d["x-problem-codes"]["version_stale"].update(status=409),
        "problem code version_stale: status changed from 412 to 409",
    ),
}

_ADDITIONS: dict[str, Change] = {
    "path": lambda d: d["paths"].update({"/v1/new": copy.deepcopy(d["paths"]["/v1/practice"])}),
    "operation": lambda d: d["paths"]["/v1/practice"].update(delete=copy.deepcopy(_get(d))),
    "parameter": lambda d: _get(d)["parameters"].append({"name": "x", "in": "query", "schema": {"type": "string"}}),
    "body member": lambda d: _schema(d, "Sheet")["properties"].update(x={"type": "string"}),
    "body enum value": lambda d: _schema(d, "Colour")["enum"].append("blue"),
    "body bound": lambda d: _property(d, "Sheet", "name").update(maxLength=90),
    "body pattern gone": lambda d: _property(d, "Sheet", "name").pop("pattern"),
    "body member optional": lambda d: _schema(d, "Sheet")["required"].remove("name"),
    "answer member": lambda d: _schema(d, "SheetAnswer")["properties"].update(x={"type": "string"}),
    "answer member required": lambda d: _schema(d, "SheetAnswer")["required"].append("x"),
    "answer header": lambda d: _post(d)["responses"]["201"]["headers"].update(X={"schema": {"type": "string"}}),
    "refusal": lambda d: _get(d)["responses"].update({"410": {"$ref": "#/components/responses/Problem404"}}),
    "refusal gone": lambda d: _get(d)["responses"].pop("403"),
    "role": lambda d: _post(d)["x-roles"].append("patient"),
    "problem code": lambda d: d["x-problem-codes"].update(new={"status": 409, "meaning": "", "remedy": ""}),
    "words": lambda d: (_post(d).update(summary="Other words.", description="More."), d["info"].update(version="2")),
}


def test_equal_documents_have_no_breaks(document: Json) -> None:
    assert breaking_changes(document, copy.deepcopy(document)) == []


@pytest.mark.parametrize("name", _BREAKS)
def test_a_break_is_found(document: Json, name: str) -> None:
    change, sentence = _BREAKS[name]
    changed = copy.deepcopy(document)
    change(changed)
    assert sentence in breaking_changes(document, changed)


@pytest.mark.parametrize("name", _ADDITIONS)
def test_an_addition_is_no_break(document: Json, name: str) -> None:
    changed = copy.deepcopy(document)
    _ADDITIONS[name](changed)
    assert breaking_changes(document, changed) == []


def test_a_break_of_one_place_is_one_sentence(document: Json) -> None:
    changed = copy.deepcopy(document)
    _parameter(changed, "limit")["schema"]["maximum"] = 50
    assert len(breaking_changes(document, changed)) == 1


def test_a_path_parameter_may_be_renamed(document: Json) -> None:
    changed = copy.deepcopy(document)
    item = changed["paths"].pop("/v1/patients/{patient_id}")
    for operation in item.values():
        operation["parameters"][0]["name"] = "id"
    changed["paths"]["/v1/patients/{id}"] = item
    assert breaking_changes(document, changed) == []


def _with_body(schema: Json, components: Json | None = None, *, required: bool = False) -> Json:
    content = {"application/json": {"schema": schema}}
    body = {"content": content, "required": required}
    return {"paths": {"/a": {"post": {"requestBody": body}}}, "components": {"schemas": components or {}}}


def test_a_body_that_becomes_required_breaks() -> None:
    assert breaking_changes(_with_body({}), _with_body({}, required=True)) == ["POST /a: request body became required"]


def test_schemas_that_refer_to_themselves_are_compared_once() -> None:
    tree: Json = {
        "type": "object",
        "properties": {"left": {"$ref": "#/components/schemas/Tree"}, "name": {"maxLength": 9}},
    }
    shorter = copy.deepcopy(tree)
    shorter["properties"]["name"]["maxLength"] = 8
    old = _with_body({"$ref": "#/components/schemas/Tree"}, {"Tree": tree})
    new = _with_body({"$ref": "#/components/schemas/Tree"}, {"Tree": shorter})
    assert breaking_changes(old, old) == []
    assert breaking_changes(old, new) == ["POST /a: request.name: maxLength lowered"]


@pytest.mark.parametrize(
    ("old", "new", "is_break"),
    [
        ({"type": ["string", "null"]}, {"type": "string"}, True),
        ({"type": "string"}, {"type": ["string", "null"]}, False),
        ({"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, False),
        ({}, {"type": "string"}, True),
        ({"type": "string"}, {}, False),
        ({"const": "a", "type": "string"}, {"enum": ["a", "b"], "type": "string"}, False),
        ({"enum": ["a", "b"], "type": "string"}, {"const": "a", "type": "string"}, True),
        ({"type": "string"}, {"type": "string", "enum": ["a"]}, True),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}, True),
        ({"type": "array", "items": {}}, {"type": "array", "items": {}, "uniqueItems": True}, True),
        ({"type": "number"}, {"type": "number", "multipleOf": 2}, True),
        ({"type": "string"}, {"type": "string", "minLength": 0}, False),
        ({"type": "string"}, {"type": "string", "minLength": 1}, True),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}},
            True,
        ),
    ],
)
def test_what_narrows_a_request(old: Json, new: Json, is_break: bool) -> None:
    assert bool(breaking_changes(_with_body(old), _with_body(new))) == is_break
