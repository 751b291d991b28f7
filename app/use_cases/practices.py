"""The practice: its billing identity, read and changed by itself; created by an operator only."""

from collections.abc import Callable
from dataclasses import replace

from app.domain.audit import AuditAction, AuditEntry, changed_fields
from app.domain.callers import Tenant
from app.domain.practices import Practice
from app.use_cases.context import Context, at_version, found


async def read_practice(context: Context, tenant: Tenant) -> Practice:
    async with context.units.begin(tenant) as uow:
        return found(await uow.practices.get())


async def change_practice(
    context: Context, tenant: Tenant, *, version: int, revise: Callable[[Practice], Practice]
) -> Practice:
    async with context.units.begin(tenant) as uow:
        current = found(await uow.practices.get(lock=True))
        at_version(current.version, version)
        revised = replace(revise(current), version=current.version + 1, updated_at=uow.now)
        await uow.practices.save(revised)
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.CHANGE,
                record_type="practice",
                record_id=revised.id,
                changed_fields=changed_fields(current, revised),
            )
        )
        await uow.commit()
        return revised
