"""Acknowledgments of claims: each once, however often its document is read."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.acknowledgments import ClaimAcknowledgment
from app.domain.received_remittances import ReceivedAcknowledgment
from app.repositories.encryption import PracticeVault
from app.repositories.inbound_tables import claim_acknowledgment
from app.repositories.json_forms import JsonForm, to_json

_ACKNOWLEDGMENT = JsonForm(ClaimAcknowledgment)


class ClaimAcknowledgments:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: ReceivedAcknowledgment) -> bool:
        """False when this place of the document, or of the submission's answer, is on record."""
        said = value.acknowledgment
        result = await self._connection.execute(
            insert(claim_acknowledgment)
            .values(
                practice_id=self._vault.practice_id,
                id=value.id,
                claim_id=value.claim_id,
                submission_id=value.submission_id,
                document_id=value.document_id,
                position=value.position,
                source=said.source.value,
                effect=said.effect.value,
                sealed=self._vault.seal_bytes("claim_acknowledgment", "sealed", value.id, to_json(said)),
                received_at=value.received_at,
            )
            .on_conflict_do_nothing()
            .returning(claim_acknowledgment.c.id)
        )
        return result.scalar_one_or_none() is not None

    async def of_claim(self, claim_id: UUID) -> tuple[ReceivedAcknowledgment, ...]:
        """In the order in which they came in."""
        columns = claim_acknowledgment.c
        rows = await self._connection.execute(
            sa.select(claim_acknowledgment)
            .where(columns.practice_id == self._vault.practice_id, columns.claim_id == claim_id)
            .order_by(columns.received_at, columns.id)
        )
        return tuple(self._received(row) for row in rows)

    def _received(self, row: sa.Row[tuple[Any, ...]]) -> ReceivedAcknowledgment:
        return ReceivedAcknowledgment(
            id=row.id,
            claim_id=row.claim_id,
            submission_id=row.submission_id,
            document_id=row.document_id,
            position=row.position,
            acknowledgment=_ACKNOWLEDGMENT.read(self._vault.open("claim_acknowledgment", "sealed", row.id, row.sealed)),
            received_at=row.received_at,
        )
