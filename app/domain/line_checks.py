"""What is wrong with a service line by itself, and with amounts, places and counts wherever a claim has them.

Each finding has its field below the pointer that is given, and its place in loop 2400.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.findings import Finding
from app.domain.identifiers import PLACES_OF_SERVICE, is_modifier, is_procedure_code
from app.domain.money import CENT, LARGEST_AMOUNT
from app.domain.service_lines import MOST_MODIFIERS, MOST_POINTERS, ServiceLine

_MOST_UNIT_DIGITS: Final = 8
_MOST_UNIT_DECIMALS: Final = 3


def check_line(
    line: ServiceLine, pointer: str, *, diagnosis_count: int, today: date, birth_date: date
) -> Iterator[Finding]:
    if not is_procedure_code(line.procedure_code):
        message = "A procedure is a HCPCS code of five characters."
        yield Finding(
            code="procedure_format", message=message, pointer=f"{pointer}/procedure_code", location="2400 SV101-2"
        )
    yield from _check_modifiers(line.modifiers, f"{pointer}/modifiers")
    yield from check_amount(line.charge, f"{pointer}/charge", "2400 SV102")
    if line.charge.is_zero():
        yield Finding(
            code="charge_zero",
            message="A line has a charge above zero.",
            pointer=f"{pointer}/charge",
            location="2400 SV102",
        )
    yield from _check_units(line.units, f"{pointer}/units")
    if line.place_of_service is not None:
        yield from check_place(line.place_of_service, f"{pointer}/place_of_service", "2400 SV105")
    yield from _check_pointers(line.diagnosis_pointers, diagnosis_count, f"{pointer}/diagnosis_pointers")
    yield from _check_dates(line, pointer, today, birth_date)


def _check_modifiers(modifiers: Sequence[str], pointer: str) -> Iterator[Finding]:
    yield from check_most(modifiers, MOST_MODIFIERS, "modifiers", pointer, "2400 SV101-3")
    for position, modifier in enumerate(modifiers):
        place = f"2400 SV101-{position + 3}"
        if not is_modifier(modifier):
            message = "A modifier has two letters or digits."
            yield Finding(code="modifier_format", message=message, pointer=f"{pointer}/{position}", location=place)
        if modifier in modifiers[:position]:
            message = "A modifier stands once on a line."
            yield Finding(code="modifier_repeated", message=message, pointer=f"{pointer}/{position}", location=place)


def _check_pointers(pointers: Sequence[int], diagnosis_count: int, pointer: str) -> Iterator[Finding]:
    if not pointers:
        message = "A line points at one diagnosis at least."
        yield Finding(code="pointers_missing", message=message, pointer=pointer, location="2400 SV107")
    yield from check_most(pointers, MOST_POINTERS, "pointers", pointer, "2400 SV107")
    for position, number in enumerate(pointers):
        place, location = f"{pointer}/{position}", f"2400 SV107-{position + 1}"
        if not 1 <= number <= diagnosis_count:
            message = "It points at none of the claim's diagnoses, which count from 1."
            yield Finding(code="pointer_unknown", message=message, pointer=place, location=location)
        if number in pointers[:position]:
            message = "A line points at a diagnosis once."
            yield Finding(code="pointer_repeated", message=message, pointer=place, location=location)


def _check_dates(line: ServiceLine, pointer: str, today: date, birth_date: date) -> Iterator[Finding]:
    for name, day in (("first_date", line.first_date), ("last_date", line.last_date)):
        if day is None:
            continue
        place = f"{pointer}/{name}"
        if day > today:
            message = "A service that is billed is not in the future."
            yield Finding(code="date_future", message=message, pointer=place, location="2400 DTP03")
        if day < birth_date:
            message = "The service is before the patient's birth."
            yield Finding(code="date_before_birth", message=message, pointer=place, location="2400 DTP03")
    if line.end_date < line.first_date:
        message = "The service ends before it begins."
        yield Finding(code="date_order", message=message, pointer=f"{pointer}/last_date", location="2400 DTP03")


def _check_units(units: Decimal, pointer: str) -> Iterator[Finding]:
    """SV104: at most eight digits, three of them decimals (005010X222A1)."""
    if not units.is_finite() or units <= 0:
        message = "Units are a number above zero."
        yield Finding(code="units_range", message=message, pointer=pointer, location="2400 SV104")
        return
    _, digits, exponent = units.as_tuple()
    significant = "".join(map(str, digits)).rstrip("0")
    last_place = int(exponent) + len(digits) - len(significant)
    decimals = max(0, -last_place)
    if decimals > _MOST_UNIT_DECIMALS:
        message = f"Units have at most {_MOST_UNIT_DECIMALS} decimals."
        yield Finding(code="units_decimals", message=message, pointer=pointer, location="2400 SV104")
    elif len(significant) + max(0, last_place) > _MOST_UNIT_DIGITS:
        message = f"Units have at most {_MOST_UNIT_DIGITS} digits."
        yield Finding(code="units_range", message=message, pointer=pointer, location="2400 SV104")


def fits(amount: Decimal) -> bool:
    """Ten digits with the cents, of either sign."""
    return amount.is_finite() and abs(amount) <= LARGEST_AMOUNT


def check_amount(amount: Decimal, pointer: str, location: str) -> Iterator[Finding]:
    """Element 782 as a charge or payment: whole cents, from zero to ten digits."""
    if not fits(amount):
        message = f"An amount is at most {LARGEST_AMOUNT}."
        yield Finding(code="amount_limit", message=message, pointer=pointer, location=location)
        return
    if amount < 0:
        yield Finding(code="amount_negative", message="The amount is below zero.", pointer=pointer, location=location)
    if amount != amount.quantize(CENT):
        yield Finding(code="amount_decimals", message="An amount has two decimals.", pointer=pointer, location=location)


def check_place(code: str, pointer: str, location: str) -> Iterator[Finding]:
    if code not in PLACES_OF_SERVICE:
        message = "The code is not of CMS's place of service code set."
        yield Finding(code="place_of_service_unknown", message=message, pointer=pointer, location=location)


def check_most(values: Sequence[object], most: int, name: str, pointer: str, location: str) -> Iterator[Finding]:
    if len(values) > most:
        message = f"At most {most} of these: {name}."
        yield Finding(code=f"{name}_too_many", message=message, pointer=pointer, location=location)
