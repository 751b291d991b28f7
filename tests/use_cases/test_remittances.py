"""Remittances as the practice reads them, with what became of each payment."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from uuid import uuid4

import pytest

from app.api.schemas.remittances import RemittanceAnswer, RemittanceSummaryAnswer
from app.domain.errors import NotFound
from app.domain.remittances import ProviderAdjustment
from app.use_cases import remittances
from tests.domain.decisions import adjustment
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.inbox import Inbox, an_835, inbox, paid, service_of
from tests.x12.remittances import CONTRACT, COPAY


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    return databases.fresh()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Inbox]:
    async with inbox(own, sandbox, await own.add_practice()) as opened:
        yield opened


async def newest(desk: Inbox) -> remittances.RemittanceView:
    first, *_ = await remittances.list_remittances(desk.context, desk.tenant, after=None, limit=2)
    return await remittances.read_remittance(desk.context, desk.tenant, first.id)


async def test_remittances_are_listed_newest_first_page_by_page(desk: Inbox) -> None:
    for number in range(3):
        await desk.receive(an_835(paid(await desk.sent()), trace_number=f"TRACE{number}"))
    rows = await remittances.list_remittances(desk.context, desk.tenant, after=None, limit=2)
    assert [row.remittance.trace_number for row in rows] == ["TRACE2", "TRACE1"]
    rows = await remittances.list_remittances(desk.context, desk.tenant, after=rows[1].id, limit=2)
    assert [row.remittance.trace_number for row in rows] == ["TRACE0"]
    assert RemittanceSummaryAnswer.from_domain(rows[0]).model_dump(mode="json")["total_paid"] == "80.00"


async def test_a_remittance_shows_its_payments_to_the_cent_and_what_keeps_one_from_being_posted(desk: Inbox) -> None:
    good, bad = await desk.sent(), await desk.sent()
    fault = service_of(bad.content.lines[0], adjustments=(CONTRACT, COPAY, adjustment("CO-253", 1)))
    interest = ProviderAdjustment(reason_code="L6", reference=None, amount=Decimal("-1.50"))
    await desk.receive(
        an_835(
            paid(good, patient_responsibility=Decimal(25)),
            paid(bad, fault),
            provider_adjustments=(interest,),
            total_paid=Decimal("161.50"),
        )
    )
    answer = RemittanceAnswer.from_view(await newest(desk)).model_dump(mode="json")
    assert (answer["total_paid"], answer["payment_date"], answer["provider_adjusted"]) == (
        "161.50",
        "2026-03-09",
        "-1.50",
    )
    assert answer["provider_adjustments"] == [{"reason_code": "L6", "reference": None, "amount": "-1.50"}]
    assert [one["code"] for one in answer["findings"]] == ["claim_unbalanced", "line_unbalanced"]
    posted, waiting = answer["claim_payments"]
    assert (posted["claim_id"], posted["status"], posted["findings"]) == (str(good.id), "posted", [])
    assert (posted["charge"], posted["paid"], posted["adjusted"], posted["patient_responsibility"]) == (
        "150.00",
        "80.00",
        "70.00",
        "25.00",
    )
    assert (waiting["status"], waiting["adjudication_id"]) == ("unbalanced", None)
    assert [(one["code"], one["pointer"]) for one in waiting["findings"]] == [
        ("payment_out_of_balance", "/paid"),
        ("service_out_of_balance", "/services/0/paid"),
    ]
    assert not answer["has_more_claim_payments"]


@pytest.mark.parametrize(
    ("changes", "remittance", "code"),
    [
        ({}, {"payer_id": "XOVR2"}, "payer_differs"),
        ({"status_code": "2"}, {}, "payer_order_disputed"),
        ({"status_code": "2"}, {"payer_id": None}, "payer_order_disputed"),
    ],
)
async def test_a_doubtful_payment_says_why(
    desk: Inbox, changes: dict[str, str], remittance: dict[str, str | None], code: str
) -> None:
    await desk.receive(an_835(paid(await desk.sent(), **changes), **remittance))
    (payment,) = (await newest(desk)).payments
    assert [one.code for one in payment.findings] == [code]


async def test_payments_are_given_page_by_page_and_their_patients_are_audited(desk: Inbox) -> None:
    claims = [await desk.sent() for _ in range(3)]
    await desk.receive(an_835(*(paid(claim) for claim in claims)))
    view = await newest(desk)
    assert [one.received.claim_id for one in view.payments] == [claim.id for claim in claims]
    pages = [
        await remittances.list_claim_payments(desk.context, desk.tenant, view.received.id, after=after, limit=3)
        for after in (None, 2)
    ]
    assert [[one.received.payment.position for one in page] for page in pages] == [[1, 2, 3], [3]]
    audited = await desk.audited(claims[0])
    assert audited[-3:] == [("clinician-1", "read", None), *[("clinician-1", "list", None)] * 2]


async def test_another_practices_remittance_does_not_exist(
    desk: Inbox, own: Databases, sandbox: RunningSandbox
) -> None:
    await desk.receive(an_835(paid(await desk.sent())))
    ours = (await newest(desk)).received.id
    async with inbox(own, sandbox, await own.add_practice()) as other:
        assert await remittances.list_remittances(other.context, other.tenant, after=None, limit=2) == []
        for remittance_id in (ours, uuid4()):
            with pytest.raises(NotFound):
                await remittances.read_remittance(other.context, other.tenant, remittance_id)
            with pytest.raises(NotFound):
                await remittances.list_claim_payments(other.context, other.tenant, remittance_id, after=None, limit=2)
