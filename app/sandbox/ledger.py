"""What the sandbox has taken in, kept over restarts: the proof that something reached it once, twice or never.

Of an inquiry only the number its sender made up is kept (TRN02): no name, no member id, no text. Of a claim the text is
kept too, because the payers behind the sandbox decide on it later, and the answer that a repeated request gets again.
Writes are on disk before the answer goes out. It also gives out control numbers, which never repeat for one state folder.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

KEY_LIFETIME: Final = timedelta(hours=24)
"""How long an idempotency key is remembered, as Stedi's document says."""

_SCHEMA = """
create table if not exists inquiry (id integer primary key, trace_number text not null, received_at text not null);
create index if not exists inquiry_by_trace on inquiry (trace_number);
create table if not exists control_number (value integer primary key autoincrement);
create table if not exists claim (
    id integer primary key,
    key text,
    control_number text not null,
    x12 text not null,
    taken_at text not null,
    correlation_id text not null,
    state text not null default 'taken'
);
create index if not exists claim_by_control_number on claim (control_number);
create index if not exists claim_by_state on claim (state, id);
create table if not exists submission_answer (
    key text primary key,
    request_hash text not null,
    status integer not null,
    body blob not null,
    remembered_at text not null
);
"""


@dataclass(frozen=True, kw_only=True)
class TakenClaim:
    """One claim (2300) that the clearinghouse took. `x12` is the interchange it came in, `control_number` its CLM01."""

    id: int
    key: str | None
    control_number: str
    x12: str = field(repr=False)
    taken_at: datetime
    correlation_id: str
    state: str


@dataclass(frozen=True, kw_only=True)
class SubmissionAnswer:
    """The first answer to an idempotency key."""

    request_hash: str
    status: int
    body: bytes = field(repr=False)


class Ledger:
    """One SQLite file in the state folder."""

    def __init__(self, state_dir: Path) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        # Made by whoever makes the app, used by the event loop's thread; the lock keeps transactions whole all the same.
        self._connection = sqlite3.connect(state_dir / "sandbox.sqlite3", isolation_level=None, check_same_thread=False)
        self._lock = threading.RLock()
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what happens inside, or nothing; on disk when it ends. Inside another one it is part of that."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def record_inquiry(self, trace_number: str) -> None:
        now = datetime.now(UTC).isoformat()
        with self.transaction() as connection:
            connection.execute("insert into inquiry (trace_number, received_at) values (?, ?)", (trace_number, now))

    def inquiries(self, trace_number: str | None = None) -> dict[str, int]:
        """How often each trace number came, or this one."""
        with self.transaction() as connection:
            rows = connection.execute(
                "select trace_number, count(*) from inquiry where ?1 is null or trace_number = ?1 group by trace_number",
                (trace_number,),
            )
            return dict(rows.fetchall())

    def record_claims(
        self, control_numbers: Sequence[str], *, key: str | None, x12: str, correlation_id: str, taken_at: datetime
    ) -> None:
        """The claims of one interchange, each in state `taken`."""
        rows = [(key, number, x12, taken_at.isoformat(), correlation_id) for number in control_numbers]
        with self.transaction() as connection:
            connection.executemany(
                "insert into claim (key, control_number, x12, taken_at, correlation_id) values (?, ?, ?, ?, ?)", rows
            )

    def claims(self, control_number: str | None = None) -> dict[str, int]:
        """How many claims there are of each patient control number (CLM01), or of this one."""
        with self.transaction() as connection:
            rows = connection.execute(
                "select control_number, count(*) from claim where ?1 is null or control_number = ?1"
                " group by control_number",
                (control_number,),
            )
            return dict(rows.fetchall())

    def taken_claims(self, state: str = "taken") -> list[TakenClaim]:
        """The claims in this state, in the order they came."""
        with self.transaction() as connection:
            rows = connection.execute(
                "select id, key, control_number, x12, taken_at, correlation_id, state from claim"
                " where state = ? order by id",
                (state,),
            ).fetchall()
        return [
            TakenClaim(
                id=row[0],
                key=row[1],
                control_number=row[2],
                x12=row[3],
                taken_at=datetime.fromisoformat(row[4]),
                correlation_id=row[5],
                state=row[6],
            )
            for row in rows
        ]

    def mark_claim(self, claim_id: int, state: str) -> None:
        with self.transaction() as connection:
            connection.execute("update claim set state = ? where id = ?", (state, claim_id))

    def answer_to(self, key: str, now: datetime) -> SubmissionAnswer | None:
        """What this idempotency key was answered in the last 24 hours."""
        with self.transaction() as connection:
            row = connection.execute(
                "select request_hash, status, body from submission_answer where key = ? and remembered_at > ?",
                (key, (now - KEY_LIFETIME).isoformat()),
            ).fetchone()
        return None if row is None else SubmissionAnswer(request_hash=row[0], status=row[1], body=row[2])

    def remember_answer(self, key: str, answer: SubmissionAnswer, now: datetime) -> None:
        """In place of one that is older than 24 hours."""
        values = (key, answer.request_hash, answer.status, answer.body, now.isoformat())
        with self.transaction() as connection:
            connection.execute("insert or replace into submission_answer values (?, ?, ?, ?, ?)", values)

    def next_control_number(self) -> int:
        """For ISA13 and GS06: nine digits, starting again after 999,999,999."""
        with self.transaction() as connection:
            value = connection.execute("insert into control_number default values").lastrowid or 0
        return (value - 1) % 999_999_999 + 1
