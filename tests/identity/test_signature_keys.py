"""Which entries of a key set may verify a signature, and which are ignored."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from app.identity.jwks import MAX_KEYS, signature_keys
from tests.identity.forging import ISSUER_KEY

OLD = ECKey.generate_key("P-256", {"kid": "old"})
NEW = ECKey.generate_key("P-256", {"kid": "new"})


def test_at_most_a_hundred_keys_are_considered() -> None:
    entry = OLD.as_dict(private=False)
    document = {"keys": [{**entry, "kid": f"key-{number}"} for number in range(2_000)]}
    assert list(signature_keys(json.dumps(document).encode())) == [f"key-{number}" for number in range(MAX_KEYS)]


def test_a_set_of_ten_thousand_keys_is_refused() -> None:
    document = {"keys": [{**OLD.as_dict(private=False), "kid": f"key-{number}"} for number in range(10_000)]}
    with pytest.raises(ValueError, match="too large"):
        signature_keys(json.dumps(document).encode())


RSA_ENTRY = ISSUER_KEY.as_dict(private=False)
CURVE_ENTRY = OLD.as_dict(private=False)


@pytest.mark.parametrize(
    "entry",
    [
        OctKey.generate_key(256, {"kid": "k"}).as_dict(private=True),
        {**RSA_ENTRY, "use": "enc"},
        {**RSA_ENTRY, "use": "both"},
        {**RSA_ENTRY, "use": None},
        {**RSA_ENTRY, "key_ops": ["sign"]},
        {**RSA_ENTRY, "key_ops": "verify"},
        {**RSA_ENTRY, "kid": ""},
        {**RSA_ENTRY, "kid": 7},
        {**RSA_ENTRY, "kid": None},
        {**RSA_ENTRY, "kid": "k" * 256},
        {**RSA_ENTRY, "alg": 7},
        {**RSA_ENTRY, "n": RSA_ENTRY["n"][:100]},
        {**RSA_ENTRY, "n": "A" + "_" * 3000},
        {**RSA_ENTRY, "n": "!"},
        {**RSA_ENTRY, "n": 7},
        {**RSA_ENTRY, "e": "AA"},
        {"kty": "RSA", "kid": "k"},
        {**CURVE_ENTRY, "crv": "secp256k1"},
        {**CURVE_ENTRY, "crv": "P-999"},
        {**CURVE_ENTRY, "crv": ["P-256"]},
        {**CURVE_ENTRY, "x": CURVE_ENTRY["y"]},
        {**CURVE_ENTRY, "kty": ["EC"]},
        OKPKey.generate_key("X25519", {"kid": "k"}).as_dict(private=False),
        {"kty": "AKP", "kid": "k", "pub": "AAAA"},
        {"kid": "k"},
        "text",
        None,
    ],
)
def test_a_key_that_cannot_verify_is_ignored_beside_one_that_can(entry: Any) -> None:
    document = {"keys": [entry, NEW.as_dict(private=False)]}
    assert list(signature_keys(json.dumps(document).encode())) == ["new"]


def test_private_members_and_certificate_addresses_in_a_set_are_dropped() -> None:
    entry = {**ISSUER_KEY.as_dict(private=True), "x5u": "https://evil.example/", "use": "sig", "alg": "RS256"}
    (key,) = signature_keys(json.dumps({"keys": [entry]}).encode()).values()
    assert isinstance(key, RSAKey)
    assert not key.is_private
    assert set(key.keys()) == {"kty", "alg", "n", "e"}


def test_the_first_key_of_an_id_counts() -> None:
    twice = {"keys": [CURVE_ENTRY, {**NEW.as_dict(private=False), "kid": "old"}]}
    (key,) = signature_keys(json.dumps(twice).encode()).values()
    assert key["x"] == CURVE_ENTRY["x"]
