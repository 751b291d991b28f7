"""The part of the 270's implementation guide (005010X279A1) that the sandbox holds an inquiry to.

Which segment may stand where, how often, and what its elements look like: facts as tables, checked by four functions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.sandbox.interchange import Problem, Segment

Loop = list[Segment]


@dataclass(frozen=True)
class _Slot:
    """A segment's place in its loop: how often, and which elements must look how."""

    id: str
    least: int
    most: int
    elements: tuple[tuple[int, str, str], ...] = ()
    """(element, pattern of the whole value, IK403 code of a value that does not fit; an empty one is code 1)."""


_TEXT60 = r".{1,60}"
_DATE = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_PERSON = ((2, "1", "7"), (3, r".{0,60}", "5"), (4, r".{0,35}", "5"), (5, r".{0,25}", "5"), (7, r".{0,10}", "5"))
_ANY = 99
_INSURED = ((1, "Y", "7"), (2, "18", "7"))
_DEPENDENT = ((1, "N", "7"), (2, "01|19|34", "7"))
_BEFORE_INS = (
    _Slot("REF", 0, 9, ((1, r"[0-9A-Z]{2,3}", "7"), (2, r".{1,50}", "5"))),
    _Slot("N3", 0, 1, ((1, r".{1,55}", "5"),)),
    _Slot("N4", 0, 1, ((1, r".{2,30}", "5"), (2, r"[A-Z]{2}|", "7"), (3, r"\d{5}(?:\d{4})?|", "7"))),
    _Slot("PRV", 0, 1),
    _Slot("DMG", 0, 1, ((1, "D8", "7"), (2, _DATE, "8"), (3, "[FM]|", "7"))),
)
_AFTER_INS = (
    _Slot("HI", 0, 1),
    _Slot("DTP", 0, 2, ((1, "291|102", "7"), (2, "D8|RD8", "7"), (3, f"{_DATE}(?:-{_DATE})?", "8"))),
    _Slot("EQ", 0, _ANY, ((3, "|IND|FAM", "7"),)),
    _Slot("AMT", 0, _ANY),
    _Slot("III", 0, _ANY),
)
_LEVELS: dict[str, tuple[str, tuple[_Slot, ...]]] = {
    "20": (
        "2100A",
        (
            _Slot("HL", 1, 1),
            _Slot("NM1", 1, 1, ((1, "PR|2B|36|GP|P5", "7"), (2, "[12]", "7"), (3, _TEXT60, "5"), (9, r".{2,80}", "5"))),
        ),
    ),
    "21": (
        "2100B",
        (
            _Slot("HL", 1, 1),
            _Slot(
                "NM1",
                1,
                1,
                ((1, "1P|2B|36|80|FA|GP|P5|PR", "7"), (2, "[12]", "7"), (3, _TEXT60, "5"), (9, ".{2,80}", "5")),
            ),
            *(_Slot("REF", 0, 9), _Slot("N3", 0, 1), _Slot("N4", 0, 1), _Slot("PRV", 0, 1)),
        ),
    ),
    "22": (
        "2100C",
        (
            _Slot("HL", 1, 1),
            _Slot("TRN", 0, 2, ((1, "1", "7"), (2, r".{1,50}", "5"), (3, r".{10}", "4"))),
            _Slot("NM1", 1, 1, ((1, "IL", "7"), *_PERSON, (8, "MI|II|", "7"), (9, r".{2,80}|", "4"))),
            *_BEFORE_INS,
            _Slot("INS", 0, 1, _INSURED),
            *_AFTER_INS,
        ),
    ),
    "23": (
        "2100D",
        (
            _Slot("HL", 1, 1),
            _Slot("TRN", 0, 2, ((1, "1", "7"), (2, r".{1,50}", "5"), (3, r".{10}", "4"))),
            _Slot("NM1", 1, 1, ((1, "03", "7"), *_PERSON, (9, "", "I10"))),
            *_BEFORE_INS,
            _Slot("INS", 0, 1, _DEPENDENT),
            *_AFTER_INS,
        ),
    ),
}
_BHT = _Slot(
    "BHT", 1, 1, ((1, "0022", "7"), (2, "13", "7"), (3, r".{1,50}", "5"), (4, _DATE, "8"), (5, r"\d{4,8}", "9"))
)

# Element 1365 as this guide lists it.
SERVICE_TYPES = frozenset({str(number) for number in range(1, 100)} - {"29", "31"}) | frozenset(
    """A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD AE AF AG AH AI AJ AK AL AM AN AO AQ AR B1 B2 B3 BA BB BC BD BE BF BG
    BH BI BJ BK BL BM BN BP BQ BR BS BT BU BV BW BX BY BZ C1 CA CB CC CD CE CF CG CH CI CJ CK CL CM CN CO CP CQ DG DM
    DS GF GN GY IC MH NI ON PT PU RN RT TC TN UC""".split()
)


def loops_of(segments: Sequence[Segment]) -> list[Loop]:
    """The segments cut before each HL."""
    loops: list[Loop] = []
    for segment in segments:
        if segment.id == "HL" or not loops:
            loops.append([])
        loops[-1].append(segment)
    return loops


def guide_problems(bht: Segment, loops: list[Loop]) -> Iterator[Problem]:
    """Everything in which the transaction breaks the guide; only the hierarchy, when that does not hold."""
    broken = list(_hierarchy_problems(loops))
    if broken:
        yield from broken
        return
    yield from _element_problems(bht, _BHT, "header")
    for loop in loops:
        yield from _loop_problems(loop)


def element_problem(segment: Segment, loop: str, element: int, reason_code: str) -> Problem:
    """One element that is missing or not valid."""
    place = f"{segment.id}{element:02d}"
    return Problem(
        f"{place} in loop {loop} is missing or not valid.",
        place,
        segment.id,
        segment.position,
        loop,
        element,
        reason_code,
    )


def _hierarchy_problems(loops: list[Loop]) -> Iterator[Problem]:
    levels = [loop[0].element(3) for loop in loops if loop[0].id == "HL"]
    if levels[:3] != ["20", "21", "22"]:
        missing = {0: "information_source", 1: "information_receiver"}.get(len(levels), "subscriber")
        yield Problem("The loops of payer, provider and subscriber must follow each other.", f"{missing}_level_HL_loop")
        return
    if levels not in (["20", "21", "22"], ["20", "21", "22", "23"]):
        yield Problem("A real-time inquiry asks about one patient.", "dependent_level_HL_loop")
        return
    for number, loop in enumerate(loops, start=1):
        parent, child = str(number - 1) if number > 1 else "", "1" if number < len(loops) else "0"
        if loop[0].elements != ("HL", str(number), parent, loop[0].element(3), child):
            yield Problem(
                f"HL {number} must name its number, its parent and whether a level follows.", f"HL{number:02d}"
            )


def _loop_problems(loop: Loop) -> Iterator[Problem]:
    name, slots = _LEVELS[loop[0].element(3)]
    ids = [slot.id for slot in slots]
    counts = dict.fromkeys(ids, 0)
    reached = 0
    for segment in loop:
        if segment.id not in ids:
            yield Problem(f"{segment.id[:3]} does not belong to loop {name}.", name)
            continue
        place = ids.index(segment.id)
        # After an EQ begins loop 2110, where its own AMT, III, REF and DTP follow, and then the next EQ.
        in_benefits = counts.get("EQ", 0) > 0 and segment.id in {"EQ", "AMT", "III", "REF", "DTP"}
        if place < reached and not in_benefits:
            yield Problem(f"{segment.id} stands too late in loop {name}.", name)
        reached = max(reached, place)
        counts[segment.id] += 1
        yield from _element_problems(segment, slots[place], name)
    for slot in slots:
        if not slot.least <= counts[slot.id] <= slot.most:
            yield Problem(f"Loop {name} takes {slot.id} {slot.least} to {slot.most} times.", name)


def _element_problems(segment: Segment, slot: _Slot, loop: str) -> Iterator[Problem]:
    for number, pattern, reason_code in slot.elements:
        value = segment.element(number)
        if not re.fullmatch(pattern, value, re.ASCII) or (reason_code == "8" and not _real_dates(value)):
            reason = "1" if not value and reason_code != "I10" else reason_code
            yield element_problem(segment, loop, number, reason)


def _real_dates(value: str) -> bool:
    """A pattern lets 20250230 through; the calendar does not."""
    for part in filter(None, value.split("-")):
        try:
            datetime.strptime(part, "%Y%m%d")  # noqa: DTZ007 -- a calendar day has no zone
        except ValueError:
            return False
    return True
