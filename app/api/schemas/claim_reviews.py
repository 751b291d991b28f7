"""The review of a claim on the wire. Pointers of its findings are into this very document."""

from typing import ClassVar, Self

from pydantic import Field

from app.api.schemas.adjudications import AdjudicationFacts, adjudication_members
from app.api.schemas.balances import BalanceAnswer
from app.api.schemas.base import FindingSchema, Identifier, Money, Schema, SignedMoney
from app.api.schemas.claims import ClaimAnswer
from app.api.schemas.decisions import (
    AdjustmentAnswer,
    AssumptionAnswer,
    LineDecisionAnswer,
    decision_members,
)
from app.api.schemas.repairs import RepairAnswer
from app.domain.adjudications import Adjudication
from app.domain.codes import PayerResponsibility
from app.domain.payers import Payer
from app.use_cases.claim_reviews import PriorPayerReview, Review


class ReviewedPayer(Schema):
    id: Identifier
    name: str = Field(description="2330B NM103.")
    electronic_id: str = Field(description="2330B NM109 and SVD01.")

    @classmethod
    def from_domain(cls, payer: Payer) -> Self:
        return cls.of(id=payer.id, name=payer.name, electronic_id=payer.electronic_id)


class ReviewedAdjudication(AdjudicationFacts):
    """The current version and what was decided by it, as the claim carries it."""

    paid: SignedMoney = Field(description="2320 AMT*D: US dollars and cents.")
    adjustments: list[AdjustmentAnswer] = Field(description="CAS of 2320.")
    remark_codes: list[str] = Field(description="MOA03 to 07.")
    remaining_liability: SignedMoney | None = Field(
        description="AMT*EAF of 2320; null when it is the patient's responsibility."
    )
    lines: list[LineDecisionAnswer] = Field(description="2430; empty when the payer decided at claim level only.")
    was_forwarded: bool

    @classmethod
    def from_domain(cls, adjudication: Adjudication | None) -> Self | None:
        if adjudication is None:
            return None
        return cls.of(**adjudication_members(adjudication), **decision_members(adjudication.decision))


class PriorPayerAnswer(Schema):
    """A payer ahead in the order of benefits: loops 2320, 2330 and 2430."""

    payer: ReviewedPayer
    rank: PayerResponsibility = Field(description="2320 SBR01.")
    claim_id: Identifier | None = Field(description="The claim to that payer; null when it was not billed.")
    adjudication: ReviewedAdjudication | None = Field(description="Null as long as the payer has not decided.")
    assumptions: list[AssumptionAnswer] = Field(description="Every default that was taken in its decision.")
    balance: BalanceAnswer | None

    @classmethod
    def from_review(cls, prior: PriorPayerReview, position: int) -> Self:
        adjudication = prior.adjudication
        assumptions = () if adjudication is None else adjudication.decision.assumptions
        place = f"/prior_payers/{position}/adjudication"
        return cls.of(
            payer=ReviewedPayer.from_domain(prior.payer),
            rank=prior.rank,
            claim_id=None if prior.claim is None else prior.claim.id,
            adjudication=ReviewedAdjudication.from_domain(adjudication),
            assumptions=[AssumptionAnswer.from_domain(one, place) for one in assumptions],
            balance=None if prior.balance is None else BalanceAnswer.from_domain(prior.balance),
        )


class ReviewAnswer(Schema):
    """What would be sent now, and all that is known to be wrong with it."""

    has_etag: ClassVar[bool] = True  # the claim's

    claim: ClaimAnswer
    findings: list[FindingSchema]
    prior_payers: list[PriorPayerAnswer] = Field(description="The payers ahead, in the order of benefits.")
    amount_asked: Money = Field(
        description="What is left to this payer, for display: the claim itself says the whole charge (CLM02)."
    )
    repairs: list[RepairAnswer]
    x12: str | None = Field(
        description="The 837P as it would be written; null when it cannot be, as when a decision of a payer ahead does not balance."
    )
    submittable: bool = Field(description="It has no error, and it is a draft or was rejected.")

    @classmethod
    def from_review(cls, review: Review) -> Self:
        return cls.of(
            claim=ClaimAnswer.from_domain(review.claim),
            findings=[FindingSchema.from_domain(finding) for finding in review.findings],
            prior_payers=[
                PriorPayerAnswer.from_review(prior, position) for position, prior in enumerate(review.prior_payers)
            ],
            amount_asked=review.amount_asked,
            repairs=[RepairAnswer.from_offer(offered) for offered in review.repairs],
            x12=review.x12,
            submittable=review.is_submittable,
        )
