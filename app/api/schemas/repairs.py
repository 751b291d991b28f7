"""Repairs on the wire: each with its cents before and after."""

from typing import Annotated, Self

from pydantic import Field

from app.api.schemas.base import Identifier, Schema, SignedMoney
from app.domain.repairs import RepairAmounts, RepairKind
from app.domain.review_pointers import as_shown
from app.use_cases.claim_reviews import OfferedRepair, Review


class RepairAmountsAnswer(Schema):
    """Of the line that is repaired, or of the claim level."""

    paid: SignedMoney
    adjustments: SignedMoney
    difference: Annotated[SignedMoney, Field(description="What is left unexplained. US dollars and cents.")]

    @classmethod
    def from_domain(cls, amounts: RepairAmounts) -> Self:
        return cls.of(paid=amounts.paid, adjustments=amounts.adjustments, difference=amounts.difference)


class RepairAnswer(Schema):
    """One way to settle one finding. Nothing is changed until it is applied."""

    id: str = Field(pattern="^[0-9a-f]{32}$", description="Of finding and effect: a repair of another state is gone.")
    kind: RepairKind
    title: str
    finding_code: str = Field(description="The finding that it settles.")
    pointer: str = Field(description="Where that finding is: JSON pointer into the review.")
    prior_payer: int = Field(ge=0, description="Whose decision it changes: the position in the review's prior payers.")
    claim_id: Identifier = Field(description="The claim whose adjudication gets a new version.")
    line_number: int | None = Field(description="LX of the line; null for the claim level.")
    before: RepairAmountsAnswer
    after: RepairAmountsAnswer

    @classmethod
    def from_offer(cls, offered: OfferedRepair) -> Self:
        repair = offered.repair
        return cls.of(
            id=repair.id,
            kind=repair.kind,
            title=repair.title,
            finding_code=repair.finding_code,
            pointer=as_shown(f"/prior_payers/{offered.position}/adjudication{repair.pointer}"),
            prior_payer=offered.position,
            claim_id=None if offered.prior.claim is None else offered.prior.claim.id,
            line_number=repair.line_number,
            before=RepairAmountsAnswer.from_domain(repair.before),
            after=RepairAmountsAnswer.from_domain(repair.after),
        )


class RepairList(Schema):
    data: list[RepairAnswer]

    @classmethod
    def from_review(cls, review: Review) -> Self:
        return cls.of(data=[RepairAnswer.from_offer(offered) for offered in review.repairs])
