"""Claims: what they say is sealed; what lists, rules and constraints work on stands beside it."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.claim_states import ClaimOutcome, ClaimStatus, HoldReason
from app.domain.claims import AcceptedBy, Claim, ClaimContent, ClaimFrequency
from app.domain.codes import PayerResponsibility
from app.domain.errors import Conflict
from app.repositories.claim_tables import claim
from app.repositories.database import constraint_of, sqlstate
from app.repositories.encryption import PracticeVault
from app.repositories.hot_statements import HotStatement
from app.repositories.json_forms import JsonForm, to_json

CONTENT = JsonForm(ClaimContent)
WORDS: dict[type[StrEnum], dict[str, Any]] = {
    words: {word.value: word for word in words}
    for words in (AcceptedBy, ClaimFrequency, ClaimOutcome, ClaimStatus, HoldReason)
}
"""An enum's call costs ten times a look-up."""
_FOREIGN_KEY_VIOLATION = "23503"
_FOR_EVER = ("practice_id", "id", "chain_id", "encounter_id", "patient_id", "patient_control_number", "created_at")

_OF_PRACTICE = claim.c.practice_id == sa.bindparam("practice_id")
_ONE = sa.select(claim).where(_OF_PRACTICE, claim.c.id == sa.bindparam("id"))
_CHAIN = sa.select(claim).where(_OF_PRACTICE, claim.c.chain_id == sa.bindparam("chain_id")).order_by(claim.c.id)
_READ, _LOCK = HotStatement(_ONE), HotStatement(_ONE.with_for_update(key_share=True))
_READ_CHAIN, _LOCK_CHAIN = HotStatement(_CHAIN), HotStatement(_CHAIN.with_for_update(key_share=True))


class Claims:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: Claim) -> bool:
        """False when the patient control number is taken: draw another.

        Raises `Conflict` (claim_exists) when the chain has a live claim for the coverage; the transaction is of no more
        use then.
        """
        statement = (
            insert(claim)
            .values(self._row(value))
            .on_conflict_do_nothing(index_elements=["practice_id", "patient_control_number"])
            .returning(claim.c.id)
        )
        return (await self._write(statement)).scalar_one_or_none() is not None

    async def save(self, value: Claim) -> None:
        """All but what a claim keeps for ever. Raises `Conflict` as `add` does."""
        row = {name: column for name, column in self._row(value).items() if name not in _FOR_EVER}
        await self._write(sa.update(claim).where(*self._key(value.id)).values(row))

    async def delete(self, claim_id: UUID) -> bool:
        """False when a submission, a decision or another claim hangs on it; the transaction is of no more use then."""
        try:
            await self._connection.execute(sa.delete(claim).where(*self._key(claim_id)))
        except IntegrityError as error:
            if sqlstate(error) == _FOREIGN_KEY_VIOLATION:
                return False
            raise
        return True

    async def get(self, claim_id: UUID, *, lock: bool = False) -> Claim | None:
        """With `lock`, rows that only point at the claim, such as its events, are added meanwhile and do not wait."""
        statement = _LOCK if lock else _READ
        rows = await statement.fetch(self._connection, {"practice_id": self._vault.practice_id, "id": claim_id})
        return self._claim(rows[0]) if rows else None

    async def of_chain(self, chain_id: UUID, *, lock: bool = False) -> tuple[Claim, ...]:
        """In the order in which they were made, which is also the order in which they are locked."""
        statement = _LOCK_CHAIN if lock else _READ_CHAIN
        rows = await statement.fetch(self._connection, {"practice_id": self._vault.practice_id, "chain_id": chain_id})
        return tuple(self._claim(row) for row in rows)

    async def _write(self, statement: sa.Insert | sa.Update) -> sa.CursorResult[Any]:
        try:
            return await self._connection.execute(statement)
        except IntegrityError as error:
            if constraint_of(error) == "claim_live_key":
                raise claim_exists() from None
            raise

    def _key(self, claim_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (claim.c.practice_id == self._vault.practice_id, claim.c.id == claim_id)

    def _row(self, value: Claim) -> dict[str, Any]:
        content = value.content
        sealed = to_json({"content": content, "payer_claim_number": value.payer_claim_number})
        return {
            "practice_id": self._vault.practice_id,
            "id": value.id,
            "chain_id": value.chain_id,
            "patient_id": value.patient_id,
            "coverage_id": value.coverage_id,
            "payer_id": value.payer_id,
            "rank": value.rank.number,
            "frequency": value.frequency.value,
            "previous_claim_id": value.previous_claim_id,
            "replaces_claim_id": value.replaces_claim_id,
            "status": value.status.value,
            "hold_reason": value.hold_reason and value.hold_reason.value,
            "accepted_by": value.accepted_by and value.accepted_by.value,
            "outcome": value.outcome and value.outcome.value,
            "patient_control_number": value.patient_control_number,
            "sealed": self._vault.seal_bytes("claim", "sealed", value.id, sealed),
            "total_charge": content.total_charge,
            "first_service_date": content.first_service_date,
            "last_service_date": content.last_service_date,
            "billing_provider_id": content.billing_provider_id,
            "rendering_provider_id": content.rendering_provider_id,
            "encounter_id": value.encounter_id,
            "created_at": value.created_at,
            "updated_at": value.updated_at,
            "version": value.version,
        }

    def _claim(self, row: asyncpg.Record) -> Claim:
        sealed = self._vault.open("claim", "sealed", row["id"], row["sealed"])
        return Claim(
            id=row["id"],
            chain_id=row["chain_id"],
            encounter_id=row["encounter_id"],
            patient_id=row["patient_id"],
            coverage_id=row["coverage_id"],
            payer_id=row["payer_id"],
            rank=PayerResponsibility.from_number(row["rank"]),
            frequency=WORDS[ClaimFrequency][row["frequency"]],
            previous_claim_id=row["previous_claim_id"],
            replaces_claim_id=row["replaces_claim_id"],
            status=WORDS[ClaimStatus][row["status"]],
            hold_reason=WORDS[HoldReason].get(row["hold_reason"]),
            accepted_by=WORDS[AcceptedBy].get(row["accepted_by"]),
            outcome=WORDS[ClaimOutcome].get(row["outcome"]),
            patient_control_number=row["patient_control_number"],
            payer_claim_number=sealed["payer_claim_number"],
            content=CONTENT.read(sealed["content"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            version=row["version"],
        )


def claim_exists() -> Conflict:
    return Conflict("The encounter has a live claim for this coverage.", code="claim_exists")
