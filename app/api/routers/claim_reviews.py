"""/v1/claims/{id}/review: what would be sent, what is wrong with it, and how each earlier decision adds up."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier
from app.api.schemas.claim_reviews import ReviewAnswer
from app.api.work import WorkDep, record
from app.use_cases import claim_reviews

router = APIRouter(tags=["claims"], route_class=CrossoverRoute)


@router.get("/claims/{claim_id}/review", response_model=ReviewAnswer)
async def review_claim(work: WorkDep, claim_id: Identifier) -> Response:
    """Reviews a claim before it is submitted. The ETag is the claim's."""
    review = await claim_reviews.review_claim(work.context, work.tenant, claim_id)
    return record(ReviewAnswer.from_review(review), review.claim.version)
