"""Element values: what is a decimal, a date, a period."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.x12.elements import read_date, read_decimal, read_period, read_whole, write_date


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("10", "10"),
        ("10.5", "10.5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("10.", "10"),
        ("00012.30", "12.30"),
    ],
)
def test_decimals(text: str, value: str) -> None:
    assert read_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1.2.3", "--5", "+5", "1E5", "1,000", "NaN", "1_0", "٣", " 1", "9" * 19]
)
def test_what_is_no_decimal(text: str) -> None:
    assert read_decimal(text) is None


@pytest.mark.parametrize("text", ["", "20260230", "2026101", "00000000", "20261301", "2026-01-01", "٢٠٢٦٠١٠١"])
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


@settings(deadline=None)
@given(st.dates())
def test_a_date_written_is_read_again(day: date) -> None:
    assert read_date(write_date(day)) == day


def test_periods() -> None:
    assert read_period("D8", "20260101") == (date(2026, 1, 1), None)
    assert read_period("RD8", "20260101-20261231") == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("qualifier", "text"),
    [
        ("RD8", "20260101"),
        ("RD8", "20261231-20260101"),
        ("RD8", "20260101-"),
        ("D8", "20260101-20261231"),
        ("D6", "260101"),
        ("", ""),
    ],
)
def test_what_is_no_period(qualifier: str, text: str) -> None:
    assert read_period(qualifier, text) is None


@settings(deadline=None)
@given(st.integers(0, 10**18 - 1), st.integers(0, 3))
def test_whole_numbers_are_read_whatever_zeros_lead(number: int, zeros: int) -> None:
    text = "0" * zeros + str(number)
    assert read_whole(text) == (number if len(text) <= 18 else None)


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_a_reader_of_elements_raise(text: str) -> None:
    read_decimal(text)
    read_whole(text)
    read_date(text)
    read_period("D8", text)
    read_period("RD8", text)
