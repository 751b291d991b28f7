"""What a payer's answer does to a coverage, and what it must not do."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.codes import Relationship
from app.domain.coverages import Coverage, CoverageStatus, MemberIdOwner, TerminationReason, Verification
from app.domain.eligibility import CheckOutcome, CheckStatus
from app.domain.errors import LeaseLost
from app.domain.payers import payer_id
from app.domain.practices import Practice
from app.use_cases.coverages import change_coverage, terminate_coverage
from app.use_cases.eligibility_checks import Postponed, run_eligibility_check
from app.use_cases.patients import change_patient
from tests.clearinghouse.scripted_peer import http_answer
from tests.factories import a_person
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.callers import Noting
from tests.use_cases.checking import PAUSE, Checking, checking, patients_own, recounted


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    """Jobs are taken across practices: no other test's."""
    return databases.fresh()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Checking]:
    practice: Practice = await own.add_practice()
    async with checking(own, sandbox, practice) as opened:
        yield opened


def without_trace_numbers(x12: str) -> str:
    return recounted(re.sub(r"TRN\*[12]\*[^~]*~", "", x12))


async def unverified(desk: Checking, coverage: Coverage) -> bool:
    now = await desk.now(coverage)
    return (now.status, now.ranks, now.verification) == (CoverageStatus.UNVERIFIED, (), None)


# Whose answer


async def test_an_answer_to_our_question_confirms_the_coverage(desk: Checking) -> None:
    coverage = await desk.coverage()
    assert await desk.run(coverage) is CheckOutcome.CONFIRMED
    now = await desk.now(coverage)
    assert (now.status, now.verification) == (CoverageStatus.VERIFIED, Verification.ELIGIBILITY_CHECK)
    assert len(now.ranks) == 1


async def test_the_answer_to_another_question_is_not_read(desk: Checking) -> None:
    coverage = await desk.coverage()
    desk.payer.rewrite = lambda x12: re.sub(r"TRN\*2\*[^*~]+", "TRN*2*SOMEBODYELSES", x12)
    assert await desk.run(coverage) is CheckOutcome.ANSWER_UNREADABLE
    assert await desk.codes(coverage) == ["trace_number_differs"]
    assert await unverified(desk, coverage)


async def test_the_answer_of_the_request_before_is_not_read(desk: Checking) -> None:
    """The same member on the same day, word for word, but of another question."""
    first, second = await desk.coverage(), await desk.coverage(payer_id=payer_id("XOVR2"), member_id="BHM700001")
    assert await desk.run(first) is CheckOutcome.CONFIRMED
    desk.payer.rewrite = lambda _: desk.payer.answered[0]
    assert await desk.run(second) is CheckOutcome.ANSWER_UNREADABLE
    assert await unverified(desk, second)


async def test_a_trace_number_of_the_clearinghouse_beside_ours_does_no_harm(desk: Checking) -> None:
    coverage = await desk.coverage()
    desk.payer.rewrite = lambda x12: recounted(x12.replace("TRN*2*", "TRN*2*THEIRS*9THEIRS001~TRN*2*", 1))
    assert await desk.run(coverage) is CheckOutcome.CONFIRMED


async def test_an_answer_that_holds_anothers_beside_ours_is_not_read(desk: Checking) -> None:
    coverage = await desk.coverage()

    def twice(x12: str) -> str:
        """Two 271s in one group: ours, and the same about somebody else."""
        head, st, rest = x12.partition("ST*271")
        body, _, _ = rest.partition("GE*")
        other = re.sub(r"TRN\*2\*[^*~]+", "TRN*2*SOMEBODYELSES", body).replace("*0001", "*0002")
        return f"{head}{st}{body}{st}{other}GE*2*{x12.partition('GE*1*')[2]}"

    desk.payer.rewrite = twice
    assert await desk.run(coverage) is CheckOutcome.ANSWER_UNREADABLE
    assert await desk.codes(coverage) == ["trace_number_differs"]
    assert await unverified(desk, coverage)


async def test_without_trace_number_bht03_may_speak_for_an_answer(desk: Checking) -> None:
    coverage = await desk.coverage()
    desk.payer.rewrite = without_trace_numbers
    assert await desk.run(coverage) is CheckOutcome.CONFIRMED


async def test_an_answer_that_names_no_question_confirms_nothing_and_is_shown(desk: Checking) -> None:
    coverage = await desk.coverage()
    desk.payer.rewrite = lambda x12: re.sub(r"BHT\*0022\*11\*[^*]+", "BHT*0022*11*OWN", without_trace_numbers(x12))
    assert await desk.run(coverage) is CheckOutcome.ACTIVE_WITH_DIFFERENCES
    assert await desk.codes(coverage) == ["trace_number_not_returned"]
    check = await desk.check_of(coverage)
    assert check.result is not None
    assert (check.result.active, check.result.copayments != ()) == (True, True)
    assert await unverified(desk, coverage)


async def test_where_the_payer_takes_one_service_type_each_of_two_answers_must_be_ours(desk: Checking) -> None:
    policy = {"payer_id": payer_id("XOVR4"), "member_id": "PLI700001"}
    coverage = await desk.coverage(**policy)
    desk.payer.rewrite = lambda x12: desk.payer.answered[0] if desk.payer.answered else x12
    assert await desk.run(coverage) is CheckOutcome.ANSWER_UNREADABLE
    assert await unverified(desk, coverage)
    desk.payer.rewrite = str
    assert await desk.run(coverage) is CheckOutcome.CONFIRMED
    assert [re.findall(r"EQ\*([^~*]+)", asked) for asked in desk.payer.asked] == [["30"], ["MH"]] * 2


# What is no answer


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, -1, -2, -3])
async def test_a_truncated_answer_confirms_nothing(desk: Checking, kept: float) -> None:
    """A part of the text, or all but the last segments."""
    coverage = await desk.coverage()

    def cut(x12: str) -> str:
        if kept > 0:
            return x12[: int(len(x12) * kept)]
        return "~".join(x12.rstrip("~").split("~")[: int(kept)]) + "~"

    desk.payer.rewrite = cut
    assert await desk.run(coverage) is CheckOutcome.ANSWER_UNREADABLE
    assert await unverified(desk, coverage)


def an_acknowledgment(x12: str) -> str:
    """A 999 that rejects, in the envelope of the 271."""
    head, _, _ = x12.partition("GS*")
    return (
        f"{head}GS*FA*SANDBOX*CROSSOVER*20260910*1200*1*X*005010X231A1~ST*999*0001*005010X231A1~"
        "AK1*HS*1*005010X279A1~AK2*270*0001*005010X279A1~IK5*R*5~AK9*R*1*1*0~SE*6*0001~GE*1*1~IEA*1*000000001~"
    )


def a_ta1(x12: str) -> str:
    head, _, _ = x12.partition("GS*")
    return f"{head}TA1*000000001*260910*1200*R*006~IEA*0*000000001~"


@pytest.mark.parametrize("instead", [an_acknowledgment, a_ta1])
async def test_a_question_that_is_refused_is_not_asked_again(desk: Checking, instead: Callable[[str], str]) -> None:
    coverage = await desk.coverage(**patients_own())
    desk.payer.rewrite = instead
    assert await desk.run(coverage) is CheckOutcome.CANNOT_BE_ASKED
    assert await desk.codes(coverage) == ["clearinghouse_refused_syntax"]
    check = await desk.check_of(coverage)
    assert check.status is CheckStatus.ANSWERED
    assert (await desk.job_row(check.id)).state == "done"
    assert await unverified(desk, coverage)
    assert [item.reason for item in await desk.open_items()] == ["cannot_be_asked"]


async def test_a_refused_first_question_keeps_the_second_from_being_sent(desk: Checking) -> None:
    coverage = await desk.coverage(payer_id=payer_id("XOVR4"), member_id="PLI700001")
    desk.payer.rewrite = an_acknowledgment
    assert await desk.run(coverage) is CheckOutcome.CANNOT_BE_ASKED
    assert len(desk.payer.asked) == 1


@pytest.mark.parametrize(("status", "reason"), [(401, "credentials"), (403, "credentials"), (500, "busy")])
async def test_a_failure_that_may_pass_postpones_the_job(desk: Checking, status: int, reason: str) -> None:
    coverage = await desk.coverage()
    desk.payer.instead = http_answer(status, b'{"message": "no"}', content_type="application/json")
    assert await desk.run(coverage) == Postponed(reason=reason)
    check = await desk.check_of(coverage)
    job = await desk.job_row(check.id)
    assert (job.state, job.attempts, job.last_error) == ("ready", 1, reason)
    assert timedelta(seconds=1) < job.due_in <= PAUSE
    assert check.status is CheckStatus.RUNNING


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("0", 1), ("-1", 1), ("99999999", 3600), ("abc", 0)])
async def test_a_named_time_is_added_to_the_usual_pause(desk: Checking, said: str, seconds: int) -> None:
    coverage = await desk.coverage()
    desk.payer.instead = http_answer(429, b"{}", content_type="application/json", retry_after=said)
    assert await desk.run(coverage) == Postponed(reason="rate_limited")
    due_in = (await desk.job_row((await desk.check_of(coverage)).id)).due_in
    wanted = PAUSE + timedelta(seconds=seconds)
    assert wanted - timedelta(seconds=1) < due_in <= wanted


async def test_the_last_failure_settles_the_check_with_its_name(desk: Checking) -> None:
    coverage = await desk.coverage(**patients_own())
    desk.payer.instead = http_answer(503, b"{}", content_type="application/json")
    assert await desk.last_attempt(coverage) is CheckOutcome.CLEARINGHOUSE_UNAVAILABLE
    assert await desk.codes(coverage) == ["clearinghouse_busy"]
    assert (await desk.check_of(coverage)).status is CheckStatus.FAILED
    assert [item.reason for item in await desk.open_items()] == ["clearinghouse_unavailable"]


# What was asked about, and what is there now


async def revise(desk: Checking, coverage: Coverage, **changes: Any) -> None:
    await change_coverage(
        desk.context,
        desk.tenant,
        coverage.id,
        version=coverage.version,
        revise=lambda current: replace(current, **changes),
    )


async def revise_patient(desk: Checking, **changes: Any) -> None:
    await change_patient(
        desk.context,
        desk.tenant,
        desk.patient.id,
        version=desk.patient.version,
        revise=lambda current: replace(current, person=replace(current.person, **changes)),
    )


CHANGES: dict[str, Callable[[Checking, Coverage], Awaitable[None]]] = {
    "member id": lambda desk, coverage: revise(desk, coverage, member_id="MLK799999"),
    "payer": lambda desk, coverage: revise(desk, coverage, payer_id=payer_id("XOVR2")),
    "owner of the id": lambda desk, coverage: revise(
        desk,
        coverage,
        member_id_belongs_to=MemberIdOwner.SUBSCRIBER,
        relationship=Relationship.CHILD,
        subscriber=a_person(),
    ),
    "patient's birth date": lambda desk, _: revise_patient(desk, birth_date=date(1988, 4, 3)),
    "patient's name": lambda desk, _: revise_patient(desk, name=replace(desk.patient.person.name, last="OTHERWISE")),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_what_changed_after_it_was_asked_about_is_not_confirmed(desk: Checking, what: str) -> None:
    coverage = await desk.coverage(**patients_own())
    desk.payer.meanwhile = lambda: CHANGES[what](desk, coverage)
    await desk.run(coverage)
    assert "coverage_changed_meanwhile" in await desk.codes(coverage)
    assert await unverified(desk, coverage)
    assert [item.reason for item in await desk.open_items()] == ["coverage_changed_meanwhile"]


async def test_a_change_of_what_the_payer_was_not_asked_does_not_matter(desk: Checking) -> None:
    coverage = await desk.coverage()
    desk.payer.meanwhile = lambda: revise(desk, coverage, group_name="INVENTED GROUP")
    assert await desk.run(coverage) is CheckOutcome.CONFIRMED
    now = await desk.now(coverage)
    assert (now.status, now.group_name) == (CoverageStatus.VERIFIED, "INVENTED GROUP")


async def test_a_coverage_withdrawn_meanwhile_stays_withdrawn(desk: Checking) -> None:
    coverage = await desk.coverage()
    noting: Noting[Any] = Noting()
    desk.payer.meanwhile = lambda: terminate_coverage(
        desk.context,
        desk.tenant,
        coverage.id,
        version=coverage.version,
        effective_to=date(2026, 1, 1),
        reason=TerminationReason.ENTERED_IN_ERROR,
        call=noting.call(),
    )
    assert await desk.run(coverage) is CheckOutcome.CONFIRMED
    now = await desk.now(coverage)
    assert (now.status, now.ranks) == (CoverageStatus.WITHDRAWN, ())


@pytest.mark.parametrize(
    ("member_id", "outcome"),
    [
        ("MLK999999", CheckOutcome.MEMBER_NOT_FOUND),
        ("MLK100001", CheckOutcome.BIRTH_DATE_MISMATCH),
        ("NOTTHEIRS", CheckOutcome.MEMBER_ID_INVALID),
    ],
)
async def test_what_a_payer_refuses_is_not_confirmed(desk: Checking, member_id: str, outcome: CheckOutcome) -> None:
    coverage = await desk.coverage(member_id=member_id)
    assert await desk.run(coverage) is outcome
    assert await unverified(desk, coverage)


async def test_a_refusal_out_of_place_is_a_refusal(desk: Checking) -> None:
    """An AAA before the first HL belongs to no loop of the guide; domain rule A6 asks for none at all."""
    coverage = await desk.coverage()
    desk.payer.rewrite = lambda x12: recounted(x12.replace("~HL*1*", "~AAA*N**75*C~HL*1*", 1))
    assert await desk.run(coverage) is CheckOutcome.ACTIVE_WITH_DIFFERENCES
    assert await unverified(desk, coverage)


async def test_an_inactive_plan_is_not_confirmed(desk: Checking) -> None:
    coverage = await desk.coverage()
    desk.payer.rewrite = lambda x12: x12.replace("EB*1*", "EB*6*")
    assert await desk.run(coverage) is CheckOutcome.INACTIVE
    assert await unverified(desk, coverage)


# A lease that was lost


async def test_a_stale_worker_writes_nothing_at_any_step(desk: Checking) -> None:
    coverage = await desk.coverage()
    check_id = await desk.queued(coverage)
    stale = await desk.take(check_id)
    await desk.let_lease_pass(check_id)
    ours = await desk.take(check_id)
    assert (ours.attempts, ours.was_lost) == (2, True)
    with pytest.raises(LeaseLost):
        await run_eligibility_check(desk.context, stale, pause=PAUSE)
    assert desk.payer.asked == []
    assert (await desk.check_of(coverage)).status is CheckStatus.QUEUED

    async def the_other_finishes() -> None:
        desk.payer.meanwhile = None
        await desk.let_lease_pass(check_id)
        newest = await desk.take(check_id)
        assert await run_eligibility_check(desk.context, newest, pause=PAUSE) is CheckOutcome.CONFIRMED

    desk.payer.meanwhile = the_other_finishes
    with pytest.raises(LeaseLost):
        await run_eligibility_check(desk.context, ours, pause=PAUSE)
    job = await desk.job_row(check_id)
    assert (job.state, job.attempts) == ("done", 3)
    async with desk.databases.as_superuser() as connection:
        recorded = await connection.scalar(
            sa.text("select count(*) from audit_event where record_id = :id and action = 'record_answer'"),
            {"id": check_id},
        )
        kept = (
            await connection.scalars(
                sa.text(
                    "select sealed_answer is not null from eligibility_exchange where check_id = :id order by sent_at"
                ),
                {"id": check_id},
            )
        ).all()
    assert recorded == 1
    assert kept == [False, True]


async def test_an_answer_in_hand_outlasts_a_lock(desk: Checking) -> None:
    """Somebody holds the patient for longer than the lock time-out: the payer is not asked a second time."""
    coverage = await desk.coverage()
    held, let_go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with desk.context.units.begin(desk.tenant) as uow:
            await uow.patients.get(desk.patient.id, lock=True)
            held.set()
            await let_go.wait()

    holding = asyncio.create_task(hold())
    await held.wait()
    asyncio.get_running_loop().call_later(2.5, let_go.set)
    assert await desk.run(coverage) is CheckOutcome.CONFIRMED
    await holding
    assert len(desk.payer.asked) == 1
