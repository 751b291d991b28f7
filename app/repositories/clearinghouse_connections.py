"""How each clearinghouse last behaved: for operators, who see it beside the service's own readiness."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.repositories.database import Database
from app.repositories.tables import clearinghouse_connection


@dataclass(frozen=True, kw_only=True)
class ConnectionState:
    """When it last answered and last failed; `failure` is one of the port's words."""

    answered_at: datetime | None
    failed_at: datetime | None
    failure: str | None

    @property
    def word(self) -> str:
        if self.failed_at is not None and (self.answered_at is None or self.failed_at > self.answered_at):
            return "failing"
        return "answering" if self.answered_at is not None else "unknown"


class ClearinghouseConnections:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, clearinghouse: str, failure: str | None) -> None:
        """In a transaction of its own: the row is everybody's, and no practice's work waits for it."""
        values: dict[str, object] = {"answered_at": sa.func.now()}
        if failure is not None:
            values = {"failed_at": sa.func.now(), "failure": failure}
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(clearinghouse_connection)
                .values(clearinghouse=clearinghouse, **values)
                .on_conflict_do_update(index_elements=["clearinghouse"], set_=values)
            )

    async def state(self, clearinghouse: str) -> ConnectionState:
        columns = clearinghouse_connection.c
        async with self._database.transaction() as connection:
            row = (
                await connection.execute(
                    sa.select(clearinghouse_connection).where(columns.clearinghouse == clearinghouse)
                )
            ).one_or_none()
        if row is None:
            return ConnectionState(answered_at=None, failed_at=None, failure=None)
        return ConnectionState(answered_at=row.answered_at, failed_at=row.failed_at, failure=row.failure)
