"""How far each clearinghouse's feed was read, and by whom: leased to one reader at a time, fenced by a token.

All times of leases are the database's own, as with jobs.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import LeaseLost
from app.domain.inbound_documents import FeedLease
from app.repositories.inbound_tables import feed_position

_COLUMNS = feed_position.c
_IS_FREE = sa.or_(_COLUMNS.lease_until.is_(None), _COLUMNS.lease_until < sa.func.now())


class FeedPositions:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, clearinghouse: str, *, lease: timedelta) -> FeedLease | None:
        """None while another reads. A feed that was never read has no position."""
        await self._connection.execute(
            insert(feed_position)
            .values(clearinghouse=clearinghouse, lease_token=0, updated_at=sa.func.now())
            .on_conflict_do_nothing(index_elements=["clearinghouse"])
        )
        row = (
            await self._connection.execute(
                sa.update(feed_position)
                .where(_COLUMNS.clearinghouse == clearinghouse, _IS_FREE)
                .values(lease_token=_COLUMNS.lease_token + 1, lease_until=sa.func.now() + lease)
                .returning(feed_position)
            )
        ).one_or_none()
        if row is None:
            return None
        return FeedLease(
            clearinghouse=clearinghouse, token=row.lease_token, start_at=row.start_at, page_token=row.page_token
        )

    async def advance(
        self, held: FeedLease, *, start_at: datetime | None, page_token: str | None, lease: timedelta
    ) -> None:
        """In the transaction that keeps what was listed up to there. Renews the lease; raises `LeaseLost`."""
        result = await self._connection.execute(
            sa.update(feed_position)
            .where(*_held(held))
            .values(
                start_at=start_at,
                page_token=page_token,
                lease_until=sa.func.now() + lease,
                updated_at=sa.func.now(),
            )
        )
        if int(result.rowcount) != 1:
            raise LeaseLost

    async def release(self, held: FeedLease) -> None:
        """Lets the next reader in at once; does nothing when the lease was lost."""
        await self._connection.execute(
            sa.update(feed_position).where(*_held(held)).values(lease_until=None, updated_at=sa.func.now())
        )


def _held(held: FeedLease) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _COLUMNS.clearinghouse == held.clearinghouse,
        _COLUMNS.lease_token == held.token,
        _COLUMNS.lease_until.is_not(None),
    )
