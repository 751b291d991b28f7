"""The worker's other loop: asks the clearinghouse again and again what has come in, beside the jobs.

Each worker has one; that only one asks at a time is settled in the database. No failure ends it.
"""

import asyncio
import contextlib

import structlog

from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable, DatabaseUnavailable, LeaseLost
from app.use_cases.context import Context
from app.use_cases.inbound_feed import FeedPatience, note_feed, read_feed

log = structlog.get_logger("worker")


class FeedReader:
    def __init__(self, context: Context, *, poll_seconds: float, patience: FeedPatience | None = None) -> None:
        self._context = context
        self._poll_seconds = poll_seconds
        self._patience = patience or FeedPatience()
        self._failure: str | None = None
        self._stopping = False
        self._reading: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """What is being asked is dropped: asking again later brings the same."""
        self._stopping = True
        if self._reading is not None:
            self._reading.cancel()

    async def run(self) -> None:
        if self._stopping:
            return
        self._reading = asyncio.create_task(self._read_again_and_again())
        try:
            await asyncio.wait([self._reading])
        finally:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def _read_again_and_again(self) -> None:
        while True:
            left_alone = await self._read()
            await asyncio.sleep(max(self._poll_seconds, left_alone))

    async def _read(self) -> float:
        """Seconds that the clearinghouse asks to be left alone."""
        try:
            count = await read_feed(self._context, self._patience)
        except (ClearinghouseUnavailable, ClearinghouseRefused) as error:
            await self._note(str(error.reason))
            return float(error.retry_after or 0)
        except (DatabaseUnavailable, LeaseLost) as error:
            log.warning("feed_not_read", reason=error.problem_code)
        except Exception:  # the loop goes on whatever one reading does
            log.exception("unhandled_error", part="feed")
        else:
            if count is not None:
                await self._note(None)
            if count:
                log.info("feed_read", count=count)
        return 0.0

    async def _note(self, failure: str | None) -> None:
        """The first failure and the first success after it; what lies between is more of the same."""
        if failure is not None:
            log.warning("feed_not_read", reason=failure)
        if failure != self._failure:
            await note_feed(self._context, failure)
            self._failure = failure
