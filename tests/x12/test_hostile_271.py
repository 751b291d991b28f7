"""Damaged and hostile texts: the reader returns findings, never an exception, and works in linear time."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.findings import has_error
from app.x12.eligibility_271 import read
from tests.x12.texts_271 import DEPENDENT, SUBSCRIBER_OF_DEPENDENT, a_271

RICH = a_271(
    ("EB*1**30**GOLD PLAN", "DTP*291*RD8*20260101-20261231"),
    ("EB*C*IND*30***23*1000*****Y", "EB*C*IND*30***29*400*****Y", "MSG*ASK FIRST"),
    ("EB*R**30*C1", "LS*2120", "NM1*PRP*2*OTHER INVENTED*****PI*OTH01", "N4*SPRINGFIELD*IL*62702", "LE*2120"),
    person=(SUBSCRIBER_OF_DEPENDENT, DEPENDENT),
    line_end="\n",
).rstrip("\n")


def test_the_text_that_gets_damaged_is_sound() -> None:
    assert not has_error(list(read(RICH)[1]))


def test_a_text_cut_at_any_byte_is_an_error() -> None:
    source = RICH.encode()
    for length in range(len(source)):
        _, findings = read(source[:length])
        assert has_error(list(findings)), length


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_anywhere_raises_nothing(mask: int) -> None:
    source = bytearray(RICH.encode())
    for index in range(len(source)):
        source[index] ^= mask
        read(bytes(source))
        source[index] ^= mask


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_raise(source: bytes) -> None:
    answers, findings = read(source)
    assert answers or findings


@settings(deadline=None)
@given(st.text(max_size=500))
def test_no_text_raises(text: str) -> None:
    answers, findings = read(text)
    assert answers or findings


_SEGMENT_IDS = (
    "AAA BHT DMG DTP EB GE GS HI HL HSD IEA III INS ISA LE LS MPI MSG N3 N4 NM1 PER PRV REF SE ST TA1 TRN".split()
)
_elements = st.lists(st.text("0123456789ABDRIL*:^- ", max_size=8), max_size=15)
_segments = st.lists(
    st.builds(lambda name, elements: "*".join((name, *elements)), st.sampled_from(_SEGMENT_IDS), _elements), max_size=30
)


@settings(deadline=None)
@given(_segments)
def test_known_segments_with_any_content_in_any_order_raise_nothing(segments: list[str]) -> None:
    read(a_271(segments))


@settings(deadline=None)
@given(st.integers(0, len(RICH)), st.integers(0, len(RICH)), st.integers(0, len(RICH)))
def test_parts_repeated_or_left_out_raise_nothing(first: int, second: int, third: int) -> None:
    read(RICH[:first] + RICH[second:third] + RICH[second:])


def _calls(work: Callable[[], object]) -> int:
    """How many functions are called: a measure of the work that a busy machine does not change."""
    count = 0

    def counting(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: "X" * n,
        lambda n: a_271()[:106] + "X" * n,
        lambda n: a_271()[:106] + "~" * n,
        lambda n: a_271()[:106] + "\n" * n,
        lambda n: a_271()[:106] + "*" * n + "~",
        lambda n: a_271()[:106] * (n // 106),
        lambda n: a_271(["EB*C**30***23*1"] * (n // 16)),
        lambda n: a_271(["HL*9*8*23*0"] * (n // 12)),
        lambda n: a_271(["ZZZ*1"] * (n // 6)),
        lambda n: a_271(["EB*1^" + "^" * n]),
        lambda n: a_271(["AAA*N**75*C"] * (n // 12)),
    ],
)
def test_twice_the_text_is_at_most_twice_the_work(hostile: Callable[[int], str]) -> None:
    small, large = hostile(60_000), hostile(120_000)
    assert _calls(lambda: read(large)) <= 2.3 * _calls(lambda: read(small)) + 1_000
