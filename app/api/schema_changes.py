"""Compares two JSON Schemas of the kinds our document is made of: what a request may hold, what an answer is sure to hold.

Reads types, enums, patterns, formats, bounds, members, items and alternatives. Where the answer would need a proof (one
pattern inside another), a change counts as a break.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any, TypeAlias, cast

Json: TypeAlias = dict[str, Any]


class Direction(Enum):
    """A request's schema may only widen, a response's only narrow or gain members."""

    REQUEST = "request"
    RESPONSE = "response"


_LOWER_BOUNDS = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_UPPER_BOUNDS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")


def resolve(document: Json, node: Any) -> Json:
    """The node itself, or what its reference into the document leads to; an empty one for none."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node if isinstance(node, dict) else {}


class SchemaChanges:
    """Comparisons between one pair of documents; a pair of references is followed once, so that recursion ends."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new

    def compare(self, old: Any, new: Any, direction: Direction, where: str) -> Iterator[str]:
        return self._compare(old, new, direction, where, frozenset())

    def _compare(
        self, old: Any, new: Any, direction: Direction, where: str, followed: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        before, after = _alternatives(self._old, old), _alternatives(self._new, new)
        for kind in sorted(before.keys() - after.keys()):
            if direction is Direction.REQUEST and "any" not in after:
                yield f"{where}: {kind} is no longer taken"
        for kind in sorted(after.keys() - before.keys()):
            if direction is Direction.RESPONSE and "any" not in before:
                yield f"{where}: may be {kind} now"
        for kind in before.keys() & after.keys():
            (old_name, one), (new_name, other) = before[kind], after[kind]
            pair = (old_name, new_name)
            if old_name and pair in followed:
                continue
            yield from self._same_kind(one, other, direction, where, followed | {pair})

    def _same_kind(
        self, old: Json, new: Json, direction: Direction, where: str, followed: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        if direction is Direction.REQUEST:
            yield from _narrowed(old, new, where)
        if old.get("format") != new.get("format") and (direction is Direction.RESPONSE or "format" in new):
            yield f"{where}: format changed"
        yield from self._members(old, new, direction, where, followed)
        if "items" in old and "items" in new:
            yield from self._compare(old["items"], new["items"], direction, f"{where}[]", followed)
        values = (old.get("additionalProperties"), new.get("additionalProperties"))
        if isinstance(values[0], dict) and isinstance(values[1], dict):
            yield from self._compare(*values, direction, f"{where}.*", followed)

    def _members(
        self, old: Json, new: Json, direction: Direction, where: str, followed: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        for name, member in before.items():
            place = f"{where}.{name}"
            if name not in after:
                yield f"{place}: removed"
                continue
            if direction is Direction.RESPONSE and name in was_required - is_required:
                yield f"{place}: became optional"
            yield from self._compare(member, after[name], direction, place, followed)
        if direction is Direction.REQUEST:
            for name in sorted(is_required - was_required):
                yield f"{where}.{name}: became required" if name in before else f"{where}.{name}: required, and new"


def _narrowed(old: Json, new: Json, where: str) -> Iterator[str]:
    taken, takes = _values(old), _values(new)
    if takes is not None and (taken is None or not taken <= takes):
        gone = "" if taken is None else ": " + ", ".join(sorted(map(str, taken - takes)))
        yield f"{where}: values no longer taken{gone}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: pattern changed"
    for bound in _LOWER_BOUNDS:
        if bound in new and (bound not in old or new[bound] > old[bound]) and new[bound] != _NO_BOUND.get(bound):
            yield f"{where}: {bound} raised"
    for bound in _UPPER_BOUNDS:
        if bound in new and (bound not in old or new[bound] < old[bound]):
            yield f"{where}: {bound} lowered"
    if "multipleOf" in new and new["multipleOf"] != old.get("multipleOf"):
        yield f"{where}: multipleOf changed"
    if new.get("uniqueItems") and not old.get("uniqueItems"):
        yield f"{where}: items must be unique now"
    if new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
        yield f"{where}: other members are no longer taken"


_NO_BOUND = {"minLength": 0, "minItems": 0, "minProperties": 0}


def _values(schema: Json) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _alternatives(document: Json, node: Any) -> dict[str, tuple[str, Json]]:
    """The ways a value may be, by type; objects of several kinds by their reference's last word as well."""
    name = cast("str", node.get("$ref", "")) if isinstance(node, dict) else ""
    schema = resolve(document, node)
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if branches:
        found: dict[str, tuple[str, Json]] = {}
        for branch in branches:
            for kind, alternative in _alternatives(document, branch).items():
                word = alternative[0].rpartition("/")[2]
                found[f"{kind} {word}" if kind in found else kind] = alternative
        return found
    kinds = schema.get("type", "any")
    return dict.fromkeys([kinds] if isinstance(kinds, str) else kinds, (name, schema))
