"""Element values: decimals, dates and periods of X12, and whether a text is one. Nothing is repaired.

Decimals (type R): an optional minus, digits, an optional point, no exponent, no thousands separators; a leading or
closing point is read although the standard suppresses it differently. Decimals are written as X12.6 has them: no plus,
no zero before the first or after the last digit that counts, a point only before decimals (`.5`, `80`, `-9.1`).
Dates: D8 (CCYYMMDD) and RD8 (two of them).
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from app.domain.money import CENT, LARGEST_AMOUNT, is_money

_LARGEST_QUANTITY: Final = Decimal(99_999_999)
_QUANTITY_DIGITS: Final = 8
_THOUSANDTH: Final = Decimal("0.001")
_DECIMAL: Final = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)
_PLAIN_MONEY: Final = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,2})?", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)


def read_decimal(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def read_money(text: str) -> Decimal | None:
    """Element 782 with two decimals: whole cents of either sign, ten digits at most; None for anything else."""
    if _PLAIN_MONEY.fullmatch(text):
        return Decimal(text).quantize(CENT)  # nearly all there are
    amount = read_decimal(text)
    return amount.quantize(CENT) + 0 if amount is not None and is_money(amount) else None  # + 0: no minus zero


def read_whole(text: str) -> int | None:
    """A count or a numeric control number; leading zeros are no part of the number."""
    return int(text) if _WHOLE.fullmatch(text) else None


def read_date(text: str) -> date | None:
    return _read_day(text) if len(text) == 8 else None


@lru_cache(maxsize=1_024)  # the same few again and again
def _read_day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_period(qualifier: str, text: str) -> tuple[date, date | None] | None:
    """DTP02 and DTP03: one day for D8, first and last day for RD8; None for anything else."""
    if qualifier == "D8":
        day = read_date(text)
        return None if day is None else (day, None)
    first, dash, last = text.partition("-")
    begins, ends = read_date(first), read_date(last)
    if qualifier != "RD8" or not dash or begins is None or ends is None or ends < begins:
        return None
    return begins, ends


def write_date(day: date) -> str:
    """D8. Not strftime: it writes the year 850 with three digits."""
    return day.isoformat().replace("-", "")


def write_amount(amount: Decimal) -> str | None:
    """Element 782 under HIPAA: whole cents, at most ten digits with them; None for any other number."""
    if not _is_within(amount, LARGEST_AMOUNT) or not is_money(amount):
        return None
    return _written(amount.quantize(CENT))


def write_quantity(quantity: Decimal) -> str | None:
    """Element 380 as claims carry it: at most eight digits, at most three of them decimals; None for any other number."""
    if not _is_within(quantity, _LARGEST_QUANTITY):
        return None
    thousandths = quantity.quantize(_THOUSANDTH)
    text = _written(thousandths)
    fits = thousandths == quantity and sum(map(str.isdigit, text)) <= _QUANTITY_DIGITS
    return text if fits else None


def _is_within(number: Decimal, most: Decimal) -> bool:
    """Compared without arithmetic, which a number with a huge exponent would overflow."""
    return number.is_finite() and number.copy_abs() <= most


def _written(number: Decimal) -> str:
    text = f"{number.copy_abs():f}".strip("0").removesuffix(".")
    return f"-{text}" if number < 0 else text or "0"
