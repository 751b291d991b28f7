"""Holding and releasing claims: what each hold needs before it lets go, and what the timeline then tells."""

from collections.abc import AsyncIterator

import pytest

from app.domain.audit import AuditAction
from app.domain.claim_holds import RELEASE_REASONS, ReleaseReason
from app.domain.claim_states import ClaimEventKind, ClaimStatus, HoldReason
from app.domain.claims import Claim
from app.domain.errors import Conflict, StaleVersion
from app.domain.practices import Practice
from tests.running import Databases
from tests.use_cases.claim_desk import ClaimDesk, opened


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[ClaimDesk]:
    async with opened(databases, practice) as one:
        await one.insured()
        yield one


async def held(desk: ClaimDesk, reason: HoldReason) -> Claim:
    """As a rule holds it."""
    return await desk.becomes(await desk.create(), status=ClaimStatus.HELD, hold_reason=reason)


async def test_a_person_holds_a_draft_and_lets_it_go(desk: ClaimDesk) -> None:
    claim = await desk.create()
    kept = await desk.hold(claim)
    assert (kept.status, kept.hold_reason, kept.version) == (ClaimStatus.HELD, HoldReason.BY_HAND, 2)
    released = await desk.release(kept)
    assert (released.status, released.hold_reason, released.version) == (ClaimStatus.DRAFT, None, 3)
    assert await desk.read(claim) == released


async def test_the_timeline_and_the_audit_trail_tell_why(desk: ClaimDesk) -> None:
    claim = await held(desk, HoldReason.CROSSOVER_EXPECTED)
    released = await desk.release(claim, reason=ReleaseReason.NOT_RECEIVED)
    event = (await desk.timeline(claim))[-1]
    assert (event.kind, event.reason) == (ClaimEventKind.RELEASED, "not_received")
    assert event.facts == {"from_status": "held", "to_status": "draft", "hold_reason": "crossover_expected"}
    await desk.hold(released)
    event = (await desk.timeline(claim))[-1]
    assert (event.kind, event.reason) == (ClaimEventKind.HELD, "by_hand")
    entries = [
        (one.entry.action, one.entry.reason)
        for one in await desk.audit()
        if one.entry.action in {AuditAction.HOLD, AuditAction.RELEASE}
    ]
    assert entries == [(AuditAction.HOLD, "by_hand"), (AuditAction.RELEASE, "not_received")]


@pytest.mark.parametrize("status", sorted(set(ClaimStatus) - {ClaimStatus.DRAFT, ClaimStatus.REJECTED}))
async def test_only_what_could_go_out_is_held(desk: ClaimDesk, status: ClaimStatus) -> None:
    reason = HoldReason.BY_HAND if status is ClaimStatus.HELD else None
    claim = await desk.becomes(await desk.create(), status=status, hold_reason=reason)
    with pytest.raises(Conflict) as refusal:
        await desk.hold(claim)
    assert refusal.value.problem_code == "claim_state"


async def test_only_what_is_held_is_released(desk: ClaimDesk) -> None:
    with pytest.raises(Conflict) as refusal:
        await desk.release(await desk.create(), confirmed=True)
    assert refusal.value.problem_code == "claim_state"


@pytest.mark.parametrize(
    ("hold", "confirmed", "reason", "code"),
    [
        (HoldReason.PRIOR_PAYER_DENIED, False, None, "release_needs_confirmation"),
        (HoldReason.EARLIER_DECISION_CHANGED, False, None, "release_needs_confirmation"),
        (HoldReason.PRIOR_PAYER_CORRECTABLE, True, None, "release_needs_reason"),
        (HoldReason.PRIOR_PAYER_CORRECTABLE, True, ReleaseReason.NOT_FORWARDED, "release_needs_reason"),
        (HoldReason.CROSSOVER_EXPECTED, True, None, "release_needs_reason"),
        (HoldReason.CROSSOVER_EXPECTED, False, ReleaseReason.DENIAL_IS_FINAL, "release_needs_reason"),
        (HoldReason.PAPER_REQUIRED, True, ReleaseReason.NEXT_PAYER_WANTS_CLAIM, "release_refused"),
    ],
)
async def test_a_hold_stays_until_what_it_needs_is_said(
    desk: ClaimDesk, hold: HoldReason, confirmed: bool, reason: ReleaseReason | None, code: str
) -> None:
    claim = await held(desk, hold)
    with pytest.raises(Conflict) as refusal:
        await desk.release(claim, confirmed=confirmed, reason=reason)
    assert refusal.value.problem_code == code
    assert await desk.read(claim) == claim


@pytest.mark.parametrize(
    ("hold", "confirmed", "reason"),
    [
        (HoldReason.PRIOR_PAYER_DENIED, True, None),
        (HoldReason.EARLIER_DECISION_CHANGED, True, None),
        *((hold, False, reason) for hold, reasons in RELEASE_REASONS.items() for reason in sorted(reasons)),
    ],
)
async def test_a_hold_ends_when_it_is_said(
    desk: ClaimDesk, hold: HoldReason, confirmed: bool, reason: ReleaseReason | None
) -> None:
    released = await desk.release(await held(desk, hold), confirmed=confirmed, reason=reason)
    assert (released.status, released.hold_reason) == (ClaimStatus.DRAFT, None)


async def test_a_held_claim_can_be_changed_and_stays_held(desk: ClaimDesk) -> None:
    changed = await desk.change(await desk.hold(await desk.create()), place_of_service="02")
    assert (changed.status, changed.hold_reason) == (ClaimStatus.HELD, HoldReason.BY_HAND)


async def test_a_hold_and_a_release_are_of_the_version_that_was_read(desk: ClaimDesk) -> None:
    claim = await desk.create()
    kept = await desk.hold(claim)
    with pytest.raises(StaleVersion):
        await desk.hold(claim)
    await desk.change(kept, place_of_service="02")
    with pytest.raises(StaleVersion):
        await desk.release(kept)
