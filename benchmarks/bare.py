"""The yardstick: FastAPI and asyncpg and nothing else, doing the same work on the same tables.

It verifies the same token, sets the tenant, runs the same SQL with the audit event, opens the same sealed column and sends
the same bytes. What ours costs above it is the price of layers, domain values and the gate in front of every operation.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import uuid_utils.compat
from fastapi import Request

from app.domain.callers import Caller
from app.repositories.encryption import PracticeVault

SET_TENANT = "select set_config('crossover.practice_id', $1, true)"
RANKS = "primary secondary tertiary fourth fifth sixth seventh eighth ninth tenth eleventh".split()
_AUDIT = """
insert into audit_event (practice_id, id, occurred_at, actor, role, request_id, purpose, action, record_type, record_id,
    patient_id, seen_patient_ids, reason, changed_fields)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""


@dataclass(frozen=True)
class Floor:
    """What the bare handlers stand on."""

    pool: asyncpg.Pool
    verify: Callable[[str], Awaitable[Caller]]
    vault: PracticeVault

    async def caller(self, request: Request) -> Caller:
        return await self.verify(request.headers["authorization"].removeprefix("Bearer "))


async def audit(
    connection: Any,
    caller: Caller,
    action: str,
    record_type: str,
    *,
    record: UUID | None = None,
    patient: UUID | None = None,
    seen: Sequence[UUID] | None = None,
) -> None:
    await connection.execute(
        _AUDIT,
        caller.practice_id,
        uuid_utils.compat.uuid7(),
        datetime.now(UTC),
        caller.subject,
        "+".join(sorted(caller.roles)),
        "bare",
        "payment",
        action,
        record_type,
        record,
        patient,
        seen,
        None,
        None,
    )


def time_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=None).isoformat() + "Z"


def id_text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
