from collections.abc import AsyncIterator

import pytest

from app.domain.callers import Tenant
from app.domain.practices import Practice
from app.use_cases.context import Context
from tests.running import Databases
from tests.use_cases.callers import staff
from tests.worker.contexts import Place, opened


@pytest.fixture(scope="session")
async def context(databases: Databases) -> AsyncIterator[Context]:
    """The use cases in this process; nobody answers at the clearinghouse's address."""
    place = Place(database_url=databases.app_url, clearinghouse_url="http://127.0.0.1:9")
    async with opened(place, name="use cases") as reached:
        yield reached


@pytest.fixture
def tenant(practice: Practice) -> Tenant:
    return staff(practice)
