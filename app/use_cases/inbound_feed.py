"""Reading the clearinghouse's feed on from where it was left: what is new is noted, each with a job that fetches it.

One reader at a time, under a lease. No transaction is open while the clearinghouse is asked. The documents of a page, their
jobs and the new position are committed together, fenced by the lease: a reader that dies leaves the page to the next one,
and what is listed twice is noted once.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from app.clearinghouse.port import FeedPage, FeedPosition, InboundEntry, UnavailableReason
from app.domain.errors import ClearinghouseUnavailable, DatabaseUnavailable
from app.domain.inbound_documents import FeedLease, InboundDocument, InboundKind
from app.domain.jobs import NO_PRACTICE, JobKind
from app.repositories.unit_of_work import PlainWork
from app.use_cases.context import Context
from app.use_cases.persistence import persistently

DOCUMENT_ATTEMPTS: Final = 12
"""Of fetching and routing: with the worker's pauses most of half an hour."""

_HINTS: Final = {
    "277": InboundKind.CLAIM_ACKNOWLEDGMENT,
    "835": InboundKind.REMITTANCE,
    "999": InboundKind.IMPLEMENTATION_ACKNOWLEDGMENT,
}


@dataclass(frozen=True, kw_only=True)
class FeedPatience:
    """`lease` outlasts a call of `call_seconds` and the transaction after it."""

    lease: timedelta = timedelta(seconds=60)
    call_seconds: float = 45


async def read_feed(context: Context, patience: FeedPatience = FeedPatience()) -> int | None:
    """Everything the feed has by now; how many documents were new. None when another reads.

    Raises `ClearinghouseUnavailable` or `ClearinghouseRefused` as the clearinghouse answers; what was listed before it
    failed is kept. Raises `LeaseLost` when another has taken over meanwhile.
    """
    name = context.clearinghouse.name
    async with context.units.begin_plain() as work:
        held = await work.feed_positions.take(name, lease=patience.lease)
    if held is None:
        return None
    try:
        return await _read_on(context, held, patience)
    finally:
        async with context.units.begin_plain() as work:
            await work.feed_positions.release(held)


async def note_feed(context: Context, failure: str | None) -> None:
    """For operators only, beside what calls about claims and coverages note."""
    with contextlib.suppress(DatabaseUnavailable):
        await context.clearinghouse_connections.note(context.clearinghouse.name, failure)


async def _read_on(context: Context, held: FeedLease, patience: FeedPatience) -> int:
    position = FeedPosition(start=held.start_at, page_token=held.page_token)
    count, tokens = 0, {position.page_token}
    while True:
        page = await _list(context, position, patience)
        count += await persistently(partial(_keep, context, held, page, patience))
        position = page.next
        if not page.has_more or position.page_token in tokens:
            return count  # a feed that leads back to where we were is asked again later, not at once for ever
        tokens.add(position.page_token)


async def _list(context: Context, position: FeedPosition, patience: FeedPatience) -> FeedPage:
    try:
        return await _ask(context, position, patience)
    except ClearinghouseUnavailable as unavailable:
        if unavailable.reason != UnavailableReason.POSITION_EXPIRED:
            raise
    return await _ask(context, position.without_token, patience)


async def _ask(context: Context, position: FeedPosition, patience: FeedPatience) -> FeedPage:
    try:
        async with asyncio.timeout(patience.call_seconds):
            return await context.clearinghouse.list_inbound(position)
    except TimeoutError:
        raise ClearinghouseUnavailable(UnavailableReason.NO_ANSWER) from None


async def _keep(context: Context, held: FeedLease, page: FeedPage, patience: FeedPatience) -> int:
    async with context.units.begin_plain() as work:
        await work.feed_positions.advance(
            held, start_at=page.next.start, page_token=page.next.page_token, lease=patience.lease
        )
        new = [entry for entry in page.entries if await _note(context, work, entry)]
    return len(new)


async def _note(context: Context, work: PlainWork, entry: InboundEntry) -> bool:
    """False when the document is known."""
    document = InboundDocument(
        id=context.new_id(),
        clearinghouse=context.clearinghouse.name,
        external_id=entry.id,
        kind=_HINTS.get(entry.kind_hint, InboundKind.OTHER),
        processed_at=entry.processed_at,
        received_at=work.now,
        updated_at=work.now,
    )
    if not await work.inbound_documents.add(document):
        return False
    await work.jobs.enqueue(
        practice_id=NO_PRACTICE,
        kind=JobKind.INBOUND_DOCUMENT,
        subject_id=document.id,
        request_id=str(context.new_id()),
        max_attempts=DOCUMENT_ATTEMPTS,
    )
    return True
