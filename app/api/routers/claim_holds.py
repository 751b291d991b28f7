"""/v1/claims/{id}/hold and /release: a claim kept back, and let go."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.answers import to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier
from app.api.schemas.claim_holds import ClaimHold, ClaimRelease
from app.api.schemas.claims import ClaimAnswer
from app.api.work import WorkDep, idempotent, kept
from app.domain.claim_states import HoldReason
from app.domain.claims import Claim
from app.use_cases import claim_holds
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["claims"], route_class=CrossoverRoute)


@router.post("/claims/{claim_id}/hold", response_model=ClaimAnswer)
async def hold_claim(
    work: WorkDep, claim_id: Identifier, version: VersionDep, idempotency: IdempotencyDep, body: ClaimHold
) -> Response:
    """Keeps a draft or a rejected claim back until it is released."""
    answer = await claim_holds.hold_claim(
        work.context,
        work.tenant,
        claim_id,
        version=version,
        reason=HoldReason(body.reason),
        call=idempotent("hold_claim", idempotency, _kept),
    )
    return to_response(answer)


@router.post("/claims/{claim_id}/release", response_model=ClaimAnswer)
async def release_claim(
    work: WorkDep, claim_id: Identifier, version: VersionDep, idempotency: IdempotencyDep, body: ClaimRelease
) -> Response:
    """Makes a held claim a draft again. A claim that its payer takes on paper only stays held."""
    answer = await claim_holds.release_claim(
        work.context,
        work.tenant,
        claim_id,
        version=version,
        confirmed=body.confirmed,
        reason=body.reason,
        call=idempotent("release_claim", idempotency, _kept),
    )
    return to_response(answer)


def _kept(claim: Claim) -> Answer:
    return kept(ClaimAnswer.from_domain(claim), status=200, version=claim.version)
