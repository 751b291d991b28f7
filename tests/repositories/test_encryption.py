"""Sealed values: they open in their own place only, and a new master key opens what an old one wrapped."""

import os
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.domain.callers import Tenant
from app.domain.practices import Practice
from app.repositories.database import Database, DatabaseLimits
from app.repositories.encryption import (
    INDEX_KEY_NUMBER,
    KEY_BYTES,
    MasterKeys,
    PracticeVault,
    UnreadableValue,
    new_practice_keys,
)
from app.repositories.tables import metadata
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW, a_patient
from tests.running import MASTER_KEYS, Databases

PRACTICE, OTHER_PRACTICE = uuid4(), uuid4()
KEYS = {INDEX_KEY_NUMBER: bytes(range(32)), 1: bytes(range(1, 33))}
VAULT = PracticeVault.of(PRACTICE, KEYS)
SEALED_COLUMNS = [
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.columns
    if column.name.startswith("sealed")
]


@given(st.binary(max_size=2000), st.sampled_from(SEALED_COLUMNS), st.uuids())
def test_what_was_sealed_opens_in_its_place(plain: bytes, place: tuple[str, str], row: UUID) -> None:
    assert VAULT.open_bytes(*place, row, VAULT.seal_bytes(*place, row, plain)) == plain


def test_a_value_sealed_twice_is_not_the_same_bytes() -> None:
    row = uuid4()
    assert len({VAULT.seal_bytes("patient", "sealed", row, b"same") for _ in range(1000)}) == 1000


def test_ten_thousand_values_moved_to_another_row_are_all_refused() -> None:
    rows = [uuid4() for _ in range(101)]
    sealed = {row: VAULT.seal_bytes("patient", "sealed", row, b"FICTIONAL") for row in rows}
    refused = 0
    for origin in rows:
        for row in rows:
            if row == origin:
                continue
            with pytest.raises(UnreadableValue):
                VAULT.open_bytes("patient", "sealed", row, sealed[origin])
            refused += 1
    assert refused == 10_100


def test_a_value_moved_to_another_table_or_column_is_refused() -> None:
    row = uuid4()
    for origin in SEALED_COLUMNS:
        sealed = VAULT.seal_bytes(*origin, row, b"FICTIONAL")
        for place in SEALED_COLUMNS:
            if place != origin:
                with pytest.raises(UnreadableValue):
                    VAULT.open_bytes(*place, row, sealed)


def test_a_value_moved_to_another_practice_is_refused_even_under_the_same_data_key() -> None:
    row = uuid4()
    sealed = VAULT.seal_bytes("patient", "sealed", row, b"FICTIONAL")
    with pytest.raises(UnreadableValue):
        PracticeVault.of(OTHER_PRACTICE, KEYS).open_bytes("patient", "sealed", row, sealed)


def test_each_flipped_bit_is_refused() -> None:
    row = uuid4()
    sealed = VAULT.seal_bytes("coverage", "sealed", row, b"MLK123456")
    for position in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(UnreadableValue):
            VAULT.open_bytes("coverage", "sealed", row, bytes(damaged))


def test_each_shortened_value_is_refused() -> None:
    row = uuid4()
    sealed = VAULT.seal_bytes("coverage", "sealed", row, b"MLK123456")
    for length in range(len(sealed)):
        with pytest.raises(UnreadableValue):
            VAULT.open_bytes("coverage", "sealed", row, sealed[:length])


@given(st.binary(max_size=200))
def test_bytes_from_elsewhere_are_refused(sealed: bytes) -> None:
    with pytest.raises(UnreadableValue):
        VAULT.open_bytes("patient", "sealed", PRACTICE, sealed)
    with pytest.raises(UnreadableValue):
        MASTER_KEYS.unwrap(sealed, PRACTICE, 1)


def test_a_refusal_says_where_and_never_what() -> None:
    row = uuid4()
    sealed = VAULT.seal_bytes("patient", "sealed", row, b"FICTIONAL")
    with pytest.raises(UnreadableValue) as refused:
        VAULT.open_bytes("patient", "sealed", uuid4(), sealed)
    assert str(refused.value) == "patient.sealed: the value does not open in this place"


def test_keys_do_not_show_in_the_text_of_a_vault() -> None:
    shown = repr(PracticeVault.of(PRACTICE, {0: b"i" * KEY_BYTES, 1: b"d" * KEY_BYTES}))
    assert "iiii" not in shown
    assert "dddd" not in shown


def test_a_new_active_master_key_still_opens_what_the_old_one_wrapped() -> None:
    old, new = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    before = MasterKeys({"old": old}, "old")
    plain, wrapped = new_practice_keys(before, PRACTICE)
    after = MasterKeys({"old": old, "new": new}, "new")
    assert {number: after.unwrap(key, PRACTICE, number) for number, key in wrapped.items()} == plain
    rewrapped = after.wrap(plain[1], PRACTICE, 1)
    assert MasterKeys({"new": new}, "new").unwrap(rewrapped, PRACTICE, 1) == plain[1]
    with pytest.raises(UnreadableValue):
        MasterKeys({"new": new}, "new").unwrap(wrapped[1], PRACTICE, 1)


def test_a_wrapped_key_belongs_to_one_practice_and_one_number() -> None:
    _, wrapped = new_practice_keys(MASTER_KEYS, PRACTICE)
    with pytest.raises(UnreadableValue):
        MASTER_KEYS.unwrap(wrapped[1], OTHER_PRACTICE, 1)
    with pytest.raises(UnreadableValue):
        MASTER_KEYS.unwrap(wrapped[1], PRACTICE, INDEX_KEY_NUMBER)


def test_each_flipped_bit_of_a_wrapped_key_is_refused() -> None:
    wrapped = MASTER_KEYS.wrap(os.urandom(KEY_BYTES), PRACTICE, 1)
    for position in range(len(wrapped) * 8):
        damaged = bytearray(wrapped)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(UnreadableValue):
            MASTER_KEYS.unwrap(bytes(damaged), PRACTICE, 1)


def test_a_newer_data_key_seals_and_the_older_still_opens() -> None:
    row = uuid4()
    older = VAULT.seal_bytes("patient", "sealed", row, b"FICTIONAL")
    rotated = PracticeVault.of(PRACTICE, {**KEYS, 2: os.urandom(KEY_BYTES)})
    newer = rotated.seal_bytes("patient", "sealed", row, b"FICTIONAL")
    assert int.from_bytes(newer[:2], "big") == 2
    assert rotated.open_bytes("patient", "sealed", row, older) == b"FICTIONAL"
    assert rotated.hash("patient.last_name", "fictional") == VAULT.hash("patient.last_name", "fictional")


@pytest.mark.parametrize("keys", [{}, {"a": b"short"}, {"b": bytes(KEY_BYTES)}])
def test_master_keys_that_are_short_or_lack_the_active_one_are_refused(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKeys(keys, "a")


def test_equal_values_hash_alike_within_a_practice_and_purpose_only() -> None:
    name = VAULT.hash("patient.last_name", "fictional")
    assert name == VAULT.hash("patient.last_name", "fictional")
    assert name != VAULT.hash("patient.birth_date", "fictional")
    assert name != PracticeVault.of(OTHER_PRACTICE, {0: os.urandom(32), 1: KEYS[1]}).hash(
        "patient.last_name", "fictional"
    )


def test_a_cursor_opens_for_its_purpose_and_binding_only() -> None:
    cursors = MASTER_KEYS.service_cipher("list cursors")
    sealed = cursors.seal(b"position", b"this list")
    assert cursors.open(sealed, b"this list") == b"position"
    assert cursors.open(sealed, b"another list") is None
    assert MASTER_KEYS.service_cipher("another purpose").open(sealed, b"this list") is None
    assert [cursors.open(sealed[:length], b"this list") for length in range(len(sealed))] == [None] * len(sealed)


def test_what_the_service_sealed_opens_after_a_rotation_and_not_without_the_old_key() -> None:
    old, new = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    sealed = MasterKeys({"old": old}, "old").service_cipher("documents").seal(b"document", b"row")
    rotated = MasterKeys({"old": old, "new": new}, "new").service_cipher("documents")
    assert rotated.open(sealed, b"row") == b"document"
    assert rotated.open(sealed, b"another row") is None
    assert MasterKeys({"new": new}, "new").service_cipher("documents").open(sealed, b"row") is None
    assert MasterKeys({"old": old}, "old").service_cipher("documents").open(rotated.seal(b"", b"row"), b"row") is None


def test_a_service_fingerprint_is_the_same_for_the_same_content_and_purpose_only() -> None:
    documents = MASTER_KEYS.service_cipher("documents")
    assert documents.fingerprint(b"document") == MASTER_KEYS.service_cipher("documents").fingerprint(b"document")
    assert documents.fingerprint(b"document") != documents.fingerprint(b"other")
    assert documents.fingerprint(b"document") != MASTER_KEYS.service_cipher("cursors").fingerprint(b"document")


async def test_a_row_swapped_in_the_database_is_refused_when_it_is_read(
    databases: Databases, database: Database, practice: Practice
) -> None:
    tenant = Tenant(practice_id=practice.id, actor="test", role="clinician", request_id="test")
    units = UnitsOfWork(database, now=lambda: NOW, new_id=uuid4)
    one, other = a_patient(), a_patient()
    async with units.begin(tenant) as uow:
        assert await uow.patients.add(one)
        assert await uow.patients.add(other)
        await uow.commit()
    async with databases.as_superuser() as connection:
        await connection.execute(
            sa.text("update patient set sealed = (select sealed from patient where id = :other) where id = :one"),
            {"one": one.id, "other": other.id},
        )
    async with units.begin(tenant) as uow:
        assert await uow.patients.get(other.id) == other
        with pytest.raises(UnreadableValue, match=r"patient\.sealed"):
            await uow.patients.get(one.id)


async def test_a_database_whose_master_key_was_rotated_reads_the_old_rows(
    databases: Databases, practice: Practice
) -> None:
    tenant = Tenant(practice_id=practice.id, actor="test", role="clinician", request_id="test")
    rotated = MasterKeys({"test": bytes(range(32)), "next": os.urandom(KEY_BYTES)}, "next")
    patient = a_patient()
    for keys in (MASTER_KEYS, rotated):
        opened = Database.connect(
            databases.app_url, limits=DatabaseLimits(statement_ms=5_000, pool_size=1), master_keys=keys, name="rotation"
        )
        async with UnitsOfWork(opened, now=lambda: NOW, new_id=uuid4).begin(tenant) as uow:
            if keys is MASTER_KEYS:
                await uow.patients.add(patient)
            assert await uow.patients.get(patient.id) == patient
            await uow.commit()
        await opened.close()
