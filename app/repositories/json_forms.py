"""The JSON form in which values of the domain are sealed: a dataclass is an object, a word its text, an amount text.

Made from the dataclass's own fields, so that a new field is kept without another line here. A document that lacks a
field is read with the field's default, and what no field asks for is left out: both happen when versions change.
"""

import dataclasses
import types
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any], Any]

_AS_IT_IS = frozenset({str, int, bool})
_FROM_TEXT: dict[type, Reader] = {
    Decimal: Decimal,
    UUID: UUID,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def to_json(value: Any) -> bytes:
    """Of a dataclass, or of a dictionary with such in it."""
    return orjson.dumps(value, default=_text)


class JsonForm(Generic[T]):
    """Reads values of one dataclass. A field of a type that could not be read back is refused here, at import."""

    def __init__(self, kind: type[T]) -> None:
        self._read = _of_dataclass(kind)

    def read(self, document: Any) -> T:
        value: T = self._read(document)
        return value


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form")


def _reader(hint: Any) -> Reader | None:
    """None when the JSON value is the value. What is None in the document never reaches a reader."""
    if get_origin(hint) in {Union, types.UnionType}:
        (hint,) = (part for part in get_args(hint) if part is not types.NoneType)
    if hint in _AS_IT_IS:
        return None
    if hint in _FROM_TEXT:
        return _FROM_TEXT[hint]
    if get_origin(hint) is tuple and get_args(hint)[1:] == (...,):
        return _of_tuple(get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, Enum):
        # A look-up costs a tenth of the enum's call.
        return {word.value: word for word in hint}.__getitem__
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _of_dataclass(hint)
    raise TypeError(f"{hint} has no JSON form")


def _of_tuple(of: Any) -> Reader:
    reader = _reader(of)
    return tuple if reader is None else lambda values: tuple([reader(value) for value in values])


def _of_dataclass(kind: type[Any]) -> Reader:
    hints = get_type_hints(kind)
    readers = [(field.name, _reader(hints[field.name])) for field in dataclasses.fields(kind)]

    def read(document: dict[str, Any]) -> Any:
        values = {}
        for name, reader in readers:
            if name in document:
                value = document[name]
                values[name] = value if reader is None or value is None else reader(value)
        return kind(**values)

    return read
