"""A professional claim with everything resolved: what an 837P says about one claim (005010X222A1, loops 2000A to 2430).

The claim's record holds ids; here stand the names, numbers and amounts they resolve to on the day it is written. Pure
values: `x12/professional_claim_837.py` writes them, `claim_assembly.py` makes them.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.adjudications import Adjustment
from app.domain.claims import ClaimFrequency
from app.domain.codes import (
    AcceptsAssignment,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
    ReleaseOfInformation,
)
from app.domain.parties import Address, Contact, Person, PersonName
from app.domain.service_lines import ServiceLine


@dataclass(frozen=True, kw_only=True)
class Submitter:
    """Loop 1000A: who sends the claim. `id` is what the clearinghouse knows the sender by (NM109 under 46)."""

    name: str
    id: str
    contact: Contact = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class BilledBy:
    """Loops 2010AA and 2010AB. `name` is a person's or an organization's; `tax_id` is nine digits, REF*SY when
    `tax_id_is_ssn`, else REF*EI. `address` is a street with a nine-digit postal code.
    """

    name: PersonName | str = field(repr=False)
    npi: str
    taxonomy_code: str | None = None
    tax_id: str = field(repr=False)
    tax_id_is_ssn: bool = False
    address: Address = field(repr=False)
    contact: Contact | None = field(default=None, repr=False)
    pay_to_address: Address | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class NamedProvider:
    """Loops 2310A to D. `payer_assigned_id` is REF*G2; `taxonomy_code` is written for the rendering provider (PRV*PE),
    `address` for the service facility.
    """

    name: PersonName | str = field(repr=False)
    npi: str | None = None
    taxonomy_code: str | None = None
    payer_assigned_id: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class BilledPayer:
    """Loop 2010BB: the payer that this claim asks. `payer_id` is NM109 under PI; `provider_id_there` is REF*G2."""

    name: str
    payer_id: str
    address: Address | None = field(default=None, repr=False)
    provider_id_there: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """An SBR and whose policy it is: 2000B with 2010BA, or 2320 with 2330A.

    `relationship` is the patient's to the insured. `insured` is the patient itself when the patient is sent as
    subscriber (domain rule A7).
    """

    responsibility: PayerResponsibility
    relationship: Relationship
    insured: Person = field(repr=False)
    member_id: str = field(repr=False)
    group_number: str | None = field(default=None, repr=False)
    group_name: str | None = field(default=None, repr=False)
    insurance_type_code: str | None = None
    claim_filing_code: str
    benefits_assigned: BenefitsAssigned


@dataclass(frozen=True, kw_only=True)
class PriorLine:
    """One 2430 loop. `line_number` is the LX it stands under, `bundled_into` another line's LX (SVD06).

    `adjudication_date` is DTP*573; `remaining_liability` is AMT*EAF, None when it stands at claim level.
    """

    line_number: int
    paid: Decimal
    procedure_qualifier: str = "HC"
    """SVD03-1: ER, HC, IV or WK."""
    procedure_code: str = field(repr=False)
    modifiers: tuple[str, ...] = field(default=(), repr=False)
    units: Decimal
    bundled_into: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    adjudication_date: date
    remaining_liability: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class PriorDecision:
    """What an earlier payer decided, as 2320, 2330B and 2430 carry it.

    `paid` is AMT*D; `adjustments` the claim-level CAS; `remaining_liability` the claim's AMT*EAF, None when lines carry
    it; `adjudication_date` the 2330B DTP*573, None when lines carry it; `remark_codes` go into MOA03 to 07.
    """

    paid: Decimal
    adjustments: tuple[Adjustment, ...] = ()
    remaining_liability: Decimal | None = None
    adjudication_date: date | None = None
    remark_codes: tuple[str, ...] = ()
    lines: tuple[PriorLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OtherPayer:
    """One 2320 with 2330A and 2330B. `decision` is None for a payer that comes after the destination (rule C4)."""

    policy: Policy
    name: str
    payer_id: str
    prior_authorization: str | None = field(default=None, repr=False)
    referral_number: str | None = field(default=None, repr=False)
    payer_claim_number: str | None = field(default=None, repr=False)
    decision: PriorDecision | None = None


@dataclass(frozen=True, kw_only=True)
class ProfessionalClaim:
    """One CLM with its hierarchy. `patient` differs from `policy.insured` exactly when 2000C is written.

    `accepts_assignment` is CLM07, `release_of_information` CLM09 and every OI06, `signature_generated` CLM10 and every
    OI04. `payer_claim_number` (REF*F8) is the destination's own, for frequency 7 and 8 only. `other_payers` stand in
    the order of their responsibility.
    """

    patient_control_number: str
    frequency: ClaimFrequency
    billed_by: BilledBy
    policy: Policy
    payer: BilledPayer
    patient: Person = field(repr=False)
    patient_is_subscriber: bool
    place_of_service: str
    accepts_assignment: AcceptsAssignment
    release_of_information: ReleaseOfInformation
    signature_generated: bool = False
    diagnoses: tuple[str, ...] = field(repr=False)
    patient_paid: Decimal | None = None
    prior_authorization: str | None = field(default=None, repr=False)
    referral_number: str | None = field(default=None, repr=False)
    payer_claim_number: str | None = field(default=None, repr=False)
    referring: NamedProvider | None = None
    rendering: NamedProvider | None = None
    service_facility: NamedProvider | None = None
    supervising: NamedProvider | None = None
    other_payers: tuple[OtherPayer, ...] = ()
    lines: tuple[ServiceLine, ...] = field(repr=False)

    @property
    def total_charge(self) -> Decimal:
        return sum((line.charge for line in self.lines), Decimal(0))
