"""Cancelling requests on purpose, and looking for what they leave: the stage of `test_cancellation.py`."""

import asyncio
import functools
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import sqlalchemy as sa
import uvloop

from app.domain.callers import Role
from app.domain.payers import payer_id
from app.repositories.database import Database
from app.repositories.tables import TENANT_TABLES, metadata
from tests.in_process import InProcess, Reply, in_process
from tests.journeys.claim_walking import a_claim_body
from tests.journeys.walking import a_coverage_body, a_patient_body, blue_heron
from tests.planting import plant
from tests.planting_records import Records
from tests.running import Databases

POOL_SIZE = 4

T = TypeVar("T")
Request = Callable[[], Coroutine[Any, Any, Reply]]


@dataclass
class Tally:
    """What became of the requests."""

    cancelled: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    probes: int = 0
    seen_without_tenant: int = 0
    found_in_transaction: int = 0

    async def count(self, task: "asyncio.Task[Reply]") -> None:
        try:
            self.statuses[(await task).status] += 1
        except asyncio.CancelledError:
            self.cancelled += 1

    def __str__(self) -> str:
        return (
            f"{self.cancelled} cancelled, answered {dict(self.statuses)}, {self.probes} probes,"
            f" {self.seen_without_tenant} rows seen without a tenant, {self.found_in_transaction} in a transaction"
        )


class CancelledAt(Awaitable[T]):
    """Awaits a coroutine, and cancels its task each time it waits for one of the given times, counted from 1."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], times: frozenset[int] = frozenset()) -> None:
        self._coroutine = coroutine
        self._times = times
        self.waits = 0

    def __await__(self) -> Generator[Any, None, T]:
        steps = self._coroutine.__await__()
        resume: Callable[[], Any] = functools.partial(steps.send, None)
        while True:
            try:
                awaited = resume()
            except StopIteration as end:
                result: T = end.value
                return result
            self.waits += 1
            task = asyncio.current_task()
            if self.waits in self._times and task is not None:
                task.cancel()
            try:
                yield awaited
            except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to the coroutine
                resume = functools.partial(steps.throw, error)
            else:
                resume = functools.partial(steps.send, None)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The application on a database of its own, with one practice's records."""

    databases: Databases
    app: InProcess
    records: Records

    @property
    def database(self) -> Database:
        return self.app.service.database

    def requests(self) -> dict[str, Request]:
        """Reads, writes, waits and replays, as the practice's admin; each call makes a new request."""
        records = self.records
        token = self.app.token(Role.ADMIN, records.practice_id)
        patient, coverage = f"/v1/patients/{records.patient_id}", f"/v1/coverages/{records.coverage_id}"
        draft, held = f"/v1/claims/{records.draft_claim_id}", f"/v1/claims/{records.held_claim_id}"

        def get(path: str, query: str = "") -> Request:
            return lambda: self.app.ask("GET", path, token, query=query)

        def post(path: str, body: Callable[[], Any], key: str | None = None, **headers: str) -> Request:
            return lambda: self.app.ask(
                "POST", path, token, body(), headers={"Idempotency-Key": key or str(uuid4()), **headers}
            )

        return {
            "read_patient": get(patient),
            "list_patients": get("/v1/patients", "limit=5"),
            "search_patients": post("/v1/patients/search", lambda: {"last_name": f"{records.word}Last"}),
            "read_coverage": get(coverage),
            "list_coverages": get(f"{patient}/coverages"),
            "read_order": get(f"{patient}/coverages/order"),
            "read_check": get(f"/v1/eligibility-checks/{records.check_id}"),
            "read_payer": get(f"/v1/payers/{payer_id('XOVR1')}"),
            "search_payers": get("/v1/payers", "q=meadowlark"),
            "create_patient": post("/v1/patients", a_patient_body),
            "create_coverage": post(f"{patient}/coverages", lambda: a_coverage_body(**blue_heron())),
            "change_patient": lambda: self.app.ask(
                "PATCH", patient, token, {"sex": "unknown"}, headers={"If-Match": '"1"'}
            ),
            "repeat_one_key": post(f"{patient}/coverages", lambda: a_coverage_body(member_id="MLK700001"), "once"),
            "check_without_waiting": post(f"{coverage}/eligibility-checks", dict, Prefer="wait=0"),
            "list_claims": get("/v1/claims", "limit=5"),
            "review_claim": get(f"/v1/claims/{records.next_claim_id}/review"),
            "read_timeline": get(f"{held}/timeline"),
            "create_claim": post("/v1/claims", lambda: a_claim_body(str(records.patient_id))),
            "change_claim": lambda: self.app.ask(
                "PATCH", held, token, {"referral_number": "REF7"}, headers={"If-Match": '"1"'}
            ),
            "submit_once": lambda: self.app.ask(
                "POST", f"{draft}/submissions", token, headers={"Idempotency-Key": "once", "If-Match": '"1"'}
            ),
            "check_and_wait": post(f"{coverage}/eligibility-checks", dict, Prefer="wait=1"),
        }


def run(own_databases: Databases, folder: Path, test: Callable[[Stage], Awaitable[None]]) -> None:
    """On the event loop that the API runs on."""

    async def staged() -> None:
        practice = await own_databases.add_practice()
        async with in_process(own_databases, folder, pool_size=POOL_SIZE) as app:
            records = await plant(app.service.database, practice.id)
            await test(Stage(databases=own_databases, app=app, records=records))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(staged())


async def as_coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable


_SEEN = sa.select(
    sa.func.coalesce(sa.func.length(sa.func.current_setting("crossover.practice_id", sa.true())), 0).label("tenant"),
    *(sa.select(sa.func.count()).select_from(metadata.tables[name]).scalar_subquery() for name in TENANT_TABLES),
)


async def probe(database: Database, tally: Tally) -> None:
    """Takes a connection as the last user left it, and asks for rows without a tenant."""
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        tally.found_in_transaction += bool(driver is not None and driver.is_in_transaction())
        tally.seen_without_tenant += sum((await connection.execute(_SEEN)).one())
        tally.probes += 1


async def in_transaction(databases: Databases) -> int:
    async with databases.as_superuser() as connection:
        return int(
            await connection.scalar(
                sa.text(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                    " and pid <> pg_backend_pid() and (state like 'idle in transaction%' or state = 'active')"
                )
            )
            or 0
        )
