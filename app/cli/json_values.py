"""Values of the domain from a JSON document that a person wrote: everything that is wrong with it, each with its place.

The form follows from the dataclasses: an object with their fields, amounts and days as text, words of a list as they are.
A field that nobody knows is refused: what it says would be lost silently. Numbers are taken as they stand, never through
a float.
"""

import dataclasses
import functools
import json
import re
import types
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints

from app.domain.findings import Finding

_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FIELD: Final = re.compile(r"[A-Za-z_0-9-]{1,64}", re.ASCII)


class NotJson(Exception):
    """The text is no JSON document; the message says where."""


class Problems:
    """The findings of one document, in its order."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, code: str, pointer: str, message: str) -> None:
        self.findings.append(Finding(code=code, message=message, pointer=pointer))


Reader: TypeAlias = Callable[[Any, str, Problems], Any]
"""Of a value and its JSON pointer; what it gives is of no use once there is a finding."""


class _Decimal(str):
    """A JSON number with a point or an exponent, as it stands."""

    __slots__ = ()


class _Repeated(NamedTuple):
    """A name that stands twice in one object."""

    name: str


def parse(text: bytes) -> Any:
    try:
        return json.loads(
            text.decode("utf-8-sig"),
            parse_float=_Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise NotJson(f"This is not UTF-8, at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"This is not JSON, at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise NotJson("This is not JSON of a claim: it is nested too deeply.") from None
    except ValueError:
        raise NotJson("This is not JSON: a number in it is none or has too many digits.") from None


def read_value(kind: Any, document: Any, pointer: str, problems: Problems) -> Any:
    """`kind` is a dataclass or another type that `reader_of` knows."""
    return reader_of(kind)(document, pointer, problems)


@functools.cache
def reader_of(hint: Any) -> Reader:
    if get_origin(hint) in {Union, types.UnionType}:
        return _of_union(get_args(hint))
    if get_origin(hint) is tuple and get_args(hint)[1:] == (...,):
        return _of_tuple(reader_of(get_args(hint)[0]))
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _of_enum({word.value: word for word in hint})
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _of_dataclass(hint)
    raise TypeError(f"{hint} has no JSON form")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        members[name] = _Repeated(name) if name in members else value
    return members


def _refuse_constant(_text: str) -> None:
    raise ValueError


def _of_union(hints: Sequence[Any]) -> Reader:
    """Null, a text, and one other kind, as far as the field has them."""
    is_optional = types.NoneType in hints
    kinds = [hint for hint in hints if hint is not types.NoneType]
    other = next((reader_of(hint) for hint in kinds if hint is not str), None)
    text = _read_text if str in kinds else None

    def read(document: Any, pointer: str, problems: Problems) -> Any:
        if document is None and is_optional:
            return None
        if text is not None and (other is None or isinstance(document, str)):
            return text(document, pointer, problems)
        assert other is not None  # noqa: S101  # a union has two kinds
        return other(document, pointer, problems)

    return read


def _of_tuple(of: Reader) -> Reader:
    def read(document: Any, pointer: str, problems: Problems) -> Any:
        if not isinstance(document, list):
            problems.add("type", pointer, "A list is needed here.")
            return ()
        return tuple([of(one, f"{pointer}/{at}", problems) for at, one in enumerate(document)])

    return read


def _of_enum(words: dict[Any, Any]) -> Reader:
    message = f"One of these is needed here: {', '.join(words)}."

    def read(document: Any, pointer: str, problems: Problems) -> Any:
        word = words.get(document) if isinstance(document, str) else None
        if word is None:
            problems.add("enum", pointer, message)
        return word

    return read


def _of_dataclass(kind: type[Any]) -> Reader:
    hints = get_type_hints(kind)
    fields = {field.name: reader_of(hints[field.name]) for field in dataclasses.fields(kind)}
    required = [field.name for field in dataclasses.fields(kind) if _is_required(field)]

    def read(document: Any, pointer: str, problems: Problems) -> Any:
        before = len(problems.findings)
        values = dict(_members(document, fields, required, pointer, problems))
        return kind(**values) if len(problems.findings) == before else None

    return read


def _members(
    document: Any, fields: dict[str, Reader], required: Sequence[str], pointer: str, problems: Problems
) -> Iterator[tuple[str, Any]]:
    if not isinstance(document, dict):
        problems.add("type", pointer, "An object is needed here.")
        return
    for name, value in document.items():
        at = f"{pointer}/{name}" if _FIELD.fullmatch(name) else pointer
        if name not in fields:
            problems.add("unknown_field", at, "There is no such field.")
        elif isinstance(value, _Repeated):
            problems.add("value", at, "This name stands twice in its object.")
        else:
            yield name, fields[name](value, at, problems)
    for name in required:
        if name not in document:
            problems.add("missing", f"{pointer}/{name}", "This field is required.")


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _read_text(document: Any, pointer: str, problems: Problems) -> Any:
    if not isinstance(document, str) or isinstance(document, _Decimal):
        problems.add("type", pointer, "A text is needed here.")
    return document


def _read_bool(document: Any, pointer: str, problems: Problems) -> Any:
    if not isinstance(document, bool):
        problems.add("type", pointer, "true or false is needed here.")
    return document


def _read_int(document: Any, pointer: str, problems: Problems) -> Any:
    if not isinstance(document, int) or isinstance(document, bool):
        problems.add("type", pointer, "A whole number is needed here.")
    return document


def _read_decimal(document: Any, pointer: str, problems: Problems) -> Any:
    if isinstance(document, bool) or not isinstance(document, str | int):
        problems.add("type", pointer, "A decimal number is needed here, best as text.")
    elif _DECIMAL.fullmatch(text := str(document)):
        return Decimal(text)
    else:
        problems.add("format", pointer, "A decimal number is needed here, such as 80.00.")
    return None


def _read_date(document: Any, pointer: str, problems: Problems) -> Any:
    if isinstance(document, str) and _DATE.fullmatch(document):
        try:
            return date.fromisoformat(document)
        except ValueError:
            pass
    problems.add("format", pointer, "A day is needed here, such as 2026-08-20.")
    return None


def _read_datetime(document: Any, pointer: str, problems: Problems) -> Any:
    try:
        instant = datetime.fromisoformat(document)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    problems.add("format", pointer, "A time with its offset is needed here, such as 2026-08-20T09:30:00Z.")
    return None


_PLAIN: Final[dict[Any, Reader]] = {
    str: _read_text,
    bool: _read_bool,
    int: _read_int,
    Decimal: _read_decimal,
    date: _read_date,
    datetime: _read_datetime,
}
