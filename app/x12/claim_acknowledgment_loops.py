"""The loops of a 277CA while they are being read: a batch (2200B), a provider (2200C) or a claim (2200D), and its STC."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.acknowledgments import AcknowledgmentEffect, StatusCode
from app.x12.codes import ACKNOWLEDGMENT_EFFECTS, PENDING_CATEGORIES
from app.x12.elements import read_date, read_money
from app.x12.findings import DATE_INVALID, NUMBER_INVALID, Fault
from app.x12.kept import Held, elements, keep, surplus
from app.x12.segments import Segment

_COMPOSITES: Final = (1, 10, 11)
_HELD: Final[Held] = {
    "REF": elements(1, 2),
    "STC": elements(2, 3, 4) | dict.fromkeys(_COMPOSITES, 3),
    "TRN": elements(1, 2),
}
_STRONGEST_FIRST: Final = (
    AcknowledgmentEffect.REJECTED,
    AcknowledgmentEffect.ACCEPTED,
    AcknowledgmentEffect.PENDED,
    AcknowledgmentEffect.RECEIVED,
)


def effect_of(statuses: Iterable[StatusCode]) -> AcknowledgmentEffect:
    """Of several statuses a rejection wins over an acceptance, that over a suspension, that over a receipt."""
    effects = {_effect_of_category(status.category) for status in statuses}
    return next((effect for effect in _STRONGEST_FIRST if effect in effects), AcknowledgmentEffect.NOTED)


def _effect_of_category(category: str) -> AcknowledgmentEffect:
    if category[:1] in PENDING_CATEGORIES and category[1:].isdecimal():
        return AcknowledgmentEffect.PENDED
    return ACKNOWLEDGMENT_EFFECTS.get(category, AcknowledgmentEffect.NOTED)


@dataclass
class AcknowledgmentLoop:
    """A TRN with the STC after it: of a batch (2200B), a provider (2200C) or a claim (2200D)."""

    place: Segment
    number: str | None = field(default=None, repr=False)
    statuses: list[StatusCode] = field(default_factory=list)
    action_code: str | None = None
    effective_on: date | None = None
    charge: Decimal | None = None
    references: dict[str, str] = field(default_factory=dict, repr=False)
    provider_npi: str | None = None
    has_claims: bool = False
    said: list[str] = field(default_factory=list, repr=False)
    """Its STC as they were sent: all that is left of them when its claims count and not they."""
    kept: list[str] = field(default_factory=list, repr=False)

    def add_status(self, stc: Segment, *, of_line: bool) -> Iterator[tuple[int, Fault]]:
        """Of several STC the first that names a day, an action or an amount. What cannot be read is yielded."""
        self.statuses += _statuses(stc)
        keep(self.said, stc)
        if of_line:
            return
        day, charge = read_date(stc.get(2)), read_money(stc.get(4))
        if stc.get(2) and day is None:
            yield 2, DATE_INVALID
        if stc.get(4) and charge is None:
            yield 4, NUMBER_INVALID
        self.effective_on = self.effective_on or day
        self.action_code = self.action_code or stc.get(3) or None
        self.charge = charge if self.charge is None else self.charge

    def says_less_than(self, stc: Segment) -> bool:
        """Whether something of a status of its own stands in no field."""
        return (
            (stc.get(2) != "" and read_date(stc.get(2)) != self.effective_on)
            or stc.get(3) not in {"", self.action_code}
            or (stc.get(4) != "" and read_money(stc.get(4)) != self.charge)
            or any(parts and not parts[0] for parts in map(stc.components, _COMPOSITES))
            or has_surplus(stc)
        )


def has_surplus(segment: Segment) -> bool:
    """Whether a TRN, STC or REF holds elements that have no field."""
    return any(True for _ in surplus(segment, _HELD))


def _statuses(stc: Segment) -> Iterator[StatusCode]:
    """STC01, STC10 and STC11."""
    for element in _COMPOSITES:
        parts = (*stc.components(element), "", "", "")
        if parts[0]:
            yield StatusCode(category=parts[0], status=parts[1] or None, entity=parts[2] or None)
