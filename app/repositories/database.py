"""Connections: one engine, one transaction per unit of work, the tenant as its first statement.

The tenant is set with ``set_config(..., true)``: it ends with the transaction, so a pooled connection never carries it
on, whatever is cancelled. Server settings (statement, lock and idle-in-transaction time-outs) are given at connect.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.domain.errors import DatabaseUnavailable, Forbidden
from app.repositories.encryption import MasterKeys, PracticeVault, ServiceCipher
from app.repositories.tables import practice_key

_SET_TENANT = sa.text("select set_config('crossover.practice_id', :practice_id, true)")
_PLAIN = sa.text("select 1")
_RETRYABLE = {"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25P03"}
"""Serialization, deadlock, lock and statement time-out, shutdown, idle-in-transaction cut."""
_RETRYABLE_CLASSES = {"08", "53"}
"""Connection exceptions, and insufficient resources: memory, disk, connections."""


@dataclass(frozen=True, kw_only=True)
class DatabaseLimits:
    """Server-side time-outs of each connection, in milliseconds, and the pool's size."""

    statement_ms: int
    lock_ms: int = 2_000
    idle_in_transaction_ms: int = 10_000
    pool_size: int = 20
    pool_wait_seconds: float = 2.0


class Database:
    """The application's login to PostgreSQL, and the vaults of the practices seen so far."""

    def __init__(self, engine: AsyncEngine, master_keys: MasterKeys) -> None:
        self.engine = engine
        self._master_keys = master_keys
        self._vaults: dict[UUID, PracticeVault] = {}

    @classmethod
    def connect(cls, url: str, *, limits: DatabaseLimits, master_keys: MasterKeys, name: str) -> "Database":
        """`name` is shown in pg_stat_activity. Nothing is opened before the first use."""
        engine = create_async_engine(
            driver_url(url),
            pool_size=limits.pool_size,
            max_overflow=0,
            pool_timeout=limits.pool_wait_seconds,
            pool_pre_ping=False,
            pool_use_lifo=True,
            hide_parameters=True,
            json_deserializer=orjson.loads,
            connect_args={
                "server_settings": {
                    "application_name": name,
                    "statement_timeout": str(limits.statement_ms),
                    "lock_timeout": str(limits.lock_ms),
                    "idle_in_transaction_session_timeout": str(limits.idle_in_transaction_ms),
                    "timezone": "UTC",
                },
                "timeout": 5,
            },
        )
        return cls(engine, master_keys)

    async def close(self) -> None:
        await self.engine.dispose()

    def connections_in_use(self) -> tuple[int, int]:
        """(lent out, at most)."""
        pool = self.engine.pool
        return (pool.checkedout(), pool.size()) if isinstance(pool, AsyncAdaptedQueuePool) else (0, 0)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction without a tenant, for the tables that have none. Commits at its end, rolls back on error."""
        async with self._connection() as connection:
            await _begin(connection, _PLAIN, {})
            yield connection
            await connection.commit()

    @asynccontextmanager
    async def tenant_transaction(self, practice_id: UUID) -> AsyncIterator[AsyncConnection]:
        """A transaction confined to one practice; leaving it without `commit()` on the connection rolls back."""
        async with self._connection() as connection:
            await _begin(connection, _SET_TENANT, {"practice_id": str(practice_id)})
            yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            if any(_says_away(part) for part in _parts(error)):
                raise DatabaseUnavailable(retry_after=1) from error
            raise

    async def vault(self, connection: AsyncConnection, practice_id: UUID) -> PracticeVault:
        """The practice's keys: from memory, or read once through the tenant's own transaction.

        Raises `Forbidden` for a practice that is not here: a token's issuer may know more practices than we do.
        """
        vault = self._vaults.get(practice_id)
        if vault is not None:
            return vault
        rows = await connection.execute(
            sa.select(practice_key.c.number, practice_key.c.wrapped).where(practice_key.c.practice_id == practice_id)
        )
        keys = {number: self._master_keys.unwrap(wrapped, practice_id, number) for number, wrapped in rows}
        if not keys:
            raise Forbidden("The token's practice is not served here.")
        self._vaults[practice_id] = vault = PracticeVault.of(practice_id, keys)
        return vault

    def service_cipher(self, purpose: str) -> ServiceCipher:
        """For what is kept without a tenant."""
        return self._master_keys.service_cipher(purpose)


async def _begin(connection: AsyncConnection, first: sa.TextClause, parameters: dict[str, str]) -> None:
    """The transaction's first statement. A pooled connection may have lost its server meanwhile (a restart, a fail-over):
    nothing has been done yet, so the statement is given to a new one. Asking each connection before its use instead
    (`pool_pre_ping`) would cost every transaction a third of its time.
    """
    try:
        await connection.execute(first, parameters)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        await connection.rollback()
        await connection.execute(first, parameters)


def _parts(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it wraps: SQLAlchemy keeps the driver's error as `orig`, the driver the system's as cause."""
    part: BaseException | None = error
    while part is not None:
        yield part
        part = getattr(part, "orig", None) or part.__cause__


def _says_away(error: BaseException) -> bool:
    """Whether it is not the statement that was wrong: the same may work in a moment."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate)
        stale_plan = isinstance(error, asyncpg.InvalidCachedStatementError)  # a migration changed its table
        return stale_plan or state in _RETRYABLE or state[:2] in _RETRYABLE_CLASSES
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)  # asyncpg's own DataError: an argument that does not fit
    return isinstance(error, OSError | PoolTimeoutError)


def driver_url(url: str) -> URL:
    """The URL with our driver: operators write ``postgresql://`` or ``postgres://``, and libpq's ``sslmode``."""
    parsed = make_url(url)
    query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
    return parsed.set(drivername="postgresql+asyncpg", query=query)


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-character code, from whichever layer carries it."""
    for candidate in (error.orig, getattr(error.orig, "__cause__", None)):
        code = getattr(candidate, "sqlstate", None) or getattr(candidate, "pgcode", None)
        if code:
            return str(code)
    return None


def constraint_of(error: DBAPIError) -> str | None:
    """The name of the constraint that refused a row."""
    for candidate in (getattr(error.orig, "__cause__", None), error.orig):
        name = getattr(candidate, "constraint_name", None)
        if name:
            return str(name)
    return None
