"""A submission's own numbers, and how long its bytes may go out (design rule 5)."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim_states import SubmissionState
from app.domain.submissions import batch_reference, idempotency_key
from tests.claim_records import a_submission
from tests.factories import NOW

WINDOW = timedelta(hours=23)


@given(st.uuids(), st.uuids())
def test_a_reference_fits_into_an_acknowledgment_and_belongs_to_one_submission(one: UUID, other: UUID) -> None:
    assert re.fullmatch("[A-Z2-7]{26}", batch_reference(one))
    assert (batch_reference(one) == batch_reference(other)) is (one == other)


def test_the_key_is_the_submissions_for_ever() -> None:
    """A literal: were it made another way, a submission under way would be sent under a second key."""
    submission_id = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert idempotency_key(submission_id) == UUID("2442ec06-5e40-569e-9eb9-7e6ec48a42c1")
    assert idempotency_key(uuid4()) != idempotency_key(submission_id)


@given(st.timedeltas(timedelta(0), timedelta(hours=48)))
def test_the_bytes_go_out_for_less_than_23_hours_after_the_first_try(since: timedelta) -> None:
    submission = a_submission(first_sent_at=NOW)
    assert submission.may_be_sent_again(NOW + since) is (since < WINDOW)


def test_what_was_never_tried_may_go_out_at_any_time() -> None:
    assert a_submission().may_be_sent_again(NOW + timedelta(days=365))


@pytest.mark.parametrize("state", SubmissionState)
def test_only_what_is_queued_has_certainly_not_arrived(state: SubmissionState) -> None:
    assert a_submission(state=state).may_have_arrived is (state is not SubmissionState.QUEUED)
