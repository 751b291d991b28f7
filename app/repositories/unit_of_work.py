"""A unit of work: one transaction of one practice, the repositories inside it, an explicit commit.

Leaving the block without `commit()` rolls back. Never open one across a network call.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.callers import Tenant
from app.repositories.adjudications import Adjudications
from app.repositories.audit_events import AuditEvents
from app.repositories.claim_acknowledgments import ClaimAcknowledgments
from app.repositories.claim_chains import ClaimChains
from app.repositories.claim_events import ClaimEvents
from app.repositories.claim_lists import ClaimLists
from app.repositories.claim_routes import ClaimRoutes
from app.repositories.claims import Claims
from app.repositories.coverage_ranks import CoverageRanks
from app.repositories.coverages import Coverages
from app.repositories.database import Database
from app.repositories.eligibility_checks import EligibilityChecks
from app.repositories.encryption import PracticeVault, ServiceCipher
from app.repositories.feed_positions import FeedPositions
from app.repositories.idempotency_keys import IdempotencyKeys
from app.repositories.inbound_documents import CIPHER_PURPOSE, InboundDocuments
from app.repositories.jobs import Jobs
from app.repositories.patients import Patients
from app.repositories.payer_profiles import PayerProfiles
from app.repositories.payers import Payers
from app.repositories.practices import Practices
from app.repositories.providers import Providers
from app.repositories.remittances import Remittances
from app.repositories.submissions import Submissions
from app.repositories.work_items import WorkItems


class UnitOfWork:
    def __init__(
        self,
        connection: AsyncConnection,
        vault: PracticeVault,
        tenant: Tenant,
        *,
        document_cipher: ServiceCipher,
        now: datetime,
        new_id: Callable[[], UUID],
    ) -> None:
        self._connection = connection
        self._vault = vault
        self._document_cipher = document_cipher
        self.tenant = tenant
        self.now = now
        self.new_id = new_id

    @cached_property
    def practices(self) -> Practices:
        return Practices(self._connection, self._vault)

    @cached_property
    def providers(self) -> Providers:
        return Providers(self._connection, self._vault)

    @cached_property
    def patients(self) -> Patients:
        return Patients(self._connection, self._vault)

    @cached_property
    def payers(self) -> Payers:
        return Payers(self._connection)

    @cached_property
    def payer_profiles(self) -> PayerProfiles:
        return PayerProfiles(self._connection, self.tenant.practice_id)

    @cached_property
    def coverages(self) -> Coverages:
        return Coverages(self._connection, self._vault)

    @cached_property
    def coverage_ranks(self) -> CoverageRanks:
        return CoverageRanks(self._connection, self.tenant.practice_id)

    @cached_property
    def eligibility_checks(self) -> EligibilityChecks:
        return EligibilityChecks(self._connection, self._vault)

    @cached_property
    def claim_chains(self) -> ClaimChains:
        return ClaimChains(self._connection, self.tenant.practice_id)

    @cached_property
    def claims(self) -> Claims:
        return Claims(self._connection, self._vault)

    @cached_property
    def claim_lists(self) -> ClaimLists:
        return ClaimLists(self._connection, self.tenant.practice_id)

    @cached_property
    def claim_routes(self) -> ClaimRoutes:
        return ClaimRoutes(self._connection)

    @cached_property
    def claim_events(self) -> ClaimEvents:
        return ClaimEvents(self._connection, self.tenant, now=self.now, new_id=self.new_id)

    @cached_property
    def submissions(self) -> Submissions:
        return Submissions(self._connection, self._vault)

    @cached_property
    def adjudications(self) -> Adjudications:
        return Adjudications(self._connection, self._vault)

    @cached_property
    def claim_acknowledgments(self) -> ClaimAcknowledgments:
        return ClaimAcknowledgments(self._connection, self._vault)

    @cached_property
    def remittances(self) -> Remittances:
        return Remittances(self._connection, self._vault)

    @cached_property
    def inbound_documents(self) -> InboundDocuments:
        return InboundDocuments(self._connection, self._document_cipher)

    @cached_property
    def work_items(self) -> WorkItems:
        return WorkItems(self._connection, self.tenant.practice_id)

    @cached_property
    def idempotency_keys(self) -> IdempotencyKeys:
        return IdempotencyKeys(self._connection, self._vault)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self._connection)

    @cached_property
    def audit_events(self) -> AuditEvents:
        return AuditEvents(self._connection, self.tenant, now=self.now, new_id=self.new_id)

    async def check_constraints(self) -> None:
        """Have the deferred constraints speak now, inside the use case, and not at the commit."""
        await self._connection.execute(sa.text("set constraints all immediate"))

    async def commit(self) -> None:
        await self._connection.commit()


class PlainWork:
    """A transaction without a tenant, and the repositories of the tables that have none."""

    def __init__(self, connection: AsyncConnection, document_cipher: ServiceCipher, *, now: datetime) -> None:
        self.now = now
        self.jobs = Jobs(connection)
        self.claim_routes = ClaimRoutes(connection)
        self.feed_positions = FeedPositions(connection)
        self.inbound_documents = InboundDocuments(connection, document_cipher)


class UnitsOfWork:
    """Opens units of work; what `use_cases/context.py` holds."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._now = now
        self._new_id = new_id
        self._document_cipher = database.service_cipher(CIPHER_PURPOSE)

    @asynccontextmanager
    async def begin(self, tenant: Tenant) -> AsyncIterator[UnitOfWork]:
        async with self._database.tenant_transaction(tenant.practice_id) as connection:
            vault = await self._database.vault(connection, tenant.practice_id)
            yield UnitOfWork(
                connection,
                vault,
                tenant,
                document_cipher=self._document_cipher,
                now=self._now(),
                new_id=self._new_id,
            )

    @asynccontextmanager
    async def begin_plain(self) -> AsyncIterator[PlainWork]:
        """Across practices. Commits at its end, rolls back on error."""
        async with self._database.transaction() as connection:
            yield PlainWork(connection, self._document_cipher, now=self._now())
