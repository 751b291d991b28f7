"""What a claim refers to, and who is ahead of the payer that is asked."""

from app.domain.claim_parts import prior_payers
from tests.domain.assembling import SECONDARY_PARTS, with_content


def test_a_claim_without_a_service_has_no_day_and_nobody_ahead() -> None:
    parts = with_content(SECONDARY_PARTS, lines=())
    assert parts.order == ()
    assert parts.place_in_order is None
    assert prior_payers(parts) == ()
