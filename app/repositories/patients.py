"""Patients: sealed persons, found by id, by the record system's id, or by keyed hashes of name and birth date."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.codes import ReleaseOfInformation
from app.domain.patients import Patient
from app.repositories.database import constraint_of
from app.repositories.encryption import PracticeVault
from app.repositories.hot_statements import HotStatement
from app.repositories.personal import comparable_name, person_from_json, person_to_json
from app.repositories.tables import patient

_EXISTS = HotStatement(
    sa.select(sa.literal_column("1")).where(
        patient.c.practice_id == sa.bindparam("practice_id"), patient.c.id == sa.bindparam("id")
    )
)


class Patients:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: Patient) -> bool:
        """False when the practice has a patient with this external id already."""
        result = await self._connection.execute(
            insert(patient)
            .values(self._row(value))
            .on_conflict_do_nothing(index_elements=["practice_id", "external_id"])
            .returning(patient.c.id)
        )
        return result.scalar_one_or_none() is not None

    async def get(self, patient_id: UUID, *, lock: bool = False) -> Patient | None:
        """With `lock`, also serialises everything that depends on the patient's order of coverages.

        `key_share`: rows that only point at the patient, such as a check, are added meanwhile and do not wait for it.
        """
        query = sa.select(patient).where(*self._key(patient_id))
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return None if row is None else self._patient(row)

    async def exists(self, patient_id: UUID) -> bool:
        return bool(await _EXISTS.fetch(self._connection, {"practice_id": self._vault.practice_id, "id": patient_id}))

    async def save(self, value: Patient) -> bool:
        """False when another patient of the practice has this external id; the transaction is of no more use then."""
        try:
            await self._connection.execute(sa.update(patient).where(*self._key(value.id)).values(self._row(value)))
        except IntegrityError as error:
            if constraint_of(error) == "patient_practice_id_external_id_key":
                return False
            raise
        return True

    async def raise_order_version(self, patient_id: UUID) -> None:
        """The order of this patient's coverages changed."""
        await self._connection.execute(
            sa.update(patient)
            .where(*self._key(patient_id))
            .values(coverage_order_version=patient.c.coverage_order_version + 1)
        )

    async def page(self, *, external_id: str | None, after: UUID | None, limit: int) -> list[Patient]:
        query = sa.select(patient).where(patient.c.practice_id == self._vault.practice_id)
        if external_id is not None:
            query = query.where(patient.c.external_id == external_id)
        return await self._page(query, after, limit)

    async def search(self, *, last_name: str, birth_date: date | None, after: UUID | None, limit: int) -> list[Patient]:
        """Equality on the comparable last name, and on the birth date when given."""
        query = sa.select(patient).where(
            patient.c.practice_id == self._vault.practice_id,
            patient.c.last_name_hash == self._vault.hash("patient.last_name", comparable_name(last_name)),
        )
        if birth_date is not None:
            query = query.where(
                patient.c.birth_date_hash == self._vault.hash("patient.birth_date", birth_date.isoformat())
            )
        return await self._page(query, after, limit)

    async def _page(self, query: sa.Select[Any], after: UUID | None, limit: int) -> list[Patient]:
        if after is not None:
            query = query.where(patient.c.id > after)
        rows = await self._connection.execute(query.order_by(patient.c.id).limit(limit))
        return [self._patient(row) for row in rows]

    def _key(self, patient_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (patient.c.practice_id == self._vault.practice_id, patient.c.id == patient_id)

    def _row(self, value: Patient) -> dict[str, Any]:
        person = value.person
        return {
            "practice_id": self._vault.practice_id,
            "id": value.id,
            "external_id": value.external_id,
            "sealed": self._vault.seal("patient", "sealed", value.id, person_to_json(person)),
            "last_name_hash": self._vault.hash("patient.last_name", comparable_name(person.name.last)),
            "birth_date_hash": self._vault.hash("patient.birth_date", person.birth_date.isoformat()),
            "signature_on_file": value.signature_on_file,
            "release_of_information": value.release_of_information and value.release_of_information.value,
            "release_on_file": value.release_on_file,
            "coverage_order_version": value.coverage_order_version,
            "created_at": value.created_at,
            "updated_at": value.updated_at,
            "version": value.version,
        }

    def _patient(self, row: sa.Row[tuple[object, ...]]) -> Patient:
        release = row.release_of_information
        return Patient(
            id=row.id,
            external_id=row.external_id,
            person=person_from_json(self._vault.open("patient", "sealed", row.id, row.sealed)),
            signature_on_file=row.signature_on_file,
            release_of_information=None if release is None else ReleaseOfInformation(release),
            release_on_file=row.release_on_file,
            coverage_order_version=row.coverage_order_version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )
