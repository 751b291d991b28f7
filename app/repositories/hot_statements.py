"""Statements of the hot paths: written with SQLAlchemy Core, compiled once, run by asyncpg inside the open transaction.

Building, caching and adapting a Core statement costs more than PostgreSQL's part of a read by id. The transaction is
SQLAlchemy's and has begun with the tenant's statement, so what runs here is part of it: never use one before that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection


class HotStatement:
    """`statement` names its parameters with `bindparam`; they are given by name."""

    def __init__(self, statement: sa.ClauseElement) -> None:
        dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._names: tuple[str, ...] = tuple(getattr(compiled, "positiontup", None) or ())

    async def fetch(self, connection: AsyncConnection, parameters: Mapping[str, Any]) -> Sequence[asyncpg.Record]:
        driver: Any = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]  # it is open
        rows: list[asyncpg.Record] = await driver.fetch(self._sql, *[parameters[name] for name in self._names])
        return rows
