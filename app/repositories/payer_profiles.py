"""Payer profiles: dated, sourced rows; a practice's own rows beside the general ones of the nil practice."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.payers import ProfileEntry, ProfileSetting
from app.repositories.tables import payer_profile

NIL_PRACTICE = UUID(int=0)


class PayerProfiles:
    def __init__(self, connection: AsyncConnection, practice_id: UUID) -> None:
        self._connection = connection
        self._practice_id = practice_id

    async def entries(self, payer_id: UUID) -> list[ProfileEntry]:
        """All rows of a payer that this practice may see: the general ones and its own."""
        rows = await self._connection.execute(
            sa.select(payer_profile).where(
                payer_profile.c.practice_id.in_([NIL_PRACTICE, self._practice_id]),
                payer_profile.c.payer_id == payer_id,
            )
        )
        return [_entry(row) for row in rows]

    async def overrides(self, payer_id: UUID, *, after: UUID | None, limit: int) -> list[ProfileEntry]:
        query = sa.select(payer_profile).where(
            payer_profile.c.practice_id == self._practice_id, payer_profile.c.payer_id == payer_id
        )
        if after is not None:
            query = query.where(payer_profile.c.id > after)
        rows = await self._connection.execute(query.order_by(payer_profile.c.id).limit(limit))
        return [_entry(row) for row in rows]

    async def add(self, entry: ProfileEntry, *, created_at: datetime) -> None:
        await self._connection.execute(sa.insert(payer_profile).values(self._row(entry, created_at)))

    async def upsert_general(self, entries: Iterable[ProfileEntry], *, created_at: datetime) -> None:
        """For the owner's login, in a unit of work of the nil practice."""
        statement = insert(payer_profile)
        changes = {
            name: statement.excluded[name]
            for name in ("value", "effective_from", "effective_to", "source", "source_url", "noted_on")
        }
        values = [self._row(entry, created_at) for entry in entries]
        if values:
            await self._connection.execute(
                statement.on_conflict_do_update(index_elements=["practice_id", "id"], set_=changes), values
            )

    def _row(self, entry: ProfileEntry, created_at: datetime) -> dict[str, Any]:
        return {
            "practice_id": self._practice_id,
            "id": entry.id,
            "payer_id": entry.payer_id,
            "setting": entry.setting.value,
            "value": entry.value,
            "effective_from": entry.effective_from,
            "effective_to": entry.effective_to,
            "source": entry.source,
            "source_url": entry.source_url,
            "noted_on": entry.noted_on,
            "created_at": created_at,
        }


def _entry(row: sa.Row[tuple[object, ...]]) -> ProfileEntry:
    return ProfileEntry(
        id=row.id,
        payer_id=row.payer_id,
        setting=ProfileSetting(row.setting),
        value=row.value,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        source=row.source,
        source_url=row.source_url,
        noted_on=row.noted_on,
        practice_override=row.practice_id != NIL_PRACTICE,
    )
