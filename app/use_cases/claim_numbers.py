"""The numbers a claim and its lines go by in the 837P: drawn at random, never given twice."""

import base64
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias
from uuid import UUID

from app.domain.claims import Claim
from app.domain.errors import DatabaseUnavailable
from app.repositories.unit_of_work import UnitOfWork

LineIdentity: TypeAlias = tuple[UUID, str]
"""A service line's id, and the control number (REF*6R) that payers repeat."""
NewIdentity: TypeAlias = Callable[[], LineIdentity]

_ALPHABET: Final = string.ascii_uppercase + string.digits
_LENGTH: Final = 17
"""Of CLM01: what every payer gives back whole (domain rule C5)."""
_TRIES: Final = 5
"""36^17 numbers there are: a second try would be the first one ever."""


async def add_numbered(uow: UnitOfWork, claim: Claim) -> Claim:
    """The new claim, stored, under a patient control number (CLM01) that no claim of any practice has had.

    Raises `Conflict` (claim_exists) when its chain has a live claim for the coverage.
    """
    for _ in range(_TRIES):
        number = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        numbered = replace(claim, patient_control_number=number)
        is_free = await uow.claim_routes.add(number, practice_id=uow.tenant.practice_id, claim_id=claim.id, now=uow.now)
        if is_free and await uow.claims.add(numbered):
            return numbered
    raise DatabaseUnavailable(retry_after=1)


@dataclass(frozen=True)
class LineIdentities:
    """Gives each new service line an identity of its own, and knows which it gave."""

    new_id: Callable[[], UUID]
    given: set[UUID] = field(default_factory=set)

    def __call__(self) -> LineIdentity:
        line_id = self.new_id()
        self.given.add(line_id)
        return line_id, line_control_number(line_id)


def line_control_number(line_id: UUID) -> str:
    """The whole id in 26 letters and digits: payers give back 30 and more."""
    return base64.b32encode(line_id.bytes).decode("ascii").rstrip("=")
