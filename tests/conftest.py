"""What all tests share: one real PostgreSQL a test process, and, for those that ask, the whole service on sockets."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from hypothesis import HealthCheck, settings

from app.domain.practices import Practice
from app.repositories.database import Database, DatabaseLimits
from tests.running import MASTER_KEYS, Databases, RunningService, running_databases
from tests.worker.scale import is_full_scale

# A busy machine is no failure. At full scale each run draws its own examples; elsewhere they are the same each time, so
# that a change is judged by what it changed.
settings.register_profile(
    "crossover", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=not is_full_scale()
)
settings.load_profile("crossover")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A migrated and seeded database. Tests keep apart by practice; `databases.fresh()` gives one of one's own."""
    with running_databases(tmp_path_factory.mktemp("postgres")) as running:
        yield running


@pytest.fixture(scope="session")
async def database(databases: Databases) -> AsyncIterator[Database]:
    """The application's login, in this process."""
    opened = Database.connect(
        databases.app_url, limits=DatabaseLimits(statement_ms=5_000, pool_size=8), master_keys=MASTER_KEYS, name="tests"
    )
    yield opened
    await opened.close()


@pytest.fixture
async def practice(databases: Databases) -> Practice:
    return await databases.add_practice()


@pytest.fixture(scope="session")
def whole_service(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """API, worker and sandbox as processes, also where `service` is something smaller."""
    running = RunningService(databases, tmp_path_factory.mktemp("service"))
    try:
        running.start("sandbox", "api", "worker")
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def service(whole_service: RunningService) -> RunningService:
    return whole_service


@pytest.fixture(scope="session")
async def http(whole_service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running API, without a token."""
    async with httpx.AsyncClient(base_url=whole_service.url, timeout=40) as client:
        yield client
