"""What is true of submissions in the end, read behind the service's back: in its database, and in the sandbox's ledger."""

from dataclasses import dataclass
from uuid import UUID

import httpx
import sqlalchemy as sa

from tests.journeys.claim_walking import Insured, act, new_claim
from tests.journeys.walking import JSON, Someone
from tests.worker.ledger import Books

_FACTS = sa.text(
    """
    select s.id, s.state, s.failure, s.attempts as tries, c.status as claim, c.patient_control_number, job.state as job,
        job.attempts,
        (select count(*) from job where job.subject_id = s.id) as jobs,
        (select count(*) from submission other where other.claim_id = s.claim_id) as submissions,
        (select count(*) from audit_event a where a.record_id = s.id and a.action = 'record_answer') as recorded,
        (select count(*) from claim_acknowledgment a where a.submission_id = s.id) as acknowledgments,
        array(select w.kind from work_item w where w.claim_id = s.claim_id and w.status = 'open' order by w.id) as items,
        array(select e.kind from claim_event e where e.claim_id = s.claim_id
            and e.kind in ('outcome_unknown', 'sent', 'not_sent', 'refused') order by e.sequence) as told
    from submission s join claim c on c.id = s.claim_id join job on job.subject_id = s.id
    where s.id = any(:ids)
    """
)
_SENDABLE = sa.text("update job set run_at = now() where subject_id = :id and state = 'ready'")
_SENT_LONG_AGO = sa.text(
    "update submission set first_sent_at = first_sent_at - interval '23 hours' where id = :id returning first_sent_at"
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The truth about one submission. `taken` is how many claims of its number the clearinghouse has; `told` are the
    outcomes in its timeline.
    """

    state: str
    claim: str
    tries: int
    job: str
    attempts: int
    taken: int
    told: tuple[str, ...]
    failure: str | None = None
    items: tuple[str, ...] = ()
    jobs: int = 1
    submissions: int = 1
    recorded: int = 1
    acknowledgments: int = 1


async def truths(books: Books, submissions: list[str]) -> dict[str, Sent]:
    """Of each submission, by its id."""
    ledger = await claims_taken(books.sandbox_url)
    async with books.databases.as_superuser() as connection:
        rows = (await connection.execute(_FACTS, {"ids": [UUID(one) for one in submissions]})).all()
    counted = {"taken", "told", "items"}
    plain = [name for name in Sent.__dataclass_fields__ if name not in counted]
    return {
        str(row.id): Sent(
            **{name: getattr(row, name) for name in plain},
            told=tuple(row.told),
            items=tuple(row.items),
            taken=ledger.get(row.patient_control_number, 0),
        )
        for row in rows
    }


async def claims_taken(sandbox_url: str) -> dict[str, int]:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{sandbox_url}/sandbox/ledger")
    return dict(answer.json()["claims"]["by_control_number"])


async def a_submission(biller: Someone, insured: Insured, *, wait: float = 0) -> JSON:
    """Of a claim of its own, for an encounter of its own; queued."""
    claim = await new_claim(biller, insured.claim_body())
    answer = await act(biller, claim, "/submissions", Prefer=f"wait={wait:g}")
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def make_due(books: Books, submission: str) -> None:
    """Its next try is now."""
    async with books.databases.as_superuser() as connection:
        await connection.execute(_SENDABLE, {"id": UUID(submission)})


async def close_window(books: Books, submission: str) -> None:
    """As if it had been sent first 23 hours earlier. The triggers that keep the first sending are off for this."""
    async with books.databases.as_superuser() as connection:
        await connection.execute(sa.text("set local session_replication_role = replica"))
        assert await connection.scalar(_SENT_LONG_AGO, {"id": UUID(submission)}) is not None
