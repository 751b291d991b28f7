"""A professional claim with everything resolved: what an 837P says about one claim (005010X222A1, loops 2000A to 2430).

The claim's record holds ids; here stand the names, numbers and amounts they resolve to on the day it is written. Pure
values: `x12/professional_claim_837.py` writes them, `x12/professional_claim_reader_837.py` reads them back,
`claim_assembly.py` makes them. What is None although every claim states it was not there in a text from elsewhere, and
cannot be written.
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
from app.domain.service_lines import UnitOfMeasure


@dataclass(frozen=True, kw_only=True)
class Submitter:
    """Loop 1000A: who sends the claim. `id` is what the clearinghouse knows the sender by (NM109 under 46)."""

    name: str
    id: str
    contact: Contact = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ClaimTransaction:
    """What one transaction set says of itself and its claims: ST, BHT, loops 1000A and 1000B.

    `purpose` is BHT02 (00 original, 18 reissue), `kind` BHT06 (CH chargeable, RP reporting); `created_on` and `created_at`
    are BHT04 and BHT05 as sent. `submitter` is None when it is not an organization with a contact who has a phone.
    """

    control_number: str
    reference: str | None
    purpose: str | None
    kind: str | None
    created_on: str | None
    created_at: str | None
    submitter: Submitter | None
    receiver_name: str | None
    receiver_id: str | None


@dataclass(frozen=True, kw_only=True)
class BilledBy:
    """Loops 2010AA and 2010AB. `name` is a person's or an organization's; `tax_id` is nine digits, REF*SY when
    `tax_id_is_ssn`, else REF*EI. `address` is a street with a nine-digit postal code.
    """

    name: PersonName | str = field(repr=False)
    npi: str | None
    taxonomy_code: str | None = None
    tax_id: str | None = field(repr=False)
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
class Insured:
    """NM1*IL: whose policy it is, a person or (workers' compensation) an organization.

    `address` goes into 2330A; in 2010BA the one address is the patient's, when the patient is the subscriber.
    """

    name: PersonName | str = field(repr=False)
    address: Address | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """An SBR and whose policy it is: 2000B with 2010BA, or 2320 with 2330A.

    `relationship` is the patient's to the insured: self, and the patient's own name, when the patient is sent as
    subscriber (domain rule A7).
    """

    responsibility: PayerResponsibility
    relationship: Relationship
    insured: Insured = field(repr=False)
    member_id: str | None = field(repr=False)
    group_number: str | None = field(default=None, repr=False)
    group_name: str | None = field(default=None, repr=False)
    insurance_type_code: str | None = None
    claim_filing_code: str | None
    benefits_assigned: BenefitsAssigned


@dataclass(frozen=True, kw_only=True)
class Note:
    """NTE: a code (2300: ADD CER DCP DGN TPO; 2400: ADD DCP TPO) and at most 80 characters."""

    code: str
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Contract:
    """CN1: `type_code` 01 to 06 or 09 (other). Some Medicare contractors take the amount that a provider is obligated to
    accept as CN1*09 when Medicare is secondary.
    """

    type_code: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    code: str | None = None
    discount_percent: Decimal | None = None
    version: str | None = None


@dataclass(frozen=True, kw_only=True)
class BilledLine:
    """One 2400 loop; its LX is its position. The fields of a `ServiceLine` mean the same here.

    `control_number` is REF*6R, `procedure_qualifier` SV101-1 (ER, HC, IV, WK), `description` SV101-7. `notes` are at
    most one of ADD or DCP and one TPO.
    """

    control_number: str | None
    procedure_qualifier: str = "HC"
    procedure_code: str = field(repr=False)
    modifiers: tuple[str, ...] = field(default=(), repr=False)
    description: str | None = field(default=None, repr=False)
    charge: Decimal
    units: Decimal
    unit_of_measure: UnitOfMeasure = UnitOfMeasure.UNIT
    diagnosis_pointers: tuple[int, ...] = (1,)
    first_date: date
    last_date: date | None = None
    place_of_service: str | None = None
    contract: Contract | None = None
    notes: tuple[Note, ...] = ()

    @property
    def end_date(self) -> date:
        return self.last_date or self.first_date


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
    """One CLM with its hierarchy. 2000C is written when the patient is not `patient_is_subscriber`.

    `accepts_assignment` is CLM07, `release_of_information` CLM09 and every OI06, `signature_generated` CLM10 and every
    OI04. `payer_claim_number` (REF*F8) is the destination's own, for frequency 7 and 8 only. `other_payers` stand in
    the order of their responsibility. `diagnoses_are_icd_9` is said by HI01-1 BK: services before October 2015, which
    can be read and not written.
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
    diagnoses_are_icd_9: bool = False
    patient_paid: Decimal | None = None
    contract: Contract | None = None
    note: Note | None = None
    prior_authorization: str | None = field(default=None, repr=False)
    referral_number: str | None = field(default=None, repr=False)
    payer_claim_number: str | None = field(default=None, repr=False)
    referring: NamedProvider | None = None
    rendering: NamedProvider | None = None
    service_facility: NamedProvider | None = None
    supervising: NamedProvider | None = None
    other_payers: tuple[OtherPayer, ...] = ()
    lines: tuple[BilledLine, ...] = field(repr=False)

    @property
    def total_charge(self) -> Decimal:
        return sum((line.charge for line in self.lines), Decimal(0))
