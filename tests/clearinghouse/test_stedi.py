"""The Stedi adapter keeps the port's contract with the sandbox clearinghouse."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app.clearinghouse.port import Clearinghouse, FeedPosition
from app.clearinghouse.stedi import StediClearinghouse
from app.domain.errors import ClearinghouseUnavailable
from app.http_client import HttpClient
from app.sandbox.main import TEST_KEY
from tests.clearinghouse.contract import CANARY_MEMBER, Bench, ClearinghouseContract
from tests.clearinghouse.running import core_base_url, stedi
from tests.clearinghouse.scripted_peer import always, http_answer, scripted_peer
from tests.sandbox.claims_837 import Billed
from tests.sandbox.inquiries import Asked
from tests.sandbox.running import RunningSandbox


@dataclass
class SandboxBench:
    """The adapter and the sandbox clearinghouse. Counts of inquiries start anew for each test."""

    sandbox: RunningSandbox
    taken_before: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sandbox.call("DELETE", "/sandbox/faults")
        self.taken_before = self.sandbox.ledger()["by_trace_number"]

    @asynccontextmanager
    async def adapter(
        self, *, key: str | None = None, listening: bool = True, page_size: int = 500
    ) -> AsyncIterator[Clearinghouse]:
        port = self.sandbox.port if listening else _closed_port()
        async with HttpClient(connect_seconds=1, read_seconds=1, total_seconds=1.5) as http:
            yield stedi(http, port, api_key=key or TEST_KEY, page_size=page_size)

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

    def claim(self, control_number: str, *, is_sound: bool = True) -> str:
        charge = "150" if is_sound else "151"
        text = Billed(member_id="MLK700001", control_number=control_number, charge=charge).text()
        return text.replace("~NM1*IL*1*FICTIONAL*", f"~NM1*IL*1*{CANARY_MEMBER}*")

    def claims_taken(self, control_number: str) -> int:
        _, ledger = self.sandbox.call("GET", f"/sandbox/ledger?control_number={control_number}")
        taken: int = ledger["claims"]["total"]
        return taken

    def next_goes_wrong(self, fault: str, *, on: str) -> None:
        self.sandbox.queue_fault(fault, on=on)

    def offer(self, x12: str) -> str:
        status, told = self.sandbox.call("POST", "/sandbox/outbox", {"type": "277", "x12": x12})
        assert status == 200
        return str(told["transactionId"])


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
        clearinghouse = StediClearinghouse(
            http, base_url=sandbox.base_url + "/", core_base_url=f"{core_base_url(sandbox.port)}/", api_key=TEST_KEY
        )
        assert "~ST*271*" in await clearinghouse.ask_eligibility(Asked().text())
        assert (await clearinghouse.list_inbound(FeedPosition())).next.start is not None


@pytest.mark.parametrize("call", ["ask_eligibility", "submit_claim", "list_inbound", "fetch_inbound"])
async def test_one_call_is_one_request_whatever_comes_back(call: str) -> None:
    async with scripted_peer(always(http_answer(503))) as peer, HttpClient() as http:
        clearinghouse = stedi(http, peer.port, api_key="k")
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "ask_eligibility": lambda: clearinghouse.ask_eligibility("ISA"),
            "submit_claim": lambda: clearinghouse.submit_claim("ISA", idempotency_key="k"),
            "list_inbound": lambda: clearinghouse.list_inbound(FeedPosition()),
            "fetch_inbound": lambda: clearinghouse.fetch_inbound("a"),
        }
        with pytest.raises(ClearinghouseUnavailable):
            await calls[call]()
    assert len(peer.requests) == 1


async def test_a_claim_goes_out_as_json_of_its_text_with_its_key_and_ours() -> None:
    async with scripted_peer(always(http_answer(503))) as peer, HttpClient() as http:
        with pytest.raises(ClearinghouseUnavailable):
            await stedi(http, peer.port, api_key="ours").submit_claim("ISA*\u00e9~", idempotency_key="its-own")
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == (b"post /2024-04-01/change/medicalnetwork/professionalclaims/v3/raw-x12-submission http/1.1")
    assert {b"authorization: ours", b"idempotency-key: its-own", b"content-type: application/json"} <= set(lines)
    assert json.loads(body) == {"x12": "ISA*\u00e9~"}
