"""The planted patient's claims: one that was billed, answered and paid, and a draft. See `planting.py`."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from app.domain.adjudications import AdjudicationSource
from app.domain.claim_chains import billing_key
from app.domain.claim_states import ClaimEventKind, ClaimOutcome, ClaimStatus, SubmissionState
from app.domain.claims import Claim, ClaimContent, PayerAssignedId, ProviderRole, ServiceFacility
from app.domain.inbound_documents import InboundState
from app.domain.parties import Contact
from app.repositories.unit_of_work import UnitOfWork
from tests.claim_records import (
    a_claim_payment,
    a_control_number,
    a_received_acknowledgment,
    a_received_payment,
    a_received_remittance,
    a_submission,
    an_acknowledgment,
    an_inbound_document,
)
from tests.domain.claims import a_claim, a_decision, an_adjudication, some_content
from tests.factories import NOW, an_address, an_npi


async def plant_claims(
    uow: UnitOfWork,
    *,
    word: str,
    patient_id: UUID,
    coverage_id: UUID,
    payer_id: UUID,
    provider_id: UUID,
    paid_claim_id: UUID,
    draft_claim_id: UUID,
    remittance_id: UUID,
) -> None:
    content = _content(word, provider_id)
    common = {"patient_id": patient_id, "coverage_id": coverage_id, "payer_id": payer_id, "content": content}
    paid = await _add(
        uow,
        a_claim(
            id=paid_claim_id,
            status=ClaimStatus.PAID,
            outcome=ClaimOutcome.PAID,
            payer_claim_number=f"{word}-7",
            **common,
        ),
    )
    await _add(uow, a_claim(id=draft_claim_id, **common))
    await _plant_answers(uow, paid, word, remittance_id)


def _content(word: str, provider_id: UUID) -> ClaimContent:
    return some_content(
        rendering_provider_id=provider_id,
        service_facility=ServiceFacility(name=f"{word} HOUSE", npi=an_npi(3), address=an_address(line1=f"4 {word} St")),
        pay_to_address=an_address(line1=f"5 {word} Box"),
        billing_contact=Contact(name=f"{word} DESK", phone="3035550100"),
        payer_assigned_ids=(PayerAssignedId(role=ProviderRole.BILLING, number=f"{word}-G2"),),
        prior_authorization=f"{word}-G1",
        referral_number=f"{word}-9F",
    )


async def _add(uow: UnitOfWork, claim: Claim) -> Claim:
    """With its chain, its route and its first event."""
    chain = await uow.claim_chains.get_or_add_live(
        encounter_id=f"ENC-{claim.id.hex}", billing_key=billing_key(None), patient_id=claim.patient_id, now=NOW
    )
    number = a_control_number()
    claim = replace(claim, chain_id=chain.id, encounter_id=chain.encounter_id, patient_control_number=number)
    practice_id = uow.tenant.practice_id
    assert await uow.claim_routes.add(number, practice_id=practice_id, claim_id=claim.id, now=NOW)
    assert await uow.claims.add(claim)
    await uow.claim_events.add(
        ClaimEventKind.CREATED, chain_id=chain.id, claim_id=claim.id, patient_id=claim.patient_id
    )
    return claim


async def _plant_answers(uow: UnitOfWork, claim: Claim, word: str, remittance_id: UUID) -> None:
    number = claim.patient_control_number
    sent = a_submission(
        claim_id=claim.id,
        x12=f"NM1*IL*1*{word}~",
        state=SubmissionState.SENT,
        attempts=1,
        first_sent_at=NOW,
        last_sent_at=NOW,
        answered_at=NOW,
        clearinghouse_id=f"{word}-claim",
    )
    await uow.submissions.add(sent)
    document = an_inbound_document(state=InboundState.ROUTED)
    assert await uow.inbound_documents.add(document)
    await uow.inbound_documents.keep(document.id, f"NM1*QC*1*{word}~".encode())
    acknowledgment = an_acknowledgment(patient_control_number=number, clearinghouse_number=f"{word}-D9")
    assert await uow.claim_acknowledgments.add(
        a_received_acknowledgment(claim_id=claim.id, submission_id=sent.id, acknowledgment=acknowledgment)
    )
    received = a_received_remittance(id=remittance_id, document_id=document.id)
    said = replace(received.remittance, trace_number=f"{word}-TRN", payer_name=f"{word} PLAN")
    assert await uow.remittances.add(replace(received, remittance=said))
    payment = a_received_payment(
        remittance_id=remittance_id,
        claim_id=claim.id,
        payment=a_claim_payment(patient_control_number=number, payer_claim_number=f"{word}-7"),
    )
    assert await uow.remittances.add_payment(payment)
    decided = an_adjudication(
        claim,
        a_decision(paid=Decimal("80.00"), payer_claim_number=f"{word}-7"),
        source=AdjudicationSource.ERA,
        response_id=payment.id,
    )
    await uow.adjudications.add(decided)
    await uow.remittances.settle_payment(payment.id, payment.status, claim_id=claim.id, adjudication_id=decided.id)
