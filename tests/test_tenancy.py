"""Whose row is it: the catalogue of a migrated database, and what the application's login sees and may write.

Every rule is asked of the database, never of the code, so that a new table cannot escape it. `docs/tenancy.md` explains.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.practices import Practice
from app.repositories.database import Database, sqlstate
from app.repositories.database_roles import GRANTS, unsafe_facts
from app.repositories.tables import TENANT_TABLES, WITHOUT_TENANT, metadata
from tests.planting import Records, plant
from tests.running import Databases

APP_ROLE = "crossover_app"
INSUFFICIENT_PRIVILEGE = "42501"
INVALID_TEXT = "22P02"
NIL = UUID(int=0)
PAGE = Path(__file__).parents[1] / "docs" / "tenancy.md"
SETTING = "NULLIF(current_setting('crossover.practice_id'::text, true), ''::text)"

Rows = list[Mapping[str, Any]]


@pytest.fixture
async def records(database: Database, practice: Practice) -> Records:
    """A practice with rows in every tenant table."""
    return await plant(database, practice.id)


@pytest.fixture
async def others(databases: Databases, database: Database) -> Records:
    return await plant(database, (await databases.add_practice()).id)


async def catalogue(databases: Databases, query: str, **parameters: Any) -> Rows:
    async with databases.as_superuser() as connection:
        return [dict(row) for row in (await connection.execute(sa.text(query), parameters)).mappings()]


async def counts(databases: Databases, practice_id: UUID | None = None) -> dict[str, int]:
    """Rows that the application sees in each tenant table."""
    async with databases.as_app(practice_id) as connection:
        return {table: await _count(connection, table) for table in TENANT_TABLES}


async def _count(connection: Any, table: str, condition: str = "true") -> int:
    return int(await connection.scalar(of_table("select count(*) from {table} where {condition}", table, condition)))


def of_table(statement: str, table: str, condition: str = "", columns: str = "") -> sa.TextClause:
    """The statement for one of our own tables: names cannot be parameters."""
    return sa.text(statement.format(table=table, condition=condition, columns=columns))


# -- tables ------------------------------------------------------------------------------------------------------------


async def test_each_table_of_the_database_is_known_to_the_code(databases: Databases) -> None:
    rows = await catalogue(
        databases,
        "select relname from pg_class join pg_namespace n on n.oid = relnamespace"
        " where relkind in ('r', 'p', 'f') and nspname !~ '^pg_' and nspname <> 'information_schema'",
    )
    assert {row["relname"] for row in rows} == {*metadata.tables, "alembic_version"}
    assert set(TENANT_TABLES) | WITHOUT_TENANT == {*metadata.tables, "alembic_version"}


def test_each_table_without_a_tenant_stands_on_the_page_with_its_reason() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Tables without a tenant")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| ([^|]{20,}) \|", section, re.MULTILINE))
    assert listed.keys() == WITHOUT_TENANT


async def test_each_tenant_table_has_forced_row_level_security(databases: Databases) -> None:
    rows = await catalogue(
        databases,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and relrowsecurity and relforcerowsecurity",
    )
    assert {row["relname"] for row in rows} == set(TENANT_TABLES)


async def test_each_policy_compares_the_practice_for_what_is_read_and_what_is_written(databases: Databases) -> None:
    rows = await catalogue(databases, "select * from pg_policies where schemaname = 'public'")
    own = {row["tablename"]: row for row in rows if row["policyname"] == "tenant"}
    assert own.keys() == set(TENANT_TABLES)
    for table, row in own.items():
        assert (row["cmd"], row["permissive"], list(row["roles"])) == ("ALL", "PERMISSIVE", ["public"])
        assert row["qual"] == f"(practice_id = ({SETTING})::uuid)"
        assert f"practice_id = ({SETTING})::uuid" in row["with_check"], table
    # Policies add up: any other one opens a table further, so each is named here.
    assert {(row["tablename"], row["policyname"]) for row in rows if row["policyname"] != "tenant"} == {
        ("payer_profile", "general_read"),
        ("payer_profile", "general_write"),
    }


async def test_the_practice_comes_first_in_each_key_of_a_tenant_table(databases: Databases) -> None:
    rows = await catalogue(
        databases,
        "select c.relname as table, i.relname as index, x.indisprimary, pg_get_indexdef(x.indexrelid, 1, true) as first"
        " from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid"
        " where c.relname = any(:tables) and (x.indisunique or x.indisexclusion)",
        tables=list(TENANT_TABLES),
    )
    assert {row["table"] for row in rows if row["indisprimary"]} == set(TENANT_TABLES)
    first = {row["index"]: row["first"] for row in rows}
    assert {name: text for name, text in first.items() if text != "practice_id"} == dict.fromkeys(
        ("coverage_same_policy_excl", "coverage_rank_taken_excl", "coverage_rank_once_excl"),
        "uuidrange(practice_id, practice_id, '[]'::text)",
    )


async def test_the_practice_comes_first_in_each_foreign_key_between_tenant_tables(databases: Databases) -> None:
    rows = await catalogue(
        databases,
        "select k.conname, k.conrelid::regclass::text as from_table, k.confrelid::regclass::text as to_table,"
        " (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) as from_column,"
        " (select attname from pg_attribute where attrelid = k.confrelid and attnum = k.confkey[1]) as to_column"
        " from pg_constraint k where k.contype = 'f'",
    )
    between = [row for row in rows if row["to_table"] in TENANT_TABLES]
    assert len(between) >= 9
    for row in between:
        assert (row["from_column"], row["to_column"]) == ("practice_id", "practice_id"), row["conname"]
    # A table without a tenant may point at none: nothing would keep the two practices the same.
    assert not [row for row in rows if row["from_table"] in WITHOUT_TENANT]


async def test_the_practice_is_never_null(databases: Databases) -> None:
    rows = await catalogue(
        databases,
        "select table_name from information_schema.columns where table_schema = 'public'"
        " and column_name = 'practice_id' and is_nullable = 'NO' and data_type = 'uuid'",
    )
    assert {row["table_name"] for row in rows} >= set(TENANT_TABLES)


async def test_there_are_no_views_and_no_functions_with_their_owners_rights(databases: Databases) -> None:
    views = await catalogue(
        databases,
        "select relname from pg_class join pg_namespace n on n.oid = relnamespace where relkind in ('v', 'm')"
        " and nspname !~ '^pg_' and nspname <> 'information_schema'",
    )
    definers = await catalogue(
        databases,
        "select proname from pg_proc join pg_namespace n on n.oid = pronamespace where prosecdef"
        " and nspname !~ '^pg_' and nspname <> 'information_schema'",
    )
    assert (views, definers) == ([], [])


# -- the application's login -------------------------------------------------------------------------------------------


async def test_the_application_is_an_ordinary_role_that_belongs_to_no_other(databases: Databases) -> None:
    (role,) = await catalogue(databases, "select * from pg_roles where rolname = :role", role=APP_ROLE)
    powers = ("rolsuper", "rolbypassrls", "rolcreatedb", "rolcreaterole", "rolreplication")
    assert not any(role[power] for power in powers)
    assert not await catalogue(
        databases, "select roleid from pg_auth_members where member = cast(:role as regrole)", role=APP_ROLE
    )


async def test_the_application_owns_nothing(databases: Databases) -> None:
    owned = await catalogue(
        databases,
        "select classid::regclass::text, objid from pg_shdepend where refobjid = cast(:role as regrole) and deptype = 'o'",
        role=APP_ROLE,
    )
    assert owned == []


async def test_the_application_may_create_nothing_not_even_for_a_session(databases: Databases) -> None:
    (may,) = await catalogue(
        databases,
        "select has_schema_privilege(:role, 'public', 'create') as in_schema,"
        " has_database_privilege(:role, current_database(), 'create') as in_database,"
        " has_database_privilege(:role, current_database(), 'temporary') as temporary,"
        " has_database_privilege(:role, current_database(), 'connect') as connect",
        role=APP_ROLE,
    )
    assert may == {"in_schema": False, "in_database": False, "temporary": False, "connect": True}


async def test_the_application_holds_the_listed_privileges_and_no_others(databases: Databases) -> None:
    held = await catalogue(
        databases,
        "select c.relname, string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) as privileges"
        " from pg_class c, aclexplode(c.relacl) a where c.relnamespace = 'public'::regnamespace"
        " and a.grantee in (0, cast(:role as regrole)) group by c.relname",
        role=APP_ROLE,
    )
    assert {row["relname"]: set(row["privileges"].split(", ")) for row in held} == {
        table: set(privileges.split(", ")) for table, privileges in GRANTS.items()
    }
    assert GRANTS.keys() == {*metadata.tables, "alembic_version"}
    granted = {privilege for privileges in GRANTS.values() for privilege in privileges.split(", ")}
    assert granted == {"select", "insert", "update", "delete"}
    columns = await catalogue(
        databases, "select attname from pg_attribute where attacl is not null and attrelid > 16383"
    )
    assert columns == []


@pytest.mark.parametrize(
    "statement",
    [
        "insert into practice select * from practice limit 1",
        "delete from practice",
        "insert into payer select * from payer limit 1",
        "update payer set name = 'CHANGED'",
        "update practice_key set wrapped = ''",
        "truncate patient",
        "truncate patient cascade",
        "create table kept (id int)",
        "create temporary table kept (id int)",
        "create schema kept",
        "alter table patient disable row level security",
        "drop policy tenant on patient",
        "create policy everyone on patient using (true)",
        "set role crossover_owner",
        "set session authorization crossover_owner",
    ],
)
async def test_the_application_is_refused(databases: Databases, practice: Practice, statement: str) -> None:
    async with databases.as_app(practice.id) as connection:
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(sa.text(statement))
    assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE


async def test_turning_row_security_off_hides_nothing_less(databases: Databases, records: Records) -> None:
    async with databases.as_app() as connection:
        await connection.execute(sa.text("set local row_security = off"))
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(sa.text("select * from patient"))
    assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE


async def test_production_finds_this_login_and_schema_safe(databases: Databases) -> None:
    async with databases.as_app() as connection:
        # The tests' own cluster runs without fsync, which production refuses too.
        assert await unsafe_facts(connection) == ["the server runs with fsync off"]
    async with databases.as_superuser() as connection:
        assert "the database login is a superuser" in await unsafe_facts(connection)
    async with databases.as_owner() as connection:
        assert "the database login owns tables" in await unsafe_facts(connection)


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_production_finds_an_unforced_table(databases: Databases, table: str) -> None:
    async with databases.as_superuser() as connection:
        await connection.execute(sa.text(f"alter table {table} no force row level security"))
        assert f"row-level security is not forced on {table}" in await unsafe_facts(connection)
        await connection.rollback()


# -- rows --------------------------------------------------------------------------------------------------------------


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
