"""Chains of claims: one live chain for each encounter and billing provider, however many ask at once."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
import uuid_utils.compat
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.claim_chains import ClaimChain
from app.domain.errors import DatabaseUnavailable
from app.repositories.claim_tables import claim_chain

_TRIES = 3
"""A chain may be given up between the insert that met it and the look at it."""


class ClaimChains:
    def __init__(self, connection: AsyncConnection, practice_id: UUID) -> None:
        self._connection = connection
        self._practice_id = practice_id

    async def get_or_add_live(
        self, *, encounter_id: str, billing_key: str, patient_id: UUID, now: datetime
    ) -> ClaimChain:
        """The live chain, locked until the transaction ends. One that was there may be another patient's: compare."""
        for _ in range(_TRIES):
            await self._connection.execute(
                insert(claim_chain)
                .values(
                    practice_id=self._practice_id,
                    id=uuid_utils.compat.uuid7(),
                    encounter_id=encounter_id,
                    patient_id=patient_id,
                    billing_key=billing_key,
                    is_live=True,
                    settled=False,
                    created_at=now,
                )
                .on_conflict_do_nothing(
                    index_elements=["practice_id", "encounter_id", "billing_key"], index_where=sa.text("is_live")
                )
            )
            columns = claim_chain.c
            row = (
                await self._connection.execute(
                    sa.select(claim_chain)
                    .where(
                        columns.practice_id == self._practice_id,
                        columns.encounter_id == encounter_id,
                        columns.billing_key == billing_key,
                        columns.is_live,
                    )
                    .with_for_update(key_share=True)
                )
            ).one_or_none()
            if row is not None:
                return _chain(row)
        raise DatabaseUnavailable(retry_after=1)

    async def get(self, chain_id: UUID, *, lock: bool = False) -> ClaimChain | None:
        query = sa.select(claim_chain).where(*self._key(chain_id))
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return None if row is None else _chain(row)

    async def retire(self, chain_id: UUID) -> None:
        """Makes room for another chain of the encounter."""
        await self._connection.execute(sa.update(claim_chain).where(*self._key(chain_id)).values(is_live=False))

    async def settle(self, chain_id: UUID, *, settled: bool) -> None:
        await self._connection.execute(sa.update(claim_chain).where(*self._key(chain_id)).values(settled=settled))

    def _key(self, chain_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (claim_chain.c.practice_id == self._practice_id, claim_chain.c.id == chain_id)


def _chain(row: sa.Row[tuple[object, ...]]) -> ClaimChain:
    return ClaimChain(
        id=row.id,
        encounter_id=row.encounter_id,
        patient_id=row.patient_id,
        billing_key=row.billing_key,
        is_live=row.is_live,
        settled=row.settled,
        created_at=row.created_at,
    )
