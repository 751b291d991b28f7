"""Timelines: what happened to a claim and to the others of its chain, who did it, and why."""

from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.claim_events import ClaimEvent
from app.use_cases.claim_records import visible_claim
from app.use_cases.context import Context


async def read_claim_timeline(
    context: Context, tenant: Tenant, claim_id: UUID, *, after: int | None, limit: int
) -> list[ClaimEvent]:
    """Oldest first, above a sequence number."""
    async with context.units.begin(tenant) as uow:
        claim = await visible_claim(uow, claim_id)
        events = await uow.claim_events.of_chain(claim.chain_id, after=after, limit=limit)
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.LIST, record_type="claim_event", record_id=claim.id, patient_id=claim.patient_id
            )
        )
        await uow.commit()
        return events
