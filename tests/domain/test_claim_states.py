"""The machines of submissions and claims: every edge, and nothing beside them (design section 2, domain rules F)."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.acknowledgments import AcknowledgmentEffect, AcknowledgmentSource
from app.domain.claim_states import (
    ClaimFact,
    ClaimOutcome,
    ClaimStatus,
    SubmissionState,
    advance,
    applies,
    fact_of_acknowledgment,
    fact_of_decision,
    fact_of_submission,
    may_become,
    require_changeable,
    require_decidable,
    step,
)
from app.domain.errors import Conflict

CLAIM_EDGES = """
draft      submission_requested  submitting
draft      held                  held
draft      hold_required         held
draft      decided_paid          paid
draft      decided_denied        denied
held       released              draft
held       decided_paid          paid
held       decided_denied        denied
submitting sent                  submitted
submitting not_sent              draft
submitting refused               rejected
submitting received              submitted
submitting accepted_by_clearinghouse accepted
submitting accepted_by_payer     accepted
submitting rejected              rejected
submitting pended                pended
submitting decided_paid          paid
submitting decided_denied        denied
submitted  accepted_by_clearinghouse accepted
submitted  accepted_by_payer     accepted
submitted  rejected              rejected
submitted  pended                pended
submitted  decided_paid          paid
submitted  decided_denied        denied
accepted   rejected              rejected
accepted   pended                pended
accepted   decided_paid          paid
accepted   decided_denied        denied
rejected   submission_requested  submitting
rejected   held                  held
rejected   hold_required         held
rejected   decided_paid          paid
rejected   decided_denied        denied
pended     rejected              rejected
pended     decided_paid          paid
pended     decided_denied        denied
paid       decided_denied        denied
paid       decision_reversed     pended
paid       replacement_started   replacement_pending
paid       void_started          void_pending
denied     decided_paid          paid
denied     decision_reversed     pended
denied     replacement_started   replacement_pending
denied     void_started          void_pending
replacement_pending replacement_accepted replaced
replacement_pending replacement_failed   paid
void_pending        void_accepted        voided
void_pending        void_failed          paid
"""
SUBMISSION_EDGES = """
queued          sending
queued          not_sent
sending         queued
sending         sent
sending         refused
sending         not_sent
sending         outcome_unknown
outcome_unknown sending
outcome_unknown sent
outcome_unknown refused
outcome_unknown not_sent
"""
CHANGES = {
    (ClaimStatus(before), ClaimFact(fact)): ClaimStatus(after)
    for before, fact, after in (line.split() for line in CLAIM_EDGES.strip().splitlines())
}
STEPS = {tuple(map(SubmissionState, line.split())) for line in SUBMISSION_EDGES.strip().splitlines()}
ACTS = {
    ClaimFact.SUBMISSION_REQUESTED,
    ClaimFact.HELD,
    ClaimFact.RELEASED,
    ClaimFact.REPLACEMENT_STARTED,
    ClaimFact.VOID_STARTED,
}
ANSWERS = [fact for fact in ClaimFact if fact not in ACTS]


@pytest.mark.parametrize(("status", "fact"), list(product(ClaimStatus, ClaimFact)))
def test_every_fact_does_to_every_status_what_the_list_says(status: ClaimStatus, fact: ClaimFact) -> None:
    expected = CHANGES.get((status, fact))
    if expected is not None:
        assert advance(status, fact) is expected
        assert applies(status, fact)
    elif fact in ACTS:
        with pytest.raises(Conflict) as refused:
            advance(status, fact)
        assert refused.value.problem_code == "claim_state"
        assert not applies(status, fact)
    else:
        assert advance(status, fact) is status


@pytest.mark.parametrize(("state", "to"), list(product(SubmissionState, SubmissionState)))
def test_a_submission_goes_the_listed_ways_only(state: SubmissionState, to: SubmissionState) -> None:
    assert may_become(state, to) is ((state, to) in STEPS)
    if (state, to) in STEPS:
        assert step(state, to) is to
    else:
        with pytest.raises(Conflict) as refused:
            step(state, to)
        assert refused.value.problem_code == "submission_state"


def test_a_submission_is_open_exactly_while_it_has_a_way_on() -> None:
    assert {state for state in SubmissionState if state.is_open} == {state for state, _ in STEPS}


@given(st.lists(st.sampled_from(ClaimFact), max_size=40))
def test_nothing_leads_out_of_replaced_or_voided(facts: list[ClaimFact]) -> None:
    status = ClaimStatus.DRAFT
    for fact in facts:
        was_over = status.is_over
        try:
            after = advance(status, fact)
        except Conflict:
            after = status
        assert after is status or not was_over
        status = after


@given(st.lists(st.sampled_from(ANSWERS), max_size=20), st.sampled_from([ClaimStatus.PAID, ClaimStatus.DENIED]))
def test_whatever_arrives_after_a_decision_leaves_a_decision_or_its_reversal(
    facts: list[ClaimFact], status: ClaimStatus
) -> None:
    without_reversal = [fact for fact in facts if fact is not ClaimFact.DECISION_REVERSED]
    for fact in without_reversal:
        status = advance(status, fact)
        assert status in {ClaimStatus.PAID, ClaimStatus.DENIED}


@given(st.permutations(["sent", "received", "accepted_by_clearinghouse", "accepted_by_payer", "decided_paid"]))
def test_good_answers_come_to_the_same_in_any_order(words: list[str]) -> None:
    status = ClaimStatus.SUBMITTING
    for word in words:
        status = advance(status, ClaimFact(word))
    assert status is ClaimStatus.PAID


@pytest.mark.parametrize(
    "status", [status for status in ClaimStatus if status not in {ClaimStatus.REPLACED, ClaimStatus.VOIDED}]
)
def test_a_late_decision_is_meaningful_wherever_no_successor_is_under_way(status: ClaimStatus) -> None:
    pending = {ClaimStatus.REPLACEMENT_PENDING, ClaimStatus.VOID_PENDING}
    assert applies(status, ClaimFact.DECIDED_PAID) is (status not in pending)
    require_decidable(status)


@pytest.mark.parametrize("status", [ClaimStatus.REPLACED, ClaimStatus.VOIDED])
def test_nobody_enters_a_decision_on_a_claim_that_is_over(status: ClaimStatus) -> None:
    with pytest.raises(Conflict) as refused:
        require_decidable(status)
    assert refused.value.problem_code == "claim_state"


@pytest.mark.parametrize("status", ClaimStatus)
def test_draft_held_and_rejected_claims_can_be_changed(status: ClaimStatus) -> None:
    if status in {ClaimStatus.DRAFT, ClaimStatus.HELD, ClaimStatus.REJECTED}:
        require_changeable(status)
        return
    with pytest.raises(Conflict) as refused:
        require_changeable(status)
    assert refused.value.problem_code == "claim_state"


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        (ClaimStatus.REPLACEMENT_PENDING, ClaimFact.REPLACEMENT_FAILED),
        (ClaimStatus.VOID_PENDING, ClaimFact.VOID_FAILED),
    ],
)
def test_a_failed_successor_brings_the_claim_back_to_its_decision(status: ClaimStatus, fact: ClaimFact) -> None:
    assert advance(status, fact, outcome=ClaimOutcome.DENIED) is ClaimStatus.DENIED
    assert advance(status, fact, outcome=ClaimOutcome.PARTLY_DENIED) is ClaimStatus.PAID


def test_the_live_claim_of_a_payer_is_the_successor_while_there_is_one() -> None:
    assert {status for status in ClaimStatus if not status.is_live} == {
        ClaimStatus.REPLACEMENT_PENDING,
        ClaimStatus.REPLACED,
        ClaimStatus.VOID_PENDING,
        ClaimStatus.VOIDED,
    }


def test_an_open_submission_says_nothing_about_its_claim() -> None:
    facts = {state: fact_of_submission(state) for state in SubmissionState}
    assert {state for state, fact in facts.items() if fact is None} == {
        state for state in SubmissionState if state.is_open
    }
    assert facts[SubmissionState.SENT] is ClaimFact.SENT
    assert facts[SubmissionState.NOT_SENT] is ClaimFact.NOT_SENT
    assert facts[SubmissionState.REFUSED] is ClaimFact.REFUSED


@pytest.mark.parametrize(
    ("effect", "source", "fact"),
    [
        (AcknowledgmentEffect.RECEIVED, AcknowledgmentSource.PAYER, ClaimFact.RECEIVED),
        (AcknowledgmentEffect.ACCEPTED, AcknowledgmentSource.CLEARINGHOUSE, ClaimFact.ACCEPTED_BY_CLEARINGHOUSE),
        (AcknowledgmentEffect.ACCEPTED, AcknowledgmentSource.PAYER, ClaimFact.ACCEPTED_BY_PAYER),
        (AcknowledgmentEffect.REJECTED, AcknowledgmentSource.CLEARINGHOUSE, ClaimFact.REJECTED),
        (AcknowledgmentEffect.PENDED, AcknowledgmentSource.PAYER, ClaimFact.PENDED),
        (AcknowledgmentEffect.NOTED, AcknowledgmentSource.PAYER, None),
    ],
)
def test_an_acceptance_says_whose_it_was(
    effect: AcknowledgmentEffect, source: AcknowledgmentSource, fact: ClaimFact | None
) -> None:
    assert fact_of_acknowledgment(effect, source) is fact


@pytest.mark.parametrize(
    ("outcome", "fact"),
    [
        (ClaimOutcome.PAID, ClaimFact.DECIDED_PAID),
        (ClaimOutcome.ZERO_PAID_PATIENT, ClaimFact.DECIDED_PAID),
        (ClaimOutcome.PARTLY_DENIED, ClaimFact.DECIDED_PAID),
        (ClaimOutcome.DENIED, ClaimFact.DECIDED_DENIED),
        (ClaimOutcome.PARTIALLY_ADJUDICATED, ClaimFact.PENDED),
    ],
)
def test_paid_means_decided_and_not_denied(outcome: ClaimOutcome, fact: ClaimFact) -> None:
    assert fact_of_decision(outcome) is fact
