"""X12 text as a stream of segments, each with its place, and nothing lost on the way.

Reading is in blocks: the memory does not grow with the text. Inside, one character is one byte (Latin-1), so that an
offset is an offset in the bytes that came; an element that is UTF-8 is decoded when it is asked for. The gap before
each segment is kept: gap + raw + terminator of all segments and the stream's tail give the same bytes again, unless
the text was wrapped at 80 columns. This module knows ISA and IEA only as the places where delimiters begin and end to
hold; control numbers and counts are `envelope`'s matter.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

from app.x12.findings import (
    AFTER_INTERCHANGE,
    CONTROL_CHARACTER,
    ELEMENT_LIMIT,
    EMPTY_SEGMENT,
    LEADING_BYTES,
    NOT_X12,
    OTHER_CHARACTER,
    SEGMENT_LIMIT,
    SEGMENT_UNTERMINATED,
    TERMINATOR_MISSING,
    WRAPPED,
    WRAPPING,
    Report,
)
from app.x12.separators import ISA_LENGTH, Separators, read_separators

BLOCK: Final = 65_536
SEGMENT_LENGTH: Final = 65_536
ELEMENT_LENGTH: Final = 32_768
ELEMENTS: Final = 99
_BYTE_ORDER_MARK: Final = "\u00ef\u00bb\u00bf"  # U+FEFF in UTF-8, one character a byte
_GAP: Final = re.compile(rf"(?:[ \t\r\n\x00\x1a]|{_BYTE_ORDER_MARK})*")  # 0x1A: the end-of-file mark of DOS tools
_GAP_STARTS: Final = frozenset({"", " ", "\t", "\r", "\n", "\x00", "\x1a", _BYTE_ORDER_MARK[0]})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_COLUMNS: Final = 80
_ISA: Final = re.compile(r"ISA[^A-Za-z0-9]")  # not the surname Isaac
_FOREIGN: Final = {
    "<": "HTML or XML",
    "{": "JSON",
    "[": "JSON",
    "%PDF": "a PDF",
    "PK\x03\x04": "a ZIP archive",
    "\x1f\x8b": "gzip",
}


class Segment(NamedTuple):
    """One segment. A tuple, not a dataclass: a remittance of a year has tens of millions, and this is half the time.

    `number` counts from 1 in the file, `offset` bytes from 0. `terminator` is empty when the text ended first.
    """

    number: int
    offset: int
    gap: str
    elements: tuple[str, ...]
    terminator: str
    separators: Separators

    def __repr__(self) -> str:
        """Without the elements: they hold personal data."""
        return f"Segment({self.number}, {self.offset}, {self.id!r})"

    @property
    def id(self) -> str:
        return self.elements[0]

    @property
    def raw(self) -> str:
        return self.separators.element.join(self.elements)

    def get(self, position: int) -> str:
        """Element 1 to n without blanks at its end; empty when it is not there."""
        if position >= len(self.elements):
            return ""
        return _decoded(self.elements[position]).rstrip(" ")

    def repeats(self, position: int) -> tuple[str, ...]:
        """The repetitions of an element that have content."""
        text, separator = self.get(position), self.separators.repetition
        return tuple(part for part in (text.split(separator) if separator else [text]) if part)

    def components(self, position: int) -> tuple[str, ...]:
        text = self.get(position)
        return tuple(text.split(self.separators.component)) if text else ()


class SegmentStream:
    """Iterates over the segments of one text, once. `tail` is what stood after the last one, when all was read."""

    def __init__(self, source: str | bytes | Iterable[bytes], report: Report) -> None:
        self._window = _Window(_blocks(source))
        self._report = report
        self._number = 0
        self._given_up = False
        self.tail = ""

    def __iter__(self) -> Iterator[Segment]:
        window, report = self._window, self._report
        gap = window.take_gap()
        while not self._given_up and (window.holds(1) or not self._number):
            if self._number == 0:
                self._unwrap()
            if not (window.holds(ISA_LENGTH) and _ISA.match(window.peek(4))):
                self._report_foreign()
                return
            if gap and self._number == 0:
                report.add(LEADING_BYTES, offset=0)
            separators, faults = read_separators(window.peek(ISA_LENGTH))
            for fault in faults:
                report.add(fault, offset=window.offset)
            if faults:
                return
            gap = yield from self._interchange(separators, gap)
        self.tail = gap

    def _interchange(self, separators: Separators, gap: str) -> Generator[Segment, None, str]:
        """The segments from ISA to IEA, to the next ISA or to the end of the text; then the gap after them."""
        window, first = self._window, self._number + 1
        while True:
            offset = window.offset
            raw, terminator = window.take(separators.segment)
            if len(raw) > SEGMENT_LENGTH:
                self._report.add(SEGMENT_LIMIT, offset=offset)
                self._given_up = True
                return gap
            if not raw and not terminator:
                return gap
            if not raw:
                self._report.add(EMPTY_SEGMENT, offset=offset)
                gap += terminator + window.take_empty(separators.segment)
                continue
            if self._number >= first and _ISA.match(raw):
                window.put_back(raw + terminator)
                return gap
            segment = self._segment(offset, gap, raw, terminator, separators)
            yield segment
            gap = window.take_gap()
            if segment.elements[0] == "IEA":
                return gap

    def _segment(self, offset: int, gap: str, raw: str, terminator: str, separators: Separators) -> Segment:
        self._number += 1
        elements = tuple(raw.split(separators.element))
        if not terminator and elements[0] == "IEA" and len(elements) == 3 and separators.segment in "\r\n":
            terminator = separators.segment  # only a line end is lost where texts are trimmed on the way
            self._report.add(TERMINATOR_MISSING, offset=offset)
        segment = Segment(self._number, offset, gap, elements, terminator, separators)
        if not terminator:
            self._report.add(SEGMENT_UNTERMINATED, segment)
        if len(raw) > ELEMENT_LENGTH or len(elements) > ELEMENTS + 1:
            self._check_size(segment)
        if not (raw.isascii() and raw.isprintable()):
            self._check_characters(segment)
        return segment

    def _check_size(self, segment: Segment) -> None:
        if len(segment.elements) > ELEMENTS + 1:
            self._report.add(ELEMENT_LIMIT, segment)
        for position, element in enumerate(segment.elements):
            if len(element) > ELEMENT_LENGTH:
                self._report.add(ELEMENT_LIMIT, segment, element=position)

    def _check_characters(self, segment: Segment) -> None:
        """Delimiters may be control characters; inside an element one means that the text was changed on its way."""
        allowed = set(segment.separators.all)
        for position, element in enumerate(segment.elements):
            if any(character not in allowed for character in _CONTROL.findall(element)):
                self._report.add(CONTROL_CHARACTER, segment, element=position)
            elif not element.isascii():
                self._report.add(OTHER_CHARACTER, segment, element=position)

    def _report_foreign(self) -> None:
        beginning = self._window.peek(4)
        name = next((name for prefix, name in _FOREIGN.items() if beginning.startswith(prefix)), None)
        fault = AFTER_INTERCHANGE if self._number else NOT_X12
        message = None if name is None else f"{fault.message} It looks like {name}."
        self._report.add(fault, offset=self._window.offset, message=message)

    def _unwrap(self) -> None:
        """A line end at column 80 cannot stand inside an ISA: the text was wrapped by a tool of the punch-card age."""
        window = self._window
        if window.holds(ISA_LENGTH) and _ISA.match(window.peek(4)) and window.peek(_COLUMNS + 1)[-1] in "\r\n":
            line_end = "\r\n" if window.peek(_COLUMNS + 2).endswith("\r\n") else window.peek(_COLUMNS + 1)[-1]
            self._report.add(WRAPPED, offset=window.offset)
            window.unwrap(line_end, self._report)


class _Window:
    """What has been read of the text and not yet used."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._text = ""
        self._start = 0
        self._dropped = 0
        self._first_line = 0
        self._line_end = ""

    @property
    def offset(self) -> int:
        position = self._dropped + self._start
        if not self._line_end:
            return position
        return position + (position - self._first_line) // _COLUMNS * len(self._line_end)

    def holds(self, length: int) -> bool:
        while len(self._text) - self._start < length:
            if not self._more():
                return False
        return True

    def peek(self, length: int) -> str:
        return self._text[self._start : self._start + length]

    def take(self, terminator: str) -> tuple[str, str]:
        """Up to the terminator, and the terminator; the rest and nothing at the end of the text.

        Gives up soon after SEGMENT_LENGTH, so that a text without terminator is not searched again and again.
        """
        while (end := self._text.find(terminator, self._start)) < 0:
            if len(self._text) - self._start > SEGMENT_LENGTH or not self._more():
                rest = self._text[self._start :]
                self._start = len(self._text)
                return rest, ""
        raw = self._text[self._start : end]
        self._start = end + 1
        return raw, terminator

    def take_gap(self) -> str:
        if self._text[self._start : self._start + 1] not in _GAP_STARTS:
            return ""  # most segments follow one another: no need to search
        return self._take_match(_GAP)

    def take_empty(self, terminator: str) -> str:
        """A run of empty segments and blanks."""
        return self._take_match(re.compile(rf"[ \t\r\n\x00\x1a{re.escape(terminator)}]*"))

    def unwrap(self, line_end: str, report: Report) -> None:
        self._first_line = self._dropped + self._start
        self._line_end = line_end
        blocks = chain((self._text[self._start :],), self._blocks)
        self._blocks = _unwrapped(blocks, line_end, report)
        self._dropped, self._text, self._start = self._first_line, "", 0

    def put_back(self, text: str) -> None:
        """Only what `take` just gave: it is still there."""
        self._start -= len(text)

    def _take_match(self, pattern: re.Pattern[str]) -> str:
        parts: list[str] = []
        while True:
            match = pattern.match(self._text, self._start)
            if match is not None:
                parts.append(match.group())
                self._start = match.end()
            if len(self._text) - self._start >= len(_BYTE_ORDER_MARK) or not self._more():
                return "".join(parts)

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._dropped += self._start
        self._text = self._text[self._start :] + block
        self._start = 0
        return True


def _blocks(source: str | bytes | Iterable[bytes]) -> Iterator[str]:
    """The text in blocks of at least BLOCK bytes but the last, however small the pieces come."""
    if isinstance(source, str):
        source = source.encode("utf-8", "surrogatepass")
    if isinstance(source, bytes):
        for start in range(0, len(source), BLOCK):
            yield source[start : start + BLOCK].decode("latin-1")
        return
    waiting = bytearray()
    for piece in source:
        waiting += piece
        if len(waiting) >= BLOCK:
            yield waiting.decode("latin-1")
            waiting.clear()
    if waiting:
        yield waiting.decode("latin-1")


def _unwrapped(blocks: Iterator[str], line_end: str, report: Report) -> Iterator[str]:
    """Lines of 80 characters as one text. After a line of another length nothing but blanks may follow."""
    waiting = ""
    for block in blocks:
        *lines, waiting = (waiting + block).split(line_end)
        whole = next((index for index, line in enumerate(lines) if len(line) != _COLUMNS), len(lines))
        yield "".join(lines[:whole])
        lines_after = [*lines[whole + 1 :], waiting]
        if whole < len(lines) and (len(lines[whole]) > _COLUMNS or any(line.strip() for line in lines_after)):
            report.add(WRAPPING)
            return
        if whole < len(lines):
            yield lines[whole]
            waiting = ""
            break
        if len(waiting) > _COLUMNS + len(line_end):
            report.add(WRAPPING)
            return
    if any(block.strip() for block in blocks):
        report.add(WRAPPING)
        return
    if waiting:
        yield waiting


def _decoded(element: str) -> str:
    if element.isascii():
        return element
    try:
        return element.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return element
