"""The segments of a claim being written: a draft that also knows composites, amounts, quantities and codes.

What an 837P cannot carry is a finding at its JSON pointer in the claim and its X12 place; nothing is rounded, cut off
or left out to make it fit. No message holds a value.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from app.domain.findings import Severity
from app.domain.identifiers import is_npi
from app.domain.money import LARGEST_AMOUNT, is_money
from app.x12.drafts import Draft, Element, Value, basic
from app.x12.elements import write_amount, write_quantity
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


class Amount(NamedTuple):
    """Money of element 782. `signed` where a payer may say less than zero: CAS only."""

    amount: Decimal | None
    pointer: str
    signed: bool = False


class Quantity(NamedTuple):
    """Units of element 380. `least` is None where a payer may say less than zero: CAS only."""

    quantity: Decimal | None
    pointer: str
    least: Decimal | None = None


class Code(NamedTuple):
    """A value of a list or a fixed form, asked about after normalisation."""

    text: str | None
    pointer: str
    fits: Callable[[str], object]
    fault: Fault = VALUE_INVALID
    required: bool = True


class Composite(NamedTuple):
    """Components of one element; empty ones at its end are not written."""

    components: Sequence["str | Value | Code"]


ClaimElement = Element | Amount | Quantity | Code | Composite


class ClaimDraft(Draft):
    """The draft of one claim's transaction set."""

    def add(self, loop: str | None, segment_id: str, *elements: ClaimElement) -> None:
        texts = [segment_id]
        for position, element in enumerate(elements, start=1):
            if isinstance(element, str):  # most are, and need no place
                texts.append(element)
            else:
                texts.append(self._written(element, location(loop, segment_id, position)))
        while not texts[-1]:
            texts.pop()
        self.segments.append(self.separators.element.join(texts))

    def _written(self, element: ClaimElement, place: str | None) -> str:
        match element:
            case str():
                text = element
            case Value():
                text = self._text(element, place)
            case Code():
                text = self._code(element, place)
            case Amount():
                text = self._amount(element, place)
            case Quantity():
                text = self._quantity(element, place)
            case Composite():
                text = self._composite(element, place)
            case _:
                text = self._repeated(element, place)
        return text

    def _amount(self, amount: Amount, place: str | None) -> str:
        money = amount.amount
        fault = None if money is None else money_fault(money, signed=amount.signed)
        if fault is not None:
            self.refuse(fault, amount.pointer, place)
            return ""
        text = None if money is None else write_amount(money)
        return self._text(Value(text, amount.pointer, longest=18, exact=True), place)

    def _quantity(self, quantity: Quantity, place: str | None) -> str:
        number = quantity.quantity
        text = None if number is None else write_quantity(number)
        if number is not None and (text is None or (quantity.least is not None and number < quantity.least)):
            self.refuse(QUANTITY_RANGE, quantity.pointer, place)
            return ""
        return self._text(Value(text, quantity.pointer, longest=15, exact=True), place)

    def _code(self, code: Code, place: str | None) -> str:
        text = basic(code.text or "")
        if text and not code.fits(text):
            self.refuse(code.fault, code.pointer, place)
            return ""
        return self._text(Value(text, code.pointer, longest=80, required=code.required, exact=True), place)

    def _composite(self, composite: Composite, place: str | None) -> str:
        texts = [
            self._written(component, f"{place}-{number}")
            for number, component in enumerate(composite.components, start=1)
        ]
        while texts and not texts[-1]:
            texts.pop()
        return self.separators.component.join(texts)

    def require_npi(self, npi: str | None, pointer: str, place: str) -> None:
        """The check digit of what goes out as NM109 under XX (45 CFR 162.406)."""
        if npi and not is_npi(npi):
            self.refuse(NPI_FORMAT, pointer, place)

    def limit(self, values: Sequence[object], most: int, pointer: str, place: str) -> None:
        if len(values) > most:
            self.refuse(REPEAT_EXCEEDED, pointer, place, f"At most {most} of these fit into a claim.")

    def require_some(self, values: Sequence[object], pointer: str, place: str) -> None:
        if not values:
            self.refuse(VALUE_MISSING, pointer, place)


def money_fault(amount: Decimal, *, signed: bool) -> Fault | None:
    """Why an amount cannot stand in an 837."""
    if not amount.is_finite() or amount.copy_abs() > LARGEST_AMOUNT or (amount < 0 and not signed):
        return MONEY_RANGE
    return None if is_money(amount) else MONEY_FORMAT
