"""Adjudications: versions of what a payer decided on a claim, sealed; at most one is current."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.adjudications import Adjudication, AdjudicationSource, AdjudicationStatus, Decision
from app.domain.claim_states import ClaimOutcome
from app.repositories.claim_tables import adjudication
from app.repositories.encryption import PracticeVault
from app.repositories.json_forms import JsonForm, to_json

_DECISION = JsonForm(Decision)


class Adjudications:
    """Lock the claim before a version is added or its status changes: numbers and the current one are counted by it."""

    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: Adjudication) -> None:
        """A current one takes the place of the current one."""
        if value.status is AdjudicationStatus.CURRENT:
            await self._supersede(value.claim_id)
        await self._connection.execute(sa.insert(adjudication).values(self._row(value)))

    async def set_status(self, adjudication_id: UUID, status: AdjudicationStatus) -> None:
        """What becomes current takes the place of the current one."""
        if status is AdjudicationStatus.CURRENT:
            claim_id = await self._connection.scalar(
                sa.select(adjudication.c.claim_id).where(*self._key(adjudication_id))
            )
            if claim_id is not None:
                await self._supersede(claim_id)
        await self._connection.execute(
            sa.update(adjudication).where(*self._key(adjudication_id)).values(status=status.value)
        )

    async def get(self, adjudication_id: UUID) -> Adjudication | None:
        return await self._one(sa.select(adjudication).where(*self._key(adjudication_id)))

    async def current(self, claim_id: UUID) -> Adjudication | None:
        return await self._one(sa.select(adjudication).where(*self._current_of(claim_id)))

    async def currents_of_chain(self, chain_id: UUID) -> dict[UUID, Adjudication]:
        """By the claim they decide."""
        columns = adjudication.c
        rows = await self._connection.execute(
            sa.select(adjudication).where(
                columns.practice_id == self._vault.practice_id,
                columns.chain_id == chain_id,
                columns.status == AdjudicationStatus.CURRENT.value,
            )
        )
        return {row.claim_id: self._adjudication(row) for row in rows}

    async def versions(self, claim_id: UUID) -> tuple[Adjudication, ...]:
        """Of every status, first to last."""
        columns = adjudication.c
        rows = await self._connection.execute(
            sa.select(adjudication)
            .where(columns.practice_id == self._vault.practice_id, columns.claim_id == claim_id)
            .order_by(columns.number)
        )
        return tuple(self._adjudication(row) for row in rows)

    async def next_number(self, claim_id: UUID) -> int:
        columns = adjudication.c
        last = await self._connection.scalar(
            sa.select(sa.func.max(columns.number)).where(
                columns.practice_id == self._vault.practice_id, columns.claim_id == claim_id
            )
        )
        return int(last or 0) + 1

    async def _supersede(self, claim_id: UUID) -> None:
        await self._connection.execute(
            sa.update(adjudication)
            .where(*self._current_of(claim_id))
            .values(status=AdjudicationStatus.SUPERSEDED.value)
        )

    async def _one(self, query: sa.Select[Any]) -> Adjudication | None:
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else self._adjudication(row)

    def _key(self, adjudication_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (adjudication.c.practice_id == self._vault.practice_id, adjudication.c.id == adjudication_id)

    def _current_of(self, claim_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        columns = adjudication.c
        return (
            columns.practice_id == self._vault.practice_id,
            columns.claim_id == claim_id,
            columns.status == AdjudicationStatus.CURRENT.value,
        )

    def _row(self, value: Adjudication) -> dict[str, Any]:
        return {
            "practice_id": self._vault.practice_id,
            "id": value.id,
            "claim_id": value.claim_id,
            "chain_id": value.chain_id,
            "payer_id": value.payer_id,
            "number": value.number,
            "status": value.status.value,
            "source": value.source.value,
            "outcome": value.outcome.value,
            "sealed": self._vault.seal_bytes("adjudication", "sealed", value.id, to_json(value.decision)),
            "based_on": value.based_on,
            "repair_id": value.repair_id,
            "response_id": value.response_id,
            "created_by": value.created_by,
            "created_at": value.created_at,
        }

    def _adjudication(self, row: sa.Row[tuple[object, ...]]) -> Adjudication:
        return Adjudication(
            id=row.id,
            claim_id=row.claim_id,
            chain_id=row.chain_id,
            payer_id=row.payer_id,
            number=row.number,
            status=AdjudicationStatus(row.status),
            source=AdjudicationSource(row.source),
            outcome=ClaimOutcome(row.outcome),
            decision=_DECISION.read(self._vault.open("adjudication", "sealed", row.id, row.sealed)),
            based_on=row.based_on,
            repair_id=row.repair_id,
            response_id=row.response_id,
            created_by=row.created_by,
            created_at=row.created_at,
        )
