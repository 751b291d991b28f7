"""The Idempotency-Key header: who repeats a POST with the same key is given the first answer again.

Reads the key and makes the request's fingerprint. Keeping keys and answers is the use case's, in its transaction.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from app.domain.errors import Malformed

KEY_PATTERN = r'^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$'

_BARE = re.compile(rb"[!#-~][!-~]{0,254}")
_QUOTED = re.compile(rb'"((?:[!#-\[\]-~]|\\["\\]){1,255})"')
_ESCAPED = re.compile(rb'\\(["\\])')


@dataclass(frozen=True)
class IdempotencyHeader:
    """`fingerprint` tells one request from another under the same key; it is a hash, so it holds nothing personal."""

    key: str
    fingerprint: bytes = field(repr=False)


def read_key(value: bytes | None) -> str:
    """1 to 255 visible ASCII characters, bare or as a structured-field string (RFC 9651): both are the same key."""
    if value is None:
        raise Malformed("This operation needs an Idempotency-Key.", code="idempotency_key_missing")
    if _BARE.fullmatch(value):
        return value.decode("ascii")
    quoted = _QUOTED.fullmatch(value)
    if quoted is None:
        raise Malformed("An Idempotency-Key has 1 to 255 visible ASCII characters.", code="idempotency_key_invalid")
    return _ESCAPED.sub(rb"\1", quoted[1]).decode("ascii")


def fingerprint(method: str, path: str, document: Any) -> bytes:
    """SHA-256 over what was asked; the order of members and the spelling of characters make no difference."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{method}\n{path}\n{canonical}".encode()).digest()
