"""What tests of repositories share: units of work of one practice, and sight of what waits for a lock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.domain.callers import Tenant
from app.domain.patients import Patient
from app.domain.practices import Practice
from app.repositories.database import Database, DatabaseLimits
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import NOW, a_patient
from tests.repositories.billing import Billing, billing_of
from tests.running import MASTER_KEYS, Databases

UntilOneWaits = Callable[[], Awaitable[None]]


@pytest.fixture
def units(database: Database) -> UnitsOfWork:
    return UnitsOfWork(database, now=lambda: NOW, new_id=uuid4)


@pytest.fixture
def tenant(practice: Practice) -> Tenant:
    return Tenant(practice_id=practice.id, actor="tester", role="clinician", request_id="repository-tests")


@pytest.fixture
async def other_tenant(databases: Databases) -> Tenant:
    other = await databases.add_practice()
    return Tenant(practice_id=other.id, actor="tester", role="clinician", request_id="repository-tests")


@pytest.fixture
async def patient(units: UnitsOfWork, tenant: Tenant) -> Patient:
    return await added_patient(units, tenant)


async def added_patient(units: UnitsOfWork, tenant: Tenant) -> Patient:
    patient = a_patient()
    async with units.begin(tenant) as uow:
        assert await uow.patients.add(patient)
        await uow.commit()
    return patient


@pytest.fixture
async def billing(units: UnitsOfWork, tenant: Tenant, patient: Patient) -> Billing:
    return await billing_of(units, tenant, patient)


@pytest.fixture
async def crowd(databases: Databases, billing: Billing) -> AsyncIterator[Billing]:
    """The same practice, with 40 connections that may wait for one another: the server has 100 for all who test."""
    limits = DatabaseLimits(statement_ms=30_000, lock_ms=30_000, pool_size=40, pool_wait_seconds=30)
    opened = Database.connect(databases.app_url, limits=limits, master_keys=MASTER_KEYS, name="crowd")
    yield replace(billing, units=UnitsOfWork(opened, now=lambda: NOW, new_id=uuid4))
    await opened.close()


@pytest.fixture
def until_one_waits(databases: Databases) -> UntilOneWaits:
    """Returns once a session of this test process waits for another's lock."""
    waiting = sa.text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )

    async def wait() -> None:
        async with asyncio.timeout(1.8):
            while True:
                async with databases.as_superuser() as connection:
                    if await connection.scalar(waiting):
                        return

    return wait
