"""Every request the adapter sends and every answer the sandbox gives fits the clearinghouse's published document."""

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpClient
from app.sandbox.main import BASE_PATH, TEST_KEY
from app.sandbox.members import Member, load_book
from tests.clearinghouse import published_wire
from tests.clearinghouse.published_wire import check_answer, check_request
from tests.clearinghouse.running import stedi
from tests.sandbox.inquiries import Asked
from tests.sandbox.running import Exchange, RunningSandbox

PATH = f"{BASE_PATH}/change/medicalnetwork/eligibility/v3/raw-x12"


@pytest.fixture(autouse=True)
def _document() -> None:
    published_wire.needs_document()


async def through_the_adapter(sandbox: RunningSandbox, x12: str) -> Exchange:
    async with HttpClient() as http:
        clearinghouse = stedi(http, sandbox.port, api_key=TEST_KEY)
        with contextlib.suppress(ClearinghouseRefused, ClearinghouseUnavailable):
            await clearinghouse.ask_eligibility(x12)
    return sandbox.last_exchange()


@pytest.mark.parametrize("member", load_book().members.values(), ids=lambda member: str(member.member_id))
async def test_every_members_inquiry_and_answer(sandbox: RunningSandbox, member: Member) -> None:
    person = member.person
    asked = Asked(
        payer_id=member.payer.id,
        member_id=member.member_id,
        last_name=person.last_name,
        first_name=person.first_name,
        birth_date=f"{person.birth_date:%Y%m%d}",
        sex=person.sex,
    )
    exchange = await through_the_adapter(sandbox, asked.text())
    check_request(exchange)
    check_answer(exchange)


_PARENTAL: dict[str, Any] = {
    "payer_id": "XOVR2",
    "member_id": "BHM200005",
    "last_name": "PRETEND",
    "first_name": "PARENTAL",
    "birth_date": "",
}


@pytest.mark.parametrize(
    "asked",
    [
        Asked(payer_id="NOBODY1"),
        Asked(npi="1555555550"),
        Asked(member_id="12345"),
        Asked(member_id="MLK999999"),
        Asked(birth_date="19850413"),
        Asked(last_name="FACTUAL"),
        Asked(payer_id="XOVR4", member_id="PLI700000"),
        Asked(**_PARENTAL, dependent=("PRETEND", "JUNIOR", "20120509", "M", "19")),
        Asked(**_PARENTAL, dependent=("PRETEND", "JUNIOR", "20120510", "M", "19")),
        Asked(**_PARENTAL, dependent=("OTHER", "CHILD", "20150101", "F", "34")),
        Asked(npi="1999999983", sex="X"),
        Asked(service_types=()),
        Asked(usage="P"),
        *(Asked(member_id=f"MLK100001{status}") for status in ("E403", "E404", "E429", "E500", "E503", "E504")),
        Asked(member_id="MLK100001NOX12"),
        Asked(member_id="MLK100001OTHER"),
    ],
)
async def test_every_refusal(sandbox: RunningSandbox, asked: Asked) -> None:
    exchange = await through_the_adapter(sandbox, asked.text())
    check_request(exchange)
    check_answer(exchange)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"x12": 7}', b'{"x12": ""}', b'{"x12": "ISA"}'])
def test_every_answer_to_a_request_that_is_wrong(sandbox: RunningSandbox, body: bytes) -> None:
    sandbox.call("POST", PATH, body)
    assert sandbox.last_exchange().status == 400
    check_answer(sandbox.last_exchange())


def test_the_answer_to_a_wrong_key(sandbox: RunningSandbox) -> None:
    sandbox.call("POST", PATH, {"x12": ""}, key="another")
    assert sandbox.last_exchange().status == 403
    check_answer(sandbox.last_exchange())


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_answer_to_an_inquiry_that_was_damaged_on_the_way(sandbox: RunningSandbox, data: st.DataObject) -> None:
    text = Asked(**_PARENTAL, dependent=("PRETEND", "JUNIOR", "20120509", "M", "19")).text()
    begins = data.draw(st.integers(0, len(text) - 1))
    ends = data.draw(st.integers(begins, min(begins + 40, len(text))))
    put = data.draw(st.text("*~^:AZ019 é", max_size=5))
    status, _ = sandbox.ask(text[:begins] + put + text[ends:])
    assert status in {200, 400, 403}
    check_answer(sandbox.last_exchange())


def test_the_document_is_read_so_that_a_misspelt_field_is_found() -> None:
    exchange = Exchange("POST", PATH, {"authorization": "k", "content-type": "application/json"}, b'{"X12": ""}')
    with pytest.raises(AssertionError, match="x12"):
        check_request(exchange)
    exchange = Exchange("POST", PATH, {}, b"", 200, {"content-type": "application/json"}, b'{"benefits": []}')
    with pytest.raises(AssertionError, match="benefits"):
        check_answer(exchange)
