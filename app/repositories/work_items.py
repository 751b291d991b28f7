"""Work items: one open item of a kind per claim, or per coverage where no claim is concerned; done when it is settled."""

from collections.abc import Iterable
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
        """Does nothing when an item of this kind is open for the claim, or without one for the coverage."""
        # As text: a predicate with parameters matches no index once PostgreSQL plans it without their values.
        if item.claim_id is None:
            about, where = "coverage_id", sa.text("status = 'open' and claim_id is null")
        else:
            about, where = "claim_id", sa.text("status = 'open' and claim_id is not null")
        await self._connection.execute(
            insert(work_item)
            .values(
                practice_id=self._practice_id,
                id=item.id,
                kind=item.kind.value,
                status=WorkItemStatus.OPEN.value,
                patient_id=item.patient_id,
                coverage_id=item.coverage_id,
                claim_id=item.claim_id,
                reason=item.reason,
                due_on=item.due_on,
                created_at=item.created_at,
            )
            .on_conflict_do_nothing(index_elements=["practice_id", "kind", about], index_where=where)
        )

    async def settle(self, coverage_id: UUID, *, now: datetime) -> None:
        """Closes what is open about a coverage itself; what is about a claim on it stays."""
        await self._close(work_item.c.coverage_id == coverage_id, work_item.c.claim_id.is_(None), now=now)

    async def settle_claim(
        self, claim_id: UUID, *, kinds: Iterable[WorkItemKind] = tuple(WorkItemKind), now: datetime
    ) -> None:
        """Closes what is open about a claim, of these kinds."""
        words = [kind.value for kind in kinds]
        await self._close(work_item.c.claim_id == claim_id, work_item.c.kind.in_(words), now=now)

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
                claim_id=row.claim_id,
                reason=row.reason,
                due_on=row.due_on,
                created_at=row.created_at,
                resolved_at=row.resolved_at,
            )
            for row in rows
        ]

    async def _close(self, *conditions: sa.ColumnElement[bool], now: datetime) -> None:
        columns = work_item.c
        await self._connection.execute(
            sa.update(work_item)
            .where(columns.practice_id == self._practice_id, columns.status == WorkItemStatus.OPEN.value, *conditions)
            .values(status=WorkItemStatus.DONE.value, resolved_at=now)
        )
