"""A document is fetched once, kept whole, and each practice gets what is its own; the rest waits for an operator."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.domain.claim_states import ClaimStatus
from app.domain.errors import LeaseLost
from app.domain.jobs import Job, JobKind
from app.domain.remittances import ProviderAdjustment
from app.local.inbound_documents import retry_document, waiting_documents
from app.use_cases.inbound_documents import run_inbound_document
from app.use_cases.inbound_documents import waiting_documents as figures_of
from app.use_cases.inbound_feed import DOCUMENT_ATTEMPTS, read_feed
from app.use_cases.jobs import bury_lost_job, give_back, lost_jobs
from tests.running import MASTER_KEYS, Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.inbox import PAUSE, Inbox, an_835, inbox, paid, said_of
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_835 import around, enclosed

STRAY = "NOBODYSCLAIM00001"


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
        async with own.as_superuser() as connection:  # what tests before this one have left
            await connection.execute(sa.text("delete from job"))
        yield opened


@pytest.fixture
async def other(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Inbox]:
    """Another practice."""
    async with inbox(own, sandbox, await own.add_practice()) as opened:
        yield opened


async def listed(desk: Inbox, text: str, kind: str = "835") -> tuple[str, Job]:
    external_id = desk.offer(text, kind)
    await read_feed(desk.context)
    (job,) = await desk.take()
    return external_id, job


# What is nobody's, or cannot be read


@pytest.mark.parametrize(
    ("text", "state", "failure", "kind"),
    [
        ("ISA*this is no interchange", "failed", "unreadable", "remittance"),
        (a_277ca(a_claim_level(STRAY, "STC*A2:20")), "unrouted", "claims_unknown", "claim_acknowledgment"),
        (a_277ca(), "routed", None, "claim_acknowledgment"),
        (around(enclosed(["BPR*I*0*C*NON************20260309"])), "unrouted", "claims_missing", "remittance"),
        (around(enclosed(["BPR*I*0*C*NON"]), guide="005010X999"), "unrouted", "kind_unsupported", "other"),
    ],
)
async def test_what_no_practice_can_have_waits_for_an_operator(
    desk: Inbox, text: str, state: str, failure: str | None, kind: str
) -> None:
    (document,) = await desk.receive(text)
    assert (document.state.value, document.failure, document.kind.value) == (state, failure, kind)
    waiting = {one.id: one for one in await waiting_documents(desk.databases.app_url, MASTER_KEYS)}
    assert (document.id in waiting) == (state != "routed")
    async with desk.context.units.begin_plain() as work:
        kept = await work.inbound_documents.content(document.id)
    assert kept == text.encode()


async def test_a_277ca_that_was_cut_off_is_shown_although_its_claims_are_known(desk: Inbox) -> None:
    claim = await desk.sent()
    text = said_of(claim, "A2:20")
    (document,) = await desk.receive(text[: text.index("~SE*") - 3], kind="277")
    assert (document.state.value, document.failure) == ("unrouted", "partly_unreadable")
    assert (await desk.now(claim)).status is ClaimStatus.SUBMITTED


async def test_a_claim_nobody_sent_does_not_keep_ours_waiting(desk: Inbox) -> None:
    claim = await desk.sent()
    stray = replace(paid(claim), patient_control_number=STRAY)
    (document,) = await desk.receive(an_835(paid(claim), stray))
    assert (document.state.value, document.failure) == ("unrouted", "claims_unknown")
    assert (await desk.now(claim)).status is ClaimStatus.PAID
    (payment,) = await desk.payments(claim)
    remittance = await desk.remittance(payment)
    assert remittance.remittance.total_paid == Decimal("160.00")
    assert [one.code for one in remittance.findings] == ["payment_has_unknown_claims"]


async def test_a_document_that_cannot_be_fetched_is_tried_again_and_given_up_in_the_end(
    desk: Inbox, sandbox: RunningSandbox
) -> None:
    external_id, job = await listed(desk, an_835(paid(await desk.sent())))
    sandbox.queue_fault("E503", on="feed")
    outcome = await run_inbound_document(desk.context, job, pause=timedelta(0))
    assert getattr(outcome, "reason", None) == "busy"
    assert (await desk.document(external_id)).state.value == "listed"
    (job,) = await desk.take()
    sandbox.queue_fault("E503", on="feed")
    await run_inbound_document(desk.context, replace(job, attempts=DOCUMENT_ATTEMPTS), pause=timedelta(0))
    document = await desk.document(external_id)
    assert (document.state.value, document.failure) == ("failed", "busy")
    assert await desk.take() == []


async def test_an_operator_starts_a_document_again(desk: Inbox, sandbox: RunningSandbox) -> None:
    claim = await desk.sent()
    external_id, job = await listed(desk, an_835(paid(claim)))
    sandbox.queue_fault("E503", on="feed")
    await run_inbound_document(desk.context, replace(job, attempts=DOCUMENT_ATTEMPTS), pause=PAUSE)
    document = await desk.document(external_id)
    assert await retry_document(desk.databases.app_url, MASTER_KEYS, document.id)
    assert not await retry_document(desk.databases.app_url, MASTER_KEYS, document.id)
    await desk.work()
    assert (await desk.document(external_id)).state.value == "routed"
    assert (await desk.now(claim)).status is ClaimStatus.PAID


async def test_what_waits_is_counted_by_state(desk: Inbox) -> None:
    before = await figures_of(desk.context)
    await desk.receive(a_277ca(a_claim_level(STRAY, "STC*A2:20")), kind="277")
    after = await figures_of(desk.context)
    assert {state: count - before.get(state, 0) for state, count in after.items()} == dict.fromkeys(after, 0) | {
        "unrouted": 1
    }


# Workers that die


@pytest.mark.parametrize("ending", ["error", "worker lost"])
async def test_a_document_whose_job_is_given_up_is_shown(desk: Inbox, ending: str) -> None:
    external_id, job = await listed(desk, an_835(paid(await desk.sent())))
    last = await desk.at_last_attempt(job)
    if ending == "error":
        assert await give_back(desk.context, last, pause=PAUSE, error="ValueError")
    else:
        await desk.let_lease_pass(job)
        (lost,) = await lost_jobs(desk.context, kinds=[JobKind.INBOUND_DOCUMENT])
        assert await bury_lost_job(desk.context, lost)
        assert not await bury_lost_job(desk.context, lost)
    document = await desk.document(external_id)
    assert (document.state.value, document.failure) == ("failed", "not_finished")


async def test_a_recording_that_is_given_up_is_shown(desk: Inbox) -> None:
    external_id, job = await listed(desk, an_835(paid(await desk.sent())))
    await run_inbound_document(desk.context, job, pause=PAUSE)
    (recording,) = await desk.take()
    assert recording.kind is JobKind.INBOUND_CLAIMS
    assert await give_back(desk.context, await desk.at_last_attempt(recording), pause=PAUSE, error="ValueError")
    document = await desk.document(external_id)
    assert (document.state.value, document.failure) == ("failed", "not_recorded")


async def test_an_error_gives_a_job_without_a_practice_back(desk: Inbox) -> None:
    _, job = await listed(desk, an_835(paid(await desk.sent())))
    assert not await give_back(desk.context, job, pause=timedelta(0), error="ValueError")
    (again,) = await desk.take()
    assert (again.id, again.attempts) == (job.id, 2)


async def test_a_worker_that_lost_its_lease_routes_nothing(desk: Inbox) -> None:
    _, job = await listed(desk, an_835(paid(await desk.sent())))
    await desk.let_lease_pass(job)
    (holder,) = await desk.take()
    with pytest.raises(LeaseLost):
        await run_inbound_document(desk.context, job, pause=PAUSE)
    await run_inbound_document(desk.context, holder, pause=PAUSE)


async def test_a_document_is_fetched_once_however_often_it_is_read(desk: Inbox, sandbox: RunningSandbox) -> None:
    claim = await desk.sent()
    external_id, job = await listed(desk, an_835(paid(claim)))
    await run_inbound_document(desk.context, job, pause=PAUSE)
    fetched = len([one for one in sandbox.exchanges if external_id in one.path])
    async with desk.context.units.begin_plain() as work:
        await work.jobs.enqueue(
            practice_id=job.practice_id,
            kind=job.kind,
            subject_id=job.subject_id,
            request_id="again",
            max_attempts=3,
        )
    await desk.work()
    assert len([one for one in sandbox.exchanges if external_id in one.path]) == fetched
    assert await desk.statuses(claim) == ["posted"]


# Several practices in one document


async def test_each_practice_gets_its_own_claims_of_a_shared_payment_and_no_byte_of_the_others(
    desk: Inbox, other: Inbox
) -> None:
    ours, theirs = await desk.sent(), await other.sent()
    plb = ProviderAdjustment(reason_code="WO", reference=theirs.patient_control_number, amount=Decimal(10))
    text = an_835(
        paid(ours, payer_claim_number="OURS1"),
        paid(theirs, payer_claim_number="THEIRS1"),
        provider_adjustments=(plb,),
        total_paid=Decimal(150),
    )
    (document,) = await desk.receive(text)
    assert document.state.value == "routed"
    for inbox_of, claim, foreign in ((desk, ours, theirs), (other, theirs, ours)):
        assert (await inbox_of.now(claim)).status is ClaimStatus.PAID
        assert await inbox_of.payments(foreign) == []
        (payment,) = await inbox_of.payments(claim)
        remittance = await inbox_of.remittance(payment)
        assert remittance.remittance.total_paid == Decimal("80.00")
        assert remittance.remittance.provider_adjustments == ()
        assert [one.code for one in remittance.findings] == ["payment_shared"]
        assert foreign.patient_control_number not in repr(payment.payment)


async def test_what_is_wrong_with_anothers_claim_is_not_told(desk: Inbox, other: Inbox) -> None:
    ours, theirs = await desk.sent(), await other.sent()
    broken = paid(theirs, paid=Decimal(81))
    await desk.receive(an_835(paid(ours), broken, total_paid=Decimal(161)))
    (payment,) = await desk.payments(ours)
    remittance = await desk.remittance(payment)
    assert [one.code for one in remittance.findings] == ["payment_shared"]
    assert payment.status.value == "posted"
    (waiting,) = await other.payments(theirs)
    assert waiting.status.value == "unbalanced"


async def test_an_acknowledgment_of_two_practices_reaches_both(desk: Inbox, other: Inbox) -> None:
    ours, theirs = await desk.sent(), await other.sent()
    levels = [
        a_claim_level(claim.patient_control_number, f"STC*{status}*20260303*WQ*150")
        for claim, status in ((ours, "A2:20"), (theirs, "A7:33:IL"))
    ]
    await desk.receive(a_277ca(*levels), kind="277")
    assert (await desk.now(ours)).status is ClaimStatus.ACCEPTED
    assert (await other.now(theirs)).status is ClaimStatus.REJECTED
    assert await desk.acknowledged(theirs) == []
    assert await other.acknowledged(ours) == []


async def test_documents_recorded_side_by_side_lose_and_double_nothing(desk: Inbox) -> None:
    claims = [await desk.sent() for _ in range(4)]
    texts = [an_835(*(paid(claim) for claim in order)) for order in (claims, claims[::-1])]
    for text in texts:
        desk.offer(text)
    await read_feed(desk.context)
    for job in await desk.take(limit=10):
        await run_inbound_document(desk.context, job, pause=PAUSE)
    jobs = await desk.take(limit=10)
    assert [job.kind for job in jobs] == [JobKind.INBOUND_CLAIMS] * 2
    await asyncio.gather(*(desk.run(job) for job in jobs))
    for claim in claims:
        assert await desk.statuses(claim) == ["posted", "posted"]
        assert len(await desk.versions(claim)) == 1
