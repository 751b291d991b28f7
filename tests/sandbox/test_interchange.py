"""The sandbox's own reader of envelopes: strict, and never surprised."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.interchange import Interchange, read_interchange
from tests.sandbox.inquiries import Asked

TEXT = Asked().text()


def test_a_whole_interchange_is_read() -> None:
    read = read_interchange(TEXT)
    assert isinstance(read, Interchange)
    assert (read.sender_id, read.receiver_id, read.usage) == ("CROSSOVERTEST", "SANDBOX", "T")
    assert (read.functional_id, read.version, read.transaction_id) == ("HS", "005010X279A1", "270")
    assert [segment.id for segment in read.segments][:3] == ["ST", "BHT", "HL"]


@pytest.mark.parametrize("ending", ["~\n", "~\r\n"])
def test_line_ends_after_terminators_are_layout(ending: str) -> None:
    assert read_interchange(TEXT.replace("~", ending)) == read_interchange(TEXT)


def test_other_separators_are_read_from_the_isa_segment() -> None:
    other = TEXT.replace("*", "|").replace("~", "!").replace("^", "=").replace(":", ">")
    read, usual = read_interchange(other), read_interchange(TEXT)
    assert isinstance(read, Interchange)
    assert isinstance(usual, Interchange)
    assert read.segments == usual.segments
    assert (read.repetition_separator, read.component_separator) == ("=", ">")


@pytest.mark.parametrize(
    ("change", "location"),
    [
        (lambda text: text[:0], "ISA"),
        (lambda text: text[:100], "ISA"),
        (lambda text: "\ufeff" + text, "ISA"),
        (lambda text: text.replace("*ZZ*SANDBOX  ", "*ZZ*SANDBOX"), "ISA"),
        (lambda text: text.replace("*^*", "***"), "ISA"),
        (lambda text: text.replace("*^*", "*A*"), "ISA"),
        (lambda text: text.replace("TESTINA", "TESTINÄ"), "ISA"),
        (lambda text: text.replace("TESTINA", "TEST\x00NA"), "ISA"),
        (lambda text: text.replace("IEA*1*000000042~", ""), "ISA"),
        (lambda text: text[:-1], "IEA"),
        (lambda text: text + "TRAILER", "IEA"),
        (lambda text: text.replace("*00501*", "*00401*"), "ISA12"),
        (lambda text: text.replace("*0*T*", "*0*X*"), "ISA15"),
        (lambda text: text.replace("IEA*1*000000042", "IEA*1*000000043"), "IEA02"),
        (lambda text: text.replace("IEA*1*", "IEA*2*"), "IEA02"),
        (lambda text: text.replace("000000042", "000000000"), "IEA02"),
        (lambda text: text.replace("GE*1*42", "GE*1*43"), "GE02"),
        (lambda text: text.replace("GE*1*42", "GE*2*42"), "GE02"),
        (lambda text: text.replace("SE*14*", "SE*15*"), "SE01"),
        (lambda text: text.replace("SE*14*0001", "SE*14*0002"), "SE01"),
        (lambda text: text.replace("EQ*MH~", "EQ*MH*~"), "ST"),
        (lambda text: text.replace("EQ*MH~", "EQ*MH~~"), "ST"),
        (lambda text: text + text, "ISA"),
    ],
)
def test_a_broken_envelope_is_a_problem_with_a_place(change: Callable[[str], str], location: str) -> None:
    changed = change(TEXT)
    assert changed != TEXT
    problems = read_interchange(changed)
    assert not isinstance(problems, Interchange)
    assert location in [problem.location for problem in problems]


def test_every_cut_is_noticed() -> None:
    assert [cut for cut in range(len(TEXT)) if isinstance(read_interchange(TEXT[:cut]), Interchange)] == []


@given(st.text(max_size=400) | st.text("ISA*~^:0 \n", max_size=400).map(lambda rest: TEXT[:106] + rest))
def test_any_text_is_read_or_refused_with_problems(text: str) -> None:
    read = read_interchange(text)
    assert isinstance(read, Interchange) or len(read) > 0
