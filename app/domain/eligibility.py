"""Eligibility: the question put to a payer (270) and what its answer (271) says about one day.

An inquiry and an answer are values; `x12/eligibility_270.py` and `x12/eligibility_271.py` turn them into text and back.
Source of the shapes: 005010X279A1; domain rules A6 and A7.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.domain.findings import Finding
from app.domain.parties import Address, Person, Sex


class ServiceType(StrEnum):
    """EQ01 and EB03 of the benefits we ask for; a payer may answer with others, which are kept as codes."""

    PLAN_COVERAGE = "30"
    MENTAL_HEALTH = "MH"


class BenefitKind(StrEnum):
    """EB01 in words; the code itself is kept beside it, as payers send what they like."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    COPAYMENT = "copayment"
    COINSURANCE = "coinsurance"
    DEDUCTIBLE = "deductible"
    OUT_OF_POCKET = "out_of_pocket"
    LIMITATION = "limitation"
    NON_COVERED = "non_covered"
    OTHER_PAYER = "other_payer"
    CONTACT = "contact"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class EligibilityInquiry:
    """One 270 for one person. `subscriber` is the policy's holder; `dependent` is set when the patient has no own id.

    `trace_number` goes to TRN02, `reference` to BHT03; both are ours, opaque, at most 30 characters.
    """

    payer_id: str
    payer_name: str
    provider_npi: str
    provider_name: str
    member_id: str = field(repr=False)
    subscriber: Person = field(repr=False)
    dependent: Person | None = field(default=None, repr=False)
    relationship: str | None = None
    service_date: date
    service_types: tuple[str, ...] = (ServiceType.PLAN_COVERAGE.value, ServiceType.MENTAL_HEALTH.value)
    trace_number: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Interchange:
    """What the envelope needs: who sends to whom, with which control number (ISA13), test or production.

    `group_control_number` is GS06, ISA13 once more when it is None; transaction sets are numbered (ST02) from
    `first_transaction_number`.
    """

    sender_id: str
    receiver_id: str
    control_number: int
    created_at: datetime
    is_test: bool
    group_control_number: int | None = None
    first_transaction_number: int = 1


@dataclass(frozen=True, kw_only=True)
class BenefitEntity:
    """A 2120 loop: another party named by a benefit. `role_code` is NM101 (PR, PRP, SEP, TTP, IL, VN ...)."""

    role_code: str
    name: str | None = field(default=None, repr=False)
    id_qualifier: str | None = None
    identifier: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    contacts: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Benefit:
    """One 2110 loop (EB and what follows). Percentages are fractions as sent (0.2 = 20 %); amounts US dollars."""

    kind: BenefitKind
    code: str
    coverage_level_code: str | None = None
    service_type_codes: tuple[str, ...] = ()
    insurance_type_code: str | None = None
    plan_name: str | None = None
    period_code: str | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    quantity_qualifier: str | None = None
    quantity: Decimal | None = None
    authorization_code: str | None = None
    in_network_code: str | None = None
    procedure_code: str | None = None
    references: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    dates: tuple[tuple[str, date, date | None], ...] = ()
    """(DTP01 qualifier, from, to); a single day has no `to`."""
    messages: tuple[str, ...] = field(default=(), repr=False)
    entities: tuple[BenefitEntity, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PayerRejection:
    """One AAA segment. `loop` is where it stood (2000A, 2100A ... 2110D), `reason_code` AAA03, `follow_up_code` AAA04."""

    loop: str
    reason_code: str
    follow_up_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnedMember:
    """The person as the payer knows them (2100C or 2100D NM1, DMG, N3, N4)."""

    last_name: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    member_id: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = None
    address: Address | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class EligibilityAnswer:
    """All that one 271 said. `member` is the person asked about: the dependent when the 271 has loop 2100D.

    `subscriber` is always the 2100C person. `plan_dates` are DTP segments at 2100C/D level. `trace_numbers` are the
    TRN02 values the payer echoed, `reference` is its BHT03. Nothing is dropped: what has no field is in `kept`.
    """

    control_number: str
    reference: str | None = None
    payer_name: str | None = None
    payer_id: str | None = None
    subscriber: ReturnedMember | None = field(default=None, repr=False)
    member: ReturnedMember | None = field(default=None, repr=False)
    trace_numbers: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    plan_dates: tuple[tuple[str, date, date | None], ...] = ()
    benefits: tuple[Benefit, ...] = ()
    rejections: tuple[PayerRejection, ...] = ()
    kept: tuple[str, ...] = field(default=(), repr=False)
    """Segments, as they were sent, that hold something no field has: the person's own, and in the first answer below them
    those of payer, provider and subscriber."""


class CheckStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    ANSWERED = "answered"
    FAILED = "failed"

    @property
    def is_settled(self) -> bool:
        """Nothing more will come of this check."""
        return self in {CheckStatus.ANSWERED, CheckStatus.FAILED}


class CheckOutcome(StrEnum):
    """What the check says in one word. Only `confirmed` makes an unverified coverage verified (domain rule A6)."""

    CONFIRMED = "confirmed"
    ACTIVE_WITH_DIFFERENCES = "active_with_differences"
    INACTIVE = "inactive"
    MEMBER_NOT_FOUND = "member_not_found"
    BIRTH_DATE_MISMATCH = "birth_date_mismatch"
    NAME_MISMATCH = "name_mismatch"
    MEMBER_ID_INVALID = "member_id_invalid"
    PROVIDER_NOT_RECOGNISED = "provider_not_recognised"
    DATE_NOT_ACCEPTED = "date_not_accepted"
    PAYER_UNAVAILABLE = "payer_unavailable"
    PAYER_REJECTED = "payer_rejected"
    CLEARINGHOUSE_UNAVAILABLE = "clearinghouse_unavailable"
    ANSWER_UNREADABLE = "answer_unreadable"
    CANNOT_BE_ASKED = "cannot_be_asked"


@dataclass(frozen=True, kw_only=True)
class CostShare:
    """A copay, coinsurance, deductible or out-of-pocket figure for one kind of service."""

    service_type_code: str
    in_network: bool | None
    coverage_level_code: str | None
    period: str | None
    amount: Decimal | None = None
    percent: Decimal | None = None
    remaining: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class OtherPayer:
    """Another payer the 271 names: evidence of other coverage, never proof of the order."""

    name: str | None
    payer_id: str | None
    stated_rank: str | None
    insurance_type_code: str | None
    member_id: str | None = field(default=None, repr=False)
    from_date: date | None = None
    to_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class EligibilityResult:
    """The answer of one or two 271s for the requested date, in the words a front desk uses."""

    outcome: CheckOutcome
    what_to_do: str
    active: bool | None
    plan_name: str | None = None
    copayments: tuple[CostShare, ...] = ()
    coinsurances: tuple[CostShare, ...] = ()
    deductibles: tuple[CostShare, ...] = ()
    out_of_pocket: tuple[CostShare, ...] = ()
    other_payers: tuple[OtherPayer, ...] = ()
    carve_outs: tuple[OtherPayer, ...] = ()
    rejection_codes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EligibilityCheck:
    """One question about one coverage on one date, and what became of it."""

    id: UUID
    patient_id: UUID
    coverage_id: UUID
    service_date: date
    status: CheckStatus
    requested_by: str
    created_at: datetime
    updated_at: datetime
    provider_id: UUID | None = None
    """Who asks; None: the practice itself, under its own NPI."""
    answered_at: datetime | None = None
    result: EligibilityResult | None = field(default=None, repr=False)
    version: int = 1
