"""How an implementation guide is written down here: loops, segments and elements as data, in a notation of our own.

A loop is a list of parts, segments and loops, in the order of the guide; its first part begins it. A segment is a line:

    "REF ?3 =G2,LU !an50 -*2"

its name, its use and how often, its elements. Use is ``!`` required, ``?`` situational, ``-`` not used by the guide though
the standard has the element. An element is its use with a kind (`element_kinds`) or with a list of codes, of which one
with ``?`` behind it is read but outdated; ``=`` is a required code that tells segments of one name apart, by which they
find their places; components stand in parentheses; ``*n`` is n of the same. A word without a mark is a syntax note of the
standard: P0304 both or none, C0704 the first needs the others, L050607 the first needs one of the others, R0203 at least
one, E0207 at most one.

Parts of one name that follow one another have one place: the guide does not order them among themselves.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from app.x12.element_kinds import COMPONENT_SEPARATOR, SEPARATOR, Kind, kind

_TOKEN: Final = re.compile(r"[^\s()]*\([^()]*\)[^\s()]*|\S+")
_TIMES: Final = re.compile(r"(.+)\*([0-9]+)")
_CONDITION: Final = re.compile(r"[PRCLE](?:[0-9]{2}){2,}")
_UNLIMITED: Final = "*"


class Condition(NamedTuple):
    """A syntax note: its letter and the positions it binds, from 1."""

    letter: str
    positions: tuple[int, ...]

    def holds(self, contents: Sequence[str]) -> bool:
        stands = [position < len(contents) and contents[position] != "" for position in self.positions]
        match self.letter:
            case "P":
                return all(stands) or not any(stands)
            case "R":
                return any(stands)
            case "E":
                return sum(stands) <= 1
            case "C":
                return not stands[0] or all(stands)
            case _:
                return not stands[0] or any(stands[1:])

    @property
    def concerns_from(self) -> int:
        """A segment with fewer elements than this keeps it."""
        match self.letter:
            case "R":
                return 0
            case "E":
                return sorted(self.positions)[1]
            case "P":
                return min(self.positions)
            case _:
                return self.positions[0]


@dataclass(frozen=True, kw_only=True)
class Element:
    """One element or component. `kind` is None where codes or components say what it is, or where it is not used."""

    is_used: bool
    is_required: bool
    kind: Kind | None = None
    codes: frozenset[str] = frozenset()
    outdated_codes: frozenset[str] = frozenset()
    components: tuple["Element", ...] = ()
    tells_apart: bool = False

    @cached_property
    def pattern(self) -> str:
        """Of content that is certainly right, and of none that asks for a warning."""
        if self.components:
            return _sequence_pattern(self.components, COMPONENT_SEPARATOR, "") + f"(?<!{COMPONENT_SEPARATOR})"
        if self.kind is not None:
            return self.kind.pattern
        return "(?:" + "|".join(map(re.escape, sorted(self.codes - self.outdated_codes))) + ")"


class Qualifier(NamedTuple):
    """What tells a segment from others of its name: an element, or the first component of one, and its codes."""

    position: int
    is_component: bool
    codes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class SegmentUse:
    """A segment at its place in the guide. `most` is None where there is no limit."""

    name: str
    is_required: bool
    most: int | None
    elements: tuple[Element, ...]
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def qualifiers(self) -> tuple[Qualifier, ...]:
        found = []
        for position, element in enumerate(self.elements, start=1):
            first = element.components[0] if element.components else element
            if first.tells_apart:
                found.append(Qualifier(position, bool(element.components), first.codes))
        return tuple(found)

    @cached_property
    def label(self) -> str:
        """As people call it: ``REF*G2``."""
        if not self.qualifiers or self.qualifiers[0].position > 1:
            return self.name
        return f"{self.name}*{','.join(sorted(self.qualifiers[0].codes))}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Of a segment that is certainly right but for its loose conditions, with `SEPARATOR` between the elements."""
        pairs = frozenset(one.positions[0] for one in self.conditions if _is_pair(one, self.elements))
        body = _sequence_pattern(self.elements, SEPARATOR, SEPARATOR, pairs)
        return re.compile(f"{self.name}{body}(?<!{SEPARATOR})", re.ASCII)

    @cached_property
    def loose_conditions(self) -> tuple[Condition, ...]:
        """Those that the pattern does not say."""
        return tuple(one for one in self.conditions if not _is_pair(one, self.elements))

    @cached_property
    def loose_from(self) -> int:
        """How many elements a segment must have for one of those to matter."""
        return min((one.concerns_from for one in self.loose_conditions), default=10_000)


@dataclass(frozen=True, kw_only=True)
class LoopUse:
    """A loop at its place in the guide; the first part begins it."""

    id: str
    is_required: bool
    most: int | None
    parts: tuple["Part", ...]

    @property
    def opener(self) -> SegmentUse:
        return next(part for part in self.parts if isinstance(part, SegmentUse))  # the first: `loop` sees to it

    @property
    def name(self) -> str:
        return self.opener.name

    @property
    def qualifiers(self) -> tuple[Qualifier, ...]:
        return self.opener.qualifiers


Part: TypeAlias = SegmentUse | LoopUse


@dataclass(frozen=True, kw_only=True, eq=False)
class Guide:
    """`root` is the transaction set between its ST and SE: a loop that no segment of its own begins.

    There is one of each: a guide is equal to itself alone, so that what is worked out from it can be kept by it.
    """

    id: str
    root: LoopUse

    @cached_property
    def segments(self) -> tuple[SegmentUse, ...]:
        return tuple(_segments_of(self.root))

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(use.name for use in self.segments)


def segment(line: str) -> SegmentUse:
    name, use, *tokens = _TOKEN.findall(line)
    conditions = [token for token in tokens if _CONDITION.fullmatch(token)]
    is_required, most = _use(use)
    return SegmentUse(
        name=name,
        is_required=is_required,
        most=most,
        elements=tuple(_elements(token for token in tokens if token not in conditions)),
        conditions=tuple(_condition(token) for token in conditions),
    )


def loop(loop_id: str, use: str, *parts: str | Part) -> LoopUse:
    is_required, most = _use(use)
    read = tuple(segment(part) if isinstance(part, str) else part for part in parts)
    if not isinstance(read[0], SegmentUse):
        raise TypeError(f"loop {loop_id} does not begin with a segment")
    return LoopUse(id=loop_id, is_required=is_required, most=most, parts=read)


def _use(text: str) -> tuple[bool, int | None]:
    most = text[1:]
    return text[0] == "!", None if most == _UNLIMITED else int(most)


def _condition(token: str) -> Condition:
    digits = token[1:]
    return Condition(token[0], tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2)))


def _elements(tokens: Iterable[str]) -> Iterable[Element]:
    for token in tokens:
        times = _TIMES.fullmatch(token)
        element = _element(times[1] if times else token)
        yield from [element] * (int(times[2]) if times else 1)


def _element(token: str) -> Element:
    mark, said = token[0], token[1:]
    if mark == "-":
        return Element(is_used=False, is_required=False)
    is_required = mark in "!="
    if said.startswith("("):
        components = tuple(_elements(said.strip("()").split()))
        return Element(is_used=True, is_required=is_required, components=components)
    if said[0].islower():
        return Element(is_used=True, is_required=is_required, kind=kind(said))
    codes = said.split(",")
    return Element(
        is_used=True,
        is_required=is_required,
        codes=frozenset(code.removesuffix("?") for code in codes),
        outdated_codes=frozenset(code.removesuffix("?") for code in codes if code.endswith("?")),
        tells_apart=mark == "=",
    )


def _is_pair(condition: Condition, elements: tuple[Element, ...]) -> bool:
    """Two neighbours that stand both or not at all: the pattern can say that."""
    if condition.letter != "P" or len(condition.positions) != 2:
        return False
    first, second = condition.positions
    return second == first + 1 and not elements[first - 1].is_required and not elements[second - 1].is_required


def _sequence_pattern(
    elements: tuple[Element, ...], separator: str, before_first: str, pairs: frozenset[int] = frozenset()
) -> str:
    """Elements with a separator before each; none is left over at the end, which is what the caller adds."""
    last_required = max((at for at, one in enumerate(elements) if one.is_required), default=-1)
    last_used = max((at for at, one in enumerate(elements) if one.is_used), default=-1)
    pieces: list[str] = []
    open_groups, at = 0, 0
    while at <= last_used:
        before = separator if at else before_first
        if at > last_required:
            pieces.append("(?:")
            open_groups += 1
        if at + 1 in pairs:
            first, second = elements[at].pattern, elements[at + 1].pattern
            pieces.append(f"{before}(?:{first}{separator}{second}|{separator})")
            at += 2
            continue
        one = elements[at]
        content = one.pattern if one.is_required else f"(?:{one.pattern})?" if one.is_used else ""
        pieces.append(before + content)
        at += 1
    return "".join(pieces) + ")?" * open_groups


def _segments_of(part: Part) -> Iterable[SegmentUse]:
    if isinstance(part, SegmentUse):
        yield part
        return
    for below in part.parts:
        yield from _segments_of(below)
