"""Delimiters come from the ISA, whatever they are."""

import pytest

from app.x12.separators import DEFAULT, Separators, check_separators, read_separators
from tests.x12.texts_271 import a_271


def test_the_usual_delimiters_are_read_from_the_isa() -> None:
    assert read_separators(a_271()[:106]) == (DEFAULT, ())


@pytest.mark.parametrize(
    "separators",
    [
        Separators(element="|", component=":", repetition="~", segment="!"),
        Separators(element="\x1d", component="\x1f", repetition="\x1e", segment="\x1c"),
        Separators(element="\t", component=">", repetition="}", segment="\n"),
    ],
)
def test_unusual_delimiters_are_read_from_the_isa(separators: Separators) -> None:
    assert read_separators(a_271(separators=separators)[:106]) == (separators, ())


def test_a_letter_in_isa11_means_no_repetition_separator() -> None:
    separators, faults = read_separators(a_271(separators=Separators(repetition=None))[:106])
    assert separators.repetition is None
    assert faults == ()


def test_elements_out_of_their_fixed_widths_are_a_fault() -> None:
    isa = a_271()[:106].replace("QUIETROOMS     ", "QUIETROOMS    X*")[:106]
    assert [fault.code for fault in read_separators(isa)[1]] == ["isa_layout"]


@pytest.mark.parametrize(
    ("separators", "code"),
    [
        (Separators(element="A"), "element_separator"),
        (Separators(component="*"), "component_separator"),
        (Separators(component="7"), "component_separator"),
        (Separators(segment=" "), "segment_terminator"),
        (Separators(segment=":"), "segment_terminator"),
        (Separators(repetition="~"), "repetition_separator"),
    ],
)
def test_a_delimiter_that_cannot_delimit_is_a_fault(separators: Separators, code: str) -> None:
    assert code in [fault.code for fault in check_separators(separators)]
