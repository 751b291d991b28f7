"""Work items: what waits for a person."""

from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.work_items import WorkItem, WorkItemStatus
from app.use_cases.context import Context


async def list_work_items(
    context: Context, tenant: Tenant, *, status: WorkItemStatus | None, after: UUID | None, limit: int
) -> list[WorkItem]:
    """The last of `limit` items says that there is a next page; it is not given out, and not audited."""
    async with context.units.begin(tenant) as uow:
        items = await uow.work_items.page(status=status, after=after, limit=limit)
        if items:
            seen = tuple(dict.fromkeys(item.patient_id for item in items[: limit - 1]))
            await uow.audit_events.add(
                AuditEntry(action=AuditAction.LIST, record_type="work_item", seen_patient_ids=seen)
            )
            await uow.commit()
        return items
