"""Which payer comes next, and what the claim to it starts from (domain rules A3, A4, C1 to C3)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim_states import ClaimOutcome, ClaimStatus
from app.domain.claims import PayerAssignedId, ProviderRole
from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.coordination import (
    ChainClaim,
    NextPayer,
    check_one_order,
    has_gap,
    next_content,
    next_coverage,
    order_on,
)
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import Coverage, CoverageStatus
from app.domain.errors import Conflict, NotFound
from tests.domain.claims import (
    SERVICE_DAY,
    a_claim,
    a_line,
    a_payer,
    a_ranked_coverage,
    an_adjudication,
    coverages_in_order,
    some_content,
)
from tests.factories import a_coverage

PRIMARY, SECONDARY, TERTIARY = tuple(PayerResponsibility)[:3]
FIRST, SECOND, THIRD = coverages_in_order(a_payer("INV01"), a_payer("INV02"), a_payer("INV03"))
ALL = (FIRST, SECOND, THIRD)


def billed(
    coverage: Coverage,
    outcome: ClaimOutcome | None = ClaimOutcome.PAID,
    status: ClaimStatus = ClaimStatus.PAID,
    rank: PayerResponsibility | None = None,
) -> ChainClaim:
    claim = a_claim(
        coverage_id=coverage.id, payer_id=coverage.payer_id, rank=rank or coverage.wished_rank, status=status
    )
    return ChainClaim(claim=claim, adjudication=None if outcome is None else an_adjudication(claim, outcome=outcome))


def following(
    *chain: ChainClaim,
    coverages: tuple[Coverage, ...] = ALL,
    wished: UUID | None = None,
    after: Coverage | None = FIRST,
    day: date = SERVICE_DAY,
) -> NextPayer:
    return next_coverage(chain, coverages, day=day, after=None if after is None else after.id, wished=wished)


def refusal(*chain: ChainClaim, **more: object) -> tuple[str, str]:
    with pytest.raises(Conflict) as refused:
        following(*chain, **more)  # type: ignore[arg-type]  # as following takes them
    return refused.value.problem_code, refused.value.detail


def test_the_first_claim_of_an_encounter_asks_the_primary() -> None:
    chosen = following(after=None)
    assert (chosen.coverage, chosen.rank, chosen.priors) == (FIRST, PRIMARY, ())


def test_after_a_decided_claim_comes_the_next_in_order_with_the_claims_ahead() -> None:
    primary = billed(FIRST)
    chosen = following(primary)
    assert (chosen.coverage, chosen.rank, chosen.priors) == (SECOND, SECONDARY, (primary,))
    secondary = billed(SECOND)
    chosen = following(secondary, primary, after=SECOND)
    assert (chosen.coverage, chosen.rank, chosen.priors) == (THIRD, TERTIARY, (primary, secondary))


@pytest.mark.parametrize(
    "outcome",
    [ClaimOutcome.PAID, ClaimOutcome.ZERO_PAID_PATIENT, ClaimOutcome.DENIED, ClaimOutcome.PARTLY_DENIED],
)
def test_any_decision_opens_the_way(outcome: ClaimOutcome) -> None:
    assert following(billed(FIRST, outcome)).coverage == SECOND


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (ClaimStatus.DRAFT, "Submit it"),
        (ClaimStatus.HELD, "Submit it"),
        (ClaimStatus.SUBMITTED, "remittance"),
        (ClaimStatus.PENDED, "remittance"),
        (ClaimStatus.REJECTED, "Correct it"),
    ],
)
def test_no_claim_before_the_payer_ahead_has_decided_and_the_answer_says_what_to_do(
    status: ClaimStatus, advice: str
) -> None:
    code, detail = refusal(billed(FIRST, None, status))
    assert code == "prior_payer_undecided"
    assert advice in detail
    assert "primary" in detail


def test_a_decision_on_some_lines_is_none_yet() -> None:
    code, detail = refusal(billed(FIRST, ClaimOutcome.PARTIALLY_ADJUDICATED, ClaimStatus.PENDED))
    assert code == "prior_payer_undecided"
    assert "some lines" in detail


def test_every_payer_ahead_must_have_decided_not_the_last_alone() -> None:
    chain = (billed(FIRST, None, ClaimStatus.SUBMITTED), billed(SECOND))
    assert refusal(*chain, after=SECOND)[0] == "prior_payer_undecided"


def test_no_payer_is_skipped() -> None:
    assert refusal(billed(FIRST), wished=THIRD.id)[0] == "payer_skipped"
    assert refusal(wished=SECOND.id, after=None)[0] == "payer_skipped"


def test_a_payer_with_a_live_claim_is_not_billed_again() -> None:
    chain = (billed(FIRST), billed(SECOND, None, ClaimStatus.DRAFT))
    assert refusal(*chain)[0] == "claim_exists"
    assert refusal(*chain, wished=SECOND.id)[0] == "claim_exists"
    assert refusal(billed(FIRST), after=None)[0] == "claim_exists"


@pytest.mark.parametrize("status", [ClaimStatus.VOIDED, ClaimStatus.REPLACED])
def test_a_claim_that_is_over_makes_room(status: ClaimStatus) -> None:
    assert following(billed(FIRST), billed(SECOND, status=status)).coverage == SECOND


def test_a_voided_claim_of_the_payer_ahead_does_not_count() -> None:
    assert refusal(billed(FIRST, status=ClaimStatus.VOIDED))[0] == "payer_skipped"


def test_behind_the_last_payer_there_is_none() -> None:
    assert refusal(billed(FIRST), coverages=(FIRST,))[0] == "no_next_payer"
    assert refusal(after=None, coverages=())[0] == "no_next_payer"


def test_an_unverified_coverage_cannot_be_billed() -> None:
    waiting = a_coverage(wished_rank=SECONDARY)
    for wished in (None, waiting.id):
        code, detail = refusal(billed(FIRST), coverages=(FIRST, waiting), wished=wished)
        assert code == "coverage_unverified"
        assert "eligibility check" in detail


@pytest.mark.parametrize("status", [CoverageStatus.REJECTED, CoverageStatus.WITHDRAWN])
def test_a_coverage_that_was_put_away_cannot_be_billed(status: CoverageStatus) -> None:
    closed = replace(SECOND, status=status)
    assert refusal(billed(FIRST), coverages=(FIRST, closed), wished=closed.id)[0] == "coverage_closed"
    assert refusal(billed(FIRST), coverages=(FIRST, closed))[0] == "no_next_payer"


def test_a_coverage_that_had_ended_by_the_service_cannot_be_billed() -> None:
    ended = a_ranked_coverage(SECONDARY, to_date=SERVICE_DAY - timedelta(days=1))
    assert refusal(billed(FIRST), coverages=(FIRST, ended), wished=ended.id)[0] == "coverage_not_active"
    assert refusal(billed(FIRST), coverages=(FIRST, ended))[0] == "no_next_payer"
    last_day = a_ranked_coverage(SECONDARY, to_date=SERVICE_DAY)
    assert following(billed(FIRST), coverages=(FIRST, last_day)).coverage == last_day


def test_another_patients_coverage_does_not_exist() -> None:
    with pytest.raises(NotFound):
        following(billed(FIRST), wished=uuid4())


def test_a_secondary_without_a_primary_is_not_billed() -> None:
    assert refusal(after=None, coverages=(SECOND,))[0] == "order_has_gap"
    assert refusal(billed(FIRST), coverages=(FIRST, THIRD))[0] == "order_has_gap"


def test_a_coverage_for_medical_care_is_none_for_therapy() -> None:
    medical = a_ranked_coverage(benefit_class=BenefitClass.MEDICAL)
    carved_out = a_ranked_coverage(benefit_class=BenefitClass.BEHAVIORAL)
    assert following(after=None, coverages=(medical, carved_out)).coverage == carved_out
    code, _ = refusal(after=None, coverages=(medical, carved_out), wished=medical.id)
    assert code == "coverage_benefits_differ"
    chosen = next_coverage((), (medical, carved_out), day=SERVICE_DAY, benefits=BenefitClass.MEDICAL)
    assert chosen.coverage == medical


def test_an_order_that_changed_since_the_payer_was_billed_is_refused() -> None:
    assert refusal(billed(FIRST, rank=SECONDARY))[0] == "order_changed"
    gone = a_ranked_coverage(to_date=SERVICE_DAY - timedelta(days=1))
    assert refusal(billed(gone), coverages=(gone, SECOND), after=gone)[0] == "order_changed"
    assert refusal(billed(gone), coverages=(gone, FIRST, SECOND), wished=FIRST.id)[0] == "order_changed"


def test_ranks_are_those_of_the_service_date() -> None:
    swap = SERVICE_DAY + timedelta(days=10)
    one, two = (
        replace(
            coverage,
            ranks=(
                CoverageRank(
                    coverage_id=coverage.id,
                    benefit_class=BenefitClass.ALL,
                    rank=before,
                    to_date=swap - timedelta(days=1),
                ),
                CoverageRank(coverage_id=coverage.id, benefit_class=BenefitClass.ALL, rank=after, from_date=swap),
            ),
        )
        for coverage, before, after in ((FIRST, PRIMARY, SECONDARY), (SECOND, SECONDARY, PRIMARY))
    )
    assert following(after=None, coverages=(one, two)).coverage == one
    assert following(after=None, coverages=(one, two), day=swap).coverage == two
    later = a_line(first_date=swap)
    across = a_line(first_date=SERVICE_DAY, last_date=swap)
    content = some_content(lines=(a_line(), later, across))
    assert [(finding.code, finding.pointer) for finding in check_one_order(content, (one, two))] == [
        ("split_claim", "/lines/1/first_date"),
        ("split_claim", "/lines/2/first_date"),
    ]
    assert check_one_order(some_content(lines=(later,)), (one, two)) == ()


def test_an_order_in_the_middle_of_a_line_splits_it_too() -> None:
    short = a_ranked_coverage(
        SECONDARY, from_date=SERVICE_DAY + timedelta(days=2), to_date=SERVICE_DAY + timedelta(days=3)
    )
    week = a_line(last_date=SERVICE_DAY + timedelta(days=6))
    assert len(check_one_order(some_content(lines=(week,)), (FIRST, short))) == 1
    days = a_line(last_date=SERVICE_DAY + timedelta(days=1))
    assert check_one_order(some_content(lines=(days,)), (FIRST, short)) == ()


def test_a_change_that_concerns_other_benefits_splits_nothing() -> None:
    medical = a_ranked_coverage(benefit_class=BenefitClass.MEDICAL, to_date=SERVICE_DAY)
    carved_out = a_ranked_coverage(benefit_class=BenefitClass.BEHAVIORAL)
    week = a_line(last_date=SERVICE_DAY + timedelta(days=6))
    assert check_one_order(some_content(lines=(week,)), (medical, carved_out)) == ()


@st.composite
def orders(draw: st.DrawFn) -> tuple[Coverage, ...]:
    """Coverages of any class and period, with the ranks of one another's gaps and all."""
    made = []
    for number in range(1, draw(st.integers(0, 4)) + 1):
        first = draw(st.none() | st.integers(-9, 9))
        last = draw(st.none() | st.integers(first or -9, 9))
        made.append(
            a_ranked_coverage(
                PayerResponsibility.from_number(number),
                benefit_class=draw(st.sampled_from(BenefitClass)),
                from_date=None if first is None else SERVICE_DAY + timedelta(days=first),
                to_date=None if last is None else SERVICE_DAY + timedelta(days=last),
            )
        )
    return tuple(made)


@given(orders())
def test_the_chain_that_is_billed_payer_by_payer_covers_the_whole_order_or_stops_at_a_gap(
    coverages: tuple[Coverage, ...],
) -> None:
    order = order_on(coverages, SERVICE_DAY)
    reachable = [ranked for number, ranked in enumerate(order, start=1) if ranked.rank.number == number]
    chain: list[ChainClaim] = []
    after: Coverage | None = None
    for ranked in reachable:
        chosen = following(*chain, coverages=coverages, after=after)
        assert (chosen.coverage, chosen.rank) == (ranked.coverage, ranked.rank)
        assert chosen.priors == tuple(chain)
        chain.append(billed(chosen.coverage))
        after = chosen.coverage
    code, _ = refusal(*chain, coverages=coverages, after=after)
    assert code == ("order_has_gap" if has_gap(order) else "no_next_payer")


def test_the_next_claim_says_what_the_one_before_said_but_for_its_payers_own_numbers() -> None:
    content = some_content(
        prior_authorization="PA1",
        referral_number="RF1",
        payer_assigned_ids=(PayerAssignedId(role=ProviderRole.BILLING, number="PB1"),),
    )
    copied = next_content(content)
    assert (copied.prior_authorization, copied.referral_number, copied.payer_assigned_ids) == (None, None, ())
    assert copied == replace(content, prior_authorization=None, referral_number=None, payer_assigned_ids=())


def test_the_text_of_a_refusal_holds_nothing_personal() -> None:
    waiting = a_coverage(wished_rank=SECONDARY, member_id="SECRET1")
    _, detail = refusal(billed(FIRST), coverages=(FIRST, waiting))
    assert "SECRET1" not in detail
