"""The timeline's events."""

from app.domain.claim_events import status_facts
from app.domain.claim_states import ClaimStatus


def test_a_change_of_status_is_said_as_words() -> None:
    assert status_facts(ClaimStatus.SUBMITTED, ClaimStatus.ACCEPTED) == {
        "from_status": "submitted",
        "to_status": "accepted",
    }
    assert status_facts(None, ClaimStatus.DRAFT) == {"to_status": "draft"}


def test_a_status_that_stays_is_no_fact() -> None:
    assert status_facts(ClaimStatus.PAID, ClaimStatus.PAID) == {}
