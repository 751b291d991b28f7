"""Coverages at rest: whole, apart by practice, and never the same policy twice, whoever is faster."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.callers import Tenant
from app.domain.codes import BenefitClass, BenefitsAssigned, PayerResponsibility, Relationship
from app.domain.coverages import Coverage, CoverageSource, CoverageStatus, MemberIdOwner, Verification
from app.domain.errors import CoverageConflict, DatabaseUnavailable
from app.domain.patients import Patient
from app.domain.payers import payer_id
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW, a_coverage, a_person, a_rank, an_address
from tests.repositories.conftest import UntilOneWaits, added_patient

PAYER = payer_id("XOVR1")


def of(patient: Patient, **changes: Any) -> Coverage:
    return replace(a_coverage(patient_id=patient.id, payer_id=PAYER, member_id=_member_id()), **changes)


def _member_id() -> str:
    return f"MLK{uuid4().int % 10**9:09d}"


async def store(units: UnitsOfWork, tenant: Tenant, *coverages: Coverage) -> None:
    async with units.begin(tenant) as uow:
        for coverage in coverages:
            await uow.coverages.add(coverage)
        await uow.commit()


async def test_a_coverage_comes_back_as_it_went_in(units: UnitsOfWork, tenant: Tenant, patient: Patient) -> None:
    coverage = of(
        patient,
        status=CoverageStatus.VERIFIED,
        source=CoverageSource.PATIENT,
        benefit_class=BenefitClass.BEHAVIORAL,
        wished_rank=PayerResponsibility.TERTIARY,
        insurance_type_code="12",
        member_id_belongs_to=MemberIdOwner.SUBSCRIBER,
        group_number="GRP-1",
        group_name="INVENTED WIDGETS",
        plan_name="PPO 1500",
        relationship=Relationship.CHILD,
        subscriber=a_person(),
        effective_from=date(2026, 1, 1),
        effective_to=date(2026, 12, 31),
        claim_filing_code="CI",
        benefits_assigned=BenefitsAssigned.NO,
        payer_address=an_address(line2="Suite 4"),
        verification=Verification.STAFF,
        verified_at=NOW,
        version=7,
    )
    bare = of(patient, benefits_assigned=None)
    await store(units, tenant, coverage, bare)
    async with units.begin(tenant) as uow:
        assert await uow.coverages.get(coverage.id) == coverage
        assert await uow.coverages.get(bare.id) == bare
        changed = replace(coverage, member_id="NEW1", status=CoverageStatus.WITHDRAWN, version=8)
        await uow.coverages.save(changed)
        assert await uow.coverages.get(coverage.id) == changed


async def test_a_coverage_is_read_with_the_periods_it_holds_a_rank_in(
    units: UnitsOfWork, tenant: Tenant, patient: Patient
) -> None:
    coverage = of(patient, status=CoverageStatus.VERIFIED)
    rows = (
        a_rank(coverage.id, to_date=date(2026, 6, 30)),
        a_rank(coverage.id, rank=PayerResponsibility.SECONDARY, from_date=date(2026, 7, 1)),
    )
    async with units.begin(tenant) as uow:
        await uow.coverages.add(coverage)
        for row in reversed(rows):
            await uow.coverage_ranks.add(patient.id, row)
        found = await uow.coverages.get(coverage.id)
    assert found is not None
    assert found.ranks == rows


async def test_another_practices_coverage_is_absent(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant, patient: Patient
) -> None:
    coverage = of(patient)
    await store(units, tenant, coverage)
    async with units.begin(other_tenant) as uow:
        assert await uow.coverages.get(coverage.id) is None
        assert await uow.coverages.of_patient(patient.id) == ()
        await uow.coverages.save(replace(coverage, member_id="STOLEN"))
        await uow.commit()
    async with units.begin(tenant) as uow:
        assert await uow.coverages.get(coverage.id) == coverage


async def test_pages_follow_the_ids_and_the_status(units: UnitsOfWork, tenant: Tenant, patient: Patient) -> None:
    coverages = [of(patient, id=UUID(int=uuid4().int & ~0xFF | n)) for n in range(5)]
    coverages.sort(key=lambda coverage: coverage.id)
    coverages[1] = replace(coverages[1], status=CoverageStatus.VERIFIED)
    await store(units, tenant, *coverages)
    async with units.begin(tenant) as uow:
        first = await uow.coverages.page(patient_id=patient.id, status=None, after=None, limit=2)
        rest = await uow.coverages.page(patient_id=patient.id, status=None, after=first[-1].id, limit=10)
        verified = await uow.coverages.page(
            patient_id=patient.id, status=CoverageStatus.VERIFIED, after=None, limit=None
        )
    assert [*first, *rest] == coverages
    assert verified == [coverages[1]]


async def test_a_patients_waiting_additions_are_counted_from_a_moment_on(
    units: UnitsOfWork, tenant: Tenant, patient: Patient
) -> None:
    own = {"source": CoverageSource.PATIENT}
    await store(
        units,
        tenant,
        of(patient, **own),
        of(patient, **own, created_at=NOW - timedelta(days=2)),
        of(patient, **own, status=CoverageStatus.REJECTED),
        of(patient),
    )
    async with units.begin(tenant) as uow:
        assert await uow.coverages.count_added_by_patient(patient.id, since=NOW - timedelta(days=1)) == 1


@pytest.mark.parametrize("member_id", ["MLK123456", "MLK 123-456"])
async def test_the_same_policy_twice_in_one_period_is_refused(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, member_id: str
) -> None:
    await store(units, tenant, of(patient, member_id="MLK123456", effective_to=date(2026, 6, 30)))
    again = of(patient, member_id=member_id, effective_from=date(2026, 6, 30))
    with pytest.raises(CoverageConflict) as refused:
        await store(units, tenant, again)
    assert refused.value.problem_code == "coverage_duplicate"
    assert "MLK" not in str(refused.value)


async def test_the_same_policy_is_taken_in_another_period_payer_patient_practice_or_after_a_rejection(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant, patient: Patient
) -> None:
    coverage = of(patient, effective_to=date(2026, 6, 30))
    same = {"member_id": coverage.member_id}
    await store(
        units,
        tenant,
        coverage,
        of(patient, **same, effective_from=date(2026, 7, 1)),
        of(patient, **same, payer_id=payer_id("XOVR2")),
        of(patient, **same, status=CoverageStatus.REJECTED),
        of(await added_patient(units, tenant), **same),
    )
    await store(units, other_tenant, of(await added_patient(units, other_tenant), **same))


@pytest.mark.parametrize("first_commits", [True, False])
async def test_of_two_sessions_adding_one_policy_the_second_waits_for_the_first(
    units: UnitsOfWork, tenant: Tenant, patient: Patient, until_one_waits: UntilOneWaits, first_commits: bool
) -> None:
    one, two = of(patient), of(patient)
    two = replace(two, member_id=one.member_id)
    async with units.begin(tenant) as uow:
        await uow.coverages.add(one)
        second = asyncio.create_task(store(units, tenant, two))
        await until_one_waits()
        if first_commits:
            await uow.commit()
    (outcome,) = await asyncio.gather(second, return_exceptions=True)
    async with units.begin(tenant) as uow:
        kept = await uow.coverages.of_patient(patient.id)
    assert [coverage.id for coverage in kept] == [one.id if first_commits else two.id]
    assert isinstance(outcome, CoverageConflict) == first_commits


async def test_of_sixteen_sessions_adding_one_policy_exactly_one_succeeds(
    units: UnitsOfWork, tenant: Tenant, patient: Patient
) -> None:
    member_id = _member_id()
    attempts = [store(units, tenant, of(patient, member_id=member_id)) for _ in range(16)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    async with units.begin(tenant) as uow:
        assert len(await uow.coverages.of_patient(patient.id)) == 1
    refusals = [outcome for outcome in outcomes if outcome is not None]
    assert len(refusals) == 15
    assert {type(refusal) for refusal in refusals} <= {CoverageConflict, DatabaseUnavailable}
