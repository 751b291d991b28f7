"""/v1/patients/{id}/coverages and /v1/coverages: the policies that may pay for a patient's care."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.answers import to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier, Page
from app.api.schemas.coverages import (
    CoverageAnswer,
    CoverageFields,
    CoveragePatch,
    CoverageTermination,
    CoverageVerification,
    NewCoverage,
)
from app.api.schemas.merge import merged
from app.api.work import WorkDep, after_id, created, idempotent, kept, page_of, record
from app.domain.coverages import CoverageStatus
from app.use_cases import coverages
from app.use_cases.coverages import CoverageView
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["coverages"], route_class=CrossoverRoute)


@router.post("/patients/{patient_id}/coverages", status_code=201, response_model=CoverageAnswer)
async def create_coverage(
    work: WorkDep, patient_id: Identifier, idempotency: IdempotencyDep, body: NewCoverage
) -> Response:
    """Adds an unverified coverage; it holds no rank and touches no other. A patient's own is checked at once."""
    answer = await coverages.create_coverage(
        work.context,
        work.tenant,
        patient_id,
        compose=body.compose(patient_id),
        call=idempotent("create_coverage", idempotency, _created),
    )
    return to_response(answer)


@router.get("/patients/{patient_id}/coverages", response_model=Page[CoverageAnswer])
async def list_coverages(
    work: WorkDep, patient_id: Identifier, page: PageDep, status: Annotated[CoverageStatus | None, Query()] = None
) -> Response:
    """A patient's coverages of any rank, oldest first."""
    rows = await coverages.list_coverages(
        work.context, work.tenant, patient_id, status=status, after=after_id(page), limit=page.limit + 1
    )
    return page_of(Page[CoverageAnswer], rows, page, CoverageAnswer.from_view, lambda row: (row.coverage.id,))


@router.get("/coverages/{coverage_id}", response_model=CoverageAnswer)
async def read_coverage(work: WorkDep, coverage_id: Identifier) -> Response:
    """One coverage with its periods in the order of benefits."""
    return _record(await coverages.read_coverage(work.context, work.tenant, coverage_id))


@router.patch("/coverages/{coverage_id}", response_model=CoverageAnswer)
async def change_coverage(
    work: WorkDep, coverage_id: Identifier, version: VersionDep, patch: CoveragePatch
) -> Response:
    """Corrects a coverage. A verified one stays verified; its rank changes through the order only."""
    view = await coverages.change_coverage(
        work.context,
        work.tenant,
        coverage_id,
        version=version,
        revise=lambda current: merged(CoverageFields.from_domain(current), patch).revise(current),
    )
    return _record(view)


@router.post("/coverages/{coverage_id}/verify", response_model=CoverageAnswer)
async def verify_coverage(
    work: WorkDep,
    coverage_id: Identifier,
    version: VersionDep,
    idempotency: IdempotencyDep,
    body: CoverageVerification,
) -> Response:
    """A person confirms an unverified coverage, which then takes its wished rank, or rejects it."""
    answer = await coverages.verify_coverage(
        work.context,
        work.tenant,
        coverage_id,
        version=version,
        confirmed=body.outcome == "verified",
        evidence=body.evidence,
        call=idempotent("verify_coverage", idempotency, _kept),
    )
    return to_response(answer)


@router.post("/coverages/{coverage_id}/terminate", response_model=CoverageAnswer)
async def terminate_coverage(
    work: WorkDep,
    coverage_id: Identifier,
    version: VersionDep,
    idempotency: IdempotencyDep,
    body: CoverageTermination,
) -> Response:
    """Ends a verified coverage on a day; an unverified one is withdrawn. Warns when a later payer is left behind."""
    answer = await coverages.terminate_coverage(
        work.context,
        work.tenant,
        coverage_id,
        version=version,
        effective_to=body.effective_to,
        reason=body.reason,
        call=idempotent("terminate_coverage", idempotency, _kept),
    )
    return to_response(answer)


def _created(view: CoverageView) -> Answer:
    return created(
        CoverageAnswer.from_view(view), version=view.coverage.version, location=f"/v1/coverages/{view.coverage.id}"
    )


def _kept(view: CoverageView) -> Answer:
    return kept(CoverageAnswer.from_view(view), status=200, version=view.coverage.version)


def _record(view: CoverageView) -> Response:
    return record(CoverageAnswer.from_view(view), view.coverage.version)
