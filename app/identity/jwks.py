"""The issuer's public keys (a JWK set, RFC 7517), cached: from its address or from a file.

Keys are taken anew in the background when they are ten minutes old, and at once when a token names an unknown key, but
never more often than once a minute: forged key ids cannot make us hammer the issuer. When the issuer cannot be reached,
the last keys serve for a day; after that nobody can be told apart any more, and the answer is Unavailable. Only public
signature keys are kept: a symmetric key in a set would let anyone who read it sign.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from joserfc.util import urlsafe_b64decode

from app.domain.errors import Unavailable
from app.identity.tokens import MAX_KEY_ID_LENGTH

FRESH_SECONDS = 600.0
USABLE_SECONDS = 24 * 60 * 60.0
RETRY_SECONDS = 60.0
RETRY_WITHOUT_KEYS_SECONDS = 5.0
MAX_KEYS = 100
MAX_DOCUMENT_BYTES = 512 * 1024
_RSA_BITS = range(2048, 8192 + 1)
"""NIST SP 800-131A sets the lower bound; the upper one bounds the cost of a verification."""
_PUBLIC_MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_CURVES = frozenset({"P-256", "P-384", "P-521", "Ed25519"})


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...


class Http(Protocol):
    """What is needed of `app.http_client.HttpClient`: it sets deadlines, caps sizes and follows no redirect."""

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer: ...


class CachedKeys:
    """A KeySource over any way to read a JWK set document. Belongs to one event loop; `close()` ends its task."""

    def __init__(self, read: Callable[[], Awaitable[bytes]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._keys: dict[str, Key] = {}
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    @property
    def is_usable(self) -> bool:
        return self._clock() - self._read_at <= USABLE_SECONDS

    async def load(self) -> bool:
        """Reads the keys if there are none to use; says whether there are any now. For start and readiness."""
        if not self.is_usable:
            await self._read_anew()
        return self.is_usable

    async def key(self, key_id: str) -> Key | None:
        if not await self.load():
            raise Unavailable(retry_after=int(RETRY_WITHOUT_KEYS_SECONDS))
        key = self._keys.get(key_id)
        if key is None:
            await self._read_anew()
            return self._keys.get(key_id)
        if self._clock() - self._read_at > FRESH_SECONDS:
            self._start_reading()
        return key

    async def close(self) -> None:
        reading = self._reading
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read_anew(self) -> None:
        """One reading for all who wait; a caller who goes away does not end it for the others."""
        self._start_reading()
        if self._reading is not None:
            await asyncio.shield(self._reading)

    def _start_reading(self) -> None:
        wait = RETRY_SECONDS if self.is_usable else RETRY_WITHOUT_KEYS_SECONDS
        if self._reading is None and self._clock() - self._tried_at >= wait:
            self._tried_at = self._clock()
            self._reading = asyncio.create_task(self._take_keys())

    async def _take_keys(self) -> None:
        try:
            keys = signature_keys(await self._read())
        except Exception:  # noqa: BLE001 - whatever went wrong, the keys we have are what we have; `is_usable` tells
            keys = {}
        finally:
            self._reading = None
        if keys:
            self._keys = keys
            self._read_at = self._clock()


class JwksUrl(CachedKeys):
    """The keys at the issuer's `jwks_uri`."""

    def __init__(self, http: Http, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(self._fetch, clock=clock)
        self._http = http
        self._url = url

    async def _fetch(self) -> bytes:
        answer = await self._http.get(self._url, headers={"accept": "application/jwk-set+json, application/json"})
        return answer.body if answer.status == 200 else b""


class JwksFile(CachedKeys):
    """The keys in a file, such as a mounted secret or the development issuer's."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(self._read_file, clock=clock)
        self._path = path

    async def _read_file(self) -> bytes:
        return await asyncio.to_thread(self._path.read_bytes)


def signature_keys(document: bytes) -> dict[str, Key]:
    """The keys of a JWK set that can verify a signature, by id; the first of an id counts, the rest is ignored.

    Raises ValueError when the document is no JWK set.
    """
    if len(document) > MAX_DOCUMENT_BYTES:
        raise ValueError("the key set is too large")
    value = json.loads(document)
    entries = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a key set")  # noqa: TRY004 - the type of a value from outside, not of an argument
    found: dict[str, Key] = {}
    for entry in entries[:MAX_KEYS]:
        key_id = entry.get("kid") if isinstance(entry, dict) else None
        if isinstance(key_id, str) and 0 < len(key_id) <= MAX_KEY_ID_LENGTH and key_id not in found:
            key = _public_key(entry)
            if key is not None:
                found[key_id] = key
    return found


def _public_key(entry: dict[str, Any]) -> Key | None:
    """None for what cannot verify: symmetric, for encryption, too weak, damaged, or of a kind we do not know."""
    kind, operations = entry.get("kty"), entry.get("key_ops", ["verify"])
    members = _PUBLIC_MEMBERS.get(kind) if isinstance(kind, str) else None
    if members is None or entry.get("use", "sig") != "sig":
        return None
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    public = {name: entry[name] for name in ("kty", "alg", *members) if name in entry}
    try:
        if kind == "RSA" and _bits(public["n"]) not in _RSA_BITS:
            return None
        if kind != "RSA" and public["crv"] not in _CURVES:
            return None
        return import_key(public)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _bits(number: str) -> int:
    return int.from_bytes(urlsafe_b64decode(number.encode())).bit_length()
