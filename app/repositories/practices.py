"""The practice's own row, and what the worker needs to go through all practices."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.practices import Practice
from app.repositories.encryption import MasterKeys, PracticeVault, new_practice_keys
from app.repositories.personal import address_from_json, address_to_json, contact_from_json, contact_to_json
from app.repositories.tables import practice, practice_key


class Practices:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def get(self, *, lock: bool = False) -> Practice | None:
        """The unit of work's own practice; no other can be read through here."""
        query = sa.select(practice).where(practice.c.id == self._vault.practice_id)
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return None if row is None else practice_from_row(row, self._vault)

    async def save(self, value: Practice) -> None:
        """Writes the next version of the unit of work's own practice."""
        await self._connection.execute(
            sa.update(practice)
            .where(practice.c.id == self._vault.practice_id)
            .values(practice_to_row(value, self._vault))
        )


def practice_to_row(value: Practice, vault: PracticeVault) -> dict[str, Any]:
    sealed = {
        "name": value.name,
        "tax_id": value.tax_id,
        "tax_id_is_ssn": value.tax_id_is_ssn,
        "address": address_to_json(value.address),
        "billing_contact": contact_to_json(value.billing_contact),
    }
    return {
        "id": value.id,
        "sealed": vault.seal("practice", "sealed", value.id, sealed),
        "npi": value.npi,
        "taxonomy_code": value.taxonomy_code,
        "time_zone": value.time_zone,
        "is_test": value.is_test,
        "created_at": value.created_at,
        "updated_at": value.updated_at,
        "version": value.version,
    }


def practice_from_row(row: sa.Row[tuple[object, ...]], vault: PracticeVault) -> Practice:
    sealed = vault.open("practice", "sealed", row.id, row.sealed)
    return Practice(
        id=row.id,
        name=sealed["name"],
        npi=row.npi,
        tax_id=sealed["tax_id"],
        tax_id_is_ssn=sealed.get("tax_id_is_ssn", False),
        billing_contact=contact_from_json(sealed.get("billing_contact")),
        taxonomy_code=row.taxonomy_code,
        address=address_from_json(sealed["address"]),
        time_zone=row.time_zone,
        is_test=row.is_test,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


async def practice_ids(connection: AsyncConnection) -> list[UUID]:
    """All practices, for work that goes through each in its own transaction."""
    return list(await connection.scalars(sa.select(practice.c.id).order_by(practice.c.id)))


async def add_practice(connection: AsyncConnection, master_keys: MasterKeys, value: Practice) -> None:
    """A new practice with keys of its own. For the owner's login: the application may not add practices."""
    plain, wrapped = new_practice_keys(master_keys, value.id)
    await connection.execute(
        sa.text("select set_config('crossover.practice_id', :practice_id, true)"), {"practice_id": str(value.id)}
    )
    await connection.execute(sa.insert(practice).values(practice_to_row(value, PracticeVault.of(value.id, plain))))
    await connection.execute(
        sa.insert(practice_key),
        [
            {"practice_id": value.id, "number": number, "wrapped": key, "created_at": value.created_at}
            for number, key in wrapped.items()
        ],
    )


async def practice_vault(connection: AsyncConnection, master_keys: MasterKeys, practice_id: UUID) -> PracticeVault:
    """The practice's keys, read inside a transaction of that practice."""
    rows = await connection.execute(
        sa.select(practice_key.c.number, practice_key.c.wrapped).where(practice_key.c.practice_id == practice_id)
    )
    return PracticeVault.of(
        practice_id, {number: master_keys.unwrap(wrapped, practice_id, number) for number, wrapped in rows}
    )
