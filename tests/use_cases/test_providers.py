"""Providers through their use cases, on a real database: the NPI's uniqueness, payers that exist, changes that meet, pages."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.audit import AuditAction
from app.domain.callers import Tenant
from app.domain.codes import AcceptsAssignment
from app.domain.errors import AlreadyExists, Invalid, NotFound, StaleVersion
from app.domain.payers import payer_id
from app.domain.providers import PayerParticipation, Provider, ProviderKind
from app.use_cases import providers
from app.use_cases.context import Context
from tests.factories import a_provider, an_npi
from tests.running import Databases
from tests.use_cases.callers import Noting, staff

KNOWN, UNKNOWN = payer_id("XOVR1"), uuid4()


def terms(payer: UUID) -> PayerParticipation:
    return PayerParticipation(payer_id=payer, accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=True)


async def add(context: Context, tenant: Tenant, **changes: Any) -> Provider:
    noting = Noting[Provider]()
    await providers.create_provider(
        context,
        tenant,
        compose=lambda new_id, now: a_provider(id=new_id, created_at=now, updated_at=now, **changes),
        call=noting.call(),
    )
    return noting.results[0]


async def change(context: Context, tenant: Tenant, provider: Provider, **changes: Any) -> Provider:
    return await providers.change_provider(
        context, tenant, provider.id, version=provider.version, revise=lambda current: replace(current, **changes)
    )


async def test_a_provider_is_read_as_it_was_added(context: Context, tenant: Tenant) -> None:
    added = await add(context, tenant, participations=(terms(KNOWN),))
    assert await providers.read_provider(context, tenant, added.id) == added


async def test_an_npi_is_unique_in_its_practice_only(context: Context, tenant: Tenant, databases: Databases) -> None:
    await add(context, tenant, npi=an_npi(7))
    other = await add(context, tenant, npi=an_npi(8))
    with pytest.raises(AlreadyExists) as refusal:
        await add(context, tenant, npi=an_npi(7))
    assert (refusal.value.problem_code, refusal.value.findings[0].pointer) == ("npi_taken", "/npi")
    with pytest.raises(AlreadyExists):
        await change(context, tenant, other, npi=an_npi(7))
    stranger = staff(await databases.add_practice())
    assert (await add(context, stranger, npi=an_npi(7))).npi == an_npi(7)


async def test_providers_that_change_to_one_npi_at_once_do_not_share_it(context: Context, tenant: Tenant) -> None:
    some = [await add(context, tenant, npi=an_npi(number)) for number in range(4)]
    outcomes = await asyncio.gather(
        *(change(context, tenant, provider, npi=an_npi(99)) for provider in some), return_exceptions=True
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [isinstance(refusal, AlreadyExists) for refusal in refusals] == [True] * 3


async def test_all_findings_come_at_once_with_their_places(context: Context, tenant: Tenant) -> None:
    with pytest.raises(Invalid) as refusal:
        await add(
            context,
            tenant,
            kind=ProviderKind.ORGANIZATION,
            participations=(terms(KNOWN), terms(UNKNOWN), terms(KNOWN)),
        )
    assert {(finding.code, finding.pointer) for finding in refusal.value.findings} == {
        ("provider_name", "/organization_name"),
        ("payer_unknown", "/participations/1/payer_id"),
        ("payer_repeated", "/participations/2/payer_id"),
    }


async def test_an_array_replaces_the_array(context: Context, tenant: Tenant) -> None:
    provider = await add(context, tenant, participations=(terms(KNOWN),))
    changed = await change(context, tenant, provider, participations=(terms(payer_id("XOVR2")),))
    assert [entry.payer_id for entry in changed.participations] == [payer_id("XOVR2")]
    assert await providers.read_provider(context, tenant, provider.id) == changed


async def test_of_changes_of_one_version_that_meet_one_wins(context: Context, tenant: Tenant) -> None:
    provider = await add(context, tenant)
    outcomes = await asyncio.gather(
        *(change(context, tenant, provider, is_active=False) for _ in range(6)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [StaleVersion] * 5


async def test_another_practice_has_no_such_provider(context: Context, tenant: Tenant, databases: Databases) -> None:
    added = await add(context, tenant)
    stranger = staff(await databases.add_practice())
    with pytest.raises(NotFound):
        await providers.read_provider(context, stranger, added.id)
    with pytest.raises(NotFound):
        await change(context, stranger, added)
    assert await providers.list_providers(context, stranger, after=None, limit=10) == []


async def test_pages_show_each_provider_once(context: Context, tenant: Tenant) -> None:
    added = [(await add(context, tenant, npi=an_npi(number))).id for number in range(5)]
    seen: list[UUID] = []
    while page := await providers.list_providers(context, tenant, after=seen[-1] if seen else None, limit=2):
        seen += [provider.id for provider in page]
    assert seen == added


async def test_additions_and_changes_are_in_the_trail(context: Context, tenant: Tenant) -> None:
    provider = await add(context, tenant)
    await change(context, tenant, provider, is_active=False)
    async with context.units.begin(tenant) as uow:
        newest, first = await uow.audit_events.page(patient_id=None, before=None, limit=10)
    assert (first.entry.action, newest.entry.action) == (AuditAction.CREATE, AuditAction.CHANGE)
    assert newest.entry.changed_fields == ("is_active",)
