"""No usable answer: one claim at the clearinghouse all the same, and never a second try that could make it two."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.claim_states import ClaimStatus, SubmissionState
from app.use_cases.eligibility_checks import Postponed
from app.use_cases.submission_sending import run_submission
from app.use_cases.submissions import ATTEMPTS
from tests.clearinghouse.scripted_peer import http_answer
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.submitting import JSON, PAUSE, Sending, Twist, sending

CUT = b""
WINDOW = timedelta(hours=23)
UNKNOWN, QUEUED, SENT = SubmissionState.OUTCOME_UNKNOWN, SubmissionState.QUEUED, SubmissionState.SENT


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


def of_another_claim(status: int, content: JSON) -> tuple[int, JSON]:
    content["claimReference"]["patientControlNumber"] = "SOMEBODYELSES"
    return status, content


def without_number(status: int, content: JSON) -> tuple[int, JSON]:
    del content["claimReference"]["patientControlNumber"]
    return status, content


# Nobody knows


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (CUT, "no_answer"),
        (http_answer(500), "busy"),
        (http_answer(504, retry_after="1"), "busy"),
        (http_answer(200, b"<!doctype html>", content_type="text/html"), "unreadable"),
        (http_answer(200, b"{", content_type="application/json"), "unreadable"),
        (of_another_claim, "other_claim"),
        (without_number, "other_claim"),
    ],
)
async def test_an_answer_that_is_lost_leaves_one_claim_and_is_settled_by_the_same_bytes(
    desk: Sending, answer: bytes | Twist, failure: str
) -> None:
    claim, submission = await desk.queued()
    desk.front.then(answer)
    assert await desk.run(submission) == Postponed(reason=failure)
    unknown = await desk.now(submission)
    assert (unknown.state, unknown.failure, unknown.answered_at) == (UNKNOWN, failure, None)
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTING
    assert desk.taken(claim) == 1
    assert await desk.run(submission) is SENT
    assert desk.taken(claim) == 1
    assert desk.front.texts == [submission.x12] * 2
    assert desk.front.keys == [str(submission.idempotency_key)] * 2
    assert (await desk.now(submission)).attempts == 2
    assert (await desk.told(claim))[2:] == ["attempt_started", "outcome_unknown", "attempt_started", "sent"]


async def test_a_request_that_is_lost_on_its_way_is_sent_again(desk: Sending) -> None:
    claim, submission = await desk.queued()
    desk.front.then(CUT, taken=False)
    assert await desk.run(submission) == Postponed(reason="no_answer")
    assert (desk.taken(claim), (await desk.now(submission)).state) == (0, UNKNOWN)
    assert await desk.run(submission) is SENT
    assert desk.taken(claim) == 1


async def test_the_next_try_waits_for_as_long_as_it_was_asked_to(desk: Sending) -> None:
    _, submission = await desk.queued()
    desk.front.then(http_answer(429, retry_after="90"), taken=False)
    await desk.run(submission)
    job = await desk.job_row(submission)
    assert (job.state, job.last_error) == ("ready", "rate_limited")
    assert 90 < job.due_in <= 90 + PAUSE.total_seconds()


@pytest.mark.parametrize("state", [UNKNOWN, SubmissionState.SENDING])
async def test_after_the_window_it_is_a_persons_and_never_sent_again(desk: Sending, state: SubmissionState) -> None:
    claim, submission = await desk.queued()
    desk.front.then(CUT)
    job = await desk.take(submission)
    await run_submission(desk.context, job, pause=PAUSE)
    if state is SubmissionState.SENDING:
        async with desk.context.units.begin(desk.tenant) as uow:
            await uow.submissions.save_state(replace(await desk.now(submission), state=state))
            await uow.commit()
    too_late = desk.later(WINDOW)
    assert await desk.run(submission, context=too_late) is UNKNOWN
    left = await desk.now(submission)
    assert (left.state, left.attempts) == (UNKNOWN, 1)
    expected = "interrupted" if state is SubmissionState.SENDING else "no_answer"
    assert await desk.open_items(claim) == [("submission_outcome_unknown", expected)]
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTING
    assert (await desk.job_row(submission)).state == "done"
    assert len(desk.front.requests) == 1


async def test_within_the_window_it_is_sent_again(desk: Sending) -> None:
    claim, submission = await desk.queued()
    desk.front.then(CUT)
    await desk.run(submission)
    assert await desk.run(submission, context=desk.later(WINDOW - timedelta(minutes=1))) is SENT
    assert desk.taken(claim) == 1


async def test_a_try_that_could_not_be_followed_by_another_is_a_persons_at_once(desk: Sending) -> None:
    claim, submission = await desk.queued()
    for _ in range(2):
        desk.front.then(CUT)
    await desk.run(submission)
    almost = desk.later(WINDOW - timedelta(seconds=1))
    assert await desk.run(submission, context=almost) is UNKNOWN
    assert await desk.open_items(claim) == [("submission_outcome_unknown", "no_answer")]
    assert (await desk.job_row(submission)).state == "done"


async def test_a_key_that_was_used_for_other_bytes_stops_the_submission(desk: Sending) -> None:
    claim, submission = await desk.queued()
    reused = http_answer(422, b'{"code": "IDEMPOTENCY_KEY_REUSED"}', content_type="application/json")
    desk.front.then(reused, taken=False)
    assert await desk.run(submission) is UNKNOWN
    assert await desk.open_items(claim) == [("submission_stopped", "key_reused")]
    assert (await desk.job_row(submission)).state == "done"


async def test_a_refusal_that_does_not_name_the_claim_says_nothing_of_an_earlier_attempt(desk: Sending) -> None:
    """The first attempt was taken: to call the claim rejected would bring a second one there."""
    claim, submission = await desk.queued()
    refused = http_answer(400, b'{"code": "DENIED", "message": "No."}', content_type="application/json")
    desk.front.then(CUT)
    desk.front.then(refused, taken=False)
    await desk.run(submission)
    assert await desk.run(submission) == Postponed(reason="request")
    assert (await desk.now(submission)).state is UNKNOWN
    assert await desk.run(submission) is SENT
    assert desk.taken(claim) == 1


async def test_a_first_attempt_that_is_refused_without_a_name_is_refused(desk: Sending) -> None:
    claim, submission = await desk.queued()
    refused = http_answer(400, b'{"code": "DENIED", "message": "No."}', content_type="application/json")
    desk.front.then(refused, taken=False)
    assert await desk.run(submission) is SubmissionState.REFUSED
    assert await desk.open_items(claim) == [("claim_rejected", "request")]


async def test_a_refusal_of_another_claim_settles_nothing(desk: Sending) -> None:
    claim, submission = await desk.queued()
    desk.front.spoil = lambda x12: x12.replace("*150*", "*151*", 1)
    desk.front.then(of_another_claim)
    assert await desk.run(submission) == Postponed(reason="other_claim")
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTING


# Certainly not there


async def test_while_nobody_listens_it_stays_queued_and_goes_out_when_somebody_does(desk: Sending) -> None:
    claim, submission = await desk.queued()
    async with desk.nobody_there() as nowhere:
        for attempt in (1, 2):
            assert await desk.run(submission, context=nowhere) == Postponed(reason="not_sent")
            now = await desk.now(submission)
            assert (now.state, now.failure, now.attempts) == (QUEUED, "not_sent", attempt)
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTING
    assert await desk.run(submission) is SENT
    assert desk.taken(claim) == 1
    assert (await desk.now(submission)).failure is None


async def test_what_certainly_never_arrived_is_given_up_as_not_sent_and_its_claim_is_a_draft_again(
    desk: Sending,
) -> None:
    claim, submission = await desk.queued()
    async with desk.nobody_there() as nowhere:
        await desk.run(submission, context=nowhere)
        late = desk.later(WINDOW)
        late = replace(late, clearinghouse=nowhere.clearinghouse)
        assert await desk.run(submission, context=late) is SubmissionState.NOT_SENT
    left = await desk.now(submission)
    assert (left.state, left.failure) == (SubmissionState.NOT_SENT, "not_sent")
    now = await desk.claim_now(claim)
    assert now.status is ClaimStatus.DRAFT
    assert await desk.open_items(claim) == [("submission_stopped", "not_sent")]
    assert (await desk.told(claim))[-1] == "not_sent"
    second = await desk.submit(now)
    assert await desk.run(second) is SENT
    assert await desk.open_items(claim) == []
    assert desk.taken(claim) == 1


async def test_once_it_may_have_arrived_a_refused_connection_makes_nothing_certain(desk: Sending) -> None:
    claim, submission = await desk.queued()
    desk.front.then(CUT)
    await desk.run(submission)
    async with desk.nobody_there() as nowhere:
        assert await desk.run(submission, context=nowhere) == Postponed(reason="not_sent")
        assert (await desk.now(submission)).state is UNKNOWN
        late = replace(desk.later(WINDOW - timedelta(seconds=1)), clearinghouse=nowhere.clearinghouse)
        assert await desk.run(submission, context=late) is UNKNOWN
    assert await desk.open_items(claim) == [("submission_outcome_unknown", "not_sent")]


@pytest.mark.parametrize(("status", "failure"), [(401, "credentials"), (403, "credentials"), (404, "wrong_address")])
async def test_a_refused_key_or_address_rejects_nothing_and_is_tried_at_leisure(
    desk: Sending, status: int, failure: str
) -> None:
    claim, submission = await desk.queued()
    desk.front.then(http_answer(status), taken=False)
    assert await desk.run(submission) == Postponed(reason=failure)
    assert (await desk.now(submission)).state is QUEUED
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTING
    assert (await desk.job_row(submission)).due_in > 299
    assert await desk.open_items(claim) == []
    assert await desk.run(submission) is SENT


def test_the_window_ends_the_tries_before_their_number_does() -> None:
    longest = timedelta(minutes=5)
    assert longest * ATTEMPTS > timedelta(hours=24)
