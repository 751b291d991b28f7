"""A unit of work: one transaction of one practice, the repositories inside it, an explicit commit.

Leaving the block without `commit()` rolls back. Never open one across a network call.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Tenant
from app.repositories.audit_events import AuditEvents
from app.repositories.coverage_ranks import CoverageRanks
from app.repositories.coverages import Coverages
from app.repositories.database import Database
from app.repositories.eligibility_checks import EligibilityChecks
from app.repositories.encryption import PracticeVault
from app.repositories.idempotency_keys import IdempotencyKeys
from app.repositories.jobs import Jobs
from app.repositories.patients import Patients
from app.repositories.payer_profiles import PayerProfiles
from app.repositories.payers import Payers
from app.repositories.practices import Practices
from app.repositories.providers import Providers
from app.repositories.work_items import WorkItems


class UnitOfWork:
    def __init__(
        self,
        connection: AsyncConnection,
        vault: PracticeVault,
        tenant: Tenant,
        *,
        now: datetime,
        new_id: Callable[[], UUID],
    ) -> None:
        self._connection = connection
        self.tenant = tenant
        self.now = now
        self.new_id = new_id
        self.practices = Practices(connection, vault)
        self.providers = Providers(connection, vault)
        self.patients = Patients(connection, vault)
        self.payers = Payers(connection)
        self.payer_profiles = PayerProfiles(connection, tenant.practice_id)
        self.coverages = Coverages(connection, vault)
        self.coverage_ranks = CoverageRanks(connection, tenant.practice_id)
        self.eligibility_checks = EligibilityChecks(connection, vault)
        self.work_items = WorkItems(connection, tenant.practice_id)
        self.idempotency_keys = IdempotencyKeys(connection, vault)
        self.jobs = Jobs(connection)
        self.audit_events = AuditEvents(connection, tenant, now=now, new_id=new_id)

    async def check_constraints(self) -> None:
        """Have the deferred constraints speak now, inside the use case, and not at the commit."""
        await self._connection.execute(sa.text("set constraints all immediate"))

    async def commit(self) -> None:
        await self._connection.commit()


class UnitsOfWork:
    """Opens units of work; what `use_cases/context.py` holds."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._now = now
        self._new_id = new_id

    @asynccontextmanager
    async def begin(self, tenant: Tenant) -> AsyncIterator[UnitOfWork]:
        async with self._database.tenant_transaction(tenant.practice_id) as connection:
            vault = await self._database.vault(connection, tenant.practice_id)
            yield UnitOfWork(connection, vault, tenant, now=self._now(), new_id=self._new_id)
