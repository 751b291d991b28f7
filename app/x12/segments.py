"""X12 text as a stream of segments, each with its place, and nothing lost on the way.

Reading is in blocks: the memory does not grow with the text. An element that is UTF-8 is decoded when it is asked for.
The gap before each segment is kept: gap + raw + terminator of all segments and the stream's tail give the same bytes
again, and `SegmentStream.written` does so also for a text that was wrapped at 80 columns. This module knows ISA and IEA
only as the places where delimiters begin and end to hold; control numbers and counts are `envelope`'s matter.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import accumulate, chain, count, repeat
from operator import add
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
    Report,
)
from app.x12.separators import ISA_LENGTH, Separators, read_separators
from app.x12.text_blocks import BLOCK, COLUMNS, ELEMENT_LENGTH, PASSED_LENGTH, SEGMENT_LENGTH, Window

__all__ = ["BLOCK", "SEGMENT_LENGTH", "Run", "Segment", "SegmentStream", "content"]

ELEMENTS: Final = 99
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
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

    @property
    def text(self) -> str:
        """As it stood in the text, with the gap before it."""
        return self.gap + self.raw + self.terminator

    def get(self, position: int) -> str:
        """Element 1 to n without blanks at its end; empty when it is not there."""
        if position >= len(self.elements):
            return ""
        return content(self.elements[position])

    def repeats(self, position: int) -> tuple[str, ...]:
        """The repetitions of an element that have content."""
        text, separator = self.get(position), self.separators.repetition
        return tuple(part for part in (text.split(separator) if separator else [text]) if part)

    def components(self, position: int) -> tuple[str, ...]:
        text = self.get(position)
        return tuple(text.split(self.separators.component)) if text else ()


class Run:
    """Segments that follow one another, split but not yet made into a `Segment` each, which takes as long again.

    `number`, `offset` and `gap` are those of the first; before each of the others stands `line_end`. A segment that has a
    finding is a run of its own, so that the findings of a text come in its order.
    """

    __slots__ = (
        "_is_plain",
        "_offsets",
        "_raws",
        "elements",
        "gap",
        "line_end",
        "number",
        "offset",
        "separators",
        "terminator",
    )

    def __init__(
        self,
        number: int,
        offset: int,
        gap: str,
        raws: list[str],
        elements: list[list[str]],
        terminator: str,
        separators: Separators,
        line_end: str = "",
        *,
        is_plain: bool = False,
    ) -> None:
        self.number = number
        self.offset = offset
        self.gap = gap
        self.elements = elements
        self.terminator = terminator
        self.separators = separators
        self.line_end = line_end
        self._raws = raws
        self._offsets: Sequence[int] = ()
        self._is_plain = is_plain

    def __repr__(self) -> str:
        """Without the elements: they hold personal data."""
        return f"Run({self.number}, {self.offset}, {len(self)} segments)"

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Segment]:
        fields = zip(
            count(self.number),
            self.offsets,
            chain((self.gap,), repeat(self.line_end)),
            map(tuple, self.elements),
            repeat(self.terminator),
            repeat(self.separators),
            strict=False,  # most of them have no end
        )
        return map(tuple.__new__, repeat(Segment), fields)

    @property
    def contents(self) -> list[list[str]]:
        """The elements of every segment as `Segment.get` gives them: what each says."""
        if self._is_plain:
            return self.elements
        return [[content(element) for element in elements] for elements in self.elements]

    @property
    def offsets(self) -> Sequence[int]:
        """Of every segment, and of the end."""
        if not self._offsets:
            lengths = map(len, self._raws)
            step = len(self.terminator) + len(self.line_end)
            self._offsets = list(map(add, accumulate(lengths, initial=self.offset), count(0, step)))
        return self._offsets

    @property
    def text(self) -> str:
        """As it stood in the text, with the gap before it."""
        return self.gap + (self.terminator + self.line_end).join(self._raws) + self.terminator

    def segment(self, index: int) -> Segment:
        gap = self.line_end if index else self.gap
        elements = tuple(self.elements[index])
        return Segment(self.number + index, self.offsets[index], gap, elements, self.terminator, self.separators)

    def part(self, first: int, last: int) -> "Run":
        """The segments from one index to before another."""
        return Run(
            self.number + first,
            self.offsets[first],
            self.line_end if first else self.gap,
            self._raws[first:last],
            self.elements[first:last],
            self.terminator,
            self.separators,
            self.line_end,
            is_plain=self._is_plain,
        )


class SegmentStream:
    """Iterates over the segments of one text, once. `tail` is what stood after the last one, when all was read."""

    def __init__(self, source: str | bytes | Iterable[bytes], report: Report) -> None:
        self._window = Window(source)
        self._report = report
        self._number = 0
        self._given_up = False
        self._lent = ""
        self.tail = ""

    def __iter__(self) -> Iterator[Segment]:
        return chain.from_iterable(self.runs())

    def runs(self) -> Iterator[Run]:
        """The same segments, many at a time."""
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

    def written(self) -> Iterator[bytes]:
        """The text again, in blocks: the bytes that came, unless a finding of the interchange says that some were lost."""
        runs, before = self.runs(), ""
        for run in runs:
            text = run.text.removesuffix(self._lent)
            if self._window.line_end:
                text, before = _wrapped(before + text, run.gap if run.number == 1 else "", self._window.line_end)
            yield text.encode("latin-1")
        yield (before + self.tail + self._window.after).encode("latin-1")

    def _interchange(self, separators: Separators, gap: str) -> Generator[Run, None, str]:
        """The segments from ISA to IEA, to the next ISA or to the end of the text; then the gap after them."""
        window, first = self._window, self._number + 1
        one_by_one_until = window.offset + ISA_LENGTH
        while True:
            if window.offset >= one_by_one_until:
                run = self._regular_run(gap, separators)
                if run is not None:
                    yield run
                    gap = window.take_gap()
                else:
                    one_by_one_until = window.end
            offset = window.offset
            raw, terminator = window.take(separators.segment)
            if len(raw) > SEGMENT_LENGTH:
                self._report.add(SEGMENT_LIMIT, offset=offset)
                if not self._is_passed_by(raw, terminator, separators):
                    self._given_up = True
                    return gap
                one_by_one_until = window.offset + 1  # who reads on learns of the finding at one segment
                gap = window.take_gap()
                continue
            if not raw and not terminator:
                return gap
            if not raw:
                self._report.add(EMPTY_SEGMENT, offset=offset)
                gap += terminator + window.take_empty(separators.segment)
                continue
            if self._number >= first and _ISA.match(raw):
                window.put_back(raw + terminator)
                return gap
            run = self._run_of_one(offset, gap, raw, terminator, separators)
            yield run
            gap = window.take_gap()
            if run.elements[0][0] == "IEA":
                return gap

    def _is_passed_by(self, raw: str, terminator: str, separators: Separators) -> bool:
        """Counted, and not handed out; the segments after it are read."""
        self._number += 1
        left = PASSED_LENGTH - len(raw)
        return left >= 0 and (bool(terminator) or self._window.pass_by(separators.segment, left))

    def _regular_run(self, gap: str, separators: Separators) -> Run | None:
        """All whole segments that have been read and are nothing to report about; how they are split must not matter."""
        window = self._window
        found = window.peek_regular(separators)
        if found is None:
            return None
        raws, line_end, has_blanks = found
        elements = [raw.split(separators.element) for raw in raws]
        if len(max(elements, key=len)) > ELEMENTS + 1:
            return None
        run = Run(
            self._number + 1,
            window.offset,
            gap,
            raws,
            elements,
            separators.segment,
            separators,
            line_end,
            is_plain=not has_blanks,
        )
        window.skip(sum(map(len, raws)) + len(raws) * (1 + len(line_end)) - len(line_end))
        self._number += len(raws)
        return run

    def _run_of_one(self, offset: int, gap: str, raw: str, terminator: str, separators: Separators) -> Run:
        self._number += 1
        elements = raw.split(separators.element)
        if not terminator and elements[0] == "IEA" and len(elements) == 3 and separators.segment in "\r\n":
            # Only a line end is lost where texts are trimmed on the way; it is lent, and not written.
            terminator = self._lent = separators.segment
            self._report.add(TERMINATOR_MISSING, offset=offset)
        run = Run(self._number, offset, gap, [raw], [elements], terminator, separators)
        if not terminator:
            self._report.add(SEGMENT_UNTERMINATED, run.segment(0))
        if len(raw) > ELEMENT_LENGTH or len(elements) > ELEMENTS + 1:
            self._check_size(run.segment(0))
        if not (raw.isascii() and raw.isprintable()):
            self._check_characters(run.segment(0))
        return run

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
        if window.holds(ISA_LENGTH) and _ISA.match(window.peek(4)) and window.peek(COLUMNS + 1)[-1] in "\r\n":
            line_end = "\r\n" if window.peek(COLUMNS + 2).endswith("\r\n") else window.peek(COLUMNS + 1)[-1]
            self._report.add(WRAPPED, offset=window.offset)
            window.unwrap(line_end, self._report)


def _wrapped(text: str, ahead: str, line_end: str) -> tuple[str, str]:
    """Whole lines, and the beginning of the next one, which may become the last. What stands ahead was not wrapped."""
    lines = [text[start : start + COLUMNS] for start in range(len(ahead), len(text), COLUMNS)]
    return ahead + "".join(line + line_end for line in lines[:-1]), lines[-1]


def content(element: str) -> str:
    """What an element says: without blanks at its end, decoded if it is UTF-8."""
    if element.isascii():
        return element.rstrip(" ")
    try:
        return element.encode("latin-1").decode("utf-8").rstrip(" ")
    except UnicodeDecodeError:
        return element.rstrip(" ")
