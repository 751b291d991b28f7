"""Answers that go wrong when they are asked to."""

import http.client
import json
import time

import pytest

from app.sandbox.faults import Fault, split_member_id
from app.sandbox.main import BASE_PATH
from tests.sandbox.inquiries import Asked
from tests.sandbox.running import RunningSandbox

PATH = f"{BASE_PATH}/change/medicalnetwork/eligibility/v3/raw-x12"


def raw_call(sandbox: RunningSandbox, asked: Asked, timeout: float = 5) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=timeout)
    try:
        headers = {"authorization": sandbox.api_key, "content-type": "application/json"}
        connection.request("POST", PATH, json.dumps({"x12": asked.text()}), headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read(2_000_000)
    finally:
        connection.close()


def ending(fault: str, trace_number: str = "T") -> Asked:
    return Asked(member_id=f"MLK100001{fault}", trace_number=trace_number)


def test_a_member_id_may_end_with_a_fault() -> None:
    assert split_member_id("MLK100001HANG") == ("MLK100001", Fault.HANG)
    assert split_member_id("MLK100001") == ("MLK100001", None)
    assert split_member_id("HANG") == ("HANG", None)


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503, 504])
def test_a_status_may_be_asked_for(sandbox: RunningSandbox, status: int) -> None:
    answered, _, body = raw_call(sandbox, ending(f"E{status}"))
    assert answered == status
    assert "message" in json.loads(body)


@pytest.mark.parametrize("fault", ["RESET", "CUT"])
def test_a_connection_may_be_reset_before_or_in_the_middle_of_the_answer(sandbox: RunningSandbox, fault: str) -> None:
    with pytest.raises((ConnectionResetError, http.client.HTTPException)):
        raw_call(sandbox, ending(fault, f"broken by {fault}"))
    assert sandbox.ledger()["by_trace_number"][f"broken by {fault}"] == 1


def test_a_hang_says_nothing_until_the_client_gives_up(sandbox: RunningSandbox) -> None:
    with pytest.raises(TimeoutError):
        raw_call(sandbox, ending("HANG", "hung"), timeout=0.5)
    assert sandbox.ledger()["by_trace_number"]["hung"] == 1


def test_a_drip_sends_a_byte_at_a_time(sandbox: RunningSandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    headers = {"authorization": sandbox.api_key, "content-type": "application/json"}
    connection.request("POST", PATH, json.dumps({"x12": ending("DRIP").text()}), headers)
    answer = connection.getresponse()
    began = time.monotonic()
    assert answer.read(6) == b'{"id":'
    assert time.monotonic() - began > 0.2
    connection.close()


def test_a_bomb_is_small_on_the_wire(sandbox: RunningSandbox) -> None:
    status, headers, body = raw_call(sandbox, ending("BOMB"))
    assert (status, headers["content-encoding"], body[:2]) == (200, "gzip", b"\x1f\x8b")
    assert len(body) < 2_000_000


@pytest.mark.parametrize(
    ("fault", "content_type"),
    [("GARBAGE", "application/json"), ("HTML", "text/html; charset=utf-8"), ("EMPTY", "application/json")],
)
def test_an_answer_may_be_no_json(sandbox: RunningSandbox, fault: str, content_type: str) -> None:
    status, headers, body = raw_call(sandbox, ending(fault))
    assert (status, headers["content-type"]) == (200, content_type)
    with pytest.raises(ValueError, match=r"."):
        json.loads(body)


def test_an_answer_may_carry_no_x12_or_another_inquirys(sandbox: RunningSandbox) -> None:
    assert json.loads(raw_call(sandbox, ending("NOX12"))[2])["x12"] == ""
    other = json.loads(raw_call(sandbox, ending("OTHER", "mine"))[2])["x12"]
    assert "TRN*2*OTHER-INQUIRY*" in other
    assert "mine" not in other


def test_a_redirect_leads_away(sandbox: RunningSandbox) -> None:
    status, headers, _ = raw_call(sandbox, ending("REDIRECT"))
    assert (status, headers["location"]) == (307, "/sandbox/ledger")


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        *((fault, 0) for fault in ("E403", "E404", "E429", "E503", "REDIRECT")),
        *((fault, 1) for fault in ("E500", "E504", "GARBAGE", "HTML", "EMPTY", "NOX12", "OTHER", "BOMB")),
    ],
)
def test_a_fault_comes_before_or_after_the_inquiry_is_taken(sandbox: RunningSandbox, fault: str, taken: int) -> None:
    raw_call(sandbox, ending(fault, f"taken or not: {fault}"))
    assert sandbox.ledger()["by_trace_number"].get(f"taken or not: {fault}", 0) == taken


def test_faults_may_be_queued_for_the_next_requests(sandbox: RunningSandbox) -> None:
    sandbox.queue_fault("E429", times=2, retry_after="7")
    answers = [raw_call(sandbox, Asked()) for _ in range(3)]
    assert [status for status, _, _ in answers] == [429, 429, 200]
    assert [headers.get("retry-after") for _, headers, _ in answers] == ["7", "7", None]


def test_queued_faults_are_shown_and_can_be_cleared(sandbox: RunningSandbox) -> None:
    sandbox.queue_fault("E503")
    assert sandbox.call("GET", "/sandbox/faults") == (200, {"waiting": ["E503"]})
    assert sandbox.call("DELETE", "/sandbox/faults") == (200, {"waiting": []})


@pytest.mark.parametrize("content", [{}, {"fault": "SULK"}, {"fault": "HANG", "times": "many"}, [], 7])
def test_a_fault_nobody_knows_is_refused(sandbox: RunningSandbox, content: object) -> None:
    assert sandbox.call("POST", "/sandbox/faults", content)[0] == 400
