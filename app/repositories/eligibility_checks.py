"""Eligibility checks, and each exchange with the clearinghouse with its exact bytes, sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.eligibility import CheckStatus, EligibilityCheck
from app.repositories.eligibility_results import result_from_json, result_to_json
from app.repositories.encryption import PracticeVault
from app.repositories.signals import ANSWER_CHANNEL
from app.repositories.tables import eligibility_check, eligibility_exchange


class EligibilityChecks:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: EligibilityCheck) -> None:
        await self._connection.execute(sa.insert(eligibility_check).values(self._row(value)))

    async def save(self, value: EligibilityCheck) -> None:
        """Whoever waits for the check hears of it at the commit."""
        await self._connection.execute(
            sa.update(eligibility_check).where(*self._key(value.id)).values(self._row(value))
        )
        await self._connection.execute(sa.select(sa.func.pg_notify(ANSWER_CHANNEL, str(value.id))))

    async def get(self, check_id: UUID, *, lock: bool = False) -> EligibilityCheck | None:
        query = sa.select(eligibility_check).where(*self._key(check_id))
        row = (await self._connection.execute(query.with_for_update() if lock else query)).one_or_none()
        return None if row is None else self._check(row)

    async def status(self, check_id: UUID) -> CheckStatus | None:
        found = await self._connection.scalar(sa.select(eligibility_check.c.status).where(*self._key(check_id)))
        return None if found is None else CheckStatus(found)

    async def page(self, *, coverage_id: UUID, after: UUID | None, limit: int) -> list[EligibilityCheck]:
        """Newest first."""
        columns = eligibility_check.c
        query = sa.select(eligibility_check).where(
            columns.practice_id == self._vault.practice_id, columns.coverage_id == coverage_id
        )
        if after is not None:
            query = query.where(columns.id < after)
        rows = await self._connection.execute(query.order_by(columns.id.desc()).limit(limit))
        return [self._check(row) for row in rows]

    async def add_exchange(
        self,
        *,
        exchange_id: UUID,
        check_id: UUID,
        attempt: int,
        part: int,
        control_number: int,
        trace_number: str,
        inquiry: str,
        sent_at: datetime,
    ) -> None:
        """Kept before the first byte leaves, so that what was asked is known whatever happens to the answer."""
        content = inquiry.encode()
        await self._connection.execute(
            sa.insert(eligibility_exchange).values(
                practice_id=self._vault.practice_id,
                id=exchange_id,
                check_id=check_id,
                attempt=attempt,
                part=part,
                control_number=control_number,
                trace_number=trace_number,
                sealed_inquiry=self._vault.seal_bytes("eligibility_exchange", "sealed_inquiry", exchange_id, content),
                inquiry_fingerprint=self._vault.fingerprint(content),
                sent_at=sent_at,
            )
        )

    async def answer_exchange(
        self, exchange_id: UUID, *, answer: str | None, failure: str | None, answered_at: datetime
    ) -> None:
        """The raw answer, or one word of why there is none."""
        columns = eligibility_exchange.c
        sealed = answer and self._vault.seal_bytes(
            "eligibility_exchange", "sealed_answer", exchange_id, answer.encode("utf-8", "surrogatepass")
        )
        await self._connection.execute(
            sa.update(eligibility_exchange)
            .where(columns.practice_id == self._vault.practice_id, columns.id == exchange_id)
            .values(sealed_answer=sealed or None, failure=failure, answered_at=answered_at)
        )

    def _key(self, check_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (eligibility_check.c.practice_id == self._vault.practice_id, eligibility_check.c.id == check_id)

    def _row(self, value: EligibilityCheck) -> dict[str, Any]:
        result = value.result
        return {
            "practice_id": self._vault.practice_id,
            "id": value.id,
            "patient_id": value.patient_id,
            "coverage_id": value.coverage_id,
            "provider_id": value.provider_id,
            "service_date": value.service_date,
            "status": value.status.value,
            "outcome": result and result.outcome.value,
            "sealed": result and self._vault.seal("eligibility_check", "sealed", value.id, result_to_json(result)),
            "requested_by": value.requested_by,
            "created_at": value.created_at,
            "updated_at": value.updated_at,
            "answered_at": value.answered_at,
            "version": value.version,
        }

    def _check(self, row: sa.Row[tuple[object, ...]]) -> EligibilityCheck:
        sealed = row.sealed
        return EligibilityCheck(
            id=row.id,
            patient_id=row.patient_id,
            coverage_id=row.coverage_id,
            provider_id=row.provider_id,
            service_date=row.service_date,
            status=CheckStatus(row.status),
            requested_by=row.requested_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
            answered_at=row.answered_at,
            result=sealed and result_from_json(self._vault.open("eligibility_check", "sealed", row.id, sealed)),
            version=row.version,
        )
