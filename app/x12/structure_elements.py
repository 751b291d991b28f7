"""The elements of one segment against its guide: use, length, type, codes, components and syntax notes.

A segment that the pattern of its place matches has no fault and is looked at no further; that is nearly every one.
Each element has one finding at most, the first that applies.
"""

from collections.abc import Iterator, Sequence

from app.x12.element_kinds import COMPONENT_SEPARATOR, SEPARATOR
from app.x12.findings import Report
from app.x12.guides import Element, SegmentUse
from app.x12.rules import Rule
from app.x12.segments import Segment, content
from app.x12.structure_rules import (
    CODE_NOT_IN_LIST,
    CODE_OUTDATED,
    CONDITION_BROKEN,
    ELEMENT_FORBIDDEN,
    ELEMENT_MISSING,
    EXCLUSION_BROKEN,
    TOO_MANY_COMPONENTS,
    TOO_MANY_ELEMENTS,
    TOO_MANY_REPETITIONS,
    TRAILING_BLANKS,
    TRAILING_SEPARATORS,
)

_ALREADY_SPLIT = "\x1e"
"""Put for the repetition separator, so that no pattern matches."""


def check_elements(segment: Segment, use: SegmentUse, loop_id: str, report: Report) -> None:
    elements, separators = segment.elements, segment.separators
    text = SEPARATOR.join(elements).replace(separators.component, COMPONENT_SEPARATOR)
    if separators.repetition:
        text = text.replace(separators.repetition, _ALREADY_SPLIT)
    if use.pattern.fullmatch(text) and (
        len(elements) <= use.loose_from or all(one.holds(elements) for one in use.loose_conditions)
    ):
        return
    for position, rule, component in _faults(segment, use):
        message = None if component is None else f"Component {component}: {rule.message}"
        report.add(rule, segment, element=position, loop=loop_id, message=message)


def _faults(segment: Segment, use: SegmentUse) -> Iterator[tuple[int, Rule, int | None]]:
    """Position of the element, what is wrong with it, and with which component."""
    contents = [content(element) for element in segment.elements]
    length = len(contents)
    while length > 1 and not contents[length - 1]:
        length -= 1
    if length < len(contents):
        yield len(contents) - 1, TRAILING_SEPARATORS, None
    del contents[length:]
    at_fault: set[int] = set()
    said_outdated = False
    for position, element in enumerate(use.elements, start=1):
        for rule, component in _element_faults(segment, contents, position, element):
            if rule is CODE_OUTDATED and said_outdated:
                continue  # the codes of one segment are of one edition
            said_outdated = said_outdated or rule is CODE_OUTDATED
            at_fault.add(position)
            yield position, rule, component
    if length > len(use.elements) + 1:
        yield len(use.elements) + 1, TOO_MANY_ELEMENTS, None
    for condition in use.conditions:
        if not condition.holds(contents) and at_fault.isdisjoint(condition.positions):
            rule = EXCLUSION_BROKEN if condition.letter == "E" else CONDITION_BROKEN
            yield _position_of(condition.positions, contents), rule, None


def _position_of(positions: Sequence[int], contents: Sequence[str]) -> int:
    """The first of these that is empty: what should stand there; or the last, of two that exclude each other."""
    return next((one for one in positions if one >= len(contents) or not contents[one]), positions[-1])


def _element_faults(
    segment: Segment, contents: list[str], position: int, element: Element
) -> Iterator[tuple[Rule, int | None]]:
    text = contents[position] if position < len(contents) else ""
    separators = segment.separators
    if not text:
        if element.is_required:
            yield ELEMENT_MISSING, None
        elif position < len(contents) and segment.elements[position]:
            yield TRAILING_BLANKS, None
    elif not element.is_used:
        yield ELEMENT_FORBIDDEN, None
    elif separators.repetition and separators.repetition in text:
        yield TOO_MANY_REPETITIONS, None
    elif element.components:
        yield from _component_faults(text.split(separators.component), element)
    elif separators.component in text:
        yield TOO_MANY_COMPONENTS, None
    else:
        rule = _value_fault(contents, position, element)
        if rule is not None:
            yield rule, None
        elif segment.elements[position].endswith(" "):
            yield TRAILING_BLANKS, None


def _component_faults(parts: list[str], composite: Element) -> Iterator[tuple[Rule, int | None]]:
    length = len(parts)
    while length > 1 and not parts[length - 1]:
        length -= 1
    if length < len(parts):
        yield TRAILING_SEPARATORS, len(parts)
    del parts[length:]
    for index, element in enumerate(composite.components):
        text = parts[index] if index < length else ""
        if not text:
            if element.is_required:
                yield ELEMENT_MISSING, index + 1
        elif not element.is_used:
            yield ELEMENT_FORBIDDEN, index + 1
        else:
            rule = _value_fault(parts, index, element)
            if rule is not None:
                yield rule, index + 1
    if length > len(composite.components):
        yield TOO_MANY_COMPONENTS, len(composite.components) + 1


def _value_fault(contents: Sequence[str], index: int, element: Element) -> Rule | None:
    if element.kind is not None:
        return element.kind.check(contents, index)
    if contents[index] not in element.codes:
        return CODE_NOT_IN_LIST
    return CODE_OUTDATED if contents[index] in element.outdated_codes else None
