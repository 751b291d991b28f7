"""/v1/patients: the practice's patients, found without personal data in any address."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.answers import to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier, Page
from app.api.schemas.merge import merged
from app.api.schemas.patients import ExternalId, PatientAnswer, PatientFields, PatientPatch, PatientSearch
from app.api.work import WorkDep, after_id, created, idempotent, page_of, record
from app.domain.patients import Patient
from app.use_cases import patients
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["patients"], route_class=CrossoverRoute)


@router.post("/patients", status_code=201, response_model=PatientAnswer)
async def create_patient(work: WorkDep, idempotency: IdempotencyDep, body: PatientFields) -> Response:
    """Adds a patient under the record system's id, which is unique in the practice."""
    call = idempotent("create_patient", idempotency, _created)
    return to_response(await patients.create_patient(work.context, work.tenant, compose=body.compose(), call=call))


@router.get("/patients", response_model=Page[PatientAnswer])
async def list_patients(
    work: WorkDep, page: PageDep, external_id: Annotated[ExternalId | None, Query()] = None
) -> Response:
    """Patients, oldest first; with `external_id` the one that has it."""
    rows = await patients.list_patients(
        work.context, work.tenant, external_id=external_id, after=after_id(page), limit=page.limit + 1
    )
    return page_of(Page[PatientAnswer], rows, page, PatientAnswer.from_domain, lambda row: (row.id,))


@router.post("/patients/search", response_model=Page[PatientAnswer])
async def search_patients(work: WorkDep, page: PageDep, body: PatientSearch) -> Response:
    """Patients by last name, and birth date when given; in a body, since addresses end up in logs."""
    rows = await patients.search_patients(
        work.context,
        work.tenant,
        last_name=body.last_name,
        birth_date=body.birth_date,
        after=after_id(page),
        limit=page.limit + 1,
    )
    return page_of(Page[PatientAnswer], rows, page, PatientAnswer.from_domain, lambda row: (row.id,))


@router.get("/patients/{patient_id}", response_model=PatientAnswer)
async def read_patient(work: WorkDep, patient_id: Identifier) -> Response:
    """One patient, with what a claim would lack."""
    return _record(await patients.read_patient(work.context, work.tenant, patient_id))


@router.patch("/patients/{patient_id}", response_model=PatientAnswer)
async def change_patient(work: WorkDep, patient_id: Identifier, version: VersionDep, patch: PatientPatch) -> Response:
    """Changes a patient."""
    patient = await patients.change_patient(
        work.context,
        work.tenant,
        patient_id,
        version=version,
        revise=lambda current: merged(PatientFields.from_domain(current), patch).revise(current),
    )
    return _record(patient)


def _created(patient: Patient) -> Answer:
    return created(PatientAnswer.from_domain(patient), version=patient.version, location=f"/v1/patients/{patient.id}")


def _record(patient: Patient) -> Response:
    return record(PatientAnswer.from_domain(patient), patient.version)
