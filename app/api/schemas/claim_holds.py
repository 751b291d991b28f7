"""Holding a claim back and letting it go, on the wire."""

from typing import Literal

from pydantic import Field

from app.api.schemas.base import Schema
from app.domain.claim_holds import ReleaseReason


class ClaimHold(Schema):
    """A person holds the claim; rules hold it for other reasons."""

    reason: Literal["by_hand"]


class ClaimRelease(Schema):
    """What a hold needs follows from its `hold_reason`: nothing, a confirmation, or a reason that fits it."""

    confirmed: bool = Field(
        default=False,
        description="Required to be true for `prior_payer_denied` and `earlier_decision_changed`, unless a reason is given.",
    )
    reason: ReleaseReason | None = Field(
        default=None,
        description=(
            "Required for `prior_payer_correctable` (denial_is_final, correction_not_possible, next_payer_wants_claim) "
            "and for `crossover_expected` (not_forwarded, not_received, window_passed, next_payer_wants_claim)."
        ),
    )
