"""The loops of a 277 while they are being read: a request (2200B/C), a claim (2200D/E), a line (2220D/E), a status (STC).

Each takes the segments that belong to it and becomes a domain value in the end. They judge single elements only; where a
segment may stand is `claim_status_277`'s matter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from app.domain.acknowledgments import StatusCode
from app.domain.claim_statuses import ClaimStatusEffect, LineStatus, StatedStatus, StatusParty, strongest
from app.x12.codes import CLAIM_STATUS_EFFECTS, CLAIM_STATUS_FAMILIES
from app.x12.elements import read_date, read_decimal, read_money
from app.x12.findings import (
    CODE_UNKNOWN,
    DATE_INVALID,
    ELEMENT_MISSING,
    ELEMENT_NOT_USED,
    NUMBER_INVALID,
    Fault,
)
from app.x12.kept import Held, elements, surplus
from app.x12.segments import Segment

_COMPOSITES: Final = (1, 10, 11)
_STATUS_DATES: Final = (2, 6, 8)
_STATUS_AMOUNTS: Final = (4, 5)
_HELD: Final[Held] = {
    "DTP": elements(1, 2, 3),
    "NM1": elements(1, 2, 3, 4, 5, 7, 8, 9),
    "REF": elements(1, 2),
    "STC": elements(*range(1, 13)) | dict.fromkeys(_COMPOSITES, 3),
    "SVC": elements(2, 3, 4, 7) | {1: 6},
    "TRN": elements(1, 2),
}
"""Elements that a field holds, or that say which field it is."""


class Doubt(NamedTuple):
    """What is wrong with one element. When a field lost it, the segment is kept."""

    fault: Fault
    element: int
    is_lost: bool = True


def unheld(segment: Segment) -> Iterator[Doubt]:
    """Elements with content that no field holds."""
    return (Doubt(ELEMENT_NOT_USED, element) for element in surplus(segment, _HELD))


def effect_of(codes: Iterable[StatusCode]) -> ClaimStatusEffect:
    """Of several categories the furthest that a claim came."""
    return strongest(_effect_of_category(code.category) for code in codes)


def _effect_of_category(category: str) -> ClaimStatusEffect:
    effect = CLAIM_STATUS_EFFECTS.get(category)
    if effect is None and category[1:].isdecimal():
        effect = CLAIM_STATUS_FAMILIES.get(category[0])
    return effect or ClaimStatusEffect.NOTED


def read_status(stc: Segment) -> StatedStatus:
    codes = tuple(_codes(stc))
    return StatedStatus(
        effect=effect_of(codes),
        codes=codes,
        effective_on=read_date(stc.get(2)),
        action_code=stc.get(3) or None,
        charge=read_money(stc.get(4)),
        paid=read_money(stc.get(5)),
        finalised_on=read_date(stc.get(6)),
        payment_method_code=stc.get(7) or None,
        check_date=read_date(stc.get(8)),
        check_number=stc.get(9) or None,
        message=stc.get(12) or None,
    )


def status_doubts(stc: Segment) -> Iterator[Doubt]:
    if not any(stc.components(1)):
        yield Doubt(ELEMENT_MISSING, 1, is_lost=False)
    for element in _COMPOSITES:
        parts = stc.components(element)
        if any(parts) and parts[0] not in CLAIM_STATUS_EFFECTS:
            yield Doubt(CODE_UNKNOWN, element, is_lost=False)
    for element in _STATUS_DATES:
        if stc.get(element) and read_date(stc.get(element)) is None:
            yield Doubt(DATE_INVALID, element)
    for element in _STATUS_AMOUNTS:
        if stc.get(element) and read_money(stc.get(element)) is None:
            yield Doubt(NUMBER_INVALID, element)


def _codes(stc: Segment) -> Iterator[StatusCode]:
    """STC01, STC10 and STC11."""
    for element in _COMPOSITES:
        category, status, entity = (*stc.components(element), "", "", "")[:3]
        if category or status or entity:
            yield StatusCode(category=category, status=status or None, entity=entity or None)


def read_party(nm1: Segment) -> StatusParty:
    return StatusParty(
        last_name=nm1.get(3) or None,
        first_name=nm1.get(4) or None,
        middle_name=nm1.get(5) or None,
        suffix=nm1.get(7) or None,
        id_qualifier=nm1.get(8) or None,
        identifier=nm1.get(9) or None,
    )


@dataclass
class StatusLoop:
    """What 2200 and 2220 have in common."""

    place: Segment
    statuses: list[StatedStatus] = field(default_factory=list)
    dates: tuple[date, date | None] | None = None
    references: dict[str, str] = field(default_factory=dict, repr=False)
    kept: list[str] = field(default_factory=list, repr=False)

    @property
    def first_date(self) -> date | None:
        return self.dates[0] if self.dates else None

    @property
    def last_date(self) -> date | None:
        return self.dates[1] if self.dates else None

    @property
    def effect(self) -> ClaimStatusEffect:
        return strongest(status.effect for status in self.statuses)


class LineLoop(StatusLoop):
    """An SVC, its `place`, and what follows it."""

    def doubts(self) -> Iterator[Doubt]:
        svc = self.place
        if not svc.get(1):
            yield Doubt(ELEMENT_MISSING, 1, is_lost=False)
        for element in (2, 3):
            if svc.get(element) and read_money(svc.get(element)) is None:
                yield Doubt(NUMBER_INVALID, element)
        if svc.get(7) and read_decimal(svc.get(7)) is None:
            yield Doubt(NUMBER_INVALID, 7)

    def line(self) -> LineStatus:
        svc = self.place
        qualifier, code, *modifiers = (*svc.components(1), "", "")
        return LineStatus(
            control_number=self.references.get("FJ"),
            procedure_qualifier=qualifier or None,
            procedure_code=code or None,
            modifiers=tuple(modifier for modifier in modifiers[:4] if modifier),
            charge=read_money(svc.get(2)),
            paid=read_money(svc.get(3)),
            revenue_code=svc.get(4) or None,
            units=read_decimal(svc.get(7)),
            first_date=self.first_date,
            last_date=self.last_date,
            effect=self.effect,
            statuses=tuple(self.statuses),
            kept=tuple(self.kept),
        )


@dataclass
class NumberedLoop(StatusLoop):
    """A request or a claim: a TRN and what follows it, or what stands there without one."""

    number: str | None = None
    lines: list[LineLoop] = field(default_factory=list, repr=False)

    @property
    def whole_effect(self) -> ClaimStatusEffect:
        """Its own, or its lines' when it says nothing itself."""
        return self.effect if self.statuses else strongest(line.effect for line in self.lines)
