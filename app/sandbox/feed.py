"""The transactions the clearinghouse has processed, in the order it did: what polling shows, kept over restarts.

Claims stand here too, as OUTBOUND. A transaction has an origin, such as a claim: one of a kind for each origin, ever.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from app.sandbox.ledger import Ledger

DOWNLOAD_LIFETIME: Final = timedelta(minutes=60)

_SCHEMA: Final = (
    (
        "create table if not exists feed_transaction (position integer primary key autoincrement,"
        " transaction_id text not null unique, execution_id text not null, origin text, type text not null,"
        " direction text not null, processed_at text not null, x12 text not null, unique (origin, type))"
    ),
    "create table if not exists download (token text primary key, transaction_id text not null, ends_at text not null)",
)
_COLUMNS: Final = "position, transaction_id, execution_id, type, direction, processed_at, x12"


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One transaction set with its envelope. `type` is 837, 277 or 835, `direction` INBOUND or OUTBOUND."""

    position: int
    id: str
    execution_id: str
    type: str
    direction: str
    processed_at: datetime
    x12: str = field(repr=False)


class Feed:
    """Its tables lie in the ledger's file; a change inside `Ledger.transaction` is part of it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        with ledger.transaction() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)

    def put(self, kind: str, x12: str, now: datetime, *, direction: str = "INBOUND", origin: str | None = None) -> str:
        """Add it at the end; the transaction's id. What its origin has of this kind already stays as it is.

        Times never go back, so that the order of positions is the order of times.
        """
        with self._ledger.transaction() as connection:
            known = connection.execute(
                "select transaction_id from feed_transaction where origin = ? and type = ?", (origin, kind)
            ).fetchone()
            if known is not None:
                return str(known[0])
            (latest,) = connection.execute("select max(processed_at) from feed_transaction").fetchone()
            values = (str(uuid4()), str(uuid4()), origin, kind, direction, max(_stamp(now), latest or ""), x12)
            connection.execute(
                "insert into feed_transaction"
                " (transaction_id, execution_id, origin, type, direction, processed_at, x12)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            return values[0]

    def since(self, moment: datetime, limit: int) -> list[Transaction]:
        """The first ones processed after this moment."""
        return self._found("processed_at > ?", _stamp(moment), limit)

    def after(self, position: int, limit: int) -> list[Transaction]:
        return self._found("position > ?", position, limit)

    def transaction(self, transaction_id: str) -> Transaction | None:
        return next(iter(self._found("transaction_id = ?", transaction_id, 1)), None)

    def open_download(self, transaction_id: str, now: datetime) -> str:
        """A token that gives the text to whoever has it, for an hour."""
        token = secrets.token_urlsafe(32)
        with self._ledger.transaction() as connection:
            ends_at = _stamp(now + DOWNLOAD_LIFETIME)
            connection.execute("insert into download values (?, ?, ?)", (token, transaction_id, ends_at))
        return token

    def download(self, token: str) -> tuple[str, datetime] | None:
        """The text behind a token, and until when it is given."""
        with self._ledger.transaction() as connection:
            row = connection.execute(
                "select x12, ends_at from download join feed_transaction using (transaction_id) where token = ?",
                (token,),
            ).fetchone()
        return None if row is None else (row[0], datetime.fromisoformat(row[1]))

    def _found(self, condition: str, value: str | int, limit: int) -> list[Transaction]:
        with self._ledger.transaction() as connection:
            rows = connection.execute(
                f"select {_COLUMNS} from feed_transaction where {condition} order by position limit ?",  # noqa: S608  # ours
                (value, limit),
            ).fetchall()
        return [_transaction(row) for row in rows]


def _transaction(row: tuple[Any, ...]) -> Transaction:
    return Transaction(
        position=row[0],
        id=row[1],
        execution_id=row[2],
        type=row[3],
        direction=row[4],
        processed_at=datetime.fromisoformat(row[5]),
        x12=row[6],
    )


def _stamp(moment: datetime) -> str:
    """UTC to the millisecond, always as long, so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
