"""Whose row is it: the catalogue of a migrated database, and what the application's login sees and may write.

Every rule is asked of the database, never of the code, so that a new table cannot escape it. `docs/tenancy.md` explains.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.practices import Practice
from app.repositories.database import Database, sqlstate
from app.repositories.database_roles import GRANTS, unsafe_facts
from app.repositories.tables import TENANT_TABLES, WITHOUT_TENANT, metadata
from tests.planting import plant
from tests.planting_records import Records
from tests.running import Databases

APP_ROLE = "crossover_app"
INSUFFICIENT_PRIVILEGE = "42501"
PAGE = Path(__file__).parents[1] / "docs" / "tenancy.md"
SETTING = "NULLIF(current_setting('crossover.practice_id'::text, true), ''::text)"

Rows = list[Mapping[str, Any]]


@pytest.fixture
async def records(database: Database, practice: Practice) -> Records:
    """A practice with rows in every tenant table."""
    return await plant(database, practice.id)


async def catalogue(databases: Databases, query: str, **parameters: Any) -> Rows:
    async with databases.as_superuser() as connection:
        return [dict(row) for row in (await connection.execute(sa.text(query), parameters)).mappings()]


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
