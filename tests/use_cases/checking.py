"""Eligibility checks run in this process, by hand, against a clearinghouse on a socket whose answers a test rewrites.

Behind it stands the sandbox, so that an answer is right in all but what the test changes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.domain.callers import Tenant
from app.domain.coverages import Coverage, CoverageSource
from app.domain.eligibility import CheckOutcome, EligibilityCheck
from app.domain.jobs import Job, JobKind
from app.domain.patients import Patient
from app.domain.payers import payer_id
from app.domain.practices import Practice
from app.domain.work_items import WorkItem
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import Postponed, run_eligibility_check
from app.use_cases.eligibility_requests import CheckView, create_eligibility_check
from app.use_cases.jobs import take_jobs
from tests.clearinghouse.scripted_peer import Peer, http_answer, scripted_peer
from tests.factories import a_coverage, a_patient
from tests.running import Databases
from tests.sandbox.running import RunningSandbox
from tests.use_cases.callers import Noting, staff
from tests.worker.contexts import Place, opened

DAY = date(2026, 9, 10)
PAUSE = timedelta(seconds=2)

Rewrite = Callable[[str], str]


@dataclass
class Payer:
    """The other side: `rewrite` makes of each 271 what is sent back, `meanwhile` happens before it is."""

    sandbox: RunningSandbox
    rewrite: Rewrite = str
    meanwhile: Callable[[], Any] | None = None
    instead: bytes | None = None
    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    async def script(self, peer: Peer, writer: asyncio.StreamWriter) -> None:
        x12 = json.loads(peer.requests[-1].partition(b"\r\n\r\n")[2])["x12"]
        self.asked.append(x12)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.instead is not None:
            writer.write(self.instead)
            return
        status, content = await asyncio.to_thread(self.sandbox.ask, x12)
        answer = self.rewrite(content.get("x12", ""))
        self.answered.append(answer)
        writer.write(
            http_answer(status, json.dumps({**content, "x12": answer}).encode(), content_type="application/json")
        )


@dataclass
class Checking:
    """One practice, and one patient of it."""

    context: Context
    tenant: Tenant
    payer: Payer
    patient: Patient
    databases: Databases

    async def coverage(self, **changes: Any) -> Coverage:
        wanted = {"payer_id": payer_id("XOVR1"), "member_id": "MLK700001", **changes}
        coverage = a_coverage(patient_id=self.patient.id, **wanted)
        async with self.context.units.begin(self.tenant) as uow:
            await uow.coverages.add(coverage)
            await uow.commit()
        return coverage

    async def queued(self, coverage: Coverage) -> UUID:
        noting: Noting[CheckView] = Noting()
        await create_eligibility_check(
            self.context,
            self.tenant,
            coverage.id,
            service_date=DAY,
            provider_id=None,
            wait_seconds=0,
            call=noting.call(),
        )
        return noting.results[0].check.id

    async def take(self, check_id: UUID, *, lease: timedelta = timedelta(minutes=1)) -> Job:
        jobs = await take_jobs(self.context, kinds=JobKind, limit=100, lost_limit=100, lease=lease)
        (job,) = [job for job in jobs if job.subject_id == check_id]
        return job

    async def run(self, coverage: Coverage) -> CheckOutcome | Postponed:
        """Asks about a coverage, once."""
        job = await self.take(await self.queued(coverage))
        return await run_eligibility_check(self.context, job, pause=PAUSE)

    async def last_attempt(self, coverage: Coverage) -> CheckOutcome | Postponed:
        job = await self.take(await self.queued(coverage))
        return await run_eligibility_check(self.context, replace(job, attempts=job.max_attempts), pause=PAUSE)

    async def check_of(self, coverage: Coverage) -> EligibilityCheck:
        """The newest."""
        async with self.context.units.begin(self.tenant) as uow:
            return (await uow.eligibility_checks.page(coverage_id=coverage.id, after=None, limit=1))[0]

    async def now(self, coverage: Coverage) -> Coverage:
        async with self.context.units.begin(self.tenant) as uow:
            found = await uow.coverages.get(coverage.id)
            assert found is not None
            return found

    async def codes(self, coverage: Coverage) -> list[str]:
        result = (await self.check_of(coverage)).result
        assert result is not None
        return [finding.code for finding in result.findings]

    async def open_items(self) -> list[WorkItem]:
        async with self.context.units.begin(self.tenant) as uow:
            return await uow.work_items.page(status=None, after=None, limit=100)

    async def job_row(self, check_id: UUID) -> sa.Row[Any]:
        statement = sa.text("select *, run_at - now() as due_in from job where subject_id = :id")
        async with self.databases.as_superuser() as connection:
            return (await connection.execute(statement, {"id": check_id})).one()

    async def let_lease_pass(self, check_id: UUID) -> None:
        """What time would do."""
        async with self.databases.as_superuser() as connection:
            await connection.execute(
                sa.text("update job set lease_until = now() - interval '1 second' where subject_id = :id"),
                {"id": check_id},
            )


@asynccontextmanager
async def checking(databases: Databases, sandbox: RunningSandbox, practice: Practice) -> AsyncIterator[Checking]:
    payer = Payer(sandbox)
    async with scripted_peer(payer.script) as peer:
        place = Place(database_url=databases.app_url, clearinghouse_url=f"{peer.url}/2024-04-01", read_seconds=10)
        async with opened(place, name="checking") as context:
            tenant = staff(practice)
            patient = a_patient()
            async with context.units.begin(tenant) as uow:
                assert await uow.patients.add(patient)
                await uow.commit()
            yield Checking(context, tenant, payer, patient, databases)


def recounted(x12: str) -> str:
    """The count of segments (SE01) made right again, so that nothing but the change is wrong."""
    segments = x12.rstrip("~").split("~")
    begin = next(place for place, segment in enumerate(segments) if segment.startswith("ST*"))
    end = next(place for place, segment in enumerate(segments) if segment.startswith("SE*"))
    segments[end] = f"SE*{end - begin + 1}*{segments[end].split('*')[2]}"
    return "~".join(segments) + "~"


def patients_own(**changes: Any) -> dict[str, Any]:
    return {"source": CoverageSource.PATIENT, **changes}
