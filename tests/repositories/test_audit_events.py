"""The audit trail: written with what it tells of, read newest first, changed by nobody."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Purpose, Tenant
from app.repositories.database import sqlstate
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW
from tests.running import Databases

INSUFFICIENT_PRIVILEGE = "42501"


def entry(**changes: Any) -> AuditEntry:
    return AuditEntry(**{"action": AuditAction.READ, "record_type": "patient", **changes})


async def add(units: UnitsOfWork, tenant: Tenant, *entries: AuditEntry) -> None:
    async with units.begin(tenant) as uow:
        for value in entries:
            await uow.audit_events.add(value)
        await uow.commit()


async def records(
    units: UnitsOfWork, tenant: Tenant, patient_id: UUID | None = None, before: int | None = None, limit: int = 100
) -> list[UUID | None]:
    async with units.begin(tenant) as uow:
        events = await uow.audit_events.page(patient_id=patient_id, before=before, limit=limit)
    return [event.entry.record_id for event in events]


async def test_an_event_comes_back_as_it_went_in(units: UnitsOfWork, tenant: Tenant) -> None:
    told = entry(
        action=AuditAction.CHANGE,
        record_type="coverage",
        record_id=uuid4(),
        patient_id=uuid4(),
        seen_patient_ids=(uuid4(), uuid4()),
        reason="card_seen",
        changed_fields=("member_id", "subscriber.name.last"),
    )
    await add(units, tenant, told, entry())
    async with units.begin(tenant) as uow:
        bare, full = await uow.audit_events.page(patient_id=None, before=None, limit=10)
    assert (full.entry, bare.entry) == (told, entry())
    assert (full.actor, full.role, full.request_id) == (tenant.actor, tenant.role, tenant.request_id)
    assert (full.purpose, full.occurred_at) == (Purpose.PAYMENT.value, NOW)
    assert full.sequence < bare.sequence


async def test_events_come_newest_first_and_page_by_page(units: UnitsOfWork, tenant: Tenant) -> None:
    ids = [uuid4() for _ in range(5)]
    await add(units, tenant, *(entry(record_id=record_id) for record_id in ids))
    async with units.begin(tenant) as uow:
        first = await uow.audit_events.page(patient_id=None, before=None, limit=2)
    rest = await records(units, tenant, before=first[-1].sequence)
    assert [*(event.entry.record_id for event in first), *rest] == ids[::-1]


async def test_a_patients_events_are_those_about_them_and_those_that_showed_them(
    units: UnitsOfWork, tenant: Tenant
) -> None:
    patient, another = uuid4(), uuid4()
    about, showed, elsewhere = uuid4(), uuid4(), uuid4()
    await add(
        units,
        tenant,
        entry(record_id=about, patient_id=patient),
        entry(record_id=showed, seen_patient_ids=(another, patient)),
        entry(record_id=elsewhere, patient_id=another),
        entry(),
    )
    assert await records(units, tenant, patient) == [showed, about]
    assert await records(units, tenant, another) == [elsewhere, showed]


async def test_another_practices_events_are_absent(units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant) -> None:
    patient = uuid4()
    await add(units, tenant, entry(patient_id=patient))
    assert await records(units, other_tenant) == []
    assert await records(units, other_tenant, patient) == []


async def test_an_event_goes_with_the_work_it_tells_of(units: UnitsOfWork, tenant: Tenant) -> None:
    async with units.begin(tenant) as uow:
        await uow.audit_events.add(entry())
    assert await records(units, tenant) == []


async def test_sequences_of_concurrent_events_are_never_the_same(units: UnitsOfWork, tenant: Tenant) -> None:
    await asyncio.gather(*(add(units, tenant, *(entry() for _ in range(10))) for _ in range(20)))
    async with units.begin(tenant) as uow:
        events = await uow.audit_events.page(patient_id=None, before=None, limit=1000)
    assert len({event.sequence for event in events}) == len({event.id for event in events}) == 200


STATEMENTS = {
    "update": "update audit_event set actor = 'nobody'",
    "update nothing": "update audit_event set actor = actor where false",
    "delete": "delete from audit_event",
    "truncate": "truncate audit_event",
    "truncate with others": "truncate practice cascade",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_the_application_can_change_delete_or_truncate_no_event(
    units: UnitsOfWork, tenant: Tenant, databases: Databases, statement: str
) -> None:
    await add(units, tenant, entry())
    async with databases.as_app(tenant.practice_id) as connection:
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(sa.text(statement))
    assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE
    assert len(await records(units, tenant)) == 1


@pytest.mark.parametrize("statement", [STATEMENTS[name] for name in ("update", "delete", "truncate")])
async def test_the_owner_of_the_table_can_change_delete_or_truncate_no_event_either(
    units: UnitsOfWork, tenant: Tenant, databases: Databases, statement: str
) -> None:
    await add(units, tenant, entry())
    async with databases.as_owner(tenant.practice_id) as connection:
        with pytest.raises(DBAPIError, match="append-only") as refused:
            await connection.execute(sa.text(statement))
    assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE
    assert len(await records(units, tenant)) == 1


async def test_nobody_chooses_an_events_place_in_the_sequence(tenant: Tenant, databases: Databases) -> None:
    chosen = sa.text(
        "insert into audit_event (practice_id, sequence, id, occurred_at, actor, role, request_id, purpose, action,"
        " record_type) values (:id, 1, gen_random_uuid(), now(), 'a', 'b', 'c', 'd', 'e', 'f')"
    )
    async with databases.as_app(tenant.practice_id) as connection:
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(chosen, {"id": tenant.practice_id})
    assert sqlstate(refused.value) == "428C9"
