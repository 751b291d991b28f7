"""The practice through its use cases, on a real database."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.domain.audit import AuditAction
from app.domain.callers import Tenant
from app.domain.errors import StaleVersion
from app.domain.practices import Practice
from app.use_cases import practices
from app.use_cases.context import Context
from tests.factories import an_address
from tests.running import Databases
from tests.use_cases.callers import staff


async def change(context: Context, tenant: Tenant, version: int, **changes: Any) -> Practice:
    return await practices.change_practice(
        context, tenant, version=version, revise=lambda current: replace(current, **changes)
    )


async def test_a_practice_reads_its_own_identity_only(context: Context, tenant: Tenant, databases: Databases) -> None:
    other = await databases.add_practice()
    assert (await practices.read_practice(context, tenant)).id == tenant.practice_id
    assert (await practices.read_practice(context, staff(other))).id == other.id


async def test_a_change_is_kept_with_a_new_version_and_leaves_the_rest(context: Context, tenant: Tenant) -> None:
    before = await practices.read_practice(context, tenant)
    after = await change(context, tenant, 1, name="RENAMED", tax_id=None, address=an_address(city="Elsewhere"))
    assert after == replace(
        before,
        name="RENAMED",
        tax_id=None,
        address=an_address(city="Elsewhere"),
        version=2,
        updated_at=after.updated_at,
    )
    assert await practices.read_practice(context, tenant) == after


async def test_a_change_touches_no_other_practice(context: Context, tenant: Tenant, databases: Databases) -> None:
    other = staff(await databases.add_practice())
    before = await practices.read_practice(context, other)
    await change(context, tenant, 1, name="RENAMED")
    assert await practices.read_practice(context, other) == before


async def test_a_change_of_an_older_version_changes_nothing(context: Context, tenant: Tenant) -> None:
    await change(context, tenant, 1, name="FIRST")
    with pytest.raises(StaleVersion):
        await change(context, tenant, 1, name="SECOND")
    assert (await practices.read_practice(context, tenant)).name == "FIRST"


async def test_of_changes_of_one_version_that_meet_one_wins(context: Context, tenant: Tenant) -> None:
    outcomes = await asyncio.gather(
        *(change(context, tenant, 1, name=f"NAME {number}") for number in range(6)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [StaleVersion] * 5


async def test_the_trail_names_the_fields_and_not_the_tax_id(context: Context, tenant: Tenant) -> None:
    await change(context, tenant, 1, tax_id="987654321", address=an_address(line1="77 Moved Street"))
    async with context.units.begin(tenant) as uow:
        (event,) = await uow.audit_events.page(patient_id=None, before=None, limit=10)
    assert event.entry.action is AuditAction.CHANGE
    assert set(event.entry.changed_fields) == {"tax_id", "address.line1"}
    assert "987654321" not in str(event.entry)
