"""What the sandbox has taken in, kept over restarts: the proof that something reached it once, twice or never.

Only numbers the sender made up are kept (TRN02 of an inquiry), no name, no member id, no text. Writes are on disk
before the answer goes out. It also gives out control numbers, which never repeat for one state folder.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
create table if not exists inquiry (id integer primary key, trace_number text not null, received_at text not null);
create index if not exists inquiry_by_trace on inquiry (trace_number);
create table if not exists control_number (value integer primary key autoincrement);
"""


class Ledger:
    """One SQLite file in the state folder."""

    def __init__(self, state_dir: Path) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        # Made by whoever makes the app, used by the event loop's thread alone.
        self._connection = sqlite3.connect(state_dir / "sandbox.sqlite3", isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def record_inquiry(self, trace_number: str) -> None:
        now = datetime.now(UTC).isoformat()
        self._connection.execute("insert into inquiry (trace_number, received_at) values (?, ?)", (trace_number, now))

    def inquiries(self, trace_number: str | None = None) -> dict[str, int]:
        """How often each trace number came, or this one."""
        rows = self._connection.execute(
            "select trace_number, count(*) from inquiry where ?1 is null or trace_number = ?1 group by trace_number",
            (trace_number,),
        )
        return dict(rows.fetchall())

    def next_control_number(self) -> int:
        """For ISA13 and GS06: nine digits, starting again after 999,999,999."""
        value = self._connection.execute("insert into control_number default values").lastrowid or 0
        return (value - 1) % 999_999_999 + 1
