"""The patient as the practice's record system knows them, with the consents that claims must state."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from app.domain.codes import ReleaseOfInformation
from app.domain.findings import Finding, Severity
from app.domain.parties import Person

EARLIEST_BIRTH_DATE = date(1890, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Patient:
    """`external_id` is the record system's opaque id. The consents end up in CLM09 and OI06, CLM10 and OI04."""

    id: UUID
    external_id: str
    person: Person = field(repr=False)
    signature_on_file: date | None = None
    release_of_information: ReleaseOfInformation | None = None
    release_on_file: date | None = None
    coverage_order_version: int = 1
    created_at: datetime
    updated_at: datetime
    version: int = 1


def check_patient(patient: Patient, *, today: date) -> tuple[Finding, ...]:
    """Dates in their order; a release needs both its kind and its date."""
    findings: list[Finding] = []
    if not EARLIEST_BIRTH_DATE <= patient.person.birth_date <= today:
        findings.append(
            Finding(
                code="birth_date_range",
                message="The birth date is in the future or before 1890.",
                pointer="/birth_date",
                location="2010BA DMG02",
            )
        )
    for pointer, signed in (
        ("/signature_on_file", patient.signature_on_file),
        ("/release_on_file", patient.release_on_file),
    ):
        if signed is not None and not patient.person.birth_date <= signed <= today:
            findings.append(
                Finding(code="date_range", message="The date is in the future or before birth.", pointer=pointer)
            )
    if (patient.release_of_information is None) != (patient.release_on_file is None):
        findings.append(
            Finding(
                code="release_incomplete",
                message="A release of information has a kind and a date.",
                pointer="/release_of_information",
                location="2300 CLM09",
            )
        )
    return tuple(findings)


def patient_findings(patient: Patient) -> tuple[Finding, ...]:
    """The consents a claim would lack (domain rule A2)."""
    findings: list[Finding] = []
    if patient.signature_on_file is None:
        findings.append(_missing("signature_on_file", "2300 CLM10", "The patient's signature on file is not recorded."))
    if patient.release_of_information is None:
        findings.append(
            _missing("release_of_information", "2300 CLM09", "The patient's release of information is not recorded.")
        )
    if patient.person.address is None:
        findings.append(_missing("address", "2010BA N3", "The patient's address is not recorded."))
    return tuple(findings)


def _missing(field_name: str, location: str, message: str) -> Finding:
    return Finding(
        code=f"{field_name}_missing",
        message=message,
        severity=Severity.WARNING,
        pointer=f"/{field_name}",
        location=location,
    )
