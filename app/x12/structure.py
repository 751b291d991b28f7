"""Place the segments of a transaction set into the loops of its guide, and check its structure on the way.

Every fault is reported where it is met; what belongs to no loop is kept (`Loop.unplaced`). A claim's loop (2300) is handed
out when it is whole, with the loops around it as its ancestors, and is not kept by them; nor is a level (2000A to C) that
ended, once the next claim has been handed out, so that the memory does not grow with the number of claims. No text makes
it raise.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from app.x12.elements import read_whole
from app.x12.envelope import TransactionSet
from app.x12.findings import Report
from app.x12.guides import Guide
from app.x12.hierarchy_837 import Hierarchy
from app.x12.loops import Loop
from app.x12.segments import Segment
from app.x12.structure_elements import check_elements
from app.x12.structure_levels import Level, Levels, OpenLoop, levels_of
from app.x12.structure_misfits import UNIT, Misfits, Move
from app.x12.structure_rules import (
    LINE_NUMBER,
    LOOP_MISSING,
    LOOP_TOO_OFTEN,
    SEGMENT_MISPLACED,
    SEGMENT_MISSING,
    SEGMENT_TOO_OFTEN,
    SEGMENT_UNKNOWN,
)

_LINE: Final = "2400"


def read_units(transaction: TransactionSet, guide: Guide, report: Report) -> Iterator[Loop]:
    """The claims of a transaction set, each when it is whole, in the order of the text."""
    segments = _Peekable(transaction.segments)
    walk = _Walk(transaction.header, levels_of(guide), report, segments.peek)
    for segment in segments:
        move = walk.move(segment)
        if move.closes:
            unit = walk.close(move.closes)
            if unit is not None:
                yield unit
                walk.drop_ended()
        walk.take(segment, move)
    if transaction.trailer is None:
        walk.forgive()  # it was cut off, which is reported: what would have come is not missing as well
    unit = walk.close(walk.depth)
    if unit is not None:
        yield unit


class _Peekable:
    """Segments, of which the next can be looked at. That is done for faults only: it may be the end of the text."""

    def __init__(self, segments: Iterator[Segment]) -> None:
        self._segments = segments
        self._peeked: list[Segment] = []

    def __iter__(self) -> Iterator[Segment]:
        for segment in self._segments:
            yield segment
            while self._peeked:
                yield self._peeked.pop()

    def peek(self) -> Segment | None:
        if not self._peeked:
            self._peeked.extend(islice(self._segments, 1))
        return self._peeked[0] if self._peeked else None


class _Walk:
    """The way through a transaction set: the loops that are open, and what is said of each segment."""

    def __init__(self, header: Segment, levels: Levels, report: Report, peek: Callable[[], Segment | None]) -> None:
        self._levels = levels
        self._report = report
        self._header = header
        self._hierarchy = Hierarchy(report)
        self._stack = [OpenLoop(Loop("ST"), levels.root)]
        self._misfits = Misfits(self._stack, levels, peek)
        self._lost: frozenset[str] = frozenset()
        """Names of segments that go without a finding: they are in a loop whose beginning is missing."""
        self._forgiven = False
        self._ended: list[Loop] = []

    @property
    def depth(self) -> int:
        return len(self._stack)

    def forgive(self) -> None:
        self._forgiven = True

    def move(self, segment: Segment) -> Move:
        """What becomes of it; nothing is done yet."""
        name = segment.elements[0]
        if name not in self._levels.names:
            return Move(0, fault=SEGMENT_UNKNOWN)
        if "HL" in self._lost and name != "HL":
            return Move(0)  # a level is missing: what follows would stand below another
        step = self._misfits.step(segment)
        if step.ahead is not None:
            return Move(*step.ahead)
        return Move(0) if name in self._lost else self._misfits.move(segment, step)

    def close(self, count: int) -> Loop | None:
        """End so many loops; the claim among them, if there is one."""
        unit: Loop | None = None
        for _ in range(count):
            ended = self._stack.pop()
            level = ended.level
            if not self._forgiven:
                if ended.met & level.required != level.required:
                    self._report_missing(ended)
                if level.is_hierarchical:
                    self._end_level(ended)
            if level.is_hierarchical:
                self._ended.append(ended.loop)
            if level.id == UNIT:
                unit = ended.loop
        return unit

    def drop_ended(self) -> None:
        """What was met until now has been looked at, with the claim after it."""
        if self._ended:
            ended = set(self._ended)  # by identity
            for around in {loop.parent for loop in ended if loop.parent is not None} - ended:
                around.loops = [loop for loop in around.loops if loop not in ended]
            self._ended.clear()

    def _report_missing(self, ended: OpenLoop) -> None:
        is_whole_set = ended.level.parent is None
        opener = self._header if is_whole_set else ended.loop.segments[0]
        loop_id = None if is_whole_set else ended.level.id
        if ended.met == 1 and not is_whole_set:
            message = "Nothing but the segment that begins it is in the loop that begins here."
            self._report.add(SEGMENT_MISSING, opener, loop=loop_id, message=message)
            return
        for slot in ended.level.slots:
            if not slot.is_required or ended.met & slot.bit:
                continue
            if slot.level is None:
                message = f"{slot.label} is missing in the loop that begins here."
                self._report.add(SEGMENT_MISSING, opener, loop=loop_id, message=message)
            else:
                message = f"Loop {slot.level.id} ({slot.label}) is missing after this segment."
                self._report.add(LOOP_MISSING, opener, loop=loop_id, message=message)

    def _end_level(self, ended: OpenLoop) -> None:
        met = {slot.level.id for slot in ended.level.slots if slot.level is not None and ended.met & slot.bit}
        self._hierarchy.ended(ended.loop, has_claim=UNIT in met, has_dependent="2000C" in met)

    def take(self, segment: Segment, move: Move) -> None:
        slot = move.slot
        if slot is None:
            self._leave_out(segment, move)
            return
        self._lost = frozenset()
        around = self._stack[-1 - move.aside]
        level = slot.level
        loop_id = around.level.id if level is None else level.id
        if move.fault is not None:
            self._report.add(move.fault, segment, loop=loop_id)
        count = around.meet(slot)
        if slot.most is not None and count > slot.most and (slot.most == 1 or count == slot.most + 1):
            self._report.add(SEGMENT_TOO_OFTEN if level is None else LOOP_TOO_OFTEN, segment, loop=loop_id)
        if level is None:
            if not move.aside:
                around.at = slot.position
            around.loop.segments.append(segment)
        else:
            around.at = slot.position
            self._begin(segment, level, around.loop)
            if level.id == _LINE:
                self._check_line_number(segment, around, count)
        check_elements(segment, slot.use, loop_id, self._report)

    def _check_line_number(self, lx: Segment, claim: OpenLoop, count: int) -> None:
        """Lines count on from the one before or from how many there were, so that a slip is said once."""
        number = read_whole(lx.get(1))
        if number is None:
            number = count  # no number is said as such
        elif number not in {count, claim.line_number + 1}:
            self._report.add(LINE_NUMBER, lx, loop=_LINE, element=1)
        claim.line_number = number

    def _begin(self, segment: Segment, level: Level, around: Loop) -> None:
        loop = Loop(level.id, around)
        loop.segments.append(segment)
        if level.is_hierarchical:
            self._hierarchy.begun(loop)
        if level.id != UNIT:
            around.loops.append(loop)
        begun = OpenLoop(loop, level)
        begun.met = 1
        self._stack.append(begun)

    def _leave_out(self, segment: Segment, move: Move) -> None:
        around = self._stack[-1]
        around.loop.unplaced.append(segment)
        lost, fault = move.lost, move.fault
        if fault is None:
            return
        if fault is SEGMENT_MISSING and lost is not None and lost.level is not None:
            message = f"{lost.label}, which begins loop {lost.level.id}, is missing before this segment."
            self._report.add(fault, segment, loop=lost.level.id, message=message)
            around.at = max(around.at, lost.position)
            around.meet(lost)
            if lost.name == "HL":
                self._hierarchy.skipped()
        else:
            self._report.add(fault, segment, loop=around.level.id)
        if lost is not None and lost.level is not None:
            self._lost = frozenset(lost.level.names())
        elif fault is SEGMENT_MISPLACED:
            self._lost = self._levels.begun_by(segment.elements[0])
