"""Providers of a practice."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.codes import AcceptsAssignment
from app.domain.providers import PayerParticipation, Provider, ProviderKind
from app.repositories.database import constraint_of
from app.repositories.encryption import PracticeVault
from app.repositories.personal import name_from_json, name_to_json
from app.repositories.tables import provider


class Providers:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: Provider) -> bool:
        """False when the practice has a provider with this NPI already."""
        result = await self._connection.execute(
            insert(provider)
            .values(self._row(value))
            .on_conflict_do_nothing(index_elements=["practice_id", "npi"])
            .returning(provider.c.id)
        )
        return result.scalar_one_or_none() is not None

    async def get(self, provider_id: UUID, *, lock: bool = False) -> Provider | None:
        query = sa.select(provider).where(*self._key(provider_id))
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return None if row is None else self._provider(row)

    async def save(self, value: Provider) -> bool:
        """False when another provider of the practice has this NPI; the transaction is of no more use then."""
        try:
            await self._connection.execute(sa.update(provider).where(*self._key(value.id)).values(self._row(value)))
        except IntegrityError as error:
            if constraint_of(error) == "provider_practice_id_npi_key":
                return False
            raise
        return True

    async def page(self, *, after: UUID | None, limit: int) -> list[Provider]:
        query = sa.select(provider).where(provider.c.practice_id == self._vault.practice_id)
        if after is not None:
            query = query.where(provider.c.id > after)
        rows = await self._connection.execute(query.order_by(provider.c.id).limit(limit))
        return [self._provider(row) for row in rows]

    def _key(self, provider_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (provider.c.practice_id == self._vault.practice_id, provider.c.id == provider_id)

    def _row(self, value: Provider) -> dict[str, Any]:
        sealed = {
            "name": None if value.name is None else name_to_json(value.name),
            "organization_name": value.organization_name,
        }
        return {
            "practice_id": self._vault.practice_id,
            "id": value.id,
            "kind": value.kind.value,
            "npi": value.npi,
            "sealed": self._vault.seal("provider", "sealed", value.id, sealed),
            "taxonomy_code": value.taxonomy_code,
            "participations": [
                {
                    "payer_id": str(entry.payer_id),
                    "accepts_assignment": entry.accepts_assignment.value,
                    "in_network": entry.in_network,
                }
                for entry in value.participations
            ],
            "is_active": value.is_active,
            "created_at": value.created_at,
            "updated_at": value.updated_at,
            "version": value.version,
        }

    def _provider(self, row: sa.Row[tuple[object, ...]]) -> Provider:
        sealed = self._vault.open("provider", "sealed", row.id, row.sealed)
        return Provider(
            id=row.id,
            kind=ProviderKind(row.kind),
            npi=row.npi,
            name=None if sealed["name"] is None else name_from_json(sealed["name"]),
            organization_name=sealed["organization_name"],
            taxonomy_code=row.taxonomy_code,
            participations=tuple(
                PayerParticipation(
                    payer_id=UUID(entry["payer_id"]),
                    accepts_assignment=AcceptsAssignment(entry["accepts_assignment"]),
                    in_network=entry["in_network"],
                )
                for entry in row.participations
            ),
            is_active=row.is_active,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )
