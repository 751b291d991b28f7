"""What is wrong with a claim's content by itself: all of it at once, each with its field and its place in the 837P.

Pointers are into the content (`/lines/0/charge`); `under` moves them to where the content stands in another document.
What a claim lacks because a patient, practice or coverage is incomplete is found when it is assembled, not here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from app.domain.claims import ClaimContent, ProviderRole
from app.domain.codes import US_STATES
from app.domain.findings import Finding
from app.domain.identifiers import (
    is_diagnosis_code,
    is_npi,
    is_phone,
    is_postal_code,
    is_reference_number,
)
from app.domain.line_checks import check_amount, check_line, check_most, check_place, fits
from app.domain.money import LARGEST_AMOUNT
from app.domain.parties import Address
from app.domain.service_lines import MOST_DIAGNOSES, MOST_LINES, ServiceLine

REPETITION_MODIFIERS: Final = frozenset("59 76 77 91 XE XP XS XU".split())
"""They say that a service was done again or apart from another one on purpose (CMS NCCI policy manual, chapter 1)."""


def check_content(content: ClaimContent, *, today: date, patient_birth_date: date) -> tuple[Finding, ...]:
    return (
        *check_place(content.place_of_service, "/place_of_service", "2300 CLM05"),
        *_check_diagnoses(content.diagnoses),
        *_check_count(content.lines, MOST_LINES, "lines", "2400"),
        *(
            finding
            for position, line in enumerate(content.lines)
            for finding in check_line(
                line,
                f"/lines/{position}",
                diagnosis_count=len(content.diagnoses),
                today=today,
                birth_date=patient_birth_date,
            )
        ),
        *_check_identity(content.lines),
        *_check_duplicates(content.lines),
        *_check_totals(content),
        *_check_references(content),
        *_check_parties(content),
    )


def under(prefix: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings about the same places in a document that holds the content at `prefix`."""
    return tuple(replace(finding, pointer=f"{prefix}{finding.pointer or ''}") for finding in findings)


def check_against_previous(content: ClaimContent, previous: ClaimContent) -> tuple[Finding, ...]:
    """A claim to the next payer bills the same lines, for the same charges, units and days (domain rule C2). Codes,
    modifiers, pointers and providers may be others: payers want them differently.
    """
    billed = {line.id: line for line in previous.lines}
    findings = [
        finding
        for position, line in enumerate(content.lines)
        for finding in _check_kept(line, billed.pop(line.id, None), f"/lines/{position}")
    ]
    if billed:
        message = f"{len(billed)} lines that the payer before was billed for are missing."
        findings.append(Finding(code="line_removed", message=message, pointer="/lines", location="2400"))
    return tuple(findings)


def _check_kept(line: ServiceLine, billed: ServiceLine | None, pointer: str) -> Iterator[Finding]:
    if billed is None:
        yield Finding(
            code="line_added",
            message="The payer before was not billed for this line.",
            pointer=pointer,
            location="2400",
        )
        return
    kept = (
        ("charge", "2400 SV102", line.charge == billed.charge),
        ("units", "2400 SV104", (line.units, line.unit_of_measure) == (billed.units, billed.unit_of_measure)),
        ("first_date", "2400 DTP03", line.first_date == billed.first_date),
        ("last_date", "2400 DTP03", line.end_date == billed.end_date),
        ("control_number", "2400 REF02", line.control_number == billed.control_number),
    )
    for name, location, is_kept in kept:
        if not is_kept:
            yield Finding(
                code="line_changed",
                message="It stays as the payer before was billed.",
                pointer=f"{pointer}/{name}",
                location=location,
            )


def _check_diagnoses(diagnoses: Sequence[str]) -> Iterator[Finding]:
    yield from _check_count(diagnoses, MOST_DIAGNOSES, "diagnoses", "2300 HI")
    for position, diagnosis in enumerate(diagnoses):
        pointer, location = f"/diagnoses/{position}", f"2300 HI{position + 1:02}"
        if not is_diagnosis_code(diagnosis):
            message = "An ICD-10-CM code without its point: a letter, a digit, one to five more letters or digits."
            yield Finding(code="diagnosis_format", message=message, pointer=pointer, location=location)
        if diagnosis in diagnoses[:position]:
            message = "A diagnosis is listed once."
            yield Finding(code="diagnosis_repeated", message=message, pointer=pointer, location=location)


def _check_identity(lines: Sequence[ServiceLine]) -> Iterator[Finding]:
    for position, line in enumerate(lines):
        before = lines[:position]
        if any(line.id == other.id for other in before):
            message = "A line's id stands once in a claim."
            yield Finding(code="line_id_repeated", message=message, pointer=f"/lines/{position}/id")
        elif any(line.control_number == other.control_number for other in before):
            yield Finding(
                code="line_control_number_repeated",
                message="A line's control number stands once in a claim.",
                pointer=f"/lines/{position}/control_number",
                location="2400 REF02",
            )


def _check_duplicates(lines: Sequence[ServiceLine]) -> Iterator[Finding]:
    """The same service twice is an entry made twice, unless a modifier says that it was done twice."""
    seen: dict[tuple[object, ...], int] = {}
    for position, line in enumerate(lines):
        if not line.charge.is_finite() or not line.units.is_finite():
            continue
        first = seen.setdefault(_service(line), position)
        if first != position and REPETITION_MODIFIERS.isdisjoint(line.modifiers):
            message = f"Line {first + 1} is the same: procedure, modifiers, days, charge and units."
            yield Finding(code="line_duplicate", message=message, pointer=f"/lines/{position}", location="2400 SV1")


def _service(line: ServiceLine) -> tuple[object, ...]:
    return (
        line.procedure_code,
        tuple(sorted(line.modifiers)),
        line.first_date,
        line.end_date,
        line.charge,
        line.units,
        line.unit_of_measure,
    )


def _check_totals(content: ClaimContent) -> Iterator[Finding]:
    """Whether each charge fits is asked of its line."""
    can_be_added = all(fits(line.charge) for line in content.lines)
    if can_be_added and not fits(content.total_charge):
        message = f"The charges add up to more than {LARGEST_AMOUNT}."
        yield Finding(code="amount_limit", message=message, pointer="/lines", location="2300 CLM02")
    paid = content.patient_paid
    if paid is None:
        return
    yield from check_amount(paid, "/patient_paid", "2300 AMT02")
    if can_be_added and fits(paid) and paid > content.total_charge:
        message = "The patient paid no more than the charges."
        yield Finding(code="patient_paid_above_charge", message=message, pointer="/patient_paid", location="2300 AMT02")


def _check_references(content: ClaimContent) -> Iterator[Finding]:
    numbers = [
        (content.prior_authorization, "/prior_authorization", "2300 REF02"),
        (content.referral_number, "/referral_number", "2300 REF02"),
    ]
    named = {
        ProviderRole.BILLING: True,
        ProviderRole.REFERRING: content.referring_provider_id is not None,
        ProviderRole.RENDERING: content.rendering_provider_id is not None,
        ProviderRole.SERVICE_FACILITY: content.service_facility is not None,
        ProviderRole.SUPERVISING: content.supervising_provider_id is not None,
    }
    roles: set[ProviderRole] = set()
    for position, assigned in enumerate(content.payer_assigned_ids):
        pointer = f"/payer_assigned_ids/{position}"
        numbers.append((assigned.number, f"{pointer}/number", "2310 REF02"))
        if not named[assigned.role]:
            message = "The claim names nobody in this role."
            yield Finding(code="payer_assigned_id_unplaced", message=message, pointer=f"{pointer}/role")
        if assigned.role in roles:
            message = "One number for each role."
            yield Finding(code="payer_assigned_id_repeated", message=message, pointer=f"{pointer}/role")
        roles.add(assigned.role)
    for number, pointer, location in numbers:
        if number is not None and not is_reference_number(number):
            message = "A number has 1 to 50 characters: A-Z, 0-9, space and punctuation, without * : ~ ^ | > ."
            yield Finding(code="reference_format", message=message, pointer=pointer, location=location)


def _check_parties(content: ClaimContent) -> Iterator[Finding]:
    facility = content.service_facility
    if facility is not None:
        yield from _check_text(facility.name, 60, "/service_facility/name", "2310C NM103")
        yield from _check_address(facility.address, "/service_facility/address", "2310C")
        if facility.npi is not None and not is_npi(facility.npi):
            yield Finding(
                code="npi_format",
                message="An NPI has ten digits whose check digit holds.",
                pointer="/service_facility/npi",
                location="2310C NM109",
            )
    if content.pay_to_address is not None:
        yield from _check_address(content.pay_to_address, "/pay_to_address", "2010AB")
    contact = content.billing_contact
    if contact is not None:
        yield from _check_text(contact.name, 60, "/billing_contact/name", "2010AA PER02")
        if not is_phone(contact.phone):
            message = "A phone number has ten digits."
            yield Finding(
                code="phone_format", message=message, pointer="/billing_contact/phone", location="2010AA PER04"
            )


def _check_address(address: Address, pointer: str, loop: str) -> Iterator[Finding]:
    yield from _check_text(address.line1, 55, f"{pointer}/line1", f"{loop} N301")
    if address.line2 is not None:
        yield from _check_text(address.line2, 55, f"{pointer}/line2", f"{loop} N302")
    yield from _check_text(address.city, 30, f"{pointer}/city", f"{loop} N401", least=2)
    if address.state not in US_STATES:
        message = "A state is one of the two letters of the postal service."
        yield Finding(code="state_format", message=message, pointer=f"{pointer}/state", location=f"{loop} N402")
    if not is_postal_code(address.postal_code):
        message = "A postal code has five or nine digits."
        yield Finding(
            code="postal_code_format", message=message, pointer=f"{pointer}/postal_code", location=f"{loop} N403"
        )


def _check_text(text: str, most: int, pointer: str, location: str, *, least: int = 1) -> Iterator[Finding]:
    length = len(text.strip())
    if length < least:
        yield Finding(code="too_short", message="The text is too short.", pointer=pointer, location=location)
    elif length > most:
        message = f"The text has at most {most} characters."
        yield Finding(code="too_long", message=message, pointer=pointer, location=location)


def _check_count(values: Sequence[object], most: int, name: str, location: str) -> Iterator[Finding]:
    """One at least, and no more than fit."""
    if not values:
        message = f"A claim has one at least: {name}."
        yield Finding(code=f"{name}_missing", message=message, pointer=f"/{name}", location=location)
    yield from check_most(values, most, name, f"/{name}", location)
