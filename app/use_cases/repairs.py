"""Repairs: the ways to put right what an earlier payer's decision lacks before the next payer can be asked.

They are offered in the review of the next claim, and accepting one makes a new version of the earlier payer's adjudication
(design rule 3). The id says what it was offered for: one for another state of things is not found any more.
"""

from uuid import UUID

from app.domain.adjudications import AdjudicationSource
from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.claim_states import require_changeable, require_decidable
from app.domain.errors import Conflict
from app.use_cases.claim_records import locked_claim, visible_claim
from app.use_cases.claim_reviews import OfferedRepair, Review, current_review
from app.use_cases.context import Context, found
from app.use_cases.decision_posting import post_decision
from app.use_cases.idempotency import Answer, Call, claim, conclude


async def list_repairs(context: Context, tenant: Tenant, claim_id: UUID) -> Review:
    """Of all payers ahead; they stand in the claim's review."""
    async with context.units.begin(tenant) as uow:
        review = await current_review(context, uow, await visible_claim(uow, claim_id))
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.LIST,
                record_type="repair",
                record_id=review.claim.id,
                patient_id=review.claim.patient_id,
            )
        )
        await uow.commit()
        return review


async def apply_repair(
    context: Context, tenant: Tenant, claim_id: UUID, repair_id: str, *, version: int, call: Call[Review]
) -> Answer:
    """The earlier payer's decision with the repair, and the claim's review after it.

    The claim's own version goes up as well: what its review shows is another claim now.
    """
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        reviewed = await locked_claim(uow, claim_id, version=version)
        require_changeable(reviewed.status)
        offered = _offered(await current_review(context, uow, reviewed), repair_id)
        decided, adjudication = found(offered.prior.claim), found(offered.prior.adjudication)
        require_decidable(decided.status)
        repaired, _ = await post_decision(
            uow,
            decided,
            offered.repair.decision,
            source=AdjudicationSource.REPAIR,
            repaired=adjudication,
            repair_id=offered.repair.id,
            reviewed_claim_id=reviewed.id,
        )
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.REPAIR,
                record_type="adjudication",
                record_id=repaired.id,
                patient_id=reviewed.patient_id,
                reason=offered.repair.kind.value,
            )
        )
        after = await current_review(context, uow, found(await uow.claims.get(reviewed.id)))
        return await conclude(uow, call, claimed, after, patient_id=reviewed.patient_id)


def _offered(review: Review, repair_id: str) -> OfferedRepair:
    offered = next((one for one in review.repairs if one.repair.id == repair_id), None)
    if offered is None:
        raise Conflict("This repair is not offered any more. Read the review again.", code="repair_stale")
    return offered
