"""What the elements of a claim can carry: texts, codes, money and quantities, each kind with its length and its faults.

Every kind looks twice. The quick look answers for a value that is as it should be, which nearly all are, and its answer is
what the careful one would give; the careful one says what is wrong.
"""

import functools
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from app.domain.identifiers import is_npi
from app.x12.claim_segments_837 import NPI_FORMAT, QUANTITY_RANGE, money_fault
from app.x12.drafts import Alphabet, Draft, Value, basic_code
from app.x12.elements import write_amount, write_quantity
from app.x12.findings import VALUE_INVALID, Fault

_MONEY: Final = re.compile(r"0?((?:[1-9][0-9]{0,7})?(?:\.[0-9]?[1-9])?)(?:\.00?|(?<=\.[1-9])0)?", re.ASCII).fullmatch
"""An amount in its usual form; the group is what `write_amount` has of it, but for nothing at all."""


class Text:
    """A value in the documented normalisation, or one that comes back as it is sent (`exact`)."""

    __slots__ = ("exact", "longest", "name", "required", "shortest")

    def __init__(
        self, name: str, longest: int, *, shortest: int = 1, required: bool = True, exact: bool = False
    ) -> None:
        self.name = name
        self.longest = longest
        self.shortest = shortest
        self.required = required
        self.exact = exact

    def quick(self, value: str | None, alphabet: Alphabet) -> str | None:
        if not value:
            return None if self.required else ""
        if not self.shortest <= len(value) <= self.longest:
            return None
        if self.exact:
            return value if alphabet.is_exact(value) else None
        return value.upper() if alphabet.is_plain(value) else None

    def careful(self, value: str | None, draft: Draft, pointer: str, place: str | None) -> str:
        return draft.text(Value(value, pointer, self.longest, self.shortest, self.required, self.exact), place)


class Code:
    """A value of a list or a fixed form, asked about after normalisation, or as it is (`exact`). `fits` takes capital
    letters and digits only: no delimiter can be in a code.
    """

    __slots__ = ("exact", "fault", "fits", "name", "required")

    def __init__(
        self,
        name: str,
        fits: Callable[[str], object],
        fault: Fault = VALUE_INVALID,
        *,
        required: bool = True,
        exact: bool = False,
    ) -> None:
        self.name = name
        self.fits = fits
        self.fault = fault
        self.required = required
        self.exact = exact

    def quick(self, value: str | None, _: Alphabet) -> str | None:
        if not value:
            return None if self.required else ""
        return value if self.fits(value) else None

    def careful(self, value: str | None, draft: Draft, pointer: str, place: str | None) -> str:
        text = (value or "") if self.exact else basic_code(value or "")
        if text and not self.fits(text):
            draft.refuse(self.fault, pointer, place)
            return ""
        return draft.text(Value(text, pointer, longest=80, required=self.required, exact=True), place)


class Amount:
    """Money of element 782. `signed` where a payer may say less than zero: CAS only."""

    __slots__ = ("name", "required", "signed")

    def __init__(self, name: str, *, signed: bool = False, required: bool = True) -> None:
        self.name = name
        self.signed = signed
        self.required = required

    def quick(self, value: Decimal | None, alphabet: Alphabet) -> str | None:
        match = None if value is None or not alphabet.has_numbers else _MONEY(str(value))
        return None if match is None else match[1] or "0"

    def careful(self, value: Decimal | None, draft: Draft, pointer: str, place: str | None) -> str:
        fault = None if value is None else money_fault(value, signed=self.signed)
        if fault is not None:
            draft.refuse(fault, pointer, place)
            return ""
        text = None if value is None else write_amount(value)
        return draft.text(Value(text, pointer, longest=18, required=self.required, exact=True), place)


class Quantity:
    """Units of element 380, and percentages. `least` is None where a payer may say less than zero: CAS only."""

    __slots__ = ("digits", "fault", "least", "name", "required")

    def __init__(
        self,
        name: str,
        *,
        least: Decimal | None = None,
        digits: int = 8,
        fault: Fault = QUANTITY_RANGE,
        required: bool = True,
    ) -> None:
        self.name = name
        self.least = least
        self.digits = digits
        self.fault = fault
        self.required = required

    def quick(self, value: Decimal | None, alphabet: Alphabet) -> str | None:
        text = None if value is None or not alphabet.has_numbers else _quantity(str(value))
        return text if text is not None and self._holds(value, text) else None

    def careful(self, value: Decimal | None, draft: Draft, pointer: str, place: str | None) -> str:
        text = None if value is None else write_quantity(value)
        if value is not None and (text is None or not self._holds(value, text)):
            draft.refuse(self.fault, pointer, place)
            return ""
        return draft.text(Value(text, pointer, longest=15, required=self.required, exact=True), place)

    def _holds(self, value: Decimal | None, text: str) -> bool:
        """Eight digits are the most that any has."""
        fits = self.digits >= 8 or sum(map(str.isdigit, text)) <= self.digits
        return fits and (self.least is None or value is None or value >= self.least)


def reference_number(name: str) -> Text:
    """REF02."""
    return Text(name, 50)


@functools.lru_cache(maxsize=4096)
def _is_npi(text: str) -> bool:
    return is_npi(text)


def npi(*, required: bool) -> Code:
    """NM109 under XX, with its check digit (45 CFR 162.406)."""
    return Code("npi", _is_npi, NPI_FORMAT, required=required)


@functools.lru_cache(maxsize=4096)
def _quantity(text: str) -> str | None:
    return write_quantity(Decimal(text))
