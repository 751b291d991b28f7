"""The audit trail through its use case: newest first, by patient, page by page, and itself a thing that leaves a trace."""

from uuid import UUID, uuid4

from app.domain.audit import AuditAction, AuditEvent
from app.domain.callers import Tenant
from app.use_cases import patients
from app.use_cases.audit_events import list_audit_events
from app.use_cases.context import Context
from tests.running import Databases
from tests.use_cases.callers import staff
from tests.use_cases.test_patients import add, add_named


async def trail(
    context: Context, tenant: Tenant, *, patient_id: UUID | None = None, before: int | None = None, limit: int = 100
) -> list[AuditEvent]:
    return await list_audit_events(context, tenant, patient_id=patient_id, before=before, limit=limit)


def actions(events: list[AuditEvent]) -> list[AuditAction]:
    return [event.entry.action for event in events]


async def test_the_newest_event_comes_first_and_says_who_and_where(context: Context, tenant: Tenant) -> None:
    patient = await add(context, tenant)
    await patients.read_patient(context, tenant, patient.id)
    newest, first = await trail(context, tenant)
    assert (newest.entry.action, first.entry.action) == (AuditAction.READ, AuditAction.CREATE)
    assert (newest.actor, newest.role, newest.request_id) == (tenant.actor, tenant.role, tenant.request_id)
    assert newest.entry.record_id == newest.entry.patient_id == patient.id


async def test_looking_at_the_trail_is_in_the_trail(context: Context, tenant: Tenant) -> None:
    patient_id = uuid4()
    assert await trail(context, tenant, patient_id=patient_id) == []
    (event,) = await trail(context, tenant)
    assert (event.entry.record_type, event.entry.patient_id) == ("audit_event", patient_id)


async def test_a_patients_trail_has_the_lists_and_searches_that_showed_them(context: Context, tenant: Tenant) -> None:
    one, other = await add_named(context, tenant, "Shown"), await add_named(context, tenant, "Hidden")
    await patients.list_patients(context, tenant, external_id=None, after=None, limit=10)
    await patients.list_patients(context, tenant, external_id=other.external_id, after=None, limit=10)
    await patients.search_patients(
        context, tenant, last_name=one.person.name.last, birth_date=None, after=None, limit=10
    )
    assert actions(await trail(context, tenant, patient_id=one.id)) == [
        AuditAction.SEARCH,
        AuditAction.LIST,
        AuditAction.CREATE,
    ]


async def test_pages_show_each_event_once_while_new_ones_are_written(context: Context, tenant: Tenant) -> None:
    for _ in range(7):
        await add(context, tenant)
    seen: list[AuditEvent] = []
    while page := await trail(context, tenant, before=seen[-1].sequence if seen else None, limit=3):
        seen += page
    assert [event.sequence for event in seen] == sorted({event.sequence for event in seen}, reverse=True)
    assert actions(seen) == [AuditAction.CREATE] * 7


async def test_another_practices_trail_is_its_own(context: Context, tenant: Tenant, databases: Databases) -> None:
    patient = await add(context, tenant)
    stranger = staff(await databases.add_practice())
    assert await trail(context, stranger, patient_id=patient.id) == []
