"""Lists of claims: what they are filtered and sorted by, and what a row of a list says."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from uuid import UUID

from app.domain.claim_states import ClaimOutcome, ClaimStatus, HoldReason
from app.domain.claims import AcceptedBy, ClaimFrequency
from app.domain.codes import PayerResponsibility


class ClaimSort(StrEnum):
    """A claim's service date is its first line's."""

    UPDATED_AT = "updated_at"
    CREATED_AT = "created_at"
    SERVICE_DATE = "service_date"


ListPosition: TypeAlias = tuple[datetime | date, UUID]
"""The sorted value and the id of the last row that was given out."""


@dataclass(frozen=True, kw_only=True)
class ClaimFilter:
    """All that is set must hold. `provider_id` bills or renders; the dates of service overlap with `service_from` to
    `service_to`, both included.
    """

    statuses: frozenset[ClaimStatus] = frozenset()
    rank: PayerResponsibility | None = None
    payer_id: UUID | None = None
    patient_id: UUID | None = None
    encounter_id: str | None = None
    provider_id: UUID | None = None
    service_from: date | None = None
    service_to: date | None = None
    updated_since: datetime | None = None


class ClaimSummary(NamedTuple):
    """A claim without what is sealed. A tuple, not a dataclass: a list makes 50 of them, and this is a fifth of the time."""

    id: UUID
    chain_id: UUID
    encounter_id: str
    patient_id: UUID
    coverage_id: UUID
    payer_id: UUID
    rank: PayerResponsibility
    frequency: ClaimFrequency
    previous_claim_id: UUID | None
    replaces_claim_id: UUID | None
    status: ClaimStatus
    hold_reason: HoldReason | None
    accepted_by: AcceptedBy | None
    outcome: ClaimOutcome | None
    patient_control_number: str
    total_charge: Decimal
    first_service_date: date
    last_service_date: date
    billing_provider_id: UUID | None
    rendering_provider_id: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int

    def position(self, sort: ClaimSort) -> ListPosition:
        """Where a list that is sorted so goes on after this row."""
        values = {
            ClaimSort.UPDATED_AT: self.updated_at,
            ClaimSort.CREATED_AT: self.created_at,
            ClaimSort.SERVICE_DATE: self.first_service_date,
        }
        return values[sort], self.id
