"""/v1/claims/{id}/adjudications: what a payer decided on a claim, in versions of which one is current."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.answers import to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.adjudications import AdjudicationAnswer, AdjudicationFields
from app.api.schemas.base import Identifier, Page
from app.api.work import WorkDep, after_number, created, idempotent, kept, page_of
from app.use_cases import adjudications
from app.use_cases.adjudications import AdjudicationView
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["adjudications"], route_class=CrossoverRoute)


@router.post("/claims/{claim_id}/adjudications", status_code=201, response_model=AdjudicationAnswer)
async def create_adjudication(
    work: WorkDep, claim_id: Identifier, version: VersionDep, idempotency: IdempotencyDep, body: AdjudicationFields
) -> Response:
    """Enters the payer's decision, which is current at once. If-Match and ETag are the claim's."""
    answer = await adjudications.create_adjudication(
        work.context,
        work.tenant,
        claim_id,
        version=version,
        entered=body.entered(),
        call=idempotent("create_adjudication", idempotency, _created),
    )
    return to_response(answer)


@router.get("/claims/{claim_id}/adjudications", response_model=Page[AdjudicationAnswer])
async def list_adjudications(work: WorkDep, claim_id: Identifier, page: PageDep) -> Response:
    """All versions of the payer's decision, newest first."""
    rows = await adjudications.list_adjudications(
        work.context, work.tenant, claim_id, before=after_number(page), limit=page.limit + 1
    )
    return page_of(
        Page[AdjudicationAnswer], rows, page, AdjudicationAnswer.from_view, lambda row: (row.adjudication.number,)
    )


@router.post("/claims/{claim_id}/adjudications/{adjudication_id}/accept", response_model=AdjudicationAnswer)
async def accept_adjudication(
    work: WorkDep, claim_id: Identifier, adjudication_id: Identifier, version: VersionDep, idempotency: IdempotencyDep
) -> Response:
    """Makes a proposed version the current one. If-Match and ETag are the claim's."""
    answer = await adjudications.accept_adjudication(
        work.context,
        work.tenant,
        claim_id,
        adjudication_id,
        version=version,
        call=idempotent("accept_adjudication", idempotency, _accepted),
    )
    return to_response(answer)


def _created(view: AdjudicationView) -> Answer:
    return created(
        AdjudicationAnswer.from_view(view),
        version=view.claim.version,
        location=f"/v1/claims/{view.claim.id}/adjudications",
    )


def _accepted(view: AdjudicationView) -> Answer:
    return kept(AdjudicationAnswer.from_view(view), status=200, version=view.claim.version)
