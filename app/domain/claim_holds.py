"""Holds: why a claim to the next payer may not go out yet, and what lets it go (domain rules C1, C7 and D1)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from app.domain.adjudications import Adjudication
from app.domain.claim_outcomes import DenialKind, denial_kind
from app.domain.claim_states import ClaimOutcome, HoldReason
from app.domain.errors import Conflict
from app.domain.payers import Payer, ProfileEntry, ProfileSetting, SupportLevel


class ReleaseNeed(StrEnum):
    """What a person must say to release a claim."""

    NOTHING = "nothing"
    CONFIRMATION = "confirmation"
    REASON = "reason"
    IMPOSSIBLE = "impossible"
    """Never released for electronic sending."""


class ReleaseReason(StrEnum):
    """Why a person overrides a hold."""

    DENIAL_IS_FINAL = "denial_is_final"
    """The earlier payer stands by its denial; nothing is left to correct there."""
    CORRECTION_NOT_POSSIBLE = "correction_not_possible"
    """What that payer asks for cannot be had any more."""
    NEXT_PAYER_WANTS_CLAIM = "next_payer_wants_claim"
    """The next payer was asked, and takes the claim as it is."""
    NOT_FORWARDED = "not_forwarded"
    """The earlier payer says that it did not send the claim on."""
    NOT_RECEIVED = "not_received"
    """The next payer was asked, and has no such claim."""
    WINDOW_PASSED = "window_passed"
    """The time in which the forwarded claim should have arrived is over."""


RELEASE_NEEDS: Final[Mapping[HoldReason, ReleaseNeed]] = {
    HoldReason.BY_HAND: ReleaseNeed.NOTHING,
    HoldReason.PRIOR_PAYER_DENIED: ReleaseNeed.CONFIRMATION,
    HoldReason.PRIOR_PAYER_CORRECTABLE: ReleaseNeed.REASON,
    HoldReason.PAPER_REQUIRED: ReleaseNeed.IMPOSSIBLE,
    HoldReason.CROSSOVER_EXPECTED: ReleaseNeed.REASON,
    HoldReason.EARLIER_DECISION_CHANGED: ReleaseNeed.CONFIRMATION,
}
RELEASE_REASONS: Final[Mapping[HoldReason, frozenset[ReleaseReason]]] = {
    HoldReason.PRIOR_PAYER_CORRECTABLE: frozenset(
        {
            ReleaseReason.DENIAL_IS_FINAL,
            ReleaseReason.CORRECTION_NOT_POSSIBLE,
            ReleaseReason.NEXT_PAYER_WANTS_CLAIM,
        }
    ),
    HoldReason.CROSSOVER_EXPECTED: frozenset(
        {
            ReleaseReason.NOT_FORWARDED,
            ReleaseReason.NOT_RECEIVED,
            ReleaseReason.WINDOW_PASSED,
            ReleaseReason.NEXT_PAYER_WANTS_CLAIM,
        }
    ),
}
"""Which reasons fit which hold."""


def release_needs(hold_reason: HoldReason) -> ReleaseNeed:
    return RELEASE_NEEDS[hold_reason]


def hold_for(
    priors: Sequence[Adjudication], payer: Payer, profile: Mapping[ProfileSetting, ProfileEntry]
) -> HoldReason | None:
    """Why a new claim to `payer` is held; None lets it go. `priors` are the decisions of the payers ahead, in order.

    The last of them counts: what an earlier one denied was settled before the claim went on to the one after it. A
    claim that was forwarded is not sent a second time, whatever was decided.
    """
    if not priors:
        return None
    if not takes_claims_after_another_payer(payer, profile):
        return HoldReason.PAPER_REQUIRED
    last = priors[-1]
    if last.decision.was_forwarded:
        return HoldReason.CROSSOVER_EXPECTED
    if last.outcome is not ClaimOutcome.DENIED:
        return None
    if denial_kind(last.decision) is DenialKind.CORRECTABLE:
        return HoldReason.PRIOR_PAYER_CORRECTABLE
    return HoldReason.PRIOR_PAYER_DENIED


def takes_claims_after_another_payer(payer: Payer, profile: Mapping[ProfileSetting, ProfileEntry]) -> bool:
    """A dated entry with a source says more than the directory; where neither says no, it is tried."""
    entry = profile.get(ProfileSetting.ACCEPTS_ELECTRONIC_SECONDARY)
    if entry is not None:
        return bool(entry.value)
    return payer.supports.secondary_claims is not SupportLevel.NOT_SUPPORTED


def check_release(hold_reason: HoldReason, *, confirmed: bool, reason: ReleaseReason | None) -> None:
    """Refuses a release that does not say what this hold needs."""
    need = release_needs(hold_reason)
    if need is ReleaseNeed.IMPOSSIBLE:
        raise Conflict("The payer takes no such claim electronically. Bill it on paper.", code="release_refused")
    if need is ReleaseNeed.CONFIRMATION and not (confirmed or reason):
        raise Conflict("Confirm that the claim may go out.", code="release_needs_confirmation")
    if need is ReleaseNeed.REASON and reason not in RELEASE_REASONS[hold_reason]:
        words = ", ".join(sorted(RELEASE_REASONS[hold_reason]))
        raise Conflict(f"This hold is overridden for one of these reasons: {words}.", code="release_needs_reason")
