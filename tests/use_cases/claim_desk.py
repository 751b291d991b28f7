"""A desk of one practice at which claims are written: their verbs on a real database, without HTTP in between."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.domain.audit import AuditEvent
from app.domain.claim_events import ClaimEvent
from app.domain.claim_holds import ReleaseReason
from app.domain.claim_lists import ClaimFilter, ClaimSort, ClaimSummary
from app.domain.claim_states import ClaimStatus, HoldReason
from app.domain.claims import Claim, ClaimContent
from app.domain.codes import PayerResponsibility
from app.domain.coverages import Coverage
from app.domain.errors import Conflict, CrossoverError, Invalid
from app.domain.patients import Patient
from app.domain.practices import Practice
from app.domain.providers import Provider
from app.domain.service_lines import ServiceLine
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases import claim_holds, claim_lists, claim_timelines, claims
from app.use_cases.claim_numbers import NewIdentity, add_numbered
from app.use_cases.claims import WantedClaim
from app.use_cases.context import Context
from tests.domain.claims import SERVICE_DAY, an_adjudication, some_content
from tests.factories import a_provider
from tests.planting import new_npi
from tests.running import Databases
from tests.use_cases import desk
from tests.use_cases.callers import Noting


@dataclass(frozen=True)
class ClaimDesk:
    """One biller at one patient's record. `coverages` is the same desk for the patient's coverages."""

    coverages: desk.Desk

    @property
    def context(self) -> Context:
        return self.coverages.context

    @property
    def patient(self) -> Patient:
        return self.coverages.patient

    async def at_another_patient(self) -> "ClaimDesk":
        patient = await desk.new_patient(self.context.units, self.coverages.tenant)
        return ClaimDesk(replace(self.coverages, patient=patient))

    async def create(
        self,
        encounter_id: str | None = None,
        *,
        coverage_id: UUID | None = None,
        key: str | None = None,
        **changes: Any,
    ) -> Claim:
        """A claim to the primary payer. `changes` are of its content."""
        noting: Noting[Claim] = Noting()
        wanted = WantedClaim(
            encounter_id=encounter_id or f"ENC-{uuid4().hex}",
            patient_id=self.patient.id,
            coverage_id=coverage_id,
            compose=lambda identity: some_content(**{"lines": (a_new_line(identity),), **changes}),
        )
        await claims.create_claim(self.context, self.coverages.tenant, wanted, call=noting.call(key))
        return noting.results[0]

    async def insured(self) -> tuple[Coverage, Coverage]:
        """A verified primary and a verified secondary coverage."""
        return await self.coverages.verified(1), await self.coverages.verified(2, payer_id=desk.BLUE_HERON)

    async def read(self, claim: Claim) -> Claim:
        return await claims.read_claim(self.context, self.coverages.tenant, claim.id)

    async def change(
        self, claim: Claim, revise: Callable[[ClaimContent, NewIdentity], ClaimContent] | None = None, **changes: Any
    ) -> Claim:
        return await claims.change_claim(
            self.context,
            self.coverages.tenant,
            claim.id,
            version=claim.version,
            revise=revise or (lambda content, _: replace(content, **changes)),
        )

    async def delete(self, claim: Claim) -> None:
        await claims.delete_claim(self.context, self.coverages.tenant, claim.id, version=claim.version)

    async def hold(self, claim: Claim) -> Claim:
        noting: Noting[Claim] = Noting()
        await claim_holds.hold_claim(
            self.context,
            self.coverages.tenant,
            claim.id,
            version=claim.version,
            reason=HoldReason.BY_HAND,
            call=noting.call(),
        )
        return noting.results[0]

    async def release(self, claim: Claim, *, confirmed: bool = False, reason: ReleaseReason | None = None) -> Claim:
        noting: Noting[Claim] = Noting()
        await claim_holds.release_claim(
            self.context,
            self.coverages.tenant,
            claim.id,
            version=claim.version,
            confirmed=confirmed,
            reason=reason,
            call=noting.call(),
        )
        return noting.results[0]

    async def listed(self, *, limit: int = 100, **wanted: Any) -> list[ClaimSummary]:
        return await claim_lists.list_claims(
            self.context,
            self.coverages.tenant,
            ClaimFilter(**wanted),
            sort=ClaimSort.CREATED_AT,
            descending=False,
            after=None,
            limit=limit,
        )

    async def timeline(self, claim: Claim, *, after: int | None = None, limit: int = 100) -> list[ClaimEvent]:
        return await claim_timelines.read_claim_timeline(
            self.context, self.coverages.tenant, claim.id, after=after, limit=limit
        )

    async def audit(self) -> list[AuditEvent]:
        """Newest first."""
        return await self.coverages.audit()

    # What other use cases do, planted.

    async def becomes(self, claim: Claim, **changes: Any) -> Claim:
        """The claim as something else left it, such as its payer."""

        async def write(uow: UnitOfWork) -> Claim:
            changed = replace(claim, version=claim.version + 1, **changes)
            await uow.claims.save(changed)
            return changed

        return await self._do(write)

    async def decided(self, claim: Claim) -> Claim:
        """Paid, by a decision that was entered by hand."""

        async def write(uow: UnitOfWork) -> Claim:
            await uow.adjudications.add(an_adjudication(claim))
            return claim

        return await self._do(write)

    async def follows(self, claim: Claim, coverage: Coverage) -> Claim:
        """A draft to the next payer, made from the claim."""

        async def write(uow: UnitOfWork) -> Claim:
            return await add_numbered(
                uow,
                replace(
                    claim,
                    id=uow.new_id(),
                    coverage_id=coverage.id,
                    payer_id=coverage.payer_id,
                    rank=PayerResponsibility.SECONDARY,
                    previous_claim_id=claim.id,
                    status=ClaimStatus.DRAFT,
                    version=1,
                ),
            )

        return await self._do(write)

    async def _do(self, write: Callable[[UnitOfWork], Any]) -> Claim:
        async with self.context.units.begin(self.coverages.tenant) as uow:
            written: Claim = await write(uow)
            await uow.commit()
            return written


@asynccontextmanager
async def opened(databases: Databases, practice: Practice) -> AsyncIterator[ClaimDesk]:
    async with desk.opened(databases, practice) as one:
        yield ClaimDesk(one)


def a_new_line(identity: NewIdentity, **changes: Any) -> ServiceLine:
    line_id, control_number = identity()
    line = ServiceLine(
        id=line_id,
        control_number=control_number,
        procedure_code="90837",
        charge=Decimal("150.00"),
        units=Decimal(1),
        first_date=SERVICE_DAY,
    )
    return replace(line, **changes)


async def a_known_provider(desk: ClaimDesk) -> Provider:
    provider = a_provider(id=uuid4(), npi=new_npi())
    async with desk.context.units.begin(desk.coverages.tenant) as uow:
        assert await uow.providers.add(provider)
        await uow.commit()
    return provider


async def conflict(code: str, attempt: Awaitable[object]) -> Conflict:
    with pytest.raises(Conflict) as refusal:
        await attempt
    assert refusal.value.problem_code == code
    return refusal.value


async def findings(attempt: Awaitable[object]) -> set[tuple[str, str | None]]:
    with pytest.raises(Invalid) as refusal:
        await attempt
    return {(finding.code, finding.pointer) for finding in refusal.value.findings}


async def stored(databases: Databases, practice: Practice, **columns: Any) -> list[Any]:
    """Claims with their chains, behind the service's back."""
    query = (
        "select c.id, c.status, h.is_live, h.id as chain_id from claim c join claim_chain h "
        "on h.practice_id = c.practice_id and h.id = c.chain_id where c.practice_id = :practice_id"
    )
    conditions = "".join(f" and c.{name} = :{name}" for name in columns)
    async with databases.as_superuser() as connection:
        rows = await connection.execute(sa.text(query + conditions), {"practice_id": practice.id, **columns})
        return list(rows)


def said(outcome: object) -> str:
    """That it was made, or the code of the refusal."""
    if isinstance(outcome, Claim):
        return "made"
    assert isinstance(outcome, CrossoverError), outcome
    return outcome.problem_code
