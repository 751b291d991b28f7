"""Segments of the professional claim's guide (005010X222A1) that stand in many of its loops: names, numbers, dates, money.

Composites are written with colons here, whatever the interchange separates their parts with.
"""

from collections.abc import Mapping
from typing import Final

from app.sandbox.loops import (
    DATE,
    DATE_OR_RANGE,
    MONEY,
    NOT_USED,
    QUANTITY,
    Form,
    LoopRule,
    Slot,
    code,
    optional,
    text,
)

COMPOSITES: Final = frozenset(
    {("CLM", 5), ("CLM", 11), ("SV1", 1), ("SV1", 7), ("SVD", 3), ("SV5", 1), ("CTP", 5), ("REF", 4), ("MEA", 4)}
    | {("HI", number) for number in range(1, 13)}
)
"""Segment and element. In all others the component separator has no business."""

ANY: Final = 1_000_000
RANK = code("[PSTA-HU]")
FILING = code("11|12|13|14|15|16|17|AM|BL|CH|CI|DS|FI|HM|LM|MA|MB|MC|OF|TV|VA|WC|ZZ")
MEDICARE_TYPE = optional(code("12|13|14|15|16|41|42|43|47"))
RELATIONSHIP = "01|19|20|21|39|40|53|G8"
_MODIFIER = r"(?::(?:[A-Z0-9]{2})?)"
PROCEDURE = code(rf"(?:ER|HC|IV|WK):[A-Z0-9]{{1,48}}(?:{_MODIFIER}{{0,4}}|{_MODIFIER}{{4}}:[^:]{{1,80}})(?<!:)")
_CHANGE = (f"-?(?:{QUANTITY[0]})", QUANTITY[1])
"""Units that a reduction took off; below zero where it gave some back."""
POINTER = r"(?:[1-9]|1[0-2])"


def named(*, first: bool = True) -> dict[int, Form]:
    if not first:
        return {3: text(60)}
    return {3: text(60), 4: optional(text(35)), 5: optional(text(25)), 7: optional(text(10))}


def nm1(entity: str, kinds: str, elements: Mapping[int, Form]) -> Slot:
    return Slot("NM1", 1, 1, {1: code(entity), 2: code(kinds), **elements}, by=entity)


def identified(qualifiers: str) -> dict[int, Form]:
    return {8: code(qualifiers), 9: text(80, 2)}


def ref(qualifiers: str, most: int = 1, least: int = 0, *, of_payer: bool = False) -> Slot:
    """`of_payer`: a line's number may say in REF04 whose it is."""
    whose: dict[int, Form] = {4: optional(code(r"2U:.{1,50}"))} if of_payer else {}
    return Slot("REF", least, most, {1: code(qualifiers), 2: text(50), **whose}, by=qualifiers)


def dtp(qualifiers: str, form: str = "D8", most: int = 1, least: int = 0) -> Slot:
    dates = DATE if form == "D8" else DATE_OR_RANGE
    return Slot("DTP", least, most, {1: code(qualifiers), 2: code(form), 3: dates}, by=qualifiers)


def amt(qualifier: str) -> Slot:
    return Slot("AMT", 0, 1, {1: code(qualifier), 2: MONEY}, by=qualifier)


def lax(segment_id: str, most: int, *, least: int = 0, by: str = "") -> Slot:
    return Slot(segment_id, least, most, by=by)


def address(least: int = 1) -> tuple[Slot, Slot]:
    return (
        Slot("N3", least, 1, {1: text(55), 2: optional(text(55))}),
        Slot(
            "N4",
            least,
            1,
            {
                1: text(30, 2),
                2: optional(code("[A-Z]{2}")),
                3: optional(text(15, 3)),
                4: optional(code("[A-Z]{2,3}")),
                7: optional(text(3)),
            },
        ),
    )


def per(channels: str, least: int, most: int) -> Slot:
    more = {5: optional(code(channels)), 6: optional(text(256)), 7: optional(code(channels)), 8: optional(text(256))}
    return Slot("PER", least, most, {1: code("IC"), 2: optional(text(60)), 3: code(channels), 4: text(256), **more})


def hl(level: str, children: str) -> Slot:
    number = (r"\d{1,12}", "6")
    parent = NOT_USED if level == "20" else number
    return Slot("HL", 1, 1, {1: number, 2: parent, 3: code(level), 4: code(children)}, by=level, by_element=3)


def sbr(relationship: Form) -> Slot:
    groups = {3: optional(text(50)), 4: optional(text(60))}
    return Slot("SBR", 1, 1, {1: RANK, 2: relationship, **groups, 5: MEDICARE_TYPE, 9: FILING})


def cas() -> Slot:
    """A group, and up to six times reason, amount, quantity. Whether reason and amount come together is an edit."""
    triplets = {
        number: optional(form)
        for first in range(2, 20, 3)
        for number, form in ((first, code("[A-Z0-9]{1,5}")), (first + 1, MONEY), (first + 2, _CHANGE))
    }
    return Slot("CAS", 0, 5, {1: code("CO|CR|OA|PI|PR"), **triplets})


NPI = {8: optional(code("XX")), 9: optional(text(80, 2))}
DMG = {1: code("D8"), 2: DATE, 3: code("[FMU]")}
PAT_STATE = {5: optional(code("D8")), 6: optional(DATE), 7: optional(code("01")), 8: optional(MONEY)}
PHONES = "EM|EX|FX|TE"


def provider(
    name: str, entity: str, kinds: str, refs: Slot, *, least: int = 0, most: int = 1, elements: Mapping[int, Form]
) -> LoopRule:
    taxonomy = (Slot("PRV", 0, 1, {1: code("PE"), 2: code("PXC"), 3: text(50)}),) if entity == "82" else ()
    return LoopRule(name, least, most, (nm1(entity, kinds, elements), *taxonomy, refs))


def place(name: str, entity: str, refs: tuple[Slot, ...] = (), elements: Mapping[int, Form] | None = None) -> LoopRule:
    return LoopRule(name, 0, 1, (nm1(entity, "2", elements or {}), *address(), *refs))
