"""Why a claim to the next payer is held, and what releases it (domain rules C1, C7, D1)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from app.domain.adjudications import Adjudication, Adjustment, AdjustmentGroup, Decision
from app.domain.claim_holds import (
    RELEASE_REASONS,
    ReleaseNeed,
    ReleaseReason,
    check_release,
    hold_for,
    release_needs,
)
from app.domain.claim_states import ClaimOutcome, HoldReason
from app.domain.errors import Conflict
from app.domain.payers import Payer, ProfileEntry, ProfileSetting, SupportLevel
from tests.domain.claims import a_claim, a_decision, a_payer, an_adjudication

PAYER = a_payer()
CO, PR = AdjustmentGroup.CONTRACTUAL, AdjustmentGroup.PATIENT_RESPONSIBILITY


def decided(decision: Decision | None = None, outcome: ClaimOutcome = ClaimOutcome.PAID) -> Adjudication:
    return an_adjudication(a_claim(), decision, outcome=outcome)


def denied(group: AdjustmentGroup, reason: str, **changes: object) -> Adjudication:
    decision = a_decision(
        paid=Decimal("0.00"),
        adjustments=(Adjustment(group=group, reason_code=reason, amount=Decimal("150.00")),),
        **changes,
    )
    return decided(decision, ClaimOutcome.DENIED)


def electronic(payer: Payer, *, accepted: bool) -> dict[ProfileSetting, ProfileEntry]:
    setting = ProfileSetting.ACCEPTS_ELECTRONIC_SECONDARY
    entry = ProfileEntry(
        id=uuid4(), payer_id=payer.id, setting=setting, value=accepted, source="a test", noted_on=date(2026, 1, 1)
    )
    return {setting: entry}


def test_a_primary_and_a_claim_after_a_payment_go_out() -> None:
    assert hold_for((), PAYER, electronic(PAYER, accepted=False)) is None
    assert hold_for((decided(),), PAYER, {}) is None
    assert hold_for((decided(outcome=ClaimOutcome.ZERO_PAID_PATIENT),), PAYER, {}) is None
    assert hold_for((decided(outcome=ClaimOutcome.PARTLY_DENIED),), PAYER, {}) is None


@pytest.mark.parametrize("reason", ["16", "22", "29", "197", "252"])
def test_a_denial_that_can_be_corrected_at_the_payer_holds_until_a_reason_is_given(reason: str) -> None:
    assert hold_for((denied(CO, reason),), PAYER, {}) is HoldReason.PRIOR_PAYER_CORRECTABLE


def test_a_claim_the_payer_could_not_process_is_corrected_there() -> None:
    returned = denied(CO, "45", remark_codes=("MA130",))
    assert hold_for((returned,), PAYER, {}) is HoldReason.PRIOR_PAYER_CORRECTABLE


@pytest.mark.parametrize("reason", ["26", "27", "31", "96", "119", "204"])
def test_what_is_not_covered_there_is_confirmed_once(reason: str) -> None:
    assert hold_for((denied(PR, reason),), PAYER, {}) is HoldReason.PRIOR_PAYER_DENIED


def test_any_other_denial_is_confirmed_as_well() -> None:
    assert hold_for((denied(CO, "50"),), PAYER, {}) is HoldReason.PRIOR_PAYER_DENIED


def test_only_the_last_payers_denial_holds() -> None:
    assert hold_for((denied(CO, "16"), decided()), PAYER, {}) is None
    assert hold_for((decided(), denied(CO, "16")), PAYER, {}) is HoldReason.PRIOR_PAYER_CORRECTABLE


def test_a_claim_that_was_forwarded_waits_whatever_was_decided() -> None:
    assert hold_for((decided(a_decision(was_forwarded=True)),), PAYER, {}) is HoldReason.CROSSOVER_EXPECTED
    assert hold_for((denied(PR, "96", was_forwarded=True),), PAYER, {}) is HoldReason.CROSSOVER_EXPECTED


def test_a_payer_without_electronic_secondary_claims_gets_paper() -> None:
    unsupported = replace(PAYER, supports=replace(PAYER.supports, secondary_claims=SupportLevel.NOT_SUPPORTED))
    forwarded = decided(a_decision(was_forwarded=True))
    assert hold_for((decided(),), unsupported, {}) is HoldReason.PAPER_REQUIRED
    assert hold_for((forwarded,), PAYER, electronic(PAYER, accepted=False)) is HoldReason.PAPER_REQUIRED


def test_a_sourced_entry_says_more_than_the_directory() -> None:
    unsupported = replace(PAYER, supports=replace(PAYER.supports, secondary_claims=SupportLevel.NOT_SUPPORTED))
    assert hold_for((decided(),), unsupported, electronic(PAYER, accepted=True)) is None
    unknown = replace(PAYER, supports=replace(PAYER.supports, secondary_claims=SupportLevel.UNKNOWN))
    assert hold_for((decided(),), unknown, {}) is None


@pytest.mark.parametrize("hold", HoldReason)
def test_every_hold_says_what_releases_it(hold: HoldReason) -> None:
    assert (release_needs(hold) is ReleaseNeed.REASON) is (hold in RELEASE_REASONS)


def test_paper_is_never_released_for_sending() -> None:
    for reason in (None, *ReleaseReason):
        with pytest.raises(Conflict) as refused:
            check_release(HoldReason.PAPER_REQUIRED, confirmed=True, reason=reason)
        assert refused.value.problem_code == "release_refused"


def test_what_a_person_held_a_person_releases() -> None:
    check_release(HoldReason.BY_HAND, confirmed=False, reason=None)


@pytest.mark.parametrize("hold", [HoldReason.PRIOR_PAYER_DENIED, HoldReason.EARLIER_DECISION_CHANGED])
def test_one_confirmation_releases(hold: HoldReason) -> None:
    check_release(hold, confirmed=True, reason=None)
    with pytest.raises(Conflict) as refused:
        check_release(hold, confirmed=False, reason=None)
    assert refused.value.problem_code == "release_needs_confirmation"


@pytest.mark.parametrize("hold", sorted(RELEASE_REASONS))
@pytest.mark.parametrize("reason", [None, *ReleaseReason])
def test_an_override_needs_a_reason_that_fits_the_hold(hold: HoldReason, reason: ReleaseReason | None) -> None:
    if reason in RELEASE_REASONS[hold]:
        check_release(hold, confirmed=False, reason=reason)
        return
    with pytest.raises(Conflict) as refused:
        check_release(hold, confirmed=True, reason=reason)
    assert refused.value.problem_code == "release_needs_reason"
