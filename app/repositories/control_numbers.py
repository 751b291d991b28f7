"""Interchange control numbers (ISA13): one rising counter per clearinghouse, gaps allowed, never a number twice."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.repositories.database import Database
from app.repositories.tables import control_number

_LAST = 999_999_999


class ControlNumbers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def next(self, clearinghouse: str) -> int:
        """Taken in a transaction of its own, so that no practice's work waits on the counter's row lock."""
        wrapped_around = sa.case((control_number.c.last_number >= _LAST, 1), else_=control_number.c.last_number + 1)
        statement = (
            insert(control_number)
            .values(clearinghouse=clearinghouse, last_number=1)
            .on_conflict_do_update(index_elements=["clearinghouse"], set_={"last_number": wrapped_around})
            .returning(control_number.c.last_number)
        )
        async with self._database.transaction() as connection:
            return int((await connection.execute(statement)).scalar_one())
