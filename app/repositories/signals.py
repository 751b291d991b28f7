"""Signals between processes: LISTEN / NOTIFY on one connection outside the pool. Payloads are ids only.

Nothing depends on a signal: each waiter also looks again after a while, so a lost one costs time, not truth.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from app.repositories.database import driver_url

ANSWER_CHANNEL = "crossover_answer"


class Signals:
    """Wakes waiters by (channel, payload); a waiter with payload "" is woken by anything on its channel."""

    def __init__(self, url: str, channels: tuple[str, ...]) -> None:
        self._url = url
        self._channels = channels
        self._waiting: dict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()
        self.is_released = False
        """The process is about to stop: whoever looks and finds nothing waits no longer."""

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        self._closed.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def release(self) -> None:
        self.is_released = True
        self._wake_everyone()

    @contextlib.contextmanager
    def subscribe(self, channel: str, payload: str = "") -> Iterator[asyncio.Event]:
        """An event that is set when the signal comes; subscribe before looking, so that none is missed."""
        event = asyncio.Event()
        key = (channel, payload)
        self._waiting[key].add(event)
        try:
            yield event
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]

    async def _listen(self) -> None:
        while not self._closed.is_set():
            # Whatever went wrong: who waits looks again once a second, and here it is tried again.
            with contextlib.suppress(Exception):
                await self._listen_once()
            await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(
            **_options(self._url), timeout=5, server_settings={"application_name": "crossover signals"}
        )
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            for channel in self._channels:
                await connection.add_listener(channel, self._heard)
            self._wake_everyone()
            await lost.wait()
        finally:
            connection.terminate()

    def _wake_everyone(self) -> None:
        """To look again: signals may have passed while nobody listened."""
        for events in self._waiting.values():
            for event in events:
                event.set()

    def _heard(self, _connection: object, _pid: int, channel: str, payload: str) -> None:
        for key in {(channel, payload), (channel, "")}:
            for event in self._waiting.get(key, ()):
                event.set()


def _options(url: str) -> dict[str, Any]:
    """The same connection as the pool's: several hosts, TLS and all. What is SQLAlchemy's own is left out."""
    _, options = PGDialect_asyncpg().create_connect_args(driver_url(url))  # type: ignore[no-untyped-call]  # untyped there
    return {name: value for name, value in options.items() if not name.startswith("prepared_statement_")}
