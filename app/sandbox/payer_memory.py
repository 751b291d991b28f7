"""What the payers remember of claims and members, in the ledger's file: claim numbers, deductibles, copays.

A member is known here by a hash of payer and member id.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from app.sandbox.adjudication import Met
from app.sandbox.claims import Claim
from app.sandbox.endings import split_outcome
from app.sandbox.ledger import Ledger

_SCHEMA: Final = (
    (
        "create table if not exists payer_claim (claim_id integer primary key, number text not null unique,"
        " arrived_at text not null, told text)"
    ),
    (
        "create table if not exists deductible_met (member text not null, year integer not null,"
        " claim_id integer not null, amount text not null, primary key (member, year, claim_id))"
    ),
    "create table if not exists copay_taken (member text not null, day text not null, primary key (member, day))",
)


@dataclass(frozen=True, kw_only=True)
class PayerClaim:
    """A claim at its payer: the payer's number for it, since when, and what somebody told it to do when it was pended."""

    number: str = field(repr=False)
    arrived_at: datetime
    told: str | None


class PayerMemory:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        with ledger.transaction() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)

    def claim(self, claim_id: int) -> PayerClaim:
        """What is known of it; from the first time on it has a number."""
        with self._ledger.transaction() as connection:
            first = (claim_id, secrets.token_hex(7).upper(), datetime.now(UTC).isoformat())
            connection.execute(
                "insert or ignore into payer_claim (claim_id, number, arrived_at) values (?, ?, ?)", first
            )
            row = connection.execute(
                "select number, arrived_at, told from payer_claim where claim_id = ?", (claim_id,)
            ).fetchone()
        return PayerClaim(number=row[0], arrived_at=datetime.fromisoformat(row[1]), told=row[2])

    def tell(self, claim_id: int, then: str) -> None:
        with self._ledger.transaction() as connection:
            connection.execute("update payer_claim set told = ? where claim_id = ?", (then, claim_id))

    def met(self, claim: Claim) -> Met:
        """What earlier decisions of this payer have added for this member."""
        member = _member(claim)
        with self._ledger.transaction() as connection:
            amounts = connection.execute(
                "select year, amount from deductible_met where member = ?", (member,)
            ).fetchall()
            days = connection.execute("select day from copay_taken where member = ?", (member,)).fetchall()
        return Met(deductible=_by_year(amounts), copay_days=frozenset(date.fromisoformat(day) for (day,) in days))

    def add(self, claim_id: int, claim: Claim, newly_met: Met) -> None:
        member = _member(claim)
        amounts = [(member, year, claim_id, str(amount)) for year, amount in newly_met.deductible.items()]
        days = [(member, day.isoformat()) for day in newly_met.copay_days]
        with self._ledger.transaction() as connection:
            connection.executemany("insert or ignore into deductible_met values (?, ?, ?, ?)", amounts)
            connection.executemany("insert or ignore into copay_taken values (?, ?)", days)


def _by_year(amounts: Iterable[tuple[int, str]]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for year, amount in amounts:
        sums[year] = sums.get(year, Decimal(0)) + Decimal(amount)
    return sums


def _member(claim: Claim) -> str:
    member_id, _ = split_outcome(claim.member_id)
    return hashlib.sha256(f"{claim.payer_id}|{member_id}".encode()).hexdigest()
