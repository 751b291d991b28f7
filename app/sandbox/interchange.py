"""The sandbox's own reader and writer of X12 envelopes: one ISA, one GS, one ST, as real-time endpoints take them.

Written from the public descriptions of the format, apart from the service's codec, and strict where that one is
lenient: what a clearinghouse would send back is a problem here. It knows nothing of what stands between ST and SE.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

_ISA_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_ISA_LENGTH: Final = 106
# X12.6 basic and extended character sets, without the control characters.
_NOT_X12: Final = re.compile(r"[^A-Za-z0-9 !\"&'()*+,\-./:;?=%~@\[\]_{}\\|<>#$^`\r\n]")
_SEPARATORS: Final = re.compile(r"[*~^>]")


@dataclass(frozen=True)
class Composite:
    """An element to write whose parts are separated by the component separator."""

    parts: tuple[str, ...]


Line: TypeAlias = tuple[str | tuple[str, ...] | Composite, ...]
"""A segment to write: the id and its elements; an element that repeats is a tuple."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where, in words that quote nothing of the text.

    Problems of form have no `segment`. A problem inside a known segment names it, its place in the transaction (ST
    is 1), its loop and element and the reason as 999 IK403 says it: 1 missing, 4 too short, 5 too long, 6 bad character,
    7 bad code, 8 bad date, 9 bad time, I10 not used.
    """

    text: str
    location: str
    segment: str | None = None
    position: int = 0
    loop: str = ""
    element: int = 0
    reason_code: str = ""


@dataclass(frozen=True, repr=False)
class Segment:
    """One segment with its place in the transaction. `element(1)` is the first after the segment id."""

    position: int
    elements: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.elements[0]

    def element(self, number: int) -> str:
        return self.elements[number] if number < len(self.elements) else ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Interchange:
    """The envelope's values and the segments from ST to SE."""

    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    control_number: str
    usage: str
    repetition_separator: str
    component_separator: str
    functional_id: str
    application_sender: str
    application_receiver: str
    group_control_number: str
    version: str
    transaction_id: str
    transaction_control_number: str
    segments: tuple[Segment, ...]


def read_interchange(text: str) -> Interchange | tuple[Problem, ...]:
    """The interchange, or everything that keeps it from being one."""
    if len(text) < _ISA_LENGTH or not text.startswith("ISA"):
        return (Problem("The text does not begin with a whole ISA segment.", "ISA"),)
    isa = text[: _ISA_LENGTH - 1].split(text[3])
    if len(isa) != 17 or tuple(map(len, isa[1:])) != _ISA_WIDTHS:
        return (Problem("The ISA segment does not have its fixed widths.", "ISA"),)
    terminator = text[_ISA_LENGTH - 1]
    separators = (text[3], isa[11], isa[16], terminator)
    if len(set(separators)) < 4 or any(mark.isalnum() or mark == " " for mark in separators):
        return (Problem("The four separators must differ and be neither letters, digits nor spaces.", "ISA"),)
    if _NOT_X12.search(text.replace(terminator, "~")):
        return (Problem("There is a character outside the X12 character sets.", "ISA"),)
    *pieces, rest = text.split(terminator)
    if rest.strip("\r\n"):
        return (Problem("The text goes on after the last segment terminator.", "IEA"),)
    lines = [tuple(piece.lstrip("\r\n").split(text[3])) for piece in pieces]
    return tuple(_envelope_problems(isa, lines)) or _interchange(isa, lines)


def _envelope_problems(isa: list[str], lines: list[tuple[str, ...]]) -> Iterator[Problem]:
    ids = [line[0] for line in lines]
    if ids[:3] != ["ISA", "GS", "ST"] or ids[-3:] != ["SE", "GE", "IEA"] or len(lines) < 6:
        yield Problem("The segments must run ISA, GS, ST ... SE, GE, IEA.", "ISA")
        return
    if any(ids.count(name) != 1 for name in ("ISA", "GS", "ST", "SE", "GE", "IEA")):
        yield Problem("A real-time request holds one group and one transaction.", "ISA")
        return
    (gs, st), (se, ge, iea) = lines[1:3], lines[-3:]
    if any(line[-1] == "" or line[0] == "" for line in lines[1:]):
        yield Problem("A segment is empty or ends with an element separator.", "ST")
    if isa[12] != "00501":
        yield Problem("ISA12 must be 00501.", "ISA12")
    if not isa[6].strip() or not isa[8].strip():
        yield Problem("Sender and receiver must be named.", "ISA06")
    if isa[15] not in {"P", "T"}:
        yield Problem("ISA15 must be P or T.", "ISA15")
    if not isa[13].isdecimal() or int(isa[13]) == 0 or iea[1:] != ("1", isa[13]):
        yield Problem("IEA must count one group and repeat ISA13, nine digits above zero.", "IEA02")
    if len(gs) != 9 or not gs[6].isdecimal() or ge[1:] != ("1", gs[6]):
        yield Problem("GE must count one transaction and repeat GS06.", "GE02")
    if len(st) != 4 or not 4 <= len(st[2]) <= 9 or se[1:] != (str(len(lines) - 4), st[2]):
        yield Problem("SE must count the segments from ST to SE and repeat ST02.", "SE01")


def _interchange(isa: list[str], lines: list[tuple[str, ...]]) -> Interchange:
    gs, st = lines[1], lines[2]
    return Interchange(
        sender_qualifier=isa[5],
        sender_id=isa[6].strip(),
        receiver_qualifier=isa[7],
        receiver_id=isa[8].strip(),
        control_number=isa[13],
        usage=isa[15],
        repetition_separator=isa[11],
        component_separator=isa[16],
        functional_id=gs[1],
        application_sender=gs[2],
        application_receiver=gs[3],
        group_control_number=gs[6],
        version=gs[8],
        transaction_id=st[1],
        transaction_control_number=st[2],
        segments=tuple(Segment(number, line) for number, line in enumerate(lines[2:-2], start=1)),
    )


def write_reply(
    question: Interchange,
    *,
    functional_id: str,
    version: str,
    transaction_id: str,
    body: Sequence[Line],
    control_number: int,
    now: datetime,
    names_guide: bool = True,
) -> str:
    """An interchange back to the sender of `question`, written with separators of our own: `*`, `~`, `^` and `>`.

    Trailing empty elements are cut off. What is repeated from the question may hold one of our separators where the
    question had others: X12 has no escape, so it becomes a space. `names_guide`: ST03 repeats the version.
    """
    isa = (
        "ISA*00*          *00*          "
        f"*{question.receiver_qualifier}*{question.receiver_id:<15}*{question.sender_qualifier}*{question.sender_id:<15}"
        f"*{now:%y%m%d}*{now:%H%M}*^*00501*{control_number:09d}*0*{question.usage}*>"
    )
    lines: list[Line] = [
        (
            *("GS", functional_id, question.application_receiver, question.application_sender),
            *(f"{now:%Y%m%d}", f"{now:%H%M%S}", str(control_number), "X", version),
        ),
        ("ST", transaction_id, "0001", version if names_guide else ""),
        *body,
        ("SE", str(len(body) + 2), "0001"),
        ("GE", "1", str(control_number)),
        ("IEA", "1", f"{control_number:09d}"),
    ]
    return "~".join([isa, *("*".join(map(_clean, line)).rstrip("*") for line in lines), ""])


def _clean(element: str | tuple[str, ...] | Composite) -> str:
    if isinstance(element, Composite):
        return ">".join(_SEPARATORS.sub(" ", part) for part in element.parts).rstrip(">")
    repeats = (element,) if isinstance(element, str) else element
    return "^".join(_SEPARATORS.sub(" ", repeat) for repeat in repeats)
