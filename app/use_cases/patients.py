"""Patients: created and changed by staff, found by id, external id, or name and birth date."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.audit import AuditAction, AuditEntry, changed_fields
from app.domain.callers import Tenant
from app.domain.errors import AlreadyExists, Invalid
from app.domain.findings import Finding
from app.domain.patients import Patient, check_patient
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, at_version, found
from app.use_cases.idempotency import Answer, Call, claim, conclude


async def create_patient(
    context: Context, tenant: Tenant, *, compose: Callable[[UUID, datetime], Patient], call: Call[Patient]
) -> Answer:
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        patient = compose(uow.new_id(), uow.now)
        _check(patient, today=await practice_today(uow))
        if not await uow.patients.add(patient):
            raise _external_id_taken()
        await uow.audit_events.add(_entry(AuditAction.CREATE, patient))
        return await conclude(uow, call, claimed, patient, patient_id=patient.id)


async def read_patient(context: Context, tenant: Tenant, patient_id: UUID) -> Patient:
    async with context.units.begin(tenant) as uow:
        patient = found(await uow.patients.get(patient_id))
        await uow.audit_events.add(_entry(AuditAction.READ, patient))
        await uow.commit()
        return patient


async def list_patients(
    context: Context, tenant: Tenant, *, external_id: str | None, after: UUID | None, limit: int
) -> list[Patient]:
    """The last of `limit` patients says that there is a next page; it is not given out, and not audited."""
    async with context.units.begin(tenant) as uow:
        patients = await uow.patients.page(external_id=external_id, after=after, limit=limit)
        await _audit_many(uow, AuditAction.LIST, patients[: limit - 1])
        return patients


async def search_patients(
    context: Context, tenant: Tenant, *, last_name: str, birth_date: date | None, after: UUID | None, limit: int
) -> list[Patient]:
    async with context.units.begin(tenant) as uow:
        patients = await uow.patients.search(last_name=last_name, birth_date=birth_date, after=after, limit=limit)
        await _audit_many(uow, AuditAction.SEARCH, patients[: limit - 1])
        return patients


async def change_patient(
    context: Context, tenant: Tenant, patient_id: UUID, *, version: int, revise: Callable[[Patient], Patient]
) -> Patient:
    async with context.units.begin(tenant) as uow:
        current = found(await uow.patients.get(patient_id, lock=True))
        at_version(current.version, version)
        revised = replace(revise(current), version=current.version + 1, updated_at=uow.now)
        _check(revised, today=await practice_today(uow))
        if not await uow.patients.save(revised):
            raise _external_id_taken()
        await uow.audit_events.add(
            replace(_entry(AuditAction.CHANGE, revised), changed_fields=changed_fields(current, revised))
        )
        await uow.commit()
        return revised


async def practice_today(uow: UnitOfWork) -> date:
    """The date where the practice is."""
    practice = found(await uow.practices.get())
    return uow.now.astimezone(ZoneInfo(practice.time_zone)).date()


async def _audit_many(uow: UnitOfWork, action: AuditAction, patients: list[Patient]) -> None:
    """One event a request, naming every patient whose data it gives out; an empty page gives out none."""
    if patients:
        await uow.audit_events.add(
            AuditEntry(action=action, record_type="patient", seen_patient_ids=tuple(patient.id for patient in patients))
        )
        await uow.commit()


def _check(patient: Patient, *, today: date) -> None:
    findings = check_patient(patient, today=today)
    if findings:
        raise Invalid(findings=findings)


def _entry(action: AuditAction, patient: Patient) -> AuditEntry:
    return AuditEntry(action=action, record_type="patient", record_id=patient.id, patient_id=patient.id)


def _external_id_taken() -> AlreadyExists:
    return AlreadyExists(
        "The practice has a patient with this external id.",
        code="external_id_taken",
        findings=(
            Finding(
                code="external_id_taken",
                message="The practice has a patient with this external id.",
                pointer="/external_id",
            ),
        ),
    )
