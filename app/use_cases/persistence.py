"""Writes that must not be lost because the database is away for a moment: a lock, a restart, a fail-over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.domain.errors import DatabaseUnavailable

T = TypeVar("T")

_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between the tries; together well within a lease."""


async def persistently(write: Callable[[], Awaitable[T]]) -> T:
    """Tries a fenced write again while the database is away.

    If it was committed and the confirmation was lost, the next try finds the lease gone and raises `LeaseLost`.
    """
    for pause in _PAUSES:
        try:
            return await write()
        except DatabaseUnavailable:
            await asyncio.sleep(pause)
    return await write()
