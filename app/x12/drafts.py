"""A transaction set being written: segments from values, every value checked, all findings kept.

The documented normalisation of a value, and the only change ever made to one: blanks at its ends are dropped, letters
are upper-cased, diacritics are removed by compatibility decomposition (NFKD), and typographic quotes and dashes become
their plain form. A code is upper-cased only: with another letter it is another code. What then is outside the X12 basic
set, equals a delimiter (X12 has no escape), or does not fit the element is a finding at the value's JSON pointer and X12
place. A value marked `exact` is not normalised: an identifier of ours must come back as it was sent.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date
from decimal import Decimal
from typing import Final, NamedTuple

from app.domain.eligibility import Interchange
from app.domain.findings import Severity
from app.x12.elements import write_date
from app.x12.findings import (
    CHARACTER_NOT_ALLOWED,
    COMPONENT_SEPARATOR,
    DELIMITER_IN_DATA,
    ELEMENT_SEPARATOR,
    REPETITION_SEPARATOR,
    SEGMENT_TERMINATOR,
    VALUE_INVALID,
    VALUE_MISSING,
    VALUE_TOO_LONG,
    VALUE_TOO_SHORT,
    Fault,
    X12Finding,
    location,
)
from app.x12.separators import DEFAULT, Separators, check_separators

_SIGNS: Final = " !\"&'()*+,-./:;?="
"""What the X12 basic set has beside letters and digits."""
_BASIC: Final = f"A-Z0-9{re.escape(_SIGNS)}"
_OUTSIDE: Final = re.compile(f"[^{_BASIC}]", re.ASCII)
_MARKS: Final = re.compile("[\u0300-\u036f]")
_PLAIN: Final = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011\u2012\u2013\u2014", "''\"\"-----")
_DELIMITER: Final = re.compile("[^A-Za-z0-9 \x80-\U0010ffff]")
_OF_DELIMITERS: Final = "The delimiters are different characters of ASCII, none of them a letter, a digit or a blank."
_CONTROL_NUMBERS: Final = range(1, 1_000_000_000)
_YEARS: Final = range(1800, 2100)
DATE_RANGE: Final = Fault("date_range", "IK403 8", Severity.ERROR, "A date is of the years 1800 to 2099.")
"""Readers take no others."""


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


class Alphabet(NamedTuple):
    """What a value can consist of between the delimiters of an interchange."""

    delimiters: re.Pattern[str]
    faults: tuple[Fault, ...]
    """What is wrong with the delimiters themselves."""
    is_plain: Callable[[str], object]
    """Whether nothing has to be done to a text but to upper-case it."""
    is_exact: Callable[[str], object]
    """Whether a text can be sent as it is."""
    has_numbers: bool
    """Whether no number can hold a delimiter."""


@functools.lru_cache(maxsize=16)
def alphabet_of(separators: Separators) -> Alphabet:
    signs = re.escape("".join(sign for sign in _SIGNS if sign not in separators.all))
    return Alphabet(
        delimiters=re.compile("|".join(re.escape(one) for one in separators.all if one) or "(?!)"),
        faults=_delimiter_faults(separators),
        is_plain=re.compile(f"(?! )[A-Za-z0-9{signs}]+(?<! )", re.ASCII).fullmatch,
        is_exact=re.compile(f"(?! )[A-Z0-9{signs}]+(?<! )", re.ASCII).fullmatch,
        has_numbers=not {".", "-"} & set(separators.all),
    )


def _delimiter_faults(separators: Separators) -> tuple[Fault, ...]:
    """Beside what makes an ISA unreadable: each delimiter is one character of ASCII, and ISA11 says of a letter, a digit or a
    blank that there is no repetition.
    """
    named = (
        (separators.element, ELEMENT_SEPARATOR),
        (separators.component, COMPONENT_SEPARATOR),
        (separators.segment, SEGMENT_TERMINATOR),
        (separators.repetition, REPETITION_SEPARATOR),
    )
    unfit = (fault for sign, fault in named if sign is not None and _DELIMITER.fullmatch(sign) is None)
    return tuple(dict.fromkeys((*check_separators(separators), *unfit)))


class Draft:
    """Segments of one transaction set, ST and SE not among them, and what is wrong with their values.

    `pointer` is where its values stand, when not at the top: it comes before each pointer of a finding.
    """

    def __init__(self, separators: Separators = DEFAULT, pointer: str = "") -> None:
        self.separators = separators
        self.alphabet = alphabet_of(separators)
        self.segments: list[str] = []
        self.findings: list[X12Finding] = []
        self._pointer = pointer
        for fault in self.alphabet.faults:
            self.refuse(fault, None, "ISA", _OF_DELIMITERS)

    def add(self, loop: str | None, segment_id: str, *elements: Element) -> None:
        """One segment; empty elements at its end are not written."""
        texts = [segment_id]
        for position, element in enumerate(elements, start=1):
            place = location(loop, segment_id, position)
            if isinstance(element, str):
                texts.append(element)
            elif isinstance(element, Value):
                texts.append(self.text(element, place))
            else:
                texts.append(self._repeated(element, place))
        while not texts[-1]:
            texts.pop()
        self.segments.append(self.separators.element.join(texts))

    def refuse(
        self,
        fault: Fault,
        pointer: str | None,
        place: str | None,
        message: str | None = None,
        *,
        difference: Decimal | None = None,
    ) -> None:
        self.findings.append(
            X12Finding(
                code=fault.code,
                message=message or fault.message,
                severity=fault.severity,
                pointer=None if pointer is None else f"{self._pointer}{pointer}",
                location=place,
                standard_code=fault.standard_code,
                difference=difference,
            )
        )

    def text(self, value: Value, place: str | None) -> str:
        """The value as it goes out, with a finding for each reason why it cannot."""
        text = (value.text or "") if value.exact else basic(value.text or "")
        for fault in self._faults(text, value):
            self.refuse(fault, value.pointer, place)
        return text

    def day(self, day: date, pointer: str, place: str) -> str:
        """A date as D8."""
        if day.year not in _YEARS:
            self.refuse(DATE_RANGE, pointer, place)
        return write_date(day)

    def _repeated(self, values: Sequence[Value], place: str | None) -> str:
        texts = [self.text(value, place) for value in values]
        separator = self.separators.repetition
        if separator is None and len(texts) > 1:
            self.refuse(VALUE_INVALID, values[1].pointer, place, "Without a repetition separator one value fits here.")
        return (separator or "").join(texts)

    def _faults(self, text: str, value: Value) -> tuple[Fault, ...]:
        if not text:
            return (VALUE_MISSING,) if value.required else ()
        if not text.strip(" "):
            return (VALUE_MISSING,)
        found = (
            (VALUE_INVALID, text[0] == " " or text[-1] == " "),  # of an exact value; receivers drop blanks at the ends
            (VALUE_TOO_LONG, len(text) > value.longest),
            (VALUE_TOO_SHORT, len(text) < value.shortest),
            (DELIMITER_IN_DATA, self.alphabet.delimiters.search(text) is not None),
            (CHARACTER_NOT_ALLOWED, _OUTSIDE.search(self.alphabet.delimiters.sub("", text)) is not None),
        )
        return tuple(fault for fault, is_so in found if is_so)


def basic(text: str) -> str:
    """A text in the documented normalisation; it may still hold characters that cannot be sent."""
    if text.isascii():
        return text.strip().upper()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_PLAIN))).strip().upper()


def basic_code(text: str) -> str:
    """A code: blanks at its ends are dropped and letters are upper-cased. One with a diacritic is another code, not that one."""
    return text.strip().upper() if text.isascii() else text


def enclose(
    drafts: Sequence[Draft],
    *,
    interchange: Interchange,
    functional_code: str,
    transaction_code: str,
    guide: str,
    separators: Separators = DEFAULT,
) -> tuple[str | None, tuple[X12Finding, ...]]:
    """The whole interchange with one functional group and a transaction set for each draft, or everything that keeps it
    from being written. Times are UTC.
    """
    envelope = Draft(separators)
    _check_control_numbers(envelope, interchange, len(drafts))
    if not envelope.findings:
        _enclose(envelope, drafts, interchange, functional_code, transaction_code, guide)
    findings = (*envelope.findings, *(finding for draft in drafts for finding in draft.findings))
    if findings:
        return None, tuple(dict.fromkeys(findings))
    return separators.segment.join([*envelope.segments, ""]), ()


def _check_control_numbers(envelope: Draft, interchange: Interchange, transactions: int) -> None:
    """ISA13, GS06 and every ST02 have at most nine digits and are not zero."""
    group, first = interchange.group_control_number, interchange.first_transaction_number
    checked = (
        ("/control_number", "ISA13", interchange.control_number, interchange.control_number),
        ("/group_control_number", "GS06", *((1, 1) if group is None else (group, group))),
        ("/first_transaction_number", "ST02", first, first + max(transactions, 1) - 1),
    )
    for pointer, place, least, most in checked:
        if least not in _CONTROL_NUMBERS or most not in _CONTROL_NUMBERS:
            envelope.refuse(VALUE_INVALID, pointer, place, "A control number is between 1 and 999999999.")


def _enclose(
    envelope: Draft,
    drafts: Sequence[Draft],
    interchange: Interchange,
    functional_code: str,
    transaction_code: str,
    guide: str,
) -> None:
    created = interchange.created_at.astimezone(UTC)
    day, time, number = write_date(created.date()), f"{created:%H%M}", str(interchange.control_number)
    group_number = str(interchange.group_control_number or number)
    sender = Value(interchange.sender_id, "/sender_id", longest=15, shortest=2)
    receiver = Value(interchange.receiver_id, "/receiver_id", longest=15, shortest=2)
    segments, element = envelope.segments, envelope.separators.element
    segments.append(_isa(interchange, day, time, envelope.separators))
    envelope.add(None, "GS", functional_code, sender, receiver, day, time, group_number, "X", guide)
    for count, draft in enumerate(drafts, start=interchange.first_transaction_number):
        transaction_number = f"{count:04}"
        segments.append(element.join(("ST", transaction_code, transaction_number, guide)))
        segments += draft.segments
        segments.append(element.join(("SE", str(len(draft.segments) + 2), transaction_number)))
    segments.append(element.join(("GE", str(len(drafts)), group_number)))
    segments.append(element.join(("IEA", "1", number.zfill(9))))


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
