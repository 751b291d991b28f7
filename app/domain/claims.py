"""Claims: one bill to one payer for one encounter. Claims for the same encounter form a chain, in the order of payers."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.domain.claim_states import ClaimOutcome, ClaimStatus, HoldReason
from app.domain.codes import PayerResponsibility
from app.domain.parties import Address, Contact
from app.domain.service_lines import ServiceLine


class AcceptedBy(StrEnum):
    """Whose acceptance it was: the clearinghouse's is not yet the payer's (domain rules F)."""

    CLEARINGHOUSE = "clearinghouse"
    PAYER = "payer"


class ClaimFrequency(StrEnum):
    """CLM05-3."""

    ORIGINAL = "original"
    REPLACEMENT = "replacement"
    VOID = "void"

    @property
    def code(self) -> str:
        return {"original": "1", "replacement": "7", "void": "8"}[self.value]


class ProviderRole(StrEnum):
    """Who a payer-assigned provider id (REF*G2) belongs to: 2010BB for billing, else 2310A to D."""

    BILLING = "billing"
    REFERRING = "referring"
    RENDERING = "rendering"
    SERVICE_FACILITY = "service_facility"
    SUPERVISING = "supervising"


@dataclass(frozen=True, kw_only=True)
class ServiceFacility:
    """2310C: where the service was, when it is not the billing provider's address."""

    name: str = field(repr=False)
    npi: str | None = None
    address: Address = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PayerAssignedId:
    """REF*G2: the destination payer's own number of a provider."""

    role: ProviderRole
    number: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ClaimContent:
    """What a person says about a claim; kept sealed. Diagnoses are ICD-10-CM without the point, the principal first.

    No `billing_provider_id` means that the practice itself bills. `prior_authorization` and `referral_number` are the
    destination payer's (REF*G1, REF*9F); `patient_paid` is money the patient paid (AMT*F5).
    """

    billing_provider_id: UUID | None = None
    rendering_provider_id: UUID | None = None
    referring_provider_id: UUID | None = None
    supervising_provider_id: UUID | None = None
    service_facility: ServiceFacility | None = field(default=None, repr=False)
    pay_to_address: Address | None = field(default=None, repr=False)
    billing_contact: Contact | None = field(default=None, repr=False)
    payer_assigned_ids: tuple[PayerAssignedId, ...] = field(default=(), repr=False)
    place_of_service: str
    diagnoses: tuple[str, ...] = field(repr=False)
    lines: tuple[ServiceLine, ...] = field(repr=False)
    prior_authorization: str | None = field(default=None, repr=False)
    referral_number: str | None = field(default=None, repr=False)
    patient_paid: Decimal | None = None
    signature_generated_by_provider: bool = False
    """CLM10 and OI04 P: the patient was not there to sign."""

    @property
    def total_charge(self) -> Decimal:
        """CLM02: the sum of the lines, on every payer's claim (domain rule C2)."""
        return sum((line.charge for line in self.lines), Decimal("0.00"))

    @property
    def first_service_date(self) -> date:
        return min(line.first_date for line in self.lines)

    @property
    def last_service_date(self) -> date:
        return max(line.end_date for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim. `status` follows from its submissions and the payer's answers (`claim_states`), nowhere else.

    `patient_control_number` (CLM01) is its own for ever. `outcome` says how the payer decided, once it has.
    """

    id: UUID
    chain_id: UUID
    encounter_id: str
    patient_id: UUID
    coverage_id: UUID
    payer_id: UUID
    rank: PayerResponsibility
    frequency: ClaimFrequency = ClaimFrequency.ORIGINAL
    previous_claim_id: UUID | None = None
    """The claim of the payer before this one in the chain; None for a primary."""
    replaces_claim_id: UUID | None = None
    """The claim that this replacement or void takes the place of; it goes to the same payer."""
    status: ClaimStatus
    hold_reason: HoldReason | None = None
    accepted_by: AcceptedBy | None = None
    outcome: ClaimOutcome | None = None
    patient_control_number: str
    payer_claim_number: str | None = field(default=None, repr=False)
    content: ClaimContent = field(repr=False)
    created_at: datetime
    updated_at: datetime
    version: int = 1
