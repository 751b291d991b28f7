"""A transaction set being written: segments from values, every value checked, all findings kept.

The documented normalisation of a value, and the only change ever made to one: blanks at its ends are dropped, letters
are upper-cased, diacritics are removed by compatibility decomposition (NFKD), and typographic quotes and dashes become
their plain form. What then is outside the X12 basic set, equals a delimiter (X12 has no escape), or does not fit the
element is a finding at the value's JSON pointer and X12 place. A value marked `exact` is not normalised: an identifier
of ours must come back as it was sent.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC
from typing import Final, NamedTuple

from app.domain.eligibility import Interchange
from app.x12.elements import write_date
from app.x12.findings import (
    CHARACTER_NOT_ALLOWED,
    DELIMITER_IN_DATA,
    VALUE_INVALID,
    VALUE_MISSING,
    VALUE_TOO_LONG,
    VALUE_TOO_SHORT,
    Fault,
    X12Finding,
    location,
)
from app.x12.separators import DEFAULT, Separators, check_separators

_BASIC: Final = "A-Z0-9 !\"&'()*+,\\-./:;?="
_OUTSIDE: Final = re.compile(f"[^{_BASIC}]", re.ASCII)
_MARKS: Final = re.compile("[\u0300-\u036f]")
_PLAIN: Final = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011\u2012\u2013\u2014", "''\"\"-----")
_CONTROL_NUMBERS: Final = range(1, 1_000_000_000)


class Value(NamedTuple):
    """A value from outside for one element: where it comes from, how long it may be."""

    text: str | None
    pointer: str
    longest: int
    shortest: int = 1
    required: bool = True
    exact: bool = False


Element = str | Value | Sequence[Value]
"""A constant of the guide, a value, or the repetitions of one."""


class Draft:
    """Segments of one transaction set, ST and SE not among them, and what is wrong with their values."""

    def __init__(self, separators: Separators = DEFAULT) -> None:
        self.separators = separators
        self.segments: list[str] = []
        self.findings: list[X12Finding] = []
        self._delimiters = re.compile("[" + "".join(re.escape(one) for one in separators.all) + "]")
        for fault in check_separators(separators):
            self.refuse(fault, None, "ISA")

    def add(self, loop: str | None, segment_id: str, *elements: Element) -> None:
        """One segment; empty elements at its end are not written."""
        texts = [segment_id]
        for position, element in enumerate(elements, start=1):
            place = location(loop, segment_id, position)
            if isinstance(element, str):
                texts.append(element)
            elif isinstance(element, Value):
                texts.append(self._text(element, place))
            else:
                texts.append(self._repeated(element, place))
        while not texts[-1]:
            texts.pop()
        self.segments.append(self.separators.element.join(texts))

    def refuse(self, fault: Fault, pointer: str | None, place: str | None, message: str | None = None) -> None:
        self.findings.append(
            X12Finding(
                code=fault.code,
                message=message or fault.message,
                severity=fault.severity,
                pointer=pointer,
                location=place,
                standard_code=fault.standard_code,
            )
        )

    def _repeated(self, values: Sequence[Value], place: str | None) -> str:
        texts = [self._text(value, place) for value in values]
        separator = self.separators.repetition
        if separator is None and len(texts) > 1:
            self.refuse(VALUE_INVALID, values[1].pointer, place, "Without a repetition separator one value fits here.")
        return (separator or "").join(texts)

    def _text(self, value: Value, place: str | None) -> str:
        text = (value.text or "") if value.exact else basic(value.text or "")
        for fault in self._faults(text, value):
            self.refuse(fault, value.pointer, place)
        return text

    def _faults(self, text: str, value: Value) -> tuple[Fault, ...]:
        if not text:
            return (VALUE_MISSING,) if value.required else ()
        found = (
            (VALUE_TOO_LONG, len(text) > value.longest),
            (VALUE_TOO_SHORT, len(text) < value.shortest),
            (DELIMITER_IN_DATA, self._delimiters.search(text) is not None),
            (CHARACTER_NOT_ALLOWED, _OUTSIDE.search(self._delimiters.sub("", text)) is not None),
        )
        return tuple(fault for fault, is_so in found if is_so)


def basic(text: str) -> str:
    """A text in the documented normalisation; it may still hold characters that cannot be sent."""
    if text.isascii():
        return text.strip().upper()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_PLAIN))).strip().upper()


def enclose(
    drafts: Sequence[Draft],
    *,
    interchange: Interchange,
    functional_code: str,
    transaction_code: str,
    guide: str,
    separators: Separators = DEFAULT,
) -> tuple[str | None, tuple[X12Finding, ...]]:
    """The whole interchange with one functional group, or everything that keeps it from being written.

    ISA13 and GS06 are the interchange's control number, ST02 counts from 0001. Times are UTC.
    """
    if interchange.control_number not in _CONTROL_NUMBERS:
        envelope = Draft(separators)
        envelope.refuse(VALUE_INVALID, "/control_number", "ISA13", "A control number is between 1 and 999999999.")
    else:
        envelope = _envelope(
            drafts,
            interchange=interchange,
            functional_code=functional_code,
            transaction_code=transaction_code,
            guide=guide,
            separators=separators,
        )
    findings = (*envelope.findings, *(finding for draft in drafts for finding in draft.findings))
    if findings:
        return None, tuple(dict.fromkeys(findings))
    return "".join(segment + separators.segment for segment in envelope.segments), ()


def _envelope(
    drafts: Sequence[Draft],
    *,
    interchange: Interchange,
    functional_code: str,
    transaction_code: str,
    guide: str,
    separators: Separators,
) -> Draft:
    created = interchange.created_at.astimezone(UTC)
    day, time, number = write_date(created.date()), f"{created:%H%M}", str(interchange.control_number)
    sender = Value(interchange.sender_id, "/sender_id", longest=15, shortest=2)
    receiver = Value(interchange.receiver_id, "/receiver_id", longest=15, shortest=2)
    envelope = Draft(separators)
    envelope.segments.append(_isa(interchange, day, time, separators))
    envelope.add(None, "GS", functional_code, sender, receiver, day, time, number, "X", guide)
    for count, draft in enumerate(drafts, start=1):
        envelope.add(None, "ST", transaction_code, f"{count:04}", guide)
        envelope.segments += draft.segments
        envelope.add(None, "SE", str(len(draft.segments) + 2), f"{count:04}")
    envelope.add(None, "GE", str(len(drafts)), number)
    envelope.add(None, "IEA", "1", number.zfill(9))
    return envelope


def _isa(interchange: Interchange, day: str, time: str, separators: Separators) -> str:
    """The one segment of fixed widths. Its ids are checked where they stand again, in GS02 and GS03."""
    return separators.element.join(
        (
            "ISA",
            "00",
            " " * 10,
            "00",
            " " * 10,
            "ZZ",
            basic(interchange.sender_id).ljust(15),
            "ZZ",
            basic(interchange.receiver_id).ljust(15),
            day[2:],
            time,
            separators.repetition or "U",
            "00501",
            str(interchange.control_number).zfill(9),
            "0",
            "T" if interchange.is_test else "P",
            separators.component,
        )
    )
