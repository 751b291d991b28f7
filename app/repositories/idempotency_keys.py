"""Idempotency keys: the answer to a request, kept in the transaction that did its work.

`claim` inserts the key right after the tenant is set. A second request with the key waits for the first one's
transaction (at most the lock time-out of 2 s) and then finds its answer; a rolled-back request leaves no key.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
import uuid_utils.compat
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import IdempotencyKeyInUse
from app.repositories.database import sqlstate
from app.repositories.encryption import PracticeVault
from app.repositories.tables import idempotency_key

_LOCK_NOT_AVAILABLE = "55P03"
_TRIES = 3
"""A key may expire between the insert that met it and the look at it."""


@dataclass(frozen=True, kw_only=True)
class KeptAnswer:
    """What an earlier request with the key was answered; `status` is None while nothing is kept."""

    fingerprint: bytes
    patient_id: UUID | None
    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)


class IdempotencyKeys:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    def fingerprint(self, content: bytes) -> bytes:
        return self._vault.fingerprint(content)

    async def claim(
        self, *, caller: str, operation: str, key: str, fingerprint: bytes, now: datetime
    ) -> UUID | KeptAnswer:
        """The new row's id when the key is fresh, else what it holds."""
        for _ in range(_TRIES):
            row_id = uuid_utils.compat.uuid7()
            if await self._insert(row_id, caller, operation, key, fingerprint, now):
                return row_id
            kept = await self._kept(caller, operation, key)
            if kept is not None:
                return kept
        raise IdempotencyKeyInUse(retry_after=1)

    async def _insert(
        self, row_id: UUID, caller: str, operation: str, key: str, fingerprint: bytes, now: datetime
    ) -> bool:
        statement = (
            insert(idempotency_key)
            .values(
                practice_id=self._vault.practice_id,
                id=row_id,
                caller=caller,
                operation=operation,
                key=key,
                fingerprint=fingerprint,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["practice_id", "caller", "operation", "key"])
            .returning(idempotency_key.c.id)
        )
        try:
            return (await self._connection.execute(statement)).scalar_one_or_none() is not None
        except DBAPIError as error:
            if sqlstate(error) == _LOCK_NOT_AVAILABLE:
                raise IdempotencyKeyInUse(retry_after=2) from None
            raise

    async def keep(
        self, row_id: UUID, *, status: int, headers: tuple[tuple[str, str], ...], body: bytes, patient_id: UUID | None
    ) -> None:
        """Stores, or replaces, the answer of a key this or an earlier transaction of the request claimed."""
        columns = idempotency_key.c
        await self._connection.execute(
            sa.update(idempotency_key)
            .where(columns.practice_id == self._vault.practice_id, columns.id == row_id)
            .values(
                status=status,
                headers=[list(header) for header in headers],
                sealed=self._vault.seal_bytes("idempotency_key", "sealed", row_id, body),
                patient_id=patient_id,
            )
        )

    async def expire(self, *, before: datetime) -> int:
        result = await self._connection.execute(
            sa.delete(idempotency_key).where(
                idempotency_key.c.practice_id == self._vault.practice_id, idempotency_key.c.created_at < before
            )
        )
        return int(result.rowcount)

    async def _kept(self, caller: str, operation: str, key: str) -> KeptAnswer | None:
        """None when the row that was in the way is gone: it expired, or was rolled back."""
        columns = idempotency_key.c
        row = (
            await self._connection.execute(
                sa.select(idempotency_key).where(
                    columns.practice_id == self._vault.practice_id,
                    columns.caller == caller,
                    columns.operation == operation,
                    columns.key == key,
                )
            )
        ).one_or_none()
        if row is None:
            return None
        body = b"" if row.sealed is None else self._vault.open_bytes("idempotency_key", "sealed", row.id, row.sealed)
        return KeptAnswer(
            fingerprint=row.fingerprint,
            patient_id=row.patient_id,
            status=row.status,
            headers=tuple((name, value) for name, value in row.headers or ()),
            body=body,
        )
