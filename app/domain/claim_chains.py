"""Chains: the claims of one encounter and billing provider, to one payer after another; and the way back to a claim."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

BILLED_BY_PRACTICE = "practice"


def billing_key(billing_provider_id: UUID | None) -> str:
    """Who bills: an encounter has one live chain for each."""
    return BILLED_BY_PRACTICE if billing_provider_id is None else str(billing_provider_id)


@dataclass(frozen=True, kw_only=True)
class ClaimChain:
    """`is_live` until a chain is given up for a new one; `settled` once no payer is left to ask."""

    id: UUID
    encounter_id: str
    patient_id: UUID
    billing_key: str
    is_live: bool = True
    settled: bool = False
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ClaimRoute:
    """Whose claim a patient control number (CLM01) names."""

    practice_id: UUID
    claim_id: UUID
