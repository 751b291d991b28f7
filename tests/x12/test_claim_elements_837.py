"""The kinds of elements: the quick look and the careful one never say different things of a value."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.codes import CLAIM_FILING_CODES, US_STATES
from app.domain.identifiers import (
    PLACES_OF_SERVICE,
    is_diagnosis_code,
    is_modifier,
    is_phone,
    is_postal_code,
    is_procedure_code,
)
from app.x12.claim_elements_837 import Amount, Code, Quantity, Text, npi
from app.x12.drafts import Draft, alphabet_of
from app.x12.separators import DEFAULT, Separators

_SEPARATORS = [
    DEFAULT,
    Separators(element="|", component=">", repetition="!", segment="\n"),
    Separators(component="-", segment="."),
    Separators(repetition=None),
]
_TEXTS = [
    Text("name", 10),
    Text("name", 10, shortest=2, required=False),
    Text("name", 10, exact=True),
]
_LISTS: list[Any] = [PLACES_OF_SERVICE.__contains__, US_STATES.__contains__, CLAIM_FILING_CODES.__contains__]
_FORMS: list[Any] = [is_diagnosis_code, is_modifier, is_phone, is_postal_code, is_procedure_code]
_CODES = [
    *(Code("name", fits) for fits in [*_LISTS, *_FORMS]),
    Code("name", is_modifier, required=False),
    Code("name", is_modifier, exact=True),
    npi(required=True),
    npi(required=False),
]
_AMOUNTS = [Amount("name"), Amount("name", signed=True), Amount("name", required=False)]
_QUANTITIES = [
    Quantity("name"),
    Quantity("name", least=Decimal("0.001")),
    Quantity("name", least=Decimal(0), digits=6, required=False),
]
_texts = st.none() | st.text(max_size=12) | st.text("AZaz09 *:~^!-.>|", max_size=12)
_codes = _texts | st.sampled_from(["10", "co", "CO", "F411", "F41.1", "90837", " 95 ", "1234567893", "80211", "CI"])
_numbers = (
    st.none()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.builds(
        lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**11), 10**11), st.integers(0, 4)
    )
    | st.sampled_from(
        [Decimal(text) for text in "0 -0 0.00 -0.00 0.50 5.0 5.00 5.000 1E+2 1E-9 sNaN 1E+999999".split()]
    )
)
_separators = st.sampled_from(_SEPARATORS)


def _agree(kind: Any, value: Any, separators: Separators) -> None:
    quick = kind.quick(value, alphabet_of(separators))
    if quick is None:
        return
    draft = Draft(separators)
    assert kind.careful(value, draft, "/name", "2400 X01") == quick
    assert draft.findings == []


@settings(max_examples=300)
@given(st.sampled_from(_TEXTS), _texts, _separators)
def test_a_text_that_passes_the_quick_look_passes_the_careful_one(
    kind: Text, value: str | None, separators: Separators
) -> None:
    _agree(kind, value, separators)


@settings(max_examples=300)
@given(st.sampled_from(_CODES), _codes, _separators)
def test_a_code_that_passes_the_quick_look_passes_the_careful_one(
    kind: Code, value: str | None, separators: Separators
) -> None:
    _agree(kind, value, separators)


@settings(max_examples=500)
@given(st.sampled_from([*_AMOUNTS, *_QUANTITIES]), _numbers, _separators)
def test_a_number_that_passes_the_quick_look_passes_the_careful_one(
    kind: Amount | Quantity, value: Decimal | None, separators: Separators
) -> None:
    _agree(kind, value, separators)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("0.00", "0"),
        ("0.05", ".05"),
        ("0.50", ".5"),
        ("5.50", "5.5"),
        ("80", "80"),
        ("80.00", "80"),
        ("100000.10", "100000.1"),
        ("12345678.90", "12345678.9"),
        ("99999999.99", "99999999.99"),
    ],
)
def test_what_claims_are_full_of_takes_one_look(amount: str, text: str) -> None:
    assert Amount("paid").quick(Decimal(amount), alphabet_of(DEFAULT)) == text


@pytest.mark.parametrize("amount", ["100000000", "100000000.00", "0.001", "-1.00", "-0.00", "1E+2", "NaN", "Infinity"])
def test_what_is_unusual_takes_another(amount: str) -> None:
    assert Amount("paid").quick(Decimal(amount), alphabet_of(DEFAULT)) is None


def test_a_name_as_people_type_it_takes_one_look() -> None:
    assert Text("last", 60).quick("O'Neil-Smith, Jr.", alphabet_of(DEFAULT)) == "O'NEIL-SMITH, JR."


@pytest.mark.parametrize("text", [" Ada", "Ada ", "Zo\u00eb", "A*B", "A_B", ""])
def test_a_name_that_has_to_be_looked_at(text: str) -> None:
    assert Text("last", 60).quick(text, alphabet_of(DEFAULT)) is None


@given(st.sampled_from(_CODES), st.text(max_size=10))
def test_a_code_that_fits_has_capital_letters_and_digits_only(kind: Code, text: str) -> None:
    """So that no delimiter can be in it: they are neither."""
    if kind.fits(text):
        assert text.isascii()
        assert text.isalnum()
        assert text == text.upper()
