"""Recording remittances (835): kept as they were said, matched with their claims, and posted where they match and balance.

What a payer has said of a claim in several remittances is read together, in the order in which the clearinghouse had them,
so that it makes no difference which one was recorded first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.adjudications import Adjudication, AdjudicationSource, AdjudicationStatus, Decision
from app.domain.audit import AuditAction, AuditEntry
from app.domain.claim_outcomes import outcome_of
from app.domain.claim_payments import difference_between
from app.domain.claim_states import ClaimEventKind, fact_of_decision
from app.domain.claims import Claim
from app.domain.payment_matching import TOGETHER, WORK_OF, Judgment, Told, is_repeated, judge
from app.domain.received_remittances import PaymentStatus, ReceivedPayment, ReceivedRemittance
from app.domain.remittances import ClaimPayment
from app.domain.work_items import WorkItemKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_acknowledgments import settle_only_submission
from app.use_cases.claim_records import locked_claim, move, open_work, tell
from app.use_cases.context import found
from app.use_cases.decision_posting import post_decision
from app.use_cases.inbound_reading import RemittancePart


@dataclass(frozen=True, kw_only=True)
class _Earlier:
    """A payment on record with the remittance it came in, and when the clearinghouse had that."""

    received: ReceivedPayment
    remittance: ReceivedRemittance
    processed_at: datetime

    @property
    def place(self) -> tuple[datetime, UUID, int, int]:
        remittance = self.remittance
        position = self.received.payment.position
        return (self.processed_at, remittance.document_id, remittance.transaction_number, position)


async def record_payments(
    document_id: UUID, part: RemittancePart, claim_id: UUID, payments: Sequence[ClaimPayment], uow: UnitOfWork
) -> None:
    """All that one remittance says of one claim."""
    received = await _received(uow, document_id, part)
    if await uow.claims.get(claim_id) is None:
        for payment in payments:
            await _add(uow, received, payment, PaymentStatus.UNMATCHED, claim_id=None)
        return
    claim = await locked_claim(uow, claim_id)
    earlier = await _earlier(uow, claim.id)
    if any(one.received.remittance_id == received.id for one in earlier):
        return
    claim = await settle_only_submission(uow, claim)
    told_before = [(one.remittance.remittance.trace_number, one.received.payment) for one in earlier]
    trace_number = received.remittance.trace_number
    repeated = [payment for payment in payments if is_repeated(payment, trace_number, told_before)]
    for payment in repeated:
        await _add(uow, received, payment, PaymentStatus.IGNORED, claim_id=claim.id)
    new = [payment for payment in payments if payment not in repeated]
    status = PaymentStatus.IGNORED
    if new:
        status = await _record_new(uow, claim, received, part.fault, new, earlier)
    await uow.audit_events.add(_answer(claim, status.value))


async def _record_new(
    uow: UnitOfWork,
    claim: Claim,
    received: ReceivedRemittance,
    fault: str | None,
    new: Sequence[ClaimPayment],
    earlier: Sequence[_Earlier],
) -> PaymentStatus:
    document = found(await uow.inbound_documents.get(received.document_id))
    standing = [one for one in earlier if _stands(one.received)]
    judgment = judge(
        _told(received, document.processed_at, new, standing),
        claim=claim,
        payer=found(await uow.payers.get(claim.payer_id)),
        payer_id=received.remittance.payer_id,
        fault=fault,
    )
    added = [await _add(uow, received, one, judgment.status_of(one), claim_id=claim.id) for one in new]
    if judgment.decision is None:
        await _leave_to_somebody(uow, claim, judgment, received)
        return judgment.status
    waiting = [one.received for one in standing if one.received.status is PaymentStatus.INCOMPLETE]
    return await _post(uow, claim, judgment, judgment.decision, added, waiting)


def _stands(one: ReceivedPayment) -> bool:
    """Disputed payments stand when they were posted."""
    is_posted = one.status is not PaymentStatus.ORDER_DISPUTED or one.adjudication_id is not None
    return one.status in TOGETHER and is_posted


def _told(
    received: ReceivedRemittance, processed_at: datetime, new: Sequence[ClaimPayment], standing: Sequence[_Earlier]
) -> Told:
    said: list[tuple[tuple[datetime, UUID, int, int], ClaimPayment, date | None]] = [
        (one.place, one.received.payment, one.remittance.remittance.adjudicated_on) for one in standing
    ]
    said += [
        (
            (processed_at, received.document_id, received.transaction_number, payment.position),
            payment,
            received.remittance.adjudicated_on,
        )
        for payment in new
    ]
    said.sort(key=lambda one: one[0])
    return Told(new=new, together=[payment for _, payment, _ in said], said_on=said[-1][2])


async def _earlier(uow: UnitOfWork, claim_id: UUID) -> list[_Earlier]:
    payments = await uow.remittances.payments_of_claims([claim_id])
    remittances = {one.remittance_id: found(await uow.remittances.get(one.remittance_id)) for one in payments}
    documents = {
        remittance.document_id: found(await uow.inbound_documents.get(remittance.document_id))
        for remittance in remittances.values()
    }
    return [
        _Earlier(
            received=one,
            remittance=remittances[one.remittance_id],
            processed_at=documents[remittances[one.remittance_id].document_id].processed_at,
        )
        for one in payments
    ]


async def _add(
    uow: UnitOfWork,
    received: ReceivedRemittance,
    payment: ClaimPayment,
    status: PaymentStatus,
    *,
    claim_id: UUID | None,
) -> ReceivedPayment:
    added = ReceivedPayment(
        id=uow.new_id(),
        remittance_id=received.id,
        claim_id=claim_id,
        status=status,
        payment=payment,
        created_at=uow.now,
    )
    await uow.remittances.add_payment(added)
    return added


async def _received(uow: UnitOfWork, document_id: UUID, part: RemittancePart) -> ReceivedRemittance:
    """One for each transaction of a document; it comes with the first claim of it that is recorded."""
    await uow.remittances.add(
        ReceivedRemittance(
            id=uow.new_id(),
            document_id=document_id,
            transaction_number=part.number,
            remittance=part.remittance,
            findings=part.findings,
            received_at=uow.now,
        )
    )
    return found(await uow.remittances.of_transaction(document_id, part.number))


async def report_unreadable(claim_id: UUID, uow: UnitOfWork) -> None:
    """A remittance names the claim, and what it pays cannot be read: nothing is kept of it but the document."""
    if await uow.claims.get(claim_id) is None:
        return
    claim = await locked_claim(uow, claim_id)
    await _open_item(uow, claim, PaymentStatus.UNBALANCED, "payment_unreadable")
    await uow.audit_events.add(_answer(claim, "payment_unreadable"))


async def _leave_to_somebody(uow: UnitOfWork, claim: Claim, judgment: Judgment, received: ReceivedRemittance) -> None:
    if judgment.status is PaymentStatus.REVERSAL:
        await tell(
            uow, claim, ClaimEventKind.REVERSED, reason=judgment.reason, facts={"remittance_id": str(received.id)}
        )
    await _open_item(uow, claim, judgment.status, judgment.reason)


async def _post(
    uow: UnitOfWork,
    claim: Claim,
    judgment: Judgment,
    decision: Decision,
    added: Sequence[ReceivedPayment],
    waiting: Sequence[ReceivedPayment],
) -> PaymentStatus:
    """`waiting` are earlier parts of what is whole now, or still is not."""
    current = await uow.adjudications.current(claim.id)
    history = [] if current is None else await _history(uow, current)
    by_hand = bool(history) and history[-1].source is AdjudicationSource.MANUAL
    status, is_whole = judgment.status, outcome_of(decision, claim.content.lines).is_decided
    if current is not None and _is_known(history, decision, claim, by_hand=by_hand):
        adjudication = await _confirm(uow, claim, current, decision)
    elif not by_hand:
        adjudication, _ = await post_decision(
            uow, claim, decision, source=AdjudicationSource.ERA, response_id=added[-1].id
        )
        if is_whole:
            await uow.work_items.settle_claim(claim.id, kinds=(WorkItemKind.REMITTANCE_REVERSAL,), now=uow.now)
    elif is_whole:
        adjudication = await _propose(uow, claim, decision, added[-1].id)
        await _open_item(uow, claim, PaymentStatus.PROPOSED, "decision_differs")
        status = PaymentStatus.PROPOSED if status is PaymentStatus.POSTED else status
    else:
        return status  # a part beside a person's whole entry: nothing to compare yet
    for one in added:
        of_one = judgment.status_of(one.payment)
        await _settle(uow, one, status if of_one is judgment.status else of_one, adjudication.id)
    for one in waiting:
        await _settle(uow, one, status, adjudication.id)
    if judgment.status is PaymentStatus.ORDER_DISPUTED:
        await _open_item(uow, claim, judgment.status, judgment.reason)
    return status


async def _settle(uow: UnitOfWork, one: ReceivedPayment, status: PaymentStatus, adjudication_id: UUID) -> None:
    await uow.remittances.settle_payment(one.id, status, claim_id=one.claim_id, adjudication_id=adjudication_id)


async def _history(uow: UnitOfWork, current: Adjudication) -> list[Adjudication]:
    """The version and those it was repaired from, back to what a person entered or a payer said."""
    history = [current]
    while history[-1].source is AdjudicationSource.REPAIR and history[-1].based_on is not None:
        history.append(found(await uow.adjudications.get(history[-1].based_on)))
    return history


def _is_known(history: Sequence[Adjudication], decision: Decision, claim: Claim, *, by_hand: bool) -> bool:
    """The same in every cent and code as the current version. A payer's own decision is known as well when it was repaired
    since, and is another one when its number of the claim is: later claims must name it.
    """
    lines = claim.content.lines
    if by_hand:
        return not difference_between(history[0].decision, decision, lines)
    return any(
        not difference_between(version.decision, decision, lines)
        and decision.payer_claim_number in {None, version.decision.payer_claim_number}
        for version in history
    )


async def _confirm(uow: UnitOfWork, claim: Claim, current: Adjudication, decision: Decision) -> Adjudication:
    """The payer says what is current already: nobody is bothered."""
    await _withdraw_proposals(uow, claim)
    await move(
        uow,
        claim,
        fact_of_decision(current.outcome),
        ClaimEventKind.ADJUDICATED,
        reason="confirmed",
        facts={"adjudication_id": str(current.id), "number": current.number, "source": AdjudicationSource.ERA.value},
        outcome=current.outcome,
        payer_claim_number=decision.payer_claim_number or claim.payer_claim_number,
    )
    return current


async def _propose(uow: UnitOfWork, claim: Claim, decision: Decision, payment_id: UUID) -> Adjudication:
    """Beside a person's entry, in place of what was proposed before."""
    await _withdraw_proposals(uow, claim)
    proposed = Adjudication(
        id=uow.new_id(),
        claim_id=claim.id,
        chain_id=claim.chain_id,
        payer_id=claim.payer_id,
        number=await uow.adjudications.next_number(claim.id),
        status=AdjudicationStatus.PROPOSED,
        source=AdjudicationSource.ERA,
        outcome=outcome_of(decision, claim.content.lines),
        decision=decision,
        response_id=payment_id,
        created_by=uow.tenant.actor,
        created_at=uow.now,
    )
    await uow.adjudications.add(proposed)
    await tell(
        uow,
        claim,
        ClaimEventKind.ADJUDICATION_PROPOSED,
        facts={
            "adjudication_id": str(proposed.id),
            "number": proposed.number,
            "source": proposed.source.value,
            "outcome": proposed.outcome.value,
        },
    )
    return proposed


async def _withdraw_proposals(uow: UnitOfWork, claim: Claim) -> None:
    for version in await uow.adjudications.versions(claim.id):
        if version.status is AdjudicationStatus.PROPOSED:
            await uow.adjudications.set_status(version.id, AdjudicationStatus.SUPERSEDED)
    await uow.work_items.settle_claim(claim.id, kinds=(WorkItemKind.ADJUDICATION_PROPOSED,), now=uow.now)


async def _open_item(uow: UnitOfWork, claim: Claim, status: PaymentStatus, reason: str) -> None:
    kind = WORK_OF.get(status)
    if kind is not None:
        await open_work(uow, claim, kind, reason)


def _answer(claim: Claim, reason: str) -> AuditEntry:
    return AuditEntry(
        action=AuditAction.RECORD_ANSWER,
        record_type="claim",
        record_id=claim.id,
        patient_id=claim.patient_id,
        reason=reason,
    )
