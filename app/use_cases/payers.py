"""The payer directory: searched, read with what is known of a payer, overridden by a practice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.errors import Invalid
from app.domain.payers import Payer, ProfileEntry, ProfileSetting, check_profile_entry, effective_profile
from app.use_cases.context import Context, found
from app.use_cases.idempotency import Answer, Call, claim, conclude
from app.use_cases.patients import practice_today


@dataclass(frozen=True, kw_only=True)
class PayerView:
    """A payer with its profile as it stands for this practice on a day."""

    payer: Payer
    on: date
    profile: dict[ProfileSetting, ProfileEntry]


async def search_payers(context: Context, tenant: Tenant, *, text: str, limit: int) -> list[Payer]:
    """Best match first: exact id, alias, prefix, then one typo."""
    async with context.units.begin(tenant) as uow:
        return await context.payer_directory.search(uow.payers, text, limit)


async def read_payer(context: Context, tenant: Tenant, payer_id: UUID, *, on: date | None) -> PayerView:
    async with context.units.begin(tenant) as uow:
        payer = found(await uow.payers.get(payer_id))
        day = on or await practice_today(uow)
        entries = await uow.payer_profiles.entries(payer_id)
        return PayerView(payer=payer, on=day, profile=effective_profile(entries, day))


async def list_payer_overrides(
    context: Context, tenant: Tenant, payer_id: UUID, *, after: UUID | None, limit: int
) -> list[ProfileEntry]:
    async with context.units.begin(tenant) as uow:
        found(await uow.payers.get(payer_id))
        return await uow.payer_profiles.overrides(payer_id, after=after, limit=limit)


async def create_payer_override(
    context: Context,
    tenant: Tenant,
    payer_id: UUID,
    *,
    compose: Callable[[UUID, datetime], ProfileEntry],
    call: Call[ProfileEntry],
) -> Answer:
    """A practice's own dated row: it beats the general profile from its first day on."""
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        found(await uow.payers.get(payer_id))
        entry = compose(uow.new_id(), uow.now)
        findings = check_profile_entry(entry)
        if findings:
            raise Invalid(findings=findings)
        await uow.payer_profiles.add(entry, created_at=uow.now)
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.CREATE,
                record_type="payer_override",
                record_id=entry.id,
                changed_fields=(entry.setting.value,),
            )
        )
        return await conclude(uow, call, claimed, entry)
