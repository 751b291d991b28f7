"""The four delimiters of an interchange. They are whatever its ISA says, at fixed places; nothing is assumed.

ISA is the one segment with fixed widths (105 characters and a terminator): element separator at index 3, repetition
separator at 82 (ISA11), component separator at 104 (ISA16), segment terminator at 105.
"""

from dataclasses import dataclass
from typing import Final

from app.x12.findings import (
    COMPONENT_SEPARATOR,
    ELEMENT_SEPARATOR,
    ISA_LAYOUT,
    REPETITION_SEPARATOR,
    SEGMENT_TERMINATOR,
    Fault,
)

ISA_LENGTH: Final = 106
_ELEMENT_SEPARATORS_AT: Final = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_BLANKS: Final = " \r\n"  # not str.isspace: it counts the separators 0x1C to 0x1F, which are in use


@dataclass(frozen=True, kw_only=True)
class Separators:
    """`repetition` is None where the ISA names none: before 00402 ISA11 was a letter with another meaning."""

    element: str = "*"
    component: str = ":"
    repetition: str | None = "^"
    segment: str = "~"

    @property
    def all(self) -> tuple[str, ...]:
        named = (self.element, self.component, self.repetition, self.segment)
        return tuple(separator for separator in named if separator is not None)


DEFAULT: Final = Separators()


def read_separators(isa: str) -> tuple[Separators, tuple[Fault, ...]]:
    """The delimiters of an ISA of 106 characters, and what is wrong with them; with a fault they are of no use."""
    repetition = isa[82]
    separators = Separators(
        element=isa[3],
        component=isa[104],
        repetition=None if repetition.isalnum() or repetition == " " else repetition,
        segment=isa[105],
    )
    in_place = all(isa[index] == separators.element for index in _ELEMENT_SEPARATORS_AT)
    if not in_place or isa.count(separators.element, 0, 104) != len(_ELEMENT_SEPARATORS_AT):
        return separators, (ISA_LAYOUT,)
    return separators, check_separators(separators)


def check_separators(separators: Separators) -> tuple[Fault, ...]:
    """Four different characters, none of them a letter, a digit or a blank; only a terminator may be a line end."""
    element, component, segment = separators.element, separators.component, separators.segment
    faults: list[Fault] = []
    if element.isalnum() or element in _BLANKS:
        faults.append(ELEMENT_SEPARATOR)
    if component.isalnum() or component in _BLANKS or component == element:
        faults.append(COMPONENT_SEPARATOR)
    if segment.isalnum() or segment == " " or segment in {element, component}:
        faults.append(SEGMENT_TERMINATOR)
    if separators.repetition is not None and separators.repetition in {element, component, segment}:
        faults.append(REPETITION_SEPARATOR)
    return tuple(faults)
