"""Remittances and their claim payments, as far as they concern the practice: each once, sealed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.findings import Finding
from app.domain.received_remittances import PaymentStatus, ReceivedPayment, ReceivedRemittance
from app.domain.remittances import ClaimPayment, Remittance
from app.repositories.encryption import PracticeVault
from app.repositories.inbound_tables import claim_payment, remittance
from app.repositories.json_forms import JsonForm, to_json

_REMITTANCE, _FINDING, _PAYMENT = JsonForm(Remittance), JsonForm(Finding), JsonForm(ClaimPayment)


class Remittances:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: ReceivedRemittance) -> bool:
        """False when this transaction of the document is on record. The claims in it are left out: see `add_payment`."""
        said = value.remittance
        sealed = to_json({"remittance": replace(said, claims=()), "findings": value.findings})
        result = await self._connection.execute(
            insert(remittance)
            .values(
                practice_id=self._vault.practice_id,
                id=value.id,
                document_id=value.document_id,
                transaction_number=value.transaction_number,
                sealed=self._vault.seal_bytes("remittance", "sealed", value.id, sealed),
                total_paid=said.total_paid,
                payment_date=said.payment_date,
                finding_count=len(value.findings),
                received_at=value.received_at,
            )
            .on_conflict_do_nothing(index_elements=["practice_id", "document_id", "transaction_number"])
            .returning(remittance.c.id)
        )
        return result.scalar_one_or_none() is not None

    async def get(self, remittance_id: UUID) -> ReceivedRemittance | None:
        return await self._one(remittance.c.id == remittance_id)

    async def of_transaction(self, document_id: UUID, transaction_number: int) -> ReceivedRemittance | None:
        columns = remittance.c
        return await self._one(columns.document_id == document_id, columns.transaction_number == transaction_number)

    async def page(self, *, after: UUID | None = None, limit: int) -> list[ReceivedRemittance]:
        """Newest first."""
        columns = remittance.c
        query = sa.select(remittance).where(columns.practice_id == self._vault.practice_id)
        if after is not None:
            query = query.where(columns.id < after)
        rows = await self._connection.execute(query.order_by(columns.id.desc()).limit(limit))
        return [self._remittance(row) for row in rows]

    async def add_payment(self, value: ReceivedPayment) -> bool:
        """False when this claim payment of the remittance is on record."""
        said = value.payment
        result = await self._connection.execute(
            insert(claim_payment)
            .values(
                practice_id=self._vault.practice_id,
                id=value.id,
                remittance_id=value.remittance_id,
                position=said.position,
                claim_id=value.claim_id,
                status=value.status.value,
                sealed=self._vault.seal_bytes("claim_payment", "sealed", value.id, to_json(said)),
                charge=said.charge,
                paid=said.paid,
                adjudication_id=value.adjudication_id,
                created_at=value.created_at,
            )
            .on_conflict_do_nothing(index_elements=["practice_id", "remittance_id", "position"])
            .returning(claim_payment.c.id)
        )
        return result.scalar_one_or_none() is not None

    async def settle_payment(
        self, payment_id: UUID, status: PaymentStatus, *, claim_id: UUID | None, adjudication_id: UUID | None
    ) -> None:
        """What became of it. What the payer said stays as it is."""
        columns = claim_payment.c
        await self._connection.execute(
            sa.update(claim_payment)
            .where(columns.practice_id == self._vault.practice_id, columns.id == payment_id)
            .values(status=status.value, claim_id=claim_id, adjudication_id=adjudication_id)
        )

    async def payment(self, payment_id: UUID, *, lock: bool = False) -> ReceivedPayment | None:
        columns = claim_payment.c
        query = sa.select(claim_payment).where(columns.practice_id == self._vault.practice_id, columns.id == payment_id)
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return None if row is None else self._payment(row)

    async def payments(
        self, remittance_id: UUID, *, after: int | None = None, limit: int | None = None
    ) -> list[ReceivedPayment]:
        """In their order in the remittance, after a position."""
        columns = claim_payment.c
        query = self._payments().where(columns.remittance_id == remittance_id)
        if after is not None:
            query = query.where(columns.position > after)
        return await self._read(query.order_by(columns.position).limit(limit))

    async def payments_of_claims(self, claim_ids: Sequence[UUID]) -> list[ReceivedPayment]:
        """All that payers said of these claims, in the order in which it was recorded."""
        columns = claim_payment.c
        query = self._payments().where(columns.claim_id.in_(claim_ids))
        return await self._read(query.order_by(columns.created_at, columns.id))

    async def _one(self, *conditions: sa.ColumnElement[bool]) -> ReceivedRemittance | None:
        query = sa.select(remittance).where(remittance.c.practice_id == self._vault.practice_id, *conditions)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else self._remittance(row)

    def _payments(self) -> sa.Select[Any]:
        return sa.select(claim_payment).where(claim_payment.c.practice_id == self._vault.practice_id)

    async def _read(self, query: sa.Select[Any]) -> list[ReceivedPayment]:
        return [self._payment(row) for row in await self._connection.execute(query)]

    def _remittance(self, row: sa.Row[tuple[Any, ...]]) -> ReceivedRemittance:
        sealed = self._vault.open("remittance", "sealed", row.id, row.sealed)
        return ReceivedRemittance(
            id=row.id,
            document_id=row.document_id,
            transaction_number=row.transaction_number,
            remittance=_REMITTANCE.read(sealed["remittance"]),
            findings=tuple(_FINDING.read(one) for one in sealed["findings"]),
            received_at=row.received_at,
        )

    def _payment(self, row: sa.Row[tuple[Any, ...]]) -> ReceivedPayment:
        return ReceivedPayment(
            id=row.id,
            remittance_id=row.remittance_id,
            claim_id=row.claim_id,
            status=PaymentStatus(row.status),
            payment=_PAYMENT.read(self._vault.open("claim_payment", "sealed", row.id, row.sealed)),
            adjudication_id=row.adjudication_id,
            created_at=row.created_at,
        )
