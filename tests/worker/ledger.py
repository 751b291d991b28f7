"""What is true in the end, read behind the service's back: checks, jobs, exchanges, audit, and the sandbox's ledger."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import httpx
import sqlalchemy as sa

from tests.running import Databases

_FACTS = sa.text(
    """
    select c.id, c.status, c.outcome, coverage.status as coverage, coverage.verification, job.state as job,
        job.attempts, job.last_error,
        (select count(*) from job where job.subject_id = c.id) as jobs,
        (select count(*) from audit_event a where a.record_id = c.id and a.action = 'record_answer') as recorded,
        (select count(*) from coverage_rank r where r.coverage_id = c.coverage_id) as ranks,
        (select count(*) from work_item w where w.coverage_id = c.coverage_id) as work_items,
        array(select e.trace_number from eligibility_exchange e where e.check_id = c.id order by e.id) as traces,
        array(select coalesce(e.failure, case when e.sealed_answer is null then 'nothing' else 'answer' end)
            from eligibility_exchange e where e.check_id = c.id order by e.id) as exchanges
    from eligibility_check c join coverage on coverage.id = c.coverage_id join job on job.subject_id = c.id
    where c.id = any(:ids)
    """
)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """About one check. `taken` is how many of its inquiries the clearinghouse has."""

    status: str
    outcome: str | None
    coverage: str
    verification: str | None
    job: str
    attempts: int
    last_error: str | None
    jobs: int
    recorded: int
    ranks: int
    work_items: int
    exchanges: tuple[str, ...]
    taken: int


@dataclass(frozen=True)
class Books:
    """The service's database and the sandbox's ledger, side by side."""

    databases: Databases
    sandbox_url: str

    async def truths(self, checks: list[str]) -> dict[str, Truth]:
        """Of each check, by its id."""
        ledger = await self.taken()
        async with self.databases.as_superuser() as connection:
            rows = (await connection.execute(_FACTS, {"ids": [UUID(check) for check in checks]})).all()
        return {
            str(row.id): Truth(
                **{
                    name: getattr(row, name)
                    for name in Truth.__dataclass_fields__
                    if name not in {"taken", "exchanges"}
                },
                exchanges=tuple(row.exchanges),
                taken=sum(ledger.get(trace, 0) for trace in row.traces),
            )
            for row in rows
        }

    async def taken(self) -> dict[str, int]:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{self.sandbox_url}/sandbox/ledger")
        return dict(answer.json()["inquiries"]["by_trace_number"])

    async def kept_traces(self) -> set[str]:
        async with self.databases.as_superuser() as connection:
            return set(await connection.scalars(sa.text("select trace_number from eligibility_exchange")))

    async def until_settled(self, checks: list[str], *, seconds: float = 30) -> None:
        ids = [UUID(check) for check in checks]
        waiting = sa.text("select count(*) from job where subject_id = any(:ids) and state in ('ready', 'running')")
        async with asyncio.timeout(seconds):
            while True:
                async with self.databases.as_superuser() as connection:
                    if await connection.scalar(waiting, {"ids": ids}) == 0:
                        return
                await asyncio.sleep(0.1)

    async def queue_fault(self, fault: str, **more: object) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{self.sandbox_url}/sandbox/faults", json={"fault": fault, **more})
        assert answer.status_code == 200
