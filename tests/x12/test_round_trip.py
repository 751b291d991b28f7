"""What was read is written again, byte for byte: samples, our own texts, every delimiter, line end and wrapping."""

import os
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.findings import Severity
from app.domain.remittances import Remittance
from app.x12 import eligibility_270
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.segments import BLOCK, SegmentStream
from app.x12.separators import Separators
from tests.x12.claims import a_secondary, a_tertiary
from tests.x12.claims import written as an_837p
from tests.x12.inquiries import INTERCHANGE, an_inquiry
from tests.x12.remittances import remittances
from tests.x12.texts_271 import a_271
from tests.x12.texts_835 import a_835

_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = sorted((Path(_REFERENCE) / "samples").glob("[0-9]*/*")) if _REFERENCE else []
sampled = pytest.mark.skipif(not _SAMPLES, reason="REFERENCE_DIR is not set: no sample files")

OTHER = Separators(element="|", component=">", repetition="!", segment="\x1d")


def _again(source: str | bytes | Iterable[bytes]) -> tuple[bytes, list[str]]:
    """The bytes written, and the codes of what was found."""
    report = Report()
    written = b"".join(SegmentStream(source, report).written())
    assert all(finding.severity is not Severity.ERROR for finding in report.findings)
    return written, [finding.code for finding in report.findings]


def _wrapped(text: str, line_end: str = "\n") -> str:
    return line_end.join(text[start : start + 80] for start in range(0, len(text), 80))


def _a_270() -> str:
    text, findings = eligibility_270.write(an_inquiry(), INTERCHANGE)
    assert (text is not None, findings) == (True, ())
    return text or ""


@sampled
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_a_sample_is_written_again(path: Path) -> None:
    source = path.read_bytes()
    assert _again(source)[0] == source


@sampled
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_a_sample_that_was_wrapped_is_written_again(path: Path) -> None:
    text = path.read_text("utf-8-sig").replace("\n", "")
    for line_end in ("\n", "\r\n"):
        source = _wrapped(text, line_end).encode()
        assert _again(source) == (source, ["wrapped"])


@pytest.mark.parametrize("text", [an_837p(a_secondary()), an_837p(a_tertiary()), _a_270()], ids=["837P", "837P", "270"])
def test_what_we_write_is_written_again(text: str) -> None:
    assert _again(text) == (text.encode(), [])


@settings(deadline=None, max_examples=50)
@given(
    remittances(),
    st.sampled_from([Separators(), OTHER, Separators(segment="\n"), Separators(segment="\r", element="\t")]),
    st.sampled_from(["", "\n", "\r\n", "\n\n", " ", "\r\n\r\n"]),
    st.sampled_from(["", "\ufeff", "\r\n", " \t\n"]),
    st.sampled_from(["", "\n", "\r\n\x1a", "\x00\x00"]),
)
def test_delimiters_line_ends_and_blanks_around_are_kept(
    remittance: Remittance, separators: Separators, line_end: str, before: str, after: str
) -> None:
    text = before + a_835(remittance, separators=separators, line_end=line_end) + after
    assert _again(text) == (text.encode(), ["leading_bytes"] if before else [])


def test_interchanges_with_delimiters_of_their_own_are_kept_with_what_stands_between() -> None:
    text = a_271(line_end="\n") + "\r\n\r\n" + a_271(separators=OTHER) + a_271(line_end="\r\n") + "\n\n"
    assert _again(text) == (text.encode(), [])


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_bytes_outside_ascii_are_kept(encoding: str) -> None:
    source = a_271(("EB*1**30**Zwölfer", "MSG*ÅÉ")).encode(encoding)
    assert _again(source)[0] == source


def test_bytes_that_are_no_text_in_any_encoding_are_kept() -> None:
    source = a_271(("EB*1**30**GOLD PLAN",)).encode().replace(b"GOLD PLAN", b"\xff\x80\xc3\xf0")
    assert _again(source)[0] == source


def test_blanks_at_the_end_of_elements_and_empty_elements_are_kept() -> None:
    text = a_271(("EB*1**30**GOLD   ****", "MSG* *X **", "LQ"))
    assert _again(text)[0] == text.encode()


def test_empty_segments_are_kept() -> None:
    text = a_271().replace("EB*1", "~~ ~\r\n~EB*1")
    assert _again(text) == (text.encode(), ["empty_segment"])


@settings(deadline=None)
@given(
    st.integers(0, 80),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff", "\n"]),
    st.sampled_from(["", "LINE END", "LINE END\n  \n", "  \n"]),
)
def test_a_text_wrapped_at_80_columns_is_kept(length: int, line_end: str, before: str, after: str) -> None:
    """Whatever the length of the last line, and whether it ends."""
    text = a_271(("EB*1**30", f"MSG*{'X' * length}"))
    source = before + _wrapped(text, line_end) + after.replace("LINE END", line_end)
    assert _again(source) == (source.encode(), [*["wrapped"], *(["leading_bytes"] if before else [])])


def test_a_long_text_that_comes_in_pieces_is_kept_wrapped_or_not() -> None:
    text = a_271(("EB*1**30", *["MSG*ASK FIRST"] * 20_000))
    for whole in (text, _wrapped(text, "\r\n")):
        source = whole.encode()
        assert len(source) > 3 * BLOCK
        assert _again(source[start : start + 997] for start in range(0, len(source), 997))[0] == source


def test_writing_again_takes_memory_for_a_few_blocks_not_for_the_text() -> None:
    head, tail = a_271().encode().split(b"EB*", 1)
    piece = b"MSG*" + b"X" * 96 + b"~"
    pieces = (part for part in (head, *[piece * 100] * 800, b"EB*" + tail))
    tracemalloc.start()
    try:
        size = sum(len(block) for block in SegmentStream(pieces, Report()).written())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 8_000_000
    assert peak < 2_000_000


def test_a_surname_or_an_element_that_says_isa_begins_no_interchange() -> None:
    text = a_271(("EB*1**30", "LS*2120", "NM1*IL*1*ISA*NARCISA", "REF*ISA*IEA", "NM1*IL*1*ISAACS*ISA*", "LE*2120"))
    assert _again(text) == (text.encode(), [])
    sets = [one for one in read_transactions(text, Report()) if isinstance(one, TransactionSet)]
    assert len(sets) == 1


@settings(deadline=None)
@given(st.lists(st.text("AZ09 -.'é\u00df", max_size=30), max_size=20), st.sampled_from(["", "\n", "\r\n"]))
def test_any_content_is_kept(contents: list[str], line_end: str) -> None:
    text = a_271(("EB*1**30", *(f"MSG*{content}" for content in contents)), line_end=line_end)
    assert _again(text)[0] == text.encode()


def test_a_last_line_end_that_was_trimmed_is_not_written() -> None:
    source = an_837p(a_secondary(), separators=Separators(segment="\n")).encode().removesuffix(b"\n")
    assert _again(source) == (source, ["terminator_missing"])
