"""Patients through their use cases, on a real database: identity, changes that meet, search, pages, the practice's today."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import uuid_utils.compat

from app.domain.audit import AuditAction, AuditEvent
from app.domain.callers import Tenant
from app.domain.errors import AlreadyExists, CrossoverError, Invalid, NotFound, StaleVersion
from app.domain.parties import PersonName
from app.domain.patients import Patient
from app.repositories.unit_of_work import UnitsOfWork
from app.use_cases import patients
from app.use_cases.context import Context
from tests.factories import a_patient, a_person, a_practice
from tests.running import Databases
from tests.use_cases.callers import Noting, staff


async def add(context: Context, tenant: Tenant, *, key: str | None = None, **changes: Any) -> Patient:
    noting = Noting[Patient]()
    await patients.create_patient(
        context,
        tenant,
        compose=lambda new_id, now: a_patient(id=new_id, created_at=now, updated_at=now, **changes),
        call=noting.call(key),
    )
    return noting.results[0]


async def add_named(context: Context, tenant: Tenant, last: str, born: date = date(1988, 4, 2)) -> Patient:
    return await add(context, tenant, person=a_person(name=PersonName(last=last, first="Testina"), birth_date=born))


async def change(context: Context, tenant: Tenant, patient: Patient, **changes: Any) -> Patient:
    return await patients.change_patient(
        context, tenant, patient.id, version=patient.version, revise=lambda current: replace(current, **changes)
    )


async def search(context: Context, tenant: Tenant, last_name: str, birth_date: date | None = None) -> list[UUID]:
    found = await patients.search_patients(
        context, tenant, last_name=last_name, birth_date=birth_date, after=None, limit=50
    )
    return [patient.id for patient in found]


async def events(context: Context, tenant: Tenant) -> list[AuditEvent]:
    """Newest first."""
    async with context.units.begin(tenant) as uow:
        return await uow.audit_events.page(patient_id=None, before=None, limit=100)


async def test_a_patient_is_read_as_it_was_added(context: Context, tenant: Tenant) -> None:
    added = await add(context, tenant, external_id="chart-17")
    assert await patients.read_patient(context, tenant, added.id) == added


async def test_another_practice_has_no_such_patient(context: Context, tenant: Tenant, databases: Databases) -> None:
    added = await add(context, tenant)
    stranger = staff(await databases.add_practice())
    with pytest.raises(NotFound):
        await patients.read_patient(context, stranger, added.id)
    with pytest.raises(NotFound):
        await change(context, stranger, added)


async def test_an_external_id_is_unique_in_its_practice_only(
    context: Context, tenant: Tenant, databases: Databases
) -> None:
    await add(context, tenant, external_id="chart-1")
    with pytest.raises(AlreadyExists) as refusal:
        await add(context, tenant, external_id="chart-1")
    assert refusal.value.problem_code == "external_id_taken"
    assert [finding.pointer for finding in refusal.value.findings] == ["/external_id"]
    stranger = staff(await databases.add_practice())
    assert (await add(context, stranger, external_id="chart-1")).external_id == "chart-1"


async def test_a_refused_addition_leaves_no_key_and_no_event(context: Context, tenant: Tenant) -> None:
    with pytest.raises(Invalid):
        await add(context, tenant, key="again", person=a_person(birth_date=date(2200, 1, 1)))
    await add(context, tenant, key="again")
    assert [event.entry.action for event in await events(context, tenant)] == [AuditAction.CREATE]


async def test_of_additions_under_one_external_id_that_meet_one_wins(context: Context, tenant: Tenant) -> None:
    outcomes = await asyncio.gather(
        *(add(context, tenant, external_id="chart-1") for _ in range(6)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [AlreadyExists] * 5


async def test_a_change_raises_the_version_and_leaves_the_rest(context: Context, tenant: Tenant) -> None:
    before = await add(context, tenant)
    after = await change(context, tenant, before, external_id="chart-2")
    assert after == replace(before, external_id="chart-2", version=2, updated_at=after.updated_at)
    assert after.updated_at > before.updated_at
    assert await patients.read_patient(context, tenant, before.id) == after


async def test_a_changes_event_names_the_fields_and_not_their_values(context: Context, tenant: Tenant) -> None:
    before = await add(context, tenant)
    name = replace(before.person.name, last="QUACKENBUSH")
    await change(context, tenant, before, person=replace(before.person, name=name), signature_on_file=None)
    event = (await events(context, tenant))[0]
    assert (event.entry.action, event.entry.patient_id) == (AuditAction.CHANGE, before.id)
    assert set(event.entry.changed_fields) == {"person.name.last", "signature_on_file"}
    assert "QUACKENBUSH" not in str(event.entry)


async def test_a_change_of_an_older_version_changes_nothing(context: Context, tenant: Tenant) -> None:
    first = await add(context, tenant)
    second = await change(context, tenant, first, signature_on_file=None)
    with pytest.raises(StaleVersion):
        await change(context, tenant, first, external_id="lost-update")
    assert await patients.read_patient(context, tenant, first.id) == second


async def test_of_changes_of_one_version_that_meet_one_wins(context: Context, tenant: Tenant) -> None:
    patient = await add(context, tenant)
    outcomes = await asyncio.gather(
        *(change(context, tenant, patient, external_id=f"chart-{number}") for number in range(6)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [StaleVersion] * 5
    assert (await patients.read_patient(context, tenant, patient.id)).version == 2


async def test_patients_that_change_to_one_external_id_at_once_do_not_share_it(
    context: Context, tenant: Tenant
) -> None:
    some = [await add(context, tenant) for _ in range(4)]
    outcomes = await asyncio.gather(
        *(change(context, tenant, patient, external_id="chart-9") for patient in some), return_exceptions=True
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [isinstance(refusal, AlreadyExists) for refusal in refusals] == [True] * 3


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("O'Brien-Núñez", "OBRIEN NUNEZ"),
        ("van der Berg", "VanDerBerg"),
        ("Müller", "muller"),
        ("Straße", "STRASSE"),
        ("St. John", "st john"),
    ],
)
async def test_a_last_name_is_found_without_case_accents_and_punctuation(
    context: Context, tenant: Tenant, stored: str, asked: str
) -> None:
    patient = await add_named(context, tenant, stored)
    await add_named(context, tenant, "Someone-Else")
    assert await search(context, tenant, asked) == [patient.id]


async def test_a_birth_date_narrows_a_search_and_part_of_a_name_finds_nothing(context: Context, tenant: Tenant) -> None:
    older = await add_named(context, tenant, "Twin", date(1980, 1, 1))
    younger = await add_named(context, tenant, "Twin", date(1990, 1, 1))
    assert await search(context, tenant, "twin") == [older.id, younger.id]
    assert await search(context, tenant, "twin", date(1990, 1, 1)) == [younger.id]
    assert await search(context, tenant, "twin", date(1991, 1, 1)) == []
    assert await search(context, tenant, "twi") == []


async def test_a_renamed_patient_is_found_by_the_new_name_only(context: Context, tenant: Tenant) -> None:
    patient = await add_named(context, tenant, "Before")
    name = replace(patient.person.name, last="After")
    await change(context, tenant, patient, person=replace(patient.person, name=name))
    assert (await search(context, tenant, "Before"), await search(context, tenant, "After")) == ([], [patient.id])


async def test_a_search_finds_nobody_of_another_practice(
    context: Context, tenant: Tenant, databases: Databases
) -> None:
    await add_named(context, tenant, "Common")
    assert await search(context, staff(await databases.add_practice()), "Common") == []


async def test_one_event_names_everybody_a_search_gave_out_and_none_is_kept_for_nobody(
    context: Context, tenant: Tenant
) -> None:
    found = [(await add_named(context, tenant, "Listed")).id for _ in range(3)]
    before = await events(context, tenant)
    await search(context, tenant, "Unlisted")
    assert await events(context, tenant) == before
    await search(context, tenant, "Listed")
    newest, *rest = await events(context, tenant)
    assert rest == before
    assert (newest.entry.action, newest.entry.patient_id) == (AuditAction.SEARCH, None)
    assert set(newest.entry.seen_patient_ids) == set(found)


async def test_pages_show_each_patient_once_also_when_one_is_added_meanwhile(context: Context, tenant: Tenant) -> None:
    added = [(await add(context, tenant)).id for _ in range(7)]
    seen: list[UUID] = []
    while page := await patients.list_patients(
        context, tenant, external_id=None, after=seen[-1] if seen else None, limit=3
    ):
        seen += [patient.id for patient in page]
        if len(seen) == 3:
            added.append((await add(context, tenant)).id)
    assert seen == added


async def test_an_external_id_finds_its_patient_exactly(context: Context, tenant: Tenant) -> None:
    patient = await add(context, tenant, external_id="Chart-7")
    for asked, found in (("Chart-7", [patient.id]), ("chart-7", []), ("Chart-", []), ("Chart-7 ", [])):
        page = await patients.list_patients(context, tenant, external_id=asked, after=None, limit=10)
        assert [row.id for row in page] == found


@pytest.mark.parametrize(
    ("time_zone", "born_today"), [("Pacific/Guam", True), ("America/Los_Angeles", False), ("Pacific/Honolulu", False)]
)
async def test_nobody_is_born_after_the_practices_own_today(
    context: Context, databases: Databases, time_zone: str, born_today: bool
) -> None:
    # 05:00 UTC: the tenth has begun on Guam and not yet in the states.
    now = datetime(2026, 9, 10, 5, 0, tzinfo=UTC)
    units = UnitsOfWork(context.database, now=lambda: now, new_id=uuid_utils.compat.uuid7)
    tenant = staff(await databases.add_practice(a_practice(id=uuid4(), time_zone=time_zone)))
    newborn = add(
        replace(context, units=units),
        tenant,
        person=a_person(birth_date=date(2026, 9, 10)),
        signature_on_file=None,
        release_of_information=None,
        release_on_file=None,
    )
    if born_today:
        assert (await newborn).person.birth_date == date(2026, 9, 10)
    else:
        with pytest.raises(CrossoverError) as refusal:
            await newborn
        assert [(finding.code, finding.pointer) for finding in refusal.value.findings] == [
            ("birth_date_range", "/birth_date")
        ]
