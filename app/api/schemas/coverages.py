"""Coverages on the wire: the same fields for every rank and for every way in."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.schemas.base import Date, FindingSchema, Format, Identifier, Patch, Schema, Text, Timestamp, absent
from app.api.schemas.parties import AddressFields, AddressPatch, PersonFields, PersonPatch
from app.domain.codes import (
    CLAIM_FILING_CODES,
    MEDICARE_SECONDARY_CODES,
    BenefitClass,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
)
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import (
    Coverage,
    CoverageSource,
    CoverageStatus,
    MemberIdOwner,
    TerminationReason,
    Verification,
    VerificationEvidence,
)
from app.domain.findings import Finding
from app.use_cases.coverages import CoverageView

MemberId = Annotated[
    str,
    Format(
        code="member_id_format",
        message="A member id has 2 to 80 characters: A-Z, 0-9, space and punctuation, without * : ~ ^ | > .",
        pattern=r"^[A-Z0-9][A-Z0-9 !\"&'()+,\-./;?=]{0,78}[A-Z0-9]$",
        examples=("MLK123456",),
    ),
    Field(description="2010BA or 2330A NM109, of the X12 basic set. Original Medicare: the MBI, no dashes."),
]
GroupNumber = Annotated[str, Text(1, 50), Field(description="SBR03.")]
GroupName = Annotated[str, Text(1, 60), Field(description="SBR04.")]
PlanName = Annotated[str, Text(1, 60)]
InsuranceTypeCode = Annotated[
    str,
    Format(
        code="insurance_type_code",
        message="This is no reason for which Medicare is not primary.",
        pattern=f"^({'|'.join(sorted(MEDICARE_SECONDARY_CODES))})$",
    ),
    Field(description="SBR05: why Original Medicare is not primary; required exactly then."),
]
ClaimFilingCode = Annotated[
    str,
    Format(
        code="claim_filing_code",
        message="This is no claim filing indicator.",
        pattern=f"^({'|'.join(sorted(CLAIM_FILING_CODES))})$",
    ),
    Field(description="SBR09, when it differs from the payer's."),
]


_SUBSCRIBER_UNLESS_SELF: JsonDict = {
    "anyOf": [
        {
            "properties": {
                "relationship": {"const": "self"},
                "member_id_belongs_to": {"const": "patient"},
                "subscriber": {"type": "null"},
            },
        },
        {
            "properties": {
                "relationship": {"enum": [word.value for word in Relationship if word is not Relationship.SELF]},
                "subscriber": {
                    "type": "object",
                    "properties": {"address": {"type": "object"}},
                    "required": ["address"],
                },
            },
            "required": ["subscriber"],
        },
    ]
}
"""Whoever is not the patient is described, with an address; when it is the patient, the member id is the patient's."""


class CoverageFields(Schema):
    """What a person says about a policy."""

    model_config = ConfigDict(json_schema_extra=_SUBSCRIBER_UNLESS_SELF)

    benefit_class: BenefitClass = BenefitClass.ALL
    wished_rank: PayerResponsibility = Field(
        description="The place in the order of benefits asked for; held only once the coverage is verified. SBR01."
    )
    insurance_type_code: InsuranceTypeCode | None = None
    member_id: MemberId
    member_id_belongs_to: MemberIdOwner = Field(
        description="`patient` when the plan gave the patient this number: the patient is then sent as subscriber."
    )
    group_number: GroupNumber | None = None
    group_name: GroupName | None = None
    plan_name: PlanName | None = None
    relationship: Relationship = Field(description="Of the patient to the subscriber; PAT01, 2320 SBR02.")
    subscriber: PersonFields | None = Field(default=None, description="Required unless the patient is the subscriber.")
    effective_from: Date | None = Field(default=None, description="First day; null when unknown.")
    effective_to: Date | None = Field(default=None, description="Last day; null while it goes on.")
    claim_filing_code: ClaimFilingCode | None = None
    benefits_assigned: BenefitsAssigned | None = Field(default=None, description="CLM08, OI03; nothing is assumed.")
    payer_address: AddressFields | None = Field(default=None, description="2010BB N3, N4, from the card.")

    @classmethod
    def from_domain(cls, coverage: Coverage) -> "CoverageFields":
        return cls.of(**_fields(coverage))

    def revise(self, coverage: Coverage) -> Coverage:
        return self._coverage(
            coverage_id=coverage.id,
            patient_id=coverage.patient_id,
            payer_id=coverage.payer_id,
            now=coverage.created_at,
            kept=coverage,
        )

    def _coverage(
        self, *, coverage_id: UUID, patient_id: UUID, payer_id: UUID, now: datetime, kept: Coverage | None = None
    ) -> Coverage:
        return Coverage(
            id=coverage_id,
            patient_id=patient_id,
            payer_id=payer_id,
            status=kept.status if kept else CoverageStatus.UNVERIFIED,
            source=kept.source if kept else CoverageSource.STAFF,
            benefit_class=self.benefit_class,
            wished_rank=self.wished_rank,
            insurance_type_code=self.insurance_type_code,
            member_id=self.member_id,
            member_id_belongs_to=self.member_id_belongs_to,
            group_number=self.group_number,
            group_name=self.group_name,
            plan_name=self.plan_name,
            relationship=self.relationship,
            subscriber=None if self.subscriber is None else self.subscriber.to_domain(),
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            claim_filing_code=self.claim_filing_code,
            benefits_assigned=self.benefits_assigned,
            payer_address=None if self.payer_address is None else self.payer_address.to_domain(),
            verification=kept.verification if kept else None,
            verified_at=kept.verified_at if kept else None,
            ranks=kept.ranks if kept else (),
            created_at=now,
            updated_at=now,
            version=kept.version if kept else 1,
        )


class NewCoverage(CoverageFields):
    """A policy to add; it starts unverified."""

    payer_id: Identifier

    def compose(self, patient_id: UUID) -> Callable[[UUID, datetime], Coverage]:
        return lambda new_id, now: self._coverage(
            coverage_id=new_id, patient_id=patient_id, payer_id=self.payer_id, now=now
        )


class CoveragePatch(Patch):
    benefit_class: BenefitClass = absent()
    wished_rank: PayerResponsibility = absent()
    insurance_type_code: InsuranceTypeCode | None = absent()
    member_id: MemberId = absent()
    member_id_belongs_to: MemberIdOwner = absent()
    group_number: GroupNumber | None = absent()
    group_name: GroupName | None = absent()
    plan_name: PlanName | None = absent()
    relationship: Relationship = absent()
    subscriber: PersonPatch | None = absent()
    effective_from: Date | None = absent()
    effective_to: Date | None = absent()
    claim_filing_code: ClaimFilingCode | None = absent()
    benefits_assigned: BenefitsAssigned | None = absent()
    payer_address: AddressPatch | None = absent()


class RankPeriod(Schema):
    """A place in the order of benefits over inclusive dates; null is open."""

    coverage_id: Identifier
    benefit_class: BenefitClass
    rank: PayerResponsibility
    insurance_type_code: InsuranceTypeCode | None
    effective_from: Date | None
    effective_to: Date | None

    @classmethod
    def from_domain(cls, row: CoverageRank) -> "RankPeriod":
        return cls.of(
            coverage_id=row.coverage_id,
            benefit_class=row.benefit_class,
            rank=row.rank,
            insurance_type_code=row.insurance_type_code,
            effective_from=row.from_date,
            effective_to=row.to_date,
        )


@lru_cache(maxsize=64)
def _shown(finding: Finding) -> FindingSchema:
    """What is found about coverages is a handful of constants, and a list shows the same one 50 times."""
    return FindingSchema.from_domain(finding)


class CoverageAnswer(CoverageFields):
    id: Identifier
    patient_id: Identifier
    payer_id: Identifier
    status: CoverageStatus = Field(description="Only `verified` holds a rank and can be billed.")
    source: CoverageSource
    ranks: list[RankPeriod] = Field(description="The periods in which the coverage holds a place in the order.")
    verification: Verification | None
    verified_at: Timestamp | None
    findings: list[FindingSchema] = Field(description="What stands in the way of billing, and warnings.")
    created_at: Timestamp
    updated_at: Timestamp
    version: int = Field(ge=1, description="The ETag's number.")

    @classmethod
    def from_view(cls, view: CoverageView) -> "CoverageAnswer":
        coverage = view.coverage
        return cls.made(
            {
                **_fields(coverage),
                "id": coverage.id,
                "patient_id": coverage.patient_id,
                "payer_id": coverage.payer_id,
                "status": coverage.status,
                "source": coverage.source,
                "ranks": [RankPeriod.from_domain(row) for row in coverage.ranks],
                "verification": coverage.verification,
                "verified_at": coverage.verified_at,
                "findings": [_shown(finding) for finding in view.findings],
                "created_at": coverage.created_at,
                "updated_at": coverage.updated_at,
                "version": coverage.version,
            }
        )


class CoverageVerification(Schema):
    """A person's word on an unverified coverage."""

    outcome: Literal["verified", "rejected"]
    evidence: VerificationEvidence = Field(description="What the word rests on.")


class CoverageTermination(Schema):
    """The last day of a verified coverage; an unverified one is withdrawn."""

    effective_to: Date
    reason: TerminationReason


def _fields(coverage: Coverage) -> dict[str, Any]:
    """The members of `CoverageFields`."""
    return {
        "benefit_class": coverage.benefit_class,
        "wished_rank": coverage.wished_rank,
        "insurance_type_code": coverage.insurance_type_code,
        "member_id": coverage.member_id,
        "member_id_belongs_to": coverage.member_id_belongs_to,
        "group_number": coverage.group_number,
        "group_name": coverage.group_name,
        "plan_name": coverage.plan_name,
        "relationship": coverage.relationship,
        "subscriber": PersonFields.from_domain(coverage.subscriber),
        "effective_from": coverage.effective_from,
        "effective_to": coverage.effective_to,
        "claim_filing_code": coverage.claim_filing_code,
        "benefits_assigned": coverage.benefits_assigned,
        "payer_address": AddressFields.from_domain(coverage.payer_address),
    }
