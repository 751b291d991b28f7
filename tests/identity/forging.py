"""An issuer under a test's control, and a workshop for tokens no library would write."""

import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.jwk import Key, RSAKey

ISSUER = "https://id.example.org/realms/practice"
AUDIENCE = "crossover"
PRACTICE = "0199f000-0000-7000-8000-00000000000a"
PATIENT = "0199f000-0000-7000-8000-00000000000b"

ISSUER_KEY = RSAKey.generate_key(2048, {"kid": "issuer-1"})
STRANGER_KEY = RSAKey.generate_key(2048, {"kid": "issuer-1"})
HEADER = {"alg": "RS256", "typ": "at+jwt", "kid": "issuer-1"}


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, changed; `...` leaves one out."""
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "user-17",
        "iat": now,
        "exp": now + 600,
        "roles": ["biller"],
        "practice_id": PRACTICE,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def header(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**HEADER, **changes}.items() if value is not ...}


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def sign(head: bytes, body: bytes, key: Key = ISSUER_KEY, algorithm: str = "RS256") -> str:
    """Signs any bytes as header and payload, whatever they say."""
    signed = f"{b64(head)}.{b64(body)}"
    signature = jws.JWSRegistry.algorithms[algorithm].sign(signed.encode(), key)
    return f"{signed}.{b64(signature)}"


def token(head: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None, **how: Any) -> str:
    """A signed token; by default a good one."""
    return sign(json.dumps(head or HEADER).encode(), json.dumps(claims() if body is None else body).encode(), **how)


def sign_with_secret(secret: bytes, algorithm: str) -> str:
    """A good payload under an HMAC, made by hand: the library refuses to take a public key for a secret."""
    signed = f"{b64(json.dumps(header(alg=algorithm)).encode())}.{b64(json.dumps(claims()).encode())}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), algorithm.replace('HS', 'sha')))}"


class KnownKeys:
    """The issuer's keys as a KeySource that also remembers what it was asked for."""

    def __init__(self, *keys: Key) -> None:
        self.keys = {key.kid: key for key in keys}
        self.asked: list[str] = []

    async def key(self, key_id: str) -> Key | None:
        self.asked.append(key_id)
        return self.keys.get(key_id)
