"""A token issuer for a laptop and for tests: one key in a folder of the project's own, tokens for anybody.

Whoever can read the folder can be anyone, which is why a production start refuses this issuer's name.
"""

import json
import os
import secrets
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import RSAKey

from app.domain.callers import Role
from app.identity.tokens import MAX_LIFETIME_SECONDS

ISSUER = "https://development.crossover.invalid"
"""`.invalid` is reserved (RFC 2606): no real issuer can ever have this name."""
AUDIENCE = "crossover"
ALGORITHM = "RS256"
"""Verifying RSA costs half of what ECDSA does, and tokens are verified far more often than signed."""
_KEY_FILE = "signing-key.json"
_JWKS_FILE = "jwks.json"


class DevelopmentIssuer:
    """Loads the key of `folder`, or makes it. Several processes may start at once: the first key made is everyone's."""

    def __init__(self, folder: Path, *, audience: str = AUDIENCE) -> None:
        self.jwks_path = folder / _JWKS_FILE
        self._audience = audience
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = _load_or_make(folder / _KEY_FILE)
        document = json.dumps({"keys": [self._key.as_dict(private=False, use="sig", alg=ALGORITHM)]}).encode()
        if not self.jwks_path.exists() or self.jwks_path.read_bytes() != document:
            _write(self.jwks_path, document).replace(self.jwks_path)

    def mint(
        self,
        subject: str,
        roles: Iterable[Role | str],
        practice_id: UUID | None = None,
        *,
        patient_id: UUID | None = None,
        scopes: Iterable[str] = (),
        lifetime: timedelta = timedelta(hours=12),
    ) -> str:
        """A signed access token (RFC 9068). Claims without a value are left out."""
        seconds = int(lifetime.total_seconds())
        if not 0 < seconds <= MAX_LIFETIME_SECONDS:
            raise ValueError("a token lives between a second and a day")
        issued = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": self._audience,
            "sub": subject,
            "iat": issued,
            "exp": issued + seconds,
            "jti": secrets.token_hex(8),
            "roles": [str(role) for role in roles],
            "practice_id": str(practice_id) if practice_id else None,
            "patient_id": str(patient_id) if patient_id else None,
            "scope": " ".join(scopes) or None,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, present, self._key, algorithms=[ALGORITHM])


def _load_or_make(path: Path) -> RSAKey:
    if not path.exists():
        key = RSAKey.generate_key(2048, auto_kid=True)
        temporary = _write(path, json.dumps(key.as_dict(private=True)).encode())
        try:
            os.link(temporary, path)  # unlike a rename, it never replaces a key another process has just made
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return RSAKey.import_key(json.loads(path.read_bytes()))


def _write(beside: Path, content: bytes) -> Path:
    """The content in a new file next to `beside`, for the owner's eyes only, complete before anyone sees its name."""
    temporary = beside.with_name(f".{beside.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return temporary
