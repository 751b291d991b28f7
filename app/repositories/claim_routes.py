"""Routes: whose claim a patient control number names, across all practices and for ever."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.claim_chains import ClaimRoute
from app.repositories.claim_tables import claim_route


class ClaimRoutes:
    """`connection` may be a practice's unit of work (add) or a plain transaction (find)."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, patient_control_number: str, *, practice_id: UUID, claim_id: UUID, now: datetime) -> bool:
        """False when the number is taken, by whomever: draw another."""
        result = await self._connection.execute(
            insert(claim_route)
            .values(
                patient_control_number=patient_control_number,
                practice_id=practice_id,
                claim_id=claim_id,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["patient_control_number"])
            .returning(claim_route.c.claim_id)
        )
        return result.scalar_one_or_none() is not None

    async def find(self, patient_control_numbers: Iterable[str]) -> dict[str, ClaimRoute]:
        """The routes of those that are known."""
        columns = claim_route.c
        numbers = sa.bindparam("numbers", list(patient_control_numbers), type_=sa.ARRAY(sa.Text))
        rows = await self._connection.execute(
            sa.select(claim_route).where(columns.patient_control_number == sa.func.any(numbers))
        )
        return {
            row.patient_control_number: ClaimRoute(practice_id=row.practice_id, claim_id=row.claim_id) for row in rows
        }
