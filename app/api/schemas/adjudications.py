"""Adjudications on the wire: a payer's decision on a claim as it is entered, and its versions as they are kept."""

from typing import Annotated, ClassVar, Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.schemas.balances import BalanceAnswer
from app.api.schemas.base import Date, FindingSchema, Identifier, Schema, Timestamp
from app.api.schemas.decisions import (
    AssumptionAnswer,
    DecisionAnswer,
    DecisionFields,
    PayerClaimNumber,
    TotalsFields,
    short_form,
)
from app.domain.adjudications import Adjudication, AdjudicationSource, AdjudicationStatus
from app.domain.balance import balance_findings, balance_of
from app.domain.claim_states import ClaimOutcome
from app.domain.errors import Invalid
from app.domain.findings import Finding
from app.use_cases.adjudications import AdjudicationView
from app.use_cases.decision_entry import Entered

_ONE_FORM: JsonDict = {
    "oneOf": [
        {"properties": {"totals": {"type": "object"}, "decision": {"type": "null"}}, "required": ["totals"]},
        {"properties": {"decision": {"type": "object"}, "totals": {"type": "null"}}, "required": ["decision"]},
    ]
}


class AdjudicationFields(Schema):
    """What a payer decided, in one of two forms: three totals, or everything."""

    model_config = ConfigDict(json_schema_extra=_ONE_FORM)

    adjudication_date: Date = Field(
        description="DTP*573: the day the payer decided, not before the last service and not in the future."
    )
    payer_claim_number: PayerClaimNumber | None = None
    totals: TotalsFields | None = Field(default=None, description="The short form; exactly one of the two is given.")
    decision: DecisionFields | None = Field(default=None, description="The full form.")

    def entered(self, place: str = "") -> Entered:
        """`place` is where this stands in the body."""
        if self.decision is not None and self.totals is None:
            return self.decision.to_domain(self.adjudication_date, self.payer_claim_number)
        if self.totals is not None and self.decision is None:
            return short_form(self.totals, self.adjudication_date, self.payer_claim_number)
        finding = Finding(
            code="totals_or_decision",
            message="Give the three totals or the whole decision: one of the two.",
            pointer=f"{place}/totals",
        )
        raise Invalid(findings=(finding,))


class AdjudicationFacts(Schema):
    """A version, without its amounts."""

    id: Identifier
    claim_id: Identifier = Field(description="The claim that was decided.")
    number: int = Field(ge=1, description="Counts the versions of the claim.")
    status: AdjudicationStatus
    source: AdjudicationSource
    outcome: ClaimOutcome
    based_on: Identifier | None = Field(description="The version that a repair started from.")
    repair_id: str | None
    adjudication_date: Date = Field(description="DTP*573.")
    payer_claim_number: str | None = Field(description="2330B REF*F8: the payer's own number of the claim (ICN).")
    created_by: str
    created_at: Timestamp


class AdjudicationAnswer(AdjudicationFacts):
    has_etag: ClassVar[bool] = True  # the claim's

    decision: DecisionAnswer
    assumptions: Annotated[list[AssumptionAnswer], Field(description="Every default that was taken.")]
    balance: BalanceAnswer
    findings: Annotated[
        list[FindingSchema],
        Field(description="What does not add up, in cents. It is kept; it keeps the next claim from going out."),
    ]

    @classmethod
    def from_view(cls, view: AdjudicationView) -> Self:
        adjudication, claim = view.adjudication, view.claim
        decision = adjudication.decision
        table = balance_of(decision, claim.content.lines)
        findings = balance_findings(table, decision, payer_index=claim.rank.number - 1, pointer_prefix="/decision")
        return cls.of(
            **adjudication_members(adjudication),
            decision=DecisionAnswer.from_domain(decision),
            assumptions=[AssumptionAnswer.from_domain(one, "/decision") for one in decision.assumptions],
            balance=BalanceAnswer.from_domain(table),
            findings=[FindingSchema.from_domain(finding) for finding in findings],
        )


def adjudication_members(adjudication: Adjudication) -> dict[str, object]:
    return {
        "id": adjudication.id,
        "claim_id": adjudication.claim_id,
        "number": adjudication.number,
        "status": adjudication.status,
        "source": adjudication.source,
        "outcome": adjudication.outcome,
        "based_on": adjudication.based_on,
        "repair_id": adjudication.repair_id,
        "adjudication_date": adjudication.decision.adjudication_date,
        "payer_claim_number": adjudication.decision.payer_claim_number,
        "created_by": adjudication.created_by,
        "created_at": adjudication.created_at,
    }
