"""JSON merge patch (RFC 7396) over a record's own fields; the outcome must fit the schema of a new record."""

from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.api.schemas.base import Patch, Schema
from app.api.validation import to_refusal

Fields = TypeVar("Fields", bound=Schema)


def merged(current: Fields, patch: Patch) -> Fields:
    """Raises `Invalid` with pointers into the record when the outcome does not fit."""
    document = _merge(current.model_dump(mode="json"), patch.model_dump(mode="json", exclude_unset=True))
    try:
        return type(current).model_validate_json(orjson.dumps(document))
    except ValidationError as error:
        errors = [{**entry, "loc": ("body", *entry["loc"])} for entry in error.errors(include_input=False)]
        raise to_refusal(RequestValidationError(errors, body=document)) from None


def _merge(target: Any, patch: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            document.pop(name, None)
        elif isinstance(value, dict):
            document[name] = _merge(document.get(name), value)
        else:
            document[name] = value
    return document
