"""Holds: a person keeps a claim back, and lets one go that a rule or a person held."""

from uuid import UUID

from app.domain.audit import AuditAction
from app.domain.callers import Tenant
from app.domain.claim_holds import ReleaseReason, check_release
from app.domain.claim_states import ClaimEventKind, ClaimFact, HoldReason
from app.domain.claims import Claim
from app.domain.errors import Conflict
from app.use_cases.claim_records import locked_claim, move
from app.use_cases.claims import entry_of
from app.use_cases.context import Context
from app.use_cases.idempotency import Answer, Call, claim, conclude


async def hold_claim(
    context: Context, tenant: Tenant, claim_id: UUID, *, version: int, reason: HoldReason, call: Call[Claim]
) -> Answer:
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        current = await locked_claim(uow, claim_id, version=version)
        held = await move(uow, current, ClaimFact.HELD, ClaimEventKind.HELD, reason=reason.value, hold_reason=reason)
        await uow.audit_events.add(entry_of(AuditAction.HOLD, held, reason=reason.value))
        return await conclude(uow, call, claimed, held, patient_id=held.patient_id)


async def release_claim(
    context: Context,
    tenant: Tenant,
    claim_id: UUID,
    *,
    version: int,
    confirmed: bool,
    reason: ReleaseReason | None,
    call: Call[Claim],
) -> Answer:
    """The claim is a draft again. What its hold needs is said, or it stays (domain rules C1, C7 and D1)."""
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        current = await locked_claim(uow, claim_id, version=version)
        if current.hold_reason is None:
            raise Conflict("The claim is not held.", code="claim_state")
        check_release(current.hold_reason, confirmed=confirmed, reason=reason)
        word = None if reason is None else reason.value
        released = await move(
            uow,
            current,
            ClaimFact.RELEASED,
            ClaimEventKind.RELEASED,
            reason=word,
            facts={"hold_reason": current.hold_reason.value},
        )
        await uow.audit_events.add(entry_of(AuditAction.RELEASE, released, reason=word))
        return await conclude(uow, call, claimed, released, patient_id=released.patient_id)
