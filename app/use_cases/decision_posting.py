"""A payer's decision becomes the current one: the claim moves by it, and the claims that were built on the one before it are
held, or become work for a person (domain rule E4).

The claim's chain is locked by whoever calls this (`locked_claim`).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from uuid import UUID

from app.domain.adjudications import Adjudication, AdjudicationSource, AdjudicationStatus, Decision
from app.domain.claim_holds import RELEASE_NEEDS, ReleaseNeed, hold_for
from app.domain.claim_outcomes import outcome_of
from app.domain.claim_payments import difference_between
from app.domain.claim_states import ClaimEventKind, ClaimFact, ClaimStatus, HoldReason, applies, fact_of_decision
from app.domain.claims import Claim
from app.domain.submissions import Submission
from app.domain.work_items import WorkItemKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_parts import profile_of
from app.use_cases.claim_records import move, open_work
from app.use_cases.context import found
from app.use_cases.submission_outcomes import withdraw_queued

_SETTLED: Final = (WorkItemKind.CLAIM_REJECTED, WorkItemKind.PAPER_REQUIRED)
"""What nobody has to do any more for a claim that its payer has decided."""
_STRICT: Final = frozenset({ReleaseNeed.REASON, ReleaseNeed.IMPOSSIBLE})


async def post_decision(
    uow: UnitOfWork,
    claim: Claim,
    decision: Decision,
    *,
    source: AdjudicationSource,
    repaired: Adjudication | None = None,
    repair_id: str | None = None,
    response_id: UUID | None = None,
    reviewed_claim_id: UUID | None = None,
) -> tuple[Adjudication, Claim]:
    """A new version that is current at once, and the claim after it.

    `repaired` is the version that a repair started from: the claim payment that one came from stays the new one's, so that
    it is seen whose words they were. `reviewed_claim_id` is a later claim in whose review the repair was accepted; it goes
    on with it and is not held.
    """
    adjudication = Adjudication(
        id=uow.new_id(),
        claim_id=claim.id,
        chain_id=claim.chain_id,
        payer_id=claim.payer_id,
        number=await uow.adjudications.next_number(claim.id),
        status=AdjudicationStatus.CURRENT,
        source=source,
        outcome=outcome_of(decision, claim.content.lines),
        decision=decision,
        based_on=None if repaired is None else repaired.id,
        repair_id=repair_id,
        response_id=response_id if repaired is None else repaired.response_id,
        created_by=uow.tenant.actor,
        created_at=uow.now,
    )
    before = await uow.adjudications.current(claim.id)
    await uow.adjudications.add(adjudication)
    return adjudication, await _follow(uow, claim, before, adjudication, reviewed_claim_id)


async def make_current(uow: UnitOfWork, claim: Claim, proposed: Adjudication) -> tuple[Adjudication, Claim]:
    """A version that waited becomes the current one."""
    before = await uow.adjudications.current(claim.id)
    await uow.adjudications.set_status(proposed.id, AdjudicationStatus.CURRENT)
    current = replace(proposed, status=AdjudicationStatus.CURRENT)
    return current, await _follow(uow, claim, before, current, None)


async def hold_back_overtaken(uow: UnitOfWork, submission: Submission, claim: Claim) -> bool:
    """Whether a queued submission may not go out any more: a decision came while an attempt was under way that, as is
    known now, brought it nowhere. Then it is ended, as it would have been had it waited.
    """
    if claim.status is not ClaimStatus.SUBMITTING:
        await withdraw_queued(uow, claim)
        return True
    for built_on_id in submission.adjudication_ids:
        built_on = found(await uow.adjudications.get(built_on_id))
        billed = found(await uow.claims.get(built_on.claim_id))
        current = await uow.adjudications.current(billed.id)
        if current is not None and _differ(built_on.decision, current.decision, billed):
            await _keep_back(uow, claim, billed, current)
            await uow.work_items.settle_claim(claim.id, kinds=(WorkItemKind.EARLIER_DECISION_CHANGED,), now=uow.now)
            return True
    return False


async def raise_version(uow: UnitOfWork, claim: Claim) -> Claim:
    """What its review shows has changed, so an ETag from before is stale."""
    raised = replace(claim, version=claim.version + 1, updated_at=uow.now)
    await uow.claims.save(raised)
    return raised


async def _follow(
    uow: UnitOfWork,
    claim: Claim,
    before: Adjudication | None,
    current: Adjudication,
    reviewed_claim_id: UUID | None,
) -> Claim:
    moved = await _moved(uow, claim, current)
    differs = before is None or _differ(before.decision, current.decision, claim)
    chain = await uow.claims.of_chain(claim.chain_id)
    for later in _later(chain, claim):
        if later.id == reviewed_claim_id:
            await _go_on(uow, later, before, current)
        elif differs:
            await _keep_back(uow, later, claim, current)
        elif later.status.is_changeable:
            await raise_version(uow, later)
    return moved


async def _keep_back(uow: UnitOfWork, later: Claim, changed: Claim, current: Adjudication) -> None:
    """Unsent claims are held, be they queued; sent ones become work (domain rule E4)."""
    if later.status is ClaimStatus.SUBMITTING:
        later = await withdraw_queued(uow, later)
    if later.status.is_changeable:
        await _hold(uow, later, changed, current)
    else:
        await _report(uow, later)


async def _moved(uow: UnitOfWork, claim: Claim, current: Adjudication) -> Claim:
    """The claim's version goes up in any case: its decision is another one. A claim that was decided while it waited to be
    sent is not sent any more: its payer has it.
    """
    if claim.status is ClaimStatus.SUBMITTING and current.outcome.is_decided:
        claim = await withdraw_queued(uow, claim)
    is_repair = current.source is AdjudicationSource.REPAIR
    fact = fact_of_decision(current.outcome)
    if fact is ClaimFact.PENDED and applies(claim.status, ClaimFact.DECISION_REVERSED):
        fact = ClaimFact.DECISION_REVERSED  # the current version leaves lines open that were decided
    moved = await move(
        uow,
        claim,
        fact,
        ClaimEventKind.REPAIRED if is_repair else ClaimEventKind.ADJUDICATED,
        facts={
            "adjudication_id": str(current.id),
            "number": current.number,
            "source": current.source.value,
            "outcome": current.outcome.value,
        },
        outcome=current.outcome,
        payer_claim_number=current.decision.payer_claim_number or claim.payer_claim_number,
    )
    if moved.version == claim.version:
        moved = await raise_version(uow, moved)
    if current.outcome.is_decided:
        await uow.work_items.settle_claim(claim.id, kinds=_SETTLED, now=uow.now)
    return moved


def _differ(before: Decision, after: Decision, claim: Claim) -> bool:
    """In a cent, in a code, or in whether the payer sent the claim on itself."""
    is_forwarded_anew = before.was_forwarded is not after.was_forwarded
    return is_forwarded_anew or bool(difference_between(before, after, lines=claim.content.lines))


def _later(chain: Iterable[Claim], claim: Claim) -> list[Claim]:
    """The live claims to the payers after this one's."""
    return [one for one in chain if one.status.is_live and one.rank.number > claim.rank.number]


async def _go_on(uow: UnitOfWork, reviewed: Claim, before: Adjudication | None, current: Adjudication) -> None:
    """The claim whose review the repair was accepted in is held only when the decision has become one that holds a new
    claim, such as a denial (domain rule C1).
    """
    reason = await _hold_by(uow, reviewed, current)
    is_new = reason is not None and (before is None or reason is not await _hold_by(uow, reviewed, before))
    if reason is not None and is_new and reviewed.previous_claim_id == current.claim_id:
        await _hold_as(uow, reviewed, reason, current)
    else:
        await raise_version(uow, reviewed)


async def _hold(uow: UnitOfWork, later: Claim, changed: Claim, current: Adjudication) -> None:
    """An unsent claim waits for a person's confirmation, or for what its hold asks for if that is more."""
    kept = later.hold_reason
    if later.previous_claim_id == changed.id:
        kept = await _hold_by(uow, later, current)
    is_strict = kept is not None and RELEASE_NEEDS[kept] in _STRICT
    reason = kept if kept is not None and is_strict else HoldReason.EARLIER_DECISION_CHANGED
    await _hold_as(uow, later, reason, current)


async def _hold_by(uow: UnitOfWork, later: Claim, decided: Adjudication) -> HoldReason | None:
    """Why a new claim after this decision would be held."""
    payer = found(await uow.payers.get(later.payer_id))
    return hold_for((decided,), payer, await profile_of(uow, payer.id, later.content))


async def _hold_as(uow: UnitOfWork, later: Claim, reason: HoldReason, current: Adjudication) -> None:
    held = await move(
        uow,
        later,
        ClaimFact.HOLD_REQUIRED,
        ClaimEventKind.HELD,
        reason=reason.value,
        facts={"adjudication_id": str(current.id)},
        hold_reason=reason,
    )
    if held.version == later.version:
        await raise_version(uow, held)


async def _report(uow: UnitOfWork, later: Claim) -> None:
    """A claim that is on its way or answered is not called back: a person compares."""
    await open_work(uow, later, WorkItemKind.EARLIER_DECISION_CHANGED, "decision_changed")
