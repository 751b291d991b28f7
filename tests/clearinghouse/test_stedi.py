"""The Stedi adapter keeps the port's contract, and reads whatever status and body may come."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearinghouse.port import Clearinghouse, RefusedReason, UnavailableReason
from app.clearinghouse.stedi import StediClearinghouse, _eligibility_answer, _retry_after
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpAnswer, HttpClient
from app.sandbox.main import TEST_KEY
from tests.clearinghouse.contract import CANARY_MEMBER, Bench, ClearinghouseContract
from tests.clearinghouse.scripted_peer import always, http_answer, scripted_peer
from tests.sandbox.inquiries import Asked
from tests.sandbox.running import RunningSandbox


@dataclass
class SandboxBench:
    """The adapter and the sandbox clearinghouse. Counts start anew for each test."""

    sandbox: RunningSandbox
    taken_before: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sandbox.call("DELETE", "/sandbox/faults")
        self.taken_before = self.sandbox.ledger()["by_trace_number"]

    @asynccontextmanager
    async def adapter(self, *, key: str | None = None, listening: bool = True) -> AsyncIterator[Clearinghouse]:
        base_url = self.sandbox.base_url if listening else f"http://127.0.0.1:{_closed_port()}"
        async with HttpClient(connect_seconds=1, read_seconds=1, total_seconds=1.5) as http:
            yield StediClearinghouse(http, base_url=base_url, api_key=key or TEST_KEY)

    def inquiry(self, trace_number: str, *, fault: str | None = None, payer: str = "answers") -> str:
        payer_id, member_id = {
            "answers": ("XOVR1", "MLK700001"),
            "refuses": ("XOVR1", "MLK999999"),
            "is_down": ("XOVR6", "SHA600001"),
        }[payer]
        return Asked(
            payer_id=payer_id,
            member_id=member_id + (fault or ""),
            last_name=CANARY_MEMBER,
            trace_number=trace_number,
        ).text()

    def next_answers_status(self, status: int, retry_after: str) -> None:
        self.sandbox.queue_fault(f"E{status}", retry_after=retry_after)

    def times_taken(self, trace_number: str) -> int:
        taken: int = self.sandbox.ledger()["by_trace_number"].get(trace_number, 0)
        return taken - self.taken_before.get(trace_number, 0)


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TestStediKeepsTheContract(ClearinghouseContract):
    @pytest.fixture
    def bench(self, sandbox: RunningSandbox) -> Bench:
        return SandboxBench(sandbox)


async def test_another_inquirys_answer_is_passed_on_for_the_caller_to_compare(sandbox: RunningSandbox) -> None:
    bench = SandboxBench(sandbox)
    async with bench.adapter() as clearinghouse:
        x12 = await clearinghouse.ask_eligibility(bench.inquiry("mine", fault="OTHER"))
    assert "~TRN*2*OTHER-INQUIRY*" in x12


async def test_a_base_url_may_end_with_a_slash(sandbox: RunningSandbox) -> None:
    async with HttpClient() as http:
        clearinghouse = StediClearinghouse(http, base_url=sandbox.base_url + "/", api_key=TEST_KEY)
        assert "~ST*271*" in await clearinghouse.ask_eligibility(Asked().text())


async def test_one_call_is_one_request_whatever_comes_back() -> None:
    async with scripted_peer(always(http_answer(503))) as peer, HttpClient() as http:
        clearinghouse = StediClearinghouse(http, base_url=peer.url, api_key="k")
        with pytest.raises(ClearinghouseUnavailable):
            await clearinghouse.ask_eligibility("ISA")
    assert len(peer.requests) == 1


ISA = "ISA*00*          *00*          *ZZ*SANDBOX        *ZZ*CROSSOVERTEST  *260302*1319*^*00501*000000001*0*T*:~"
A271 = f"{ISA}GS*HB*S*C*20260302*1319*1*X*005010X279A1~ST*271*0001*005010X279A1~"
A999 = f"{ISA}GS*FA*S*C*20260302*1319*1*X*005010X231A1~ST*999*0001*005010X231A1~"
ATA1 = f"{ISA}TA1*000000042*260302*1319*R*024~IEA*0*000000001~"


def answer(status: int, content: Any, *, media_type: str = "application/json", **headers: str) -> HttpAnswer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return HttpAnswer(status, {"content-type": media_type, **headers}, body)


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
    assert _eligibility_answer(read) == A271


def test_a_271_with_line_ends_or_other_separators_is_passed_on_as_it_came() -> None:
    for text in (A271.replace("~", "~\r\n"), A271.replace("*", "|").replace("~", "\n")):
        assert _eligibility_answer(answer(200, {"x12": text})) == text


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
        _eligibility_answer(read)
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
        _eligibility_answer(read)
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
        return _eligibility_answer(came)
    except (ClearinghouseUnavailable, ClearinghouseRefused) as error:
        return error


def test_a_wait_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)
    assert _retry_after(answer(503, {}, **{"retry-after": soon})) in range(117, 122)


@given(st.text(max_size=40) | st.from_regex(r"\A-?[0-9]{1,400}\Z"))
def test_any_wait_is_none_or_between_a_second_and_an_hour(text: str) -> None:
    seconds = _retry_after(answer(503, {}, **{"retry-after": text}))
    assert seconds is None or 1 <= seconds <= 3600
