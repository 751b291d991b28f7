"""/v1/work-items: what waits for a person's decision."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Page
from app.api.schemas.work_items import WorkItemAnswer
from app.api.work import WorkDep, after_id, page_of
from app.domain.work_items import WorkItemStatus
from app.use_cases import work_items

router = APIRouter(tags=["work"], route_class=CrossoverRoute)


@router.get("/work-items", response_model=Page[WorkItemAnswer])
async def list_work_items(
    work: WorkDep, page: PageDep, status: Annotated[WorkItemStatus | None, Query()] = None
) -> Response:
    """Work items, oldest first."""
    rows = await work_items.list_work_items(
        work.context, work.tenant, status=status, after=after_id(page), limit=page.limit + 1
    )
    return page_of(Page[WorkItemAnswer], rows, page, WorkItemAnswer.from_domain, lambda row: (row.id,))
