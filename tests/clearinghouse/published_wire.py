"""What crosses the wire, held against the clearinghouse's published OpenAPI documents.

The documents lie in the reference folder (`REFERENCE_DIR`), not in this repository. They are read stricter than they are
written: an object with listed properties takes no others, so that a misspelt field is found.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.sandbox.running import Exchange

_DOCUMENTS = {"/2024-04-01": "healthcare-openapi.yml", "/2023-08-01": "core-openapi.yml"}


class _Operation(NamedTuple):
    document: dict[str, Any]
    content: dict[str, Any]
    in_path: dict[str, str]


@cache
def _document(base_path: str) -> dict[str, Any]:
    path = Path(os.environ["REFERENCE_DIR"]) / "wire" / "stedi" / _DOCUMENTS[base_path]
    document: dict[str, Any] = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


def needs_document() -> None:
    """Skip, saying why, where the documents are not at hand."""
    if "REFERENCE_DIR" not in os.environ:
        pytest.skip("REFERENCE_DIR is not set: the clearinghouse's OpenAPI documents lie in the reference folder")


def check_request(exchange: Exchange, query: str = "") -> None:
    """Path, verb, key, parameters, media type and body are those of the document."""
    operation = _operation(exchange)
    assert operation.document["components"]["securitySchemes"]["httpApiKeyAuth"]["name"] == "Authorization"
    assert exchange.request_headers["authorization"]
    _check_parameters(operation, exchange.request_headers, query)
    if "requestBody" not in operation.content:
        assert exchange.request_body == b""
        return
    assert exchange.request_headers["content-type"] == "application/json"
    schema = operation.content["requestBody"]["content"]["application/json"]["schema"]
    _fits(json.loads(exchange.request_body), schema, operation.document)


def check_answer(exchange: Exchange) -> None:
    """The status is listed, and the body is what the document says for it."""
    operation = _operation(exchange)
    answer = operation.content["responses"][str(exchange.status)]
    assert exchange.answer_headers["content-type"] == "application/json"
    schema = answer["content"]["application/json"]["schema"]
    _fits(json.loads(exchange.answer_body), schema, operation.document)


def _operation(exchange: Exchange) -> _Operation:
    base_path = "/" + exchange.path.split("/")[1]
    document = _document(base_path)
    path = exchange.path.removeprefix(base_path)
    # A path without a parameter goes before one with, as routers have it.
    for template in sorted(document["paths"], key=lambda one: str(one).count("{")):
        methods = document["paths"][template]
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        found = re.fullmatch(pattern, path)
        if found and exchange.method.lower() in methods:
            return _Operation(document, methods[exchange.method.lower()], found.groupdict())
    raise AssertionError(f"the document has no {exchange.method} {path}")


def _check_parameters(operation: _Operation, headers: dict[str, str], query: str) -> None:
    """Every query parameter is listed, and the value of each listed one is what its schema says."""
    asked = dict(parse_qsl(query, strict_parsing=bool(query)))
    listed = {(one["in"], one["name"]): one for one in operation.content.get("parameters", [])}
    assert {("query", name) for name in asked} <= listed.keys()
    given = {"query": asked, "header": headers, "path": operation.in_path}
    for (place, name), parameter in listed.items():
        value: Any = given[place].get(name.lower() if place == "header" else name)
        if value is None:
            assert not parameter.get("required", False)
            continue
        if parameter["schema"]["type"] == "number":
            value = int(value)
        _fits(value, parameter["schema"], operation.document)


def _fits(content: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    whole = {**schema, "components": document["components"]}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(content)]
    assert errors == []
