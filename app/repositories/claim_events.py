"""The timeline of claims: written in the transaction of what it tells of; never changed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Tenant
from app.domain.claim_events import ClaimEvent
from app.domain.claim_states import ClaimEventKind
from app.repositories.claim_tables import claim_event

NO_FACTS: Mapping[str, str | int | None] = MappingProxyType({})


class ClaimEvents:
    def __init__(
        self, connection: AsyncConnection, tenant: Tenant, *, now: datetime, new_id: Callable[[], UUID]
    ) -> None:
        self._connection = connection
        self._tenant = tenant
        self._now = now
        self._new_id = new_id

    async def add(
        self,
        kind: ClaimEventKind,
        *,
        chain_id: UUID,
        claim_id: UUID,
        patient_id: UUID,
        reason: str | None = None,
        facts: Mapping[str, str | int | None] = NO_FACTS,
    ) -> None:
        """`facts` are ids, counts and words of closed lists: they are kept as they are, readable."""
        tenant = self._tenant
        await self._connection.execute(
            sa.insert(claim_event).values(
                practice_id=tenant.practice_id,
                id=self._new_id(),
                chain_id=chain_id,
                claim_id=claim_id,
                patient_id=patient_id,
                kind=kind.value,
                occurred_at=self._now,
                actor=tenant.actor,
                role=tenant.role,
                request_id=tenant.request_id,
                reason=reason,
                facts=dict(facts),
            )
        )

    async def of_chain(self, chain_id: UUID, *, after: int | None = None, limit: int) -> list[ClaimEvent]:
        """Oldest first, above a sequence number."""
        columns = claim_event.c
        query = sa.select(claim_event).where(
            columns.practice_id == self._tenant.practice_id, columns.chain_id == chain_id
        )
        if after is not None:
            query = query.where(columns.sequence > after)
        rows = await self._connection.execute(query.order_by(columns.sequence).limit(limit))
        return [_event(row) for row in rows]


def _event(row: sa.Row[tuple[Any, ...]]) -> ClaimEvent:
    return ClaimEvent(
        id=row.id,
        chain_id=row.chain_id,
        claim_id=row.claim_id,
        patient_id=row.patient_id,
        kind=ClaimEventKind(row.kind),
        occurred_at=row.occurred_at,
        actor=row.actor,
        role=row.role,
        request_id=row.request_id,
        reason=row.reason,
        facts=row.facts,
        sequence=row.sequence,
    )
