"""Reads a request's JSON strictly: one object, UTF-8, no doubled names, no numbers or text that do damage later.

The standard library's scanner does the reading; the limits are counted before it starts, so that its recursion and memory
are bounded, and its hooks refuse what it would let pass. What a field may hold is the schema's business, not decided here.
Strings come back NFC-normalised. No error carries a submitted value.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NoReturn

from app.api.pointers import child, is_plain_name
from app.domain.errors import Invalid, Malformed
from app.domain.findings import Finding

MAX_DEPTH = 32
MAX_ITEMS = 5_000
MAX_DIGITS = 50

# The closing quote is optional, so that an unterminated string is swallowed in one step and not searched again from
# each of its quotes. The quantifiers are possessive: nothing is tried twice.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_EMPTY = re.compile(rb"\[[ \t\r\n]*+\]|\{[ \t\r\n]*+\}")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

_LAYOUT = str.maketrans("", "", "\t\r\n")
_NOT_DIGITS = str.maketrans("", "", "+-.eE")

_TEXT_FAULTS = {
    "Cc": ("text_control", "Control characters are not taken."),
    "Cs": ("text_invalid", "A surrogate without its other half is not text."),
    "Cf": ("text_unsafe", "Invisible and direction-changing characters are not taken."),
    "Zl": ("text_unsafe", "Line separators are not taken."),
    "Zp": ("text_unsafe", "Paragraph separators are not taken."),
    "Co": ("text_unsafe", "Private-use characters are not taken."),
    "Cn": ("text_unsafe", "Unassigned characters are not taken."),
}


def read(raw: bytes) -> Any:
    """The object in `raw`. Raises Malformed (cannot be read) or Invalid (can be read, may not be taken)."""
    text = _decode(raw)
    if not text.strip(" \t\r\n"):
        raise _not_an_object()
    _check_size(raw)
    document = _parse(text)
    if not isinstance(document, dict):
        raise _not_an_object()
    if _is_clean(text):
        return document
    findings = tuple(_text_findings(document, ""))
    if findings:
        raise Invalid(findings=findings)
    return _normalised(document)


def text_fault(text: str) -> tuple[str, str] | None:
    """The finding code and message of the worst that is wrong with a text, whatever field it stands in."""
    if text.isascii() and text.isprintable():
        return None
    categories = {unicodedata.category(character) for character in set(text)}
    return next((fault for category, fault in _TEXT_FAULTS.items() if category in categories), None)


def _decode(raw: bytes) -> str:
    # RFC 8259 section 8.1: UTF-8 and no byte order mark; UTF-16 and UTF-32 show by their zero bytes.
    if json.detect_encoding(raw) != "utf-8":
        raise Malformed("The body must be JSON in UTF-8 without a byte order mark.", code="json_encoding")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        # The decoder's own message quotes bytes of the body.
        raise Malformed("The body must be JSON in UTF-8 without a byte order mark.", code="json_encoding") from None


def _check_size(raw: bytes) -> None:
    """Depth and count from what stands outside strings, before anything is built."""
    skeleton = _STRING.sub(b'""', raw, count=2 * MAX_ITEMS + 1)  # a member has a name and at most one string
    brackets = skeleton.translate(None, _NOT_BRACKETS)
    depth = 0
    for bracket in brackets[: 2 * MAX_ITEMS + 2 * MAX_DEPTH]:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed(f"The body is nested deeper than {MAX_DEPTH} levels.", code="json_depth")
    quotes, commas = skeleton.count(b'"'), skeleton.count(b",")
    opened = brackets.count(b"[") + brackets.count(b"{")
    if quotes > 4 * MAX_ITEMS or commas > MAX_ITEMS or opened > MAX_ITEMS + 1:
        raise _too_many()
    # Every member or item follows a comma, but for the first of each container that is not empty.
    if commas + opened - len(_EMPTY.findall(skeleton)) > MAX_ITEMS:
        raise _too_many()


def _parse(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        # Its text and its `doc` hold the body.
        raise Malformed("The body is not JSON.", code="json_syntax") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _doubled()
    return members


def _integer(literal: str) -> int:
    if len(literal.lstrip("-")) > MAX_DIGITS:
        raise _bad_number()
    return int(literal)


def _float(literal: str) -> float:
    if len(literal.translate(_NOT_DIGITS)) > MAX_DIGITS:
        raise _bad_number()
    value = float(literal)
    if math.isinf(value):
        raise _bad_number()
    return value


def _constant(_name: str) -> NoReturn:
    raise _bad_number()


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant, strict=True
)


def _is_clean(text: str) -> bool:
    """True when no string of the document can hold a refused or unnormalised character; an escape could hide one."""
    if "\\" in text:
        return False
    if text.isascii():
        return "\x7f" not in text  # the scanner has refused the other raw controls
    return text_fault(text.translate(_LAYOUT)) is None and unicodedata.is_normalized("NFC", text)


def _text_findings(value: Any, pointer: str) -> Iterator[Finding]:
    if isinstance(value, str):
        fault = text_fault(value)
        if fault:
            yield Finding(code=fault[0], message=fault[1], pointer=pointer)
    elif isinstance(value, dict):
        for name, member in value.items():
            fault = text_fault(name)
            if fault:
                yield Finding(code=fault[0], message=fault[1], pointer=pointer)
            yield from _text_findings(member, child(pointer, name) if is_plain_name(name) else pointer)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _text_findings(item, child(pointer, position))


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_normalised(item) for item in value]
    if isinstance(value, dict):
        return _object([(unicodedata.normalize("NFC", name), _normalised(member)) for name, member in value.items()])
    return value


def _not_an_object() -> Invalid:
    message = "The body must be one JSON object."
    return Invalid(message, code="body_not_object", findings=(Finding(code="type", message=message, pointer=""),))


def _too_many() -> Invalid:
    message = f"The body has more than {MAX_ITEMS} members and items."
    return Invalid(message, code="too_many", findings=(Finding(code="too_many", message=message, pointer=""),))


def _doubled() -> Malformed:
    return Malformed("A member name stands twice in one object.", code="json_duplicate_key")


def _bad_number() -> Malformed:
    return Malformed(f"A number is not finite or has more than {MAX_DIGITS} digits.", code="json_number")
