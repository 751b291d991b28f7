"""What each status and body means as the answer to an 837P: taken, refused, or an outcome that is open."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearinghouse.port import (
    RefusedPlace,
    RefusedReason,
    SubmissionAnswer,
    SubmissionReceipt,
    SubmissionRefusal,
    UnavailableReason,
)
from app.clearinghouse.stedi_claims import submission_answer
from app.domain.errors import ClearinghouseUnavailable
from app.http_client import HttpAnswer
from tests.clearinghouse.answers import A271, A277, A999, ATA1, answer

TAKEN: dict[str, Any] = {
    "status": "SUCCESS",
    "httpStatusCode": "200 OK",
    "claimReference": {"correlationId": "01J1M588QT2TAV2N093GNJ998T", "rhclaimNumber": "01J1M588QT2TAV2N093GNJ998T"},
    "x12": A277,
}
PROBLEM = {"code": "33", "location": "2320 CAS", "description": "Does not balance.", "value": "CANARY"}
REFUSED: dict[str, Any] = {
    "status": "ERROR",
    "httpStatusCode": "400 BAD_REQUEST",
    "errors": [PROBLEM],
    "x12": A277,
}
PLACE = RefusedPlace(code="33", location="2320 CAS", description="Does not balance.")


def unavailable(read: HttpAnswer) -> UnavailableReason:
    with pytest.raises(ClearinghouseUnavailable) as caught:
        submission_answer(read)
    assert caught.value.__context__ is None
    return UnavailableReason(caught.value.reason)


def test_success_with_a_claim_reference_is_a_receipt_with_its_277ca() -> None:
    said = submission_answer(answer(200, TAKEN))
    assert said == SubmissionReceipt(clearinghouse_id="01J1M588QT2TAV2N093GNJ998T", acknowledgment=A277)


def test_both_answers_say_whose_claim_they_are_about() -> None:
    for content in (TAKEN, REFUSED):
        said = submission_answer(answer(200, {**content, "claimReference": {"patientControlNumber": "CANARYPCN"}}))
        assert said.patient_control_number == "CANARYPCN"
        assert "CANARY" not in repr(said)


@pytest.mark.parametrize(
    ("reference", "known_as"),
    [
        ({"correlationId": "A"}, "A"),
        ({"rhclaimNumber": "B"}, "B"),
        ({"correlationId": "", "rhclaimNumber": "B"}, "B"),
        ({"correlationId": "A\u0000"}, None),
        ({"correlationId": "x" * 256}, None),
        ({"correlationId": 7}, None),
        ({}, None),
    ],
)
def test_a_receipt_may_come_without_a_usable_id(reference: dict[str, Any], known_as: str | None) -> None:
    said = submission_answer(answer(200, {**TAKEN, "claimReference": reference}))
    assert said == SubmissionReceipt(clearinghouse_id=known_as, acknowledgment=A277)


@pytest.mark.parametrize("x12", [None, "", "hello", A271, A999, A277 + "\ud800", 7])
def test_what_is_no_277ca_is_no_acknowledgment_of_a_receipt(x12: object) -> None:
    said = submission_answer(answer(200, {**TAKEN, "x12": x12}))
    assert isinstance(said, SubmissionReceipt)
    assert said.acknowledgment is None


@pytest.mark.parametrize("status", [200, 400])
def test_an_edit_refuses_the_claim_whichever_status_it_comes_with(status: int) -> None:
    said = submission_answer(answer(status, REFUSED))
    assert said == SubmissionRefusal(reason=RefusedReason.EDITS, acknowledgment=A277, problems=(PLACE,))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({**REFUSED, "errors": []}, SubmissionRefusal(reason=RefusedReason.EDITS, acknowledgment=A277)),
        ({**REFUSED, "x12": ""}, SubmissionRefusal(reason=RefusedReason.EDITS, problems=(PLACE,))),
        (
            {**REFUSED, "x12": A999},
            SubmissionRefusal(reason=RefusedReason.SYNTAX, acknowledgment=A999, problems=(PLACE,)),
        ),
        ({"status": "ERROR", "x12": ATA1}, SubmissionRefusal(reason=RefusedReason.SYNTAX, acknowledgment=ATA1)),
        ({"errors": [PROBLEM]}, SubmissionRefusal(reason=RefusedReason.EDITS, problems=(PLACE,))),
        ({"message": "no"}, SubmissionRefusal(reason=RefusedReason.REQUEST)),
        ({"message": "no", "code": "INVALID"}, SubmissionRefusal(reason=RefusedReason.REQUEST)),
    ],
)
def test_a_400_refuses_in_either_of_its_shapes(content: dict[str, Any], refusal: SubmissionRefusal) -> None:
    assert submission_answer(answer(400, content)) == refusal


def test_a_413_refuses_whatever_its_body_is() -> None:
    assert submission_answer(answer(413, b"<html>")) == SubmissionRefusal(reason=RefusedReason.TOO_LARGE)


@pytest.mark.parametrize(
    ("error", "place"),
    [
        ({}, RefusedPlace()),
        ({"code": 33, "location": ["x"], "description": None}, RefusedPlace()),
        ({"code": "two words"}, RefusedPlace()),
        ({"location": "a\u0000b\nc\ud800"}, RefusedPlace(location="a b c")),
        ({"description": "x" * 501}, RefusedPlace(description="x" * 500)),
    ],
)
def test_a_place_keeps_what_can_be_stored_and_shown(error: dict[str, Any], place: RefusedPlace) -> None:
    said = submission_answer(answer(400, {**REFUSED, "errors": [error]}))
    assert isinstance(said, SubmissionRefusal)
    assert said.problems == (place,)


def test_a_refusal_keeps_a_hundred_places() -> None:
    said = submission_answer(answer(400, {**REFUSED, "errors": [PROBLEM] * 1000}))
    assert isinstance(said, SubmissionRefusal)
    assert len(said.problems) == 100


def test_neither_answer_shows_what_the_other_side_wrote() -> None:
    for content in (TAKEN, REFUSED):
        shown = repr(submission_answer(answer(200, content)))
        for canary in ("ISA*", "01J1M588", "balance", "2320", "CANARY"):
            assert canary not in shown


@pytest.mark.parametrize(
    "read",
    [
        answer(200, {}),
        answer(200, {"status": "SUCCESS"}),
        answer(200, {**TAKEN, "claimReference": "01J1"}),
        answer(200, {**TAKEN, "status": None}),
        answer(200, {**TAKEN, "status": "success"}),
        answer(200, {"message": "no"}),
        answer(200, {"errors": [PROBLEM]}),
        answer(200, {"status": "ERROR"}),
        answer(200, {"status": "ERROR", "errors": ["text"], "x12": "hello"}),
        answer(200, [TAKEN]),
        answer(200, b""),
        answer(200, b"<html>", media_type="text/html"),
        answer(200, TAKEN, media_type="text/plain"),
        answer(400, TAKEN),
        answer(400, {}),
        answer(400, b"<html>", media_type="text/html"),
        *(answer(status, TAKEN) for status in (201, 202, 204, 303, 418)),
    ],
)
def test_an_answer_that_was_not_agreed_leaves_the_outcome_open(read: HttpAnswer) -> None:
    reason = unavailable(read)
    assert reason is UnavailableReason.UNREADABLE
    assert reason.may_have_arrived
    assert reason.may_be_repeated


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
def test_an_error_of_theirs_leaves_the_outcome_open(status: int) -> None:
    reason = unavailable(answer(status, {"message": "x"}))
    assert reason in {UnavailableReason.BUSY, UnavailableReason.RATE_LIMITED}
    assert reason.may_have_arrived
    assert reason.may_be_repeated


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 403, 404, 405, 410, 415])
def test_at_a_closed_door_nothing_has_arrived(status: int) -> None:
    assert not unavailable(answer(status, {"message": "x"})).may_have_arrived


def test_a_body_that_speaks_of_403_is_about_the_key() -> None:
    read = answer(200, {**REFUSED, "httpStatusCode": "403 FORBIDDEN"})
    assert unavailable(read) is UnavailableReason.CREDENTIALS


def test_a_key_that_stood_for_other_bytes_is_never_tried_again() -> None:
    reason = unavailable(answer(422, {"message": "changed"}))
    assert reason is UnavailableReason.KEY_REUSED
    assert reason.may_have_arrived
    assert not reason.may_be_repeated


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.sampled_from([A277, A999, "33", "SUCCESS"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_contents = st.fixed_dictionaries(
    {},
    optional={
        "x12": _json,
        "errors": _json,
        "message": _json,
        "status": st.sampled_from(["SUCCESS", "ERROR", ""]) | _json,
        "httpStatusCode": st.sampled_from(["200 OK", "403 FORBIDDEN"]) | _json,
        "claimReference": st.fixed_dictionaries({}, optional={"correlationId": _json, "rhclaimNumber": _json}) | _json,
    },
)


@given(status=st.integers(200, 599), body=st.binary(max_size=200) | _contents.map(lambda one: json.dumps(one).encode()))
def test_only_what_was_agreed_is_a_receipt_or_a_refusal(status: int, body: bytes) -> None:
    said = _said(HttpAnswer(status, {"content-type": "application/json"}, body))
    if isinstance(said, ClearinghouseUnavailable):
        assert said.reason in set(UnavailableReason)
        assert said.__context__ is None
    elif isinstance(said, SubmissionReceipt):
        assert (status, json.loads(body)["status"]) == (200, "SUCCESS")
    else:
        assert status in {200, 400, 413}


def _said(came: HttpAnswer) -> SubmissionAnswer | ClearinghouseUnavailable:
    try:
        return submission_answer(came)
    except ClearinghouseUnavailable as error:
        return error
