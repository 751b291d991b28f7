"""Submissions sent in this process, by hand, to a clearinghouse on a socket that a test twists.

Behind it stands the sandbox, whose ledger says what was taken.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
import uuid_utils.compat

from app.domain.callers import Tenant
from app.domain.claim_states import SubmissionState
from app.domain.claims import Claim
from app.domain.codes import AcceptsAssignment
from app.domain.jobs import Job, JobKind
from app.domain.practices import Practice
from app.domain.providers import PayerParticipation
from app.domain.submissions import Submission
from app.domain.work_items import WorkItemStatus
from app.repositories.unit_of_work import UnitsOfWork
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import Postponed
from app.use_cases.idempotency import Answer, Call
from app.use_cases.jobs import take_jobs
from app.use_cases.submission_sending import run_submission
from app.use_cases.submissions import create_submission
from tests.clearinghouse.scripted_peer import Peer, http_answer, scripted_peer
from tests.factories import a_provider
from tests.planting import new_npi
from tests.running import Databases
from tests.sandbox.running import RunningSandbox
from tests.use_cases.claim_desk import ClaimDesk
from tests.use_cases.desk import BLUE_HERON, MEADOWLARK, Desk, new_patient
from tests.worker.contexts import Place, opened

PAUSE = timedelta(seconds=2)
NOWHERE = "http://127.0.0.1:9/2024-04-01"
JSON = dict[str, Any]
Twist = Callable[[int, JSON], tuple[int, JSON]]


@dataclass
class Front:
    """The other side. What is told with `then` happens to the next requests, one after the other."""

    sandbox: RunningSandbox
    meanwhile: Callable[[], Awaitable[None]] | None = None
    spoil: Callable[[str], str] = str
    requests: list[bytes] = field(default_factory=list)
    _next: deque[tuple[bool, bytes | Twist]] = field(default_factory=deque)

    def then(self, answer: bytes | Twist, *, taken: bool = True) -> None:
        """The sandbox's answer is twisted, or another goes out instead; b"" is a cut. Not `taken`: nor does it hear of it."""
        self._next.append((taken, answer))

    @property
    def keys(self) -> list[str]:
        """The idempotency key of each request."""
        heads = [request.partition(b"\r\n\r\n")[0].decode().splitlines() for request in self.requests]
        return [line.split(": ")[1] for head in heads for line in head if line.lower().startswith("idempotency-key:")]

    @property
    def texts(self) -> list[str]:
        return [json.loads(request.partition(b"\r\n\r\n")[2])["x12"] for request in self.requests]

    async def script(self, peer: Peer, writer: asyncio.StreamWriter) -> None:
        self.requests.append(peer.requests[-1])
        if self.meanwhile is not None:
            await self.meanwhile()
        taken, answer = self._next.popleft() if self._next else (True, _as_it_is)
        status, content = await self._passed_on() if taken else (0, {})
        if callable(answer):
            status, content = answer(status, content)
            writer.write(http_answer(status, json.dumps(content).encode(), content_type="application/json"))
        elif answer:
            writer.write(answer)
        else:
            writer.close()

    async def _passed_on(self) -> tuple[int, JSON]:
        head, _, body = self.requests[-1].partition(b"\r\n\r\n")
        body = json.dumps({"x12": self.spoil(json.loads(body)["x12"])}).encode()
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.sandbox.port)
        writer.write(b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", body]))
        answer = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in answer.split(b"\r\n")[1:] if line)
        content = await reader.readexactly(int(fields[b"content-length"]))
        writer.close()
        return int(answer.split()[1]), json.loads(content)


def _as_it_is(status: int, content: JSON) -> tuple[int, JSON]:
    return status, content


@dataclass(frozen=True)
class Sending:
    """One biller of one practice, at one patient's record, and the worker's hands."""

    desk: ClaimDesk
    front: Front
    databases: Databases

    @property
    def context(self) -> Context:
        return self.desk.context

    @property
    def tenant(self) -> Tenant:
        return self.desk.coverages.tenant

    async def draft(self, **changes: Any) -> Claim:
        """Of a claim that lacks nothing, to the payer that is primary."""
        terms = PayerParticipation(payer_id=MEADOWLARK, accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=True)
        provider = a_provider(npi=new_npi(), participations=(terms, replace(terms, payer_id=BLUE_HERON)))
        async with self.context.units.begin(self.tenant) as uow:
            assert await uow.providers.add(provider)
            await uow.commit()
        return await self.desk.create(rendering_provider_id=provider.id, **changes)

    async def submit(self, claim: Claim, *, wait: float = 0, key: str | None = None) -> Submission:
        results: list[Submission] = []
        await self.ask(claim, results, wait=wait, key=key)
        return results[-1]

    async def ask(self, claim: Claim, results: list[Submission], *, wait: float = 0, key: str | None = None) -> Answer:
        def render(submission: Submission) -> Answer:
            results.append(submission)
            status = 202 if submission.state.is_open else 201
            return Answer(status=status, body=submission.id.hex.encode())

        call: Call[Submission] = Call(operation="test", key=key or uuid4().hex, content=b"", render=render)
        return await create_submission(
            self.context, self.tenant, claim.id, version=claim.version, wait_seconds=wait, call=call
        )

    async def queued(self) -> tuple[Claim, Submission]:
        claim = await self.draft()
        return claim, await self.submit(claim)

    async def take(self, submission: Submission, *, lease: timedelta = timedelta(minutes=1)) -> Job:
        """Whenever it would be due."""
        await self._change_job("update job set run_at = now() where subject_id = :id and state = 'ready'", submission)
        jobs = await take_jobs(self.context, kinds=[JobKind.SUBMISSION], limit=100, lost_limit=100, lease=lease)
        (job,) = [job for job in jobs if job.subject_id == submission.id]
        return job

    async def run(
        self, submission: Submission, *, context: Context | None = None, is_last: bool = False
    ) -> SubmissionState | Postponed:
        """One attempt."""
        job = await self.take(submission)
        if is_last:
            job = replace(job, attempts=job.max_attempts)
        return await run_submission(context or self.context, job, pause=PAUSE)

    async def now(self, submission: Submission) -> Submission:
        async with self.context.units.begin(self.tenant) as uow:
            found = await uow.submissions.get(submission.id)
            assert found is not None
            return found

    async def claim_now(self, claim: Claim) -> Claim:
        async with self.context.units.begin(self.tenant) as uow:
            found = await uow.claims.get(claim.id)
            assert found is not None
            return found

    async def open_items(self, claim: Claim) -> list[tuple[str, str]]:
        async with self.context.units.begin(self.tenant) as uow:
            items = await uow.work_items.page(status=WorkItemStatus.OPEN, after=None, limit=100)
        return [(item.kind.value, item.reason) for item in items if item.claim_id == claim.id]

    async def told(self, claim: Claim) -> list[str]:
        """The kinds of the claim's events."""
        return [event.kind.value for event in await self.desk.timeline(claim)]

    async def acknowledged(self, claim: Claim) -> list[str]:
        """What kept acknowledgments say."""
        async with self.context.units.begin(self.tenant) as uow:
            kept = await uow.claim_acknowledgments.of_claim(claim.id)
        return [one.acknowledgment.effect.value for one in kept]

    def taken(self, claim: Claim) -> int:
        """How many claims of this number the clearinghouse has."""
        counted = self.front.sandbox.call("GET", "/sandbox/ledger")[1]["claims"]["by_control_number"]
        return int(counted.get(claim.patient_control_number, 0))

    async def job_row(self, submission: Submission) -> sa.Row[Any]:
        statement = sa.text("select *, extract(epoch from run_at - now()) as due_in from job where subject_id = :id")
        async with self.databases.as_superuser() as connection:
            return (await connection.execute(statement, {"id": submission.id})).one()

    async def let_lease_pass(self, submission: Submission) -> None:
        """What time would do."""
        past = "update job set lease_until = now() - interval '1 second' where subject_id = :id"
        await self._change_job(past, submission)

    async def _change_job(self, change: str, submission: Submission) -> None:
        async with self.databases.as_superuser() as connection:
            await connection.execute(sa.text(change), {"id": submission.id})

    def later(self, by: timedelta) -> Context:
        """The same, that much later."""

        def now() -> datetime:
            return datetime.now(UTC) + by

        units = UnitsOfWork(self.context.database, now=now, new_id=uuid_utils.compat.uuid7)
        return replace(self.context, now=now, units=units)

    @asynccontextmanager
    async def nobody_there(self) -> AsyncIterator[Context]:
        """A context whose clearinghouse's address nobody listens at."""
        async with opened(Place(database_url=self.databases.app_url, clearinghouse_url=NOWHERE)) as context:
            yield context


@asynccontextmanager
async def sending(databases: Databases, sandbox: RunningSandbox, practice: Practice) -> AsyncIterator[Sending]:
    """A patient with two verified coverages; the clearinghouse waits 3 seconds at most for a byte."""
    front = Front(sandbox)
    async with scripted_peer(front.script) as peer:
        place = Place(database_url=databases.app_url, clearinghouse_url=f"{peer.url}/2024-04-01", read_seconds=3)
        async with opened(place, name="sending") as context:
            tenant = Tenant(practice_id=practice.id, actor="biller-1", role="biller", request_id="submission-tests")
            desk = Desk(context, tenant, await new_patient(context.units, tenant))
            ready = Sending(ClaimDesk(desk), front, databases)
            await ready.desk.insured()
            yield ready
