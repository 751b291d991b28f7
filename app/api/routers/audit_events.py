"""/v1/audit-events: who did or saw what."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.audit_events import AuditEventAnswer
from app.api.schemas.base import Identifier, Page
from app.api.work import WorkDep, after_number, page_of
from app.use_cases import audit_events

router = APIRouter(tags=["audit"], route_class=CrossoverRoute)


@router.get("/audit-events", response_model=Page[AuditEventAnswer])
async def list_audit_events(
    work: WorkDep, page: PageDep, patient_id: Annotated[Identifier | None, Query()] = None
) -> Response:
    """Events, newest first; with `patient_id` those that touched or showed that patient's data."""
    rows = await audit_events.list_audit_events(
        work.context, work.tenant, patient_id=patient_id, before=after_number(page), limit=page.limit + 1
    )
    return page_of(Page[AuditEventAnswer], rows, page, AuditEventAnswer.from_domain, lambda row: (row.sequence,))
