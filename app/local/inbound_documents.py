"""Inbound documents that wait for an operator, seen from the command line: never what is in them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

from app.domain.inbound_documents import InboundDocument, InboundState
from app.repositories.database import Database, DatabaseLimits
from app.repositories.encryption import MasterKeys
from app.repositories.unit_of_work import PlainWork, UnitsOfWork
from app.use_cases.inbound_documents import start_again

_WAITING = (InboundState.UNROUTED, InboundState.FAILED)
_PAGE = 500


async def waiting_documents(database_url: str, master_keys: MasterKeys) -> list[InboundDocument]:
    """Oldest first."""
    documents: list[InboundDocument] = []
    async with _work(database_url, master_keys) as work:
        while True:
            after = documents[-1].id if documents else None
            page = await work.inbound_documents.in_states(_WAITING, after=after, limit=_PAGE)
            documents += page
            if len(page) < _PAGE:
                return documents


async def retry_document(database_url: str, master_keys: MasterKeys, document_id: UUID) -> bool:
    """False when it does not wait."""
    async with _work(database_url, master_keys) as work:
        return await start_again(work, document_id, request_id=str(uuid_utils.compat.uuid7()))


@asynccontextmanager
async def _work(database_url: str, master_keys: MasterKeys) -> AsyncIterator[PlainWork]:
    limits = DatabaseLimits(statement_ms=30_000, pool_size=1)
    database = Database.connect(database_url, limits=limits, master_keys=master_keys, name="crossover inbound")
    units = UnitsOfWork(database, now=lambda: datetime.now(UTC), new_id=uuid_utils.compat.uuid7)
    try:
        async with units.begin_plain() as work:
            yield work
    finally:
        await database.close()
