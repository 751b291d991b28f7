"""Requests cancelled while they run: at random moments, and at each single wait of each operation.

A client that goes away, a deadline and a stopping server all cancel the task of a request. Afterwards no connection may
hold a transaction or a tenant, all are back in the pool, and each request has done all of its work or none. All the while
a probe takes connections from the same pool and asks for rows without a tenant.

`CROSSOVER_TEST_SCALE=full` makes them 20,000 requests; they are a tenth of that otherwise.
"""

import asyncio
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import DatabaseUnavailable
from app.use_cases.eligibility_requests import ATTEMPTS
from app.use_cases.jobs import take_jobs
from app.worker.handlers import HANDLERS
from tests.cancelling import POOL_SIZE, CancelledAt, Request, Stage, Tally, as_coroutine, in_transaction, probe, run
from tests.running import Databases

SCALE = 10 if os.environ.get("CROSSOVER_TEST_SCALE") == "full" else 1
AT_RANDOM = AT_EACH_WAIT = 1_000 * SCALE
AT_ONCE = 8
PROBES_AT_ONCE = 4


@pytest.fixture(scope="module")
def own_databases(databases: Databases) -> Databases:
    return databases.fresh()


def test_requests_cancelled_at_random_leave_nothing_behind(own_databases: Databases, tmp_path: Path) -> None:
    run(own_databases, tmp_path, _cancel_at_random)


async def _cancel_at_random(stage: Stage) -> None:
    tally, requests = Tally(), stage.requests()
    usual = await _usual_times(requests)
    chance = random.Random(2026)

    async def drive() -> None:
        while tally.cancelled < AT_RANDOM:
            name = chance.choice(list(requests))
            task = asyncio.create_task(requests[name]())
            await asyncio.sleep(chance.uniform(0, 2 * usual[name]))
            task.cancel()
            await tally.count(task)

    await _probed(stage, tally, [drive() for _ in range(AT_ONCE)])
    await _assert_nothing_is_left(stage, tally)


async def _usual_times(requests: dict[str, Request]) -> dict[str, float]:
    """How long each kind takes among others; of the kind that waits, a part."""

    async def timed(request: Request) -> float:
        began = time.perf_counter()
        await request()
        return time.perf_counter() - began

    await asyncio.gather(*(request() for request in requests.values()))
    return {
        name: min(0.1, statistics.median(await asyncio.gather(*(timed(request) for _ in range(AT_ONCE)))))
        for name, request in requests.items()
    }


def test_requests_cancelled_at_each_of_their_waits_leave_nothing_behind(
    own_databases: Databases, tmp_path: Path
) -> None:
    run(own_databases, tmp_path, _cancel_at_each_wait)


async def _cancel_at_each_wait(stage: Stage) -> None:
    tally = Tally()
    plan = _each_wait(stage.requests(), await _waits(stage.requests()))

    async def drive() -> None:
        while tally.cancelled < AT_EACH_WAIT:
            request, times = next(plan)
            await tally.count(asyncio.create_task(as_coroutine(CancelledAt(request(), times))))

    await _probed(stage, tally, [drive() for _ in range(AT_ONCE)])
    await _assert_nothing_is_left(stage, tally)


async def _waits(requests: dict[str, Request]) -> dict[str, int]:
    """How often each request waits when nothing disturbs it; the first of each kind may wait more, as caches are filled."""
    counted = {}
    for name, request in requests.items():
        for _ in range(2):
            watched = CancelledAt(request())
            await watched
            counted[name] = watched.waits
    assert min(counted.values()) >= 3, counted
    return counted


def _each_wait(requests: dict[str, Request], waits: dict[str, int]) -> Iterator[tuple[Request, frozenset[int]]]:
    """Each wait of each request; then each together with a later one, that is while it cleans up after the first."""
    round_number = 0
    while True:
        for name, request in requests.items():
            for first in range(1, waits[name] + 1):
                again = {first + round_number} if round_number else set()
                yield request, frozenset({first} | again)
        round_number = (round_number + 1) % 4


async def _probed(stage: Stage, tally: Tally, drivers: list[Coroutine[Any, Any, None]]) -> None:
    """Drives, and looks into the pool's connections meanwhile."""
    probing = [asyncio.create_task(_probe_on(stage, tally)) for _ in range(PROBES_AT_ONCE)]
    await asyncio.gather(*drivers)
    for task in probing:
        task.cancel()
    await asyncio.gather(*probing, return_exceptions=True)


async def _probe_on(stage: Stage, tally: Tally) -> None:
    while True:
        try:
            await probe(stage.database, tally)
        except sa.exc.TimeoutError:
            continue  # the pool was busy for two seconds: requests answer 503 then


async def _assert_nothing_is_left(stage: Stage, tally: Tally) -> None:
    print(tally)
    await _assert_all_is_given_back(stage)
    for _ in range(POOL_SIZE * 4):
        await probe(stage.database, tally)
    assert (tally.seen_without_tenant, tally.found_in_transaction) == (0, 0)
    assert tally.probes > POOL_SIZE * 4
    assert set(tally.statuses) <= {200, 201, 202, 409, 412, 503}
    assert tally.cancelled >= 1_000
    await _assert_all_or_nothing(stage)
    for name, request in stage.requests().items():
        assert (await request()).status in {200, 201, 202, 412}, name


async def _assert_all_is_given_back(stage: Stage) -> None:
    async with asyncio.timeout(10):
        while stage.database.connections_in_use()[0]:
            await asyncio.sleep(0.05)  # what was cancelled is given back in the background
    assert await in_transaction(stage.databases) == 0


async def _assert_all_or_nothing(stage: Stage) -> None:
    """A record, its event and its kept answer come together."""
    counted = sa.text(
        "select (select count(*) from {record} where practice_id = :id),"
        " (select count(*) from audit_event where practice_id = :id and action = :action and record_type = :record),"
        " (select count(*) from idempotency_key where practice_id = :id and operation = :operation"
        " and status is not null), (select count(*) from idempotency_key where practice_id = :id and status is null)"
    )
    planted = {"patient": 1, "coverage": 3, "eligibility_check": 2, "claim": 5, "submission": 1}
    kinds = (
        ("patient", "create", "create_patient"),
        ("coverage", "create", "create_coverage"),
        ("eligibility_check", "ask_payer", "create_eligibility_check"),
        ("claim", "create", "create_claim"),
        ("submission", "submit", "create_submission"),
    )
    async with stage.databases.as_superuser() as connection:
        for record, action, operation in kinds:
            statement = sa.text(counted.text.format(record=record))
            parameters = {
                "id": stage.records.practice_id,
                "action": action,
                "record": record,
                "operation": operation,
            }
            records, events, kept, unanswered = (await connection.execute(statement, parameters)).one()
            records -= planted[record]
            if record == "patient":  # planting writes one event and keeps one answer, both of a patient's creation
                events, kept = events - 1, kept - 1
            assert records == events == kept > 0, record
            assert unanswered == 0
        of_claims = sa.text(
            "select (select count(*) from claim where practice_id = :id),"
            " (select count(*) from claim_route where practice_id = :id),"
            " (select count(*) from claim_event where practice_id = :id and kind = 'created'),"
            " (select count(*) from submission where practice_id = :id) - 1,"
            " (select count(*) from job where practice_id = :id and kind = 'submission')"
        )
        claims, routes, told, submissions, jobs = (
            await connection.execute(of_claims, {"id": stage.records.practice_id})
        ).one()
        assert claims == routes == told
        assert submissions == jobs == 1


def test_a_job_cancelled_at_each_of_its_waits_leaves_nothing_behind_and_is_done_by_the_next_worker(
    databases: Databases, tmp_path: Path
) -> None:
    run(databases.fresh(), tmp_path, _cancel_a_job_at_each_wait)


async def _cancel_a_job_at_each_wait(stage: Stage) -> None:
    """The payer cannot be reached, so each check ends as failed, after its attempts."""
    tally = Tally()
    for wait in range(1, 200):
        await stage.requests()["check_without_waiting"]()
        attempt = asyncio.create_task(as_coroutine(CancelledAt(_do_one_job(stage), frozenset({wait}))))
        (outcome,) = await asyncio.gather(attempt, return_exceptions=True)
        await probe(stage.database, tally)
        if outcome is True:
            break  # it had fewer waits than that
        assert isinstance(outcome, asyncio.CancelledError)
        tally.cancelled += 1
    print(tally)
    assert tally.cancelled >= 15
    await _assert_all_is_given_back(stage)
    assert (tally.seen_without_tenant, tally.found_in_transaction) == (0, 0)
    for _ in range(ATTEMPTS):
        await _let_time_pass(stage)
        while await _do_one_job(stage):
            pass
    async with stage.databases.as_superuser() as connection:
        ended = sa.text("select c.status, j.state from eligibility_check c join job j on j.subject_id = c.id")
        states = Counter(tuple(row) for row in await connection.execute(ended))
    assert states == {("failed", "done"): tally.cancelled + 1}


async def _do_one_job(stage: Stage) -> bool:
    """False when none was due."""
    context = stage.app.service.context
    jobs = await take_jobs(context, kinds=HANDLERS, limit=1, lost_limit=1, lease=timedelta(seconds=30))
    for job in jobs:
        await HANDLERS[job.kind](context, job, timedelta())
    return bool(jobs)


async def _let_time_pass(stage: Stage) -> None:
    """Leases end, pauses too."""
    async with stage.databases.as_superuser() as connection:
        await connection.execute(
            sa.text("update job set lease_until = now() - interval '1 second' where state = 'running'")
        )
        await connection.execute(sa.text("update job set run_at = now() where state = 'ready'"))


# -- what would be found, if it were there -----------------------------------------------------------------------------


def test_the_probe_sees_the_rows_of_a_tenant_that_was_left_on_a_connection(
    own_databases: Databases, tmp_path: Path
) -> None:
    async def leave_a_tenant(stage: Stage) -> None:
        tally = Tally()
        async with stage.database.engine.connect() as connection:
            await connection.execute(
                sa.text("select set_config('crossover.practice_id', :id, false)"),
                {"id": str(stage.records.practice_id)},
            )
            await connection.commit()
        await probe(stage.database, tally)
        assert tally.seen_without_tenant > 36

    run(own_databases, tmp_path, leave_a_tenant)


def test_an_open_transaction_and_a_lent_connection_are_seen(own_databases: Databases, tmp_path: Path) -> None:
    async def leave_open(stage: Stage) -> None:
        async with stage.database.tenant_transaction(stage.records.practice_id):
            assert await in_transaction(stage.databases) == 1
            assert stage.database.connections_in_use() == (1, POOL_SIZE)
        assert await in_transaction(stage.databases) == 0
        assert stage.database.connections_in_use() == (0, POOL_SIZE)

    run(own_databases, tmp_path, leave_open)


async def test_a_coroutine_is_cancelled_at_the_wait_that_was_asked_for() -> None:
    reached: list[str] = []

    async def three_waits() -> None:
        for name in ("first", "second", "third"):
            reached.append(name)
            await asyncio.sleep(0)

    for time_to_cancel, expected in ((1, ["first"]), (2, ["first", "second"]), (3, ["first", "second", "third"])):
        reached.clear()
        task = asyncio.create_task(as_coroutine(CancelledAt(three_waits(), frozenset({time_to_cancel}))))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert reached == expected


def test_a_pool_that_is_lent_out_is_a_refusal_and_not_an_error(own_databases: Databases, tmp_path: Path) -> None:
    async def lend_all(stage: Stage) -> None:
        async def hold() -> None:
            async with stage.database.tenant_transaction(stage.records.practice_id):
                await asyncio.sleep(2.5)

        holders = [asyncio.create_task(hold()) for _ in range(POOL_SIZE)]
        await asyncio.sleep(0.2)
        with pytest.raises(DatabaseUnavailable):
            async with stage.database.tenant_transaction(stage.records.practice_id):
                pass
        assert (await stage.requests()["read_patient"]()).status == 200
        await asyncio.gather(*holders)

    run(own_databases, tmp_path, lend_all)
