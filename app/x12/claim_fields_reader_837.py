"""The elements of a claim's segments on their way into values, and what stays behind.

A `Reading` remembers of each segment which elements a field holds by now: what has an element left over, or was never
asked for, is kept whole. A value that every claim must have and that cannot be had is a `Problem`; reading goes on with
something in its place, so that all problems are found, and the claim is not made. What a claim can do without is None
instead, and its segment is kept.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

from app.domain.money import ZERO
from app.x12 import rules
from app.x12.elements import read_date, read_decimal, read_money, read_period, read_whole
from app.x12.findings import Report
from app.x12.loops import Loop
from app.x12.rules import Rule
from app.x12.segments import Segment
from app.x12.separators import DEFAULT

CLAIM_UNREADABLE: Final = rules.error(
    "claim_unreadable",
    "This value is missing or cannot be read, and no claim is without it: the claim was not used.",
    standard_code="IK403 7",
    source="005010X222A1",
)
CLAIM_INCOMPLETE: Final = rules.error(
    "claim_incomplete",
    "A segment is missing here that no claim is without: the claim was not used.",
    standard_code="IK304 3",
    source="005010X222A1",
)
RULES: Final[tuple[Rule, ...]] = (CLAIM_UNREADABLE, CLAIM_INCOMPLETE)


_T = TypeVar("_T")


class Problem(NamedTuple):
    """What keeps a claim from being made, and where; `at` is the loop's first segment when one is missing."""

    rule: Rule
    loop: str
    at: Segment | None
    element: int | None
    message: str | None


class Reading:
    """What became of the segments of one claim, or of one transaction set's header."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.left: dict[int, int] = {}
        """By segment number, for those that were asked for: a bit for each element that no field holds."""

    def find(self, loop: Loop | None, segment_id: str, *qualifiers: str) -> "Fields":
        """The first of these segments; one that is not there has no value at any place."""
        segment = None if loop is None else loop.first(segment_id, *qualifiers)
        return Fields(self, "" if loop is None else loop.id, segment)

    def need(self, loop: Loop, segment_id: str, *qualifiers: str) -> "Fields":
        """The same, of a segment that no claim is without."""
        fields = self.find(loop, segment_id, *qualifiers)
        if not fields:
            self.lacks(loop, "*".join((segment_id, *qualifiers[:1])))
        return fields

    def every(self, loop: Loop, segment_id: str, *qualifiers: str) -> Iterator["Fields"]:
        return (Fields(self, loop.id, segment) for segment in loop.every(segment_id, *qualifiers))

    def lacks(self, loop: Loop, name: str, message: str | None = None) -> None:
        at = _opener(loop)
        said = message or f"{name} is missing here, and no claim is without it: the claim was not used."
        self.problems.append(Problem(CLAIM_INCOMPLETE, loop.id, at, None, said))

    def report_to(self, report: Report) -> None:
        """The problems, but for those whose place already has an error."""
        for rule, loop, at, element, message in self.problems:
            if at is None or not report.has_error_at(at, element):
                report.add(rule, at, element=element, loop=loop, message=message)


class Fields:
    """The elements of one segment. What is read of them is noted as held; false for a segment that is not there.

    A method that begins with `need` records a problem instead of giving None.
    """

    __slots__ = ("_left", "_loop", "_reading", "segment")

    def __init__(self, reading: Reading, loop: str, segment: Segment | None) -> None:
        self._reading = reading
        self._loop = loop
        self.segment = segment or _NOWHERE
        self._left = reading.left
        if segment is not None and segment.number not in self._left:
            self._left[segment.number] = sum(1 << n for n, text in enumerate(segment.elements) if n and text)

    def __bool__(self) -> bool:
        return self.segment is not _NOWHERE

    def take(self, *positions: int) -> None:
        """A field holds these."""
        if self:
            for position in positions:
                self._left[self.segment.number] &= ~(1 << position)

    def keep(self, position: int) -> None:
        """No field says what this element says, or what it says by being empty."""
        if self:
            self._left[self.segment.number] |= 1 << position

    def fail(self, position: int, message: str | None = None) -> None:
        """Nothing when the segment itself is missing: that was said already."""
        if self:
            self._reading.problems.append(Problem(CLAIM_UNREADABLE, self._loop, self.segment, position, message))

    # Texts

    def peek(self, position: int) -> str:
        """An element without components and repetitions; empty when it is anything else."""
        text = self.segment.get(position).lstrip(" ")
        separators = self.segment.separators
        if separators.component in text or (separators.repetition is not None and separators.repetition in text):
            return ""
        return text

    def text(self, position: int) -> str | None:
        text = self.peek(position)
        if not text:
            return None
        self.take(position)
        return text

    def need_text(self, position: int) -> str:
        return self._needed(self.text(position), position, "")

    def is_one_of(self, position: int, *texts: str) -> bool:
        """Whether the element has one of the values that go without saying."""
        text = self.peek(position)
        if text not in texts or (not text and self.segment.get(position)):
            return False
        self.take(position)
        return True

    def qualified(self, position: int, *qualifiers: str) -> str | None:
        """The text behind a qualifier, when it is one of these."""
        if self.peek(position) not in qualifiers or not self.peek(position + 1):
            return None
        self.take(position)
        return self.text(position + 1)

    def parts(self, position: int, most: int) -> tuple[str, ...]:
        """The components of an element, empty ones at its end made up for; more of them than can be have no field."""
        text = self.segment.get(position)
        separators = self.segment.separators
        parts = [part.strip(" ") for part in text.split(separators.component)]
        if separators.repetition is not None and separators.repetition in text:
            parts = []
        elif len(parts) <= most:
            self.take(position)
        return (*parts, *[""] * most)[:most]

    # Codes, numbers, days

    def code(self, position: int, table: Mapping[str, _T]) -> _T | None:
        value = table.get(self.peek(position))
        if value is not None:
            self.take(position)
        return value

    def need_code(self, position: int, table: Mapping[str, _T]) -> _T:
        return self._needed(self.code(position, table), position, next(iter(table.values())))

    def money(self, position: int) -> Decimal | None:
        return self._taken(read_money(self.peek(position)), position)

    def need_money(self, position: int) -> Decimal:
        return self._needed(self.money(position), position, ZERO)

    def number(self, position: int) -> Decimal | None:
        return self._taken(read_decimal(self.peek(position)), position)

    def need_number(self, position: int) -> Decimal:
        return self._needed(self.number(position), position, ZERO)

    def whole(self, position: int) -> int | None:
        return self._taken(read_whole(self.peek(position)), position)

    def day(self, position: int) -> date | None:
        """With the qualifier before it: D8."""
        day = read_date(self.peek(position)) if self.peek(position - 1) == "D8" else None
        if day is not None:
            self.take(position - 1, position)
        return day

    def need_day(self, position: int) -> date:
        return self._needed(self.day(position), position, date.min)

    def need_period(self, position: int) -> tuple[date, date | None]:
        """With the qualifier before it: D8 or RD8."""
        period = read_period(self.peek(position - 1), self.peek(position))
        if period is not None:
            self.take(position - 1, position)
        return self._needed(period, position, (date.min, None))

    def _taken(self, value: _T | None, position: int) -> _T | None:
        if value is not None:
            self.take(position)
        return value

    def _needed(self, value: _T | None, position: int, instead: _T) -> _T:
        if value is not None:
            return value
        self.fail(position)
        return instead


_NOWHERE: Final = Segment(0, 0, "", ("",), "", DEFAULT)


def _opener(loop: Loop) -> Segment | None:
    """Where something missing in a loop is reported: its first segment, or that of the loop around it."""
    around: Loop | None = loop
    while around is not None and not around.segments:
        around = around.parent
    return None if around is None else around.opener
