"""The planted patient's claims: one that was billed, answered and paid, a draft, a held one, and one that was decided by
hand, with the claim to the next payer behind it. See `planting_records.py`.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.adjudications import (
    AdjudicationSource,
    AdjudicationStatus,
    Adjustment,
    AdjustmentGroup,
    Decision,
    LineDecision,
)
from app.domain.claim_chains import billing_key
from app.domain.claim_states import ClaimEventKind, ClaimOutcome, ClaimStatus, HoldReason, SubmissionState
from app.domain.claims import Claim, ClaimContent, PayerAssignedId, ProviderRole, ServiceFacility
from app.domain.codes import PayerResponsibility
from app.domain.coordination import next_content
from app.domain.inbound_documents import InboundState
from app.domain.parties import Contact
from app.domain.repairs import repairs_for
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
from tests.domain.claims import a_claim, a_decision, a_line, an_adjudication, some_content
from tests.factories import NOW, an_address, an_npi
from tests.planting_records import Records, encounter_of


async def plant_claims(uow: UnitOfWork, records: Records) -> str:
    """The id of a repair that is offered for what the earlier payer decided."""
    content = _content(records)
    paid = _claim(
        records,
        id=records.paid_claim_id,
        status=ClaimStatus.PAID,
        outcome=ClaimOutcome.PAID,
        payer_claim_number=f"{records.word}-7",
        content=content,
    )
    held = _claim(
        records,
        id=records.held_claim_id,
        status=ClaimStatus.HELD,
        hold_reason=HoldReason.BY_HAND,
        content=content,
    )
    await _plant_answers(uow, await add_claim(uow, paid), records)
    await add_claim(uow, _claim(records, id=records.draft_claim_id, content=content))
    await add_claim(uow, held)
    return await _plant_decision(uow, records, content)


def _claim(records: Records, **changes: Any) -> Claim:
    """To the primary payer."""
    whose = {
        "patient_id": records.patient_id,
        "coverage_id": records.verified_coverage_id,
        "payer_id": records.payer_id,
    }
    return a_claim(**whose | changes)


def _content(records: Records) -> ClaimContent:
    word = records.word
    return some_content(
        lines=(a_line(id=records.line_id),),
        rendering_provider_id=records.provider_id,
        service_facility=ServiceFacility(name=f"{word} HOUSE", npi=an_npi(3), address=an_address(line1=f"4 {word} St")),
        pay_to_address=an_address(line1=f"5 {word} Box"),
        billing_contact=Contact(name=f"{word} DESK", phone="3035550100"),
        payer_assigned_ids=(PayerAssignedId(role=ProviderRole.BILLING, number=f"{word.upper()}-G2"),),
        prior_authorization=f"{word.upper()}-G1",
        referral_number=f"{word.upper()}-9F",
    )


async def add_claim(uow: UnitOfWork, claim: Claim, chain_id: UUID | None = None) -> Claim:
    """With its route and its first event; in a chain of its own unless there is one."""
    encounter_id = encounter_of(claim.id)
    if chain_id is None:
        chain = await uow.claim_chains.get_or_add_live(
            encounter_id=encounter_id, billing_key=billing_key(None), patient_id=claim.patient_id, now=NOW
        )
        claim = replace(claim, chain_id=chain.id, encounter_id=encounter_id)
    number = a_control_number()
    claim = replace(claim, patient_control_number=number)
    practice_id = uow.tenant.practice_id
    assert await uow.claim_routes.add(number, practice_id=practice_id, claim_id=claim.id, now=NOW)
    assert await uow.claims.add(claim)
    await uow.claim_events.add(
        ClaimEventKind.CREATED, chain_id=claim.chain_id, claim_id=claim.id, patient_id=claim.patient_id
    )
    return claim


async def _plant_answers(uow: UnitOfWork, claim: Claim, records: Records) -> None:
    """A submission, its acknowledgment, and the remittance whose payment was posted. The payment itself is the practice's."""
    word, number = records.word, claim.patient_control_number
    sent = a_submission(
        id=records.submission_id,
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
    received = a_received_remittance(id=records.remittance_id, document_id=document.id)
    house = records.house_word
    said = replace(received.remittance, trace_number=f"{house}-TRN", payer_name=f"{house} PLAN")
    assert await uow.remittances.add(replace(received, remittance=said))
    payment = a_received_payment(
        remittance_id=records.remittance_id,
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


async def _plant_decision(uow: UnitOfWork, records: Records, content: ClaimContent) -> str:
    decided = await add_claim(
        uow,
        _claim(
            records,
            id=records.decided_claim_id,
            status=ClaimStatus.PAID,
            outcome=ClaimOutcome.PAID,
            payer_claim_number=f"{records.word}-8",
            content=content,
        ),
    )
    entered = _decision(records, contractual="40.00")
    await uow.adjudications.add(an_adjudication(decided, entered))
    await uow.adjudications.add(
        an_adjudication(
            decided,
            _decision(records, contractual="45.00"),
            id=records.adjudication_id,
            number=2,
            status=AdjudicationStatus.PROPOSED,
            source=AdjudicationSource.ERA,
            response_id=uow.new_id(),
        )
    )
    following = replace(
        decided,
        id=records.next_claim_id,
        coverage_id=records.secondary_coverage_id,
        payer_id=records.second_payer_id,
        rank=PayerResponsibility.SECONDARY,
        previous_claim_id=decided.id,
        status=ClaimStatus.DRAFT,
        outcome=None,
        payer_claim_number=None,
        content=next_content(content),
    )
    await add_claim(uow, following, chain_id=decided.chain_id)
    return repairs_for(entered, content.lines, claim_id=decided.id, lines_needed=True)[0].id


def _decision(records: Records, *, contractual: str) -> Decision:
    """Paid 80 of 150, copay 25, and what the contract takes off."""
    line = LineDecision(
        line_id=records.line_id,
        paid=Decimal("80.00"),
        adjustments=(
            Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal(contractual)),
            Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code="3", amount=Decimal("25.00")),
        ),
    )
    return a_decision(paid=line.paid, payer_claim_number=f"{records.word}-8", lines=(line,))
