"""Where a segment goes that does not stand in order: what that says about the text, and how reading goes on.

One fault is said once, as far as that can be told. A segment that comes late stands where it should have stood, and the
loops that are open stay open; what belongs to a loop whose beginning is missing is kept beside the loops until something
stands in order again; nothing but an HL or a CLM ends the claim or the level that is open.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from app.x12.rules import Rule
from app.x12.segments import Segment
from app.x12.structure_levels import Levels, OpenLoop, Place, Slot, Step
from app.x12.structure_rules import SEGMENT_MISPLACED, SEGMENT_MISSING, SEGMENT_OUT_OF_ORDER

UNIT: Final = "2300"
_CHILD_OF: Final = {"": "2000A", "2000A": "2000B", "2000B": "2000C"}


class Move(NamedTuple):
    """What becomes of a segment: how many loops end before it, then where it stands, and what is to be said."""

    closes: int
    slot: Slot | None = None
    aside: int = 0
    """How many loops out it stands, while they all stay open."""
    fault: Rule | None = None
    lost: Slot | None = None
    """The loop that it belongs to, whose beginning is missing."""


class Misfits:
    def __init__(self, stack: list[OpenLoop], levels: Levels, peek: Callable[[], Segment | None]) -> None:
        """`stack` are the loops that are open, the transaction set first; `peek` shows the segment that comes next."""
        self._stack = stack
        self._levels = levels
        self._peek = peek

    def step(self, segment: Segment) -> Step:
        """Of a segment of the guide."""
        here = self._stack[-1]
        return here.level.step(here.at, segment.elements[0], self._levels.qualifier(segment))

    def move(self, segment: Segment, step: Step) -> Move:
        near = [place for place in step.behind if not self._is_beyond_claim(place.distance)]
        within = [place for place in step.within if not self._is_beyond_claim(place.distance)]
        return (
            self._missing_required(step.within)
            or next(filter(None, map(self._late, near)), None)
            or (self._level_by_parent(segment) if segment.elements[0] == "HL" else self._misnamed(step.misnamed))
            or self._missing_optional(within)
            or next(filter(None, map(self._late, step.behind)), None)
            or Move(0, fault=SEGMENT_MISPLACED)
        )

    def _is_beyond_claim(self, distance: int) -> bool:
        """Whether it is outside of the claim or level that is open."""
        inner = self._stack[len(self._stack) - distance :]
        return any(one.level.is_hierarchical or one.level.id == UNIT for one in inner)

    def _next_place(self) -> Place | None:
        """Where the next segment stands, if that is in order."""
        following = self._peek()
        if following is None or following.elements[0] not in self._levels.names:
            return None
        return self.step(following).ahead

    def _may_still_come(self, place: Place) -> bool:
        """Whether what is next stands before that place or in it: then nothing is missing there yet."""
        ahead = self._next_place()
        if ahead is None or ahead.distance > place.distance:
            return False
        return ahead.distance < place.distance or ahead.slot.position <= place.slot.position

    def _missing_required(self, places: Sequence[Place]) -> Move | None:
        """It is in a loop that must still come."""
        for place in places:
            if self._stack[-1 - place.distance].lacks(place.slot):
                if self._may_still_come(place):
                    return None
                return Move(place.distance, fault=SEGMENT_MISSING, lost=place.slot)
        return None

    def _missing_optional(self, places: Sequence[Place]) -> Move | None:
        """It is in a loop that may come; in which, is sure if there is one alone."""
        if not places:
            return None
        first = places[0]
        if sum(place.distance == first.distance for place in places) > 1:
            return Move(0, fault=SEGMENT_MISPLACED, lost=first.slot)
        return None if self._may_still_come(first) else Move(first.distance, fault=SEGMENT_MISSING, lost=first.slot)

    def _late(self, place: Place) -> Move | None:
        """It comes late, or again. What must stand once and comes again after others begins its loop anew."""
        distance, slot = place
        around = self._stack[-1 - distance]
        fault = (
            None if around.is_full(slot) else SEGMENT_OUT_OF_ORDER
        )  # that it comes too often is said when it is taken
        is_beyond_claim = self._is_beyond_claim(distance)
        if slot.level is not None:
            return None if is_beyond_claim else Move(distance, slot, fault=fault)
        own = around.level.slot
        if fault is None and slot.is_required and own is not None and own.most != 1 and not is_beyond_claim:
            ahead = self._next_place()
            if ahead is None or ahead.distance > distance:  # what is next does not go on with the loop that is open
                return Move(distance + 1, fault=SEGMENT_MISSING, lost=own)
        return Move(0, slot, distance, fault=fault)

    def _misnamed(self, places: Sequence[Place]) -> Move | None:
        """A part that must come has another qualifier than here: the check of its elements says so."""
        for place in places:
            around = self._stack[-1 - place.distance]
            if (
                around.lacks(place.slot)
                and not self._is_beyond_claim(place.distance)
                and not self._may_still_come(place)
            ):
                return Move(*place)
        return None

    def _level_by_parent(self, segment: Segment) -> Move | None:
        """HL03 says no level, but HL02 whose child it is; the check of its elements says the rest."""
        parent = segment.get(2)
        for distance, around in enumerate(reversed(self._stack)):
            is_root = around.level.parent is None
            if (is_root and not parent) or (around.level.is_hierarchical and around.loop.opener.get(1) == parent):
                child = _CHILD_OF.get("" if is_root else around.level.id)
                slots = (slot for slot in around.level.slots if slot.level is not None and slot.level.id == child)
                return next((Move(distance, slot) for slot in slots), None)
        return None
