"""Sending: one claim at the clearinghouse whatever comes back, and what each answer does to the claim."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from app.domain.claim_states import ClaimStatus, SubmissionState
from app.domain.claims import AcceptedBy
from app.domain.submissions import SubmissionProblem
from app.use_cases.submission_sending import run_submission
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.submitting import JSON, PAUSE, Sending, Twist, sending

CUT = b""
SENT = SubmissionState.SENT


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


def claim_status(category: str) -> Twist:
    """A 277CA whose word about the claim, the last status in it, has this category (507)."""

    def twist(status: int, content: JSON) -> tuple[int, JSON]:
        head, _, tail = content["x12"].rpartition("~STC*A1>20")
        return status, content | {"x12": f"{head}~STC*{category}>20{tail}"}

    return twist


# Taken


async def test_a_receipt_settles_it_and_the_claim_is_submitted(desk: Sending) -> None:
    claim, submission = await desk.queued()
    assert await desk.run(submission) is SENT
    now = await desk.now(submission)
    assert (now.state, now.attempts, now.failure) == (SENT, 1, None)
    assert now.clearinghouse_id
    assert now.first_sent_at == now.last_sent_at is not None
    assert now.answered_at is not None
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTED
    assert await desk.told(claim) == ["created", "submitted", "attempt_started", "sent"]
    assert await desk.acknowledged(claim) == ["received"]
    assert (await desk.job_row(submission)).state == "done"
    assert desk.taken(claim) == 1
    assert desk.front.texts == [submission.x12]
    assert desk.front.keys == [str(submission.idempotency_key)]


async def test_each_attempt_and_what_it_came_to_are_audited(desk: Sending) -> None:
    _, submission = await desk.queued()
    desk.front.then(CUT)
    await desk.run(submission)
    await desk.run(submission)
    entries = [event.entry for event in await desk.desk.audit() if event.entry.record_id == submission.id]
    assert [(entry.action, entry.reason) for entry in entries] == [
        ("record_answer", "sent"),
        ("send", None),
        ("send", None),
        ("submit", None),
    ]


async def test_the_attempt_is_on_record_before_the_first_byte_leaves(desk: Sending) -> None:
    _, submission = await desk.queued()
    seen = []

    async def look() -> None:
        seen.append(await desk.now(submission))

    desk.front.meanwhile = look
    job = await desk.take(submission)
    began = datetime.now(UTC)
    await run_submission(desk.context, job, pause=PAUSE)
    (during,) = seen
    assert (during.state, during.attempts, during.fence) == (SubmissionState.SENDING, 1, job.lease_token)
    assert during.first_sent_at is not None
    assert began <= during.first_sent_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("category", "status", "accepted_by", "event", "items"),
    [
        ("A2", ClaimStatus.ACCEPTED, AcceptedBy.CLEARINGHOUSE, "accepted", []),
        ("A3", ClaimStatus.REJECTED, None, "rejected", [("claim_rejected", "rejected_by_clearinghouse")]),
        ("P1", ClaimStatus.PENDED, None, "pended", []),
    ],
)
async def test_the_277ca_of_a_receipt_moves_the_claim(
    desk: Sending,
    category: str,
    status: ClaimStatus,
    accepted_by: AcceptedBy | None,
    event: str,
    items: list[tuple[str, str]],
) -> None:
    claim, submission = await desk.queued()
    desk.front.then(claim_status(category))
    assert await desk.run(submission) is SENT
    now = await desk.claim_now(claim)
    assert (now.status, now.accepted_by) == (status, accepted_by)
    assert (await desk.told(claim))[-2:] == ["sent", event]
    assert await desk.open_items(claim) == items


async def test_a_277ca_about_another_claim_is_not_kept(desk: Sending) -> None:
    claim, submission = await desk.queued()

    def another(status: int, content: JSON) -> tuple[int, JSON]:
        return status, content | {"x12": content["x12"].replace(claim.patient_control_number, "SOMEBODYELSES")}

    desk.front.then(another)
    assert await desk.run(submission) is SENT
    assert await desk.acknowledged(claim) == []
    assert (await desk.claim_now(claim)).status is ClaimStatus.SUBMITTED


async def test_a_word_about_our_batch_is_one_about_the_claim(desk: Sending) -> None:
    claim, submission = await desk.queued()

    def batch_refused(status: int, content: JSON) -> tuple[int, JSON]:
        x12 = re.sub(r"~HL\*3\*.*?(?=~SE\*)", "", content["x12"], flags=re.DOTALL)
        x12 = x12.replace("~STC*A1>19", "~STC*A3>21", 1)
        segments = x12[x12.index("~ST*") + 1 : x12.index("~SE*")].count("~") + 2
        return status, content | {"x12": re.sub(r"~SE\*\d+\*", f"~SE*{segments}*", x12)}

    desk.front.then(batch_refused)
    assert await desk.run(submission) is SENT
    assert await desk.acknowledged(claim) == ["rejected"]
    assert (await desk.claim_now(claim)).status is ClaimStatus.REJECTED


# Refused


async def test_a_refusal_rejects_the_claim_and_shows_what_was_found(desk: Sending) -> None:
    claim, submission = await desk.queued()
    desk.front.spoil = lambda x12: x12.replace("*150*", "*151*", 1)  # CLM02 is not the sum of the lines
    assert await desk.run(submission) is SubmissionState.REFUSED
    now = await desk.now(submission)
    assert (now.state, now.failure, now.clearinghouse_id) == (SubmissionState.REFUSED, "edits", None)
    assert [problem.location for problem in now.problems] == ["2300 CLM02"]
    assert all(problem.description for problem in now.problems)
    assert (await desk.claim_now(claim)).status is ClaimStatus.REJECTED
    assert await desk.told(claim) == ["created", "submitted", "attempt_started", "refused"]
    assert await desk.open_items(claim) == [("claim_rejected", "edits")]
    assert await desk.acknowledged(claim) == ["rejected"]
    assert (await desk.job_row(submission)).state == "done"
    assert desk.taken(claim) == 0


async def test_a_refused_claim_is_corrected_and_sent_under_a_new_key(desk: Sending) -> None:
    claim, first = await desk.queued()
    desk.front.spoil = lambda x12: x12.replace("*150*", "*151*", 1)
    await desk.run(first)
    desk.front.spoil = str
    second = await desk.submit(await desk.claim_now(claim))
    assert await desk.run(second) is SENT
    assert await desk.open_items(claim) == []
    assert len(set(desk.front.keys)) == 2
    assert desk.taken(claim) == 1


def syntax_refused(group_control_number: str) -> Twist:
    def syntax(status: int, content: JSON) -> tuple[int, JSON]:
        group = f"AK1*HC*{group_control_number}*005010X222A1~AK2*837*0001*005010X222A1~"
        found = "IK3*NM1*12*2010BA*8~IK4*9*67*7~IK5*R*5~AK9*R*1*1*0~"
        x12 = content["x12"]
        head = x12[: x12.index("~GS*") + 1]
        wrapped = (
            f"{head}GS*FA*SANDBOX*CROSSOVER*20260910*1200*1*X*005010X231A1~ST*999*0001*005010X231A1~"
            f"{group}{found}SE*7*0001~GE*1*1~{x12[x12.index('IEA*') :]}"
        )
        return status, {"status": "ERROR", "errors": [], "x12": wrapped}

    return syntax


async def test_a_999_of_a_number_that_no_interchange_has_is_a_refusal_without_places(desk: Sending) -> None:
    """However long it is."""
    claim, submission = await desk.queued()
    desk.front.then(syntax_refused("4" * 5000), taken=True)
    assert await desk.run(submission) is SubmissionState.REFUSED
    assert (await desk.now(submission)).problems == ()
    assert (await desk.claim_now(claim)).status is ClaimStatus.REJECTED


async def test_a_999_names_the_places(desk: Sending) -> None:
    claim, submission = await desk.queued()
    desk.front.then(syntax_refused(str(submission.control_number)), taken=True)
    assert await desk.run(submission) is SubmissionState.REFUSED
    now = await desk.now(submission)
    assert now.failure == "syntax"
    assert SubmissionProblem(code="R", location="2010BA NM1 9: 7") in now.problems
    assert (await desk.claim_now(claim)).status is ClaimStatus.REJECTED
