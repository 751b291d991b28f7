"""Work items: one open item of a kind for a claim or a coverage, closed when it is settled, apart by practice."""

from dataclasses import replace
from datetime import date
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


async def test_an_item_says_which_claim_it_is_about_and_until_when(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, coverage_ids: list[UUID]
) -> None:
    item = replace(an_item(patient, coverage_ids[0]), claim_id=uuid4(), due_on=date(2026, 12, 31))
    async with units.begin(tenant) as uow:
        await uow.work_items.open(item)
        assert await uow.work_items.page(status=None, after=None, limit=10) == [item]


async def test_a_claim_has_one_open_item_of_a_kind_beside_those_of_its_coverage_and_of_other_claims(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, coverage_ids: list[UUID]
) -> None:
    about_coverage = an_item(patient, coverage_ids[0])
    claim_ids = [uuid4() for _ in range(20)]
    async with units.begin(tenant) as uow:
        for claim_id in (None, *claim_ids) * 2:
            await uow.work_items.open(replace(about_coverage, id=uuid4(), claim_id=claim_id))
        found = await uow.work_items.page(status=WorkItemStatus.OPEN, after=None, limit=100)
    assert {item.claim_id for item in found} == {None, *claim_ids}
    assert len(found) == 21


async def test_settling_a_coverage_leaves_the_items_of_its_claims_open_and_the_other_way_round(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, coverage_ids: list[UUID]
) -> None:
    about_coverage = an_item(patient, coverage_ids[0])
    about_claim = replace(about_coverage, id=uuid4(), claim_id=uuid4(), kind=WorkItemKind.CLAIM_REJECTED)
    async with units.begin(tenant) as uow:
        for item in (about_coverage, about_claim):
            await uow.work_items.open(item)
        await uow.work_items.settle(coverage_ids[0], now=NOW)
        (still_open,) = await uow.work_items.page(status=WorkItemStatus.OPEN, after=None, limit=10)
        assert still_open == about_claim
        await uow.work_items.open(replace(about_coverage, id=uuid4()))
        await uow.work_items.settle_claim(about_claim.claim_id, now=NOW)  # type: ignore[arg-type]  # it is set above
        (still_open,) = await uow.work_items.page(status=WorkItemStatus.OPEN, after=None, limit=10)
    assert still_open.claim_id is None


async def test_only_the_kinds_that_are_settled_close(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, coverage_ids: list[UUID]
) -> None:
    claim_id = uuid4()
    kinds = (WorkItemKind.CLAIM_REJECTED, WorkItemKind.PAPER_REQUIRED)
    async with units.begin(tenant) as uow:
        for kind in kinds:
            item = replace(an_item(patient, coverage_ids[0]), id=uuid4(), claim_id=claim_id, kind=kind)
            await uow.work_items.open(item)
        await uow.work_items.settle_claim(claim_id, kinds=[WorkItemKind.CLAIM_REJECTED], now=NOW)
        (still_open,) = await uow.work_items.page(status=WorkItemStatus.OPEN, after=None, limit=10)
    assert still_open.kind is WorkItemKind.PAPER_REQUIRED
