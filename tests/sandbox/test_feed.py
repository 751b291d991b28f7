"""Transactions polled page by page, and their texts, over the wire."""

import http.client
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from app.sandbox.feed_route import CORE_BASE_PATH
from app.sandbox.main import BASE_PATH, SUBMISSION_PATH
from tests.clearinghouse import published_wire
from tests.sandbox.claims_837 import Billed, secondary
from tests.sandbox.inquiries import Asked
from tests.sandbox.reading import lines
from tests.sandbox.running import RunningSandbox, running_sandbox

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
EARLIER = "2026-03-09T08:00:00Z"
POLLING = f"{CORE_BASE_PATH}/polling/transactions"


class Clock:
    """The sandbox's clock, which a test can move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[RunningSandbox]:
    """A sandbox with one paid claim and nothing else in its feed."""
    with running_sandbox(tmp_path_factory.mktemp("fed"), clock=clock) as sandbox:
        submit(sandbox, Billed(member_id="MLK100010"))
        wait_for(sandbox, 3)
        yield sandbox


def submit(sandbox: RunningSandbox, billed: Billed) -> None:
    status, content = sandbox.call("POST", f"{BASE_PATH}{SUBMISSION_PATH}", {"x12": billed.text()})
    assert (status, content["status"]) == (200, "SUCCESS"), content


def poll(sandbox: RunningSandbox, **query: object) -> tuple[int, Any]:
    return sandbox.call("GET", f"{POLLING}?{urlencode(query)}")


def wait_for(sandbox: RunningSandbox, count: int) -> list[Any]:
    deadline = time.monotonic() + 10
    while True:
        items = poll(sandbox, startDateTime=EARLIER)[1]["items"]
        if len(items) >= count:
            return list(items)
        assert time.monotonic() < deadline
        time.sleep(0.05)


def fetched(sandbox: RunningSandbox, url: str) -> tuple[int, str]:
    """A plain GET without a key."""
    with closing(http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)) as connection:
        connection.request("GET", urlsplit(url).path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def kind(item: Any) -> tuple[str, str]:
    return item["x12"]["metadata"]["transaction"]["transactionSetIdentifier"], item["direction"]


def text_of(sandbox: RunningSandbox, item: Any) -> str:
    _, content = sandbox.call("GET", f"{CORE_BASE_PATH}/transactions/{item['transactionId']}/input-url")
    status, x12 = fetched(sandbox, content["documentDownloadUrl"])
    assert status == 200
    return x12


def test_the_feed_holds_what_went_out_and_what_came_in(fed: RunningSandbox) -> None:
    items = wait_for(fed, 3)
    assert [kind(one) for one in items[:3]] == [("837", "OUTBOUND"), ("277", "INBOUND"), ("835", "INBOUND")]
    assert [lines(text_of(fed, one), "ST")[0][:6] for one in items[:3]] == ["ST*837", "ST*277", "ST*835"]
    assert len({one["transactionId"] for one in items}) == len(items)


def test_a_summary_says_what_the_envelope_says(fed: RunningSandbox) -> None:
    outbound, _, remittance = wait_for(fed, 3)[:3]
    assert outbound["x12"]["metadata"]["interchange"] == {"acknowledgmentRequestedCode": "0", "controlNumber": 43}
    assert outbound["businessIdentifiers"][0]["value"] == "BATCH0001"
    metadata = remittance["x12"]["metadata"]
    assert metadata["functionalGroup"]["functionalIdentifierCode"] == "HP"
    assert metadata["functionalGroup"]["release"] == "005010X221A1"
    assert (metadata["functionalGroup"]["date"], metadata["functionalGroup"]["time"]) == ("2026-03-09", "08:30:00")
    assert metadata["receiver"] == {
        "applicationCode": "CROSSOVERTEST",
        "isa": {"qualifier": "ZZ", "id": "CROSSOVERTEST"},
    }
    assert remittance["processedAt"] == "2026-03-09T08:30:00.000Z"
    assert remittance["artifacts"][0]["sizeBytes"] == len(text_of(fed, remittance))


def test_what_is_answered_is_what_the_published_document_says(fed: RunningSandbox) -> None:
    published_wire.needs_document()
    identifier = wait_for(fed, 3)[2]["transactionId"]
    paths = (
        f"{POLLING}?startDateTime={EARLIER}&pageSize=1",
        POLLING,
        f"{CORE_BASE_PATH}/transactions/{identifier}",
        f"{CORE_BASE_PATH}/transactions/{identifier}/input-url",
        f"{CORE_BASE_PATH}/transactions/{identifier}/input",
        f"{CORE_BASE_PATH}/transactions/nobodys",
    )
    for path in paths:
        fed.call("GET", path)
        published_wire.check_answer(fed.exchanges[-1])
    fed.call("GET", paths[0], key="another")
    published_wire.check_answer(fed.exchanges[-1])
    assert [one.status for one in fed.exchanges[-7:]] == [200, 400, 200, 200, 302, 404, 403]


def test_pages_follow_one_another_until_there_is_no_more(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock=Clock()) as sandbox:
        for number in range(5):
            put(sandbox, "835", f"ISA{number}")
        status, first = poll(sandbox, startDateTime=EARLIER, pageSize=2)
        second = poll(sandbox, pageToken=first["nextPageToken"], pageSize=2)[1]
        third = poll(sandbox, pageToken=second["nextPageToken"], pageSize=2)[1]
    assert status == 200
    assert [len(one["items"]) for one in (first, second, third)] == [2, 2, 1]
    assert "nextPageToken" not in third
    seen = [item["transactionId"] for one in (first, second, third) for item in one["items"]]
    assert len(set(seen)) == 5


def test_a_page_that_is_just_full_has_no_next(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock=Clock()) as sandbox:
        for number in range(2):
            put(sandbox, "277", f"ISA{number}")
        assert "nextPageToken" not in poll(sandbox, startDateTime=EARLIER, pageSize=2)[1]


def test_a_page_token_stays_valid_over_a_restart(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock=Clock()) as sandbox:
        for number in range(3):
            put(sandbox, "835", f"ISA{number}")
        first = poll(sandbox, startDateTime=EARLIER, pageSize=1)[1]
        rest = poll(sandbox, pageToken=first["nextPageToken"])
    with running_sandbox(tmp_path, clock=Clock()) as sandbox:
        again = poll(sandbox, pageToken=first["nextPageToken"])
    identifiers = [[one["transactionId"] for one in content["items"]] for _, content in (rest, again)]
    assert identifiers[0] == identifiers[1]
    assert len(identifiers[0]) == 2


def test_only_what_was_processed_after_the_start_is_shown(tmp_path: Path) -> None:
    clock = Clock()
    with running_sandbox(tmp_path, clock=clock) as sandbox:
        put(sandbox, "835", "ISA before")
        clock.now += timedelta(minutes=5)
        mine = put(sandbox, "835", "ISA after")
        clock.now += timedelta(minutes=5)
        items = poll(sandbox, startDateTime="2026-03-09T08:30:00+00:00")[1]["items"]
    assert [one["transactionId"] for one in items] == [mine]


def test_times_never_go_back_although_the_clock_does(tmp_path: Path) -> None:
    clock = Clock()
    with running_sandbox(tmp_path, clock=clock) as sandbox:
        put(sandbox, "835", "ISA1")
        clock.now -= timedelta(minutes=5)
        put(sandbox, "835", "ISA2")
        times = [one["processedAt"] for one in poll(sandbox, startDateTime=EARLIER)[1]["items"]]
    assert times == ["2026-03-09T08:30:00.000Z"] * 2


@pytest.mark.parametrize(
    "query",
    [
        "",
        "startDateTime=yesterday",
        "startDateTime=2026-03-09T08:00:00",
        "startDateTime=2026-03-09T08:29:30Z",
        "startDateTime=0001-01-01T00:00:00%2B14:00",
        "pageToken=",
        "pageToken=YWZ0ZXI",
        "pageToken=YWZ0ZXIgLTE=",
        "pageToken=%C3%A4",
        f"startDateTime={EARLIER}&pageSize=0",
        f"startDateTime={EARLIER}&pageSize=501",
        f"startDateTime={EARLIER}&pageSize=ten",
    ],
)
def test_a_question_that_is_not_one_is_refused(fed: RunningSandbox, query: str) -> None:
    status, content = fed.call("GET", f"{POLLING}?{query}")
    assert (status, content["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("suffix", ["", "/input", "/input-url"])
def test_another_key_and_an_unknown_transaction_are_refused(fed: RunningSandbox, suffix: str) -> None:
    path = f"{CORE_BASE_PATH}/transactions/nobodys{suffix}"
    assert fed.call("GET", path, key="another")[0] == 403
    assert fed.call("GET", path)[0] == 404
    assert fed.call("GET", f"{POLLING}?startDateTime={EARLIER}", key="another")[0] == 403


def test_the_input_is_a_redirect_to_an_address_without_a_key(fed: RunningSandbox) -> None:
    identifier = wait_for(fed, 3)[0]["transactionId"]
    status, content = fed.call("GET", f"{CORE_BASE_PATH}/transactions/{identifier}/input")
    exchange = fed.exchanges[-1]
    assert status == 302
    assert exchange.answer_headers["location"] == content["documentDownloadUrl"]
    assert fetched(fed, content["documentDownloadUrl"]) == (200, Billed(member_id="MLK100010").text())


def test_an_address_is_good_for_an_hour(fed: RunningSandbox, clock: Clock) -> None:
    identifier = wait_for(fed, 3)[0]["transactionId"]
    _, content = fed.call("GET", f"{CORE_BASE_PATH}/transactions/{identifier}/input-url")
    clock.now = NOW + timedelta(minutes=59, seconds=59)
    assert fetched(fed, content["documentDownloadUrl"])[0] == 200
    clock.now = NOW + timedelta(minutes=60)
    assert fetched(fed, content["documentDownloadUrl"])[0] == 410
    clock.now = NOW
    assert fetched(fed, "/sandbox/documents/nobodys")[0] == 404


def test_an_address_of_the_feed_is_the_one_it_was_asked_at(fed: RunningSandbox) -> None:
    item = wait_for(fed, 3)[0]
    base = f"http://127.0.0.1:{fed.port}"
    assert item["artifacts"][0]["url"] == f"{base}{CORE_BASE_PATH}/transactions/{item['transactionId']}/input"


def put(sandbox: RunningSandbox, kind: str, x12: str) -> str:
    status, content = sandbox.call("POST", "/sandbox/outbox", {"type": kind, "x12": x12})
    assert status == 200
    return str(content["transactionId"])


def test_any_text_may_be_put_into_the_feed(fed: RunningSandbox) -> None:
    identifier = put(fed, "835", "not even X12 ~*")
    _, summary = fed.call("GET", f"{CORE_BASE_PATH}/transactions/{identifier}")
    assert kind(summary) == ("835", "INBOUND")
    assert text_of(fed, summary) == "not even X12 ~*"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"type": "999", "x12": "ISA"},
        {"type": "835"},
        {"type": [], "x12": "I"},
        b'{"type": "835", "x12": "\\ud800"}',
        [],
        7,
    ],
)
def test_what_is_no_text_of_a_known_type_is_not_put_into_the_feed(fed: RunningSandbox, content: object) -> None:
    assert fed.call("POST", "/sandbox/outbox", content)[0] == 400


def test_a_pended_claim_is_decided_when_it_is_told_to(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock=Clock()) as sandbox:
        submit(sandbox, Billed(member_id="MLK100010PEND"))
        acknowledgment = wait_for(sandbox, 2)[1]
        assert "STC*P1>45*" in text_of(sandbox, acknowledgment)
        assert sandbox.call("POST", "/sandbox/pended/CLAIM0001", {"then": "wait"})[0] == 400
        assert sandbox.call("POST", "/sandbox/pended/CLAIM0001", [])[0] == 400
        assert sandbox.call("POST", "/sandbox/pended/OTHER", {"then": "pay"})[0] == 404
        assert sandbox.call("POST", "/sandbox/pended/CLAIM0001", {"then": "pay"}) == (200, {"then": "pay"})
        assert "CLP*CLAIM0001*1*150*80*25*" in text_of(sandbox, wait_for(sandbox, 3)[2])


def test_primary_and_secondary_are_paid_one_after_the_other(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock=Clock()) as sandbox:
        submit(sandbox, Billed(member_id="MLK100010"))
        first = wait_for(sandbox, 3)[2]
        submit(sandbox, secondary(member_id="BHM200010", control_number="CLAIM0002", reference="BATCH0002"))
        second = wait_for(sandbox, 6)[5]
        assert lines(text_of(sandbox, first), "CAS") == ["CAS*CO*45*45", "CAS*PR*3*25"]
        assert lines(text_of(sandbox, second), "CAS") == ["CAS*OA*23*125"]


def test_a_coverage_with_an_ending_can_be_checked_before_it_is_billed(fed: RunningSandbox) -> None:
    status, content = fed.ask(Asked(member_id="MLK100001DENY").text())
    assert status == 200
    assert "NM1*IL*1*FICTIONAL*TESTINA****MI*MLK100001DENY" in content["x12"]
    assert "EB*1*" in content["x12"]


def test_a_fault_for_the_feed_spoils_its_next_answer(fed: RunningSandbox) -> None:
    fed.queue_fault("E429", on="feed", retry_after="3")
    assert poll(fed, startDateTime=EARLIER)[0] == 429
    assert fed.exchanges[-1].answer_headers["retry-after"] == "3"
    assert poll(fed, startDateTime=EARLIER)[0] == 200
