"""The order of a patient's coverages: who pays first, from which day on; the past stays as it was (domain rule A4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.coverage_ranks import CoverageRank, RankedPeriod, WantedRank, reorder
from app.domain.coverages import Coverage, CoverageStatus, check_insurance_type
from app.domain.errors import CoverageConflict
from app.domain.findings import Finding, has_error
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, at_version, found
from app.use_cases.visible_records import locked_patient


@dataclass(frozen=True, kw_only=True)
class CoverageOrder:
    """All rank periods of one patient, with the version that If-Match names."""

    patient_id: UUID
    ranks: tuple[CoverageRank, ...]
    findings: tuple[Finding, ...]
    version: int


async def read_coverage_order(context: Context, tenant: Tenant, patient_id: UUID) -> CoverageOrder:
    async with context.units.begin(tenant) as uow:
        patient = found(await uow.patients.get(patient_id))
        ranks = await uow.coverage_ranks.of_patient(patient_id)
        await uow.audit_events.add(_entry(AuditAction.READ, patient_id))
        await uow.commit()
        return CoverageOrder(patient_id=patient_id, ranks=ranks, findings=(), version=patient.coverage_order_version)


async def order_coverages(
    context: Context,
    tenant: Tenant,
    patient_id: UUID,
    *,
    version: int,
    effective_from: date,
    wanted: Sequence[WantedRank],
) -> CoverageOrder:
    """Puts the patient's verified coverages into `wanted` ranks from a day on, in one transaction."""
    async with context.units.begin(tenant) as uow:
        patient = await locked_patient(uow, patient_id)
        at_version(patient.coverage_order_version, version)
        coverages = [
            coverage
            for coverage in await uow.coverages.of_patient(patient_id)
            if coverage.status is CoverageStatus.VERIFIED
        ]
        rows, findings = reorder(
            await uow.coverage_ranks.of_patient(patient_id),
            [_period(coverage) for coverage in coverages],
            wanted,
            effective_from=effective_from,
        )
        findings = (*findings, *await _insurance_types(uow, coverages, wanted))
        if has_error(findings):
            raise CoverageConflict(
                "The order breaks a rule of coordination.", code="coverage_order_refused", findings=findings
            )
        await uow.coverage_ranks.replace(patient_id, rows)
        await uow.check_constraints()
        await uow.patients.raise_order_version(patient_id)
        # A coverage shows its ranks, so its ETag must not outlive them (RFC 9110 section 8.8.1).
        await uow.coverages.raise_versions(_moved(coverages, rows), now=uow.now)
        await uow.audit_events.add(_entry(AuditAction.ORDER, patient_id))
        await uow.commit()
        return CoverageOrder(patient_id=patient_id, ranks=rows, findings=findings, version=version + 1)


async def _insurance_types(
    uow: UnitOfWork, coverages: Sequence[Coverage], wanted: Sequence[WantedRank]
) -> tuple[Finding, ...]:
    payers = {coverage.id: await uow.payers.get(coverage.payer_id) for coverage in coverages}
    findings: list[Finding] = []
    for position, entry in enumerate(wanted):
        payer = payers.get(entry.coverage_id)
        if payer is not None:
            findings.extend(
                check_insurance_type(
                    entry.insurance_type_code,
                    rank=entry.rank,
                    is_original_medicare=payer.is_original_medicare,
                    pointer=f"/ranks/{position}/insurance_type_code",
                )
            )
    return tuple(findings)


def _moved(coverages: Sequence[Coverage], rows: Sequence[CoverageRank]) -> list[UUID]:
    """The coverages whose periods in the order are no longer what they were."""
    return [
        coverage.id
        for coverage in coverages
        if set(coverage.ranks) != {row for row in rows if row.coverage_id == coverage.id}
    ]


def _period(coverage: Coverage) -> RankedPeriod:
    return RankedPeriod(
        coverage_id=coverage.id,
        benefit_class=coverage.benefit_class,
        from_date=coverage.effective_from,
        to_date=coverage.effective_to,
    )


def _entry(action: AuditAction, patient_id: UUID) -> AuditEntry:
    return AuditEntry(action=action, record_type="coverage_order", record_id=patient_id, patient_id=patient_id)
