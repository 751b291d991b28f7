"""Identifiers and their check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import (
    PLACES_OF_SERVICE,
    compact,
    is_diagnosis_code,
    is_mbi,
    is_modifier,
    is_npi,
    is_phone,
    is_postal_code,
    is_procedure_code,
    is_reference_number,
    npi_check_digit,
)


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


@pytest.mark.parametrize("text", ["F411", "F4110", "Z63", "U071", "C7A8", "M1A0710", "S72001A", "O9A111"])
def test_a_diagnosis_has_the_form_of_icd_10_cm(text: str) -> None:
    assert is_diagnosis_code(text)


@pytest.mark.parametrize("text", ["", "F4", "F41.10", "f4110", "4110", "FA110", "F4110ABC", "F4110 ", "F\u096a110"])
def test_what_is_no_diagnosis_is_refused(text: str) -> None:
    assert not is_diagnosis_code(text)


@pytest.mark.parametrize("text", ["90837", "0362T", "H0004", "J3301", "1036F", "0001U"])
def test_a_procedure_has_the_form_of_hcpcs(text: str) -> None:
    assert is_procedure_code(text)


@pytest.mark.parametrize("text", ["", "9083", "908370", "HH004", "h0004", "9083\u0667", "90:37", "T1234X"])
def test_what_is_no_procedure_is_refused(text: str) -> None:
    assert not is_procedure_code(text)


def test_a_modifier_has_two_letters_or_digits() -> None:
    assert all(map(is_modifier, ("25", "HO", "U1")))
    assert not any(map(is_modifier, ("", "2", "255", "h0", "2:", "\u0662\u0665")))


def test_a_reference_number_has_1_to_50_basic_characters() -> None:
    assert all(map(is_reference_number, ("A", "PA-123 4/5", "9" * 50)))
    assert not any(map(is_reference_number, ("", "9" * 51, "A*B", "A~", " A", "A ", "a1", "Ä1", "A\n1")))


def test_phones_and_postal_codes_are_of_the_united_states() -> None:
    assert is_phone("3035550100")
    assert not any(map(is_phone, ("303555010", "1035550100", "303-555-0100", "\u0663035550100")))
    assert is_postal_code("80211")
    assert is_postal_code("802110001")
    assert not any(map(is_postal_code, ("8021", "80211-0001", "8021100", "")))


@pytest.mark.parametrize("code", ["02", "10", "11", "27", "53", "66", "99"])
def test_places_of_service_are_those_of_cms(code: str) -> None:
    assert code in PLACES_OF_SERVICE


@pytest.mark.parametrize("code", ["00", "1", "28", "40", "98", "100"])
def test_unassigned_places_of_service_are_none(code: str) -> None:
    assert code not in PLACES_OF_SERVICE
