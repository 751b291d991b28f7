"""Work items: one open item of a kind for a coverage, closed when the matter is settled, apart by practice."""

from uuid import UUID, uuid4

import pytest

from app.domain.callers import Tenant
from app.domain.patients import Patient
from app.domain.payers import payer_id
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW, a_coverage


@pytest.fixture
async def coverage_ids(units: UnitsOfWork, tenant: Tenant, patient: Patient) -> list[UUID]:
    coverages = [
        a_coverage(patient_id=patient.id, payer_id=payer_id("XOVR1"), member_id=f"MLK{number:06d}")
        for number in range(20)
    ]
    async with units.begin(tenant) as uow:
        for coverage in coverages:
            await uow.coverages.add(coverage)
        await uow.commit()
    return [coverage.id for coverage in coverages]


def an_item(patient: Patient, coverage_id: UUID) -> WorkItem:
    return WorkItem(
        id=uuid4(),
        kind=WorkItemKind.COVERAGE_NOT_CONFIRMED,
        status=WorkItemStatus.OPEN,
        patient_id=patient.id,
        coverage_id=coverage_id,
        reason="member_not_found",
        created_at=NOW,
    )


async def test_one_connection_opens_any_number_of_items_and_each_coverage_has_one(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, coverage_ids: list[UUID]
) -> None:
    """PostgreSQL plans a statement anew, without its values, from the sixth time on."""
    async with units.begin(tenant) as uow:
        for coverage_id in coverage_ids * 2:
            await uow.work_items.open(an_item(patient, coverage_id))
        found = await uow.work_items.page(status=WorkItemStatus.OPEN, after=None, limit=100)
    assert sorted(item.coverage_id for item in found) == sorted(coverage_ids)


async def test_a_settled_item_makes_room_for_the_next(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, coverage_ids: list[UUID]
) -> None:
    async with units.begin(tenant) as uow:
        await uow.work_items.open(an_item(patient, coverage_ids[0]))
        await uow.work_items.settle(coverage_ids[0], now=NOW)
        await uow.work_items.open(an_item(patient, coverage_ids[0]))
        states = [item.status for item in await uow.work_items.page(status=None, after=None, limit=10)]
    assert sorted(states) == [WorkItemStatus.DONE, WorkItemStatus.OPEN]


async def test_another_practices_items_are_absent_and_stay_open(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant, patient: Patient, coverage_ids: list[UUID]
) -> None:
    async with units.begin(tenant) as uow:
        await uow.work_items.open(an_item(patient, coverage_ids[0]))
        await uow.commit()
    async with units.begin(other_tenant) as uow:
        assert await uow.work_items.page(status=None, after=None, limit=10) == []
        await uow.work_items.settle(coverage_ids[0], now=NOW)
        await uow.commit()
    async with units.begin(tenant) as uow:
        (item,) = await uow.work_items.page(status=None, after=None, limit=10)
    assert item.status is WorkItemStatus.OPEN
