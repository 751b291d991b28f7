"""What crosses the wire, held against the clearinghouse's published OpenAPI document.

The document lies in the reference folder (`REFERENCE_DIR`), not in this repository. It is read stricter than it is
written: an object with listed properties takes no others, so that a misspelt field is found.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.sandbox.running import Exchange

BASE_PATH = "/2024-04-01"


@cache
def _document() -> dict[str, Any]:
    path = Path(os.environ["REFERENCE_DIR"]) / "wire" / "stedi" / "healthcare-openapi.yml"
    document: dict[str, Any] = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


def needs_document() -> None:
    """Skip, saying why, where the document is not at hand."""
    if "REFERENCE_DIR" not in os.environ:
        pytest.skip("REFERENCE_DIR is not set: the clearinghouse's OpenAPI document lies in the reference folder")


def check_request(exchange: Exchange) -> None:
    """Path, verb, key, media type and body are those of the document."""
    operation = _operation(exchange)
    assert _document()["components"]["securitySchemes"]["httpApiKeyAuth"]["name"] == "Authorization"
    assert exchange.request_headers["authorization"]
    assert exchange.request_headers["content-type"] == "application/json"
    _fits(json.loads(exchange.request_body), operation["requestBody"]["content"]["application/json"]["schema"])


def check_answer(exchange: Exchange) -> None:
    """The status is listed, and the body is what the document says for it."""
    answer = _operation(exchange)["responses"][str(exchange.status)]
    assert exchange.answer_headers["content-type"] == "application/json"
    _fits(json.loads(exchange.answer_body), answer["content"]["application/json"]["schema"])


def _operation(exchange: Exchange) -> dict[str, Any]:
    assert exchange.path.startswith(BASE_PATH)
    operation: dict[str, Any] = _document()["paths"][exchange.path.removeprefix(BASE_PATH)][exchange.method.lower()]
    return operation


def _fits(content: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": _document()["components"]}
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(content)]
    assert errors == []
