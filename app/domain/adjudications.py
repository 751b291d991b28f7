"""Adjudications: what a payer decided on a claim, in versions of which one is current (domain rules B)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.domain.adjustments import GROUP_OF_CODE, Adjustment, AdjustmentGroup, responsibility_in
from app.domain.claim_states import ClaimOutcome

__all__ = [
    "GROUP_OF_CODE",
    "Adjudication",
    "AdjudicationSource",
    "AdjudicationStatus",
    "Adjustment",
    "AdjustmentGroup",
    "Assumption",
    "Decision",
    "LineDecision",
    "responsibility_in",
]


@dataclass(frozen=True, kw_only=True)
class LineDecision:
    """One 2430 loop: what the payer decided on one service, or on a part of it when it was unbundled.

    `line_id` is the billed line. `procedure_code`, `modifiers` and `units` are what the payer adjudicated; None and ()
    together mean as billed. `bundled_into_line_id` names the line whose payment covers this one (SVD06).
    `remaining_liability` is AMT*EAF; None means the sum of the PR adjustments.
    """

    line_id: UUID
    paid: Decimal
    procedure_qualifier: str = "HC"
    """SVD03-1: ER, HC, IV or WK."""
    procedure_code: str | None = field(default=None, repr=False)
    modifiers: tuple[str, ...] = field(default=(), repr=False)
    units: Decimal | None = None
    bundled_into_line_id: UUID | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    remaining_liability: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A default that was taken, to be shown in the review: a stable code, a sentence, the place in the decision."""

    code: str
    message: str
    pointer: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A payer's decision in full. Money that is on a line is not at claim level as well.

    Without `lines` the payer decided at claim level only. `remaining_liability` is the claim's AMT*EAF; None means the
    sum of the PR adjustments at the level where they stand.
    """

    adjudication_date: date
    paid: Decimal
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    remaining_liability: Decimal | None = None
    payer_claim_number: str | None = field(default=None, repr=False)
    lines: tuple[LineDecision, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    was_forwarded: bool = False
    """The payer said that it sent the claim on to another payer (domain rule D1)."""

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        return (*self.adjustments, *(one for line in self.lines for one in line.adjustments))

    @property
    def patient_responsibility(self) -> Decimal:
        return responsibility_in(self.all_adjustments)


class AdjudicationSource(StrEnum):
    MANUAL = "manual"
    ERA = "era"
    REPAIR = "repair"


class AdjudicationStatus(StrEnum):
    CURRENT = "current"
    PROPOSED = "proposed"
    """Arrived while a person's entry is current: shown, and waits for acceptance (design rule 8)."""
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class Adjudication:
    """One version, never changed but in `status`. `claim_id` is the claim it decides, which names the payer.

    `number` counts the versions of the claim from 1; `based_on` is the version a repair or a correction started from.
    """

    id: UUID
    claim_id: UUID
    chain_id: UUID
    payer_id: UUID
    number: int
    status: AdjudicationStatus
    source: AdjudicationSource
    outcome: ClaimOutcome
    decision: Decision = field(repr=False)
    based_on: UUID | None = None
    repair_id: str | None = None
    response_id: UUID | None = None
    """The claim payment of an 835 it came from."""
    created_by: str
    created_at: datetime
