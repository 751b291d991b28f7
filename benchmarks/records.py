"""What is read and sent: one practice's patients with coverages and claims, added through the repositories."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import uuid_utils.compat

from app.domain.callers import Tenant
from app.domain.claims import Claim
from app.domain.codes import AcceptsAssignment, BenefitClass
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import Coverage, CoverageStatus
from app.domain.payers import payer_id
from app.domain.practices import Practice
from app.domain.providers import PayerParticipation
from app.domain.service_lines import ServiceLine
from app.repositories.database import Database, DatabaseLimits
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from app.use_cases.claim_numbers import add_numbered, line_control_number
from tests.domain.claims import SERVICE_DAY, a_claim, some_content
from tests.factories import a_coverage, a_patient, a_provider
from tests.running import MASTER_KEYS, Databases

PATIENTS = 200
CLAIMS = 50
MEADOWLARK = payer_id("XOVR1")


@dataclass(frozen=True)
class Added:
    """`coverage_id` is its patient's only one; the patient of `patient_id` has 50. The practice has 50 claims."""

    coverage_id: UUID
    patient_id: UUID
    claim_id: UUID


async def add_records(databases: Databases, practice: Practice) -> Added:
    async with _work(databases, practice) as uow:
        for _ in range(PATIENTS - 1):
            patient_id = await _add_patient(uow)
            only = await _add_coverage(uow, patient_id)
        many = await _add_patient(uow)
        for number in range(50):
            await _add_coverage(uow, many, member=number, is_verified=number == 0)
    claims = await add_claims(databases, practice, CLAIMS)
    return Added(coverage_id=only.id, patient_id=many, claim_id=claims[0].id)


async def add_claims(databases: Databases, practice: Practice, count: int) -> list[Claim]:
    """Drafts that lack nothing, each with three lines and of a patient of its own."""
    async with _work(databases, practice) as uow:
        terms = PayerParticipation(payer_id=MEADOWLARK, accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=True)
        provider = a_provider(participations=(terms,))
        await uow.providers.add(provider)
        claims = []
        for _ in range(count):
            coverage = await _add_coverage(uow, await _add_patient(uow))
            claims.append(await _add_claim(uow, coverage, provider.id))
    return claims


@asynccontextmanager
async def _work(databases: Databases, practice: Practice) -> AsyncIterator[UnitOfWork]:
    """A unit of work of the practice, committed at its end."""
    database = Database.connect(
        databases.app_url, limits=DatabaseLimits(statement_ms=60_000), master_keys=MASTER_KEYS, name="bench"
    )
    units = UnitsOfWork(database, now=lambda: datetime.now(UTC), new_id=uuid_utils.compat.uuid7)
    tenant = Tenant(practice_id=practice.id, actor="bench", role="system", request_id="bench")
    async with units.begin(tenant) as uow:
        yield uow
        await uow.commit()
    await database.close()


async def _add_patient(uow: UnitOfWork) -> UUID:
    patient = a_patient(id=uow.new_id())
    await uow.patients.add(patient)
    return patient.id


async def _add_coverage(uow: UnitOfWork, patient_id: UUID, *, member: int = 0, is_verified: bool = True) -> Coverage:
    coverage = a_coverage(
        id=uow.new_id(),
        patient_id=patient_id,
        payer_id=MEADOWLARK,
        member_id=f"MLK7{member:05d}",
        benefit_class=BenefitClass.ALL,
        status=CoverageStatus.VERIFIED if is_verified else CoverageStatus.UNVERIFIED,
    )
    await uow.coverages.add(coverage)
    if is_verified:
        rank = CoverageRank(coverage_id=coverage.id, benefit_class=coverage.benefit_class, rank=coverage.wished_rank)
        await uow.coverage_ranks.add(patient_id, rank)
    return coverage


async def _add_claim(uow: UnitOfWork, coverage: Coverage, provider_id: UUID) -> Claim:
    lines = (
        _line(uow, procedure_code="90837", modifiers=("95",), charge=Decimal("150.00")),
        _line(uow, procedure_code="90785", charge=Decimal("20.00")),
        _line(uow, procedure_code="96130", charge=Decimal("120.50"), diagnosis_pointers=(1, 2)),
    )
    content = some_content(rendering_provider_id=provider_id, diagnoses=("F4110", "F329"), lines=lines)
    claim_id = uow.new_id()
    chain = await uow.claim_chains.get_or_add_live(
        encounter_id=f"ENC-{claim_id.hex}", billing_key="practice", patient_id=coverage.patient_id, now=uow.now
    )
    draft = a_claim(
        id=claim_id,
        chain_id=chain.id,
        encounter_id=chain.encounter_id,
        patient_id=coverage.patient_id,
        coverage_id=coverage.id,
        payer_id=coverage.payer_id,
        content=content,
    )
    return await add_numbered(uow, replace(draft, created_at=uow.now, updated_at=uow.now))


def _line(uow: UnitOfWork, **said: object) -> ServiceLine:
    line_id = uow.new_id()
    return ServiceLine(
        id=line_id,
        control_number=line_control_number(line_id),
        units=Decimal(1),
        first_date=SERVICE_DAY,
        **said,  # type: ignore[arg-type]  # members of a line
    )
