"""What a clearinghouse brings, received in this process, by hand: a practice's claims, a sandbox whose outbox takes any text,
and the worker's jobs one after the other.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.domain.adjudications import Adjudication
from app.domain.callers import Tenant
from app.domain.claim_states import ClaimStatus, SubmissionState
from app.domain.claims import Claim
from app.domain.inbound_documents import InboundDocument
from app.domain.jobs import Job, JobKind
from app.domain.practices import Practice
from app.domain.received_remittances import ReceivedPayment, ReceivedRemittance
from app.domain.remittances import ClaimPayment, ServicePayment
from app.domain.service_lines import ServiceLine
from app.domain.submissions import Submission
from app.domain.work_items import WorkItemStatus
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context
from app.use_cases.inbound_feed import read_feed
from app.use_cases.jobs import take_jobs
from app.worker.handlers import HANDLERS
from tests.claim_records import a_control_number, a_submission
from tests.domain.claims import some_content
from tests.factories import NOW, a_patient
from tests.repositories.billing import Billing, billing_of
from tests.running import Databases
from tests.sandbox.running import RunningSandbox
from tests.use_cases.callers import staff
from tests.worker.contexts import Place, opened
from tests.x12.remittances import a_claim as a_payment
from tests.x12.remittances import a_remittance
from tests.x12.remittances import a_service as a_paid_service
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_835 import a_835

INBOUND = (JobKind.INBOUND_DOCUMENT, JobKind.INBOUND_CLAIMS)
PAUSE = timedelta(seconds=2)
PAYER_ID = "XOVR1"


@dataclass(frozen=True)
class Inbox:
    """One practice, whose claims are planted as sent, and what came in for it."""

    context: Context
    billing: Billing
    sandbox: RunningSandbox
    databases: Databases

    @property
    def tenant(self) -> Tenant:
        return self.billing.tenant

    async def sent(self, *lines: ServiceLine, submission: dict[str, Any] | None = None, **changes: Any) -> Claim:
        """A claim of an encounter of its own, with its route, and by default a submission that arrived."""

        async def write(uow: UnitOfWork) -> Claim:
            content = some_content(**({"lines": lines} if lines else {}))
            wanted = {"status": ClaimStatus.SUBMITTED, "content": content, **changes}
            claim = self.billing.draft(await self.billing.chain(uow), **wanted)
            number = claim.patient_control_number
            assert await uow.claim_routes.add(number, practice_id=self.tenant.practice_id, claim_id=claim.id, now=NOW)
            assert await uow.claims.add(claim)
            state = SubmissionState.SENT
            words = {"claim_id": claim.id, "state": state, "attempts": 1, "first_sent_at": NOW, "last_sent_at": NOW}
            await uow.submissions.add(a_submission(**{**words, **(submission or {})}))
            return claim

        claim: Claim = await self.billing.do(write)
        return claim

    async def also_to(self, claim: Claim, **changes: Any) -> Claim:
        """Another claim of the same chain, unsent, to the patient's second coverage."""

        async def write(uow: UnitOfWork) -> Claim:
            other = replace(
                self.billing.draft(await self.billing.chain(uow, claim.encounter_id)),
                coverage_id=self.billing.coverage_ids[1],
                content=claim.content,
                previous_claim_id=claim.id,
                **changes,
            )
            assert await uow.claims.add(other)
            return other

        other: Claim = await self.billing.do(write)
        return other

    def offer(self, x12: str, kind: str = "835") -> str:
        """The clearinghouse has it; its id there."""
        status, answer = self.sandbox.call("POST", "/sandbox/outbox", {"type": kind, "x12": x12})
        assert status in {200, 201}, answer
        return str(answer["transactionId"])

    async def receive(self, *texts: str, kind: str = "835") -> list[InboundDocument]:
        """Offered one after the other, listed, fetched, routed and recorded; each as it is then."""
        ids = [self.offer(text, kind) for text in texts]
        await read_feed(self.context)
        await self.work()
        return [await self.document(external_id) for external_id in ids]

    async def list_only(self) -> None:
        await read_feed(self.context)

    async def work_in_order(self, external_ids: Sequence[str]) -> None:
        """The documents one after the other, whatever order they were listed in."""
        jobs = {job.subject_id: job for job in await self.take(limit=100)}
        for external_id in external_ids:
            job = jobs[(await self.document(external_id)).id]
            await HANDLERS[job.kind](self.context, job, PAUSE)
            await self.work()

    async def work(self) -> None:
        """All jobs that are due, one at a time in their order."""
        while jobs := await self.take():
            for job in jobs:
                await HANDLERS[job.kind](self.context, job, PAUSE)

    async def take(self, *, limit: int = 1, lease: timedelta = timedelta(minutes=1)) -> list[Job]:
        return await take_jobs(self.context, kinds=INBOUND, limit=limit, lost_limit=limit, lease=lease)

    async def again(self, document: InboundDocument) -> None:
        """What a worker does that comes after one that was cut off: everything once more."""
        async with self.context.units.begin_plain() as work:
            await work.jobs.enqueue(
                practice_id=self.tenant.practice_id,
                kind=JobKind.INBOUND_CLAIMS,
                subject_id=document.id,
                request_id="again",
                max_attempts=3,
            )
        await self.work()

    async def run(self, job: Job) -> None:
        await HANDLERS[job.kind](self.context, job, PAUSE)

    async def at_last_attempt(self, job: Job) -> Job:
        async with self.databases.as_superuser() as connection:
            await connection.execute(sa.text("update job set attempts = max_attempts where id = :id"), {"id": job.id})
        return replace(job, attempts=job.max_attempts)

    async def let_lease_pass(self, job: Job) -> None:
        """What time would do."""
        async with self.databases.as_superuser() as connection:
            statement = "update job set lease_until = now() - interval '1 second' where id = :id"
            await connection.execute(sa.text(statement), {"id": job.id})

    async def document(self, external_id: str) -> InboundDocument:
        async with self.databases.as_superuser() as connection:
            query = sa.text("select id from inbound_document where external_id = :external_id")
            document_id = await connection.scalar(query, {"external_id": external_id})
        async with self.context.units.begin_plain() as work:
            found = await work.inbound_documents.get(document_id)
        assert found is not None
        return found

    async def now(self, claim: Claim) -> Claim:
        found: Claim | None = await self.billing.do(lambda uow: uow.claims.get(claim.id))
        assert found is not None
        return found

    async def submission(self, claim: Claim) -> Submission:
        found: Submission | None = await self.billing.do(lambda uow: uow.submissions.latest(claim.id))
        assert found is not None
        return found

    async def acknowledged(self, claim: Claim) -> list[tuple[str, UUID | None]]:
        kept = await self.billing.do(lambda uow: uow.claim_acknowledgments.of_claim(claim.id))
        return [(one.acknowledgment.effect.value, one.submission_id) for one in kept]

    async def payments(self, *claims: Claim) -> list[ReceivedPayment]:
        ids = [claim.id for claim in claims]
        return list(await self.billing.do(lambda uow: uow.remittances.payments_of_claims(ids)))

    async def remittance(self, payment: ReceivedPayment) -> ReceivedRemittance:
        found: ReceivedRemittance | None = await self.billing.do(lambda uow: uow.remittances.get(payment.remittance_id))
        assert found is not None
        return found

    async def statuses(self, claim: Claim) -> list[str]:
        return [one.status.value for one in await self.payments(claim)]

    async def versions(self, claim: Claim) -> list[Adjudication]:
        return list(await self.billing.do(lambda uow: uow.adjudications.versions(claim.id)))

    async def current(self, claim: Claim) -> Adjudication | None:
        found: Adjudication | None = await self.billing.do(lambda uow: uow.adjudications.current(claim.id))
        return found

    async def told(self, claim: Claim) -> list[str]:
        """The kinds of the chain's events."""
        events = await self.billing.do(lambda uow: uow.claim_events.of_chain(claim.chain_id, limit=100))
        return [event.kind.value for event in events if event.claim_id == claim.id]

    async def open_items(self, claim: Claim) -> list[tuple[str, str]]:
        items = await self.billing.do(
            lambda uow: uow.work_items.page(status=WorkItemStatus.OPEN, after=None, limit=100)
        )
        return sorted((item.kind.value, item.reason) for item in items if item.claim_id == claim.id)

    async def audited(self, claim: Claim) -> list[tuple[str, str, str | None]]:
        events = await self.billing.do(
            lambda uow: uow.audit_events.page(patient_id=claim.patient_id, before=None, limit=100)
        )
        return [(one.actor, one.entry.action.value, one.entry.reason) for one in reversed(events)]


@asynccontextmanager
async def inbox(databases: Databases, sandbox: RunningSandbox, practice: Practice) -> AsyncIterator[Inbox]:
    place = Place(database_url=databases.app_url, clearinghouse_url=sandbox.base_url)
    async with opened(place, name="inbox") as context:
        tenant, patient = staff(practice), a_patient()
        async with context.units.begin(tenant) as uow:
            assert await uow.patients.add(patient)
            await uow.commit()
        yield Inbox(context, await billing_of(context.units, tenant, patient), sandbox, databases)


def said_of(claim: Claim, *statuses: str, references: Sequence[str] = (), **levels: Any) -> str:
    """A 277CA with these STC01 about a claim."""
    segments = [f"STC*{status}*20260303*WQ*150" for status in statuses]
    return a_277ca(a_claim_level(claim.patient_control_number, *segments, *references), **levels)


def paid(claim: Claim, *services: ServicePayment, **changes: Any) -> ClaimPayment:
    """150 = 80 + 45 + 25 on its first line, or the services given."""
    said = services or (service_of(claim.content.lines[0]),)
    return a_payment(*said, **{"patient_control_number": claim.patient_control_number, **changes})


def service_of(line: ServiceLine, **changes: Any) -> ServicePayment:
    values = {"line_control_number": line.control_number, "first_date": line.first_date, **changes}
    return a_paid_service(**values)


def an_835(*payments: ClaimPayment, **changes: Any) -> str:
    return a_835(a_remittance(*payments, **{"payer_id": PAYER_ID, "trace_number": a_control_number(), **changes}))
