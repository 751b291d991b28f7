"""Segments put into the loops of an implementation guide, and everything in which they do not fit.

The guide is a table of rules, such as `guide_837.py`; this knows none of its facts. A segment belongs to the innermost
open loop that has a place for it; what no open loop has a place for is a problem and is passed over.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final

from app.sandbox.interchange import Problem, Segment

Form = tuple[str, str]
"""The pattern of a whole value, and the IK403 code of one that does not fit. An empty value is code 1."""

NOT_USED: Final[Form] = ("", "I10")


def code(values: str) -> Form:
    return (values, "7")


def text(longest: int, shortest: int = 1) -> Form:
    return (f".{{{shortest},{longest}}}", "5")


def optional(form: Form) -> Form:
    return (f"(?:{form[0]})?", form[1])


DATE: Final[Form] = (r"(?:1[89]|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", "8")
DATE_OR_RANGE: Final[Form] = (f"{DATE[0]}(?:-{DATE[0]})?", "8")
MONEY: Final[Form] = (r"-?(?:\d{1,8}(?:\.\d{1,2})?|\.\d{1,2})", "6")
"""Element 782: at most ten digits, two of them cents. Whether a minus makes sense is not asked here."""
QUANTITY: Final[Form] = (r"\d{1,8}(?:\.\d{1,3})?|\.\d{1,3}", "6")


@dataclass(frozen=True)
class Slot:
    """A segment's place in its loop. `by`: pattern of the element that tells it from others with the same id.

    `elements` None: taken as it comes. Otherwise what is not listed must be empty.
    """

    id: str
    least: int
    most: int
    elements: Mapping[int, Form] | None = None
    by: str = ""
    by_element: int = 1

    def takes(self, segment: Segment) -> bool:
        if segment.id != self.id:
            return False
        return not self.by or re.fullmatch(self.by, segment.element(self.by_element), re.ASCII) is not None


@dataclass(frozen=True)
class LoopRule:
    """A loop begins with its first slot. The loops below it come in groups: the groups in order, each one's in any."""

    name: str
    least: int
    most: int
    slots: tuple[Slot, ...]
    groups: tuple[tuple["LoopRule", ...], ...] = ()

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Of each slot. Those of one segment id that follow each other share a place: their order is free."""
        steps = (int(before.id != after.id) for before, after in pairwise(self.slots))
        return tuple(accumulate(steps, initial=0))


@dataclass
class Loop:
    """A loop found, with its segments and the loops below it in the order they came."""

    rule: LoopRule
    segments: list[Segment] = field(default_factory=list)
    loops: list["Loop"] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.rule.name

    def all(self, segment_id: str, *qualifiers: str) -> list[Segment]:
        """Its segments with this id, and with one of these values in their first element."""
        found = [segment for segment in self.segments if segment.id == segment_id]
        return [segment for segment in found if not qualifiers or segment.element(1) in qualifiers]

    def first(self, segment_id: str, *qualifiers: str) -> Segment:
        """The first of them; an empty one when there is none."""
        return next(iter(self.all(segment_id, *qualifiers)), Segment(0, (segment_id,)))

    def below(self, *names: str) -> list["Loop"]:
        return [loop for loop in self.loops if loop.name in names]

    def walk(self) -> Iterator["Loop"]:
        """This loop and all below it, in the order they came."""
        yield self
        for loop in self.loops:
            yield from loop.walk()


def read_loops(
    rule: LoopRule, segments: list[Segment], values: Callable[[Segment], Iterator[Problem]]
) -> tuple[Loop, list[Problem]]:
    """The loops, and all problems. `values` finds what is wrong with a segment wherever it stands."""
    reading = _Reading(rule)
    for segment in segments:
        reading.problems.extend(values(segment))
        reading.place(segment)
    reading.close(0)
    return reading.top, reading.problems


def element_problem(segment: Segment, loop: str, element: int, reason_code: str) -> Problem:
    """One element that is missing or not valid. `loop` is empty where the fault is one wherever the segment stands."""
    place = f"{segment.id}{element:02d}"
    where = f" in loop {loop}" if loop else ""
    said = f"Segment {segment.position}: {place}{where} is missing or not valid."
    return Problem(said, place, segment.id, segment.position, loop, element, reason_code)


@dataclass
class _Open:
    """A loop that still takes segments: how often each slot and each loop below came, and how far it has got."""

    loop: Loop
    counts: list[int]
    below: dict[str, int] = field(default_factory=dict)
    order: int = 0
    group: int = -1


class _Reading:
    def __init__(self, rule: LoopRule) -> None:
        self.top = Loop(rule)
        self.problems: list[Problem] = []
        self._open = [_Open(self.top, [0] * len(rule.slots))]

    def place(self, segment: Segment) -> None:
        for depth in reversed(range(len(self._open))):
            if self._into_slot(depth, segment) or self._into_new_loop(depth, segment):
                return
        where = self._open[-1].loop.name
        qualifier = f" with its {segment.id}01" if segment.id in {"NM1", "REF", "DTP", "AMT", "HI"} else ""
        said = f"Segment {segment.position}, {segment.id[:3]}{qualifier}, has no place here in or after loop {where}."
        self.problems.append(Problem(said, where))

    def _into_slot(self, depth: int, segment: Segment) -> bool:
        one = self._open[depth]
        rule = one.loop.rule
        # The slot that begins the loop takes one segment; the next of its kind begins the next loop.
        first = 0 if not one.loop.segments else 1
        if one.group >= 0:
            return False
        for index in range(first, len(rule.slots)):
            slot = rule.slots[index]
            if rule.order[index] >= one.order and slot.takes(segment):
                self.close(depth + 1)
                one.order = rule.order[index]
                one.counts[index] += 1
                one.loop.segments.append(segment)
                if one.counts[index] == slot.most + 1:
                    said = f"Loop {rule.name} takes this {slot.id} at most {slot.most} times."
                    self.problems.append(Problem(said, rule.name))
                self.problems.extend(_element_problems(segment, slot, rule.name))
                return True
        return False

    def _into_new_loop(self, depth: int, segment: Segment) -> bool:
        above = self._open[depth]
        for index, group in enumerate(above.loop.rule.groups):
            for rule in group:
                if index >= above.group and rule.slots[0].takes(segment):
                    self.close(depth + 1)
                    above.group = index
                    above.below[rule.name] = above.below.get(rule.name, 0) + 1
                    if above.below[rule.name] == rule.most + 1:
                        said = f"Loop {above.loop.name} takes loop {rule.name} at most {rule.most} times."
                        self.problems.append(Problem(said, rule.name))
                    loop = Loop(rule)
                    above.loop.loops.append(loop)
                    self._open.append(_Open(loop, [0] * len(rule.slots)))
                    return self._into_slot(depth + 1, segment)
        return False

    def close(self, depth: int) -> None:
        """No more segments for the loops from this depth on."""
        while len(self._open) > depth:
            self.problems.extend(_missing(self._open.pop()))


def _missing(one: _Open) -> Iterator[Problem]:
    rule = one.loop.rule
    for slot, count in zip(rule.slots, one.counts, strict=True):
        if count < slot.least:
            qualifier = f" ({slot.by})" if slot.by else ""
            yield Problem(f"Loop {rule.name} needs {slot.id}{qualifier}.", rule.name)
    for below in (below for group in rule.groups for below in group):
        if one.below.get(below.name, 0) < below.least:
            yield Problem(f"Loop {rule.name} needs loop {below.name}.", below.name)


def _element_problems(segment: Segment, slot: Slot, loop: str) -> Iterator[Problem]:
    if slot.elements is None:
        return
    for number in range(1, max(len(segment.elements) - 1, *slot.elements) + 1):
        pattern, reason_code = slot.elements.get(number, NOT_USED)
        value = segment.element(number)
        if not re.fullmatch(pattern, value, re.ASCII) or (reason_code == "8" and not _real_dates(value)):
            yield element_problem(segment, loop, number, reason_code if value else "1")


def _real_dates(value: str) -> bool:
    """A pattern lets 20250230 through; the calendar does not."""
    for part in filter(None, value.split("-")):
        try:
            datetime.strptime(part, "%Y%m%d")  # noqa: DTZ007 -- a calendar day has no zone
        except ValueError:
            return False
    return True
