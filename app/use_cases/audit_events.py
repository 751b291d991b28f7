"""The audit trail, for the practice's admin; looking at it is itself an event."""

from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry, AuditEvent
from app.domain.callers import Tenant
from app.use_cases.context import Context


async def list_audit_events(
    context: Context, tenant: Tenant, *, patient_id: UUID | None, before: int | None, limit: int
) -> list[AuditEvent]:
    async with context.units.begin(tenant) as uow:
        events = await uow.audit_events.page(patient_id=patient_id, before=before, limit=limit)
        await uow.audit_events.add(
            AuditEntry(action=AuditAction.LIST, record_type="audit_event", patient_id=patient_id)
        )
        await uow.commit()
        return events
