"""What a reading of a professional claim dropped: worked out from the text and the values, without the reader's help."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from app.domain.parties import Sex
from app.x12.elements import read_decimal
from app.x12.findings import Report
from app.x12.professional_claim_reader_837 import ReadClaim
from app.x12.segments import Segment, SegmentStream

_SAID_BY_PLACE: dict[tuple[str, int], set[str]] = {
    ("AMT", 1): {"D", "EAF", "F5"},
    ("BHT", 1): {"0019"},
    ("DMG", 1): {"D8"},
    ("DTP", 1): {"472", "573"},
    ("DTP", 2): {"D8", "RD8"},
    ("LX", 1): {str(number) for number in range(1, 51)},
    ("NM1", 1): {"40", "41", "77", "82", "85", "87", "DN", "DQ", "IL", "PR", "QC"},
    ("NM1", 2): {"1", "2"},
    ("NM1", 8): {"46", "MI", "PI", "XX"},
    ("PER", 1): {"IC"},
    ("PER", 3): {"TE"},
    ("PER", 5): {"TE"},
    ("PER", 7): {"TE"},
    ("PRV", 1): {"BI", "PE"},
    ("PRV", 2): {"PXC"},
    ("REF", 1): {"6R", "9F", "EI", "F8", "G1", "G2", "SY"},
    ("CLM", 6): {"Y"},
    ("CLM", 10): {"P"},
    ("OI", 4): {"P"},
}
"""What a segment may say that is no field's content: which field it is."""


def _leaves(value: Any) -> Iterator[Any]:
    if is_dataclass(value):
        for one in fields(value):
            yield from _leaves(getattr(value, one.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
        if isinstance(value, Enum):
            yield getattr(value, "code", None) or {Sex.FEMALE: "F", Sex.MALE: "M", Sex.UNKNOWN: "U"}[value]  # type: ignore[index]
        if isinstance(value, date):
            yield f"{value:%4Y%m%d}" if value.year > 999 else f"{value.year:04}{value:%m%d}"


def unkept(text: str, *found: ReadClaim) -> set[str]:
    """The segments between the first HL and the first SE that are neither kept nor in a value."""
    report = Report()
    segments = list(SegmentStream(text, report))
    start = next(position for position, segment in enumerate(segments) if segment.id == "HL")
    end = next((position for position, segment in enumerate(segments) if segment.id == "SE"), len(segments))
    kept = {segment.number for one in found for segment in one.kept}
    leaves = {leaf for one in found for leaf in _leaves(one.claim)} | {
        one.claim.total_charge for one in found if one.claim
    }
    return {
        segment.raw
        for segment in segments[start:end]
        if segment.number not in kept and segment.terminator and not _is_said(segment, leaves)
    }


def _is_said(segment: Segment, leaves: set[Any]) -> bool:
    if segment.id == "HL":
        return True
    for position in range(1, len(segment.elements)):
        for component in segment.components(position):
            text = component.strip()
            by_place = text in _SAID_BY_PLACE.get((segment.id, position), set())
            is_constant = (segment.id, text) in {("HI", "ABK"), ("HI", "ABF"), ("HI", "BK"), ("HI", "BF"), ("CLM", "B")}
            in_dates = segment.id == "DTP" and set(text.split("-")) <= leaves
            if text and not (by_place or is_constant or in_dates or text in leaves or _number(text) in leaves):
                return False
    return True


def _number(text: str) -> Any:
    number = read_decimal(text)
    return object() if number is None else number
