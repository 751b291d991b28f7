"""835s: what matches and balances becomes the claim's decision; what does not waits, visible, and posts nothing."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.domain.adjudications import AdjudicationSource, AdjudicationStatus
from app.domain.claim_states import ClaimOutcome, ClaimStatus, HoldReason, SubmissionState
from app.domain.claims import Claim
from app.domain.codes import PayerResponsibility
from app.domain.payers import payer_id
from app.domain.received_remittances import ReceivedPayment
from app.domain.remittances import ClaimPayment
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.adjudications import AdjudicationView, accept_adjudication
from app.use_cases.decision_posting import post_decision
from app.use_cases.idempotency import Answer, Call
from tests.domain.claims import a_line
from tests.domain.decisions import adjustment, by_lines, on_line
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.inbox import Inbox, an_835, inbox, paid, said_of, service_of
from tests.x12.remittances import CONTRACT, COPAY, reversed_payment

DENIAL = (adjustment("PR-96", 150),)


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


async def entered(desk: Inbox, claim: Claim, amount: str = "80") -> None:
    """By hand: 150 = 80 + 45 + 25, or with another payment, the rest contractual."""
    rest = str(Decimal(125) - Decimal(amount))
    line = claim.content.lines[0]
    decision = by_lines(on_line(line, amount, adjustment("CO-45", rest), adjustment("PR-3", 25)))

    async def write(uow: UnitOfWork) -> None:
        await post_decision(uow, claim, decision, source=AdjudicationSource.MANUAL)

    await desk.billing.do(write)


def denied(claim: Claim, **changes: Any) -> ClaimPayment:
    services = [service_of(line, paid=Decimal(0), adjustments=DENIAL) for line in claim.content.lines]
    return paid(claim, *services, **changes)


async def _payments_of_newest(uow: UnitOfWork) -> list[ReceivedPayment]:
    (newest,) = await uow.remittances.page(limit=1)
    return await uow.remittances.payments(newest.id)


# What matches and balances


async def test_a_payment_that_matches_and_balances_is_the_claims_decision_to_the_cent(desk: Inbox) -> None:
    claim = await desk.sent()
    (document,) = await desk.receive(an_835(paid(claim)))
    now, current = await desk.now(claim), await desk.current(claim)
    assert document.state.value == "routed"
    assert (now.status, now.outcome, now.payer_claim_number) == (ClaimStatus.PAID, ClaimOutcome.PAID, "PAYERCLAIM1")
    assert current is not None
    assert (current.source, current.number, current.created_by) == (AdjudicationSource.ERA, 1, "system")
    decision = current.decision
    assert (decision.paid, decision.patient_responsibility) == (Decimal("80.00"), Decimal("25.00"))
    assert sum(one.amount for one in decision.all_adjustments) + decision.paid == claim.content.total_charge
    (payment,) = await desk.payments(claim)
    assert (payment.status.value, payment.adjudication_id, current.response_id) == ("posted", current.id, payment.id)
    assert await desk.told(claim) == ["adjudicated"]
    assert await desk.audited(claim) == [("system", "record_answer", "posted")]
    assert await desk.open_items(claim) == []


async def test_a_denial_denies_the_claim(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(denied(claim)))
    now = await desk.now(claim)
    assert (now.status, now.outcome) == (ClaimStatus.DENIED, ClaimOutcome.DENIED)


@pytest.mark.parametrize("status", [ClaimStatus.REJECTED, ClaimStatus.DRAFT, ClaimStatus.PENDED])
async def test_a_late_payment_wins_over_what_was_said_before(desk: Inbox, status: ClaimStatus) -> None:
    claim = await desk.sent(status=status)
    await desk.receive(an_835(paid(claim)))
    assert (await desk.now(claim)).status is ClaimStatus.PAID


async def test_a_payment_proves_that_a_submission_of_unknown_outcome_arrived(desk: Inbox) -> None:
    claim = await desk.sent(status=ClaimStatus.SUBMITTING, submission={"state": SubmissionState.OUTCOME_UNKNOWN})
    await desk.receive(an_835(paid(claim)))
    assert (await desk.submission(claim)).state is SubmissionState.SENT
    assert (await desk.now(claim)).status is ClaimStatus.PAID
    assert await desk.told(claim) == ["sent", "adjudicated"]


async def test_parts_of_a_claim_are_added_until_every_line_is_decided(desk: Inbox) -> None:
    first, second = a_line(), a_line()
    claim = await desk.sent(first, second)
    one = paid(claim, service_of(first), payer_claim_number="PART1")
    other = paid(claim, service_of(second), payer_claim_number="PART2")
    await desk.receive(an_835(one))
    now = await desk.now(claim)
    assert (now.status, now.outcome) == (ClaimStatus.PENDED, ClaimOutcome.PARTIALLY_ADJUDICATED)
    assert await desk.statuses(claim) == ["incomplete"]
    await desk.receive(an_835(other))
    now, current = await desk.now(claim), await desk.current(claim)
    assert (now.status, now.outcome) == (ClaimStatus.PAID, ClaimOutcome.PAID)
    assert current is not None
    assert (current.number, current.decision.paid) == (2, Decimal("160.00"))
    assert await desk.statuses(claim) == ["posted", "posted"]


async def test_a_correction_takes_the_place_of_what_it_corrects_in_either_order_of_reading(desk: Inbox) -> None:
    for order in permutations((0, 1)):
        claim = await desk.sent()
        texts = [an_835(paid(claim)), an_835(denied(claim))]
        ids = [desk.offer(text) for text in texts]
        await desk.list_only()
        await desk.work_in_order([ids[place] for place in order])
        assert (await desk.now(claim)).status is ClaimStatus.DENIED, order
        current = await desk.current(claim)
        assert current is not None
        assert current.decision.paid == 0


async def test_a_reversal_with_its_correction_leaves_the_corrected_decision(desk: Inbox) -> None:
    claim = await desk.sent()
    original = paid(claim)
    await desk.receive(an_835(original))
    await desk.receive(an_835(reversed_payment(original), denied(claim, payer_claim_number="PAYERCLAIM2")))
    now = await desk.now(claim)
    assert (now.status, now.payer_claim_number) == (ClaimStatus.DENIED, "PAYERCLAIM2")
    assert await desk.statuses(claim) == ["posted", "reversal", "posted"]
    assert await desk.open_items(claim) == []


# What waits


async def test_a_reversal_alone_posts_nothing_and_is_work_for_somebody(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(paid(claim)))
    before = await desk.current(claim)
    await desk.receive(an_835(reversed_payment(paid(claim))))
    assert await desk.current(claim) == before
    assert (await desk.now(claim)).status is ClaimStatus.PAID
    assert await desk.statuses(claim) == ["posted", "reversal"]
    assert await desk.open_items(claim) == [("remittance_reversal", "reversal")]
    assert await desk.told(claim) == ["adjudicated", "reversed"]
    await desk.receive(an_835(denied(claim, payer_claim_number="PAYERCLAIM2")))
    assert (await desk.now(claim)).status is ClaimStatus.DENIED
    assert await desk.open_items(claim) == []


@pytest.mark.parametrize(
    ("changes", "remittance", "status", "item"),
    [
        ({"paid": Decimal(81)}, {"total_paid": Decimal(81)}, "unbalanced", ("remittance_unbalanced", "unbalanced")),
        ({}, {"total_paid": Decimal(79)}, "unbalanced", ("remittance_unbalanced", "remittance_out_of_balance")),
        ({}, {"payer_id": "XOVR2"}, "unmatched", ("remittance_unmatched", "payer_differs")),
        ({}, {"payment_date": None}, "unmatched", ("remittance_unmatched", "undated")),
        ({"status_code": "9"}, {}, "unmatched", ("remittance_unmatched", "status_unknown")),
        ({"status_code": "23"}, {}, "forwarded", ("forwarded_to_other_payer", "not_our_claim")),
    ],
)
async def test_what_does_not_match_or_balance_waits_and_posts_nothing(
    desk: Inbox, changes: dict[str, Any], remittance: dict[str, Any], status: str, item: tuple[str, str]
) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(paid(claim, **changes), **remittance))
    assert await desk.statuses(claim) == [status]
    assert await desk.open_items(claim) == [item]
    assert await desk.now(claim) == claim
    assert await desk.versions(claim) == []
    assert await desk.audited(claim) == [("system", "record_answer", status)]


async def test_another_charge_or_line_is_another_claims(desk: Inbox) -> None:
    for service in (
        {"charge": Decimal(151), "paid": Decimal(81)},
        {"line_control_number": None, "procedure_code": "1"},
    ):
        claim = await desk.sent()
        await desk.receive(an_835(paid(claim, service_of(claim.content.lines[0], **service))))
        assert await desk.statuses(claim) == ["unmatched"]
        assert await desk.versions(claim) == []


async def test_one_line_out_of_balance_keeps_no_other_claim_waiting(desk: Inbox) -> None:
    good, bad = await desk.sent(), await desk.sent()
    fault = service_of(bad.content.lines[0], adjustments=(CONTRACT, COPAY, adjustment("CO-253", 1)))
    await desk.receive(an_835(paid(good), paid(bad, fault)))
    assert (await desk.now(good)).status is ClaimStatus.PAID
    assert (await desk.now(bad)).status is ClaimStatus.SUBMITTED
    assert await desk.statuses(bad) == ["unbalanced"]


async def test_a_payer_that_does_not_know_the_patient_has_not_denied(desk: Inbox) -> None:
    claim = await desk.sent()
    unknown = service_of(claim.content.lines[0], paid=Decimal(0), adjustments=(adjustment("PR-31", 150),))
    await desk.receive(an_835(paid(claim, unknown, status_code="4")))
    assert (await desk.now(claim)).status is ClaimStatus.SUBMITTED
    assert await desk.statuses(claim) == ["not_on_file"]
    assert await desk.open_items(claim) == [("coverage_not_on_file", "not_known")]


async def test_a_predetermination_decides_nothing_and_bothers_nobody(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(paid(claim, status_code="25")))
    assert await desk.statuses(claim) == ["ignored"]
    assert await desk.open_items(claim) == []
    assert await desk.now(claim) == claim


async def test_a_disputed_order_is_posted_and_looked_at(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(paid(claim, status_code="2")))
    assert (await desk.now(claim)).status is ClaimStatus.PAID
    assert await desk.statuses(claim) == ["order_disputed"]
    assert await desk.open_items(claim) == [("payer_order_disputed", "rank_differs")]


async def test_another_rank_from_a_payer_without_an_id_may_be_another_payers_and_posts_nothing(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(paid(claim, status_code="2"), payer_id=None))
    assert await desk.versions(claim) == []
    assert await desk.open_items(claim) == [("payer_order_disputed", "rank_differs")]
    await desk.receive(an_835(paid(claim), payer_id=None))
    assert (await desk.now(claim)).status is ClaimStatus.PAID


async def test_a_denial_because_another_payer_comes_first_is_posted_and_looked_at(desk: Inbox) -> None:
    claim = await desk.sent()
    refused = service_of(claim.content.lines[0], paid=Decimal(0), adjustments=(adjustment("CO-22", 150),))
    await desk.receive(an_835(paid(claim, refused)))
    assert (await desk.now(claim)).status is ClaimStatus.DENIED
    assert await desk.open_items(claim) == [("payer_order_disputed", "other_payer_first")]


async def test_a_claim_that_was_replaced_takes_no_payment(desk: Inbox) -> None:
    claim = await desk.sent(status=ClaimStatus.REPLACED)
    await desk.receive(an_835(paid(claim)))
    assert await desk.statuses(claim) == ["unmatched"]
    assert await desk.versions(claim) == []


async def test_a_payment_that_cannot_be_read_is_work_for_somebody(desk: Inbox) -> None:
    claim = await desk.sent()
    (document,) = await desk.receive(an_835(paid(claim)).replace("*150*80*", "*A*B*", 1))
    assert document.state.value == "routed"
    assert await desk.open_items(claim) == [("remittance_unbalanced", "payment_unreadable")]
    assert await desk.versions(claim) == []


async def test_a_remittance_that_was_cut_off_posts_nothing(desk: Inbox) -> None:
    claim, other = await desk.sent(), await desk.sent()
    text = an_835(paid(claim), paid(other))
    await desk.receive(text[: text.rindex("SVC*")])
    assert await desk.statuses(claim) == ["unbalanced"]
    assert await desk.open_items(claim) == [("remittance_unbalanced", "remittance_unreadable")]
    assert (await desk.now(claim)).status is ClaimStatus.SUBMITTED


async def test_a_draft_that_was_deleted_leaves_its_payment_visible(desk: Inbox) -> None:
    claim = await desk.sent()
    async with desk.databases.as_superuser() as connection:
        await connection.execute(sa.text("delete from submission where claim_id = :id"), {"id": claim.id})
        await connection.execute(sa.text("delete from claim where id = :id"), {"id": claim.id})
    await desk.receive(an_835(paid(claim)))
    (payment,) = await desk.billing.do(_payments_of_newest)
    assert (payment.status.value, payment.claim_id) == ("unmatched", None)


# Beside a person's entry


async def test_a_payers_own_decision_waits_beside_another_one_entered_by_hand(desk: Inbox) -> None:
    claim = await desk.sent()
    await entered(desk, claim, "70")
    await desk.receive(an_835(paid(claim)))
    by_hand, proposed = await desk.versions(claim)
    assert (by_hand.status, proposed.status) == (AdjudicationStatus.CURRENT, AdjudicationStatus.PROPOSED)
    assert proposed.decision.paid == Decimal("80.00")
    assert await desk.statuses(claim) == ["proposed"]
    assert await desk.open_items(claim) == [("adjudication_proposed", "decision_differs")]
    assert await desk.told(claim) == ["adjudicated", "adjudication_proposed"]
    await desk.receive(an_835(denied(claim)))
    assert [one.status.value for one in await desk.versions(claim)] == ["current", "superseded", "proposed"]
    assert len(await desk.open_items(claim)) == 1


async def test_payments_whose_proposal_is_accepted_are_posted(desk: Inbox) -> None:
    """All parts of what the payer decided, in whichever remittance they came."""
    first, second = a_line(), a_line()
    claim = await desk.sent(first, second)
    await entered(desk, claim, "70")
    await desk.receive(
        an_835(
            paid(claim, service_of(first), payer_claim_number="PART1"),
            paid(claim, service_of(second), payer_claim_number="PART2"),
        )
    )
    assert await desk.statuses(claim) == ["proposed", "proposed"]
    _, proposed = await desk.versions(claim)
    call: Call[AdjudicationView] = Call(
        operation="accept_adjudication", key=uuid4().hex, content=b"", render=lambda _: Answer(status=200)
    )
    version = (await desk.now(claim)).version
    await accept_adjudication(desk.context, desk.billing.tenant, claim.id, proposed.id, version=version, call=call)
    assert await desk.statuses(claim) == ["posted", "posted"]


async def test_a_payer_that_says_what_was_entered_bothers_nobody(desk: Inbox) -> None:
    claim = await desk.sent()
    await entered(desk, claim)
    await desk.receive(an_835(paid(claim)))
    (by_hand,) = await desk.versions(claim)
    assert by_hand.status is AdjudicationStatus.CURRENT
    (payment,) = await desk.payments(claim)
    assert (payment.status.value, payment.adjudication_id) == ("posted", by_hand.id)
    assert (await desk.now(claim)).payer_claim_number == "PAYERCLAIM1"
    assert await desk.open_items(claim) == []


async def test_a_part_beside_a_whole_entry_waits_for_the_rest(desk: Inbox) -> None:
    first, second = a_line(), a_line()
    claim = await desk.sent(first, second)
    decision = by_lines(
        *(on_line(line, 70, adjustment("CO-45", 55), adjustment("PR-3", 25)) for line in (first, second))
    )

    async def write(uow: UnitOfWork) -> None:
        await post_decision(uow, claim, decision, source=AdjudicationSource.MANUAL)

    await desk.billing.do(write)
    await desk.receive(an_835(paid(claim, service_of(first), payer_claim_number="PART1")))
    assert await desk.open_items(claim) == []
    await desk.receive(an_835(paid(claim, service_of(second), payer_claim_number="PART2")))
    assert await desk.statuses(claim) == ["proposed", "proposed"]
    assert await desk.open_items(claim) == [("adjudication_proposed", "decision_differs")]


async def test_what_was_repaired_since_is_not_undone_by_the_same_words(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(paid(claim)))
    era = await desk.current(claim)
    assert era is not None
    repaired = replace(era.decision, lines=(replace(era.decision.lines[0], remark_codes=("N14",)),))

    async def write(uow: UnitOfWork) -> None:
        now = await uow.claims.get(claim.id)
        assert now is not None
        await post_decision(uow, now, repaired, source=AdjudicationSource.REPAIR, repaired=era, repair_id="repair")

    await desk.billing.do(write)
    await desk.receive(an_835(paid(claim)))
    current = await desk.current(claim)
    assert current is not None
    assert current.source is AdjudicationSource.REPAIR
    await desk.receive(an_835(denied(claim)))
    current = await desk.current(claim)
    assert current is not None
    assert current.source is AdjudicationSource.ERA


async def test_a_decision_that_changes_holds_the_claim_that_was_built_on_it(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(an_835(paid(claim)))
    later = await desk.also_to(claim, payer_id=payer_id("XOVR2"), rank=PayerResponsibility.SECONDARY)
    await desk.receive(an_835(paid(claim)))
    assert (await desk.now(later)).status is ClaimStatus.DRAFT
    more = service_of(
        claim.content.lines[0], paid=Decimal(85), adjustments=(adjustment("CO-45", 40), adjustment("PR-3", 25))
    )
    await desk.receive(an_835(paid(claim, more)))
    held = await desk.now(later)
    assert (held.status, held.hold_reason) == (ClaimStatus.HELD, HoldReason.EARLIER_DECISION_CHANGED)


# The same words again


async def test_the_same_payment_in_another_document_is_ignored(desk: Inbox) -> None:
    claim = await desk.sent()
    text = an_835(paid(claim))
    wrapped = text.replace("~", "~\r\n").replace("000000042", "000000043")
    await desk.receive(text, text, wrapped)
    assert await desk.statuses(claim) == ["posted", "ignored", "ignored"]
    assert len(await desk.versions(claim)) == 1
    assert await desk.open_items(claim) == []


async def test_a_payment_that_waits_comes_twice_and_is_one_thing_to_do(desk: Inbox) -> None:
    claim = await desk.sent()
    text = an_835(paid(claim), total_paid=Decimal(79))
    await desk.receive(text, text)
    assert await desk.statuses(claim) == ["unbalanced", "ignored"]
    assert len(await desk.open_items(claim)) == 1


async def test_a_document_recorded_twice_counts_once(desk: Inbox) -> None:
    claim = await desk.sent()
    (document,) = await desk.receive(an_835(paid(claim)))
    await desk.again(document)
    assert await desk.statuses(claim) == ["posted"]
    assert len(await desk.versions(claim)) == 1
    assert await desk.told(claim) == ["adjudicated"]


async def test_answers_in_any_order_come_to_the_same(desk: Inbox) -> None:
    for order in permutations(range(3)):
        claim = await desk.sent(status=ClaimStatus.SUBMITTING, submission={"state": SubmissionState.OUTCOME_UNKNOWN})
        texts = [(said_of(claim, "A1:20"), "277"), (said_of(claim, "A2:20"), "277"), (an_835(paid(claim)), "835")]
        ids = [desk.offer(text, kind) for text, kind in texts]
        await desk.list_only()
        await desk.work_in_order([ids[place] for place in order])
        now = await desk.now(claim)
        assert (now.status, now.outcome) == (ClaimStatus.PAID, ClaimOutcome.PAID), order
        assert (await desk.submission(claim)).state is SubmissionState.SENT, order
        assert len(await desk.versions(claim)) == 1
