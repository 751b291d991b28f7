"""Whether a plan is in force on a day, by the dates payers send."""

from datetime import date

import pytest

from app.domain.coverage_dates import Dates, in_force

DAY = date(2026, 3, 1)
BEFORE = date(2026, 2, 28)
AFTER = date(2026, 3, 2)
NEW_YEAR = date(2026, 1, 1)
YEAR_END = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ((), True),
        ((("291", NEW_YEAR, YEAR_END),), True),
        ((("291", DAY, DAY),), True),
        ((("291", NEW_YEAR, BEFORE),), False),
        ((("291", AFTER, YEAR_END),), False),
        ((("291", NEW_YEAR, None),), True),
        ((("291", DAY, None),), True),
        ((("291", AFTER, None),), False),
        ((("292", NEW_YEAR, BEFORE),), False),
        ((("307", NEW_YEAR, BEFORE),), False),
        ((("346", DAY, None),), True),
        ((("346", AFTER, None),), False),
        ((("347", DAY, None),), True),
        ((("347", BEFORE, None),), False),
        ((("348", AFTER, None),), False),
        ((("349", BEFORE, None),), False),
        ((("356", AFTER, None),), False),
        ((("357", BEFORE, None),), False),
        ((("346", NEW_YEAR, None), ("347", YEAR_END, None)), True),
        ((("346", NEW_YEAR, None), ("357", BEFORE, None)), False),
        ((("346", NEW_YEAR, BEFORE),), False),
        ((("636", AFTER, None),), True),
        ((("290", NEW_YEAR, BEFORE),), True),
    ],
)
def test_dates_include_the_day_or_not(dates: Dates, *, expected: bool) -> None:
    assert in_force(DAY, dates) is expected
    assert in_force(DAY, (), dates) is expected


def test_of_several_spans_one_is_enough() -> None:
    spans: Dates = (("291", date(2024, 1, 1), date(2024, 12, 31)), ("291", NEW_YEAR, YEAR_END))
    assert in_force(DAY, spans)
    assert not in_force(date(2025, 6, 1), spans)


def test_a_gap_between_two_memberships_is_a_gap() -> None:
    spans: Dates = (
        ("356", date(2024, 1, 1), None),
        ("357", date(2024, 12, 31), None),
        ("356", NEW_YEAR, None),
        ("357", YEAR_END, None),
    )
    assert in_force(DAY, spans)
    assert not in_force(date(2025, 6, 1), spans)


def test_a_benefits_dates_take_the_place_of_the_plans_of_the_same_kind() -> None:
    plan: Dates = (("346", NEW_YEAR, None),)
    assert not in_force(DAY, (("346", AFTER, None),), plan)
    assert not in_force(DAY, (("348", DAY, None),), (("347", BEFORE, None),))
