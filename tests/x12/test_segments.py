"""Text to segments and back: places, gaps, wrapping, limits, and nothing that raises."""

import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.x12.findings import Report, X12Finding
from app.x12.segments import BLOCK, SEGMENT_LENGTH, Segment, SegmentStream
from app.x12.separators import Separators
from tests.x12.texts_271 import a_271

Source = str | bytes | Iterable[bytes]


def _read(source: Source) -> tuple[list[Segment], str, list[str]]:
    report = Report()
    stream = SegmentStream(source, report)
    segments = list(stream)
    return segments, stream.tail, [finding.code for finding in report.findings]


def _written(segments: list[Segment], tail: str) -> bytes:
    return ("".join(one.gap + one.raw + one.terminator for one in segments) + tail).encode("latin-1")


def test_segments_carry_number_and_byte_offset() -> None:
    text = a_271(line_end="\r\n")
    segments, _, codes = _read(text)
    assert codes == []
    assert [segment.number for segment in segments] == list(range(1, len(segments) + 1))
    assert all(text.encode()[one.offset :].startswith(one.raw.encode()) for one in segments)


def test_offsets_count_bytes_not_characters() -> None:
    segments, _, codes = _read(a_271(("EB*1**30**Zwölfer", "MSG*END")))
    message = next(segment for segment in segments if segment.id == "MSG")
    plain = next(segment for segment in _read(a_271(("EB*1**30**Zwolfer", "MSG*END")))[0] if segment.id == "MSG")
    assert message.offset == plain.offset + 1
    assert codes == ["other_character"]


def test_an_element_in_utf_8_is_decoded_and_one_in_latin_1_is_kept() -> None:
    name = "EB*1**30**Zwölfer"
    for encoding in ("utf-8", "latin-1"):
        segments, _, _ = _read(a_271((name,)).encode(encoding))
        assert next(segment for segment in segments if segment.id == "EB").get(5) == "Zwölfer"


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\r\n  "])
@pytest.mark.parametrize("after", ["", "\n\n", "\x1a"])
def test_reading_and_writing_back_gives_the_same_bytes(line_end: str, before: str, after: str) -> None:
    source = (before + a_271(line_end=line_end) + after).encode()
    segments, tail, codes = _read(source)
    assert _written(segments, tail) == source
    assert codes == (["leading_bytes"] if before else [])


def test_a_segment_shows_no_element_in_its_repr() -> None:
    segments, _, _ = _read(a_271())
    assert "FERNWOOD" not in repr(segments)


@settings(deadline=None)
@given(size=st.integers(min_value=1, max_value=300))
def test_the_pieces_a_text_comes_in_do_not_matter(size: int) -> None:
    source = a_271(line_end="\n").encode()
    pieces = (source[start : start + size] for start in range(0, len(source), size))
    assert _read(pieces) == _read(source)


def test_texts_longer_than_a_block_are_read_whole() -> None:
    messages = [f"MSG*{'X' * 200}{index}" for index in range(3 * BLOCK // 200)]
    segments, _, codes = _read(a_271(("EB*1**30", *messages)))
    assert codes == []
    assert [segment.raw for segment in segments if segment.id == "MSG"] == messages


def test_several_interchanges_with_their_own_delimiters_are_read() -> None:
    text = a_271() + "\r\n" + a_271(separators=Separators(element="|", segment="!"))
    segments, _, codes = _read(text)
    assert codes == []
    assert [segment.separators.element for segment in segments if segment.id == "ISA"] == ["*", "|"]


def test_an_isa_inside_an_interchange_begins_another_one() -> None:
    cut = a_271().removesuffix("IEA*1*000000042~")
    segments, _, codes = _read(cut + a_271(separators=Separators(element="|", segment="!")))
    assert codes == []
    assert [segment.separators.segment for segment in segments if segment.id == "ISA"] == ["~", "!"]


def test_isa_inside_a_surname_is_no_interchange() -> None:
    segments, _, codes = _read(a_271(("EB*1**30", "LS*2120", "NM1*IL*1*ISAACS*NARCISA", "LE*2120")))
    assert codes == []
    assert [segment.id for segment in segments].count("ISA") == 1


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_text_wrapped_at_80_columns_is_read_as_one_line(line_end: str) -> None:
    plain = a_271()
    wrapped = line_end.join(plain[start : start + 80] for start in range(0, len(plain), 80))
    segments, _, codes = _read(wrapped)
    straight, _, _ = _read(plain)
    assert [segment.raw for segment in segments] == [segment.raw for segment in straight]
    assert codes == ["wrapped"]
    assert all(wrapped[one.offset :].startswith(one.raw[:1]) for one in segments)


def test_wrapping_with_a_short_line_inside_is_refused() -> None:
    plain = a_271()
    lines = [plain[start : start + 80] for start in range(0, len(plain), 80)]
    lines[3] = lines[3][:-1]
    assert "wrapping" in _read("\n".join(lines))[2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "whole ISA"),
        ("   ", "whole ISA"),
        ("<html><body>busy</body></html>", "HTML"),
        ("\n<!doctype html>" + " " * 200, "HTML"),
        ('{"message": "busy"}', "JSON"),
        ("%PDF-1.7 " + "x" * 200, "PDF"),
        ("PK\x03\x04" + "x" * 200, "ZIP"),
        ("ISAAC NEWTON" + " " * 200, "whole ISA"),
        ("ISA*00*", "whole ISA"),
        (a_271()[:105], "whole ISA"),
    ],
)
def test_what_is_no_x12_is_one_finding(text: str, words: str) -> None:
    report = Report()
    assert list(SegmentStream(text, report)) == []
    assert [finding.code for finding in report.findings] == ["not_x12"]
    assert words in report.findings[0].message


def test_what_follows_the_interchange_is_refused_if_it_is_not_another() -> None:
    assert _read(a_271() + "<html>")[2] == ["after_interchange"]


def test_a_last_segment_without_terminator_is_reported() -> None:
    segments, _, codes = _read(a_271().removesuffix("~"))
    assert codes == ["segment_unterminated"]
    assert segments[-1].terminator == ""


def test_a_lost_line_end_after_the_iea_is_only_a_warning() -> None:
    text = a_271(separators=Separators(segment="\n")).removesuffix("\n")
    assert _read(text)[2] == ["terminator_missing"]


def test_a_run_of_empty_segments_is_reported_once_and_kept() -> None:
    source = a_271().replace("EB*1", "~~ ~\r\n~EB*1").encode()
    segments, tail, codes = _read(source)
    assert codes == ["empty_segment"]
    assert _written(segments, tail) == source


def test_a_control_character_inside_an_element_is_an_error_with_its_place() -> None:
    report = Report()
    list(SegmentStream(a_271(("EB*1**30**GO\nLD",)), report))
    (finding,) = report.findings
    assert (finding.code, finding.segment_id, finding.element) == ("control_character", "EB", 5)


@pytest.mark.parametrize(
    "element",
    ["X" * 40_000, "*" * 200],
)
def test_oversized_elements_are_reported(element: str) -> None:
    assert "limit_element" in _read(a_271((f"EB*1**30**{element}",)))[2]


def test_reading_takes_memory_for_a_few_blocks_not_for_the_text() -> None:
    head, tail = a_271().encode().split(b"EB*", 1)
    pieces = (part for part in (head, *[b"MSG*" + b"X" * 96 + b"~"] * 80_000, b"EB*" + tail))
    tracemalloc.start()
    try:
        count = sum(1 for _ in SegmentStream(pieces, Report()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count > 80_000
    assert peak < 2_000_000  # the pieces' tuple of pointers is 640 kB of it; the text is 8 MB


# Many at once and one by one

_SEGMENTS = st.sampled_from(
    [
        "N1*PR*INVENTED PLAN",
        "NM1*IL*1*ISAACS*NARCISA",
        "NM1*IL*1*ISA*IEA",
        "REF*6R*LINE1  ",
        "REF*6R *LINE1",
        "SVC*HC:90837^X*150*80**1",
        "LQ",
        "ISAAC*1",
        "IEAX*1",
        "IEA*1*000000042",
        "ISA*00",
        "",
        " N1*PR",
        "N1*PR*Zw\u00f6lfer",
        "N1*PR*\x02",
        "N1*PR*\x1d",
        "N1*PR*X\nY",
        "N1" + "*" * 99,
        "N1" + "*" * 100,
        "MSG*" + "X" * 32_764,
        "MSG*" + "X" * 32_800,
    ]
)
_PLAIN = st.sampled_from(["N1*PR*INVENTED PLAN", "SVC*HC:90837*150*80**1", "LQ*HE*N14", "CAS*CO*45*45"])
_GAPS = st.sampled_from(["", "\n", "\r\n", "\n\n", " ", "\x00", "\ufeff"])
_DELIMITERS = st.sampled_from(
    [
        Separators(),
        Separators(segment="\n"),
        Separators(segment="\r"),
        Separators(element="\x1d", component="\x1f", repetition="\x1e", segment="\x1c"),
        Separators(element="|", segment="!"),
    ]
)


def _in_order(segment: str, separators: Separators) -> str:
    return segment.replace("*", separators.element).replace(":", separators.component)


@st.composite
def _interchanges(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same one with an error in its first segment: then the rest of it is looked at one by one."""
    separators, line_end = draw(_DELIMITERS), draw(_GAPS)
    segments = draw(st.lists(_PLAIN, max_size=8))
    for place in draw(st.lists(st.integers(0, 8), max_size=2)):
        segments.insert(place, draw(_SEGMENTS))
    gaps = [draw(_GAPS) if draw(st.integers(0, 20)) == 0 else line_end for _ in segments]
    body = "".join(
        _in_order(one, separators) + separators.segment + gap for one, gap in zip(segments, gaps, strict=True)
    )
    head = a_271(separators=separators)[:106] + line_end + "NTE" + separators.element
    tail = draw(st.sampled_from(["", "N1", "IEA*1*000000042~", a_271()]))
    rest = separators.segment + line_end + body + tail
    return head + "X" + rest, head + "\x02" + rest


@settings(max_examples=400, deadline=None)
@given(_interchanges())
def test_segments_looked_at_many_at_once_are_those_looked_at_one_by_one(texts: tuple[str, str]) -> None:
    (segments, tail, findings), (others, other_tail, other_findings) = (_all_of(text) for text in texts)
    assert [one for one in segments if one.id != "NTE"] == [one for one in others if one.id != "NTE"]
    assert tail == other_tail
    assert findings == [one for one in other_findings if one.segment_id != "NTE"]


def _all_of(text: str) -> tuple[list[Segment], str, list[X12Finding]]:
    report = Report()
    stream = SegmentStream(text, report)
    return list(stream), stream.tail, list(report.findings)


def test_a_clean_text_is_taken_in_few_runs() -> None:
    text = a_271(("EB*1**30", *["MSG*ASK FIRST"] * 30_000), line_end="\n")
    runs = list(SegmentStream(text, Report()).runs())
    assert len(runs) < 3 * len(text) / BLOCK
    assert "".join(run.text for run in runs) + "\n" == text


def test_a_run_gives_its_segments_singly_and_in_parts() -> None:
    runs = list(SegmentStream(a_271(line_end="\r\n"), Report()).runs())
    run = max(runs, key=len)
    segments = list(run)
    assert [run.segment(index) for index in range(len(run))] == segments
    assert [*run.part(0, 3), *run.part(3, len(run))] == segments
    assert "FERNWOOD" not in repr(run)


def test_what_an_element_says_does_not_depend_on_how_many_were_looked_at() -> None:
    for name in ("GOLD  ", "GOLD", "Zw\u00f6lfer "):
        text = a_271((f"EB*1**30**{name}", f"MSG*{name}"))
        for run in SegmentStream(text, Report()).runs():
            for segment, contents in zip(run, run.contents, strict=True):
                assert contents == [segment.get(position) for position in range(len(segment.elements))]


class _Counted:
    """Pieces of a text; how many were taken."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.taken = 0
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece


def test_a_text_without_terminator_is_given_up_early() -> None:
    source = _Counted(iter([a_271()[:200].encode(), *[b"X" * 10_000] * 10_000]))
    _, _, codes = _read(source)
    assert codes == ["limit_segment"]
    assert source.taken * 10_000 < 4 * SEGMENT_LENGTH


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_stream_raise(source: bytes) -> None:
    _read(source)
    _read(a_271()[:150].encode() + source)
