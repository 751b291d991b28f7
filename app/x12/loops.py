"""Loops: the segments of a transaction set where its guide puts them.

A tree that is being read: `structure` fills it and checks it on the way. A claim's loop is handed out when it is whole
and has its ancestors as `parent`, but is not kept by them: the memory does not grow with the number of claims.
"""

from collections.abc import Iterator

from app.x12.segments import Segment


class Loop:
    """One repetition of a loop. `id` is the guide's, such as ``2320``; the transaction set itself has the id ``ST``.

    `segments` are its own, in the order of the text, the one that began it first. `loops` are those directly in it.
    `unplaced` are segments met while this loop was open that fit nowhere: they are reported, and kept.
    """

    __slots__ = ("id", "loops", "parent", "segments", "unplaced")

    def __init__(self, loop_id: str, parent: "Loop | None" = None) -> None:
        self.id = loop_id
        self.parent = parent
        self.segments: list[Segment] = []
        self.loops: list[Loop] = []
        self.unplaced: list[Segment] = []

    def __repr__(self) -> str:
        """Without the segments: they hold personal data."""
        return f"Loop({self.id!r}, {len(self.segments)} segments, {len(self.loops)} loops)"

    @property
    def opener(self) -> Segment:
        return self.segments[0]

    def first(self, segment_id: str, *qualifiers: str) -> Segment | None:
        """The first of these segments; with qualifiers, the first whose element 1 is one of them."""
        return next(self.every(segment_id, *qualifiers), None)

    def every(self, segment_id: str, *qualifiers: str) -> Iterator[Segment]:
        for segment in self.segments:
            if segment.elements[0] == segment_id and (not qualifiers or segment.get(1) in qualifiers):
                yield segment

    def below(self, *loop_ids: str) -> Iterator["Loop"]:
        """The loops directly in this one that have one of these ids, in the order of the text."""
        return (loop for loop in self.loops if loop.id in loop_ids)

    def one(self, *loop_ids: str) -> "Loop | None":
        return next(self.below(*loop_ids), None)

    def above(self, loop_id: str) -> "Loop | None":
        """The nearest ancestor with this id."""
        loop = self.parent
        while loop is not None and loop.id != loop_id:
            loop = loop.parent
        return loop

    def walk(self) -> Iterator["Loop"]:
        """This loop and all below it, in the order of the text."""
        yield self
        for loop in self.loops:
            yield from loop.walk()
