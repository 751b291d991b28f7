"""Payer profiles: everyone reads the general rows, nobody but the owner writes them; a practice's own rows stay its own."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.callers import Tenant
from app.domain.payers import ProfileEntry, ProfileSetting, effective_profile, payer_id
from app.repositories.database import sqlstate
from app.repositories.payer_profiles import NIL_PRACTICE, PayerProfiles
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW, TODAY
from tests.running import Databases

INSUFFICIENT_PRIVILEGE = "42501"
PAYER = payer_id("XOVR1")


def an_entry(**changes: Any) -> ProfileEntry:
    return ProfileEntry(
        **{
            "id": uuid4(),
            "payer_id": PAYER,
            "setting": ProfileSetting.CROSSOVER_WINDOW_BUSINESS_DAYS,
            "value": 30,
            "effective_from": date(2026, 1, 1),
            "effective_to": None,
            "source": "the payer's own word on the telephone",
            "source_url": None,
            "noted_on": TODAY,
            "practice_override": True,
            **changes,
        }
    )


async def add(units: UnitsOfWork, tenant: Tenant, *entries: ProfileEntry) -> None:
    async with units.begin(tenant) as uow:
        for entry in entries:
            await uow.payer_profiles.add(entry, created_at=NOW)
        await uow.commit()


async def a_payer_with_general_entries(databases: Databases) -> UUID:
    async with databases.as_superuser() as connection:
        found = await connection.scalar(
            sa.text("select payer_id from payer_profile where practice_id = :nil order by payer_id limit 1"),
            {"nil": NIL_PRACTICE},
        )
    assert isinstance(found, UUID)
    return found


async def test_a_practices_own_entry_comes_back_and_is_its_override(units: UnitsOfWork, tenant: Tenant) -> None:
    entry = an_entry(value={"days": 90, "basis": "decision"}, setting=ProfileSetting.APPEAL_LIMIT)
    await add(units, tenant, entry)
    async with units.begin(tenant) as uow:
        assert entry in await uow.payer_profiles.entries(PAYER)
        assert await uow.payer_profiles.overrides(PAYER, after=None, limit=10) == [entry]
        assert effective_profile(await uow.payer_profiles.entries(PAYER), TODAY)[entry.setting] == entry


async def test_every_practice_reads_the_general_entries_and_none_is_its_override(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant, databases: Databases
) -> None:
    payer = await a_payer_with_general_entries(databases)
    for reader in (tenant, other_tenant):
        async with units.begin(reader) as uow:
            entries = await uow.payer_profiles.entries(payer)
            assert await uow.payer_profiles.overrides(payer, after=None, limit=10) == []
        assert entries
        assert not any(entry.practice_override for entry in entries)


async def test_another_practices_override_is_absent(units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant) -> None:
    await add(units, tenant, an_entry(source="ours alone"))
    async with units.begin(other_tenant) as uow:
        assert "ours alone" not in [entry.source for entry in await uow.payer_profiles.entries(PAYER)]
        assert await uow.payer_profiles.overrides(PAYER, after=None, limit=10) == []


async def test_overrides_come_page_by_page(units: UnitsOfWork, tenant: Tenant) -> None:
    entries = sorted((an_entry() for _ in range(5)), key=lambda entry: entry.id)
    await add(units, tenant, *entries)
    async with units.begin(tenant) as uow:
        first = await uow.payer_profiles.overrides(PAYER, after=None, limit=2)
        rest = await uow.payer_profiles.overrides(PAYER, after=first[-1].id, limit=10)
    assert [*first, *rest] == entries


@pytest.mark.parametrize("acting_for_nil", [True, False])
async def test_the_application_writes_no_general_entry(
    tenant: Tenant, databases: Databases, acting_for_nil: bool
) -> None:
    practice_id = NIL_PRACTICE if acting_for_nil else tenant.practice_id
    async with databases.as_app(practice_id) as connection:
        with pytest.raises(DBAPIError, match="row-level security") as refused:
            await PayerProfiles(connection, NIL_PRACTICE).add(an_entry(), created_at=NOW)
    assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE


@pytest.mark.parametrize("verb", ["update payer_profile set value = '1'", "delete from payer_profile"])
async def test_the_application_changes_and_deletes_no_entry_at_all(databases: Databases, verb: str) -> None:
    async with databases.as_app(NIL_PRACTICE) as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(sa.text(verb))


async def test_without_a_practice_not_even_the_general_entries_are_seen(databases: Databases) -> None:
    async with databases.as_app() as connection:
        assert await connection.scalar(sa.text("select count(*) from payer_profile")) == 0
    async with databases.as_app(uuid4()) as connection:
        assert await connection.scalar(sa.text("select count(*) from payer_profile")) > 0


async def test_the_owner_loads_the_general_entries_again_and_changes_them_in_place(databases: Databases) -> None:
    entry = an_entry(value=15, practice_override=False)
    for value in (15, 20):
        async with databases.as_owner(NIL_PRACTICE) as connection:
            profiles = PayerProfiles(connection, NIL_PRACTICE)
            await profiles.upsert_general([an_entry(id=entry.id, value=value)], created_at=NOW)
            found = {row.id: row for row in await profiles.entries(PAYER)}
            assert (found[entry.id].value, found[entry.id].practice_override) == (value, False)
    async with databases.as_superuser() as connection:
        await connection.execute(sa.text("delete from payer_profile where id = :id"), {"id": entry.id})
