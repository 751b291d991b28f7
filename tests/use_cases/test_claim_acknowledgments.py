"""277CA and 999 in a document: what they make of a claim and of the submission they answer."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.claim_states import ClaimStatus, SubmissionState
from app.domain.claims import AcceptedBy
from app.domain.inbound_documents import InboundState
from app.domain.practices import Practice
from tests.claim_records import a_submission
from tests.factories import NOW
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.inbox import Inbox, inbox, said_of
from tests.x12.texts_277ca import CLEARINGHOUSE, RECEIVED, a_277ca
from tests.x12.texts_999 import GROUP, a_999

ACCEPTED, REJECTED, PENDED, RECEIPT = "A2:20", "A7:33:IL", "P1:45", "A1:20"
OTHER_BATCH = ("HL*2*1*21*1", "NM1*41*2*QUIET ROOMS THERAPY*****46*QUIETROOMS", "TRN*2*SECOND", *RECEIVED)
REFUSED = ("AK2*837*0001*005010X222A1", "IK3*NM1*8*2010*8", "CTX*CLM01:{}", "IK4*9*67*1", "IK5*R*5")


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    return databases.fresh()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Inbox]:
    practice: Practice = await own.add_practice()
    async with inbox(own, sandbox, practice) as opened:
        yield opened


async def test_a_payers_acceptance_moves_the_claim_and_keeps_the_payers_number(desk: Inbox) -> None:
    claim = await desk.sent()
    (document,) = await desk.receive(said_of(claim, ACCEPTED, references=["REF*1K*PAYERS77"]), kind="277")
    now = await desk.now(claim)
    assert (now.status, now.accepted_by, now.payer_claim_number) == (
        ClaimStatus.ACCEPTED,
        AcceptedBy.PAYER,
        "PAYERS77",
    )
    assert document.state is InboundState.ROUTED
    assert await desk.acknowledged(claim) == [("accepted", (await desk.submission(claim)).id)]
    assert await desk.told(claim) == ["accepted"]
    assert await desk.audited(claim) == [("system", "record_answer", "accepted")]
    assert await desk.open_items(claim) == []


async def test_a_clearinghouses_acceptance_is_not_the_payers_in_whichever_order_they_come(desk: Inbox) -> None:
    early, late = await desk.sent(), await desk.sent()
    await desk.receive(said_of(early, ACCEPTED, source=CLEARINGHOUSE), kind="277")
    assert (await desk.now(early)).accepted_by is AcceptedBy.CLEARINGHOUSE
    await desk.receive(said_of(early, ACCEPTED), kind="277")
    await desk.receive(said_of(late, ACCEPTED), said_of(late, ACCEPTED, source=CLEARINGHOUSE), kind="277")
    assert [(await desk.now(claim)).accepted_by for claim in (early, late)] == [AcceptedBy.PAYER] * 2


async def test_a_rejection_is_work_for_somebody_and_ends_an_acceptance(desk: Inbox) -> None:
    claim = await desk.sent(status=ClaimStatus.ACCEPTED, accepted_by=AcceptedBy.CLEARINGHOUSE)
    await desk.receive(said_of(claim, REJECTED), kind="277")
    now = await desk.now(claim)
    assert (now.status, now.accepted_by) == (ClaimStatus.REJECTED, None)
    assert await desk.open_items(claim) == [("claim_rejected", "rejected_by_payer")]
    assert await desk.told(claim) == ["rejected"]


async def test_a_pended_claim_waits_and_a_receipt_moves_nothing(desk: Inbox) -> None:
    pended, received = await desk.sent(), await desk.sent()
    await desk.receive(said_of(pended, PENDED), said_of(received, RECEIPT), kind="277")
    assert (await desk.now(pended)).status is ClaimStatus.PENDED
    assert await desk.now(received) == received
    assert await desk.acknowledged(received) == [("received", (await desk.submission(received)).id)]
    assert await desk.told(received) == []


async def test_what_comes_after_a_decision_is_told_and_moves_nothing(desk: Inbox) -> None:
    claim = await desk.sent(status=ClaimStatus.PAID)
    await desk.receive(said_of(claim, ACCEPTED), said_of(claim, REJECTED), kind="277")
    now = await desk.now(claim)
    assert (now.status, now.accepted_by) == (ClaimStatus.PAID, AcceptedBy.PAYER)
    assert [kind for kind in await desk.told(claim) if kind in {"accepted", "rejected"}] == ["accepted", "rejected"]
    assert len(await desk.acknowledged(claim)) == 2
    assert await desk.open_items(claim) == []


async def test_what_is_said_of_an_earlier_submission_is_kept_and_no_fact_about_the_claim(desk: Inbox) -> None:
    claim = await desk.sent(submission={"reference": "BATCHREFERENCE1"})
    second = a_submission(
        claim_id=claim.id, sequence=2, state=SubmissionState.SENT, reference="SECOND", first_sent_at=NOW
    )
    await desk.billing.do(lambda uow: uow.submissions.add(second))
    await desk.receive(said_of(claim, REJECTED), kind="277")
    assert (await desk.now(claim)).status is ClaimStatus.SUBMITTED
    await desk.receive(said_of(claim, ACCEPTED, receiver=OTHER_BATCH), kind="277")
    assert (await desk.now(claim)).status is ClaimStatus.ACCEPTED
    assert [effect for effect, _ in await desk.acknowledged(claim)] == ["rejected", "accepted"]
    assert (await desk.acknowledged(claim))[1][1] == second.id


@pytest.mark.parametrize("batch", ["BATCHREFERENCE1", "SOMEBODYSOWN"])
@pytest.mark.parametrize("words", [{}, {"attempts": 1, "first_sent_at": NOW}])
@pytest.mark.parametrize("status", [ACCEPTED, REJECTED, PENDED])
async def test_a_late_answer_to_the_first_submission_is_none_to_the_next_that_still_waits(
    desk: Inbox, status: str, words: dict[str, Any], batch: str
) -> None:
    """The next one may have been tried in vain. Rejected by the answer to the first, it would go out a third time."""
    claim = await desk.sent(status=ClaimStatus.SUBMITTING, submission={"reference": batch, "control_number": 7})
    second = a_submission(claim_id=claim.id, sequence=2, reference="SECOND", **words)
    await desk.billing.do(lambda uow: uow.submissions.add(second))
    await desk.receive(said_of(claim, status), kind="277")
    assert await desk.now(claim) == claim
    ((_, about),) = await desk.acknowledged(claim)
    assert about == (await desk.billing.do(lambda uow: uow.submissions.by_sequence(claim.id, 1))).id
    assert (await desk.told(claim), await desk.open_items(claim)) == ([], [])


async def test_an_answer_from_before_the_next_submission_went_out_is_about_the_one_before(desk: Inbox) -> None:
    claim = await desk.sent(submission={"reference": "FIRST", "control_number": 7})
    later = datetime.now(UTC) + timedelta(hours=1)
    second = a_submission(
        claim_id=claim.id, sequence=2, state=SubmissionState.SENT, reference="SECOND", first_sent_at=later
    )
    await desk.billing.do(lambda uow: uow.submissions.add(second))
    await desk.receive(said_of(claim, REJECTED), kind="277")
    assert await desk.now(claim) == claim
    assert (await desk.acknowledged(claim))[0][1] != second.id


async def test_a_999_that_refused_an_earlier_interchange_rejects_nothing(desk: Inbox) -> None:
    """GS06 says which it is about."""
    claim = await desk.sent(submission={"reference": "FIRST", "control_number": 17})
    second = a_submission(
        claim_id=claim.id,
        sequence=2,
        state=SubmissionState.SENT,
        reference="SECOND",
        first_sent_at=NOW,
        control_number=18,
    )
    await desk.billing.do(lambda uow: uow.submissions.add(second))
    named = [one.format(claim.patient_control_number) for one in REFUSED]
    for number, status in (("000000017", ClaimStatus.SUBMITTED), ("18", ClaimStatus.REJECTED)):
        text = a_999(*named, verdict="AK9*R*1*1*0").replace(GROUP, f"AK1*HC*{number}*005010X222A1")
        await desk.receive(text, kind="277")  # a hint that is wrong
        assert (await desk.now(claim)).status is status


async def test_a_clearinghouses_acceptance_after_the_payers_rejection_accepts_nothing(desk: Inbox) -> None:
    claim = await desk.sent()
    await desk.receive(said_of(claim, REJECTED), said_of(claim, ACCEPTED, source=CLEARINGHOUSE), kind="277")
    now = await desk.now(claim)
    assert (now.status, now.accepted_by) == (ClaimStatus.REJECTED, None)


@pytest.mark.parametrize("state", [SubmissionState.OUTCOME_UNKNOWN, SubmissionState.SENDING])
@pytest.mark.parametrize(
    ("status", "after"),
    [(RECEIPT, ClaimStatus.SUBMITTED), (ACCEPTED, ClaimStatus.ACCEPTED), (REJECTED, ClaimStatus.REJECTED)],
)
async def test_whoever_answers_has_the_claim_whose_outcome_was_unknown(
    desk: Inbox, state: SubmissionState, status: str, after: ClaimStatus
) -> None:
    claim = await desk.sent(status=ClaimStatus.SUBMITTING, submission={"state": state})
    await desk.receive(said_of(claim, status), kind="277")
    assert (await desk.submission(claim)).state is SubmissionState.SENT
    assert (await desk.now(claim)).status is after
    assert (await desk.told(claim))[0] == "sent"


async def test_an_answer_without_our_reference_does_not_say_which_of_two_submissions_arrived(desk: Inbox) -> None:
    claim = await desk.sent(status=ClaimStatus.SUBMITTING, submission={"state": SubmissionState.REFUSED})
    second = a_submission(
        claim_id=claim.id, sequence=2, state=SubmissionState.OUTCOME_UNKNOWN, reference="REF2", first_sent_at=NOW
    )
    await desk.billing.do(lambda uow: uow.submissions.add(second))
    await desk.receive(said_of(claim, RECEIPT), said_of(claim, REJECTED), kind="277")
    assert (await desk.submission(claim)).state is SubmissionState.OUTCOME_UNKNOWN
    assert await desk.now(claim) == claim


async def test_a_999_that_refuses_a_claim_by_name_rejects_it(desk: Inbox) -> None:
    claim = await desk.sent()
    text = a_999(*(one.format(claim.patient_control_number) for one in REFUSED), verdict="AK9*R*1*1*0")
    (document,) = await desk.receive(text, kind="277")  # a hint that is wrong
    assert document.state is InboundState.ROUTED
    assert (await desk.now(claim)).status is ClaimStatus.REJECTED
    assert await desk.open_items(claim) == [("claim_rejected", "rejected_by_clearinghouse")]


@pytest.mark.parametrize(
    ("text", "kind", "state", "failure"),
    [
        (a_999("AK2*837*0001", "IK5*A", verdict="AK9*A*1*1*1"), "277", "routed", None),
        (a_999("AK2*837*0001", "IK5*R*5", verdict="AK9*R*1*1*0"), "277", "unrouted", "syntax_rejected"),
        (a_277ca(receiver=(*OTHER_BATCH[:3], "STC*A3:21*20260303*U*150")), "277", "unrouted", "batch_rejected"),
        (a_277ca(receiver=(*OTHER_BATCH[:3], "STC*A1:20*20260303*WQ*150")), "277", "routed", None),
    ],
)
async def test_what_refuses_without_naming_a_claim_waits_for_an_operator(
    desk: Inbox, text: str, kind: str, state: str, failure: str | None
) -> None:
    (document,) = await desk.receive(text, kind=kind)
    assert (document.state.value, document.failure) == (state, failure)


async def test_a_document_read_twice_counts_once(desk: Inbox) -> None:
    claim = await desk.sent()
    (document,) = await desk.receive(said_of(claim, REJECTED), kind="277")
    await desk.again(document)
    assert len(await desk.acknowledged(claim)) == 1
    assert await desk.told(claim) == ["rejected"]
