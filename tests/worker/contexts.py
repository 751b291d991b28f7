"""What a worker reaches, opened in this process: the application's login, a clearinghouse on a socket, signals."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin

import uuid_utils.compat

from app.clearinghouse.stedi import StediClearinghouse
from app.http_client import HttpClient
from app.repositories.clearinghouse_connections import ClearinghouseConnections
from app.repositories.control_numbers import ControlNumbers
from app.repositories.database import Database, DatabaseLimits
from app.repositories.jobs import NEW_JOB_CHANNEL
from app.repositories.payers import PayerDirectory
from app.repositories.signals import ANSWER_CHANNEL, Signals
from app.repositories.unit_of_work import UnitsOfWork
from app.sandbox.main import TEST_KEY
from app.use_cases.context import Context
from tests.running import MASTER_KEYS

CHANNELS = (NEW_JOB_CHANNEL, ANSWER_CHANNEL)
TLS = ssl.create_default_context()
"""Made once: reading the certificates costs more than the rest of a context."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the other sides are, and how patient this one is."""

    database_url: str
    clearinghouse_url: str
    read_seconds: float = 30
    total_seconds: float = 60
    idle_in_transaction_ms: int = 10_000


@asynccontextmanager
async def opened(place: Place, *, kind: type[Database] = Database, name: str = "test worker") -> AsyncIterator[Context]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            HttpClient(read_seconds=place.read_seconds, total_seconds=place.total_seconds, tls=TLS)
        )
        limits = DatabaseLimits(statement_ms=5_000, idle_in_transaction_ms=place.idle_in_transaction_ms, pool_size=12)
        database = kind.connect(place.database_url, limits=limits, master_keys=MASTER_KEYS, name=name)
        stack.push_async_callback(database.close)
        signals = Signals(place.database_url, CHANNELS)
        await signals.start()
        stack.push_async_callback(signals.stop)
        yield Context(
            units=UnitsOfWork(database, now=_now, new_id=uuid_utils.compat.uuid7),
            database=database,
            control_numbers=ControlNumbers(database),
            clearinghouse_connections=ClearinghouseConnections(database),
            signals=signals,
            payer_directory=PayerDirectory(),
            clearinghouse=StediClearinghouse(
                http,
                base_url=place.clearinghouse_url,
                core_base_url=urljoin(place.clearinghouse_url, "/2023-08-01"),
                api_key=TEST_KEY,
            ),
            sender_id="CROSSOVER",
            receiver_id="SANDBOX",
            now=_now,
            new_id=uuid_utils.compat.uuid7,
        )


def _now() -> datetime:
    return datetime.now(UTC)
