"""Claims handed to the sandbox over its socket: taken once, refused in two shapes, or gone wrong on purpose."""

import contextlib
import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.ledger import Ledger, SubmissionAnswer
from app.sandbox.main import BASE_PATH, SUBMISSION_PATH, TEST_KEY
from tests.clearinghouse.published_wire import check_answer, check_request, needs_document
from tests.sandbox.claims_837 import Billed, Other, Served, secondary
from tests.sandbox.reading import lines
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.sandbox.test_main import process
from tests.x12.pyx12_oracle import complaints

PATH = f"{BASE_PATH}{SUBMISSION_PATH}"


def raw_submit(
    sandbox: RunningSandbox, text: str, key: str | None = None, timeout: float = 5
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=timeout)
    with contextlib.closing(connection):
        headers = {"authorization": sandbox.api_key, "content-type": "application/json"}
        headers |= {} if key is None else {"idempotency-key": key}
        connection.request("POST", PATH, json.dumps({"x12": text}), headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read(2_000_000)


def submit(sandbox: RunningSandbox, text: str, key: str | None = None) -> tuple[int, Any]:
    status, _, body = raw_submit(sandbox, text, key)
    return status, json.loads(body)


def claims(sandbox: RunningSandbox, control_number: str) -> int:
    """How many claims of this number the clearinghouse has."""
    content = sandbox.call("GET", f"/sandbox/ledger?control_number={control_number}")[1]["claims"]
    assert content["by_control_number"] == ({control_number: content["total"]} if content["total"] else {})
    return int(content["total"])


@pytest.fixture(autouse=True)
def _no_faults_left(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.call("DELETE", "/sandbox/faults")


def test_a_claim_is_taken_and_acknowledged(sandbox: RunningSandbox) -> None:
    billed = Billed(control_number="TAKEN", charge="200", lines=(Served(), Served(charge="50")))
    status, content = submit(sandbox, billed.text())
    assert (status, content["status"], content["httpStatusCode"], content["errors"]) == (200, "SUCCESS", "200 OK", [])
    reference = content["claimReference"]
    assert (reference["patientControlNumber"], reference["payerId"], reference["formatVersion"]) == (
        "TAKEN",
        "XOVR1",
        "5010",
    )
    assert reference["serviceLines"] == [{"lineItemControlNumber": "LINE1"}, {"lineItemControlNumber": "LINE2"}]
    assert reference["correlationId"] == reference["rhclaimNumber"]
    assert len(reference["correlationId"]) == 26
    assert content["meta"]["traceId"]
    assert lines(content["x12"], "TRN")[1:] == ["TRN*2*BATCH0001", "TRN*1*0", "TRN*2*TAKEN"]
    assert lines(content["x12"], "STC")[-1].startswith("STC*A1>20*")
    assert complaints(content["x12"]) == []
    assert claims(sandbox, "TAKEN") == 1


def test_a_secondary_claim_is_taken(sandbox: RunningSandbox) -> None:
    assert submit(sandbox, secondary(control_number="SECOND").text())[1]["status"] == "SUCCESS"
    assert claims(sandbox, "SECOND") == 1


def test_a_claim_that_breaks_edits_is_refused_under_200_with_all_of_them_and_not_booked(
    sandbox: RunningSandbox,
) -> None:
    billed = secondary(control_number="REFUSED", others=(Other(paid="79"),), frequency="7")
    status, content = submit(sandbox, billed.text())
    assert (status, content["status"], content["httpStatusCode"]) == (200, "ERROR", "400 BAD_REQUEST")
    assert [(one["code"], one["location"], one["followupAction"]) for one in content["errors"]] == [
        ("33", "2300 REF02", "Please Correct and Resubmit"),
        ("33", "2320[1] AMT02", "Please Correct and Resubmit"),
    ]
    assert "(cob-claim-must-be-balanced)" in content["errors"][1]["description"]
    assert [line[:10] for line in lines(content["x12"], "STC")[2:]] == ["STC*A6>464", "STC*A8>400"]
    assert complaints(content["x12"]) == []
    assert claims(sandbox, "REFUSED") == 0


def test_a_payer_out_of_reach_is_an_edit(sandbox: RunningSandbox) -> None:
    content = submit(sandbox, Billed(control_number="UNREACHED", payer_id="NOBODY").text())[1]
    assert [one["location"] for one in content["errors"]] == ["2010BB NM109"]
    assert lines(content["x12"], "STC")[-1].startswith("STC*A3>116*")
    assert claims(sandbox, "UNREACHED") == 0


def test_a_transaction_is_taken_whole_or_not_at_all(sandbox: RunningSandbox) -> None:
    good, bad = Billed(control_number="NEIGHBOUR1"), Billed(control_number="NEIGHBOUR2", charge="1")
    content = submit(sandbox, replace(good, more=(bad,)).text())[1]
    assert (content["status"], len(content["errors"])) == ("ERROR", 1)
    assert [line[:10] for line in lines(content["x12"], "STC")[2:]] == ["STC*A3>21*", "STC*A8>400"]
    assert (claims(sandbox, "NEIGHBOUR1"), claims(sandbox, "NEIGHBOUR2")) == (0, 0)
    assert submit(sandbox, replace(good, more=(replace(bad, charge="150"),)).text())[1]["status"] == "SUCCESS"
    assert (claims(sandbox, "NEIGHBOUR1"), claims(sandbox, "NEIGHBOUR2")) == (1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no X12", "ISA"),
        (Billed().text().replace("*00501*", "*00401*"), "ISA12"),
        (Billed().text().replace("X222A1", "X223A2"), "005010X222A1"),
        (Billed().text().replace("PER*IC*BILLING DESK*TE*2175550100", "PER*XX*BILLING DESK*TE*2175550100"), "PER01"),
        (Billed().text().replace("CLM*CLAIM0001*150*", "CLM*CLAIM0001*15O*"), "CLM02"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code_and_a_message(
    sandbox: RunningSandbox, text: str, said: str
) -> None:
    status, content = submit(sandbox, text)
    assert (status, set(content)) == (400, {"code", "message"})
    assert said in content["message"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"x12": 7}', b"{}", b"\xff\xfe", b"[" * 100_000, b'{"x12":"' + b"A" * 2_000_000],
    ids=["empty", "cut", "list", "null", "number", "nothing", "not utf-8", "deep", "long"],
)
def test_a_request_that_is_not_the_agreed_json_is_refused(sandbox: RunningSandbox, body: bytes) -> None:
    status, content = sandbox.call("POST", PATH, body)
    assert (status, set(content)) == (400, {"code", "message"})


def test_another_key_and_a_production_claim_are_denied(sandbox: RunningSandbox) -> None:
    content = {"x12": Billed(control_number="DENIED").text()}
    assert sandbox.call("POST", PATH, content, key="another-key")[0] == 403
    assert submit(sandbox, Billed(control_number="DENIED", usage="P").text())[0] == 403
    assert claims(sandbox, "DENIED") == 0


def test_answers_fit_the_published_document(sandbox: RunningSandbox) -> None:
    needs_document()
    texts = [
        Billed(control_number="PUBLISHED").text(),
        secondary(others=(Other(paid="79"),)).text(),
        "no X12",
        Billed(usage="P").text(),
    ]
    statuses: list[int] = []
    for text in texts:
        statuses.append(submit(sandbox, text, key=f"published {len(statuses)}")[0])
        check_request(sandbox.last_exchange())
        check_answer(sandbox.last_exchange())
    statuses.append(submit(sandbox, texts[1], key="published 0")[0])
    check_answer(sandbox.last_exchange())
    assert statuses == [200, 200, 400, 403, 422]


def test_a_repeated_key_gets_the_first_answer_and_nothing_is_booked_twice(sandbox: RunningSandbox) -> None:
    text = Billed(control_number="REPEATED").text()
    first, second, third = (raw_submit(sandbox, text, key)[2] for key in ("key A", "key A", "key B"))
    assert first == second
    assert first != third
    assert claims(sandbox, "REPEATED") == 2


def test_a_refusal_by_edits_is_repeated_too(sandbox: RunningSandbox) -> None:
    text = Billed(control_number="REPEATED REFUSAL", charge="1").text()
    assert raw_submit(sandbox, text, "refused")[2] == raw_submit(sandbox, text, "refused")[2]


def test_a_key_with_another_request_is_refused(sandbox: RunningSandbox) -> None:
    submit(sandbox, Billed(control_number="KEYED").text(), "key C")
    status, content = submit(sandbox, Billed(control_number="KEYED2").text(), "key C")
    assert (status, set(content)) == (422, {"code", "message"})
    assert claims(sandbox, "KEYED2") == 0


def test_without_a_key_every_request_is_booked(sandbox: RunningSandbox) -> None:
    for _ in range(3):
        submit(sandbox, Billed(control_number="KEYLESS").text())
    assert claims(sandbox, "KEYLESS") == 3


@pytest.mark.parametrize("key", ["", "k" * 256, "schl\xfcssel"])
def test_a_key_out_of_its_bounds_is_refused(sandbox: RunningSandbox, key: str) -> None:
    status, content = submit(sandbox, Billed(control_number="BOUNDS").text(), key)
    assert (status, set(content)) == (400, {"code", "message"})
    assert claims(sandbox, "BOUNDS") == 0


def test_the_longest_key_is_taken(sandbox: RunningSandbox) -> None:
    assert submit(sandbox, Billed(control_number="LONGEST").text(), "k" * 255)[0] == 200


def test_many_requests_with_one_key_book_one_claim(sandbox: RunningSandbox) -> None:
    text = Billed(control_number="MANY").text()
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        status, _, body = raw_submit(sandbox, text, "many")
        answers.append((status, body))

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} <= {200, 409}
    assert len({body for status, body in answers if status == 200}) == 1
    assert claims(sandbox, "MANY") == 1


def test_a_key_whose_answer_is_still_under_way_is_told_to_wait(sandbox: RunningSandbox) -> None:
    text = Billed(control_number="UNDERWAY").text()
    sandbox.queue_fault("HANG", on="claims")
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    with contextlib.closing(connection):
        headers = {"authorization": TEST_KEY, "idempotency-key": "under way"}
        connection.request("POST", PATH, json.dumps({"x12": text}), headers)
        _wait_until(lambda: claims(sandbox, "UNDERWAY") == 1)
        status, fields, body = raw_submit(sandbox, text, "under way")
        assert (status, fields["retry-after"], set(json.loads(body))) == (409, "1", {"message"})
    _wait_until(lambda: raw_submit(sandbox, text, "under way")[0] == 200)
    assert claims(sandbox, "UNDERWAY") == 1


def _wait_until(happened: Any) -> None:
    deadline = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "fault", ["HANG", "RESET", "CUT", "E500", "E504", "GARBAGE", "HTML", "EMPTY", "NOX12", "OTHER"]
)
def test_a_claim_is_booked_once_although_its_first_answer_goes_wrong(sandbox: RunningSandbox, fault: str) -> None:
    text, number = Billed(control_number=f"WRONG{fault}").text(), f"WRONG{fault}"
    sandbox.queue_fault(fault, on="claims")
    spoiled = b""
    with contextlib.suppress(OSError, http.client.HTTPException):
        spoiled = raw_submit(sandbox, text, number, timeout=0.5)[2]
    assert f"TRN*2*{number}".encode() not in spoiled
    assert claims(sandbox, number) == 1
    _wait_until(lambda: raw_submit(sandbox, text, number)[0] == 200)
    content = submit(sandbox, text, number)[1]
    assert content["claimReference"]["patientControlNumber"] == number
    assert claims(sandbox, number) == 1


@pytest.mark.parametrize("fault", ["E403", "E404", "E429", "E503", "REDIRECT", "LOST", "STALL"])
def test_a_claim_is_not_booked_when_the_request_is_turned_away_or_lost(sandbox: RunningSandbox, fault: str) -> None:
    text, number = Billed(control_number=f"AWAY{fault}").text(), f"AWAY{fault}"
    sandbox.queue_fault(fault, on="claims")
    with contextlib.suppress(OSError, http.client.HTTPException):
        assert raw_submit(sandbox, text, number, timeout=0.5)[0] != 200
    assert claims(sandbox, number) == 0
    _wait_until(lambda: raw_submit(sandbox, text, number)[0] == 200)
    assert claims(sandbox, number) == 1


def test_a_fault_for_claims_leaves_inquiries_alone_and_the_other_way_round(sandbox: RunningSandbox) -> None:
    sandbox.queue_fault("E503", on="claims")
    sandbox.queue_fault("E429")
    assert sandbox.call("GET", "/sandbox/faults?on=claims") == (200, {"waiting": ["E503"]})
    assert sandbox.call("GET", "/sandbox/faults") == (200, {"waiting": ["E429", "E503"]})
    assert submit(sandbox, Billed(control_number="APART").text())[0] == 503
    assert submit(sandbox, Billed(control_number="APART").text())[0] == 200
    assert sandbox.call("DELETE", "/sandbox/faults?on=inquiries") == (200, {"waiting": []})


def test_a_fault_for_requests_nobody_knows_is_refused(sandbox: RunningSandbox) -> None:
    assert sandbox.call("POST", "/sandbox/faults", {"fault": "HANG", "on": "payments"})[0] == 400


def test_a_member_id_that_ends_with_a_fault_says_nothing_to_a_claim(sandbox: RunningSandbox) -> None:
    assert submit(sandbox, Billed(control_number="ENDING", member_id="MLK100001E503").text())[0] == 200


def test_what_was_taken_and_answered_outlives_a_kill(tmp_path: Path) -> None:
    text = Billed(control_number="KILLED").text()
    with process(tmp_path) as (running, sandbox):
        first = raw_submit(sandbox, text, "killed")[2]
        os.kill(running.pid, 9)
        running.wait(10)
    with process(tmp_path) as (_, sandbox):
        assert raw_submit(sandbox, text, "killed")[2] == first
        assert claims(sandbox, "KILLED") == 1


def test_a_key_is_forgotten_after_a_day(tmp_path: Path) -> None:
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    times = [now]
    text = Billed(control_number="AGED").text()
    with running_sandbox(tmp_path, clock=lambda: times[-1]) as sandbox:
        first = submit(sandbox, text, "aged")[1]
        times.append(now + timedelta(hours=24) - timedelta(seconds=1))
        assert submit(sandbox, text, "aged")[1] == first
        times.append(now + timedelta(hours=24))
        assert submit(sandbox, text, "aged")[1] != first
        assert claims(sandbox, "AGED") == 2


def test_the_ledger_hands_over_taken_claims_in_their_order_and_remembers_their_state(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    ledger.record_claims(["C1", "C2"], key="K1", x12="ISA", correlation_id="01A", taken_at=now)
    first, second = ledger.taken_claims()
    assert (first.control_number, second.control_number, first.key, first.x12, first.taken_at) == (
        "C1",
        "C2",
        "K1",
        "ISA",
        now,
    )
    ledger.mark_claim(first.id, "decided")
    ledger.close()
    again = Ledger(tmp_path)
    assert [one.control_number for one in again.taken_claims()] == ["C2"]
    assert [one.state for one in again.taken_claims("decided")] == ["decided"]
    assert again.claims() == {"C1": 1, "C2": 1}
    again.close()


def test_a_transaction_of_the_ledger_that_fails_leaves_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)

    def book_and_fail() -> None:
        with ledger.transaction():
            ledger.record_claims(["C1"], key="K1", x12="ISA", correlation_id="01A", taken_at=now)
            ledger.remember_answer("K1", SubmissionAnswer(request_hash="h", status=200, body=b"{}"), now)
            raise LookupError

    with pytest.raises(LookupError):
        book_and_fail()
    assert (ledger.claims(), ledger.answer_to("K1", now)) == ({}, None)
    ledger.close()


def test_a_claim_in_the_ledger_and_its_answer_print_no_text(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    ledger.record_claims(["C1"], key="K1", x12="ISA*CANARY", correlation_id="01A", taken_at=now)
    answer = SubmissionAnswer(request_hash="h", status=200, body=b"CANARY")
    assert "CANARY" not in repr((ledger.taken_claims(), answer))
    ledger.close()
