"""A guide's loops as places, and where a segment can stand next, seen from a place.

What follows from the guide alone is worked out once for each place, name and qualifier, and kept: the way through a
file is then one look-up for each segment. What depends on what has been met, `structure` decides.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from app.x12.guides import Guide, LoopUse, SegmentUse
from app.x12.loops import Loop
from app.x12.segments import Segment

UNKNOWN: Final = "\x00"
"""A qualifier that no segment of its name has anywhere in the guide."""


class Slot:
    """A part of a loop. Parts of one name that follow one another share their position."""

    __slots__ = ("bit", "codes", "index", "is_required", "label", "level", "most", "name", "position", "use")

    def __init__(self, index: int, position: int, part: SegmentUse | LoopUse) -> None:
        self.index = index
        self.bit = 1 << index
        self.position = position
        self.is_required = part.is_required
        self.most = part.most
        self.name = part.name
        self.codes = part.qualifiers[0].codes if part.qualifiers else None
        self.use: SegmentUse = part.opener if isinstance(part, LoopUse) else part
        self.level: Level | None = None
        self.label = self.use.label

    def takes(self, qualifier: str) -> bool:
        return self.codes is None or qualifier in self.codes


class Level:
    """A loop at its place in the guide. `position` is its own in the loop around it."""

    __slots__ = ("id", "is_hierarchical", "parent", "required", "slot", "slots", "steps")

    def __init__(self, loop: LoopUse, parent: "Level | None", slot: Slot | None) -> None:
        self.id = loop.id
        self.parent = parent
        self.slot = slot
        self.is_hierarchical = slot is not None and slot.name == "HL"
        self.steps: dict[tuple[int, str, str], Step] = {}
        self.slots: list[Slot] = []
        position = -1
        for index, part in enumerate(loop.parts):
            if not index or part.name != self.slots[-1].name:
                position += 1
            one = Slot(index, position, part)
            if isinstance(part, LoopUse):
                one.level = Level(part, self, one)
            self.slots.append(one)
        self.required = sum(one.bit for one in self.slots if one.is_required)

    @property
    def openers(self) -> int:
        """How many slots the segment takes that begins the loop: none for the transaction set."""
        return 0 if self.parent is None else 1

    def step(self, at: int, name: str, qualifier: str) -> "Step":
        """Where the segment can stand when position `at` has been reached; kept for the next time."""
        step = self.steps.get((at, name, qualifier))
        if step is None:
            step = self.steps[at, name, qualifier] = _find(self, at, name, qualifier)
        return step

    def around(self, at: int) -> Iterator[tuple[int, "Level", int]]:
        """This level and those around it: how far, which, and which position has been reached there."""
        distance, level, position = 0, self, at
        while True:
            yield distance, level, position
            slot, parent = level.slot, level.parent
            if slot is None or parent is None:
                return
            distance, level, position = distance + 1, parent, slot.position

    def named(self, name: str, qualifier: str) -> Iterator[Slot]:
        """Its parts that take this segment, without the one that began it."""
        for slot in self.slots[self.openers :]:
            if slot.name == name and slot.takes(qualifier):
                yield slot

    def names(self) -> Iterator[str]:
        """Of all segments in it and in what is in it."""
        for slot in self.slots:
            yield slot.name
            if slot.level is not None:
                yield from slot.level.names()


class OpenLoop:
    """A loop that is being read: which position was reached, and which of its parts were met, how often."""

    __slots__ = ("at", "counts", "level", "line_number", "loop", "met")

    def __init__(self, loop: Loop, level: Level) -> None:
        self.loop = loop
        self.level = level
        self.at = 0
        self.met = 0
        self.counts: dict[int, int] = {}
        self.line_number = 0

    def is_full(self, slot: Slot) -> bool:
        count = self.counts.get(slot.index, 1) if self.met & slot.bit else 0
        return slot.most is not None and count >= slot.most

    def meet(self, slot: Slot) -> int:
        """How often it stands here now."""
        if not self.met & slot.bit:
            self.met |= slot.bit
            return 1
        count = self.counts[slot.index] = self.counts.get(slot.index, 1) + 1
        return count

    def lacks(self, slot: Slot) -> bool:
        """Whether it must still come: by the guide, or because the HL of the subscriber says so."""
        if self.met & slot.bit:
            return False
        is_announced = self.level.id == "2000B" and slot.name == "HL" and self.loop.opener.get(4) == "1"
        return slot.is_required or is_announced


class Place(NamedTuple):
    distance: int
    slot: Slot


class Step(NamedTuple):
    """`ahead` is where the segment stands in order. Without it: where it would have stood before; loops it is in, whose
    beginning is missing; and parts that are required ahead and have its name, but not its qualifier.
    """

    ahead: Place | None
    behind: tuple[Place, ...] = ()
    within: tuple[Place, ...] = ()
    misnamed: tuple[Place, ...] = ()


def _find(level: Level, at: int, name: str, qualifier: str) -> Step:
    behind: list[Place] = []
    within: list[Place] = []
    misnamed: list[Place] = []
    for distance, open_level, position in level.around(at):
        for slot in open_level.named(name, qualifier):
            if slot.position >= position:
                return Step(Place(distance, slot))
            behind.append(Place(distance, slot))
        for slot in open_level.slots[open_level.openers :]:
            if slot.position < position:
                continue
            if slot.level is not None and next(slot.level.named(name, qualifier), None) is not None:
                within.append(Place(distance, slot))
            if slot.name == name and slot.is_required:
                misnamed.append(Place(distance, slot))
    return Step(None, tuple(behind), tuple(within), tuple(misnamed))


class Levels:
    """The tree of a guide, and what tells its segments apart."""

    def __init__(self, guide: Guide) -> None:
        self.root = Level(guide.root, None, None)
        self.names = guide.names
        self._qualifiers: dict[str, tuple[int, bool]] = {}
        self._codes: dict[str, set[str]] = {}
        for use in guide.segments:
            for position, is_component, codes in use.qualifiers:
                self._qualifiers[use.name] = (position, is_component)
                self._codes.setdefault(use.name, set()).update(codes)

    def qualifier(self, segment: Segment) -> str:
        """Of a segment of the guide: empty where it needs none."""
        name = segment.elements[0]
        where = self._qualifiers.get(name)
        if where is None:
            return ""
        position, is_component = where
        text = segment.get(position)
        if is_component:
            text = text.split(segment.separators.component, 1)[0]
        return text if text in self._codes[name] else UNKNOWN

    def begun_by(self, name: str) -> frozenset[str]:
        """The names of what can stand in loops that a segment of this name begins, without its own; HL stands for all."""
        if name == "HL":
            return frozenset({name})
        found: set[str] = set()
        levels = [self.root]
        while levels:
            for slot in levels.pop().slots:
                if slot.level is not None:
                    levels.append(slot.level)
                    if slot.name == name:
                        found.update(slot.level.names())
        return frozenset(found - {name})


@lru_cache(maxsize=8)
def levels_of(guide: Guide) -> Levels:
    return Levels(guide)
