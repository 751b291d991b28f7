"""What a router function may ask for in its signature. `route.py` has read it from the request before the body.

A dependency named here is also a declaration: it makes the header required, and the API's document say so.
"""

from typing import Annotated

from fastapi import Depends, Request

from app.api.idempotency import IdempotencyHeader
from app.domain.callers import Caller, Purpose


async def caller(request: Request) -> Caller:
    value: Caller = request.state.caller
    return value


async def purpose(request: Request) -> Purpose:
    value: Purpose = request.state.purpose
    return value


async def request_id(request: Request) -> str:
    value: str = request.state.request_id
    return value


async def idempotency(request: Request) -> IdempotencyHeader:
    value: IdempotencyHeader = request.state.idempotency
    return value


async def version(request: Request) -> int:
    value: int = request.state.version
    return value


async def wait(request: Request) -> int:
    value: int = request.state.wait
    return value


CallerDep = Annotated[Caller, Depends(caller)]
PurposeDep = Annotated[Purpose, Depends(purpose)]
RequestIdDep = Annotated[str, Depends(request_id)]
IdempotencyDep = Annotated[IdempotencyHeader, Depends(idempotency)]
VersionDep = Annotated[int, Depends(version)]
PreferWait = Annotated[int, Depends(wait)]
