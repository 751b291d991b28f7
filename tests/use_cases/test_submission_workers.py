"""Workers that die of a submission, or come back to it late: nothing is sent twice, written twice, or left open."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.domain.claim_states import ClaimStatus, SubmissionState
from app.domain.errors import LeaseLost
from app.domain.jobs import JobKind
from app.use_cases.eligibility_checks import Postponed
from app.use_cases.jobs import bury_lost_job, give_back, take_jobs
from app.use_cases.submission_answers import Meaning
from app.use_cases.submission_outcomes import locked_submission, settle
from app.use_cases.submission_sending import run_submission
from tests.clearinghouse.scripted_peer import http_answer
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.submitting import PAUSE, Sending, sending

CUT = b""
UNKNOWN, SENT = SubmissionState.OUTCOME_UNKNOWN, SubmissionState.SENT


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    """Jobs are taken across practices: no other test's."""
    return databases.fresh()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Sending]:
    async with sending(own, sandbox, await own.add_practice()) as ready:
        yield ready


async def test_a_worker_that_comes_back_late_writes_nothing(desk: Sending) -> None:
    claim, submission = await desk.queued()
    late = await desk.take(submission)
    answered, go_on = asyncio.Event(), asyncio.Event()

    async def stand_still() -> None:
        if not answered.is_set():
            answered.set()
            await go_on.wait()

    desk.front.meanwhile = stand_still
    sending_late = asyncio.create_task(run_submission(desk.context, late, pause=PAUSE))
    await answered.wait()
    await desk.let_lease_pass(submission)
    assert await desk.run(submission) is SENT
    before = await desk.now(submission), await desk.told(claim)
    go_on.set()
    with pytest.raises(LeaseLost):
        await sending_late
    assert (await desk.now(submission), await desk.told(claim)) == before
    assert before[0].attempts == 2
    assert desk.taken(claim) == 1


async def test_a_stale_lease_does_not_even_begin(desk: Sending) -> None:
    _, submission = await desk.queued()
    stale = await desk.take(submission)
    await desk.let_lease_pass(submission)
    await desk.take(submission)
    with pytest.raises(LeaseLost):
        await run_submission(desk.context, stale, pause=PAUSE)
    assert desk.front.requests == []
    assert (await desk.now(submission)).attempts == 0


async def test_what_a_dead_worker_left_is_unknown_and_settled_by_the_next(desk: Sending) -> None:
    claim, submission = await desk.queued()
    async with desk.context.units.begin(desk.tenant) as uow:
        left = replace(
            submission, state=SubmissionState.SENDING, attempts=1, first_sent_at=uow.now, last_sent_at=uow.now
        )
        await uow.submissions.save_state(left)
        await uow.commit()
    desk.front.then(http_answer(404), taken=False)
    assert await desk.run(submission) == Postponed(reason="wrong_address")
    assert (await desk.now(submission)).state is UNKNOWN
    assert (await desk.told(claim))[2:4] == ["outcome_unknown", "attempt_started"]
    assert await desk.run(submission) is SENT


async def test_of_two_deaths_in_a_row_the_next_worker_waits_before_it_tries(desk: Sending) -> None:
    claim, submission = await desk.queued()
    async with desk.context.units.begin(desk.tenant) as uow:
        left = replace(submission, state=SubmissionState.SENDING, first_sent_at=uow.now, failure="interrupted")
        await uow.submissions.save_state(left)
        await uow.commit()
    assert await desk.run(submission) == Postponed(reason="interrupted")
    assert desk.front.requests == []
    job = await desk.job_row(submission)
    assert job.state == "ready"
    assert 0 < job.due_in <= PAUSE.total_seconds()
    assert await desk.run(submission) is SENT
    assert desk.taken(claim) == 1


async def test_a_submission_that_was_never_begun_is_buried_as_not_sent(desk: Sending) -> None:
    claim, submission = await desk.queued()
    job = await desk.take(submission)
    assert await give_back(desk.context, replace(job, attempts=job.max_attempts), pause=PAUSE, error="KeyError")
    assert (await desk.now(submission)).state is SubmissionState.NOT_SENT
    assert (await desk.claim_now(claim)).status is ClaimStatus.DRAFT
    assert await desk.open_items(claim) == [("submission_stopped", "interrupted")]


async def test_a_submission_whose_worker_died_each_time_is_buried_as_unknown(desk: Sending) -> None:
    claim, submission = await desk.queued()
    job = await desk.take(submission)
    desk.front.then(CUT)
    await run_submission(desk.context, job, pause=PAUSE)
    async with desk.databases.as_superuser() as connection:
        died = "update job set state = 'running', attempts = max_attempts, lease_until = now() - interval '1 second'"
        await connection.execute(sa.text(died + " where subject_id = :id"), {"id": submission.id})
    lost = replace(job, attempts=job.max_attempts)
    assert await bury_lost_job(desk.context, lost)
    assert (await desk.now(submission)).state is UNKNOWN
    assert await desk.open_items(claim) == [("submission_outcome_unknown", "no_answer")]
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTING
    assert await take_jobs(desk.context, kinds=[JobKind.SUBMISSION], limit=9, lost_limit=9, lease=PAUSE) == []


async def test_the_last_attempt_leaves_nothing_open(desk: Sending) -> None:
    claim, submission = await desk.queued()
    desk.front.then(CUT)
    assert await desk.run(submission, is_last=True) is UNKNOWN
    assert await desk.open_items(claim) == [("submission_outcome_unknown", "no_answer")]


async def test_a_job_about_a_settled_submission_just_ends(desk: Sending) -> None:
    claim, submission = await desk.queued()
    await desk.run(submission)
    async with desk.context.units.begin(desk.tenant) as uow:
        await uow.jobs.enqueue(
            practice_id=desk.tenant.practice_id,
            kind=JobKind.SUBMISSION,
            subject_id=submission.id,
            request_id="again",
            max_attempts=3,
        )
        await uow.commit()
    assert await desk.run(submission) is SENT
    assert desk.taken(claim) == 1
    assert len(desk.front.requests) == 1


async def test_a_receipt_after_the_proof_that_it_arrived_adds_what_the_clearinghouse_calls_it(desk: Sending) -> None:
    """An acknowledgment may come through the feed before the answer to the sending itself."""
    claim, submission = await desk.queued()

    async def proved() -> None:
        async with desk.context.units.begin(desk.tenant) as uow:
            now, current = await locked_submission(uow, submission.id)
            await settle(uow, now, current, Meaning(state=SENT))
            await uow.commit()

    desk.front.meanwhile = proved
    assert await desk.run(submission) is SENT
    now = await desk.now(submission)
    assert now.clearinghouse_id
    assert (await desk.told(claim)).count("sent") == 1
