"""A verifier for the test issuer, and the one question most tests ask: why was this token refused?"""

from typing import Any

import pytest
from joserfc.jwk import Key

from app.domain.errors import Unauthenticated
from app.identity.tokens import Refusal, TokenVerifier
from tests.identity.forging import AUDIENCE, ISSUER, ISSUER_KEY, KnownKeys


def verifier(*keys: Key, **changes: Any) -> TokenVerifier:
    arguments: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "algorithms": ["RS256"],
        "keys": KnownKeys(*(keys or (ISSUER_KEY,))),
        **changes,
    }
    return TokenVerifier(**arguments)


async def refusal_of(text: str, **changes: Any) -> Refusal:
    """The reason as the operator counts it; the caller's error is the same for all."""
    reasons: list[Refusal] = []
    with pytest.raises(Unauthenticated) as refused:
        await verifier(on_refusal=reasons.append, **changes).verify(text)
    error = refused.value
    assert (str(error), error.problem_code, error.findings) == (Unauthenticated.title, "token_invalid", ())
    assert error.__cause__ is None
    assert error.__suppress_context__
    (reason,) = reasons
    return reason
