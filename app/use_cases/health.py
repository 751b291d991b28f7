"""Whether the service can do its work: the database answers in time, and has the schema this code was written for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.domain.errors import DatabaseUnavailable
from app.repositories.database_roles import newest_revision, schema_revision
from app.use_cases.context import Context

DATABASE_SECONDS = 0.25


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Each part in one word; the clearinghouse's state is shown and never makes the service unready."""

    database: str
    schema: str
    keys: str
    clearinghouse: str

    @property
    def is_ready(self) -> bool:
        return (self.database, self.schema, self.keys) == ("ok", "ok", "ok")


async def readiness(context: Context, keys_are_loaded: Callable[[], Awaitable[bool]]) -> Readiness:
    database, schema, clearinghouse = "ok", "unknown", "unknown"
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            async with context.database.transaction() as connection:
                schema = "ok" if await schema_revision(connection) == newest_revision() else "unexpected"
            if schema == "ok":
                clearinghouse = (await context.clearinghouse_connections.state(context.clearinghouse.name)).word
    except (DatabaseUnavailable, TimeoutError):
        database = "unavailable"
    keys = "ok" if await keys_are_loaded() else "missing"
    return Readiness(database=database, schema=schema, keys=keys, clearinghouse=clearinghouse)
