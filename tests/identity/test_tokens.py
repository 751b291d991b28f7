"""Every way a token can be wrong, one by one. Equal timing of refusals is not tested: on a shared machine the noise is
larger than the limit, and an outsider learns nothing from it but which of his own claims was read last.
"""

import base64
import json
import time
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from app.domain.callers import Caller, Role
from app.domain.errors import Unauthenticated
from app.identity.tokens import Refusal
from tests.identity import forging
from tests.identity.forging import ISSUER_KEY, PRACTICE, KnownKeys, claims, header, token
from tests.identity.refusing import refusal_of, verifier

HMAC_FORMS = {
    "pem": ISSUER_KEY.as_pem(),
    "der": ISSUER_KEY.as_der(),
    "jwk": json.dumps(ISSUER_KEY.as_dict(private=False)).encode(),
    "ssh": ISSUER_KEY.public_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
}


async def test_a_good_token_becomes_its_caller() -> None:
    assert await verifier().verify(token()) == Caller(
        subject="user-17", practice_id=UUID(PRACTICE), roles=frozenset({Role.BILLER})
    )


@pytest.mark.parametrize("name", ["RS256", "PS256", "RS512"])
async def test_rsa_algorithms_verify_when_configured(name: str) -> None:
    text = token(header(alg=name), algorithm=name)
    assert (await verifier(algorithms=[name]).verify(text)).subject == "user-17"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ES256", ECKey.generate_key("P-256", {"kid": "issuer-1"})),
        ("ES384", ECKey.generate_key("P-384", {"kid": "issuer-1"})),
        ("EdDSA", OKPKey.generate_key("Ed25519", {"kid": "issuer-1"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "issuer-1"})),
    ],
)
async def test_curve_algorithms_verify_when_configured(name: str, key: Key) -> None:
    text = token(header(alg=name), key=key, algorithm=name)
    assert (await verifier(key, algorithms=["RS256", name]).verify(text)).subject == "user-17"
    assert await refusal_of(text) is Refusal.ALGORITHM


@pytest.mark.parametrize("names", [[], ["none"], ["HS256"], ["RS256", "HS512"], ["A128KW"]])
def test_no_secret_and_no_unsigned_algorithm_can_be_configured(names: list[str]) -> None:
    with pytest.raises(ValueError, match="signature algorithms"):
        verifier(algorithms=names)


@pytest.mark.parametrize("name", ["none", "None", "nOnE", "NONE", "", "rs256", 256, None, ["RS256"], ...])
async def test_an_algorithm_that_is_not_ours_is_refused(name: Any) -> None:
    unsigned = f"{forging.b64(json.dumps(header(alg=name)).encode())}.{forging.b64(json.dumps(claims()).encode())}."
    assert await refusal_of(unsigned) is Refusal.MALFORMED
    assert await refusal_of(unsigned + "AA") is Refusal.ALGORITHM
    assert await refusal_of(token(header(alg=name))) is Refusal.ALGORITHM


@pytest.mark.parametrize("form", HMAC_FORMS)
@pytest.mark.parametrize("name", ["HS256", "HS384", "HS512"])
async def test_the_public_key_is_no_shared_secret(form: str, name: str) -> None:
    assert await refusal_of(forging.sign_with_secret(HMAC_FORMS[form], name)) is Refusal.ALGORITHM


async def test_a_token_signed_by_a_stranger_is_refused() -> None:
    assert await refusal_of(token(key=forging.STRANGER_KEY)) is Refusal.SIGNATURE


async def test_a_key_of_another_kind_than_the_algorithm_is_refused() -> None:
    curve = ECKey.generate_key("P-256", {"kid": "issuer-1"})
    text = token(header(alg="ES256"), key=curve, algorithm="ES256")
    assert await refusal_of(text, algorithms=["RS256", "ES256"]) is Refusal.SIGNATURE


async def test_a_key_declared_for_another_algorithm_is_refused() -> None:
    bound = RSAKey.import_key({**ISSUER_KEY.as_dict(private=True), "alg": "PS256"})
    assert await refusal_of(token(), keys=KnownKeys(bound)) is Refusal.SIGNATURE


@pytest.mark.parametrize(
    "key_id",
    [
        "issuer-2",
        "ISSUER-1",
        "../../etc/passwd",
        "' or '1'='1",
        "https://evil.example/key",
        "issuer-1\x00",
        "k" * 256,
        "",
        7,
        None,
        ["issuer-1"],
        ...,
    ],
)
async def test_a_key_id_that_the_issuer_does_not_have_is_refused(key_id: Any) -> None:
    assert await refusal_of(token(header(kid=key_id))) is Refusal.KEY_UNKNOWN


async def test_a_key_id_of_10_kb_is_refused_unread() -> None:
    keys = KnownKeys(ISSUER_KEY)
    assert await refusal_of(token(header(kid="k" * 10_240)), keys=keys) is Refusal.MALFORMED
    assert keys.asked == []


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/chain.pem"},
        {"x5c": ["MIIB"]},
        {"jwk": forging.STRANGER_KEY.as_dict(private=False)},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"b64": True},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"enc": "A256GCM"},
    ],
    ids="+".join,
)
@pytest.mark.parametrize("key", [ISSUER_KEY, forging.STRANGER_KEY], ids=["signed by the issuer", "by a stranger"])
async def test_a_header_that_brings_a_key_or_an_extension_is_refused_before_any_key_is_looked_up(
    extra: dict[str, Any], key: Key
) -> None:
    keys = KnownKeys(ISSUER_KEY)
    assert await refusal_of(token(header(**extra), key=key), keys=keys) is Refusal.HEADER
    assert keys.asked == []


async def test_a_thumbprint_in_the_header_is_ignored() -> None:
    assert (await verifier().verify(token(header(**{"x5t#S256": "abc"})))).subject == "user-17"


@pytest.mark.parametrize("kind", ["JWT", "jwt", "id+jwt", "refresh+jwt", "logout+jwt", "dpop+jwt", "", None, 1, ...])
async def test_a_type_that_is_no_access_token_is_refused(kind: Any) -> None:
    assert await refusal_of(token(header(typ=kind)), token_types=["at+jwt"]) is Refusal.TYPE


@pytest.mark.parametrize(("kind", "accepted"), [("JWT", "JWT"), (..., ""), ("application/at+jwt", "at+jwt")])
async def test_an_issuer_without_rfc_9068_can_be_accepted_by_setting(kind: Any, accepted: str) -> None:
    assert (await verifier(token_types=[accepted]).verify(token(header(typ=kind)))).subject == "user-17"


@pytest.mark.parametrize(
    "mark", [{"nonce": "n"}, {"at_hash": "h"}, {"c_hash": "h"}, {"typ": "ID"}, {"typ": "Refresh"}, {"typ": "Offline"}]
)
async def test_an_id_or_refresh_token_is_refused_even_where_plain_jwts_are_accepted(mark: dict[str, str]) -> None:
    text = token(header(typ="JWT"), claims(**mark))
    assert await refusal_of(text, token_types=["JWT"]) is Refusal.TYPE


def broken_shapes() -> dict[str, str]:
    good = token()
    head, body, signature = good.split(".")
    other_tail = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]
    return {
        "empty": "",
        "dots": "..",
        "one part": head,
        "two parts": f"{head}.{body}",
        "five parts": f"{good}.{body}.{signature}",
        "four parts": f"{head}.{body}.{body}.{signature}",
        "empty header": f".{body}.{signature}",
        "empty payload": f"{head}..{signature}",
        "empty signature": f"{head}.{body}.",
        "padded header": f"{head}==.{body}.{signature}",
        "padded signature": f"{good}==",
        "standard alphabet": good.replace(head, base64.b64encode(b"\xff\xfe\xfd" * 9).decode()),
        "non-canonical signature": good[:-1] + other_tail,
        "space before": " " + good,
        "newline after": good + "\n",
        "newline inside": f"{head}.{body[:10]}\n{body[10:]}.{signature}",
        "not ascii": good + "é",
        "lone surrogate": good + "\ud800",
        "nul": good + "\x00",
        "bearer twice": "Bearer " + good,
        "json serialization": json.dumps({"payload": body, "protected": head, "signature": signature}),
    }


@pytest.mark.parametrize("name", broken_shapes())
async def test_a_broken_shape_is_refused(name: str) -> None:
    assert await refusal_of(broken_shapes()[name]) in {Refusal.MALFORMED, Refusal.SIGNATURE, Refusal.ALGORITHM}


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b"",
        b"{",
        b"\xff\xfe{}",
        "{}".encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"[" * 3000,
        b'{"a":' * 1000,
        b'{"exp":' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: body[:12],
)
async def test_a_payload_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert await refusal_of(forging.sign(json.dumps(header()).encode(), body)) is Refusal.MALFORMED


@pytest.mark.parametrize("name", ["sub", "exp", "practice_id", "roles", "anything"])
async def test_a_claim_name_that_occurs_twice_is_refused(name: str) -> None:
    first = json.dumps(claims(anything=1))
    body = first[:-1] + f", {json.dumps(name)}: {json.dumps(claims(anything=1)[name])}}}"
    assert await refusal_of(forging.sign(json.dumps(header()).encode(), body.encode())) is Refusal.MALFORMED


async def test_a_header_name_that_occurs_twice_is_refused() -> None:
    head = b'{"alg":"none","alg":"RS256","typ":"at+jwt","kid":"issuer-1"}'
    assert await refusal_of(forging.sign(head, json.dumps(claims()).encode())) is Refusal.MALFORMED


async def test_an_encrypted_token_is_refused() -> None:
    text = jwe.encrypt_compact(
        {"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "issuer-1"}, json.dumps(claims()).encode(), ISSUER_KEY
    )
    assert await refusal_of(text) is Refusal.MALFORMED


async def test_a_token_over_8_kib_is_refused_unread() -> None:
    keys = KnownKeys(ISSUER_KEY)
    assert await refusal_of(token(body=claims(note="n" * 8192)), keys=keys) is Refusal.MALFORMED
    assert keys.asked == []


@given(position=st.integers(min_value=0), bit=st.integers(0, 6))
async def test_no_token_with_one_changed_bit_is_accepted(position: int, bit: int) -> None:
    good = bytearray(GOOD.encode())
    good[position % len(good)] ^= 1 << bit
    with pytest.raises(Unauthenticated):
        await verifier().verify(good.decode("latin-1"))


GOOD = token(body=claims(exp=int(time.time()) + 80_000))


@given(st.text(max_size=200))
async def test_any_text_is_refused_and_nothing_else_is_raised(text: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier().verify(text)
