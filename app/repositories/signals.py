"""Signals between processes: LISTEN / NOTIFY on one connection outside the pool. Payloads are ids only.

Nothing depends on a signal: each waiter also looks again after a while, so a lost one costs time, not truth.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

import asyncpg
from sqlalchemy.engine import make_url

ANSWER_CHANNEL = "crossover_answer"


class Signals:
    """Wakes waiters by (channel, payload); a waiter with payload "" is woken by anything on its channel."""

    def __init__(self, url: str, channels: tuple[str, ...]) -> None:
        self._url = url
        self._channels = channels
        self._waiting: dict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        self._closed.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

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
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._listen_once()
            await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        url = make_url(self._url)
        connection = await asyncpg.connect(
            user=url.username,
            password=url.password,
            database=url.database,
            host=url.query.get("host") or url.host,
            port=int(str(url.query.get("port") or url.port or 5432)),
            timeout=5,
            server_settings={"application_name": "crossover signals"},
        )
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            for channel in self._channels:
                await connection.add_listener(channel, self._heard)
            await lost.wait()
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, channel: str, payload: str) -> None:
        for key in {(channel, payload), (channel, "")}:
            for event in self._waiting.get(key, ()):
                event.set()
