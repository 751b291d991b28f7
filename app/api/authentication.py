"""Who asks: the bearer token of a request (RFC 6750), handed to the verifier the service was started with.

Tokens are taken from the Authorization header only, never from a query or a form.
"""

import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from app.domain.callers import Caller, Purpose
from app.domain.errors import Malformed, Unauthenticated

VerifyToken: TypeAlias = Callable[[str], Awaitable[Caller]]

_BEARER = re.compile(rb"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_PURPOSES = {purpose.value.encode(): purpose for purpose in Purpose}


async def authenticate(verify_token: VerifyToken, authorization: bytes | None) -> Caller:
    bearer = None if authorization is None else _BEARER.fullmatch(authorization)
    if bearer is None:
        raise Unauthenticated
    return await verify_token(bearer[1].decode("ascii"))


def purpose_of_use(value: bytes | None) -> Purpose:
    """Why records are looked at; payment unless the caller says otherwise."""
    if value is None:
        return Purpose.PAYMENT
    purpose = _PURPOSES.get(value)
    if purpose is None:
        raise Malformed("Purpose-Of-Use is treatment, payment or operations.", code="purpose_invalid")
    return purpose
