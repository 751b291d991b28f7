"""Submissions at rest: frozen by PostgreSQL itself, one under way for a claim, sealed, apart by practice."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.callers import Tenant
from app.domain.claim_states import SubmissionState
from app.domain.errors import Conflict
from app.domain.submissions import Submission, SubmissionProblem
from app.repositories.claim_tables import submission
from app.repositories.database import sqlstate
from app.repositories.signals import ANSWER_CHANNEL, Signals
from app.repositories.unit_of_work import UnitsOfWork
from tests.claim_records import a_submission
from tests.factories import NOW
from tests.repositories.billing import Billing, all_at_once
from tests.running import Databases

FATE = "state sealed attempts fence first_sent_at last_sent_at answered_at failure updated_at".split()
FROZEN = [column.name for column in submission.columns if column.name not in {*FATE, "practice_id"}]
OPEN = [state for state in SubmissionState if state.is_open]


@pytest.fixture
async def stored(billing: Billing) -> Submission:
    value = a_submission(claim_id=(await billing.billed()).id, x12="ISA*ÄÖ~\n", adjudication_ids=(uuid4(), uuid4()))
    await billing.do(lambda uow: uow.submissions.add(value))
    return value


async def test_a_submission_comes_back_as_it_went_in(billing: Billing, stored: Submission) -> None:
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.submissions.get(stored.id) == stored
        assert await uow.submissions.get(stored.id, lock=True) == stored
        assert await uow.submissions.x12(stored.id) == stored.x12
        assert await uow.submissions.state(stored.id) is SubmissionState.QUEUED
        assert await uow.submissions.claim_of(stored.id) == stored.claim_id
        assert await uow.submissions.claim_of(uuid4()) is None
        assert await uow.submissions.get(uuid4()) is None
        assert await uow.submissions.x12(uuid4()) is None
        assert await uow.submissions.state(uuid4()) is None


async def test_saving_changes_its_fate_and_nothing_that_is_frozen(billing: Billing, stored: Submission) -> None:
    settled = replace(
        stored,
        state=SubmissionState.SENT,
        attempts=2,
        fence=9,
        first_sent_at=NOW,
        last_sent_at=NOW + timedelta(minutes=1),
        answered_at=NOW + timedelta(minutes=2),
        clearinghouse_id="THEIRS-1",
        failure="edits",
        problems=(SubmissionProblem(code="33", location="2300 CLM02", description="Ä"), SubmissionProblem()),
        updated_at=NOW + timedelta(minutes=2),
    )
    changed = replace(settled, x12="ISA*OTHER~", sha256="0", sequence=5, reference="OTHER", created_by="somebody")
    await billing.do(lambda uow: uow.submissions.save_state(changed))
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.submissions.get(stored.id) == settled


@pytest.mark.parametrize("column", FROZEN)
async def test_the_database_refuses_to_change_what_is_frozen(
    databases: Databases, billing: Billing, stored: Submission, column: str
) -> None:
    other = a_submission(
        claim_id=(await billing.billed()).id,
        sequence=2,
        control_number=2,
        reference="REF2",
        created_by="another",
        created_at=NOW + timedelta(days=1),
    )
    await billing.do(lambda uow: uow.submissions.add(other))
    value = sa.select(submission.c[column]).where(submission.c.id == other.id).scalar_subquery()
    change = sa.update(submission).where(submission.c.id == stored.id).values({column: value})
    async with databases.as_superuser() as connection:
        with pytest.raises(DBAPIError, match="submission is frozen") as refused:
            await connection.execute(change)
    assert sqlstate(refused.value) == "42501"


async def test_the_first_sending_is_written_once(billing: Billing, stored: Submission) -> None:
    sent = replace(stored, state=SubmissionState.SENDING, first_sent_at=NOW)
    await billing.do(lambda uow: uow.submissions.save_state(sent))
    await billing.do(lambda uow: uow.submissions.save_state(sent))
    for other in (NOW + timedelta(hours=1), None):
        changed = replace(sent, first_sent_at=other)
        async with billing.units.begin(billing.tenant) as uow:
            with pytest.raises(DBAPIError, match="first sending is on record"):
                await uow.submissions.save_state(changed)


async def test_the_application_may_not_delete_a_submission(
    databases: Databases, billing: Billing, stored: Submission
) -> None:
    async with databases.as_app(billing.tenant.practice_id) as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(sa.delete(submission))


@pytest.mark.parametrize("state", SubmissionState)
async def test_a_claim_has_another_submission_exactly_when_none_is_under_way(
    billing: Billing, stored: Submission, state: SubmissionState
) -> None:
    await billing.do(lambda uow: uow.submissions.save_state(replace(stored, state=state)))
    again = a_submission(claim_id=stored.claim_id, sequence=2)
    if state in OPEN:
        with pytest.raises(Conflict) as refused:
            await billing.do(lambda uow: uow.submissions.add(again))
        assert refused.value.problem_code == "submission_open"
        return
    await billing.do(lambda uow: uow.submissions.add(again))
    with pytest.raises(Conflict):
        await billing.do(lambda uow: uow.submissions.save_state(replace(stored, state=SubmissionState.SENDING)))


async def test_of_sixty_four_submissions_of_a_claim_exactly_one_is_kept(crowd: Billing) -> None:
    claim = await crowd.billed()

    def submit(sequence: int) -> Any:
        return crowd.do(lambda uow: uow.submissions.add(a_submission(claim_id=claim.id, sequence=sequence)))

    outcomes = await all_at_once([submit(1 + number % 2) for number in range(64)])
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes if outcome is not None} == {Conflict}


async def test_a_claims_submissions_come_in_their_sequence(billing: Billing, stored: Submission) -> None:
    first = replace(stored, state=SubmissionState.REFUSED)
    second = a_submission(claim_id=stored.claim_id, sequence=2)
    await billing.do(lambda uow: uow.submissions.save_state(first))
    await billing.do(lambda uow: uow.submissions.add(second))
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.submissions.of_claim(stored.claim_id) == (first, second)
        assert await uow.submissions.latest(stored.claim_id) == second
        assert await uow.submissions.by_sequence(stored.claim_id, 1) == first
        assert await uow.submissions.by_sequence(stored.claim_id, 3) is None
        assert await uow.submissions.latest(uuid4()) is None
        assert await uow.submissions.page(stored.claim_id, before=None, limit=9) == [second, first]
        assert await uow.submissions.page(stored.claim_id, before=2, limit=9) == [first]
        assert await uow.submissions.page(stored.claim_id, before=None, limit=1) == [second]


async def test_whoever_waits_for_a_submission_hears_of_its_fate(
    databases: Databases, billing: Billing, stored: Submission
) -> None:
    signals = Signals(databases.app_url, (ANSWER_CHANNEL,))
    with signals.subscribe(ANSWER_CHANNEL) as listening, signals.subscribe(ANSWER_CHANNEL, str(stored.id)) as told:
        await signals.start()
        async with asyncio.timeout(10):
            await listening.wait()
            told.clear()
            await billing.do(lambda uow: uow.submissions.save_state(replace(stored, state=SubmissionState.SENT)))
            await told.wait()
    await signals.stop()


async def test_neither_the_bytes_nor_their_hash_nor_what_the_clearinghouse_says_is_readable_at_rest(
    databases: Databases, billing: Billing, stored: Submission
) -> None:
    told = replace(stored, clearinghouse_id="THEIRS-1", problems=(SubmissionProblem(description="QUOTED"),))
    await billing.do(lambda uow: uow.submissions.save_state(told))
    async with databases.as_superuser() as connection:
        row = (await connection.execute(sa.select(submission).where(submission.c.id == stored.id))).one()
    kept = b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in (b"ISA*", stored.sha256.encode(), bytes.fromhex(stored.sha256), b"THEIRS-1", b"QUOTED"):
        assert secret not in kept


async def test_another_practices_submission_is_absent(
    billing: Billing, stored: Submission, units: UnitsOfWork, other_tenant: Tenant
) -> None:
    async with units.begin(other_tenant) as uow:
        assert await uow.submissions.get(stored.id) is None
        assert await uow.submissions.of_claim(stored.claim_id) == ()
        await uow.submissions.save_state(replace(stored, state=SubmissionState.REFUSED))
        await uow.commit()
    async with units.begin(billing.tenant) as uow:
        assert await uow.submissions.get(stored.id) == stored
