"""Element values: decimals, dates and periods of X12, and whether a text is one. Nothing is repaired.

Decimals (type R): an optional minus, digits, an optional point, no exponent, no thousands separators; a leading or
closing point is read although the standard suppresses it differently. Dates: D8 (CCYYMMDD) and RD8 (two of them).
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

_DECIMAL: Final = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)


def read_decimal(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def read_whole(text: str) -> int | None:
    """A count or a numeric control number; leading zeros are no part of the number."""
    return int(text) if _WHOLE.fullmatch(text) else None


def read_date(text: str) -> date | None:
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
