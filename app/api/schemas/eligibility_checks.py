"""Eligibility checks on the wire: what the payer's 271 said, in the words a front desk uses."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Date, FindingSchema, Identifier, Money, Schema, Timestamp
from app.domain.eligibility import CheckOutcome, CheckStatus, CostShare, EligibilityResult, OtherPayer
from app.use_cases.eligibility_requests import CheckView

Percent = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$", description="A fraction: 0.2 is 20 %.")]


class NewEligibilityCheck(Schema):
    service_date: Date | None = Field(default=None, description="DTP*291; today at the practice when absent.")
    provider_id: Identifier | None = Field(default=None, description="2100B; the practice itself when absent.")


class CostShareAnswer(Schema):
    """What the patient pays for a kind of service."""

    service_type_code: str = Field(description="EB03: 30 is the plan, MH mental health.")
    in_network: bool | None = Field(description="EB12; null when the payer does not tell them apart.")
    coverage_level_code: str | None = Field(description="EB02: IND, FAM ...")
    period: str | None = Field(description="EB06 in a word.")
    amount: Money | None
    percent: Percent | None
    remaining: Money | None

    @classmethod
    def from_domain(cls, share: CostShare) -> "CostShareAnswer":
        return cls(
            service_type_code=share.service_type_code,
            in_network=share.in_network,
            coverage_level_code=share.coverage_level_code,
            period=share.period,
            amount=_cents(share.amount),
            percent=None if share.percent is None else format(share.percent.normalize(), "f"),
            remaining=_cents(share.remaining),
        )


class OtherPayerAnswer(Schema):
    """Another payer the answer names: evidence of other coverage, never proof of the order."""

    name: str | None
    payer_id: str | None = Field(description="The id as the payer states it.")
    stated_rank: str | None
    insurance_type_code: str | None
    member_id: str | None
    from_date: Date | None
    to_date: Date | None

    @classmethod
    def from_domain(cls, payer: OtherPayer) -> "OtherPayerAnswer":
        return cls(
            name=payer.name,
            payer_id=payer.payer_id,
            stated_rank=payer.stated_rank,
            insurance_type_code=payer.insurance_type_code,
            member_id=payer.member_id,
            from_date=payer.from_date,
            to_date=payer.to_date,
        )


class EligibilityResultAnswer(Schema):
    what_to_do: str
    active: bool | None = Field(description="On the service date; null when the answer does not say.")
    plan_name: str | None
    copayments: list[CostShareAnswer]
    coinsurances: list[CostShareAnswer]
    deductibles: list[CostShareAnswer]
    out_of_pocket: list[CostShareAnswer]
    other_payers: list[OtherPayerAnswer]
    carve_outs: list[OtherPayerAnswer] = Field(description="Who pays for mental health instead of this plan.")
    rejection_codes: list[str] = Field(description="AAA03 codes of the payer.")
    findings: list[FindingSchema]

    @classmethod
    def from_domain(cls, result: EligibilityResult) -> "EligibilityResultAnswer":
        return cls(
            what_to_do=result.what_to_do,
            active=result.active,
            plan_name=result.plan_name,
            copayments=[CostShareAnswer.from_domain(share) for share in result.copayments],
            coinsurances=[CostShareAnswer.from_domain(share) for share in result.coinsurances],
            deductibles=[CostShareAnswer.from_domain(share) for share in result.deductibles],
            out_of_pocket=[CostShareAnswer.from_domain(share) for share in result.out_of_pocket],
            other_payers=[OtherPayerAnswer.from_domain(payer) for payer in result.other_payers],
            carve_outs=[OtherPayerAnswer.from_domain(payer) for payer in result.carve_outs],
            rejection_codes=list(result.rejection_codes),
            findings=[FindingSchema.from_domain(finding) for finding in result.findings],
        )


class EligibilityCheckAnswer(Schema):
    id: Identifier
    patient_id: Identifier
    coverage_id: Identifier
    provider_id: Identifier | None
    service_date: Date
    status: CheckStatus
    outcome: CheckOutcome | None
    result: EligibilityResultAnswer | None = Field(description="Null until answered, and always for a patient.")
    created_at: Timestamp
    answered_at: Timestamp | None

    @classmethod
    def from_view(cls, view: CheckView) -> "EligibilityCheckAnswer":
        check, result = view.check, view.check.result
        return cls(
            id=check.id,
            patient_id=check.patient_id,
            coverage_id=check.coverage_id,
            provider_id=check.provider_id,
            service_date=check.service_date,
            status=check.status,
            outcome=None if result is None else result.outcome,
            result=None if result is None or view.outcome_only else EligibilityResultAnswer.from_domain(result),
            created_at=check.created_at,
            answered_at=check.answered_at,
        )


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(Decimal("0.01"))
