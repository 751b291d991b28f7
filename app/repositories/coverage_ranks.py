"""The ranks of verified coverages: rows (coverage, rank, period) under deferred exclusion constraints."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uuid_utils.compat
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.coverage_ranks import CoverageRank
from app.repositories.tables import coverage_rank

_DAY = timedelta(days=1)


class CoverageRanks:
    def __init__(self, connection: AsyncConnection, practice_id: UUID) -> None:
        self._connection = connection
        self._practice_id = practice_id

    async def of_patient(self, patient_id: UUID) -> tuple[CoverageRank, ...]:
        """All rows of one patient. Lock the patient first when they are to change."""
        columns = coverage_rank.c
        rows = await self._connection.execute(
            sa.select(coverage_rank)
            .where(columns.practice_id == self._practice_id, columns.patient_id == patient_id)
            .order_by(columns.during, columns.rank)
        )
        return tuple(_rank(row) for row in rows)

    async def replace(self, patient_id: UUID, rows: Iterable[CoverageRank]) -> None:
        """The patient's rows become exactly these."""
        columns = coverage_rank.c
        await self._connection.execute(
            sa.delete(coverage_rank).where(columns.practice_id == self._practice_id, columns.patient_id == patient_id)
        )
        values = [self._row(patient_id, row) for row in rows]
        if values:
            await self._connection.execute(sa.insert(coverage_rank), values)

    async def add(self, patient_id: UUID, value: CoverageRank) -> None:
        await self._connection.execute(sa.insert(coverage_rank), [self._row(patient_id, value)])

    def _row(self, patient_id: UUID, value: CoverageRank) -> dict[str, Any]:
        return {
            "practice_id": self._practice_id,
            "id": uuid_utils.compat.uuid7(),
            "patient_id": patient_id,
            "coverage_id": value.coverage_id,
            "benefit_class": value.benefit_class.value,
            "rank": value.rank.number,
            "insurance_type_code": value.insurance_type_code,
            "during": Range(value.from_date, value.to_date and value.to_date + _DAY, bounds="[)"),
        }


def _rank(row: sa.Row[tuple[object, ...]]) -> CoverageRank:
    last: date | None = row.during.upper
    return CoverageRank(
        coverage_id=row.coverage_id,
        benefit_class=BenefitClass(row.benefit_class),
        rank=PayerResponsibility.from_number(row.rank),
        insurance_type_code=row.insurance_type_code,
        from_date=row.during.lower,
        to_date=None if last is None else last - _DAY,
    )
