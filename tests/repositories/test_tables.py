"""The word lists of the tables: what the domain can say, the database of the migrations takes, and nothing else."""

import re

import pytest
import sqlalchemy as sa

from app.repositories.tables import metadata
from tests.running import Databases

CHECKS = {
    str(constraint.name): str(constraint.sqltext)
    for table in metadata.tables.values()
    for constraint in table.constraints
    if isinstance(constraint, sa.CheckConstraint)
}


@pytest.fixture
async def definitions(databases: Databases) -> dict[str, str]:
    query = "select conname, pg_get_constraintdef(oid) as definition from pg_constraint where contype = 'c'"
    async with databases.as_superuser() as connection:
        return {row.conname: row.definition for row in await connection.execute(sa.text(query))}


async def test_the_migrations_make_each_check_with_the_words_of_the_domain(definitions: dict[str, str]) -> None:
    assert len(CHECKS) > 20
    for name, text in CHECKS.items():
        assert words_in(definitions[name]) == words_in(text), name


async def test_the_migrations_make_no_check_that_the_tables_do_not_know(definitions: dict[str, str]) -> None:
    ours = {
        name for name in definitions if name.partition("_")[0] in {table.partition("_")[0] for table in metadata.tables}
    }
    assert ours - CHECKS.keys() == {"coverage_rank_benefit_class_check"}


def words_in(definition: str) -> set[str]:
    return set(re.findall(r"'(\w+)'", definition))
