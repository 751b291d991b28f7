"""The moments at which a worker may be hit, and the real parts wrapped so that it is hit exactly there.

A `Fate` strikes once, in the middle of a job: the process kills or stops itself, as hard as another would do it.
"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, TypeVar, cast
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from app.clearinghouse.port import Clearinghouse, FeedPage, FeedPosition, SubmissionAnswer
from app.http_client import HttpClient
from app.repositories.database import Database

T = TypeVar("T")


class Moment(StrEnum):
    """In the order in which a job passes them. An inquiry is a question to a payer, or the attempt to send a claim."""

    TAKEN = "taken"
    """The lease is taken, nothing is done."""
    INQUIRY_WRITTEN = "inquiry_written"
    """The inquiry is in an open transaction."""
    INQUIRY_KEPT = "inquiry_kept"
    """The inquiry is committed and not sent."""
    ASKED = "asked"
    """The clearinghouse has taken the inquiry and says nothing."""
    ANSWERED = "answered"
    """The answer is there, nothing is written."""
    RESULT_WRITTEN = "result_written"
    """Answer, result and completion are in an open transaction."""
    RESULT_KEPT = "result_kept"
    """They are committed."""


BEFORE = (Moment.TAKEN, Moment.INQUIRY_WRITTEN, Moment.INQUIRY_KEPT)
DURING = (Moment.ASKED,)
AFTER = (Moment.ANSWERED, Moment.RESULT_WRITTEN, Moment.RESULT_KEPT)


class Fate:
    """Strikes at `moment`, or at no time when it is None; `only_about` spares inquiries without that text."""

    def __init__(self, moment: Moment | None, number: signal.Signals, only_about: str | None = None) -> None:
        self.moment = moment
        self._number = number
        self._only_about = only_about

    def reach(self, moment: Moment, inquiry: str = "") -> None:
        if moment is self.moment and (self._only_about is None or self._only_about in inquiry):
            self.moment = None
            os.kill(os.getpid(), self._number)


class FatefulDatabase(Database):
    """Counts the transactions of a job: housekeeping has none."""

    fate: Fate

    @asynccontextmanager
    async def tenant_transaction(self, practice_id: UUID) -> AsyncIterator[AsyncConnection]:
        in_a_job = "job_id" in structlog.contextvars.get_contextvars()
        if in_a_job:
            self.fate.reach(Moment.TAKEN)
        async with super().tenant_transaction(practice_id) as connection:
            yield cast("AsyncConnection", _FatefulConnection(connection, self.fate)) if in_a_job else connection


class _FatefulConnection:
    """A job commits twice: the inquiry, then the result. Which it is, the job's own task remembers."""

    def __init__(self, connection: AsyncConnection, fate: Fate) -> None:
        self._connection = connection
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def commit(self) -> None:
        is_first = structlog.contextvars.get_contextvars().get("inquiry_is_kept") is None
        self._fate.reach(Moment.INQUIRY_WRITTEN if is_first else Moment.RESULT_WRITTEN)
        await self._connection.commit()
        structlog.contextvars.bind_contextvars(inquiry_is_kept=True)
        if not is_first:
            self._fate.reach(Moment.RESULT_KEPT)


class FatefulClearinghouse:
    """Asks the ledger whether the other side has taken what was sent."""

    def __init__(self, real: Clearinghouse, fate: Fate, http: HttpClient, ledger_url: str) -> None:
        self._real = real
        self._fate = fate
        self._http = http
        self._ledger_url = ledger_url

    @property
    def name(self) -> str:
        return self._real.name

    async def ask_eligibility(self, x12: str) -> str:
        trace_number = _number(x12, r"~TRN\*1\*([^*~]+)")
        return await self._sent(x12, self._real.ask_eligibility(x12), f"trace_number={trace_number}")

    async def submit_claim(self, x12: str, *, idempotency_key: str) -> SubmissionAnswer:
        control_number = _number(x12, r"~CLM\*([^*~]+)")
        submitting = self._real.submit_claim(x12, idempotency_key=idempotency_key)
        return await self._sent(x12, submitting, f"control_number={control_number}")

    async def list_inbound(self, position: FeedPosition) -> FeedPage:
        return await self._real.list_inbound(position)

    async def fetch_inbound(self, document_id: str) -> bytes:
        return await self._real.fetch_inbound(document_id)

    async def _sent(self, x12: str, call: Coroutine[Any, Any, T], query: str) -> T:
        self._fate.reach(Moment.INQUIRY_KEPT, x12)
        asking = asyncio.create_task(call)
        if self._fate.moment is Moment.ASKED:
            await self._until_taken(query)
            self._fate.reach(Moment.ASKED, x12)
        answer = await asking
        self._fate.reach(Moment.ANSWERED, x12)
        return answer

    async def _until_taken(self, query: str) -> None:
        number = query.partition("=")[2].encode()
        while number not in (await self._http.get(f"{self._ledger_url}?{query}")).body:
            await asyncio.sleep(0.005)


def _number(x12: str, pattern: str) -> str:
    found = re.search(pattern, x12)
    assert found is not None
    return found[1]
