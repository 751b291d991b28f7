"""Submissions: the frozen bytes of a claim, sealed, and how far they have come. PostgreSQL itself keeps them frozen."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.claim_states import SubmissionState
from app.domain.errors import Conflict
from app.domain.submissions import Submission, SubmissionProblem
from app.repositories.claim_tables import submission
from app.repositories.database import constraint_of
from app.repositories.encryption import PracticeVault
from app.repositories.json_forms import JsonForm, to_json
from app.repositories.signals import ANSWER_CHANNEL

_PROBLEM = JsonForm(SubmissionProblem)
_OPEN_OR_REPEATED = {"submission_open_key", "submission_practice_id_claim_id_sequence_key"}


class Submissions:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: Submission) -> None:
        """Raises `Conflict` (submission_open) when another of the claim is under way; the transaction is of no more use
        then.
        """
        try:
            await self._connection.execute(sa.insert(submission).values(self._frozen(value) | self._fate(value)))
        except IntegrityError as error:
            if constraint_of(error) in _OPEN_OR_REPEATED:
                raise submission_open() from None
            raise

    async def save_state(self, value: Submission) -> None:
        """What has become of it, and nothing else. Whoever waits for it hears of it at the commit.

        Raises `Conflict` (submission_open) when it would be open beside another; the transaction is of no more use then.
        """
        try:
            await self._connection.execute(sa.update(submission).where(*self._key(value.id)).values(self._fate(value)))
        except IntegrityError as error:
            if constraint_of(error) in _OPEN_OR_REPEATED:
                raise submission_open() from None
            raise
        await self._connection.execute(sa.select(sa.func.pg_notify(ANSWER_CHANNEL, str(value.id))))

    async def get(self, submission_id: UUID, *, lock: bool = False) -> Submission | None:
        query = sa.select(submission).where(*self._key(submission_id))
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return None if row is None else self._submission(row)

    async def state(self, submission_id: UUID) -> SubmissionState | None:
        found = await self._connection.scalar(sa.select(submission.c.state).where(*self._key(submission_id)))
        return None if found is None else SubmissionState(found)

    async def claim_of(self, submission_id: UUID) -> UUID | None:
        """Whose claim's it is."""
        found: UUID | None = await self._connection.scalar(
            sa.select(submission.c.claim_id).where(*self._key(submission_id))
        )
        return found

    async def latest(self, claim_id: UUID) -> Submission | None:
        query = self._of_claim(claim_id).order_by(submission.c.sequence.desc()).limit(1)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else self._submission(row)

    async def of_claim(self, claim_id: UUID) -> tuple[Submission, ...]:
        """First to last."""
        rows = await self._connection.execute(self._of_claim(claim_id).order_by(submission.c.sequence))
        return tuple(self._submission(row) for row in rows)

    async def page(self, claim_id: UUID, *, before: int | None, limit: int) -> list[Submission]:
        """Last to first, below a sequence number."""
        query = self._of_claim(claim_id)
        if before is not None:
            query = query.where(submission.c.sequence < before)
        rows = await self._connection.execute(query.order_by(submission.c.sequence.desc()).limit(limit))
        return [self._submission(row) for row in rows]

    async def by_sequence(self, claim_id: UUID, sequence: int) -> Submission | None:
        query = self._of_claim(claim_id).where(submission.c.sequence == sequence)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else self._submission(row)

    async def x12(self, submission_id: UUID) -> str | None:
        """The exact text that was frozen."""
        found = await self._connection.scalar(sa.select(submission.c.sealed_x12).where(*self._key(submission_id)))
        return None if found is None else self._open(submission_id, "sealed_x12", found)

    def _key(self, submission_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (submission.c.practice_id == self._vault.practice_id, submission.c.id == submission_id)

    def _of_claim(self, claim_id: UUID) -> sa.Select[Any]:
        columns = submission.c
        return sa.select(submission).where(columns.practice_id == self._vault.practice_id, columns.claim_id == claim_id)

    def _seal(self, submission_id: UUID, column: str, text: str) -> bytes:
        return self._vault.seal_bytes("submission", column, submission_id, text.encode())

    def _open(self, submission_id: UUID, column: str, sealed: bytes) -> str:
        return self._vault.open_bytes("submission", column, submission_id, sealed).decode()

    def _frozen(self, value: Submission) -> dict[str, Any]:
        return {
            "practice_id": self._vault.practice_id,
            "id": value.id,
            "claim_id": value.claim_id,
            "sequence": value.sequence,
            "sealed_x12": self._seal(value.id, "sealed_x12", value.x12),
            "sealed_sha256": self._seal(value.id, "sealed_sha256", value.sha256),
            "idempotency_key": value.idempotency_key,
            "control_number": value.control_number,
            "reference": value.reference,
            "adjudication_ids": list(value.adjudication_ids),
            "created_by": value.created_by,
            "created_at": value.created_at,
        }

    def _fate(self, value: Submission) -> dict[str, Any]:
        return {
            "state": value.state.value,
            "sealed": self._vault.seal_bytes("submission", "sealed", value.id, to_json(_told(value))),
            "attempts": value.attempts,
            "fence": value.fence,
            "first_sent_at": value.first_sent_at,
            "last_sent_at": value.last_sent_at,
            "answered_at": value.answered_at,
            "failure": value.failure,
            "updated_at": value.updated_at,
        }

    def _submission(self, row: sa.Row[tuple[object, ...]]) -> Submission:
        told = self._vault.open("submission", "sealed", row.id, row.sealed)
        return Submission(
            id=row.id,
            claim_id=row.claim_id,
            sequence=row.sequence,
            state=SubmissionState(row.state),
            x12=self._open(row.id, "sealed_x12", row.sealed_x12),
            sha256=self._open(row.id, "sealed_sha256", row.sealed_sha256),
            idempotency_key=row.idempotency_key,
            control_number=row.control_number,
            reference=row.reference,
            adjudication_ids=tuple(row.adjudication_ids),
            attempts=row.attempts,
            fence=row.fence,
            first_sent_at=row.first_sent_at,
            last_sent_at=row.last_sent_at,
            answered_at=row.answered_at,
            clearinghouse_id=told["clearinghouse_id"],
            failure=row.failure,
            problems=tuple(_PROBLEM.read(problem) for problem in told["problems"]),
            created_by=row.created_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


def _told(value: Submission) -> dict[str, Any]:
    return {"clearinghouse_id": value.clearinghouse_id, "problems": value.problems}


def submission_open() -> Conflict:
    return Conflict("A submission of this claim is under way.", code="submission_open")
