"""Records as their caller may see them: what is another's is absent. A patient's token is confined to its own record."""

from uuid import UUID

from app.domain.coverages import Coverage, CoverageSource
from app.domain.patients import Patient
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import found


async def locked_patient(uow: UnitOfWork, patient_id: UUID) -> Patient:
    """The patient, locked: all changes of one patient's coverages happen one after another."""
    if not uow.tenant.may_see(patient_id):
        found(None)
    return found(await uow.patients.get(patient_id, lock=True))


async def visible_coverage(uow: UnitOfWork, coverage_id: UUID) -> Coverage:
    """A patient sees what it added itself: another's policy in its record may name people it has parted from."""
    coverage = found(await uow.coverages.get(coverage_id))
    tenant = uow.tenant
    if not tenant.may_see(coverage.patient_id):
        found(None)
    if tenant.confined_to is not None and coverage.source is not CoverageSource.PATIENT:
        found(None)
    return coverage
