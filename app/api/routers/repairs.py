"""/v1/claims/{id}/repairs: ways to put right what an earlier payer's decision lacks."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.api.answers import json_answer, to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier
from app.api.schemas.claim_reviews import ReviewAnswer
from app.api.schemas.repairs import RepairList
from app.api.work import WorkDep, idempotent, kept
from app.use_cases import repairs
from app.use_cases.claim_reviews import Review
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["claims"], route_class=CrossoverRoute)

RepairId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("/claims/{claim_id}/repairs", response_model=RepairList)
async def list_repairs(work: WorkDep, claim_id: Identifier) -> Response:
    """The repairs that are offered for the decisions of the payers ahead of this claim's."""
    return json_answer(RepairList.from_review(await repairs.list_repairs(work.context, work.tenant, claim_id)))


@router.post("/claims/{claim_id}/repairs/{repair_id}", response_model=ReviewAnswer)
async def apply_repair(
    work: WorkDep, claim_id: Identifier, repair_id: RepairId, version: VersionDep, idempotency: IdempotencyDep
) -> Response:
    """Accepts a repair: a new version of the earlier payer's adjudication. Answers the review after it, with its ETag."""
    answer = await repairs.apply_repair(
        work.context,
        work.tenant,
        claim_id,
        repair_id,
        version=version,
        call=idempotent("apply_repair", idempotency, _applied),
    )
    return to_response(answer)


def _applied(review: Review) -> Answer:
    return kept(ReviewAnswer.from_review(review), status=200, version=review.claim.version)
