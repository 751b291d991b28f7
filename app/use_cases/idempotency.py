"""Idempotent calls: the first one's answer is kept in its own transaction, later ones are given it again.

The router hands over a rendering function, so that status, headers and body are stored before the commit: a request that
rolls back leaves no key, and one whose answer was lost on the way finds it here. Kept 7 days.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Generic, TypeVar
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.errors import IdempotencyKeyInUse, IdempotencyKeyReused, NotFound
from app.repositories.idempotency_keys import KeptAnswer
from app.repositories.practices import practice_ids
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context

T = TypeVar("T")

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer as bytes."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """One POST: its operation, the caller's key, what the request was, and how its result is rendered."""

    operation: str
    key: str
    content: bytes = field(repr=False)
    render: Callable[[T], Answer]


async def claim(uow: UnitOfWork, call: Call[T]) -> UUID | Answer:
    """The key's row for a first call; the kept answer, already audited and committed, for a repeated one."""
    fingerprint = uow.idempotency_keys.fingerprint(call.content)
    claimed = await uow.idempotency_keys.claim(
        caller=uow.tenant.actor, operation=call.operation, key=call.key, fingerprint=fingerprint, now=uow.now
    )
    if isinstance(claimed, KeptAnswer):
        return await _replay(uow, claimed, fingerprint)
    return claimed


async def conclude(uow: UnitOfWork, call: Call[T], row: UUID, result: T, *, patient_id: UUID | None = None) -> Answer:
    """Renders the result, keeps the answer, commits."""
    answer = call.render(result)
    await uow.idempotency_keys.keep(
        row, status=answer.status, headers=answer.headers, body=answer.body, patient_id=patient_id
    )
    await uow.commit()
    return answer


async def expire_keys(context: Context) -> int:
    """Deletes what is older than 7 days, practice by practice; returns how many keys went."""
    async with context.database.transaction() as connection:
        practices = await practice_ids(connection)
    expired = 0
    for practice_id in practices:
        tenant = Tenant(practice_id=practice_id, actor="system", role="system", request_id="housekeeping")
        async with context.units.begin(tenant) as uow:
            expired += await uow.idempotency_keys.expire(before=uow.now - KEPT_FOR)
            await uow.commit()
    return expired


async def _replay(uow: UnitOfWork, kept: KeptAnswer, fingerprint: bytes) -> Answer:
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if kept.status is None:
        raise IdempotencyKeyInUse(retry_after=2)
    if kept.patient_id is not None and not uow.tenant.may_see(kept.patient_id):
        raise NotFound  # the same subject, confined to another patient now
    answer = Answer(status=kept.status, headers=kept.headers, body=kept.body)
    if kept.patient_id is not None:
        await uow.audit_events.add(
            AuditEntry(action=AuditAction.REPLAY, record_type="answer", patient_id=kept.patient_id)
        )
        await uow.commit()
    return replace(answer, headers=(*answer.headers, ("Idempotency-Replayed", "true")))
