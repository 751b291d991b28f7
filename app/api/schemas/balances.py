"""The balance table on the wire: one payer's decision, added up by line and for the claim."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Identifier, Money, Schema, SignedMoney
from app.domain.balance import BalanceTable, ClaimBalance, LineBalance


class LineBalanceAnswer(Schema):
    line_number: int = Field(ge=1, description="LX: the line's place in the claim that was decided.")
    line_id: Identifier
    is_decided: bool
    charge: Money = Field(description="SV102.")
    paid: SignedMoney = Field(description="The sum of SVD02.")
    adjustments: SignedMoney = Field(description="The sum of the CAS in 2430.")
    patient_responsibility: SignedMoney = Field(description="Those of them under PR.")
    remaining_liability: SignedMoney = Field(description="AMT*EAF.")
    difference: SignedMoney = Field(
        description="What is left of the charge unexplained; below zero when paid and adjustments are more than it."
    )

    @classmethod
    def from_domain(cls, line: LineBalance) -> Self:
        return cls.of(
            line_number=line.number,
            line_id=line.line_id,
            is_decided=line.is_decided,
            charge=line.charge,
            paid=line.paid,
            adjustments=line.adjustments,
            patient_responsibility=line.patient_responsibility,
            remaining_liability=line.remaining_liability,
            difference=line.difference,
        )


class ClaimBalanceAnswer(Schema):
    charge: Money = Field(description="CLM02.")
    paid: SignedMoney = Field(description="AMT*D.")
    adjustments: SignedMoney = Field(description="The sum of the CAS in 2320.")
    lines_paid: SignedMoney = Field(description="The sum of SVD02 over all lines.")
    line_adjustments: SignedMoney = Field(description="The sum of the CAS in 2430 over all lines.")
    patient_responsibility: SignedMoney = Field(description="Adjustments under PR, at both levels.")
    remaining_liability: SignedMoney = Field(description="AMT*EAF.")
    difference: SignedMoney = Field(description="What is left of the charge unexplained.")
    paid_difference: SignedMoney = Field(
        description="How much the lines' payments, less the adjustments at claim level, are more than AMT*D."
    )

    @classmethod
    def from_domain(cls, claim: ClaimBalance) -> Self:
        return cls.of(
            charge=claim.charge,
            paid=claim.paid,
            adjustments=claim.adjustments,
            lines_paid=claim.lines_paid,
            line_adjustments=claim.line_adjustments,
            patient_responsibility=claim.patient_responsibility,
            remaining_liability=claim.remaining_liability,
            difference=claim.difference,
            paid_difference=claim.paid_difference,
        )


class BalanceAnswer(Schema):
    """Paid and adjustments against the charge, to the cent."""

    is_balanced: bool
    lines: list[LineBalanceAnswer] = Field(description="Empty when the payer decided at claim level only.")
    claim: ClaimBalanceAnswer

    @classmethod
    def from_domain(cls, table: BalanceTable) -> Self:
        return cls.of(
            is_balanced=table.is_balanced,
            lines=[LineBalanceAnswer.from_domain(line) for line in table.lines],
            claim=ClaimBalanceAnswer.from_domain(table.claim),
        )
