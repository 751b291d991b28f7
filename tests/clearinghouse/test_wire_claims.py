"""Every claim the adapter sends and every answer the sandbox gives to one fits the clearinghouse's published document."""

import contextlib
import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import ClearinghouseUnavailable
from app.http_client import HttpClient
from app.sandbox.main import BASE_PATH, TEST_KEY
from tests.clearinghouse import published_wire
from tests.clearinghouse.published_wire import check_answer, check_request
from tests.clearinghouse.running import stedi
from tests.sandbox.claims_837 import Billed, Decided, Other, Served, secondary
from tests.sandbox.running import Exchange, RunningSandbox

PATH = f"{BASE_PATH}/change/medicalnetwork/professionalclaims/v3/raw-x12-submission"


@pytest.fixture(autouse=True)
def _document() -> None:
    published_wire.needs_document()


async def through_the_adapter(sandbox: RunningSandbox, x12: str, *, key: str | None = None) -> Exchange:
    async with HttpClient(read_seconds=5) as http:
        with contextlib.suppress(ClearinghouseUnavailable):
            clearinghouse = stedi(http, sandbox.port, api_key=TEST_KEY)
            await clearinghouse.submit_claim(x12, idempotency_key=key or str(uuid4()))
    return [one for one in sandbox.exchanges if one.path == PATH][-1]


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (Billed(), "SUCCESS"),
        (Billed(lines=(Served(charge="100"), Served(charge="50", control_number="L2"))), "SUCCESS"),
        (Billed(dependent=True, relationship=""), "SUCCESS"),
        (secondary(), "SUCCESS"),
        (Billed(charge="151"), "ERROR"),
        (Billed(npi="1999999985"), "ERROR"),
        (Billed(payer_id="NOBODY1"), "ERROR"),
        (secondary(lines=(Served(decided=(Decided(paid="81"),)),)), "ERROR"),
        (secondary(others=(Other(decided_on="20260310"),)), "ERROR"),
        (secondary(others=(), lines=(Served(),)), "ERROR"),
    ],
)
async def test_every_claim_and_its_answer(sandbox: RunningSandbox, claim: Billed, said: str) -> None:
    exchange = await through_the_adapter(sandbox, claim.text())
    check_request(exchange)
    check_answer(exchange)
    assert json.loads(exchange.answer_body)["status"] == said


@pytest.mark.parametrize("fault", ["E403", "E404", "E429", "E500", "E503", "E504", "NOX12", "OTHER"])
async def test_every_refusal_on_a_bad_day(sandbox: RunningSandbox, fault: str) -> None:
    sandbox.queue_fault(fault, on="claims")
    exchange = await through_the_adapter(sandbox, Billed(control_number=uuid4().hex[:17]).text())
    check_request(exchange)
    check_answer(exchange)


async def test_the_answer_to_a_changed_claim_under_a_used_key(sandbox: RunningSandbox) -> None:
    key = str(uuid4())
    await through_the_adapter(sandbox, Billed().text(), key=key)
    exchange = await through_the_adapter(sandbox, Billed(control_number="OTHER0001").text(), key=key)
    assert exchange.status == 422
    check_answer(exchange)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"x12": 7}', b'{"x12": ""}', b'{"x12": "ISA"}'])
def test_every_answer_to_a_request_that_is_wrong(sandbox: RunningSandbox, body: bytes) -> None:
    sandbox.call("POST", PATH, body)
    assert sandbox.last_exchange().status == 400
    check_answer(sandbox.last_exchange())


def test_the_answers_to_a_wrong_key_and_to_a_claim_that_is_no_test(sandbox: RunningSandbox) -> None:
    for key, usage in (("another", "T"), (TEST_KEY, "P")):
        sandbox.call("POST", PATH, {"x12": Billed(usage=usage).text()}, key=key)
        assert sandbox.last_exchange().status == 403
        check_answer(sandbox.last_exchange())


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_answer_to_a_claim_that_was_damaged_on_the_way(sandbox: RunningSandbox, data: st.DataObject) -> None:
    text = secondary().text()
    begins = data.draw(st.integers(0, len(text) - 1))
    ends = data.draw(st.integers(begins, min(begins + 40, len(text))))
    put = data.draw(st.text("*~^:AZ019 é", max_size=5))
    status, _ = sandbox.call("POST", PATH, {"x12": text[:begins] + put + text[ends:]})
    assert status in {200, 400, 403}
    check_answer(sandbox.last_exchange())


def test_the_document_is_read_so_that_a_key_that_is_too_long_is_found() -> None:
    headers = {"authorization": "k", "content-type": "application/json"}
    check_request(Exchange("POST", PATH, {**headers, "idempotency-key": "a"}, b'{"x12": ""}'))
    with pytest.raises(AssertionError, match="is too long"):
        check_request(Exchange("POST", PATH, {**headers, "idempotency-key": "a" * 256}, b'{"x12": ""}'))
