"""Place the segments of a transaction set into the loops of its guide, and check its structure on the way.

Every fault is reported where it is met, once as far as that can be: what belongs to a loop whose beginning is missing is
kept (`Loop.unplaced`) without a finding of its own. A claim's loop (2300) is handed out when it is whole, with the loops
around it as its ancestors, and is not kept by them; nor is a level (2000A to C) that ended, once the next claim has been
handed out, so that the memory does not grow with the number of claims. No text makes it raise.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from app.x12.envelope import TransactionSet
from app.x12.findings import Report
from app.x12.guides import Guide
from app.x12.hierarchy_837 import Hierarchy
from app.x12.loops import Loop
from app.x12.rules import Rule
from app.x12.segments import Segment
from app.x12.structure_elements import check_elements
from app.x12.structure_levels import Level, Levels, Place, Slot, levels_of
from app.x12.structure_rules import (
    LOOP_MISSING,
    LOOP_TOO_OFTEN,
    SEGMENT_MISPLACED,
    SEGMENT_MISSING,
    SEGMENT_OUT_OF_ORDER,
    SEGMENT_TOO_OFTEN,
    SEGMENT_UNKNOWN,
)

_UNIT: Final = "2300"
_HAS_LEVEL_BELOW: Final = "1"
_CHILD_OF: Final = {"": "2000A", "2000A": "2000B", "2000B": "2000C"}


def read_units(transaction: TransactionSet, guide: Guide, report: Report) -> Iterator[Loop]:
    """The claims of a transaction set, each when it is whole, in the order of the text."""
    walk = _Walk(transaction.header, levels_of(guide), report)
    for segment in transaction.segments:
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


class _Open:
    """A loop that is being read: which position was reached, and which of its parts were met, how often."""

    __slots__ = ("at", "counts", "level", "loop", "met")

    def __init__(self, loop: Loop, level: Level) -> None:
        self.loop = loop
        self.level = level
        self.at = 0
        self.met = 0
        self.counts: dict[int, int] = {}

    def full(self, slot: Slot) -> bool:
        return slot.most is not None and self.count(slot) >= slot.most

    def count(self, slot: Slot) -> int:
        return self.counts.get(slot.index, 1) if self.met & slot.bit else 0

    def meet(self, slot: Slot) -> int:
        """How often it stands here now."""
        if not self.met & slot.bit:
            self.met |= slot.bit
            return 1
        count = self.counts[slot.index] = self.counts.get(slot.index, 1) + 1
        return count

    def lacks(self, slot: Slot) -> bool:
        """Whether it must still come."""
        if self.met & slot.bit:
            return False
        if slot.is_required:
            return True
        is_announced = self.level.id == "2000B" and slot.name == "HL"
        return is_announced and self.loop.segments[0].get(4) == _HAS_LEVEL_BELOW


class _Move(NamedTuple):
    """What becomes of a segment: how many loops end before it, then where it stands, and what is to be said."""

    closes: int
    slot: Slot | None = None
    aside: int = 0
    """How many loops out it stands, while they all stay open."""
    fault: Rule | None = None
    lost: Slot | None = None
    """The loop that it belongs to, whose beginning is missing."""


class _Walk:
    def __init__(self, header: Segment, levels: Levels, report: Report) -> None:
        self._levels = levels
        self._report = report
        self._header = header
        self._hierarchy = Hierarchy(report)
        self._stack = [_Open(Loop("ST"), levels.root)]
        self._lost: frozenset[str] = frozenset()
        self._forgiven = False
        self._ended: list[Loop] = []

    @property
    def depth(self) -> int:
        return len(self._stack)

    def forgive(self) -> None:
        self._forgiven = True

    def move(self, segment: Segment) -> _Move:
        name, levels = segment.elements[0], self._levels
        if name not in levels.names:
            return _Move(0, fault=SEGMENT_UNKNOWN)
        if "HL" in self._lost and name != "HL":
            return _Move(0)
        here = self._stack[-1]
        qualifier = levels.qualifier(segment)
        step = here.level.step(here.at, name, qualifier)
        if step.ahead is not None:
            return _Move(*step.ahead)
        if name in self._lost:
            return _Move(0)
        near = [place for place in step.behind if not self._is_beyond_claim(place.distance)]
        near_within = [place for place in step.within if not self._is_beyond_claim(place.distance)]
        return (
            self._missing_beginning(step.within, required=True)
            or next(filter(None, map(self._behind, near)), None)
            or self._misnamed(segment, name, step.misnamed)
            or self._missing_beginning(near_within, required=False)
            or next(filter(None, map(self._behind, step.behind)), None)
            or _Move(0, fault=SEGMENT_MISPLACED)
        )

    def _is_beyond_claim(self, distance: int) -> bool:
        """Whether it is outside of the claim or level that is open."""
        ended = self._stack[len(self._stack) - distance :]
        return any(one.level.is_hierarchical or one.level.id == _UNIT for one in ended)

    def _missing_beginning(self, places: tuple[Place, ...] | list[Place], *, required: bool) -> _Move | None:
        """The loop that the segment is in, if that is sure: the one that must still come, or the only one there is."""
        if required:
            places = [place for place in places if self._stack[-1 - place.distance].lacks(place.slot)][:1]
        elif places and sum(place.distance == places[0].distance for place in places) > 1:
            return _Move(0, fault=SEGMENT_MISPLACED, lost=places[0].slot)
        if not places:
            return None
        return _Move(places[0].distance, fault=SEGMENT_MISSING, lost=places[0].slot)

    def _behind(self, place: Place) -> _Move | None:
        """It comes late, or again. A segment that must stand once and comes again after others begins a loop anew."""
        distance, slot = place
        around = self._stack[-1 - distance]
        is_full = around.full(slot)
        if slot.level is not None:
            if self._is_beyond_claim(distance):
                return None
            return _Move(distance, slot, fault=None if is_full else SEGMENT_OUT_OF_ORDER)
        own = around.level.slot
        if is_full and slot.is_required and own is not None and own.most != 1 and not self._is_beyond_claim(distance):
            return _Move(distance + 1, fault=SEGMENT_MISSING, lost=own)
        return _Move(0, slot, distance, fault=None if is_full else SEGMENT_OUT_OF_ORDER)

    def _misnamed(self, segment: Segment, name: str, places: tuple[Place, ...]) -> _Move | None:
        """A part that must come has another qualifier than here: the check of its elements says so."""
        if name == "HL":
            places = self._level_by_parent(segment)
        for distance, slot in places:
            around = self._stack[-1 - distance]
            if name == "HL" or (around.lacks(slot) and not self._is_beyond_claim(distance)):
                return _Move(distance, slot)
        return None

    def _level_by_parent(self, segment: Segment) -> tuple[Place, ...]:
        """HL03 says no level, but HL02 whose child it is."""
        parent = segment.get(2)
        for distance, around in enumerate(reversed(self._stack)):
            number = around.loop.segments[0].get(1) if around.level.is_hierarchical else ""
            is_parent = around.level.is_hierarchical or around.level.parent is None
            if is_parent and number == parent:
                child = _CHILD_OF.get(around.level.id if number else "")
                slots = [slot for slot in around.level.slots if slot.level is not None and slot.level.id == child]
                return tuple(Place(distance, slot) for slot in slots)
        return ()

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
            if level.id == _UNIT:
                unit = ended.loop
        return unit

    def drop_ended(self) -> None:
        """What was met until now has been looked at, with the claim after it."""
        if self._ended:
            ended = set(self._ended)  # by identity
            for around in {loop.parent for loop in ended if loop.parent is not None} - ended:
                around.loops = [loop for loop in around.loops if loop not in ended]
            self._ended.clear()

    def _report_missing(self, ended: _Open) -> None:
        opener = ended.loop.segments[0] if ended.level.parent is not None else self._header
        for slot in ended.level.slots:
            if not slot.is_required or ended.met & slot.bit:
                continue
            if slot.level is None:
                message = f"{slot.label} is missing in the loop that begins here."
                self._report.add(SEGMENT_MISSING, opener, loop=ended.level.id, message=message)
            else:
                message = f"Loop {slot.level.id} ({slot.label}) is missing after this segment."
                self._report.add(LOOP_MISSING, opener, loop=ended.level.id, message=message)

    def _end_level(self, ended: _Open) -> None:
        met = {slot.level.id for slot in ended.level.slots if slot.level is not None and ended.met & slot.bit}
        self._hierarchy.ended(ended.loop, has_claim=_UNIT in met, has_dependent="2000C" in met)

    def take(self, segment: Segment, move: _Move) -> None:
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
        check_elements(segment, slot.use, loop_id, self._report)

    def _begin(self, segment: Segment, level: Level, around: Loop) -> None:
        loop = Loop(level.id, around)
        loop.segments.append(segment)
        if level.is_hierarchical:
            self._hierarchy.begun(loop)
        if level.id != _UNIT:
            around.loops.append(loop)
        begun = _Open(loop, level)
        begun.met = 1
        self._stack.append(begun)

    def _leave_out(self, segment: Segment, move: _Move) -> None:
        around = self._stack[-1]
        around.loop.unplaced.append(segment)
        if move.fault is None:
            return
        lost = move.lost
        if lost is None or lost.level is None:
            self._report.add(move.fault, segment, loop=around.level.id)
            if move.fault is SEGMENT_MISPLACED:
                self._lose_followers(segment.elements[0])
            return
        message = None
        if move.fault is SEGMENT_MISSING:
            message = f"{lost.label}, which begins loop {lost.level.id}, is missing before this segment."
        self._report.add(move.fault, segment, loop=lost.level.id, message=message)
        around.at = max(around.at, lost.position)
        around.meet(lost)
        self._lost = frozenset(lost.level.names())
        if lost.name == "HL":
            self._hierarchy.skipped()

    def _lose_followers(self, name: str) -> None:
        """A segment that begins loops stands nowhere: what would be in its loop stands nowhere either."""
        self._lost = self._levels.begun_by(name) - {name}
        if name == "HL":
            self._lost = frozenset({"HL"})
