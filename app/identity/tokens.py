"""Bearer tokens: a JWT signed by the one configured issuer becomes a Caller, or is refused.

Rules: RFC 7515 (signature), RFC 7519 (claims), RFC 8725 (best current practice), RFC 9068 (access tokens). Only the
header names a key, only by `kid`, and only among the issuer's own keys: nothing in a token is ever fetched or used as a
key, a path or a query. Outside, all refusals look the same. Not decided here: what the caller may do
(`domain/access.py`), whether the practice and the patient exist (the use cases see that under the tenant), and whether
a token was revoked: a token lives at most a day, and the issuer decides how much less.
"""

import json
import time
import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from app.domain.callers import Caller, Role
from app.domain.errors import Forbidden, Unauthenticated

MAX_TOKEN_LENGTH = 8 * 1024
MAX_KEY_ID_LENGTH = 255
MAX_SUBJECT_LENGTH = 255
MAX_LIFETIME_SECONDS = 24 * 60 * 60
SIGNATURE_ALGORITHMS = frozenset("RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split())
"""What may be configured: signatures only. A shared secret (HS…) or no signature (`none`) cannot be."""

_REFUSED_HEADERS = frozenset("crit b64 zip enc cty jku jwk x5u x5c".split())
"""Extensions we do not know, unencoded or compressed or nested content, and keys brought along (RFC 8725, 3.10)."""
_MARKS_OF_AN_ID_TOKEN = frozenset({"nonce", "at_hash", "c_hash"})
"""OpenID Connect Core 2: an ID token says who logged in; it is not meant for an API."""


class Refusal(StrEnum):
    """Why a token was refused: for the operator's counter, never for the caller."""

    MALFORMED = "malformed"
    HEADER = "header"
    TYPE = "type"
    ALGORITHM = "algorithm"
    KEY_UNKNOWN = "key_unknown"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TIME = "time"
    SUBJECT = "subject"


class KeySource(Protocol):
    async def key(self, key_id: str) -> Key | None:
        """The issuer's public key of this id; None when the issuer has no such key.

        Raises Unavailable when the issuer's keys are not known at all.
        """


class _Algorithm(Protocol):
    def check_key(self, key: Any) -> None: ...
    def verify(self, msg: bytes, sig: bytes, key: Any) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class ClaimNames:
    """What the issuer calls the claims that have no registered name."""

    practice: str = "practice_id"
    roles: str = "roles"
    patient: str = "patient_id"
    scope: str = "scope"


class _Refused(Exception):
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def _count_nothing(reason: Refusal) -> None:
    pass


class TokenVerifier:
    """Verifies tokens of one issuer for one audience.

    `token_types` are the accepted values of the header's `typ` in lower case; an empty text accepts its absence.
    `other_audiences` may stand beside ours in `aud`; any other makes the token somebody else's too, and is refused.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        algorithms: Collection[str],
        keys: KeySource,
        claim_names: ClaimNames | None = None,
        token_types: Collection[str] = ("at+jwt",),
        other_audiences: Collection[str] = (),
        leeway_seconds: int = 60,
        now: Callable[[], float] = time.time,
        on_refusal: Callable[[Refusal], None] = _count_nothing,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._algorithms = _algorithms(algorithms)
        self._keys = keys
        self._names = claim_names or ClaimNames()
        self._types = frozenset(name.lower().removeprefix("application/") for name in token_types)
        self._audiences = frozenset(other_audiences) | {audience}
        self._leeway = leeway_seconds
        self._now = now
        self._on_refusal = on_refusal

    async def verify(self, token: str) -> Caller:
        """Raises Unauthenticated for any token that is not valid, Forbidden for a valid one without role or practice."""
        try:
            claims = await self._verified_claims(token)
        except _Refused as refused:
            self._on_refusal(refused.reason)
            raise Unauthenticated from None
        return self._caller(claims)

    async def _verified_claims(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise _Refused(Refusal.MALFORMED)
        signed, _, signature = token.rpartition(".")
        header, separator, payload = signed.partition(".")
        if not (header and separator and payload and signature) or "." in payload:
            raise _Refused(Refusal.MALFORMED)
        algorithm, key = await self._algorithm_and_key(_json_object(header))
        try:
            algorithm.check_key(key)
            genuine = algorithm.verify(signed.encode(), urlsafe_b64decode(signature.encode()), key)
        except (JoseError, ValueError):
            genuine = False
        if not genuine:
            raise _Refused(Refusal.SIGNATURE)
        claims = _json_object(payload)
        self._check(claims)
        return claims

    async def _algorithm_and_key(self, header: dict[str, Any]) -> tuple[_Algorithm, Key]:
        if not _REFUSED_HEADERS.isdisjoint(header):
            raise _Refused(Refusal.HEADER)
        name, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
        if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in self._types:
            raise _Refused(Refusal.TYPE)
        algorithm = self._algorithms.get(name) if isinstance(name, str) else None
        if algorithm is None:
            raise _Refused(Refusal.ALGORITHM)
        if not isinstance(key_id, str) or not 0 < len(key_id) <= MAX_KEY_ID_LENGTH:
            raise _Refused(Refusal.KEY_UNKNOWN)
        key = await self._keys.key(key_id)
        if key is None:
            raise _Refused(Refusal.KEY_UNKNOWN)
        return algorithm, key

    def _check(self, claims: dict[str, Any]) -> None:
        if claims.get("iss") != self._issuer:
            raise _Refused(Refusal.ISSUER)
        if not self._is_for_us(claims.get("aud")):
            raise _Refused(Refusal.AUDIENCE)
        if not self._is_in_time(claims):
            raise _Refused(Refusal.TIME)
        if not _is_subject(claims.get("sub")):
            raise _Refused(Refusal.SUBJECT)
        # Keycloak writes the kind of a token into the payload: Bearer, ID, Refresh, Offline.
        if not _MARKS_OF_AN_ID_TOKEN.isdisjoint(claims) or claims.get("typ", "Bearer") != "Bearer":
            raise _Refused(Refusal.TYPE)

    def _is_for_us(self, audience: Any) -> bool:
        if isinstance(audience, str):
            return audience == self._audience
        if not isinstance(audience, list) or not all(isinstance(name, str) for name in audience):
            return False
        return self._audience in audience and self._audiences.issuperset(audience)

    def _is_in_time(self, claims: dict[str, Any]) -> bool:
        """Whole seconds only. The leeway forgives an issuer's fast clock; an expired token stays expired."""
        expires, issued, not_before = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
        # `type is int` and not isinstance: True is an int, and a claim of 1e400 would be a float that never expires.
        if type(expires) is not int or type(issued) is not int or type(not_before) is not int:
            return False
        now = self._now()
        latest = now + self._leeway
        return issued <= latest and not_before <= latest and now < expires <= issued + MAX_LIFETIME_SECONDS

    def _caller(self, claims: dict[str, Any]) -> Caller:
        names = self._names
        roles = _known_roles(claims.get(names.roles))
        practice_id = None if roles == {Role.OPS} else _uuid(claims.get(names.practice))
        patient_id = _uuid(claims.get(names.patient)) if Role.PATIENT in roles else None
        return Caller(
            subject=claims["sub"],
            practice_id=practice_id,
            roles=roles,
            scopes=_scopes(claims.get(names.scope)),
            patient_id=patient_id,
        )


def _algorithms(names: Iterable[str]) -> dict[str, _Algorithm]:
    chosen = set(names)
    if not chosen or not chosen <= SIGNATURE_ALGORITHMS:
        raise ValueError("the token algorithms must be signature algorithms, at least one")
    with warnings.catch_warnings():
        # RFC 9864 renames EdDSA to Ed25519; issuers still write the old name.
        warnings.simplefilter("ignore")
        return {name: JWSRegistry(algorithms=[name]).get_alg(name) for name in chosen}


def _json_object(segment: str) -> dict[str, Any]:
    """The JSON object in a base64url segment: canonical encoding, UTF-8, each name once."""
    try:
        value = json.loads(urlsafe_b64decode(segment.encode()).decode("utf-8"), object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError):
        raise _Refused(Refusal.MALFORMED) from None
    if not isinstance(value, dict):
        raise _Refused(Refusal.MALFORMED)
    return value


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _is_subject(value: Any) -> bool:
    """Kept in the audit trail, so it must be text a person can read: no control characters, no lone surrogates."""
    return isinstance(value, str) and 0 < len(value) <= MAX_SUBJECT_LENGTH and value.isprintable()


def _known_roles(value: Any) -> frozenset[Role]:
    """Roles of other applications beside one of ours are ignored; without one of ours there is nothing to allow."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Forbidden
    roles = frozenset(Role(name) for name in value if name in _ROLE_NAMES)
    if not roles:
        raise Forbidden
    return roles


_ROLE_NAMES = frozenset(role.value for role in Role)


def _uuid(value: Any) -> UUID:
    """The written form with dashes only: `UUID()` would also take braces, `urn:uuid:` and bare digits."""
    if not isinstance(value, str):
        raise Forbidden
    try:
        parsed = UUID(value)
    except ValueError:
        raise Forbidden from None
    if str(parsed) != value.lower():
        raise Forbidden
    return parsed


def _scopes(value: Any) -> frozenset[str]:
    """Space-delimited (RFC 8693, 4.2) or a list; anything else grants nothing."""
    if isinstance(value, str):
        return frozenset(value.split())
    if isinstance(value, list):
        return frozenset(name for name in value if isinstance(name, str))
    return frozenset()
