"""A claim's record: read as its caller may see it, moved from status to status, each step told in its timeline."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.claim_events import status_facts
from app.domain.claim_states import ClaimEventKind, ClaimFact, ClaimStatus, HoldReason, advance
from app.domain.claims import Claim
from app.domain.coordination import ChainClaim
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from app.repositories.claim_events import NO_FACTS
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import at_version, found


async def visible_claim(uow: UnitOfWork, claim_id: UUID) -> Claim:
    """The practice's claim; a patient's token reaches none."""
    claim = found(await uow.claims.get(claim_id))
    return found(claim if uow.tenant.may_see(claim.patient_id) else None)


async def locked_claim(uow: UnitOfWork, claim_id: UUID, *, version: int | None = None) -> Claim:
    """The claim for a change. Its whole chain is locked, in one order: what one claim's decision means for the next is
    settled one after another. `version` comes from If-Match.
    """
    chain_id = (await visible_claim(uow, claim_id)).chain_id
    chain = await uow.claims.of_chain(chain_id, lock=True)
    claim = found(next((one for one in chain if one.id == claim_id), None))
    if version is not None:
        at_version(claim.version, version)
    return claim


async def chain_of(uow: UnitOfWork, claim: Claim) -> tuple[ChainClaim, ...]:
    """All claims of the chain with their current adjudications, the claim itself among them."""
    current = await uow.adjudications.currents_of_chain(claim.chain_id)
    return tuple(
        ChainClaim(claim=one, adjudication=current.get(one.id)) for one in await uow.claims.of_chain(claim.chain_id)
    )


async def tell(
    uow: UnitOfWork,
    claim: Claim,
    kind: ClaimEventKind,
    *,
    reason: str | None = None,
    facts: Mapping[str, str | int | None] = NO_FACTS,
) -> None:
    """One event of the claim's timeline."""
    await uow.claim_events.add(
        kind,
        chain_id=claim.chain_id,
        claim_id=claim.id,
        patient_id=claim.patient_id,
        reason=reason,
        facts=facts,
    )


async def open_work(uow: UnitOfWork, claim: Claim, kind: WorkItemKind, reason: str) -> None:
    """Something about the claim that a person must decide; `reason` is a word of a closed list. One open item of a kind."""
    await uow.work_items.open(
        WorkItem(
            id=uow.new_id(),
            kind=kind,
            status=WorkItemStatus.OPEN,
            patient_id=claim.patient_id,
            coverage_id=claim.coverage_id,
            claim_id=claim.id,
            reason=reason,
            created_at=uow.now,
        )
    )


async def move(
    uow: UnitOfWork,
    claim: Claim,
    fact: ClaimFact,
    kind: ClaimEventKind,
    *,
    reason: str | None = None,
    facts: Mapping[str, str | int | None] = NO_FACTS,
    hold_reason: HoldReason | None = None,
    **changes: Any,
) -> Claim:
    """The claim after a fact, saved and told. A late answer that changes no status is told all the same.

    `hold_reason` is kept for a claim that is held then, and is gone for any other. `changes` are other members.
    """
    status = advance(claim.status, fact, outcome=claim.outcome)
    held = status is ClaimStatus.HELD
    moved = replace(
        claim,
        status=status,
        hold_reason=(hold_reason or claim.hold_reason) if held else None,
        **changes,
    )
    if moved != claim:
        moved = replace(moved, version=claim.version + 1, updated_at=uow.now)
        await uow.claims.save(moved)
    await tell(uow, claim, kind, reason=reason, facts={**status_facts(claim.status, status), **facts})
    return moved
