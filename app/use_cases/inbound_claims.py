"""Recording what a document says of one practice's claims, under that practice's tenancy.

One short transaction for each claim, which locks its chain and no other. Each place of a document is recorded once, so a
job that was cut off anywhere is simply done again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from uuid import UUID

from app.domain.acknowledgments import ClaimAcknowledgment
from app.domain.audit import AuditAction, AuditEntry
from app.domain.claim_chains import ClaimRoute
from app.domain.errors import DatabaseUnavailable, LeaseLost
from app.domain.inbound_documents import InboundDocument, InboundKind
from app.domain.jobs import Job
from app.domain.remittances import ClaimPayment
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_acknowledgments import record_acknowledgment
from app.use_cases.claim_records import locked_claim
from app.use_cases.context import Context, found
from app.use_cases.eligibility_checks import tenant_of
from app.use_cases.inbound_reading import RemittancePart, own_acknowledgments, own_remittances
from app.use_cases.persistence import persistently
from app.use_cases.remittance_recording import record_payments, report_unreadable
from app.x12.inbound import patient_control_numbers

_Write: TypeAlias = Callable[[UnitOfWork], Awaitable[None]]
"""What is recorded in one transaction."""


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """A document, its bytes, and whose the claims in it are."""

    document: InboundDocument
    content: bytes
    routes: dict[str, ClaimRoute]
    practice_id: UUID

    @property
    def mine(self) -> dict[str, UUID]:
        """The practice's claims by their numbers."""
        return {
            number: route.claim_id for number, route in self.routes.items() if route.practice_id == self.practice_id
        }

    @property
    def others(self) -> frozenset[str]:
        return frozenset(number for number, route in self.routes.items() if route.practice_id != self.practice_id)


async def record_inbound_claims(context: Context, job: Job) -> int:
    """How many claims were spoken of. Raises `LeaseLost` when another worker has the job by now."""
    reading = await _read(context, job)
    is_remittance = reading.document.kind is InboundKind.REMITTANCE
    writes = await (_remittance_writes(reading) if is_remittance else _acknowledgment_writes(reading))
    await _write_all(context, job, writes)

    async def finish(uow: UnitOfWork) -> None:
        await uow.jobs.finish(job)

    await _in_practice(context, job, finish)
    return len(reading.mine)


async def _read(context: Context, job: Job) -> _Reading:
    async with context.units.begin_plain() as work:
        await work.jobs.hold(job)
        document = found(await work.inbound_documents.get(job.subject_id))
        content = found(await work.inbound_documents.content(document.id))
    numbers = await asyncio.to_thread(patient_control_numbers, content)
    async with context.units.begin_plain() as work:
        routes = await work.claim_routes.find(numbers)
    return _Reading(document=document, content=content, routes=routes, practice_id=job.practice_id)


async def _acknowledgment_writes(reading: _Reading) -> list[_Write]:
    mine = reading.mine
    said = await asyncio.to_thread(own_acknowledgments, reading.content, reading.document.kind, mine.keys())
    return [
        partial(_acknowledge, reading.document.id, mine[one.patient_control_number], position, one)
        for position, one in said
    ]


async def _remittance_writes(reading: _Reading) -> list[_Write]:
    mine, document_id = reading.mine, reading.document.id
    parts = await asyncio.to_thread(own_remittances, reading.content, mine.keys(), reading.others)
    writes: list[_Write] = []
    for part in parts:
        writes += [
            partial(record_payments, document_id, part, claim_id, payments)
            for claim_id, payments in _by_claim(part, mine).items()
        ]
    readable = {payment.patient_control_number for part in parts for payment in part.claims}
    writes += [partial(report_unreadable, claim_id) for number, claim_id in mine.items() if number not in readable]
    return writes


async def _acknowledge(
    document_id: UUID, claim_id: UUID, position: int, acknowledgment: ClaimAcknowledgment, uow: UnitOfWork
) -> None:
    if await uow.claims.get(claim_id) is None:
        return  # a draft that was deleted: nobody can have it
    claim = await locked_claim(uow, claim_id)
    await record_acknowledgment(uow, claim, acknowledgment, position=position, document_id=document_id)
    await uow.audit_events.add(
        AuditEntry(
            action=AuditAction.RECORD_ANSWER,
            record_type="claim",
            record_id=claim.id,
            patient_id=claim.patient_id,
            reason=acknowledgment.effect.value,
        )
    )


def _by_claim(part: RemittancePart, mine: dict[str, UUID]) -> dict[UUID, list[ClaimPayment]]:
    payments: dict[UUID, list[ClaimPayment]] = defaultdict(list)
    for payment in part.claims:
        payments[mine[payment.patient_control_number]].append(payment)
    return payments


async def _write_all(context: Context, job: Job, writes: Iterable[_Write]) -> None:
    """One that cannot be recorded keeps no other waiting; then the job has failed all the same."""
    failed: Exception | None = None
    for write in writes:
        try:
            await _fenced(context, job, write)
        except (LeaseLost, DatabaseUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is about one claim
            failed = failed or error
    if failed is not None:
        raise failed


async def _fenced(context: Context, job: Job, write: _Write) -> None:
    """Whoever has lost the lease writes nothing."""

    async def held(uow: UnitOfWork) -> None:
        await uow.jobs.hold(job)
        await write(uow)

    await _in_practice(context, job, held)


async def _in_practice(context: Context, job: Job, write: _Write) -> None:
    async def attempt() -> None:
        async with context.units.begin(tenant_of(job)) as uow:
            await write(uow)
            await uow.commit()

    await persistently(attempt)
