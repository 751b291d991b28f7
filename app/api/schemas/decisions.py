"""A payer's decision on the wire: three totals of an explanation of benefits, or everything, line by line."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field

from app.api.schemas.base import Date, Format, Identifier, Money, Schema, SignedMoney
from app.api.schemas.service_lines import Modifiers, units_text
from app.domain.adjudication_checks import MOST_CLAIM_REMARKS, MOST_LINE_REMARKS, MOST_SERVICES
from app.domain.adjudication_forms import ShortForm
from app.domain.adjudications import Adjustment, AdjustmentGroup, Assumption, Decision, LineDecision
from app.domain.adjustments import MOST_REASONS
from app.domain.service_lines import MOST_LINES

ReasonCode = Annotated[
    str,
    Format(
        code="reason_code_format",
        message="A reason code (CARC) has 1 to 5 letters and digits.",
        pattern="^[A-Z0-9]{1,5}$",
        examples=("45",),
    ),
    Field(description="CAS02: a claim adjustment reason code (CARC)."),
]
RemarkCode = Annotated[
    str,
    Format(
        code="remark_code_format",
        message="A remark code (RARC) has one or two letters and up to four digits.",
        pattern="^[A-Z]{1,2}[0-9]{1,4}$",
        examples=("MA18",),
    ),
]
AdjudicatedProcedure = Annotated[
    str,
    Format(
        code="procedure_code_format",
        message="A procedure code has five letters and digits.",
        pattern="^[A-Z0-9]{5}$",
        examples=("90834",),
    ),
]
Quantity = Annotated[
    str,
    Format(
        code="quantity_format",
        message="A quantity is a decimal text: up to five digits and three decimals, no zeros at the ends.",
        pattern=r"^-?([1-9][0-9]{0,4}(\.[0-9]{0,2}[1-9])?|0\.[0-9]{0,2}[1-9])$",
        examples=("1",),
    ),
    Field(description="CAS04: how many units were adjusted."),
]
AdjudicatedUnits = Annotated[
    str,
    Format(
        code="units_format",
        message="Units are a decimal text from zero: up to five digits and three decimals, no zeros at the ends.",
        pattern=r"^(0|[1-9][0-9]{0,4}(\.[0-9]{0,2}[1-9])?|0\.[0-9]{0,2}[1-9])$",
        examples=("1",),
    ),
    Field(description="SVD05: the units that were adjudicated."),
]
PayerClaimNumber = Annotated[
    str,
    Format(
        code="payer_claim_number_format",
        message="A payer's claim number has 1 to 50 characters: A-Z, 0-9, space and punctuation.",
        pattern=r"^[A-Z0-9]([A-Z0-9 !\"&'()+,\-./;?=]{0,48}[A-Z0-9])?$",
    ),
    Field(description="2330B REF*F8: the payer's own number of the claim (ICN)."),
]
Amount = Annotated[Money, Field(description="US dollars and cents.")]
_MOST_ADJUSTMENTS = MOST_REASONS * len(AdjustmentGroup)


class TotalsFields(Schema):
    """The short form. Nothing in it is spread by guess; every default that is taken stands in `assumptions`."""

    paid: Money = Field(description="2320 AMT*D: what the payer paid. US dollars and cents.")
    adjustments: Money = Field(
        description="What the payer took off, without the patient's responsibility and without what earlier payers did."
    )
    patient_responsibility: Money = Field(
        description="What the payer left to the patient: the PR adjustments, and AMT*EAF."
    )
    deductible: Amount | None = Field(default=None, description="PR-1, a part of the patient's responsibility.")
    coinsurance: Amount | None = Field(default=None, description="PR-2, a part of the patient's responsibility.")
    copay: Amount | None = Field(default=None, description="PR-3, a part of the patient's responsibility.")
    adjustment_group: AdjustmentGroup | None = Field(
        default=None,
        description="CAS01 of `adjustments`. Without it they are CO-45, if this payer was first and in network.",
    )
    adjustment_reason_code: ReasonCode | None = Field(default=None, description="CAS02 of `adjustments`.")
    denial_group: AdjustmentGroup | None = Field(
        default=None, description="CAS01 of a denial; required when nothing was paid and nothing left to the patient."
    )
    denial_reason_code: ReasonCode | None = Field(default=None, description="CAS02 of a denial.")
    earlier_payers_effect: Amount | None = Field(
        default=None, description="OA-23: what earlier payers paid and took off. Required of every payer but the first."
    )


class AdjustmentFields(Schema):
    """One triplet of a CAS."""

    group: AdjustmentGroup = Field(description="CAS01.")
    reason_code: ReasonCode | None = Field(
        default=None, description="CAS02 (CARC). Only patient responsibility may wait for it; it is not sent so."
    )
    amount: SignedMoney = Field(description="CAS03: US dollars and cents, below zero too, never zero.")
    quantity: Quantity | None = None

    def to_domain(self) -> Adjustment:
        return Adjustment(
            group=self.group,
            reason_code=self.reason_code,
            amount=self.amount,
            quantity=None if self.quantity is None else Decimal(self.quantity),
        )


Adjustments = Annotated[list[AdjustmentFields], Field(max_length=_MOST_ADJUSTMENTS)]


class LineDecisionFields(Schema):
    """One 2430 loop: what was decided on a billed line, or on a part of it when the payer took it apart."""

    line_id: Identifier = Field(description="The billed line's `id`.")
    paid: Money = Field(description="SVD02: US dollars and cents.")
    procedure_qualifier_code: Literal["ER", "HC", "IV", "WK"] = Field(
        default="HC", description="SVD03-1: the code set of `procedure_code`; HC is HCPCS."
    )
    procedure_code: AdjudicatedProcedure | None = Field(
        default=None, description="SVD03-2, when the payer decided on another procedure than was billed."
    )
    modifiers: Modifiers = Field(default=[], description="SVD03-3 to 6, together with `procedure_code`.")
    units: AdjudicatedUnits | None = Field(default=None, description="SVD05, when other than billed.")
    bundled_into_line_id: Identifier | None = Field(
        default=None, description="SVD06: the line whose payment covers this one, which then is paid 0.00."
    )
    adjustments: Adjustments = Field(default=[], description="CAS of 2430.")
    remark_codes: list[RemarkCode] = Field(default=[], max_length=MOST_LINE_REMARKS, description="RARCs of the line.")
    remaining_liability: Amount | None = Field(
        default=None, description="AMT*EAF of 2430; the patient's responsibility unless said."
    )

    def to_domain(self) -> LineDecision:
        return LineDecision(
            line_id=self.line_id,
            paid=self.paid,
            procedure_qualifier=self.procedure_qualifier_code,
            procedure_code=self.procedure_code,
            modifiers=tuple(self.modifiers),
            units=None if self.units is None else Decimal(self.units),
            bundled_into_line_id=self.bundled_into_line_id,
            adjustments=tuple(one.to_domain() for one in self.adjustments),
            remark_codes=tuple(self.remark_codes),
            remaining_liability=self.remaining_liability,
        )


class DecisionFields(Schema):
    """The full form. Money that stands on a line does not stand at claim level as well."""

    paid: Money = Field(description="2320 AMT*D: US dollars and cents.")
    adjustments: Adjustments = Field(default=[], description="CAS of 2320: what was adjusted for the claim as a whole.")
    remark_codes: list[RemarkCode] = Field(
        default=[], max_length=MOST_CLAIM_REMARKS, description="MOA03 to 07: RARCs of the claim."
    )
    remaining_liability: Amount | None = Field(
        default=None, description="AMT*EAF of 2320, when the patient's responsibility stands at claim level."
    )
    lines: list[LineDecisionFields] = Field(
        default=[], max_length=MOST_LINES * MOST_SERVICES, description="Empty when the payer decided no lines."
    )
    was_forwarded: bool = Field(
        default=False, description="The payer sent the claim on to the next one itself; MA18, N89 and MA07 say so too."
    )

    def to_domain(self, adjudication_date: Date, payer_claim_number: str | None) -> Decision:
        return Decision(
            adjudication_date=adjudication_date,
            paid=self.paid,
            adjustments=tuple(one.to_domain() for one in self.adjustments),
            remark_codes=tuple(self.remark_codes),
            remaining_liability=self.remaining_liability,
            payer_claim_number=payer_claim_number,
            lines=tuple(line.to_domain() for line in self.lines),
            was_forwarded=self.was_forwarded,
        )


class AdjustmentAnswer(Schema):
    """One triplet of a CAS, as it was entered or as the payer said it."""

    group: AdjustmentGroup = Field(description="CAS01.")
    reason_code: str | None = Field(description="CAS02 (CARC); null for patient responsibility nobody has split yet.")
    amount: SignedMoney = Field(description="CAS03: US dollars and cents.")
    quantity: str | None = Field(description="CAS04, as decimal text.")

    @classmethod
    def from_domain(cls, one: Adjustment) -> Self:
        quantity = None if one.quantity is None else units_text(one.quantity)
        return cls.of(group=one.group, reason_code=one.reason_code, amount=one.amount, quantity=quantity)


class LineDecisionAnswer(Schema):
    """One 2430 loop, as it was entered or as the payer said it."""

    line_id: Identifier
    paid: SignedMoney = Field(description="SVD02: US dollars and cents.")
    procedure_qualifier_code: str = Field(description="SVD03-1.")
    procedure_code: str | None = Field(description="SVD03-2; null when it was decided as billed.")
    modifiers: list[str] = Field(description="SVD03-3 to 6.")
    units: str | None = Field(description="SVD05, as decimal text; null when as billed.")
    bundled_into_line_id: Identifier | None = Field(description="SVD06.")
    adjustments: list[AdjustmentAnswer] = Field(description="CAS of 2430.")
    remark_codes: list[str]
    remaining_liability: SignedMoney | None = Field(
        description="AMT*EAF; null when it is the patient's responsibility."
    )

    @classmethod
    def from_domain(cls, one: LineDecision) -> Self:
        return cls.of(
            line_id=one.line_id,
            paid=one.paid,
            procedure_qualifier_code=one.procedure_qualifier,
            procedure_code=one.procedure_code,
            modifiers=list(one.modifiers),
            units=None if one.units is None else units_text(one.units),
            bundled_into_line_id=one.bundled_into_line_id,
            adjustments=[AdjustmentAnswer.from_domain(adjustment) for adjustment in one.adjustments],
            remark_codes=list(one.remark_codes),
            remaining_liability=one.remaining_liability,
        )


class DecisionAnswer(Schema):
    """A decision in full, whichever form it was entered in."""

    paid: SignedMoney = Field(description="2320 AMT*D: US dollars and cents.")
    adjustments: list[AdjustmentAnswer] = Field(description="CAS of 2320.")
    remark_codes: list[str] = Field(description="MOA03 to 07.")
    remaining_liability: SignedMoney | None = Field(
        description="AMT*EAF of 2320; null when it is the patient's responsibility."
    )
    lines: list[LineDecisionAnswer] = Field(description="Empty when the payer decided at claim level only.")
    was_forwarded: bool = Field(description="The payer sent the claim on to the next one itself.")

    @classmethod
    def from_domain(cls, decision: Decision) -> Self:
        return cls.of(**decision_members(decision))


class AssumptionAnswer(Schema):
    """A default that was taken because nothing else was said."""

    code: str = Field(description="Stable; expect new ones.")
    message: str
    pointer: str = Field(description="JSON pointer into this document.")

    @classmethod
    def from_domain(cls, assumption: Assumption, place: str) -> Self:
        """`place` is where the decision stands."""
        return cls.of(code=assumption.code, message=assumption.message, pointer=f"{place}{assumption.pointer}")


def decision_members(decision: Decision) -> dict[str, object]:
    return {
        "paid": decision.paid,
        "adjustments": [AdjustmentAnswer.from_domain(one) for one in decision.adjustments],
        "remark_codes": list(decision.remark_codes),
        "remaining_liability": decision.remaining_liability,
        "lines": [LineDecisionAnswer.from_domain(line) for line in decision.lines],
        "was_forwarded": decision.was_forwarded,
    }


def short_form(totals: TotalsFields, adjudication_date: Date, payer_claim_number: str | None) -> ShortForm:
    return ShortForm(
        paid=totals.paid,
        adjustments=totals.adjustments,
        patient_responsibility=totals.patient_responsibility,
        deductible=totals.deductible,
        coinsurance=totals.coinsurance,
        copay=totals.copay,
        adjustment_group=totals.adjustment_group,
        adjustment_reason_code=totals.adjustment_reason_code,
        denial_group=totals.denial_group,
        denial_reason_code=totals.denial_reason_code,
        earlier_payers_effect=totals.earlier_payers_effect,
        adjudication_date=adjudication_date,
        payer_claim_number=payer_claim_number,
    )
