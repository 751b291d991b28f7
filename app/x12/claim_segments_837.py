"""The segments of a claim being written: a draft whose elements know what they can carry and what they are called.

What an 837P cannot carry is a finding at its JSON pointer in the claim and its X12 place; nothing is rounded, cut off
or left out to make it fit. No message holds a value. Pointers and places are made when something is wrong, not before.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from app.domain.findings import Severity
from app.domain.money import LARGEST_AMOUNT, is_money
from app.x12.drafts import Alphabet, Draft
from app.x12.findings import VALUE_INVALID, VALUE_MISSING, Fault, location

LIABILITY_AT_TWO_LEVELS: Final = Fault(
    "liability_at_two_levels", "IK304 I9", Severity.ERROR, "What is left to pay stands at the claim or at its lines."
)
MONEY_FORMAT: Final = Fault("money_format", "IK403 6", Severity.ERROR, "An amount has whole cents.")
MONEY_RANGE: Final = Fault(
    "money_range", "IK403 5", Severity.ERROR, "The amount is negative where it may not be, or above 99999999.99."
)
QUANTITY_RANGE: Final = Fault(
    "quantity_range", "IK403 5", Severity.ERROR, "A quantity has at most eight digits, three of them decimals."
)
REPEAT_EXCEEDED: Final = Fault("repeat_exceeded", "IK304 5", Severity.ERROR, "More of these than a claim can carry.")
VALUE_REPEATED: Final = Fault("value_repeated", "IK403 I6", Severity.ERROR, "Each of these must be different.")
NPI_FORMAT: Final = Fault("npi_format", "IK403 7", Severity.ERROR, "An NPI has ten digits whose check digit holds.")

_Value_contra = TypeVar("_Value_contra", contravariant=True)


class ElementKind(Protocol[_Value_contra]):
    """What an element or component can carry: see `claim_elements_837`."""

    @property
    def name(self) -> str:
        """The value's place below the pointer of its segment."""

    def quick(self, value: _Value_contra, alphabet: Alphabet) -> str | None:
        """The value as it goes out, where one look tells that it can; None where it takes a closer one."""

    def careful(self, value: _Value_contra, draft: Draft, pointer: str, place: str | None) -> str:
        """The value as it goes out, with a finding in the draft for each reason why it cannot."""


ClaimElement: TypeAlias = (
    str
    | tuple[str | None, ElementKind[str | None]]
    | tuple[Decimal, ElementKind[Decimal]]
    | tuple[Decimal | None, ElementKind[Decimal | None]]
)
"""A constant of the guide or what a composite came to, or a value with the kind of element that it stands in."""


class ClaimDraft(Draft):
    """The draft of one claim's transaction set."""

    def constant(self, *texts: str) -> None:
        """A segment in which nothing can be wrong: codes of the guide, counts and dates. None of them at its end is
        empty.
        """
        self.segments.append(self.separators.element.join(texts))

    def put(self, loop: str | None, segment_id: str, pointer: str, *elements: ClaimElement) -> None:
        """One segment with values from below `pointer`; empty elements at its end are not written."""
        texts = [segment_id]
        self._add_texts(texts, elements, pointer, loop, segment_id)
        while not texts[-1]:
            texts.pop()
        self.segments.append(self.separators.element.join(texts))

    def composite(self, place: str, pointer: str, *components: ClaimElement) -> str:
        """One element of several components, at `place`; empty ones at its end are not written."""
        texts: list[str] = []
        self._add_texts(texts, components, pointer, place, None)
        while texts and not texts[-1]:
            texts.pop()
        return self.separators.component.join(texts)

    def _add_texts(
        self, texts: list[str], elements: Sequence[ClaimElement], pointer: str, loop: str | None, segment_id: str | None
    ) -> None:
        """`loop` is the place of the composite where there is no segment id."""
        alphabet = self.alphabet
        value: Any
        kind: Any  # the one that goes with the value
        for element in elements:
            if isinstance(element, str):  # most are, and need no look
                texts.append(element)
                continue
            value, kind = element
            text: str | None = kind.quick(value, alphabet)
            if text is None:
                position = len(texts)  # the segment's id stands before its elements, and nothing before components
                place = f"{loop}-{position + 1}" if segment_id is None else location(loop, segment_id, position)
                text = kind.careful(value, self, f"{pointer}/{kind.name}", place)
            texts.append(text)

    def limit(self, values: Sequence[object], most: int, pointer: str, place: str) -> None:
        if len(values) > most:
            self.refuse(REPEAT_EXCEEDED, pointer, place, f"At most {most} of these fit into a claim.")

    def require_some(self, values: Sequence[object], pointer: str, place: str) -> None:
        if not values:
            self.refuse(VALUE_MISSING, pointer, place)

    def refuse_unplaced(self, value: object, pointer: str, place: str) -> None:
        """A value that has no place here would be lost without a word."""
        if value is not None and value != "":
            self.refuse(VALUE_INVALID, pointer, place, "A claim has no place for this here.")


def money_fault(amount: Decimal, *, signed: bool) -> Fault | None:
    """Why an amount cannot stand in an 837."""
    if not amount.is_finite() or amount.copy_abs() > LARGEST_AMOUNT or (amount < 0 and not signed):
        return MONEY_RANGE
    return None if is_money(amount) else MONEY_FORMAT
