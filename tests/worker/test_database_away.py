"""The database goes away and comes back: callers are told 503 and when to try again, nothing that was promised is lost,
and neither API nor worker is started again for it. A cluster of these tests' own, as they break it.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import sqlalchemy as sa

from app.domain.callers import Role
from tests.journeys.walking import Someone, a_patient_body
from tests.running import RunningService, running_databases
from tests.worker.ledger import Books


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with running_databases(tmp_path_factory.mktemp("breakable")) as databases:
        running = RunningService(databases, tmp_path_factory.mktemp("away"))
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


@pytest.fixture(autouse=True)
def nobody_was_started_again(place: RunningService) -> Iterator[None]:
    before = place.pid("api"), place.pid("worker")
    yield
    assert [place._processes[name].poll() for name in ("api", "worker")] == [None, None]
    assert (place.pid("api"), place.pid("worker")) == before


async def a_coverage(clinician: Someone) -> str:
    return str((await clinician.new_coverage((await clinician.new_patient())["id"]))["id"])


async def asked(clinician: Someone, coverage: str, *, wait: int) -> httpx.Response:
    return await clinician.post(f"/v1/coverages/{coverage}/eligibility-checks", {}, Prefer=f"wait={wait}")


async def until_listening(place: RunningService, count: int = 2) -> None:
    listeners = sa.text("select count(*) from pg_stat_activity where application_name = 'crossover signals'")
    async with asyncio.timeout(20):
        while True:
            async with place.databases.as_superuser() as connection:
                if await connection.scalar(listeners) == count:
                    return
            await asyncio.sleep(0.05)


@dataclass
class Traffic:
    """Callers who read and write all the time, and what they were told."""

    clinician: Someone
    coverage: str
    answers: list[tuple[float, httpx.Response]] = field(default_factory=list)
    stopping: bool = False

    async def read(self) -> None:
        while not self.stopping:
            self._note(await self.clinician.get(f"/v1/coverages/{self.coverage}"))
            await asyncio.sleep(0.01)

    async def write(self) -> None:
        while not self.stopping:
            self._note(await self.clinician.post("/v1/patients", a_patient_body()))
            await asyncio.sleep(0.02)

    def _note(self, answer: httpx.Response) -> None:
        self.answers.append((time.monotonic(), answer))

    def statuses(self) -> Counter[int]:
        return Counter(answer.status_code for _, answer in self.answers)

    def refused(self) -> list[httpx.Response]:
        return [answer for _, answer in self.answers if answer.status_code == 503]

    def promised(self) -> set[str]:
        return {answer.json()["id"] for _, answer in self.answers if answer.status_code == 201}


async def test_a_lost_signal_costs_no_more_than_looking_once_a_second(
    clinician: Someone, place: RunningService
) -> None:
    coverages = [await a_coverage(clinician) for _ in range(3)]
    await until_listening(place)
    cut = sa.text(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'crossover signals'"
    )
    for coverage in coverages:
        async with place.databases.as_superuser() as connection:
            assert await connection.scalar(cut) == 2
        began = time.monotonic()
        answer = await asked(clinician, coverage, wait=20)
        assert (answer.status_code, answer.json()["outcome"]) == (201, "confirmed")
        assert time.monotonic() - began < 4  # the worker looks within a second, then the caller's request does
        await until_listening(place)


async def test_a_killed_backend_costs_a_moment_of_503(clinician: Someone, books: Books, place: RunningService) -> None:
    """The server ends all its sessions when one dies by SIGKILL, and recovers."""
    traffic = Traffic(clinician, await a_coverage(clinician))
    queued = [(await asked(clinician, await a_coverage(clinician), wait=0)).json()["id"] for _ in range(4)]
    callers = [asyncio.create_task(act()) for act in (traffic.read, traffic.read, traffic.write, traffic.write)]
    await asyncio.sleep(0.5)
    async with place.databases.as_superuser() as connection:
        backend = await connection.scalar(
            sa.text("select min(pid) from pg_stat_activity where application_name = 'crossover api'")
        )
    os.kill(backend, signal.SIGKILL)
    await asyncio.sleep(3)
    calm = len(traffic.answers)
    await asyncio.sleep(1.5)
    traffic.stopping = True
    await asyncio.gather(*callers)
    print("KILLED BACKEND", traffic.statuses())
    assert set(traffic.statuses()) <= {200, 201, 503}
    assert all(answer.headers["retry-after"] == "1" for answer in traffic.refused())
    assert all(answer.json()["code"] == "database_unavailable" for answer in traffic.refused())
    assert {answer.status_code for _, answer in traffic.answers[calm:]} == {200, 201}
    async with place.databases.as_superuser() as connection:
        kept = {str(patient) for patient in await connection.scalars(sa.text("select id from patient"))}
    assert traffic.promised() <= kept
    await books.until_settled(queued)
    assert {truth.outcome for truth in (await books.truths(queued)).values()} == {"confirmed"}


async def test_cut_connections_of_the_pool_cost_no_request(clinician: Someone, place: RunningService) -> None:
    """As after a fail-over: the server is there, and every connection at rest is dead."""
    traffic = Traffic(clinician, await a_coverage(clinician))
    cut = sa.text(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'crossover%'"
    )
    for _ in range(5):
        await asyncio.gather(*(clinician.get(f"/v1/coverages/{traffic.coverage}") for _ in range(4)))
        async with place.databases.as_superuser() as connection:
            assert await connection.scalar(cut) > 2
        await asyncio.sleep(0.3)
        answers = await asyncio.gather(*(clinician.get(f"/v1/coverages/{traffic.coverage}") for _ in range(6)))
        assert [answer.status_code for answer in answers] == [200] * 6


async def test_a_database_that_is_stopped_and_started_is_survived(
    clinician: Someone, books: Books, place: RunningService
) -> None:
    coverage = await a_coverage(clinician)
    await books.queue_fault("RESET")
    queued = (await asked(clinician, await a_coverage(clinician), wait=0)).json()["id"]
    place.databases.postgres.stop()
    try:
        while_away = [
            await clinician.get(f"/v1/coverages/{coverage}"),
            await clinician.post("/v1/patients", a_patient_body()),
            await asked(clinician, coverage, wait=5),
        ]
        probes = [await clinician.http.get("/readyz"), await clinician.http.get("/livez")]
        await asyncio.sleep(2)
    finally:
        place.databases.postgres.start()
    assert [answer.status_code for answer in while_away] == [503, 503, 503]
    assert {answer.headers["retry-after"] for answer in while_away} == {"1"}
    assert [probe.status_code for probe in probes] == [503, 200]
    assert probes[0].json()["database"] == "unavailable"
    async with asyncio.timeout(5):
        while (await clinician.http.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.1)
    assert (await clinician.get(f"/v1/coverages/{coverage}")).status_code == 200
    answer = await asked(clinician, coverage, wait=20)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "confirmed")
    await books.until_settled([queued], seconds=60)
    truth = (await books.truths([queued]))[queued]
    assert (truth.outcome, truth.recorded, truth.ranks) == ("confirmed", 1, 1)


async def test_a_caller_who_waits_while_the_database_goes_away_keeps_what_was_promised(
    clinician: Someone, books: Books, place: RunningService
) -> None:
    coverage = await a_coverage(clinician)
    await books.queue_fault("HANG")
    waiting = asyncio.create_task(asked(clinician, coverage, wait=20))
    await asyncio.sleep(1)
    place.databases.postgres.stop()
    try:
        async with asyncio.timeout(10):
            answer = await waiting
    finally:
        place.databases.postgres.start()
    assert answer.status_code == 202
    async with asyncio.timeout(10):
        while (kept := await clinician.get(answer.headers["location"])).status_code == 503:
            await asyncio.sleep(0.1)
    assert kept.json()["id"] == answer.json()["id"]
