"""What did not fit a schema, in our own codes and words.

The framework's list of errors is read for kind and place only. Its texts, its `input` and its `ctx` quote the request and
stay behind; so do member names the schema does not know, unless they look like a field's name.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

from app.api.finding_codes import FINDING_CODES
from app.api.pointers import child, is_plain_name
from app.domain.errors import CrossoverError, Invalid, Malformed, NotFound
from app.domain.findings import Finding

_MESSAGES = {
    "unknown_field": "There is no such field.",
    "missing": "This field is required.",
    "type": "The value has another type than the schema's.",
    "too_long": "The value is longer than the schema allows.",
    "too_short": "The value is shorter than the schema allows.",
    "format": "The value does not have the schema's form.",
    "range": "The number is outside the schema's range.",
    "enum": "The value is none of those the schema lists.",
    "value": "The value does not fit the schema.",
}

_CODES = {
    "extra_forbidden": "unknown_field",
    "missing": "missing",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "bytes_too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "string_pattern_mismatch": "format",
    "greater_than": "range",
    "greater_than_equal": "range",
    "less_than": "range",
    "less_than_equal": "range",
    "multiple_of": "range",
    "finite_number": "range",
    "int_parsing_size": "range",
    "enum": "enum",
    "literal_error": "enum",
    "none_required": "type",
    "is_instance_of": "type",
    "int_from_float": "type",
    "int_parsing": "type",
    "bool_parsing": "type",
    "model_attributes_type": "type",
    "invalid_key": "type",
}


def to_refusal(error: RequestValidationError) -> CrossoverError:
    """400 when query or header did not fit, 422 for the body. A path that cannot be an id is an id nobody has: 404."""
    errors = error.errors()
    outside = [entry for entry in errors if entry["loc"][0] in {"query", "header", "cookie"}]
    if outside:
        findings = tuple(_outside_body(outside))
        code = findings[0].code if findings[0].code in {"limit_range", "cursor_invalid"} else "query_invalid"
        return Malformed("The query does not fit the operation.", code=code, findings=findings)
    inside = [entry for entry in errors if entry["loc"][0] == "body"]
    if inside:
        return Invalid(findings=tuple(_finding(entry, _pointer(entry, error.body)) for entry in inside))
    return NotFound()


def code_of(kind: str) -> str:
    """Our code for a kind of validation error; kinds our own types raise are codes already."""
    if kind in _CODES:
        return _CODES[kind]
    if kind.endswith("_type"):
        return "type"
    return kind if kind in FINDING_CODES else "value"


def _outside_body(errors: Iterable[dict[str, Any]]) -> Iterable[Finding]:
    for entry in errors:
        place, *steps = entry["loc"]
        yield _finding(entry, child(f"/{place}", str(steps[0])) if steps else f"/{place}")


def _finding(entry: dict[str, Any], pointer: str) -> Finding:
    code = code_of(entry["type"])
    message = _MESSAGES.get(code) or str(entry["msg"])  # of our own types, whose texts are constants
    return Finding(code=code, message=message, pointer=pointer)


def _pointer(entry: dict[str, Any], body: Any) -> str:
    """Follows the error's place down the body. Steps that are not in it are the validator's own: unions, functions."""
    steps: Sequence[str | int] = entry["loc"][1:]
    pointer, node = "", body
    for number, step in enumerate(steps):
        deeper = _member(node, step)
        if deeper is _ABSENT and not (entry["type"] == "missing" and number == len(steps) - 1):
            continue
        if isinstance(step, str) and not is_plain_name(step):
            break
        pointer, node = child(pointer, step), deeper
    return pointer


_ABSENT = object()


def _member(node: Any, step: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(step, _ABSENT)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return _ABSENT
