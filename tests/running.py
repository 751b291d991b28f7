"""The whole service for tests: a real PostgreSQL of its own, and API, worker and sandbox as processes on real sockets."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import pool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.domain.callers import Role
from app.domain.practices import Practice
from app.identity.development import DevelopmentIssuer
from app.local.postgres import EmbeddedPostgres
from app.local.seed import seed
from app.repositories.database import driver_url
from app.repositories.database_roles import migrate, prepare
from app.repositories.encryption import MasterKeys
from app.repositories.practices import add_practice
from tests.factories import a_practice

MASTER_KEYS = MasterKeys({"test": bytes(range(32))}, "test")
MASTER_KEYS_JSON = '{"test": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}'


@dataclass(frozen=True)
class Databases:
    """A running cluster with one migrated and seeded database; more of the same can be had."""

    postgres: EmbeddedPostgres = field(repr=False)
    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)

    def fresh(self) -> "Databases":
        """A copy of the migrated and seeded database, for tests about jobs or constraints across practices."""
        name = f"copy_{uuid4().hex[:12]}"
        asyncio.run(self._copy(name))
        return Databases(self.postgres, _renamed(self.owner_url, name), _renamed(self.app_url, name))

    async def _copy(self, name: str) -> None:
        engine = create_async_engine(
            driver_url(self.postgres.superuser_url), poolclass=pool.NullPool, isolation_level="AUTOCOMMIT"
        )
        async with engine.connect() as connection:
            await connection.execute(sa.text(f"create database {name} template pristine owner crossover_owner"))
        await engine.dispose()

    async def add_practice(self, practice: Practice | None = None) -> Practice:
        """A new practice with keys of its own: tests share tables, and meet nobody else's rows."""
        added = practice or a_practice()
        engine = create_async_engine(driver_url(self.owner_url), poolclass=pool.NullPool)
        async with engine.begin() as connection:
            await add_practice(connection, MASTER_KEYS, added)
        await engine.dispose()
        return added

    @contextlib.asynccontextmanager
    async def as_superuser(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that row-level security does not touch: for what a test counts behind the service's back."""
        database = make_url(self.owner_url).database
        async with _transaction(_renamed(self.postgres.superuser_url, str(database))) as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def as_owner(self, practice_id: UUID | None = None) -> AsyncIterator[AsyncConnection]:
        async with _transaction(self.owner_url, practice_id) as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def as_app(self, practice_id: UUID | None = None) -> AsyncIterator[AsyncConnection]:
        """The application's login on a connection of its own, without a tenant unless one is given."""
        async with _transaction(self.app_url, practice_id) as connection:
            yield connection


@contextlib.asynccontextmanager
async def _transaction(url: str, practice_id: UUID | None = None) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(driver_url(url), poolclass=pool.NullPool)
    async with engine.begin() as connection:
        if practice_id is not None:
            tenant = {"practice_id": str(practice_id)}
            await connection.execute(sa.text("select set_config('crossover.practice_id', :practice_id, true)"), tenant)
        yield connection
    await engine.dispose()


@contextlib.contextmanager
def running_databases(folder: Path, *, fsync: bool = False) -> Iterator[Databases]:
    with EmbeddedPostgres(folder, fsync=fsync) as postgres:
        databases = Databases(postgres, postgres.owner_url, postgres.app_url)
        asyncio.run(_fill(databases))
        yield databases


async def _fill(databases: Databases) -> None:
    await prepare(databases.postgres.superuser_url, owner_url=databases.owner_url, app_url=databases.app_url)
    await migrate(databases.owner_url, app_role="crossover_app")
    await seed(databases.owner_url, MASTER_KEYS)
    engine = create_async_engine(
        driver_url(databases.postgres.superuser_url), poolclass=pool.NullPool, isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        await connection.execute(sa.text("create database pristine template crossover owner crossover_owner"))
    await engine.dispose()


def _renamed(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


class RunningService:
    """API, worker and sandbox as the command line starts them, with ports of their own."""

    def __init__(self, databases: Databases, folder: Path, **settings: str) -> None:
        self.databases = databases
        self.folder = folder
        self.issuer = DevelopmentIssuer(folder / "identity")
        self.api_port, self.sandbox_port = free_port(), free_port()
        self.api_metrics_port, self.worker_metrics_port = free_port(), free_port()
        self._settings = settings
        self.sandbox_log_level = "warning"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("CROSSOVER_")}
        return plain | {
            "CROSSOVER_MODE": "development",
            "CROSSOVER_DATA_DIR": str(self.folder),
            "DATABASE_URL": self.databases.app_url,
            "CROSSOVER_API__PORT": str(self.api_port),
            "CROSSOVER_API__METRICS_PORT": str(self.api_metrics_port),
            "CROSSOVER_WORKER__METRICS_PORT": str(self.worker_metrics_port),
            "CROSSOVER_SANDBOX__PORT": str(self.sandbox_port),
            "CROSSOVER_ENCRYPTION__MASTER_KEYS": MASTER_KEYS_JSON,
            "CROSSOVER_ENCRYPTION__ACTIVE_KEY": "test",
            **self._settings,
        }

    def start(self, *names: str) -> None:
        """`api`, `worker`, `sandbox`; returns when the API answers ready and the sandbox is alive."""
        for name in names:
            arguments = [name]
            if name == "sandbox":
                arguments += ["--port", str(self.sandbox_port), "--state-dir", str(self.folder / "sandbox")]
                arguments += ["--log-level", self.sandbox_log_level, "--payer-seconds", "0.2"]
            self._processes[name] = self._spawn(name, arguments)
        if "api" in names:
            self._wait(f"{self.url}/readyz", "api")
        if "sandbox" in names:
            self._wait(f"{self.sandbox_url}/sandbox/livez", "sandbox")

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        process = self._processes[name]
        process.send_signal(number)
        if number in {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}:
            process.wait(20)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def stop(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self._processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def token(
        self,
        role: Role,
        practice_id: UUID | None,
        *,
        subject: str | None = None,
        patient_id: UUID | None = None,
        scopes: tuple[str, ...] = (),
    ) -> str:
        return self.issuer.mint(subject or f"test-{role}", [role], practice_id, patient_id=patient_id, scopes=scopes)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _spawn(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "app.cli", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _wait(self, url: str, name: str) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._processes[name].poll() is not None:
                raise AssertionError(f"{name} ended:\n{self.log(name)[-2000:]}")
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(url, timeout=2).close()
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} did not answer:\n{self.log(name)[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
