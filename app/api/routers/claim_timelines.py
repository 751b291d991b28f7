"""/v1/claims/{id}/timeline: every event of a claim and its chain."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier, Page
from app.api.schemas.claim_timelines import ClaimEventAnswer
from app.api.work import WorkDep, after_number, page_of
from app.use_cases import claim_timelines

router = APIRouter(tags=["claims"], route_class=CrossoverRoute)


@router.get("/claims/{claim_id}/timeline", response_model=Page[ClaimEventAnswer])
async def read_claim_timeline(work: WorkDep, claim_id: Identifier, page: PageDep) -> Response:
    """What happened to the encounter's claims to all payers, oldest first."""
    events = await claim_timelines.read_claim_timeline(
        work.context, work.tenant, claim_id, after=after_number(page), limit=page.limit + 1
    )
    return page_of(Page[ClaimEventAnswer], events, page, ClaimEventAnswer.from_domain, lambda event: (event.sequence,))
