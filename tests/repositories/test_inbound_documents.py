"""Inbound documents: each once, sealed with a key of the service, byte for byte as they came."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.domain.inbound_documents import InboundDocument, InboundKind, InboundState
from app.repositories.database import Database, DatabaseLimits
from app.repositories.encryption import MasterKeys, UnreadableValue
from app.repositories.unit_of_work import UnitsOfWork
from tests.claim_records import an_inbound_document
from tests.factories import NOW
from tests.running import MASTER_KEYS, Databases

BYTES = b"ISA*00*ZQPERSON\xff\x00~"


@pytest.fixture
async def document(units: UnitsOfWork) -> InboundDocument:
    """Listed, and fetched."""
    value = an_inbound_document()
    async with units.begin_plain() as work:
        assert await work.inbound_documents.add(value)
        await work.inbound_documents.keep(value.id, BYTES)
    return value


async def test_a_document_comes_back_as_it_came(units: UnitsOfWork, document: InboundDocument) -> None:
    async with units.begin_plain() as work:
        assert await work.inbound_documents.get(document.id, lock=True) == document
        assert await work.inbound_documents.content(document.id) == BYTES
        assert await work.inbound_documents.get(uuid4()) is None
        assert await work.inbound_documents.content(uuid4()) is None


async def test_a_document_is_listed_once(units: UnitsOfWork, document: InboundDocument) -> None:
    again = replace(document, id=uuid4())
    async with units.begin_plain() as work:
        assert not await work.inbound_documents.add(again)
        assert await work.inbound_documents.add(replace(again, clearinghouse="another"))
        assert await work.inbound_documents.content(again.id) is None


async def test_its_state_moves_on_and_its_bytes_stay(units: UnitsOfWork, document: InboundDocument) -> None:
    moved = replace(
        document,
        kind=InboundKind.CLAIM_ACKNOWLEDGMENT,
        state=InboundState.FAILED,
        failure="unreadable",
        updated_at=NOW + timedelta(minutes=1),
    )
    async with units.begin_plain() as work:
        await work.inbound_documents.save(replace(moved, external_id="another", processed_at=NOW + timedelta(days=1)))
        await work.inbound_documents.keep(document.id, b"other bytes")
    async with units.begin_plain() as work:
        assert await work.inbound_documents.get(document.id) == moved
        assert await work.inbound_documents.content(document.id) == BYTES


@pytest.fixture(scope="module")
def empty(databases: Databases) -> Databases:
    """A database in which nobody else lists documents."""
    return databases.fresh()


async def test_what_waits_is_listed_oldest_first(empty: Databases) -> None:
    limits = DatabaseLimits(statement_ms=5_000, pool_size=1)
    opened = Database.connect(empty.app_url, limits=limits, master_keys=MASTER_KEYS, name="inbound")
    documents = [an_inbound_document(state=state) for state in InboundState]
    async with UnitsOfWork(opened, now=lambda: NOW, new_id=uuid4).begin_plain() as work:
        for document in reversed(documents):
            assert await work.inbound_documents.add(document)
        first = await work.inbound_documents.in_states(InboundState, limit=2)
        rest = await work.inbound_documents.in_states(InboundState, after=first[-1].id, limit=100)
        waiting = await work.inbound_documents.in_states([InboundState.UNROUTED, InboundState.FAILED], limit=100)
    await opened.close()
    assert [*first, *rest] == documents
    assert waiting == [one for one in documents if one.state in {InboundState.UNROUTED, InboundState.FAILED}]


async def test_the_bytes_are_not_readable_at_rest_and_open_in_their_own_row_only(
    databases: Databases, units: UnitsOfWork, document: InboundDocument
) -> None:
    other = an_inbound_document()
    async with units.begin_plain() as work:
        assert await work.inbound_documents.add(other)
        await work.inbound_documents.keep(other.id, b"other bytes")
    async with databases.as_superuser() as connection:
        sealed = await connection.scalar(
            sa.text("select sealed from inbound_document where id = :id"), {"id": document.id}
        )
        await connection.execute(
            sa.text("update inbound_document set sealed = :sealed where id = :id"), {"sealed": sealed, "id": other.id}
        )
    assert b"ZQPERSON" not in bytes(sealed or b"")
    async with units.begin_plain() as work:
        with pytest.raises(UnreadableValue, match=r"inbound_document\.sealed"):
            await work.inbound_documents.content(other.id)


async def test_the_same_bytes_have_the_same_fingerprint_which_is_no_plain_hash(
    databases: Databases, units: UnitsOfWork, document: InboundDocument
) -> None:
    again, other = an_inbound_document(), an_inbound_document()
    async with units.begin_plain() as work:
        for one, content in ((again, BYTES), (other, b"other bytes")):
            assert await work.inbound_documents.add(one)
            await work.inbound_documents.keep(one.id, content)
    query = sa.text(
        "select id, fingerprint, sha256(cast(:content as bytea)) as plain from inbound_document where id = any(:ids)"
    )
    ids = [document.id, again.id, other.id]
    async with databases.as_superuser() as connection:
        rows = {row.id: row for row in await connection.execute(query, {"content": BYTES, "ids": ids})}
    assert rows[document.id].fingerprint == rows[again.id].fingerprint != rows[other.id].fingerprint
    assert rows[document.id].fingerprint != rows[document.id].plain


async def test_a_document_is_read_after_the_master_key_was_rotated(
    databases: Databases, document: InboundDocument
) -> None:
    rotated = MasterKeys({"test": bytes(range(32)), "next": bytes(32)}, "next")
    limits = DatabaseLimits(statement_ms=5_000, pool_size=1)
    opened = Database.connect(databases.app_url, limits=limits, master_keys=rotated, name="rotation")
    async with UnitsOfWork(opened, now=lambda: NOW, new_id=uuid4).begin_plain() as work:
        assert await work.inbound_documents.content(document.id) == BYTES
    await opened.close()
