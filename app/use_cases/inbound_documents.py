"""An inbound document's way to the practices: fetched, kept whole, and handed on claim by claim.

Its bytes are kept before they are read, so that what cannot be read is still there. Each practice with a claim in it gets
a job of its own. What belongs to nobody, or cannot be read, waits for an operator: `state` says so, `failure` why.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.domain.claim_chains import ClaimRoute
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable, DatabaseUnavailable
from app.domain.inbound_documents import InboundDocument, InboundKind, InboundState
from app.domain.jobs import NO_PRACTICE, Job, JobKind
from app.repositories.unit_of_work import PlainWork, UnitOfWork
from app.use_cases.context import Context, found
from app.use_cases.eligibility_checks import Postponed
from app.use_cases.inbound_feed import DOCUMENT_ATTEMPTS
from app.use_cases.inbound_reading import Contents, contents_of
from app.use_cases.persistence import persistently

RECORDING_ATTEMPTS: Final = 12


async def run_inbound_document(context: Context, job: Job, *, pause: timedelta) -> InboundState | Postponed:
    """Raises `LeaseLost` when another worker has the job by now; nothing is written then."""
    async with context.units.begin_plain() as work:
        await work.jobs.hold(job)
        document = found(await work.inbound_documents.get(job.subject_id))
        content = await work.inbound_documents.content(document.id)
    if content is None:
        try:
            content = await context.clearinghouse.fetch_inbound(document.external_id)
        except ClearinghouseRefused as refused:
            return await _give_up(context, job, document, str(refused.reason))
        except ClearinghouseUnavailable as unavailable:
            return await _try_later(context, job, document, unavailable, pause)
        await _keep(context, job, document, content)
    contents = await asyncio.to_thread(contents_of, content)
    if not contents.is_readable:
        return await _give_up(context, job, document, "unreadable")
    return await _route(context, job, document, contents)


async def fail_document(work: PlainWork, job: Job) -> None:
    """The document of a job that is given up, in the transaction that buries it."""
    document = await work.inbound_documents.get(job.subject_id, lock=True)
    if document is not None:
        await work.inbound_documents.save(_now(work, document, state=InboundState.FAILED, failure="not_finished"))


async def fail_recording(uow: UnitOfWork, job: Job) -> None:
    """A practice's part of a document was not recorded to its end: an operator must look."""
    document = await uow.inbound_documents.get(job.subject_id, lock=True)
    if document is not None:
        failed = replace(document, state=InboundState.FAILED, failure="not_recorded", updated_at=uow.now)
        await uow.inbound_documents.save(failed)


async def start_again(work: PlainWork, document_id: UUID, *, request_id: str) -> bool:
    """For a document that waits for an operator: what it lacked may be here by now. False when it does not wait."""
    document = await work.inbound_documents.get(document_id, lock=True)
    if document is None or document.state not in {InboundState.FAILED, InboundState.UNROUTED}:
        return False
    await work.inbound_documents.save(_now(work, document, state=InboundState.LISTED, failure=None))
    await work.jobs.enqueue(
        practice_id=NO_PRACTICE,
        kind=JobKind.INBOUND_DOCUMENT,
        subject_id=document_id,
        request_id=request_id,
        max_attempts=DOCUMENT_ATTEMPTS,
    )
    return True


async def waiting_documents(context: Context) -> dict[InboundState, int]:
    """What the metrics show: how many documents are on their way, and how many wait for an operator."""
    async with context.units.begin_plain() as work:
        return await work.inbound_documents.figures()


async def _keep(context: Context, job: Job, document: InboundDocument, content: bytes) -> None:
    async def write() -> None:
        async with context.units.begin_plain() as work:
            await work.jobs.hold(job)
            await work.inbound_documents.keep(document.id, content)
            await work.inbound_documents.save(_now(work, document, state=InboundState.FETCHED, failure=None))

    await persistently(write)


async def _try_later(
    context: Context, job: Job, document: InboundDocument, unavailable: ClearinghouseUnavailable, pause: timedelta
) -> InboundState | Postponed:
    with contextlib.suppress(DatabaseUnavailable):
        await context.clearinghouse_connections.note(context.clearinghouse.name, str(unavailable.reason))
    if job.is_last_attempt:
        return await _give_up(context, job, document, str(unavailable.reason))
    after = pause + timedelta(seconds=unavailable.retry_after or 0)

    async def write() -> None:
        async with context.units.begin_plain() as work:
            await work.jobs.retry(job, after=after, error=str(unavailable.reason))

    await persistently(write)
    return Postponed(reason=str(unavailable.reason))


async def _give_up(context: Context, job: Job, document: InboundDocument, failure: str) -> InboundState:
    async def write() -> InboundState:
        async with context.units.begin_plain() as work:
            await work.jobs.finish(job)
            await work.inbound_documents.save(_now(work, document, state=InboundState.FAILED, failure=failure))
        return InboundState.FAILED

    return await persistently(write)


async def _route(context: Context, job: Job, document: InboundDocument, contents: Contents) -> InboundState:
    """A job for each practice, and the state that says whether anything is left over."""

    async def write() -> InboundState:
        async with context.units.begin_plain() as work:
            await work.jobs.finish(job)
            routes = await work.claim_routes.find(contents.numbers)
            for practice_id in _practices(routes.values()):
                await work.jobs.enqueue(
                    practice_id=practice_id,
                    kind=JobKind.INBOUND_CLAIMS,
                    subject_id=document.id,
                    request_id=job.request_id,
                    max_attempts=RECORDING_ATTEMPTS,
                )
            left = contents.left or (None if len(routes) == len(contents.numbers) else "claims_unknown")
            state = InboundState.ROUTED if left is None else InboundState.UNROUTED
            await work.inbound_documents.save(_now(work, document, kind=contents.kind, state=state, failure=left))
        return state

    return await persistently(write)


def _practices(routes: Iterable[ClaimRoute]) -> list[UUID]:
    return sorted({route.practice_id for route in routes})


def _now(
    work: PlainWork,
    document: InboundDocument,
    *,
    state: InboundState,
    failure: str | None,
    kind: InboundKind | None = None,
) -> InboundDocument:
    return replace(document, kind=kind or document.kind, state=state, failure=failure, updated_at=work.now)
