"""Element values: what is a decimal, a date, a period."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.x12.elements import (
    read_date,
    read_decimal,
    read_money,
    read_period,
    read_whole,
    write_amount,
    write_date,
    write_quantity,
)


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


_money_texts = st.from_regex(r"-?[0-9]{0,11}(\.[0-9]{0,4})?", fullmatch=True)


@given(_money_texts | st.text("0123456789.-+ eE_\u0663", max_size=12))
def test_money_is_a_decimal_of_whole_cents_and_ten_digits(text: str) -> None:
    decimal = read_decimal(text)
    fits = decimal is not None and decimal * 100 == int(decimal * 100) and abs(decimal) < 100_000_000
    amount = read_money(text)
    assert (amount == decimal) if fits else (amount is None)
    if amount is not None:
        assert (amount.as_tuple().exponent, amount.is_signed()) == (-2, amount < 0)


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


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("150.00", "150"),
        ("79.04", "79.04"),
        ("36.90", "36.9"),
        ("0.50", ".5"),
        ("0.05", ".05"),
        ("-0.05", "-.05"),
        ("-9.00", "-9"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("99999999.99", "99999999.99"),
    ],
)
def test_an_amount_is_written_without_what_does_not_count(amount: str, text: str) -> None:
    assert write_amount(Decimal(amount)) == text


@pytest.mark.parametrize("amount", ["0.001", "100000000", "-100000000", "NaN", "sNaN", "Infinity", "1E+999999999"])
def test_an_amount_that_cannot_be_written(amount: str) -> None:
    assert write_amount(Decimal(amount)) is None


@given(st.integers(-9_999_999_999, 9_999_999_999))
def test_an_amount_is_read_back(cents: int) -> None:
    amount = Decimal(cents) / 100
    text = write_amount(amount)
    assert text is not None
    assert read_decimal(text) == amount
    assert "." not in text or not text.endswith(("0", "."))


@pytest.mark.parametrize(
    ("quantity", "text"),
    [("1", "1"), ("1.000", "1"), ("0.5", ".5"), ("52.125", "52.125"), ("12345678", "12345678"), ("-1", "-1")],
)
def test_a_quantity_is_written(quantity: str, text: str) -> None:
    assert write_quantity(Decimal(quantity)) == text


@pytest.mark.parametrize("quantity", ["0.0001", "123456789", "123456.789", "NaN", "-Infinity", "1E-999999999"])
def test_a_quantity_that_cannot_be_written(quantity: str) -> None:
    assert write_quantity(Decimal(quantity)) is None
