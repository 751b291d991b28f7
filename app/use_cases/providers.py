"""Providers of the practice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry, changed_fields
from app.domain.callers import Tenant
from app.domain.errors import AlreadyExists, Invalid
from app.domain.findings import Finding
from app.domain.providers import Provider, check_provider
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, at_version, found
from app.use_cases.idempotency import Answer, Call, claim, conclude


async def create_provider(
    context: Context, tenant: Tenant, *, compose: Callable[[UUID, datetime], Provider], call: Call[Provider]
) -> Answer:
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        provider = compose(uow.new_id(), uow.now)
        await _check(uow, provider)
        if not await uow.providers.add(provider):
            raise _npi_taken()
        await uow.audit_events.add(AuditEntry(action=AuditAction.CREATE, record_type="provider", record_id=provider.id))
        return await conclude(uow, call, claimed, provider)


async def read_provider(context: Context, tenant: Tenant, provider_id: UUID) -> Provider:
    async with context.units.begin(tenant) as uow:
        return found(await uow.providers.get(provider_id))


async def list_providers(context: Context, tenant: Tenant, *, after: UUID | None, limit: int) -> list[Provider]:
    async with context.units.begin(tenant) as uow:
        return await uow.providers.page(after=after, limit=limit)


async def change_provider(
    context: Context, tenant: Tenant, provider_id: UUID, *, version: int, revise: Callable[[Provider], Provider]
) -> Provider:
    async with context.units.begin(tenant) as uow:
        current = found(await uow.providers.get(provider_id, lock=True))
        at_version(current.version, version)
        revised = replace(revise(current), version=current.version + 1, updated_at=uow.now)
        await _check(uow, revised)
        if not await uow.providers.save(revised):
            raise _npi_taken()
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.CHANGE,
                record_type="provider",
                record_id=revised.id,
                changed_fields=changed_fields(current, revised),
            )
        )
        await uow.commit()
        return revised


async def _check(uow: UnitOfWork, provider: Provider) -> None:
    findings = list(check_provider(provider))
    known = await uow.payers.known({entry.payer_id for entry in provider.participations})
    findings.extend(
        Finding(code="payer_unknown", message="There is no such payer.", pointer=f"/participations/{position}/payer_id")
        for position, entry in enumerate(provider.participations)
        if entry.payer_id not in known
    )
    if findings:
        raise Invalid(findings=tuple(findings))


def _npi_taken() -> AlreadyExists:
    return AlreadyExists(
        "The practice has a provider with this NPI.",
        code="npi_taken",
        findings=(Finding(code="npi_taken", message="The practice has a provider with this NPI.", pointer="/npi"),),
    )
