"""Claims on the wire: the same for every rank."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field

from app.api.schemas.base import Date, Format, Identifier, Money, Schema, Timestamp
from app.api.schemas.claim_contents import ContentFields, NewContent, content_members
from app.api.schemas.service_lines import LineAnswer
from app.domain.claim_lists import ClaimSummary
from app.domain.claim_states import ClaimOutcome, ClaimStatus, HoldReason
from app.domain.claims import AcceptedBy, Claim, ClaimFrequency
from app.domain.codes import PayerResponsibility

EncounterId = Annotated[
    str,
    Format(
        code="external_id_format",
        message="An external id has 1 to 64 letters, digits, dots, dashes and underscores.",
        pattern="^[A-Za-z0-9._-]{1,64}$",
    ),
    Field(description="The record system's id of the therapy session: opaque, never a name or a date of birth."),
]


class NewClaim(NewContent):
    """A claim to the first payer. Claims to the next ones are made from it: `POST /v1/claims/{claim_id}/secondary`."""

    encounter_id: EncounterId
    patient_id: Identifier
    coverage_id: Identifier | None = Field(
        default=None, description="The primary coverage on the dates of service, which is also the default."
    )


class ClaimFacts(Schema):
    """What the service knows of a claim besides its content."""

    id: Identifier
    chain_id: Identifier = Field(description="The same for all claims of one encounter.")
    encounter_id: str
    patient_id: Identifier
    coverage_id: Identifier
    payer_id: Identifier = Field(description="The payer that is billed: 2010BB.")
    rank: PayerResponsibility = Field(description="That payer's place in the order of benefits: 2000B SBR01.")
    frequency: ClaimFrequency = Field(description="CLM05-3.")
    previous_claim_id: Identifier | None = Field(description="The earlier payer's claim; null for a primary.")
    replaces_claim_id: Identifier | None = Field(description="The claim that this one replaces or voids.")
    status: ClaimStatus
    hold_reason: HoldReason | None = Field(description="Why it is held; null when it is not.")
    accepted_by: AcceptedBy | None = Field(
        description="Whose acceptance it was: the clearinghouse's is not yet the payer's."
    )
    outcome: ClaimOutcome | None = Field(description="How the payer decided; null until it has.")
    patient_control_number: str = Field(description="CLM01: the claim's own for ever.")
    total_charge: Money = Field(description="CLM02: the sum of the lines' charges. US dollars and cents.")
    first_service_date: Date
    last_service_date: Date
    created_at: Timestamp
    updated_at: Timestamp
    version: int = Field(ge=1, description="The ETag's number.")


class ClaimAnswer(ContentFields, ClaimFacts):
    """A claim as it is recorded. What stands in its way is said by its review: `GET /v1/claims/{claim_id}/review`."""

    payer_claim_number: str | None = Field(
        description="The payer's own number of the claim (ICN), once it has told it."
    )
    lines: list[LineAnswer]

    @classmethod
    def from_domain(cls, claim: Claim) -> Self:
        content = claim.content
        return cls.of(
            **content_members(content),
            **_facts(claim, content.total_charge, content.first_service_date, content.last_service_date),
            payer_claim_number=claim.payer_claim_number,
            lines=[LineAnswer.from_domain(line) for line in content.lines],
        )


class ClaimSummaryAnswer(ClaimFacts):
    """A row of a list: without what is known of the patient and of the services."""

    billing_provider_id: Identifier | None
    rendering_provider_id: Identifier | None

    @classmethod
    def from_domain(cls, row: ClaimSummary) -> Self:
        facts = _facts(row, row.total_charge, row.first_service_date, row.last_service_date)
        facts["billing_provider_id"] = row.billing_provider_id
        facts["rendering_provider_id"] = row.rendering_provider_id
        return cls.made(facts)


def _facts(claim: Claim | ClaimSummary, charge: Decimal, first: date, last: date) -> dict[str, object]:
    return {
        "id": claim.id,
        "chain_id": claim.chain_id,
        "encounter_id": claim.encounter_id,
        "patient_id": claim.patient_id,
        "coverage_id": claim.coverage_id,
        "payer_id": claim.payer_id,
        "rank": claim.rank,
        "frequency": claim.frequency,
        "previous_claim_id": claim.previous_claim_id,
        "replaces_claim_id": claim.replaces_claim_id,
        "status": claim.status,
        "hold_reason": claim.hold_reason,
        "accepted_by": claim.accepted_by,
        "outcome": claim.outcome,
        "patient_control_number": claim.patient_control_number,
        "total_charge": charge,
        "first_service_date": first,
        "last_service_date": last,
        "created_at": claim.created_at,
        "updated_at": claim.updated_at,
        "version": claim.version,
    }
