"""Waiting for what a worker is about to commit, with no transaction and no connection held."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from app.domain.callers import Tenant
from app.repositories.signals import ANSWER_CHANNEL
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context

_LOOK_AGAIN_SECONDS: Final = 1.0


async def settled_within(
    context: Context,
    tenant: Tenant,
    record_id: UUID,
    seconds: float,
    is_settled: Callable[[UnitOfWork], Awaitable[bool]],
) -> bool:
    """Woken by a signal at the answer's commit, or by looking once a second: a lost signal costs time only."""
    deadline = asyncio.get_running_loop().time() + seconds
    with context.signals.subscribe(ANSWER_CHANNEL, str(record_id)) as answered:
        while True:
            async with context.units.begin(tenant) as uow:
                if await is_settled(uow):
                    return True
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or context.signals.is_released:
                return False
            try:
                async with asyncio.timeout(min(left, _LOOK_AGAIN_SECONDS)):
                    await answered.wait()
                answered.clear()
            except TimeoutError:
                continue
