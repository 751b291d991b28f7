"""/v1/claims/{id}/secondary: the claim to the next payer, be it the secondary or a later one."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.answers import to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier
from app.api.schemas.claims import ClaimAnswer
from app.api.schemas.secondary_claims import NextClaim
from app.api.work import WorkDep, created, idempotent
from app.domain.claims import Claim
from app.use_cases import secondary_claims
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["claims"], route_class=CrossoverRoute)


@router.post("/claims/{claim_id}/secondary", status_code=201, response_model=ClaimAnswer)
async def create_secondary_claim(
    work: WorkDep, claim_id: Identifier, version: VersionDep, idempotency: IdempotencyDep, body: NextClaim
) -> Response:
    """Makes the claim to the next payer from this one, once every payer ahead has decided; the body may carry this payer's
    decision. If-Match is this claim's, the ETag the new one's.
    """
    answer = await secondary_claims.create_secondary_claim(
        work.context,
        work.tenant,
        claim_id,
        body.wanted(),
        version=version,
        call=idempotent("create_secondary_claim", idempotency, _created),
    )
    return to_response(answer)


def _created(claim: Claim) -> Answer:
    return created(ClaimAnswer.from_domain(claim), version=claim.version, location=f"/v1/claims/{claim.id}")
