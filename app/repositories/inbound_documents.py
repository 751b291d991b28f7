"""Inbound documents, across practices: each of the clearinghouse's once, its bytes sealed with a key of the service."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.inbound_documents import InboundDocument, InboundKind, InboundState
from app.repositories.encryption import ServiceCipher, UnreadableValue
from app.repositories.inbound_tables import inbound_document

CIPHER_PURPOSE = "inbound documents"
_SHOWN = [column for column in inbound_document.c if column.name not in {"sealed", "fingerprint"}]


class InboundDocuments:
    """`connection` may be a practice's unit of work (read) or a plain transaction."""

    def __init__(self, connection: AsyncConnection, cipher: ServiceCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    async def add(self, value: InboundDocument) -> bool:
        """False when the clearinghouse's document is known."""
        result = await self._connection.execute(
            insert(inbound_document)
            .values(
                id=value.id,
                clearinghouse=value.clearinghouse,
                external_id=value.external_id,
                kind=value.kind.value,
                state=value.state.value,
                failure=value.failure,
                processed_at=value.processed_at,
                received_at=value.received_at,
                updated_at=value.updated_at,
            )
            .on_conflict_do_nothing(index_elements=["clearinghouse", "external_id"])
            .returning(inbound_document.c.id)
        )
        return result.scalar_one_or_none() is not None

    async def save(self, value: InboundDocument) -> None:
        """How far it has come; its bytes stay."""
        await self._connection.execute(
            sa.update(inbound_document)
            .where(inbound_document.c.id == value.id)
            .values(
                kind=value.kind.value,
                state=value.state.value,
                failure=value.failure,
                updated_at=value.updated_at,
            )
        )

    async def keep(self, document_id: UUID, content: bytes) -> None:
        """The document byte for byte. Bytes that are kept already stay."""
        columns = inbound_document.c
        await self._connection.execute(
            sa.update(inbound_document)
            .where(columns.id == document_id, columns.sealed.is_(None))
            .values(sealed=self._cipher.seal(content, document_id.bytes), fingerprint=self._cipher.fingerprint(content))
        )

    async def get(self, document_id: UUID, *, lock: bool = False) -> InboundDocument | None:
        query = sa.select(*_SHOWN).where(inbound_document.c.id == document_id)
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return None if row is None else _document(row)

    async def content(self, document_id: UUID) -> bytes | None:
        """None while it has not been fetched."""
        query = sa.select(inbound_document.c.sealed).where(inbound_document.c.id == document_id)
        sealed = await self._connection.scalar(query)
        if sealed is None:
            return None
        content = self._cipher.open(sealed, document_id.bytes)
        if content is None:
            raise UnreadableValue("inbound_document.sealed: the value does not open in this place")
        return content

    async def in_states(
        self, states: Iterable[InboundState], *, after: UUID | None = None, limit: int
    ) -> list[InboundDocument]:
        """Oldest first."""
        columns = inbound_document.c
        query = sa.select(*_SHOWN).where(columns.state.in_([state.value for state in states]))
        if after is not None:
            query = query.where(columns.id > after)
        rows = await self._connection.execute(query.order_by(columns.id).limit(limit))
        return [_document(row) for row in rows]

    async def figures(self) -> dict[InboundState, int]:
        """How many are in each state but routed."""
        state = inbound_document.c.state
        # As text: a predicate with parameters matches no partial index once PostgreSQL plans it without their values.
        query = sa.select(state, sa.func.count().label("documents")).where(sa.text("state <> 'routed'"))
        rows = await self._connection.execute(query.group_by(state))
        return {InboundState(row.state): row.documents for row in rows}


def _document(row: sa.Row[Any]) -> InboundDocument:
    return InboundDocument(
        id=row.id,
        clearinghouse=row.clearinghouse,
        external_id=row.external_id,
        kind=InboundKind(row.kind),
        state=InboundState(row.state),
        failure=row.failure,
        processed_at=row.processed_at,
        received_at=row.received_at,
        updated_at=row.updated_at,
    )
