"""The audit trail: written in the transaction of the change or the read it tells of; never changed."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.audit import AuditAction, AuditEntry, AuditEvent
from app.domain.callers import Tenant
from app.repositories.hot_statements import HotStatement
from app.repositories.tables import audit_event

_ADD = HotStatement(
    sa.insert(audit_event).values(
        {column.name: sa.bindparam(column.name) for column in audit_event.columns if column.name != "sequence"}
    )
)


class AuditEvents:
    def __init__(
        self, connection: AsyncConnection, tenant: Tenant, *, now: datetime, new_id: Callable[[], UUID]
    ) -> None:
        self._connection = connection
        self._tenant = tenant
        self._now = now
        self._new_id = new_id

    async def add(self, entry: AuditEntry) -> None:
        tenant = self._tenant
        await _ADD.fetch(
            self._connection,
            {
                "practice_id": tenant.practice_id,
                "id": self._new_id(),
                "occurred_at": self._now,
                "actor": tenant.actor,
                "role": tenant.role,
                "request_id": tenant.request_id,
                "purpose": tenant.purpose.value,
                "action": entry.action.value,
                "record_type": entry.record_type,
                "record_id": entry.record_id,
                "patient_id": entry.patient_id,
                "seen_patient_ids": list(entry.seen_patient_ids) or None,
                "reason": entry.reason,
                "changed_fields": list(entry.changed_fields) or None,
            },
        )

    async def page(self, *, patient_id: UUID | None, before: int | None, limit: int) -> list[AuditEvent]:
        """Newest first, those about one patient when asked, below a sequence number."""
        columns = audit_event.c
        query = sa.select(audit_event).where(columns.practice_id == self._tenant.practice_id)
        if patient_id is not None:
            query = query.where(
                sa.or_(
                    columns.patient_id == patient_id,
                    sa.and_(columns.seen_patient_ids.is_not(None), columns.seen_patient_ids.contains([patient_id])),
                )
            )
        if before is not None:
            query = query.where(columns.sequence < before)
        rows = await self._connection.execute(query.order_by(columns.sequence.desc()).limit(limit))
        return [_event(row) for row in rows]


def _event(row: sa.Row[tuple[object, ...]]) -> AuditEvent:
    return AuditEvent(
        sequence=row.sequence,
        id=row.id,
        occurred_at=row.occurred_at,
        actor=row.actor,
        role=row.role,
        request_id=row.request_id,
        purpose=row.purpose,
        entry=AuditEntry(
            action=AuditAction(row.action),
            record_type=row.record_type,
            record_id=row.record_id,
            patient_id=row.patient_id,
            seen_patient_ids=tuple(row.seen_patient_ids or ()),
            reason=row.reason,
            changed_fields=tuple(row.changed_fields or ()),
        ),
    )
