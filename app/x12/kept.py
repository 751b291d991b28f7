"""Segments of which no field of a value holds everything: kept beside the fields, as they were sent.

A reader says for each segment id which elements its fields hold, and of a composite how many components.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from app.x12.segments import Segment, content

KEPT_LIMIT: Final = 1_000
"""Segments kept of one value; the findings say of every one of them where it stands."""

Held = Mapping[str, Mapping[int, int]]
"""By segment id: the elements held, each with the number of its components that are, 0 for all of it."""


def elements(*positions: int) -> dict[int, int]:
    return dict.fromkeys(positions, 0)


def keep(kept: list[str], segment: Segment) -> None:
    if len(kept) < KEPT_LIMIT:
        kept.append(sent(segment))


def sent(segment: Segment) -> str:
    """As it stood in the text, blanks too; an element that is UTF-8 as the characters it means."""
    raw = segment.raw
    if raw.isascii():
        return raw
    return segment.separators.element.join(map(_sent, segment.elements))


def _sent(element: str) -> str:
    return content(element) + " " * (len(element) - len(element.rstrip(" ")))


def taken(kept: list[str]) -> tuple[str, ...]:
    """What was kept so far, for the value that is handed on; the next begins anew."""
    segments = tuple(kept)
    kept.clear()
    return segments


def surplus(segment: Segment, held: Held) -> Iterator[int]:
    """Elements with content beyond what the fields hold, in their order."""
    of_segment = held.get(segment.id, {})
    for element in range(1, len(segment.elements)):
        if _holds_more(segment, element, of_segment.get(element)):
            yield element


def _holds_more(segment: Segment, element: int, most: int | None) -> bool:
    if most is None:
        return bool(segment.get(element))
    return most > 0 and any(segment.components(element)[most:])
