"""A clearinghouse on a bad day, through the API and a real worker: every check ends with a word for what happened."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.domain.callers import Role
from app.use_cases.eligibility_requests import ATTEMPTS
from tests.journeys.walking import Someone
from tests.running import Databases, RunningService
from tests.worker.ledger import Books

READ_SECONDS, TOTAL_SECONDS = 1, 2

NOTHING_CAME = {"HANG": "no_answer", "RESET": "no_answer", "CUT": "no_answer", "DRIP": "no_answer"}
NOTHING_READABLE = {"GARBAGE": "unreadable", "HTML": "unreadable", "EMPTY": "unreadable", "NOX12": "unreadable"}
NOTHING_TAKEN = {
    "E403": "credentials",
    "E404": "wrong_address",
    "REDIRECT": "wrong_address",
    "E429": "rate_limited",
    "E503": "busy",
}
LONGEST_TRANSACTION = sa.text(
    "select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
)
TAKEN = NOTHING_CAME | NOTHING_READABLE | {"BOMB": "unreadable", "E500": "busy", "E504": "busy"}


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service whose worker waits a second for an answer, over a database of its own."""
    running = RunningService(
        databases.fresh(),
        tmp_path_factory.mktemp("faults"),
        CROSSOVER_CLEARINGHOUSE__READ_SECONDS=str(READ_SECONDS),
        CROSSOVER_CLEARINGHOUSE__TOTAL_SECONDS=str(TOTAL_SECONDS),
    )
    try:
        running.start("sandbox", "api", "worker")
        yield running
    finally:
        running.stop()


@pytest.fixture
def books(place: RunningService) -> Books:
    return Books(place.databases, place.sandbox_url)


@pytest.fixture
async def clinician(place: RunningService) -> AsyncIterator[Someone]:
    practice = await place.databases.add_practice()
    async with httpx.AsyncClient(base_url=place.url, timeout=40) as http:
        yield Someone.of(http, place, Role.CLINICIAN, practice.id)


async def asked(clinician: Someone, *, wait: float = 0, **coverage: str) -> httpx.Response:
    patient = await clinician.new_patient()
    added = await clinician.new_coverage(patient["id"], **coverage)
    return await clinician.post(f"/v1/coverages/{added['id']}/eligibility-checks", {}, Prefer=f"wait={wait:g}")


def member(fault: str) -> str:
    """Ends with the name of what the sandbox shall do each time it is asked about it."""
    return f"MLK7{uuid4().int % 100_000:05d}{fault}"


async def test_every_fault_is_tried_again_and_ends_with_its_name(clinician: Someone, books: Books) -> None:
    expected = TAKEN | NOTHING_TAKEN
    checks = {fault: (await asked(clinician, member_id=member(fault))).json()["id"] for fault in expected}
    await books.until_settled(list(checks.values()), seconds=90)
    truths = await books.truths(list(checks.values()))
    for fault, reason in expected.items():
        truth = truths[checks[fault]]
        assert (truth.status, truth.outcome) == ("failed", "clearinghouse_unavailable"), fault
        assert (truth.job, truth.attempts, truth.jobs) == ("done", ATTEMPTS, 1), fault
        assert truth.exchanges == (reason,) * ATTEMPTS, fault
        assert truth.taken == (ATTEMPTS if fault in TAKEN else 0), fault
        assert (truth.coverage, truth.ranks, truth.recorded) == ("unverified", 0, 1), fault
        shown = (await clinician.get(f"/v1/eligibility-checks/{checks[fault]}")).json()
        assert [finding["code"] for finding in shown["result"]["findings"]] == [f"clearinghouse_{reason}"], fault
        assert shown["result"]["what_to_do"], fault


async def test_a_fault_that_passes_costs_time_and_nothing_else(clinician: Someone, books: Books) -> None:
    await books.queue_fault("RESET")
    answer = await asked(clinician, wait=20)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "confirmed")
    truth = (await books.truths([answer.json()["id"]]))[answer.json()["id"]]
    assert (truth.attempts, truth.exchanges, truth.taken) == (2, ("no_answer", "answer"), 2)
    assert (truth.coverage, truth.ranks, truth.recorded) == ("verified", 1, 1)


async def test_the_answer_to_another_inquiry_confirms_nothing(clinician: Someone, books: Books) -> None:
    answer = await asked(clinician, wait=20, member_id=member("OTHER"))
    assert (answer.status_code, answer.json()["outcome"]) == (201, "answer_unreadable")
    assert [finding["code"] for finding in answer.json()["result"]["findings"]] == ["trace_number_differs"]
    assert answer.json()["result"]["plan_name"] is None
    truth = (await books.truths([answer.json()["id"]]))[answer.json()["id"]]
    assert (truth.status, truth.attempts, truth.coverage, truth.ranks) == ("answered", 1, "unverified", 0)


async def test_a_clearinghouse_that_names_a_time_is_not_asked_sooner(
    clinician: Someone, books: Books, place: RunningService
) -> None:
    longest_usual_pause = 3
    await books.queue_fault("E429", retry_after=str(longest_usual_pause + 1))
    answer = await asked(clinician, wait=20)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "confirmed")
    async with place.databases.as_superuser() as connection:
        first, second = await connection.scalars(
            sa.text(
                "select extract(epoch from sent_at) from eligibility_exchange where check_id = :id order by sent_at"
            ),
            {"id": answer.json()["id"]},
        )
    assert float(second - first) >= longest_usual_pause + 1


async def test_a_caller_who_waits_is_answered_in_time_while_the_payer_is_silent(clinician: Someone) -> None:
    began = time.monotonic()
    answer = await asked(clinician, wait=1, member_id=member("HANG"))
    assert time.monotonic() - began < 3
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.headers["location"] == f"/v1/eligibility-checks/{answer.json()['id']}"
    assert int(answer.headers["retry-after"]) >= 1


async def test_others_are_answered_while_some_payers_are_silent(clinician: Someone) -> None:
    for _ in range(6):
        await asked(clinician, member_id=member("HANG"))
    async with asyncio.timeout(10):
        answer = await asked(clinician, wait=10)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "confirmed")


async def test_nobody_holds_a_transaction_while_the_payer_is_silent(clinician: Someone, place: RunningService) -> None:
    """Nor a connection of the pool: neither the caller who waits nor the worker who asks."""
    waiting = [asyncio.create_task(asked(clinician, wait=2, member_id=member("HANG"))) for _ in range(4)]
    longest, lent = 0.0, []
    await asyncio.sleep(0.5)
    async with place.databases.as_superuser() as connection:
        while not all(task.done() for task in waiting):
            await connection.execute(sa.text("select pg_stat_clear_snapshot()"))
            age = await connection.scalar(LONGEST_TRANSACTION)
            longest = max(longest, float(age))
            lent.append([await lent_connections(port) for port in (place.api_metrics_port, place.worker_metrics_port)])
            await asyncio.sleep(0.02)
    assert {(await task).status_code for task in waiting} == {202}
    assert longest < 0.5
    assert [min(of_process) for of_process in zip(*lent, strict=True)] == [0, 0]


async def lent_connections(metrics_port: int) -> int:
    async with httpx.AsyncClient() as http:
        page = (await http.get(f"http://127.0.0.1:{metrics_port}/metrics")).text
    (line,) = [line for line in page.splitlines() if line.startswith('crossover_database_connections{state="in_use"}')]
    return int(float(line.split()[-1]))
