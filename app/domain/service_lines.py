"""Service lines: what was done, when, for how much. A line keeps its id and control number along its chain of claims."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

MOST_LINES = 50
MOST_DIAGNOSES = 12
MOST_POINTERS = 4
MOST_MODIFIERS = 4


class UnitOfMeasure(StrEnum):
    """SV103."""

    UNIT = "unit"
    MINUTE = "minute"

    @property
    def code(self) -> str:
        return {"unit": "UN", "minute": "MJ"}[self.value]


@dataclass(frozen=True, kw_only=True)
class ServiceLine:
    """One 2400 loop. `id` and `control_number` (REF*6R) are the same on every claim of the chain; LX is the position.

    `diagnosis_pointers` are positions in the claim's diagnoses, from 1. `last_date` is None for a single day.
    `units` have at most 8 digits and 3 decimals. `place_of_service` is None when it is the claim's.
    """

    id: UUID
    control_number: str
    procedure_code: str = field(repr=False)
    modifiers: tuple[str, ...] = field(default=(), repr=False)
    charge: Decimal
    units: Decimal
    unit_of_measure: UnitOfMeasure = UnitOfMeasure.UNIT
    diagnosis_pointers: tuple[int, ...] = (1,)
    first_date: date
    last_date: date | None = None
    place_of_service: str | None = None

    @property
    def end_date(self) -> date:
        return self.last_date or self.first_date
