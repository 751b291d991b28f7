"""The payer directory: one table for all practices, searched through an index kept in memory."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.payers import Payer, PayerKind, PayerSupport, SupportLevel
from app.repositories.payer_search import PayerIndex, SearchablePayer
from app.repositories.personal import address_from_json, address_to_json
from app.repositories.tables import payer

_FRESH_SECONDS = 60.0


class Payers:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, payer_id: UUID) -> Payer | None:
        row = (await self._connection.execute(sa.select(payer).where(payer.c.id == payer_id))).one_or_none()
        return None if row is None else _payer(row)

    async def known(self, payer_ids: Iterable[UUID]) -> set[UUID]:
        """Those of the ids that exist."""
        wanted = list(payer_ids)
        if not wanted:
            return set()
        return set(await self._connection.scalars(sa.select(payer.c.id).where(payer.c.id.in_(wanted))))

    async def in_order(self, payer_ids: list[UUID]) -> list[Payer]:
        """The payers in the order of the ids."""
        rows = await self._connection.execute(sa.select(payer).where(payer.c.id.in_(payer_ids)))
        by_id = {row.id: _payer(row) for row in rows}
        return [by_id[payer_id] for payer_id in payer_ids if payer_id in by_id]

    async def searchable(self) -> list[SearchablePayer]:
        columns = payer.c
        rows = await self._connection.execute(
            sa.select(columns.id, columns.electronic_id, columns.name, columns.aliases)
        )
        return [
            SearchablePayer(id=row.id, electronic_id=row.electronic_id, name=row.name, aliases=tuple(row.aliases))
            for row in rows
        ]

    async def version(self) -> tuple[object, ...]:
        """Differs whenever the directory was loaded anew."""
        row = (await self._connection.execute(sa.select(sa.func.count(), sa.func.max(payer.c.updated_at)))).one()
        return tuple(row)

    async def upsert(self, payers: Iterable[Payer]) -> None:
        """For the owner's login only: the application may not write here."""
        values = [_row(value) for value in payers]
        statement = insert(payer)
        changes = {column.name: statement.excluded[column.name] for column in payer.columns if column.name != "id"}
        for start in range(0, len(values), 1000):
            await self._connection.execute(
                statement.on_conflict_do_update(index_elements=["id"], set_=changes), values[start : start + 1000]
            )


class PayerDirectory:
    """The search index of this process: built once, looked at again for changes once a minute."""

    def __init__(self) -> None:
        self._index: PayerIndex | None = None
        self._version: tuple[object, ...] = ()
        self._checked_at = 0.0
        self._building = asyncio.Lock()

    async def search(self, payers: Payers, text: str, limit: int) -> list[Payer]:
        index = await self._current(payers)
        return await payers.in_order([match.payer_id for match in index.search(text, limit=limit)])

    async def _current(self, payers: Payers) -> PayerIndex:
        if self._index is not None and time.monotonic() - self._checked_at < _FRESH_SECONDS:
            return self._index
        async with self._building:
            version = await payers.version()
            if self._index is None or version != self._version:
                self._index = PayerIndex(await payers.searchable())
                self._version = version
            self._checked_at = time.monotonic()
            return self._index


def _row(value: Payer) -> dict[str, Any]:
    supports = value.supports
    return {
        "id": value.id,
        "electronic_id": value.electronic_id,
        "name": value.name,
        "aliases": list(value.aliases),
        "kind": value.kind.value,
        "claim_filing_code": value.claim_filing_code,
        "states": list(value.states),
        "is_original_medicare": value.is_original_medicare,
        "address": address_to_json(value.address),
        "supports": {
            "eligibility": supports.eligibility.value,
            "claims": supports.claims.value,
            "secondary_claims": supports.secondary_claims.value,
            "remittances": supports.remittances.value,
        },
        "updated_at": value.updated_at,
    }


def _payer(row: sa.Row[tuple[object, ...]]) -> Payer:
    return Payer(
        id=row.id,
        electronic_id=row.electronic_id,
        name=row.name,
        aliases=tuple(row.aliases),
        kind=PayerKind(row.kind),
        claim_filing_code=row.claim_filing_code,
        states=tuple(row.states),
        is_original_medicare=row.is_original_medicare,
        address=address_from_json(row.address),
        supports=PayerSupport(**{name: SupportLevel(level) for name, level in row.supports.items()}),
        updated_at=row.updated_at,
    )
