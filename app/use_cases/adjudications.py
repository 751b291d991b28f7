"""Adjudications: what a payer decided on a claim, entered by a person, listed, and accepted when a payer's own waits.

Exactly one version of a claim is current. A remittance that arrives while a person's entry is current is proposed; accepting
it puts it in the entry's place (design rule 8).
"""

from dataclasses import dataclass
from uuid import UUID

from app.domain.adjudications import Adjudication, AdjudicationSource, AdjudicationStatus
from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.claim_states import require_decidable
from app.domain.claims import Claim
from app.domain.errors import Conflict, LinesRequired
from app.domain.received_remittances import PaymentStatus
from app.domain.work_items import WorkItemKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_records import locked_claim, visible_claim
from app.use_cases.context import Context, found
from app.use_cases.decision_entry import Entered, whole_decision
from app.use_cases.decision_posting import make_current, post_decision
from app.use_cases.idempotency import Answer, Call, claim, conclude


@dataclass(frozen=True, kw_only=True)
class AdjudicationView:
    """A version, with the claim it decides as that is now."""

    adjudication: Adjudication
    claim: Claim


async def create_adjudication(
    context: Context, tenant: Tenant, claim_id: UUID, *, version: int, entered: Entered, call: Call[AdjudicationView]
) -> Answer:
    """A decision by hand, current at once; the claim is paid or denied by it, a draft too: it was billed elsewhere."""
    try:
        async with context.units.begin(tenant) as uow:
            claimed = await claim(uow, call)
            if isinstance(claimed, Answer):
                return claimed
            view = await enter_decision(uow, await locked_claim(uow, claim_id, version=version), entered)
            await uow.audit_events.add(_entry(AuditAction.CREATE, view))
            return await conclude(uow, call, claimed, view, patient_id=view.claim.patient_id)
    except LinesRequired:
        await audit_line_template(context, tenant, claim_id)
        raise


async def list_adjudications(
    context: Context, tenant: Tenant, claim_id: UUID, *, before: int | None, limit: int
) -> list[AdjudicationView]:
    """The claim's versions, newest first, below a number."""
    async with context.units.begin(tenant) as uow:
        decided = await visible_claim(uow, claim_id)
        versions = reversed(await uow.adjudications.versions(decided.id))
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.LIST,
                record_type="adjudication",
                record_id=decided.id,
                patient_id=decided.patient_id,
            )
        )
        await uow.commit()
    asked = [one for one in versions if before is None or one.number < before]
    return [AdjudicationView(adjudication=one, claim=decided) for one in asked[:limit]]


async def accept_adjudication(
    context: Context,
    tenant: Tenant,
    claim_id: UUID,
    adjudication_id: UUID,
    *,
    version: int,
    call: Call[AdjudicationView],
) -> Answer:
    """What was proposed becomes current; what a person had entered is superseded."""
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        decided = await locked_claim(uow, claim_id, version=version)
        proposed = found(await uow.adjudications.get(adjudication_id))
        view = await _accept(uow, decided, found(proposed if proposed.claim_id == decided.id else None))
        await uow.audit_events.add(_entry(AuditAction.CHANGE, view, changed_fields=("status",)))
        return await conclude(uow, call, claimed, view, patient_id=view.claim.patient_id)


async def enter_decision(uow: UnitOfWork, decided: Claim, entered: Entered, *, place: str = "") -> AdjudicationView:
    """Reads, checks and posts what a person entered on a claim that is locked."""
    require_decidable(decided.status)
    decision = await whole_decision(uow, decided, entered, place=place)
    adjudication, moved = await post_decision(uow, decided, decision, source=AdjudicationSource.MANUAL)
    return AdjudicationView(adjudication=adjudication, claim=moved)


async def audit_line_template(context: Context, tenant: Tenant, claim_id: UUID) -> None:
    """The refusal shows what was billed, which is a look at the claim. What was asked for is rolled back by then."""
    async with context.units.begin(tenant) as uow:
        seen = await visible_claim(uow, claim_id)
        await uow.audit_events.add(
            AuditEntry(action=AuditAction.READ, record_type="claim", record_id=seen.id, patient_id=seen.patient_id)
        )
        await uow.commit()


async def _accept(uow: UnitOfWork, decided: Claim, proposed: Adjudication) -> AdjudicationView:
    require_decidable(decided.status)
    if proposed.status is not AdjudicationStatus.PROPOSED:
        raise Conflict("This version does not wait to be accepted.", code="adjudication_not_proposed")
    current, moved = await make_current(uow, decided, proposed)
    await uow.work_items.settle_claim(decided.id, kinds=(WorkItemKind.ADJUDICATION_PROPOSED,), now=uow.now)
    for one in await uow.remittances.payments_of_claims([decided.id]):
        if one.status is PaymentStatus.PROPOSED:
            await uow.remittances.settle_payment(
                one.id, PaymentStatus.POSTED, claim_id=decided.id, adjudication_id=one.adjudication_id
            )
    return AdjudicationView(adjudication=current, claim=moved)


def _entry(action: AuditAction, view: AdjudicationView, changed_fields: tuple[str, ...] = ()) -> AuditEntry:
    return AuditEntry(
        action=action,
        record_type="adjudication",
        record_id=view.adjudication.id,
        patient_id=view.claim.patient_id,
        changed_fields=changed_fields,
    )
