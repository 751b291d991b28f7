"""Remittances on the wire: an 835 as far as it concerns the practice, and what became of each claim payment in it."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Date, FindingSchema, Identifier, Schema, SignedMoney, Timestamp
from app.domain.money import ZERO
from app.domain.received_remittances import PaymentStatus, ReceivedRemittance
from app.domain.remittances import ProviderAdjustment, Remittance
from app.use_cases.remittances import PaymentView, RemittanceView


class ProviderAdjustmentAnswer(Schema):
    """One amount that concerns the provider and no claim (PLB)."""

    reason_code: str = Field(description="PLB03-1, such as WO: overpayment recovered.")
    reference: str | None = Field(description="PLB03-2: what the payer calls it.")
    amount: SignedMoney = Field(
        description="PLB04. A positive amount makes the payment smaller. US dollars and cents; may be negative."
    )


class RemittanceFacts(Schema):
    """What an 835 says of the payment itself."""

    id: Identifier
    payer_name: str | None = Field(description="1000A N102.")
    payer_id: str | None = Field(description="1000A REF*2U, or N104 under XV, where the payer names itself by an id.")
    payee_npi: str | None = Field(description="1000B N104.")
    trace_number: str | None = Field(description="TRN02: with it the payment is found at the bank.")
    originator_id: str | None = Field(description="TRN03.")
    payment_method: str = Field(description="BPR04: ACH, CHK, NON and so on.")
    payment_date: Date | None = Field(description="BPR16, else DTM*405.")
    total_paid: SignedMoney = Field(
        description="BPR02; of a payment shared with another practice, the sum of your own claims. US dollars and cents."
    )
    findings: list[FindingSchema] = Field(description="What is wrong with the 835, with its place (`location`).")
    received_at: Timestamp


class RemittanceSummaryAnswer(RemittanceFacts):
    """A remittance without its claim payments."""

    @classmethod
    def from_domain(cls, received: ReceivedRemittance) -> Self:
        return cls.of(**_facts(received))


class ClaimPaymentAnswer(Schema):
    """What the payer paid for one claim, and what became of it."""

    id: Identifier
    position: int = Field(ge=1, description="Its place in the remittance, from 1.")
    claim_id: Identifier | None = Field(description="The claim it is about; null when that was deleted.")
    status: PaymentStatus
    adjudication_id: Identifier | None = Field(description="The version of the claim's adjudication that it became.")
    patient_control_number: str = Field(description="CLP01: our CLM01 coming back.")
    status_code: str = Field(
        description="CLP02: 1, 2, 3 processed as primary, secondary, tertiary; 4 denied; and so on."
    )
    charge: SignedMoney = Field(description="CLP03. US dollars and cents; negative in a reversal.")
    paid: SignedMoney = Field(description="CLP04. US dollars and cents; negative in a reversal.")
    adjusted: SignedMoney = Field(description="The sum of all CAS of the claim and its lines.")
    patient_responsibility: SignedMoney | None = Field(description="CLP05, when sent.")
    payer_claim_number: str | None = Field(description="CLP07.")
    crossover_payer: str | None = Field(description="NM1*TT: the payer it was sent on to.")
    service_count: int = Field(ge=0, description="How many services (SVC) are in it.")
    findings: list[FindingSchema] = Field(
        description="What keeps it from being posted, or is doubtful. Pointers are into the payment: `/services/0/paid`."
    )

    @classmethod
    def from_view(cls, view: PaymentView) -> Self:
        received, said = view.received, view.received.payment
        return cls.of(
            id=received.id,
            position=said.position,
            claim_id=received.claim_id,
            status=received.status,
            adjudication_id=received.adjudication_id,
            patient_control_number=said.patient_control_number,
            status_code=said.status_code,
            charge=said.charge,
            paid=said.paid,
            adjusted=said.adjusted_in_all,
            patient_responsibility=said.patient_responsibility,
            payer_claim_number=said.payer_claim_number,
            crossover_payer=said.crossover_payer,
            service_count=len(said.services),
            findings=[FindingSchema.from_domain(one) for one in view.findings],
        )


class RemittanceAnswer(RemittanceFacts):
    """A remittance with the claim payments of the practice that are in it."""

    provider_adjustments: list[ProviderAdjustmentAnswer] = Field(
        description="PLB: what made the payment larger or smaller than its claims."
    )
    provider_adjusted: SignedMoney = Field(description="Their sum. US dollars and cents; may be negative.")
    claim_payments: list[ClaimPaymentAnswer] = Field(
        description="The first 100; all of them: `GET /v1/remittances/{remittance_id}/claim-payments`."
    )
    has_more_claim_payments: bool

    @classmethod
    def from_view(cls, view: RemittanceView) -> Self:
        remittance = view.received.remittance
        return cls.of(
            **_facts(view.received),
            provider_adjustments=[_adjustment(one) for one in remittance.provider_adjustments],
            provider_adjusted=sum((one.amount for one in remittance.provider_adjustments), ZERO),
            claim_payments=[ClaimPaymentAnswer.from_view(one) for one in view.payments],
            has_more_claim_payments=view.has_more,
        )


def _adjustment(said: ProviderAdjustment) -> ProviderAdjustmentAnswer:
    return ProviderAdjustmentAnswer.of(reason_code=said.reason_code, reference=said.reference, amount=said.amount)


def _facts(received: ReceivedRemittance) -> dict[str, object]:
    said: Remittance = received.remittance
    return {
        "id": received.id,
        "payer_name": said.payer_name,
        "payer_id": said.payer_id,
        "payee_npi": said.payee_npi,
        "trace_number": said.trace_number,
        "originator_id": said.originator_id,
        "payment_method": said.payment_method,
        "payment_date": said.adjudicated_on,
        "total_paid": said.total_paid,
        "findings": [FindingSchema.from_domain(one) for one in received.findings],
        "received_at": received.received_at,
    }
