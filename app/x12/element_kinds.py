"""Kinds of elements: what their content must be like, whatever segment they stand in.

A kind has a pattern, which says quickly that content is certainly right, and a check, which says what is wrong with
content that the pattern does not match; that may be nothing. Lengths are those of the standard or, where the guide is
narrower, of the guide; the sign and the point of a number do not count (X12.6).
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from app.domain.codes import US_STATES
from app.domain.identifiers import PLACES_OF_SERVICE
from app.x12.elements import read_date, read_period
from app.x12.rules import Rule
from app.x12.structure_rules import (
    CODE_NOT_IN_LIST,
    ELEMENT_TOO_LONG,
    ELEMENT_TOO_SHORT,
    NOT_A_DATE,
    NOT_A_NUMBER,
    NOT_A_TIME,
    POSTAL_CODE,
    SHAPE,
    TOO_MANY_DECIMALS,
)

SEPARATOR: Final = "\x1d"
"""Stands for the element separator in the patterns: no content that is right has a control character."""
COMPONENT_SEPARATOR: Final = "\x1f"

_CANADIAN_PROVINCES: Final = frozenset("AB BC MB NB NF NL NS NT NU ON PE PQ QC SK YT".split())
_STATES: Final = US_STATES | _CANADIAN_PROVINCES
_DECIMAL: Final = re.compile(r"-?(?:([0-9]+)(?:\.([0-9]+))?|\.([0-9]+))", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]+", re.ASCII)
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9][0-9]{0,2})?", re.ASCII)
_ZIP: Final = re.compile(r"[0-9]{5}(?:[0-9]{4})?", re.ASCII)
_DAY: Final = (
    "(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
)
_EARLIEST_YEAR: Final = 1800
_UNITED_STATES: Final = frozenset({"US", "USA"})

Check = Callable[[Sequence[str], int], Rule | None]
"""What is wrong with the content at an index of the segment's or composite's contents."""


class Kind(NamedTuple):
    name: str
    pattern: str
    check: Check


def kind(name: str) -> Kind:
    """By its name in the notation of `guides`: `an60`, `an2/80`, `n6`, `r15`, or one of those with a name of their own."""
    known = _KINDS.get(name)
    if known is None:
        form = re.fullmatch(r"(an|n|r)(?:([0-9]+)/)?([0-9]+)", name)
        if form is None:
            raise ValueError(f"no kind of element: {name}")
        known = _FORMS[form[1]](name, int(form[2] or 1), int(form[3]))
        _KINDS[name] = known
    return known


def _text(name: str, least: int, most: int) -> Kind:
    def check(contents: Sequence[str], index: int) -> Rule | None:
        length = len(contents[index])
        if length < least:
            return ELEMENT_TOO_SHORT
        return ELEMENT_TOO_LONG if length > most else None

    return Kind(name, f"[ -~]{{{least},{most}}}(?<! )", check)


def _number(name: str, _least: int, most: int) -> Kind:
    return _decimal(name, most, None)


def _decimal(name: str, digits: int, decimals: int | None) -> Kind:
    def check(contents: Sequence[str], index: int) -> Rule | None:
        match = _DECIMAL.fullmatch(contents[index])
        if match is None:
            return NOT_A_NUMBER
        whole, part = match[1] or "", match[2] or match[3] or ""
        if decimals is not None and len(part) > decimals:
            return TOO_MANY_DECIMALS
        return ELEMENT_TOO_LONG if len(whole) + len(part) > digits else None

    places = min(digits - 1, 3) if decimals is None else decimals
    pattern = f"-?(?:[0-9]{{1,{max(digits - places, 1)}}}(?:\\.[0-9]{{1,{places}}})?|\\.[0-9]{{1,{places}}})"
    return Kind(name, pattern, check)


def _whole(name: str, _least: int, most: int) -> Kind:
    def check(contents: Sequence[str], index: int) -> Rule | None:
        if _WHOLE.fullmatch(contents[index]) is None:
            return NOT_A_NUMBER
        return ELEMENT_TOO_LONG if len(contents[index]) > most else None

    return Kind(name, f"[0-9]{{1,{most}}}", check)


def _shaped(name: str, pattern: str) -> Kind:
    compiled = re.compile(pattern, re.ASCII)

    def check(contents: Sequence[str], index: int) -> Rule | None:
        return None if compiled.fullmatch(contents[index]) else SHAPE

    return Kind(name, pattern, check)


def _listed(name: str, codes: frozenset[str]) -> Kind:
    def check(contents: Sequence[str], index: int) -> Rule | None:
        return None if contents[index] in codes else CODE_NOT_IN_LIST

    return Kind(name, "(?:" + "|".join(sorted(codes)) + ")", check)


def _is_day(text: str) -> bool:
    day = read_date(text)
    return day is not None and day.year >= _EARLIEST_YEAR


def _check_day(contents: Sequence[str], index: int) -> Rule | None:
    return None if _is_day(contents[index]) else NOT_A_DATE


def _check_time(contents: Sequence[str], index: int) -> Rule | None:
    return None if _TIME.fullmatch(contents[index]) else NOT_A_TIME


def _check_when(contents: Sequence[str], index: int) -> Rule | None:
    """As the element before it says: D8 or RD8. Any other is reported there."""
    qualifier, text = contents[index - 1], contents[index]
    if qualifier not in {"D8", "RD8"}:
        return None
    is_right = read_period(qualifier, text) is not None and all(map(_is_day, text.split("-")))
    return None if is_right else NOT_A_DATE


def _check_postal_code(contents: Sequence[str], index: int) -> Rule | None:
    """N403; N404 says of which country it is."""
    length = len(contents[index])
    if not 3 <= length <= 15:
        return ELEMENT_TOO_SHORT if length < 3 else ELEMENT_TOO_LONG
    country = contents[index + 1] if index + 1 < len(contents) else ""
    is_of_the_us = not country or country in _UNITED_STATES
    return POSTAL_CODE if is_of_the_us and _ZIP.fullmatch(contents[index]) is None else None


_FORMS: Final[dict[str, Callable[[str, int, int], Kind]]] = {"an": _text, "n": _whole, "r": _number}
_KINDS: Final = {
    one.name: one
    for one in (
        _decimal("money", 10, 2),
        _decimal("units", 8, 3),
        Kind("day", _DAY, _check_day),
        Kind("time", _TIME.pattern, _check_time),
        Kind("when", f"(?<={SEPARATOR}D8{SEPARATOR}){_DAY}", _check_when),
        Kind("postal", _ZIP.pattern, _check_postal_code),
        _listed("place", PLACES_OF_SERVICE),
        _listed("state", _STATES),
        _shaped("country", "[A-Z]{2,3}"),
        _shaped("currency", "[A-Z]{3}"),
        _shaped("nine", "[0-9]{9}"),
        _shaped("modifier", "[A-Z0-9]{2}"),
        _shaped("reason", "[A-Z0-9]{1,5}"),
        _shaped("remark", "[A-Z]{1,2}[0-9]{1,4}"),
    )
}
