import httpx
import pytest

from app.domain.callers import Role
from tests.journeys.walking import JSON, Someone
from tests.running import Databases, RunningService


@pytest.fixture(scope="module")
async def admin(http: httpx.AsyncClient, whole_service: RunningService, databases: Databases) -> Someone:
    """The admin of one practice for all tests of a module: what is refused leaves nothing."""
    return Someone.of(http, whole_service, Role.ADMIN, (await databases.add_practice()).id)


@pytest.fixture(scope="module")
async def stranger(http: httpx.AsyncClient, whole_service: RunningService, databases: Databases) -> Someone:
    """Another practice's admin."""
    return Someone.of(http, whole_service, Role.ADMIN, (await databases.add_practice()).id)


@pytest.fixture(scope="module")
async def patient(admin: Someone) -> JSON:
    """A patient at version 1, who stays so: for requests that are refused."""
    return await admin.new_patient()
