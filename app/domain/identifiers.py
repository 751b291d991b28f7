"""Identifiers of the field: each has a pattern or check digit, and one verb to ask.

Sources: 45 CFR 162.406 (NPI, Luhn with prefix 80840); CMS "Understanding the MBI" (11 characters, letters without
S, L, O, I, B, Z); the X12 basic character set (005010 appendix B) for member ids, 2010BA NM109, 2 to 80 characters.
"""

import re

_NPI = re.compile(r"[12][0-9]{9}", re.ASCII)
_MEMBER_ID = re.compile(r"[A-Z0-9](?:[A-Z0-9 !\"&'()+,\-./;?=]{0,78}[A-Z0-9])", re.ASCII)
_MBI_LETTER = "[AC-HJKMNP-RT-Y]"
_MBI_EITHER = "[0-9AC-HJKMNP-RT-Y]"
_MBI = re.compile(
    rf"[1-9]{_MBI_LETTER}{_MBI_EITHER}[0-9]{_MBI_LETTER}{_MBI_EITHER}[0-9]{_MBI_LETTER}{{2}}[0-9]{{2}}", re.ASCII
)
_PAYER_ID = re.compile(r"[A-Z0-9]{2,80}", re.ASCII)


def is_npi(text: str) -> bool:
    """Ten digits, first 1 or 2, Luhn over 80840 + the number."""
    return _NPI.fullmatch(text) is not None and _luhn_ok("80840" + text)


def npi_check_digit(first_nine: str) -> str:
    """The digit that completes nine digits to an NPI."""
    return next(str(d) for d in range(10) if _luhn_ok(f"80840{first_nine}{d}"))


def is_member_id(text: str) -> bool:
    """2 to 80 characters of the basic set, none of X12's usual delimiters (* : ~ ^ | >), no space at the ends."""
    return _MEMBER_ID.fullmatch(text) is not None


def is_mbi(text: str) -> bool:
    """A Medicare Beneficiary Identifier without its display dashes."""
    return _MBI.fullmatch(text) is not None


def is_payer_id(text: str) -> bool:
    """An electronic payer id, 2010BB NM109."""
    return _PAYER_ID.fullmatch(text) is not None


def compact(text: str) -> str:
    """The comparable form of an identifier: upper case, without spaces and dashes."""
    return text.upper().replace(" ", "").replace("-", "")


def _luhn_ok(digits: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(digits)):
        digit = int(character)
        doubled = digit * 2 - 9 if digit > 4 else digit * 2
        total += doubled if position % 2 else digit
    return total % 10 == 0
