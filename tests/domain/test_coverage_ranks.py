"""The order of benefits over time (domain rules A3, A4)."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.coverage_ranks import (
    CoverageRank,
    RankedPeriod,
    WantedRank,
    rank_conflicts,
    refit,
    reorder,
)
from app.domain.findings import has_error
from tests.factories import a_rank

PRIMARY, SECONDARY, TERTIARY = (
    PayerResponsibility.PRIMARY,
    PayerResponsibility.SECONDARY,
    PayerResponsibility.TERTIARY,
)
SWAP_DAY = date(2026, 7, 1)
ONE, TWO = uuid4(), uuid4()

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> tuple[date | None, date | None]:
    first = draw(st.none() | days)
    last = draw(st.none() | st.dates(min_value=first or date(2020, 1, 1), max_value=date(2031, 1, 1)))
    return first, last


@st.composite
def patients(draw: st.DrawFn) -> tuple[list[RankedPeriod], list[CoverageRank]]:
    """Verified coverages with rank rows that do not collide."""
    coverages, rows = [], []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        first, last = draw(periods())
        benefit_class = draw(st.sampled_from(BenefitClass))
        coverage_id = UUID(int=number)
        coverages.append(
            RankedPeriod(coverage_id=coverage_id, benefit_class=benefit_class, from_date=first, to_date=last)
        )
        rows.append(
            CoverageRank(
                coverage_id=coverage_id,
                benefit_class=benefit_class,
                rank=PayerResponsibility.from_number(number),
                from_date=first,
                to_date=last,
            )
        )
    return coverages, rows


def rank_on(rows: tuple[CoverageRank, ...] | list[CoverageRank], coverage_id: UUID, day: date) -> list[int]:
    return [row.rank.number for row in rows if row.coverage_id == coverage_id and row.first_day <= day <= row.last_day]


def test_all_benefits_collide_with_medical_and_behavioral_but_those_two_do_not() -> None:
    assert BenefitClass.ALL.collides_with(BenefitClass.MEDICAL)
    assert BenefitClass.BEHAVIORAL.collides_with(BenefitClass.ALL)
    assert not BenefitClass.MEDICAL.collides_with(BenefitClass.BEHAVIORAL)


def test_a_rank_is_taken_only_on_common_days() -> None:
    first_half = a_rank(to_date=date(2026, 6, 30))
    assert rank_conflicts([first_half], a_rank(from_date=date(2026, 7, 1))) == ()
    assert rank_conflicts([first_half], a_rank(from_date=date(2026, 6, 30))) == (first_half,)
    assert rank_conflicts([first_half], a_rank(rank=SECONDARY)) == ()


def test_a_swap_changes_the_ranks_from_its_day_and_keeps_the_past() -> None:
    coverages = [
        RankedPeriod(coverage_id=coverage_id, benefit_class=BenefitClass.ALL, from_date=None, to_date=None)
        for coverage_id in (ONE, TWO)
    ]
    rows = [a_rank(ONE), a_rank(TWO, rank=SECONDARY)]
    swapped, findings = reorder(
        rows,
        coverages,
        [WantedRank(coverage_id=TWO, rank=PRIMARY), WantedRank(coverage_id=ONE, rank=SECONDARY)],
        effective_from=SWAP_DAY,
    )
    assert findings == ()
    eve = SWAP_DAY - timedelta(days=1)
    assert [rank_on(swapped, ONE, eve), rank_on(swapped, TWO, eve)] == [[1], [2]]
    assert [rank_on(swapped, ONE, SWAP_DAY), rank_on(swapped, TWO, SWAP_DAY)] == [[2], [1]]


def test_the_order_names_every_verified_coverage_and_no_other() -> None:
    coverages = [RankedPeriod(coverage_id=ONE, benefit_class=BenefitClass.ALL, from_date=None, to_date=None)]
    _, findings = reorder(
        [a_rank(ONE)], coverages, [WantedRank(coverage_id=TWO, rank=PRIMARY)], effective_from=SWAP_DAY
    )
    assert [(finding.code, finding.pointer) for finding in findings] == [
        ("coverage_not_rankable", "/ranks/0/coverage_id"),
        ("order_incomplete", "/ranks"),
    ]


def test_a_coverage_that_has_ended_needs_no_place() -> None:
    ended = RankedPeriod(
        coverage_id=ONE, benefit_class=BenefitClass.ALL, from_date=None, to_date=SWAP_DAY - timedelta(days=1)
    )
    live = RankedPeriod(coverage_id=TWO, benefit_class=BenefitClass.ALL, from_date=None, to_date=None)
    rows, findings = reorder(
        [a_rank(ONE, to_date=ended.to_date), a_rank(TWO, rank=SECONDARY)],
        [ended, live],
        [WantedRank(coverage_id=TWO, rank=PRIMARY)],
        effective_from=SWAP_DAY,
    )
    assert findings == ()
    assert rank_on(rows, ONE, date(2026, 1, 1)) == [1]


def test_two_at_one_rank_are_refused_and_a_gap_warns() -> None:
    coverages = [
        RankedPeriod(coverage_id=coverage_id, benefit_class=BenefitClass.ALL, from_date=None, to_date=None)
        for coverage_id in (ONE, TWO)
    ]
    both_first = [WantedRank(coverage_id=ONE, rank=PRIMARY), WantedRank(coverage_id=TWO, rank=PRIMARY)]
    _, findings = reorder([], coverages, both_first, effective_from=SWAP_DAY)
    assert [finding.code for finding in findings] == ["coverage_rank_taken"]
    gap = [WantedRank(coverage_id=ONE, rank=PRIMARY), WantedRank(coverage_id=TWO, rank=TERTIARY)]
    _, findings = reorder([], coverages, gap, effective_from=SWAP_DAY)
    assert [finding.code for finding in findings] == ["order_has_gap"]
    assert not has_error(findings)


@given(patients(), days, st.randoms(use_true_random=False))
def test_any_order_leaves_the_past_alone_and_never_two_at_one_place(
    patient: tuple[list[RankedPeriod], list[CoverageRank]], day: date, random: object
) -> None:
    coverages, rows = patient
    live = [coverage for coverage in coverages if (coverage.to_date or date.max) >= day]
    numbers = list(range(1, len(live) + 1))
    random.shuffle(numbers)  # type: ignore[attr-defined]  # a random.Random
    wanted = [
        WantedRank(coverage_id=coverage.coverage_id, rank=PayerResponsibility.from_number(number))
        for coverage, number in zip(live, numbers, strict=True)
    ]
    reordered, findings = reorder(rows, coverages, wanted, effective_from=day)
    assert not has_error(findings)
    for coverage in coverages:
        for earlier in (day - timedelta(days=1), day - timedelta(days=400)):
            assert rank_on(reordered, coverage.coverage_id, earlier) == rank_on(rows, coverage.coverage_id, earlier)
        assert all(len(rank_on(reordered, coverage.coverage_id, d)) <= 1 for d in (day, day + timedelta(days=90)))
    for position, row in enumerate(reordered):
        assert row.first_day <= row.last_day
        assert rank_conflicts(reordered[position + 1 :], row) == ()


@given(periods(), periods())
def test_rows_follow_their_coverages_period(
    old: tuple[date | None, date | None], new: tuple[date | None, date | None]
) -> None:
    row = a_rank(ONE, from_date=old[0], to_date=old[1])
    assert refit([row], old=old, new=new) == (a_rank(ONE, from_date=new[0], to_date=new[1]),)


def test_cutting_a_coverage_cuts_the_last_row_and_drops_later_ones() -> None:
    rows = [a_rank(ONE, to_date=date(2026, 6, 30)), a_rank(ONE, rank=SECONDARY, from_date=SWAP_DAY)]
    assert refit(rows, old=(None, None), new=(None, date(2026, 3, 31))) == (a_rank(ONE, to_date=date(2026, 3, 31)),)
