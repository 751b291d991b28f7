"""The demonstration: the payer directory, one practice, and people whom the sandbox's payers know. All invented.

Runs as the schema's owner and may run again: what is there is left or brought up to date.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.domain.codes import AcceptsAssignment, ReleaseOfInformation
from app.domain.identifiers import npi_check_digit
from app.domain.parties import Address, Contact, Person, PersonName, Sex
from app.domain.patients import Patient
from app.domain.payers import payer_id
from app.domain.practices import Practice
from app.domain.providers import PayerParticipation, Provider, ProviderKind
from app.local.demonstration import PATIENT_ID, PRACTICE_ID, PROVIDER_ID
from app.local.directory_file import read_directory
from app.local.directory_loading import load_directory
from app.repositories.database import driver_url
from app.repositories.encryption import MasterKeys, PracticeVault
from app.repositories.patients import Patients
from app.repositories.practices import Practices, add_practice, practice_vault
from app.repositories.providers import Providers
from app.repositories.tables import practice

_SEEDED_AT = datetime(2026, 1, 2, 15, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Invented:
    """One person of `app/sandbox/members.json`, as the practice's record system knows them."""

    id: UUID
    external_id: str
    last: str
    first: str
    birth_date: date
    sex: Sex
    address: Address


PEOPLE = (
    Invented(
        id=PATIENT_ID,
        external_id="demo-mockbert",
        last="Placeholder",
        first="Mockbert",
        birth_date=date(1990, 9, 30),
        sex=Sex.MALE,
        address=Address(line1="34 Nowhere Street", city="Dayton", state="OH", postal_code="45402"),
    ),
    Invented(
        id=UUID("01990000-0000-7000-8000-000000000102"),
        external_id="demo-testina",
        last="Fictional",
        first="Testina",
        birth_date=date(1985, 4, 12),
        sex=Sex.FEMALE,
        address=Address(line1="12 Imaginary Lane", city="Springfield", state="IL", postal_code="62704"),
    ),
    Invented(
        id=UUID("01990000-0000-7000-8000-000000000103"),
        external_id="demo-copaya",
        last="Plainly",
        first="Copaya",
        birth_date=date(1991, 5, 27),
        sex=Sex.FEMALE,
        address=Address(line1="25 Flat Rate Road", city="Omaha", state="NE", postal_code="68102"),
    ),
)


async def seed(owner_url: str, master_keys: MasterKeys) -> int:
    """Loads the directory and the demonstration practice; returns how many payers the directory has."""
    directory, findings = read_directory()
    if findings:
        raise ValueError(f"the payer directory's files have {len(findings)} findings")
    await load_directory(owner_url, directory)
    engine = create_async_engine(driver_url(owner_url), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.begin() as connection:
        if not await connection.scalar(sa.select(sa.literal(1)).where(practice.c.id == PRACTICE_ID)):
            await add_practice(connection, master_keys, _practice())
    async with engine.begin() as connection:
        await _set_tenant(connection, PRACTICE_ID)
        vault = await practice_vault(connection, master_keys, PRACTICE_ID)
        await _complete_practice(connection, vault)
        await _add_people(connection, vault)
    await engine.dispose()
    return len(directory.payers)


async def _complete_practice(connection: AsyncConnection, vault: PracticeVault) -> None:
    """A folder of an earlier version has a practice that names nobody to ask about its claims (2010AA PER)."""
    practices = Practices(connection, vault)
    current = await practices.get()
    if current is not None and current.billing_contact is None:
        completed = replace(current, billing_contact=_practice().billing_contact, version=current.version + 1)
        await practices.save(completed)


async def _add_people(connection: AsyncConnection, vault: PracticeVault) -> None:
    await Providers(connection, vault).add(_provider())
    for person in PEOPLE:
        await Patients(connection, vault).add(_patient(person))


async def _set_tenant(connection: AsyncConnection, practice_id: UUID) -> None:
    await connection.execute(
        sa.text("select set_config('crossover.practice_id', :practice_id, true)"), {"practice_id": str(practice_id)}
    )


def _practice() -> Practice:
    return Practice(
        id=PRACTICE_ID,
        name="Invented Minds Counseling",
        npi=_npi("199000000"),
        tax_id="990000001",
        billing_contact=Contact(name="Billing Desk", phone="3035550100"),
        taxonomy_code="261QM0801X",
        address=Address(line1="100 Storybook Plaza", city="Denver", state="CO", postal_code="802020001"),
        time_zone="America/Denver",
        is_test=True,
        created_at=_SEEDED_AT,
        updated_at=_SEEDED_AT,
    )


def _provider() -> Provider:
    return Provider(
        id=PROVIDER_ID,
        kind=ProviderKind.PERSON,
        npi=_npi("199000001"),
        name=PersonName(last="Madeup", first="Thera"),
        taxonomy_code="101YM0800X",
        participations=tuple(
            PayerParticipation(
                payer_id=payer_id(electronic_id), accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=True
            )
            for electronic_id in ("XOVR1", "XOVR2")
        ),
        created_at=_SEEDED_AT,
        updated_at=_SEEDED_AT,
    )


def _patient(person: Invented) -> Patient:
    return Patient(
        id=person.id,
        external_id=person.external_id,
        person=Person(
            name=PersonName(last=person.last, first=person.first),
            birth_date=person.birth_date,
            sex=person.sex,
            address=person.address,
        ),
        signature_on_file=date(2026, 1, 2),
        release_of_information=ReleaseOfInformation.SIGNED,
        release_on_file=date(2026, 1, 2),
        created_at=_SEEDED_AT,
        updated_at=_SEEDED_AT,
    )


def _npi(first_nine: str) -> str:
    return first_nine + npi_check_digit(first_nine)
