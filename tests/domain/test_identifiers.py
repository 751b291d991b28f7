"""Identifiers and their check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import compact, is_mbi, is_npi, npi_check_digit


def test_the_published_npi_example_holds() -> None:
    assert is_npi("1234567893")  # 45 CFR 162.406: the standard's worked example


@given(st.integers(0, 99_999_999), st.integers(0, 9))
def test_one_check_digit_of_ten_makes_an_npi(number: int, digit: int) -> None:
    first_nine = f"1{number:08d}"
    assert is_npi(first_nine + str(digit)) == (npi_check_digit(first_nine) == str(digit))


@given(st.integers(0, 99_999_999), st.integers(1, 8), st.integers(1, 9))
def test_any_changed_digit_is_noticed(number: int, place: int, shift: int) -> None:
    first_nine = f"1{number:08d}"
    npi = first_nine + npi_check_digit(first_nine)
    changed = npi[:place] + str((int(npi[place]) + shift) % 10) + npi[place + 1 :]
    assert not is_npi(changed)


@pytest.mark.parametrize("text", ["", "123456789", "12345678930", "3234567893", "१२३४५६७८९३", "1234567893 "])
def test_what_is_no_npi_is_refused(text: str) -> None:
    assert not is_npi(text)


@pytest.mark.parametrize("text", ["1EG4TE5MK73", "9AA9AA9AA99"])
def test_an_mbi_is_eleven_characters_in_their_places(text: str) -> None:
    assert is_mbi(text)


@pytest.mark.parametrize("text", ["0EG4TE5MK73", "1SG4TE5MK73", "1EG4-TE5-MK73", "1EG4TE5MK7", "1eg4te5mk73"])
def test_what_is_no_mbi_is_refused(text: str) -> None:
    assert not is_mbi(text)


def test_the_comparable_form_ignores_case_spaces_and_dashes() -> None:
    assert compact("ab-12 3") == compact("AB123")
