"""A desk of one practice in this process: the verbs of coverages on a real database, without HTTP in between."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from app.domain.audit import AuditEvent
from app.domain.callers import Tenant
from app.domain.codes import PayerResponsibility
from app.domain.coverage_ranks import WantedRank
from app.domain.coverages import Coverage, TerminationReason, Verification, VerificationEvidence
from app.domain.patients import Patient
from app.domain.payers import payer_id
from app.domain.practices import Practice
from app.repositories.unit_of_work import UnitsOfWork
from app.use_cases import coverage_orders, coverages
from app.use_cases.context import Context
from app.use_cases.coverage_orders import CoverageOrder
from app.use_cases.coverages import CoverageView
from app.use_cases.idempotency import Answer, Call
from app.use_cases.visible_records import locked_patient
from tests.factories import a_coverage, a_patient
from tests.running import Databases
from tests.worker import contexts

MEADOWLARK, BLUE_HERON, MEDICARE = payer_id("XOVR1"), payer_id("XOVR2"), payer_id("XOVR7")
MBI = "1EG4TE5MK73"  # the published sample format of CMS
RANKS = tuple(PayerResponsibility)


@dataclass(frozen=True)
class Desk:
    """One member of the staff, or with `confined_to` one patient, at one patient's record."""

    context: Context
    tenant: Tenant
    patient: Patient

    def as_patient(self, patient_id: UUID) -> "Desk":
        return replace(self, tenant=replace(self.tenant, role="patient", confined_to=patient_id))

    async def add(self, *, key: str | None = None, **changes: Any) -> Coverage:
        wanted = {"payer_id": MEADOWLARK, "member_id": f"MLK7{uuid4().int % 10**12:012d}", **changes}
        views: list[CoverageView] = []
        await coverages.create_coverage(
            self.context,
            self.tenant,
            self.patient.id,
            compose=lambda new_id, now: a_coverage(
                id=new_id, patient_id=self.patient.id, created_at=now, updated_at=now, **wanted
            ),
            call=_call("create_coverage", views, key),
        )
        return views[0].coverage

    async def verify(self, coverage: Coverage, *, key: str | None = None) -> Coverage:
        views: list[CoverageView] = []
        await coverages.verify_coverage(
            self.context,
            self.tenant,
            coverage.id,
            version=coverage.version,
            confirmed=True,
            evidence=VerificationEvidence.CARD_SEEN,
            call=_call("verify_coverage", views, key),
        )
        return views[0].coverage

    async def verified(self, number: int = 1, **changes: Any) -> Coverage:
        """A verified coverage; `number` is its rank."""
        return await self.verify(await self.add(wished_rank=RANKS[number - 1], **changes))

    async def confirmed_by_payer(self, coverage: Coverage) -> Coverage:
        """As the worker confirms it after a payer's answer."""
        async with self.context.units.begin(self.tenant) as uow:
            await locked_patient(uow, self.patient.id)
            confirmed = await coverages.confirm(uow, coverage, by=Verification.ELIGIBILITY_CHECK)
            await uow.commit()
            return confirmed

    async def change(self, coverage: Coverage, **changes: Any) -> CoverageView:
        return await coverages.change_coverage(
            self.context,
            self.tenant,
            coverage.id,
            version=coverage.version,
            revise=lambda current: replace(current, **changes),
        )

    async def end(
        self,
        coverage: Coverage,
        on: date,
        *,
        key: str | None = None,
        reason: TerminationReason = TerminationReason.COVERAGE_ENDED,
    ) -> CoverageView:
        views: list[CoverageView] = []
        await coverages.terminate_coverage(
            self.context,
            self.tenant,
            coverage.id,
            version=coverage.version,
            effective_to=on,
            reason=reason,
            call=_call("terminate_coverage", views, key),
        )
        return views[0]

    async def read(self, coverage: Coverage) -> Coverage:
        return (await coverages.read_coverage(self.context, self.tenant, coverage.id)).coverage

    async def order(self, effective_from: date, *wanted: Coverage | WantedRank) -> CoverageOrder:
        """The coverages become primary, secondary … as they stand here, from the day on."""
        now = await coverage_orders.read_coverage_order(self.context, self.tenant, self.patient.id)
        return await coverage_orders.order_coverages(
            self.context,
            self.tenant,
            self.patient.id,
            version=now.version,
            effective_from=effective_from,
            wanted=[
                entry if isinstance(entry, WantedRank) else WantedRank(coverage_id=entry.id, rank=rank)
                for entry, rank in zip(wanted, RANKS, strict=False)
            ],
        )

    async def ranks_on(self, day: date, *of: Coverage) -> list[int | None]:
        """Each coverage's rank on a day."""
        rows = (await coverage_orders.read_coverage_order(self.context, self.tenant, self.patient.id)).ranks
        found = [
            [row.rank.number for row in rows if row.coverage_id == coverage.id and row.first_day <= day <= row.last_day]
            for coverage in of
        ]
        assert all(len(numbers) <= 1 for numbers in found)
        return [numbers[0] if numbers else None for numbers in found]

    async def audit(self) -> list[AuditEvent]:
        """Newest first."""
        async with self.context.units.begin(self.tenant) as uow:
            return await uow.audit_events.page(patient_id=self.patient.id, before=None, limit=100)


@asynccontextmanager
async def opened(databases: Databases, practice: Practice) -> AsyncIterator[Desk]:
    """A desk at a new patient's record; its clearinghouse is nowhere, since no verb here asks a payer."""
    place = contexts.Place(database_url=databases.app_url, clearinghouse_url="http://127.0.0.1:9")
    async with contexts.opened(place, name="test desk") as context:
        tenant = Tenant(practice_id=practice.id, actor="tester", role="clinician", request_id="use-case-tests")
        yield Desk(context, tenant, await new_patient(context.units, tenant))


async def new_patient(units: UnitsOfWork, tenant: Tenant) -> Patient:
    patient = a_patient()
    async with units.begin(tenant) as uow:
        assert await uow.patients.add(patient)
        await uow.commit()
    return patient


def _call(operation: str, views: list[CoverageView], key: str | None) -> Call[CoverageView]:
    """A call whose result is kept where the test sees it."""
    return Call(operation=operation, key=key or str(uuid4()), content=b"", render=_noting(views))


def _noting(views: list[CoverageView]) -> Callable[[CoverageView], Answer]:
    def render(view: CoverageView) -> Answer:
        views.append(view)
        return Answer(status=200, body=str(view.coverage.id).encode())

    return render
