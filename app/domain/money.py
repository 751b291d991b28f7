"""Money: `Decimal` to the cent, never float."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

ZERO: Final = Decimal("0.00")
CENT: Final = Decimal("0.01")
LARGEST_AMOUNT: Final = Decimal("99999999.99")
"""Element 782 under HIPAA: ten digits with the cents."""


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def is_money(amount: Decimal) -> bool:
    """Whole cents within what an 837 can carry, of either sign."""
    return amount.is_finite() and abs(amount) <= LARGEST_AMOUNT and amount == amount.quantize(CENT)
