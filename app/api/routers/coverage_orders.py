"""/v1/patients/{id}/coverages/order: who pays first, from which day on."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.dependencies import VersionDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier
from app.api.schemas.coverage_orders import CoverageOrderAnswer, NewCoverageOrder
from app.api.work import WorkDep, record
from app.use_cases import coverage_orders
from app.use_cases.coverage_orders import CoverageOrder

router = APIRouter(tags=["coverages"], route_class=CrossoverRoute)


@router.get("/patients/{patient_id}/coverages/order", response_model=CoverageOrderAnswer)
async def read_coverage_order(work: WorkDep, patient_id: Identifier) -> Response:
    """All rank periods, past ones too; the ETag is the one that changing the order asks for."""
    return _record(await coverage_orders.read_coverage_order(work.context, work.tenant, patient_id))


@router.put("/patients/{patient_id}/coverages/order", response_model=CoverageOrderAnswer)
async def order_coverages(
    work: WorkDep, patient_id: Identifier, version: VersionDep, body: NewCoverageOrder
) -> Response:
    """Puts the verified coverages in order from a day on, in one step; what was before that day stays."""
    order = await coverage_orders.order_coverages(
        work.context,
        work.tenant,
        patient_id,
        version=version,
        effective_from=body.effective_from,
        wanted=[entry.to_domain() for entry in body.ranks],
    )
    return _record(order)


def _record(order: CoverageOrder) -> Response:
    return record(CoverageOrderAnswer.from_domain(order), order.version)
