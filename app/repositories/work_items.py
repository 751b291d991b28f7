"""Work items: one open item of a kind per coverage; done when the matter is settled."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from app.repositories.tables import work_item


class WorkItems:
    def __init__(self, connection: AsyncConnection, practice_id: UUID) -> None:
        self._connection = connection
        self._practice_id = practice_id

    async def open(self, item: WorkItem) -> None:
        """Does nothing when an item of this kind is open for the coverage."""
        await self._connection.execute(
            insert(work_item)
            .values(
                practice_id=self._practice_id,
                id=item.id,
                kind=item.kind.value,
                status=WorkItemStatus.OPEN.value,
                patient_id=item.patient_id,
                coverage_id=item.coverage_id,
                reason=item.reason,
                created_at=item.created_at,
            )
            .on_conflict_do_nothing(
                # As text: a predicate with parameters matches no index once PostgreSQL plans it without their values.
                index_elements=["practice_id", "kind", "coverage_id"],
                index_where=sa.text("status = 'open'"),
            )
        )

    async def settle(self, coverage_id: UUID, *, now: datetime) -> None:
        """Closes all that is open about a coverage."""
        columns = work_item.c
        await self._connection.execute(
            sa.update(work_item)
            .where(
                columns.practice_id == self._practice_id,
                columns.coverage_id == coverage_id,
                columns.status == WorkItemStatus.OPEN.value,
            )
            .values(status=WorkItemStatus.DONE.value, resolved_at=now)
        )

    async def page(self, *, status: WorkItemStatus | None, after: UUID | None, limit: int) -> list[WorkItem]:
        query = sa.select(work_item).where(work_item.c.practice_id == self._practice_id)
        if status is not None:
            query = query.where(work_item.c.status == status.value)
        if after is not None:
            query = query.where(work_item.c.id > after)
        rows = await self._connection.execute(query.order_by(work_item.c.id).limit(limit))
        return [
            WorkItem(
                id=row.id,
                kind=WorkItemKind(row.kind),
                status=WorkItemStatus(row.status),
                patient_id=row.patient_id,
                coverage_id=row.coverage_id,
                reason=row.reason,
                created_at=row.created_at,
                resolved_at=row.resolved_at,
            )
            for row in rows
        ]
