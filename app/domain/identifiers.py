"""Identifiers of the field: each has a pattern or check digit, and one verb to ask.

Sources: 45 CFR 162.406 (NPI, Luhn with prefix 80840); CMS "Understanding the MBI" (11 characters, letters without
S, L, O, I, B, Z); the X12 basic character set (005010 appendix B) for member ids, 2010BA NM109, 2 to 80 characters;
the ICD-10-CM guidelines (CDC/NCHS) for the form of a diagnosis; CMS's HCPCS level I and II formats and its place of
service code set.
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
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}", re.ASCII)
_PROCEDURE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}", re.ASCII)
_MODIFIER = re.compile(r"[A-Z0-9]{2}", re.ASCII)
_REFERENCE = re.compile(r"[A-Z0-9](?:[A-Z0-9 !\"&'()+,\-./;?=]{0,48}[A-Z0-9])?", re.ASCII)
_PHONE = re.compile(r"[2-9][0-9]{9}", re.ASCII)
_POSTAL_CODE = re.compile(r"[0-9]{5}(?:[0-9]{4})?", re.ASCII)

PLACES_OF_SERVICE = frozenset(
    (
        "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41 42 49 50 51 "
        "52 53 54 55 56 57 58 60 61 62 65 66 71 72 81 99"
    ).split()
)
"""CLM05-1 and SV105: the codes of CMS's place of service code set."""


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


def is_diagnosis_code(text: str) -> bool:
    """The form of an ICD-10-CM code without its point: letter, digit, letter or digit, up to four more."""
    return _DIAGNOSIS.fullmatch(text) is not None


def is_procedure_code(text: str) -> bool:
    """The form of a HCPCS code: five digits, four and a letter (level I), or a letter and four digits (level II)."""
    return _PROCEDURE.fullmatch(text) is not None


def is_modifier(text: str) -> bool:
    """SV101-3 to 6."""
    return _MODIFIER.fullmatch(text) is not None


def is_reference_number(text: str) -> bool:
    """REF02: an authorization, a referral, a payer's number of a provider. 1 to 50 characters of the basic set."""
    return _REFERENCE.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Ten digits (PER04 under TE)."""
    return _PHONE.fullmatch(text) is not None


def is_postal_code(text: str) -> bool:
    """N403 of a US address: five or nine digits."""
    return _POSTAL_CODE.fullmatch(text) is not None


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
