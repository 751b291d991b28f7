"""A patient with coverages whose encounters are billed: what tests about claims at rest start from."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from app.domain.callers import Tenant
from app.domain.claim_chains import BILLED_BY_PRACTICE, ClaimChain
from app.domain.claims import Claim
from app.domain.patients import Patient
from app.domain.payers import payer_id
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.claim_records import a_control_number
from tests.domain.claims import a_claim
from tests.factories import NOW, a_coverage

PAYER = payer_id("XOVR1")


@dataclass(frozen=True, kw_only=True)
class Billing:
    units: UnitsOfWork
    tenant: Tenant
    patient: Patient
    coverage_ids: Sequence[UUID] = field(default=())

    async def do(self, verb: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        """In a transaction of its own, committed."""
        async with self.units.begin(self.tenant) as uow:
            outcome = await verb(uow)
            await uow.commit()
        return outcome

    async def chain(self, uow: UnitOfWork, encounter_id: str | None = None) -> ClaimChain:
        return await uow.claim_chains.get_or_add_live(
            encounter_id=encounter_id or uuid4().hex,
            billing_key=BILLED_BY_PRACTICE,
            patient_id=self.patient.id,
            now=NOW,
        )

    def draft(self, chain: ClaimChain, **changes: Any) -> Claim:
        claim = a_claim(
            chain_id=chain.id,
            encounter_id=chain.encounter_id,
            patient_id=self.patient.id,
            coverage_id=self.coverage_ids[0],
            payer_id=PAYER,
            patient_control_number=a_control_number(),
        )
        return replace(claim, **changes)

    async def billed(self, **changes: Any) -> Claim:
        """A stored claim of an encounter of its own."""

        async def write(uow: UnitOfWork) -> Claim:
            claim = self.draft(await self.chain(uow), **changes)
            assert await uow.claims.add(claim)
            return claim

        claim: Claim = await self.do(write)
        return claim


async def billing_of(units: UnitsOfWork, tenant: Tenant, patient: Patient) -> Billing:
    coverages = [
        a_coverage(patient_id=patient.id, payer_id=PAYER, member_id=f"MLK{uuid4().int % 10**9:09d}") for _ in range(3)
    ]
    billing = Billing(units=units, tenant=tenant, patient=patient, coverage_ids=[coverage.id for coverage in coverages])

    async def write(uow: UnitOfWork) -> None:
        for coverage in coverages:
            await uow.coverages.add(coverage)

    await billing.do(write)
    return billing


async def all_at_once(attempts: Sequence[Awaitable[Any]]) -> list[Any]:
    """What each came to: its value, or its error."""
    return list(await asyncio.gather(*attempts, return_exceptions=True))
