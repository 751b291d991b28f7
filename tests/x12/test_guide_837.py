"""The professional claim's guide as data: it says what another's maps say, but for what is listed with a reason."""

import functools
from collections.abc import Iterator
from importlib import resources
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import fromstring

import pytest

from app.x12.element_kinds import kind
from app.x12.guide_837 import GUIDE
from app.x12.guides import Element, LoopUse, Part, SegmentUse, segment

Place: TypeAlias = tuple[str, ...]
"""The loops from the outside, and the segment with its first code."""

_STRICTER: Final = {
    "BHT": "BHT03 has 30 characters in the guide (50 in the standard); BHT06 31 is a demand of a Medicaid agency.",
    "PWK": "PWK06 has 50 characters in the guide (80 in the standard).",
    "REF*4N": "The seven exceptions are listed in the guide.",
    "REF*F5": "Y or N.",
    "REF*T4": "Y alone.",
}
"""What differs from pyx12 4.0.0 in the codes and lengths of elements, wherever the segment stands."""


@functools.cache
def _their_map() -> Xml:
    root = fromstring(resources.files("pyx12").joinpath("map", "837.5010.X222.A1.xml").read_text())  # noqa: S314 (of the package)
    loops = {loop.get("xid"): loop for loop in root.iter("loop")}
    return loops["ST_LOOP"]


@functools.cache
def _their_lengths() -> dict[str, tuple[str, int, int]]:
    root = fromstring(resources.files("pyx12").joinpath("map", "dataele.xml").read_text())  # noqa: S314 (of the package)
    return {
        one.attrib["ele_num"]: (one.attrib["data_type"], int(one.attrib["min_len"]), int(one.attrib["max_len"]))
        for one in root.iter("data_ele")
    }


def _said(xml: Xml, name: str) -> str:
    found = xml.find(name)
    return "" if found is None or found.text is None else found.text


def _theirs(loop: Xml, path: Place) -> Iterator[tuple[Place, Xml]]:
    for child in loop:
        name = child.get("xid", "")
        if child.tag == "segment" and name not in {"ST", "SE"}:
            yield (*path, _their_label(child)), child
        elif child.tag == "loop" and child.get("type") == "wrapper":
            yield from _theirs(child, path)
        elif child.tag == "loop":
            yield (*path, name), child
            yield from _theirs(child, (*path, name))


def _their_label(xml: Xml) -> str:
    """HL, PWK and what a segment tells others by: its first list of codes."""
    name = xml.get("xid", "")
    first = xml.findall("composite/element" if name == "HI" else "element")
    wanted = {"HL": 2, "PWK": 1}.get(name, 0)
    codes = sorted(code.text or "" for code in first[wanted].findall("valid_codes/code")) if len(first) > wanted else []
    return f"{name}*{codes[0]}" if codes and name in _TOLD_APART else name


_TOLD_APART: Final = frozenset("AMT CRC DTP HI HL NM1 NTE PWK QTY REF".split())


def _ours(loop: LoopUse, path: Place) -> Iterator[tuple[Place, Part]]:
    for part in loop.parts:
        if isinstance(part, LoopUse):
            yield (*path, part.id), part
            yield from _ours(part, (*path, part.id))
        else:
            yield (*path, _our_label(part)), part


def _our_label(use: SegmentUse) -> str:
    first = use.elements[{"HL": 2, "PWK": 1}.get(use.name, 0)]
    codes = sorted((first.components[0] if first.components else first).codes)
    return f"{use.name}*{codes[0]}" if codes and use.name in _TOLD_APART else use.name


def _their_use(xml: Xml) -> tuple[bool, int | None]:
    most = _said(xml, "repeat" if xml.tag == "loop" else "max_use")
    return _said(xml, "usage") == "R", None if most == ">1" else int(most)


def _their_elements(xml: Xml) -> list[tuple[str, frozenset[str], list[str]]]:
    return [
        (
            _said(one, "usage"),
            frozenset(code.text or "" for code in one.findall("valid_codes/code") if _said(one, "usage") != "N"),
            [_said(part, "usage") for part in one.findall("element")],
        )
        for one in xml
        if one.tag in {"element", "composite"}
    ]


def _usage(element: Element) -> str:
    return "N" if not element.is_used else "R" if element.is_required else "S"


def _our_elements(use: SegmentUse) -> list[tuple[str, frozenset[str], list[str]]]:
    return [(_usage(one), one.codes, [_usage(part) for part in one.components]) for one in use.elements]


_THEIRS: Final = dict(_theirs(_their_map(), ()))
_OURS: Final = dict(_ours(GUIDE.root, ()))
_SEGMENTS: Final = [place for place, part in _OURS.items() if isinstance(part, SegmentUse)]


def test_the_loops_and_segments_are_those_of_another_map() -> None:
    assert set(_OURS) == set(_THEIRS)
    assert len(_OURS) > 300


def test_they_are_required_and_repeated_as_there() -> None:
    """But for 2300 in 2000C: that it is missing is a rule of the hierarchy."""
    differing = {
        place: (part.is_required, part.most)
        for place, part in _OURS.items()
        if (part.is_required, part.most) != _their_use(_THEIRS[place])
    }
    assert differing == {("2000A", "2000B", "2000C", "2300"): (False, 100)}


@pytest.mark.parametrize("place", _SEGMENTS, ids="/".join)
def test_the_elements_are_used_as_there_with_the_same_codes(place: Place) -> None:
    ours = _OURS[place]
    assert isinstance(ours, SegmentUse)
    if place[-1].split("*")[0] in _STRICTER or place[-1] in _STRICTER:
        assert [usage for usage, _, _ in _our_elements(ours)] == [
            usage for usage, _, _ in _their_elements(_THEIRS[place])
        ]
    else:
        assert _our_elements(ours) == _their_elements(_THEIRS[place])


def test_texts_are_as_long_as_the_standard_s_data_elements() -> None:
    differing = set()
    for place in _SEGMENTS:
        ours = _OURS[place]
        assert isinstance(ours, SegmentUse)
        theirs = [one for one in _THEIRS[place] if one.tag in {"element", "composite"}]
        for position, (element, xml) in enumerate(zip(ours.elements, theirs, strict=True), start=1):
            if element.kind is None or xml.tag == "composite" or not element.kind.name.startswith("an"):
                continue
            _, least, most = _their_lengths()[_said(xml, "data_ele")]
            if element.kind != kind(f"an{least}/{most}" if least > 1 else f"an{most}"):
                differing.add((ours.name, position))
    assert differing == {("BHT", 3), ("PWK", 6)}


def test_every_kind_of_element_has_a_pattern_and_a_check_that_agree() -> None:
    """What the pattern takes, the check takes."""
    samples = {"": "1", "an50": "A B", "money": "12.5", "units": ".125", "day": "20240229", "time": "2359", "n6": "12"}
    for name, text in samples.items():
        assert name == "" or kind(name).check([text], 0) is None


@pytest.mark.parametrize("line", ["REF ?1 !nonsense", "REF ?1 !an"])
def test_a_kind_that_does_not_exist_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no kind of element"):
        segment(line)


@pytest.mark.parametrize(
    ("line", "text", "is_right"),
    [
        ("REF ?3 =G2,LU !an5 -*2", "REF*G2*12345", True),
        ("REF ?3 =G2,LU !an5 -*2", "REF*G2*123456", False),
        ("REF ?3 =G2,LU !an5 -*2", "REF*G2*12345*", False),
        ("REF ?3 =G2,LU !an5 -*2", "REF*G2", False),
        ("REF ?3 =G2,LU !an5 -*2", "REF*G3*1", False),
        ("NM1 !1 !an9 ?XX ?an9 - P0203", "NM1*A", True),
        ("NM1 !1 !an9 ?XX ?an9 - P0203", "NM1*A*XX*1", True),
        ("NM1 !1 !an9 ?XX ?an9 - P0203", "NM1*A*XX", False),
        ("NM1 !1 !an9 ?XX ?an9 - P0203", "NM1*A**1", False),
        ("SV1 !1 !(!HC !an5 ?an2*2) !money", "SV1*HC:1*2", True),
        ("SV1 !1 !(!HC !an5 ?an2*2) !money", "SV1*HC:1::AB*2", True),
        ("SV1 !1 !(!HC !an5 ?an2*2) !money", "SV1*HC:1:*2", False),
        ("SV1 !1 !(!HC !an5 ?an2*2) !money", "SV1*HC:1:A:B:C*2", False),
        ("DTP ?1 !D8,RD8 !when", "DTP*D8*20240131", True),
        ("DTP ?1 !D8,RD8 !when", "DTP*D8*20240132", False),
        ("HI !1 !(=ABK,BK? !an9) ?(!ABF !an9)*2", "HI*ABK:1**ABF:2", True),
        ("HI !1 !(=ABK,BK? !an9) ?(!ABF !an9)*2", "HI*BK:1", False),
    ],
)
def test_the_notation_makes_the_pattern_of_a_segment(line: str, text: str, is_right: bool) -> None:
    pattern = segment(line).pattern
    assert bool(pattern.fullmatch(text.replace("*", "\x1d").replace(":", "\x1f"))) is is_right


@pytest.mark.parametrize(
    ("note", "contents", "holds"),
    [
        ("P0102", ("X", "1", "2"), True),
        ("P0102", ("X", "1"), False),
        ("P0102", ("X",), True),
        ("R0102", ("X", "", "2"), True),
        ("R0102", ("X",), False),
        ("E0102", ("X", "1", "2"), False),
        ("E0102", ("X", "1"), True),
        ("C0201", ("X", "", "2"), False),
        ("C0201", ("X", "1"), True),
        ("L010203", ("X", "1"), False),
        ("L010203", ("X", "1", "", "3"), True),
    ],
)
def test_a_syntax_note_is_kept_or_broken(note: str, contents: tuple[str, ...], holds: bool) -> None:
    (condition,) = segment(f"ABC ?1 ?an1*3 {note}").conditions
    assert condition.holds(contents) is holds
    assert holds or len(contents) > condition.concerns_from
