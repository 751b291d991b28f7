"""Whose row is it: what the application's login sees and may write, as one practice, as another, and as none.

Every tenant table is tried. The catalogue behind it is read in `test_tenancy.py`.
"""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.practices import Practice
from app.repositories.database import Database, sqlstate
from app.repositories.database_roles import GRANTS
from app.repositories.tables import TENANT_TABLES, metadata
from tests.planting import plant
from tests.planting_records import Records
from tests.running import Databases

INSUFFICIENT_PRIVILEGE = "42501"
INVALID_TEXT = "22P02"
NIL = UUID(int=0)


@pytest.fixture
async def records(database: Database, practice: Practice) -> Records:
    """A practice with rows in every tenant table."""
    return await plant(database, practice.id)


@pytest.fixture
async def others(databases: Databases, database: Database) -> Records:
    return await plant(database, (await databases.add_practice()).id)


async def counts(databases: Databases, practice_id: UUID | None = None) -> dict[str, int]:
    """Rows that the application sees in each tenant table."""
    async with databases.as_app(practice_id) as connection:
        return {table: await _count(connection, table) for table in TENANT_TABLES}


async def _count(connection: Any, table: str, condition: str = "true") -> int:
    return int(await connection.scalar(of_table("select count(*) from {table} where {condition}", table, condition)))


def of_table(statement: str, table: str, condition: str = "", columns: str = "") -> sa.TextClause:
    """The statement for one of our own tables: names cannot be parameters."""
    return sa.text(statement.format(table=table, condition=condition, columns=columns))


async def test_without_a_tenant_each_tenant_table_is_empty(databases: Databases, records: Records) -> None:
    async with databases.as_superuser() as connection:
        there = {table: await _count(connection, table) for table in TENANT_TABLES}
    assert all(there.values())
    assert await counts(databases) == dict.fromkeys(TENANT_TABLES, 0)
    async with databases.as_owner() as connection:
        seen = {table: await _count(connection, table) for table in TENANT_TABLES if table != "payer_profile"}
    assert not any(seen.values())


async def test_a_connection_that_had_a_tenant_sees_nothing_after_its_transaction(
    database: Database, records: Records
) -> None:
    async with database.engine.connect() as connection:
        for ending in (connection.commit, connection.rollback):
            await connection.execute(
                sa.text("select set_config('crossover.practice_id', :id, true)"), {"id": str(records.practice_id)}
            )
            assert await _count(connection, "patient") == 1
            await ending()
            assert {await _count(connection, table) for table in TENANT_TABLES} == {0}
            await connection.rollback()


async def test_a_tenant_that_is_no_id_is_an_error_and_no_open_door(databases: Databases, records: Records) -> None:
    for text in ("' or true --", "%", str(records.practice_id)[:-1]):
        async with databases.as_app() as connection:
            await connection.execute(sa.text("select set_config('crossover.practice_id', :text, true)"), {"text": text})
            with pytest.raises(DBAPIError) as refused:
                await connection.execute(sa.text("select * from patient"))
        assert sqlstate(refused.value) == INVALID_TEXT


async def test_a_practice_sees_its_own_rows_only(databases: Databases, records: Records, others: Records) -> None:
    async with databases.as_app(records.practice_id) as connection:
        for table in TENANT_TABLES:
            assert await _count(connection, table, f"practice_id = '{records.practice_id}'") > 0
            stranger = await _count(connection, table, f"practice_id <> '{records.practice_id}'")
            general = await _count(connection, table, f"practice_id = '{NIL}'")
            assert stranger == general
            assert (general > 0) == (table == "payer_profile")


async def test_another_practices_rows_are_neither_changed_nor_deleted(
    databases: Databases, records: Records, others: Records
) -> None:
    for table, privileges in GRANTS.items():
        if table not in TENANT_TABLES:
            continue
        async with databases.as_app(others.practice_id) as connection:
            theirs = {"id": records.practice_id}
            if "update" in privileges:
                done = await connection.execute(
                    of_table("update {table} set practice_id = practice_id where practice_id = :id", table), theirs
                )
                assert done.rowcount == 0
            if "delete" in privileges:
                done = await connection.execute(of_table("delete from {table} where practice_id = :id", table), theirs)
                assert done.rowcount == 0


@pytest.mark.parametrize("table", [table for table in TENANT_TABLES if "insert" in GRANTS[table]])
async def test_a_row_of_another_practice_is_not_inserted(
    databases: Databases, records: Records, others: Records, table: str
) -> None:
    columns = [column.name for column in metadata.tables[table].columns if column.identity is None]
    names = ", ".join(f'"{name}"' for name in columns)
    one = of_table("select cast(to_jsonb(t) as text) from {table} t where practice_id = :id limit 1", table)
    async with databases.as_superuser() as connection:
        row = await connection.scalar(one, {"id": records.practice_id})
    insert = of_table(
        "insert into {table} ({columns})"
        " select {columns} from jsonb_populate_record(cast(null as {table}), cast(:row as jsonb))",
        table,
        columns=names,
    )
    for acting in (others.practice_id, None, NIL):
        async with databases.as_app(acting) as connection:
            with pytest.raises(DBAPIError, match="row-level security") as refused:
                await connection.execute(insert, {"row": row})
        assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE


@pytest.mark.parametrize("table", [table for table in TENANT_TABLES if "update" in GRANTS[table]])
async def test_an_own_row_is_not_given_to_another_practice(
    databases: Databases, records: Records, others: Records, table: str
) -> None:
    async with databases.as_app(records.practice_id) as connection:
        with pytest.raises(DBAPIError, match="row-level security") as refused:
            await connection.execute(
                of_table("update {table} set practice_id = :to", table), {"to": others.practice_id}
            )
    assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE


async def test_nothing_tells_whether_another_practice_has_the_same_external_id_or_npi(
    database: Database, databases: Databases, records: Records
) -> None:
    """The unique keys hold the practice, so the same values are simply taken."""
    other = await databases.add_practice()
    copy = (
        "insert into {table} select (jsonb_populate_record(t, jsonb_build_object('practice_id', cast(:to as text)))).*"
        " from {table} t where practice_id = :origin"
    )
    for table in ("provider", "patient"):
        async with databases.as_superuser() as connection:
            done = await connection.execute(of_table(copy, table), {"to": str(other.id), "origin": records.practice_id})
            assert done.rowcount == 1


async def test_the_nil_practice_exists_nowhere_but_in_the_general_payer_profile(
    databases: Databases, records: Records
) -> None:
    async with databases.as_superuser() as connection:
        assert await _count(connection, "practice", f"id = '{NIL}'") == 0
        for table in TENANT_TABLES:
            assert (await _count(connection, table, f"practice_id = '{NIL}'") > 0) == (table == "payer_profile")
    assert (await counts(databases, NIL)).items() >= dict.fromkeys(set(TENANT_TABLES) - {"payer_profile"}, 0).items()


async def test_a_practice_that_does_not_exist_sees_nothing_but_the_general_payer_profile(
    databases: Databases, records: Records
) -> None:
    seen = await counts(databases, uuid4())
    assert {table for table, count in seen.items() if count} == {"payer_profile"}
