"""Ranks under exclusion constraints: one coverage at a rank on a day for a kind of benefits, swapped in one step."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from app.domain.callers import Tenant
from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import Coverage, CoverageStatus
from app.domain.patients import Patient
from app.domain.payers import payer_id
from app.repositories.database import constraint_of, sqlstate
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.factories import a_coverage, a_rank
from tests.repositories.conftest import UntilOneWaits

PRIMARY, SECONDARY = PayerResponsibility.PRIMARY, PayerResponsibility.SECONDARY
EXCLUDED = "23P01"
DEADLOCK = "40P01"
JULY, JUNE_30 = date(2026, 7, 1), date(2026, 6, 30)


@pytest.fixture
async def two(units: UnitsOfWork, tenant: Tenant, patient: Patient) -> tuple[Coverage, Coverage]:
    """Two verified coverages of one patient, without a rank yet."""
    made = [
        a_coverage(patient_id=patient.id, payer_id=payer_id(payer), status=CoverageStatus.VERIFIED)
        for payer in ("XOVR1", "XOVR2")
    ]
    async with units.begin(tenant) as uow:
        for coverage in made:
            await uow.coverages.add(coverage)
        await uow.commit()
    return made[0], made[1]


async def store(units: UnitsOfWork, tenant: Tenant, patient: Patient, *rows: CoverageRank) -> str | None:
    """The constraint that refused the rows at the commit; None when they are stored."""
    async with units.begin(tenant) as uow:
        for row in rows:
            await uow.coverage_ranks.add(patient.id, row)
        return await refused_at_commit(uow)


async def refused_at_commit(uow: UnitOfWork) -> str | None:
    """Two sessions whose deferred constraints wait for each other are a deadlock, which PostgreSQL ends for one."""
    try:
        await uow.commit()
    except DBAPIError as error:
        if sqlstate(error) == DEADLOCK:
            return "deadlock"
        if sqlstate(error) == EXCLUDED:
            return constraint_of(error)
        raise
    return None


async def stored(
    units: UnitsOfWork, tenant: Tenant, patient: Patient
) -> set[tuple[UUID, str, date | None, date | None]]:
    async with units.begin(tenant) as uow:
        rows = await uow.coverage_ranks.of_patient(patient.id)
    return {(row.coverage_id, row.rank.value, row.from_date, row.to_date) for row in rows}


async def test_rows_come_back_as_they_went_in(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, two: tuple[Coverage, Coverage]
) -> None:
    rows = (
        a_rank(two[0].id, benefit_class=BenefitClass.MEDICAL, insurance_type_code="12", to_date=JUNE_30),
        a_rank(two[0].id, rank=SECONDARY, from_date=JULY, to_date=JULY),
    )
    assert await store(units, tenant, patient, *rows) is None
    async with units.begin(tenant) as uow:
        assert await uow.coverage_ranks.of_patient(patient.id) == rows


@pytest.mark.parametrize(
    ("one", "other", "refused"),
    [
        ({}, {}, True),
        ({"to_date": JUNE_30}, {"from_date": JUNE_30}, True),
        ({"to_date": JUNE_30}, {"from_date": JULY}, False),
        ({}, {"rank": SECONDARY}, False),
        ({"benefit_class": BenefitClass.MEDICAL}, {"benefit_class": BenefitClass.BEHAVIORAL}, False),
        ({"benefit_class": BenefitClass.MEDICAL}, {"benefit_class": BenefitClass.MEDICAL}, True),
        ({"benefit_class": BenefitClass.ALL}, {"benefit_class": BenefitClass.BEHAVIORAL}, True),
    ],
)
async def test_a_rank_is_held_by_one_coverage_on_a_day_for_a_kind_of_benefits(
    units: UnitsOfWork,
    tenant: Tenant,
    patient: Patient,
    two: tuple[Coverage, Coverage],
    one: dict[str, object],
    other: dict[str, object],
    refused: bool,
) -> None:
    rows = a_rank(two[0].id, **one), a_rank(two[1].id, **other)
    assert await store(units, tenant, patient, *rows) == ("coverage_rank_taken_excl" if refused else None)
    assert len(await stored(units, tenant, patient)) == (0 if refused else 2)


async def test_one_coverage_holds_one_rank_on_a_day(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, two: tuple[Coverage, Coverage]
) -> None:
    rows = a_rank(two[0].id, to_date=JULY), a_rank(two[0].id, rank=SECONDARY, from_date=JULY)
    assert await store(units, tenant, patient, *rows) == "coverage_rank_once_excl"


async def test_a_swap_passes_through_a_collision_and_is_judged_by_its_end(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, two: tuple[Coverage, Coverage]
) -> None:
    first, second = two
    assert await store(units, tenant, patient, a_rank(first.id), a_rank(second.id, rank=SECONDARY)) is None
    async with units.begin(tenant) as uow:
        for coverage, rank in ((first, SECONDARY), (second, PRIMARY)):
            await uow.coverage_ranks.add(patient.id, a_rank(coverage.id, rank=rank, from_date=JULY))
        await uow.coverage_ranks.replace(
            patient.id,
            [
                a_rank(first.id, to_date=JUNE_30),
                a_rank(second.id, rank=SECONDARY, to_date=JUNE_30),
                a_rank(first.id, rank=SECONDARY, from_date=JULY),
                a_rank(second.id, from_date=JULY),
            ],
        )
        await uow.check_constraints()
        await uow.commit()
    assert await stored(units, tenant, patient) == {
        (first.id, "primary", None, JUNE_30),
        (second.id, "secondary", None, JUNE_30),
        (first.id, "secondary", JULY, None),
        (second.id, "primary", JULY, None),
    }


async def test_a_collision_can_be_had_before_the_commit(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, two: tuple[Coverage, Coverage]
) -> None:
    async with units.begin(tenant) as uow:
        for coverage in two:
            await uow.coverage_ranks.add(patient.id, a_rank(coverage.id))
        with pytest.raises(DBAPIError) as refused:
            await uow.check_constraints()
    assert constraint_of(refused.value) == "coverage_rank_taken_excl"


async def test_of_two_sessions_taking_one_rank_never_both_succeed(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, two: tuple[Coverage, Coverage]
) -> None:
    for _ in range(10):
        both_have_written = asyncio.Barrier(2)

        async def take(coverage: Coverage, barrier: asyncio.Barrier = both_have_written) -> bool:
            async with units.begin(tenant) as uow:
                await uow.coverage_ranks.add(patient.id, a_rank(coverage.id))
                await barrier.wait()
                return await refused_at_commit(uow) is None

        outcomes = await asyncio.gather(*(take(coverage) for coverage in two))
        assert sum(outcomes) == 1
        assert len(await stored(units, tenant, patient)) == 1
        async with units.begin(tenant) as uow:
            await uow.coverage_ranks.replace(patient.id, [])
            await uow.commit()


async def test_a_session_that_asks_for_a_rank_another_is_taking_waits_for_its_end(
    units: UnitsOfWork,
    tenant: Tenant,
    patient: Patient,
    two: tuple[Coverage, Coverage],
    until_one_waits: UntilOneWaits,
) -> None:
    async with units.begin(tenant) as uow:
        await uow.coverage_ranks.add(patient.id, a_rank(two[0].id))
        second = asyncio.create_task(store(units, tenant, patient, a_rank(two[1].id)))
        await until_one_waits()
        await uow.commit()
    assert await second == "coverage_rank_taken_excl"
    assert await stored(units, tenant, patient) == {(two[0].id, "primary", None, None)}


async def test_ranks_of_another_practice_are_neither_seen_nor_replaced(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant, patient: Patient, two: tuple[Coverage, Coverage]
) -> None:
    await store(units, tenant, patient, a_rank(two[0].id))
    async with units.begin(other_tenant) as uow:
        assert await uow.coverage_ranks.of_patient(patient.id) == ()
        await uow.coverage_ranks.replace(patient.id, [])
        await uow.commit()
    assert len(await stored(units, tenant, patient)) == 1


async def test_a_rank_names_a_coverage_of_the_same_practice(
    units: UnitsOfWork, other_tenant: Tenant, patient: Patient, two: tuple[Coverage, Coverage]
) -> None:
    for row in (a_rank(two[0].id), replace(a_rank(), coverage_id=uuid4())):
        async with units.begin(other_tenant) as uow:
            with pytest.raises(DBAPIError) as refused:
                await uow.coverage_ranks.add(patient.id, row)
        assert sqlstate(refused.value) == "23503"
