"""Idempotency keys: a repeated request gets the first answer again, and nothing is booked twice.

An answer is remembered for 24 hours, in the ledger, over restarts. While the first answer is still on its way, a repeated
request is told to wait: that is known to this process only.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

HEADER: Final = "idempotency-key"

_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}")


def is_key(text: str) -> bool:
    """1 to 255 printable characters."""
    return _KEY.fullmatch(text) is not None


def request_hash(x12: str) -> str:
    """What makes two requests the same: their only field."""
    return hashlib.sha256(x12.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class KeysInFlight:
    """The keys whose answer has not gone out whole yet."""

    _keys: set[str] = field(default_factory=set)

    def __contains__(self, key: str | None) -> bool:
        return key in self._keys

    def during(self, key: str | None, response: Response) -> Response:
        """The response, with its key in flight until it has been sent or the client is gone."""
        return response if key is None else _Flying(self._keys, key, response)


class _Flying(Response):
    def __init__(self, keys: set[str], key: str, response: Response) -> None:
        super().__init__()
        self._keys, self._key, self._response = keys, key, response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._keys.add(self._key)
        try:
            await self._response(scope, receive, send)
        finally:
            self._keys.discard(self._key)
