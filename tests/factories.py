"""Valid values with one thing to override; all people are invented."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from app.domain.codes import BenefitClass, BenefitsAssigned, PayerResponsibility, Relationship, ReleaseOfInformation
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import Coverage, CoverageSource, CoverageStatus, MemberIdOwner
from app.domain.identifiers import npi_check_digit
from app.domain.parties import Address, Contact, Person, PersonName, Sex
from app.domain.patients import Patient
from app.domain.practices import Practice
from app.domain.providers import Provider, ProviderKind

NOW = datetime(2026, 9, 10, 15, 0, tzinfo=UTC)
TODAY = date(2026, 9, 10)


def an_npi(number: int = 1) -> str:
    """A valid NPI; different numbers give different ones."""
    first_nine = f"1{number % 100_000_000:08d}"
    return first_nine + npi_check_digit(first_nine)


def an_address(**changes: Any) -> Address:
    address = Address(line1="12 Invented Way", city="Sampleton", state="CO", postal_code="802110001")
    return replace(address, **changes)


def a_person(**changes: Any) -> Person:
    person = Person(
        name=PersonName(last="FICTIONAL", first="TESTINA"),
        birth_date=date(1988, 4, 2),
        sex=Sex.FEMALE,
        address=an_address(),
    )
    return replace(person, **changes)


def a_practice(**changes: Any) -> Practice:
    practice = Practice(
        id=uuid4(),
        name="INVENTED MINDS COUNSELING",
        npi=an_npi(),
        tax_id="123456789",
        billing_contact=Contact(name="BILLING DESK", phone="3035550100"),
        taxonomy_code="101YM0800X",
        address=an_address(),
        time_zone="America/Denver",
        is_test=True,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(practice, **changes)


def a_provider(**changes: Any) -> Provider:
    provider = Provider(
        id=uuid4(),
        kind=ProviderKind.PERSON,
        npi=an_npi(2),
        name=PersonName(last="MADEUP", first="THERA"),
        taxonomy_code="101YM0800X",
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(provider, **changes)


def a_patient(**changes: Any) -> Patient:
    patient = Patient(
        id=uuid4(),
        external_id=uuid4().hex,
        person=a_person(),
        signature_on_file=date(2026, 1, 5),
        release_of_information=ReleaseOfInformation.SIGNED,
        release_on_file=date(2026, 1, 5),
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(patient, **changes)


def a_coverage(**changes: Any) -> Coverage:
    coverage = Coverage(
        id=uuid4(),
        patient_id=uuid4(),
        payer_id=uuid4(),
        status=CoverageStatus.UNVERIFIED,
        source=CoverageSource.STAFF,
        benefit_class=BenefitClass.ALL,
        wished_rank=PayerResponsibility.PRIMARY,
        member_id="MLK123456",
        member_id_belongs_to=MemberIdOwner.PATIENT,
        relationship=Relationship.SELF,
        benefits_assigned=BenefitsAssigned.YES,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(coverage, **changes)


def a_rank(coverage_id: UUID | None = None, **changes: Any) -> CoverageRank:
    rank = CoverageRank(
        coverage_id=coverage_id or uuid4(), benefit_class=BenefitClass.ALL, rank=PayerResponsibility.PRIMARY
    )
    return replace(rank, **changes)
