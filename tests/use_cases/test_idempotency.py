"""A repeated request is answered again and does nothing twice; one that rolled back was never there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.domain.callers import Tenant
from app.domain.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from app.use_cases.context import Context
from app.use_cases.eligibility_checks import run_eligibility_check
from app.use_cases.eligibility_requests import CheckView, create_eligibility_check
from app.use_cases.idempotency import Answer, Call, claim, conclude, expire_keys
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.callers import staff
from tests.use_cases.checking import DAY, PAUSE, Checking, checking

MARK = ("Idempotency-Replayed", "true")


def a_call(key: str, *, operation: str = "act", content: bytes = b"content") -> Call[str]:
    """Its result is the body of its answer."""
    return Call(
        operation=operation,
        key=key,
        content=content,
        render=lambda result: Answer(status=201, headers=(("Location", "/v1/acts/1"),), body=result.encode()),
    )


async def act(context: Context, tenant: Tenant, call: Call[str], result: str = "done") -> Answer:
    """The smallest use case: claims, does nothing, concludes."""
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        return claimed if isinstance(claimed, Answer) else await conclude(uow, call, claimed, result)


@dataclass
class Held:
    """A first request that is under way until it is told how it ends."""

    context: Context
    tenant: Tenant
    call: Call[str]
    claimed: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    commits: bool = True

    async def run(self) -> None:
        async with self.context.units.begin(self.tenant) as uow:
            row = await claim(uow, self.call)
            assert isinstance(row, UUID)
            self.claimed.set()
            await self.go_on.wait()
            if self.commits:
                await conclude(uow, self.call, row, "the first")


async def test_a_repeated_request_is_answered_again_and_marked(context: Context, tenant: Tenant) -> None:
    call = a_call(uuid4().hex)
    first = await act(context, tenant, call, "the first")
    again = await act(context, tenant, call, "the second")
    assert MARK not in first.headers
    assert again == replace(first, headers=(*first.headers, MARK))


async def test_another_request_under_the_key_is_refused(context: Context, tenant: Tenant) -> None:
    key = uuid4().hex
    await act(context, tenant, a_call(key))
    with pytest.raises(IdempotencyKeyReused):
        await act(context, tenant, a_call(key, content=b"something else"))


async def test_a_request_that_rolls_back_leaves_no_key(context: Context, tenant: Tenant) -> None:
    call = a_call(uuid4().hex)

    async def fails() -> None:
        async with context.units.begin(tenant) as uow:
            assert isinstance(await claim(uow, call), UUID)
            raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            await fails()
    assert (await act(context, tenant, call, "at last")).body == b"at last"


async def test_a_repetition_waits_for_the_first_and_is_given_its_answer(context: Context, tenant: Tenant) -> None:
    held = Held(context, tenant, a_call(uuid4().hex))
    first = asyncio.create_task(held.run())
    await held.claimed.wait()
    second = asyncio.create_task(act(context, tenant, held.call, "the second"))
    await asyncio.sleep(0.3)
    assert not second.done()
    held.go_on.set()
    answer = await second
    await first
    assert (answer.body, MARK in answer.headers) == (b"the first", True)


async def test_a_repetition_does_the_work_when_the_first_rolls_back(context: Context, tenant: Tenant) -> None:
    held = Held(context, tenant, a_call(uuid4().hex), commits=False)
    first = asyncio.create_task(held.run())
    await held.claimed.wait()
    second = asyncio.create_task(act(context, tenant, held.call, "the second"))
    await asyncio.sleep(0.3)
    held.go_on.set()
    assert (await second).body == b"the second"
    await first


async def test_a_repetition_of_what_takes_too_long_is_told_to_come_again(context: Context, tenant: Tenant) -> None:
    held = Held(context, tenant, a_call(uuid4().hex))
    first = asyncio.create_task(held.run())
    await held.claimed.wait()
    began = asyncio.get_running_loop().time()
    with pytest.raises(IdempotencyKeyInUse) as refused:
        await act(context, tenant, held.call)
    assert 1.5 < asyncio.get_running_loop().time() - began < 4
    assert refused.value.retry_after == 2
    held.go_on.set()
    await first
    assert (await act(context, tenant, held.call)).body == b"the first"


async def test_of_many_at_once_one_does_the_work(context: Context, tenant: Tenant) -> None:
    call = a_call(uuid4().hex)
    answers = await asyncio.gather(*(act(context, tenant, call, f"number {n}") for n in range(10)))
    assert len({answer.body for answer in answers}) == 1
    assert sum(MARK in answer.headers for answer in answers) == 9


async def test_keys_of_two_callers_operations_and_practices_are_nothing_to_each_other(
    context: Context, tenant: Tenant, databases: Databases
) -> None:
    key = uuid4().hex
    others = [
        (replace(tenant, actor="clinician-2"), a_call(key)),
        (tenant, a_call(key, operation="another")),
        (staff(await databases.add_practice()), a_call(key)),
    ]
    assert (await act(context, tenant, a_call(key), "the first")).body == b"the first"
    for number, (caller, call) in enumerate(others):
        answer = await act(context, caller, call, f"number {number}")
        assert (answer.body, MARK in answer.headers) == (f"number {number}".encode(), False)


async def test_a_key_is_kept_seven_days(context: Context, databases: Databases, tenant: Tenant) -> None:
    elsewhere = staff(await databases.add_practice())
    old, recent, foreign = (a_call(uuid4().hex) for _ in range(3))
    for caller, call, age in (
        (tenant, old, timedelta(days=7, minutes=1)),
        (tenant, recent, timedelta(days=6, hours=23)),
        (elsewhere, foreign, timedelta(days=30)),
    ):
        await act(context, caller, call, "the first")
        async with databases.as_superuser() as connection:
            await connection.execute(
                sa.text("update idempotency_key set created_at = now() - cast(:age as interval) where key = :key"),
                {"age": age, "key": call.key},
            )
    assert await expire_keys(context) >= 2
    assert (await act(context, tenant, recent, "anew")).body == b"the first"
    assert (await act(context, tenant, old, "anew")).body == b"anew"
    assert (await act(context, elsewhere, foreign, "anew")).body == b"anew"


async def test_the_kept_answer_is_sealed(context: Context, databases: Databases, tenant: Tenant) -> None:
    call = a_call(uuid4().hex)
    await act(context, tenant, call, "Canary Quackenbush")
    async with databases.as_superuser() as connection:
        row = (
            await connection.execute(sa.text("select * from idempotency_key where key = :key"), {"key": call.key})
        ).one()
    assert b"Quackenbush" not in bytes(row.sealed)
    assert b"Quackenbush" not in bytes(row.fingerprint)
    assert "Quackenbush" not in str(row.headers)


# The one answer that is kept twice


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    return databases.fresh()


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Checking]:
    async with checking(own, sandbox, await own.add_practice()) as opened:
        yield opened


def asking(key: str) -> Call[CheckView]:
    return Call(
        operation="create_eligibility_check",
        key=key,
        content=b"",
        render=lambda view: Answer(status=201 if view.is_settled else 202, body=str(view.check.id).encode()),
    )


async def ask(desk: Checking, coverage_id: UUID, call: Call[CheckView], *, wait: float) -> Answer:
    return await create_eligibility_check(
        desk.context, desk.tenant, coverage_id, service_date=DAY, provider_id=None, wait_seconds=wait, call=call
    )


async def run_the_job(desk: Checking) -> None:
    async with asyncio.timeout(10):
        while True:
            async with desk.databases.as_superuser() as connection:
                due = await connection.scalar(sa.text("select subject_id from job where state = 'ready'"))
            if due is not None:
                break
            await asyncio.sleep(0.02)
    await run_eligibility_check(desk.context, await desk.take(due), pause=PAUSE)


async def test_who_waited_for_a_payer_is_given_the_answer_again(desk: Checking) -> None:
    coverage, call = await desk.coverage(), asking(uuid4().hex)
    working = asyncio.create_task(run_the_job(desk))
    first = await ask(desk, coverage.id, call, wait=10)
    await working
    assert first.status == 201
    again = await ask(desk, coverage.id, call, wait=0)
    assert again == replace(first, headers=(*first.headers, MARK))
    assert len(desk.payer.asked) == 1


async def test_a_repetition_while_the_first_waits_is_told_that_the_payer_is_being_asked(desk: Checking) -> None:
    coverage, call = await desk.coverage(), asking(uuid4().hex)
    waiting = asyncio.create_task(ask(desk, coverage.id, call, wait=10))
    await asyncio.sleep(0.5)
    meanwhile = await ask(desk, coverage.id, call, wait=10)
    assert (meanwhile.status, MARK in meanwhile.headers) == (202, True)
    await run_the_job(desk)
    first = await waiting
    assert (first.status, first.body) == (201, meanwhile.body)
    assert (await ask(desk, coverage.id, call, wait=0)).status == 201
    assert len(desk.payer.asked) == 1


async def test_who_did_not_wait_long_enough_keeps_the_answer_that_says_where_to_look(desk: Checking) -> None:
    coverage, call = await desk.coverage(), asking(uuid4().hex)
    first = await ask(desk, coverage.id, call, wait=0)
    await run_the_job(desk)
    again = await ask(desk, coverage.id, call, wait=10)
    assert (first.status, again.status, again.body) == (202, 202, first.body)
