"""What each status and body means as the answer to a 270."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearinghouse.port import RefusedReason, UnavailableReason
from app.clearinghouse.stedi_eligibility import eligibility_answer
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpAnswer
from tests.clearinghouse.answers import A271, A999, ATA1, ISA, answer


@pytest.mark.parametrize(
    "read",
    [
        answer(200, {"x12": A271}),
        answer(200, {"x12": A271, "errors": [{"code": "75"}], "status": "ERROR"}),
        answer(400, {"x12": A271, "errors": [{"code": "42"}]}),
        answer(200, {"x12": A271}, media_type="Application/JSON; charset=utf-8"),
    ],
)
def test_a_271_is_the_answer_whatever_stands_beside_it(read: HttpAnswer) -> None:
    assert eligibility_answer(read) == A271


def test_a_271_with_line_ends_or_other_separators_is_passed_on_as_it_came() -> None:
    for text in (A271.replace("~", "~\r\n"), A271.replace("*", "|").replace("~", "\n")):
        assert eligibility_answer(answer(200, {"x12": text})) == text


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (answer(400, {"errors": [{"code": "71", "location": "x"}], "status": "ERROR"}), RefusedReason.EDITS),
        (answer(200, {"errors": [{"code": "33"}], "x12": ""}), RefusedReason.EDITS),
        (answer(400, {"errors": ["text"]}), RefusedReason.EDITS),
        (answer(400, {"errors": [{"code": ["42"]}]}), RefusedReason.EDITS),
        (answer(400, {"message": "no", "fieldList": [{"path": "/x12", "message": "m"}]}), RefusedReason.REQUEST),
        (answer(400, {"x12": A999, "errors": [{"code": "71"}]}), RefusedReason.SYNTAX),
        (answer(200, {"x12": A999}), RefusedReason.SYNTAX),
        (answer(200, {"x12": ATA1}), RefusedReason.SYNTAX),
        (answer(413, {}), RefusedReason.TOO_LARGE),
        (answer(422, {"message": "no"}), RefusedReason.REQUEST),
    ],
)
def test_what_it_will_not_take_is_refused(read: HttpAnswer, reason: RefusedReason) -> None:
    with pytest.raises(ClearinghouseRefused) as caught:
        eligibility_answer(read)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (answer(200, {"errors": [{"code": "42"}], "status": "ERROR"}), UnavailableReason.PAYER_UNAVAILABLE),
        (answer(400, {"errors": [{"code": "80"}]}), UnavailableReason.PAYER_UNAVAILABLE),
        (answer(200, {}), UnavailableReason.UNREADABLE),
        (answer(200, {"errors": []}), UnavailableReason.UNREADABLE),
        (answer(200, {"x12": 7}), UnavailableReason.UNREADABLE),
        (answer(200, {"x12": "hello"}), UnavailableReason.UNREADABLE),
        (answer(200, {"x12": ISA}), UnavailableReason.UNREADABLE),
        (answer(200, {"x12": A271.replace("*HB*", "*HP*")}), UnavailableReason.UNREADABLE),
        (answer(200, b'{"x12": "' + A271.encode() + b'\\ud800"}'), UnavailableReason.UNREADABLE),
        (answer(200, {"message": "welcome"}), UnavailableReason.UNREADABLE),
        (answer(200, [A271]), UnavailableReason.UNREADABLE),
        (answer(200, b""), UnavailableReason.UNREADABLE),
        (answer(200, b"\xff\xfe{}"), UnavailableReason.UNREADABLE),
        (answer(200, b"[" * 200_000), UnavailableReason.UNREADABLE),
        (answer(200, {"x12": A271}, media_type="text/html"), UnavailableReason.UNREADABLE),
        (answer(400, b"<html>"), UnavailableReason.UNREADABLE),
        *((answer(status, {"x12": A271}), UnavailableReason.UNREADABLE) for status in (201, 202, 204, 206, 418)),
        *((answer(status, {"x12": A271}), UnavailableReason.CREDENTIALS) for status in (401, 403)),
        *(
            (answer(status, {"x12": A271}), UnavailableReason.WRONG_ADDRESS)
            for status in (301, 302, 307, 308, 404, 405, 410, 415)
        ),
        *(
            (answer(status, {"message": "x"}), UnavailableReason.BUSY)
            for status in (408, 409, 425, 500, 502, 503, 504, 599)
        ),
        (answer(429, {"message": "x", "code": "TOO_MANY_REQUESTS"}), UnavailableReason.RATE_LIMITED),
    ],
)
def test_what_is_no_answer_is_unavailable(read: HttpAnswer, reason: UnavailableReason) -> None:
    with pytest.raises(ClearinghouseUnavailable) as caught:
        eligibility_answer(read)
    assert caught.value.reason is reason


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.sampled_from([A271, A999, ISA, "42"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_bodies = st.binary(max_size=200) | st.fixed_dictionaries(
    {}, optional={"x12": _json, "errors": _json, "message": _json, "status": _json}
).map(lambda content: json.dumps(content).encode())


@given(
    status=st.integers(200, 599),
    body=_bodies,
    media_type=st.sampled_from(["application/json", "text/html", ""]),
    wait=st.text(max_size=30),
)
def test_whatever_comes_back_is_a_271_or_one_of_the_two_errors(
    status: int, body: bytes, media_type: str, wait: str
) -> None:
    came = HttpAnswer(status, {"content-type": media_type, "retry-after": wait}, body)
    said = _said(came)
    if isinstance(said, str):
        assert status in {200, 400}
        assert "HB" in said
        return
    assert said.reason in set(UnavailableReason) | set(RefusedReason)
    assert said.retry_after is None or 1 <= said.retry_after <= 3600
    assert said.__context__ is None


def _said(came: HttpAnswer) -> str | ClearinghouseUnavailable | ClearinghouseRefused:
    try:
        return eligibility_answer(came)
    except (ClearinghouseUnavailable, ClearinghouseRefused) as error:
        return error
