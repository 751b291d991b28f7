"""Coverages: a policy that may pay for a patient's care, and the rules each must keep (domain rules A1 to A7)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.domain.codes import BenefitClass, BenefitsAssigned, PayerResponsibility, Relationship
from app.domain.coverage_ranks import CoverageRank
from app.domain.findings import Finding, Severity
from app.domain.identifiers import compact, is_mbi, is_member_id
from app.domain.parties import Address, Person
from app.domain.patients import EARLIEST_BIRTH_DATE


class CoverageStatus(StrEnum):
    """Only `verified` occupies a rank and can be billed."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class CoverageSource(StrEnum):
    STAFF = "staff"
    PATIENT = "patient"


class MemberIdOwner(StrEnum):
    """Whose number the member id is: a patient with an own id is sent as subscriber (domain rule A7)."""

    SUBSCRIBER = "subscriber"
    PATIENT = "patient"


class Verification(StrEnum):
    ELIGIBILITY_CHECK = "eligibility_check"
    STAFF = "staff"


class VerificationEvidence(StrEnum):
    """What a person looked at when confirming or rejecting a coverage."""

    CARD_SEEN = "card_seen"
    PAYER_CALLED = "payer_called"
    PAYER_PORTAL = "payer_portal"
    ELIGIBILITY_ANSWER = "eligibility_answer"


class TerminationReason(StrEnum):
    COVERAGE_ENDED = "coverage_ended"
    PLAN_CHANGED = "plan_changed"
    ENTERED_IN_ERROR = "entered_in_error"
    PATIENT_REQUEST = "patient_request"


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """One policy of one patient. Periods are inclusive dates; None is open.

    `wished_rank` is what the person who added it asked for; `ranks` are the periods it really holds a rank in.
    `insurance_type_code` (SBR05) goes with the wished rank. `subscriber` is None exactly when the patient is it.
    """

    id: UUID
    patient_id: UUID
    payer_id: UUID
    status: CoverageStatus
    source: CoverageSource
    benefit_class: BenefitClass
    wished_rank: PayerResponsibility
    insurance_type_code: str | None = None
    member_id: str = field(repr=False)
    member_id_belongs_to: MemberIdOwner
    group_number: str | None = field(default=None, repr=False)
    group_name: str | None = field(default=None, repr=False)
    plan_name: str | None = field(default=None, repr=False)
    relationship: Relationship
    subscriber: Person | None = field(default=None, repr=False)
    effective_from: date | None = None
    effective_to: date | None = None
    claim_filing_code: str | None = None
    benefits_assigned: BenefitsAssigned | None = None
    payer_address: Address | None = field(default=None, repr=False)
    verification: Verification | None = None
    verified_at: datetime | None = None
    ranks: tuple[CoverageRank, ...] = ()
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def is_live(self) -> bool:
        """Counts for duplicates: not rejected, not withdrawn."""
        return self.status in {CoverageStatus.UNVERIFIED, CoverageStatus.VERIFIED}

    def is_active_on(self, day: date) -> bool:
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)


PATIENT_COVERAGES_A_DAY = 5
"""How many of their own additions a patient may have waiting, counted over 24 hours (domain rule A5)."""


def check_coverage(coverage: Coverage, *, is_original_medicare: bool, today: date) -> tuple[Finding, ...]:
    """What is wrong with a coverage by itself: the same for every rank and for every way in (domain rule A1)."""
    return (
        *_check_member_id(coverage, is_original_medicare=is_original_medicare),
        *_check_subscriber(coverage, is_original_medicare=is_original_medicare, today=today),
        *_check_period(coverage),
        *check_insurance_type(
            coverage.insurance_type_code,
            rank=coverage.wished_rank,
            is_original_medicare=is_original_medicare,
            pointer="/insurance_type_code",
        ),
    )


def check_insurance_type(
    code: str | None, *, rank: PayerResponsibility, is_original_medicare: bool, pointer: str
) -> tuple[Finding, ...]:
    """SBR05 is required exactly when Original Medicare is not primary, and refused otherwise (domain rule A1)."""
    wanted = is_original_medicare and rank is not PayerResponsibility.PRIMARY
    if wanted and code is None:
        return (
            Finding(
                code="insurance_type_required",
                message="Medicare after another payer needs the reason it is not primary.",
                pointer=pointer,
                location="2000B SBR05",
            ),
        )
    if code is not None and not wanted:
        return (
            Finding(
                code="insurance_type_refused",
                message="Only Original Medicare that is not primary carries an insurance type code.",
                pointer=pointer,
                location="2000B SBR05",
            ),
        )
    return ()


_BENEFITS_ASSIGNED_MISSING = Finding(
    code="benefits_assigned_missing",
    message="Whether benefits are assigned is not recorded.",
    severity=Severity.WARNING,
    pointer="/benefits_assigned",
    location="2300 CLM08",
)
_UNVERIFIED = Finding(
    code="coverage_unverified",
    message="Not billable until an eligibility check or staff confirm it.",
    severity=Severity.WARNING,
    pointer="/status",
)


def coverage_findings(coverage: Coverage) -> tuple[Finding, ...]:
    """What a claim would lack. Nothing defaults to yes silently (domain rule A2)."""
    findings: list[Finding] = []
    if coverage.is_live and coverage.benefits_assigned is None:
        findings.append(_BENEFITS_ASSIGNED_MISSING)
    if coverage.status is CoverageStatus.UNVERIFIED:
        findings.append(_UNVERIFIED)
    return tuple(findings)


def same_policy(one: Coverage, other: Coverage) -> bool:
    """The same payer and member id in overlapping periods: it cannot hold two ranks (domain rule A1)."""
    return (
        one.id != other.id
        and one.is_live
        and other.is_live
        and one.payer_id == other.payer_id
        and compact(one.member_id) == compact(other.member_id)
        and (one.effective_from or date.min) <= (other.effective_to or date.max)
        and (other.effective_from or date.min) <= (one.effective_to or date.max)
    )


def _check_member_id(coverage: Coverage, *, is_original_medicare: bool) -> tuple[Finding, ...]:
    if is_original_medicare and not is_mbi(coverage.member_id):
        return (
            Finding(
                code="member_id_mbi",
                message="Original Medicare's member id is the Medicare Beneficiary Identifier: 11 characters, no dashes.",
                pointer="/member_id",
                location="2010BA NM109",
            ),
        )
    if not is_member_id(coverage.member_id):
        return (
            Finding(
                code="member_id_format",
                message="A member id has 2 to 80 characters: A-Z, 0-9, space and punctuation, without * : ~ ^ | > .",
                pointer="/member_id",
                location="2010BA NM109",
            ),
        )
    return ()


def _check_subscriber(coverage: Coverage, *, is_original_medicare: bool, today: date) -> tuple[Finding, ...]:
    is_self = coverage.relationship is Relationship.SELF
    findings: list[Finding] = []
    if is_original_medicare and not is_self:
        findings.append(
            Finding(
                code="relationship_medicare",
                message="A Medicare beneficiary is always the subscriber.",
                pointer="/relationship",
                location="2000B SBR02",
            )
        )
    if is_self and coverage.subscriber is not None:
        findings.append(
            Finding(code="subscriber_refused", message="The patient is the subscriber.", pointer="/subscriber")
        )
    if not is_self and coverage.subscriber is None:
        findings.append(
            Finding(
                code="subscriber_required",
                message="Name, birth date, sex and address of the subscriber are required unless it is the patient.",
                pointer="/subscriber",
                location="2010BA",
            )
        )
    if is_self and coverage.member_id_belongs_to is not MemberIdOwner.PATIENT:
        findings.append(
            Finding(
                code="member_id_owner",
                message="When the patient is the subscriber the member id is the patient's.",
                pointer="/member_id_belongs_to",
            )
        )
    subscriber = coverage.subscriber
    if subscriber is not None:
        if subscriber.address is None:
            findings.append(
                Finding(
                    code="missing",
                    message="The subscriber's address is required.",
                    pointer="/subscriber/address",
                    location="2010BA N3",
                )
            )
        if not EARLIEST_BIRTH_DATE <= subscriber.birth_date <= today:
            findings.append(
                Finding(
                    code="birth_date_range",
                    message="The birth date is in the future or before 1890.",
                    pointer="/subscriber/birth_date",
                    location="2010BA DMG02",
                )
            )
    return tuple(findings)


def _check_period(coverage: Coverage) -> tuple[Finding, ...]:
    if coverage.effective_from and coverage.effective_to and coverage.effective_to < coverage.effective_from:
        return (Finding(code="period_order", message="The coverage ends before it begins.", pointer="/effective_to"),)
    return ()
