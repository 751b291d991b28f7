"""What the payers send back: for each claim the clearinghouse took a 277CA, later an 835, on a clock, each once.

A claim's step and what it puts into the feed are one transaction on disk, so that a restart goes on where a stop or a
kill left off and says nothing twice.
"""

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from app.sandbox.acknowledgment_277 import Verdict, payer_source, write_277ca
from app.sandbox.adjudication import adjudicate
from app.sandbox.claim_837 import read_claims
from app.sandbox.claims import Claim, Party
from app.sandbox.endings import Outcome, split_outcome
from app.sandbox.feed import Feed
from app.sandbox.front_end import front_end_status, later_payer, member_of
from app.sandbox.interchange import Interchange, read_interchange
from app.sandbox.ledger import Ledger, TakenClaim
from app.sandbox.members import Book, Member, Payer
from app.sandbox.payer_memory import PayerMemory
from app.sandbox.remittance_835 import ClaimPayment, write_835

TAKEN, ACKNOWLEDGED, PENDED = "taken", "acknowledged", "pended"
"""States of a claim that still has something coming."""
DECIDED, REJECTED, VOIDED, UNANSWERED, FAILED = "decided", "rejected", "voided", "unanswered", "failed"

_VOID: Final = "8"
_STRANGER: Final = Party(entity="QC", kind="1", last="ELSE", first="SOMEONE")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """`work` takes each claim one step further that is due; `run` does so for as long as the app lives.

    What the disk refuses is tried again in the next round.

    `payer_seconds` passes before a payer's 277CA, and as long again before its 835.
    """

    ledger: Ledger
    feed: Feed
    memory: PayerMemory
    book: Book
    fees: Mapping[str, Decimal]
    payer_seconds: float
    clock: Callable[[], datetime]

    async def run(self) -> None:
        while True:
            self.work()
            await asyncio.sleep(min(max(self.payer_seconds / 4, 0.02), 0.25))

    def work(self) -> None:
        for state, step in ((TAKEN, self._arrive), (ACKNOWLEDGED, self._decide)):
            for taken in self.ledger.taken_claims(state):
                try:
                    with self.ledger.transaction():
                        step(taken)
                except sqlite3.Error as error:
                    _log.error("the sandbox's ledger: %s", type(error).__name__)
                    return
                except Exception as error:  # noqa: BLE001  # one claim that cannot be worked on keeps no other waiting
                    _log.error("claim %d of the sandbox's ledger: %s", taken.id, type(error).__name__)
                    self.ledger.mark_claim(taken.id, FAILED)

    def tell(self, control_number: str, then: str) -> bool:
        """Let the pended claims of this control number be decided; whether there were any."""
        pended = [one for one in self.ledger.taken_claims(PENDED) if one.control_number == control_number]
        for taken in pended:
            with self.ledger.transaction():
                self.memory.tell(taken.id, then)
                self.ledger.mark_claim(taken.id, ACKNOWLEDGED)
        return bool(pended)

    def _arrive(self, taken: TakenClaim) -> None:
        """The claim is in the feed at once; when it is due, the payer says whether it took it."""
        self.feed.put("837", taken.x12, self.clock(), direction="OUTBOUND", origin=taken.correlation_id)
        at_payer = self.memory.claim(taken.id)
        if not self._is_due(at_payer.arrived_at, times=1):
            return
        question, claim = _read(taken)
        payer = self.book.payers.get(claim.payer_id)
        if payer is None or payer.down:
            self.ledger.mark_claim(taken.id, UNANSWERED)
            return
        status = front_end_status(claim, self.book)
        verdict = Verdict(claim=claim, statuses=(status,))
        if verdict.is_accepted:
            verdict = replace(verdict, payer_claim_number=at_payer.number)
        now = self.clock()
        x12 = write_277ca(
            question,
            [verdict],
            source=payer_source(payer.id, payer.name),
            received_on=taken.taken_at.date(),
            control_number=self.ledger.next_control_number(),
            now=now,
        )
        self.feed.put("277", x12, now, origin=_origin(taken))
        self.ledger.mark_claim(taken.id, _after_front_end(claim, verdict))

    def _decide(self, taken: TakenClaim) -> None:
        at_payer = self.memory.claim(taken.id)
        if at_payer.told is None and not self._is_due(at_payer.arrived_at, times=2):
            return
        question, claim = _read(taken)
        payer, member = self.book.payers[claim.payer_id], member_of(claim, self.book)
        if member is None:
            raise LookupError("The member is no longer in the book.")
        _, outcome = split_outcome(claim.member_id)
        if at_payer.told == "deny":
            outcome = Outcome.DENY
        decided = adjudicate(claim, member, self.fees, self.memory.met(claim), outcome)
        self.memory.add(taken.id, claim, decided.newly_met)
        payment = ClaimPayment(
            claim=claim,
            decided=decided,
            payer_claim_number=at_payer.number,
            received_on=taken.taken_at.date(),
            forwarded_to=self._next_payer(claim, member) if outcome is Outcome.FORWARD else None,
        )
        payments = (payment, _of_a_stranger(payment)) if outcome is Outcome.EXTRA else (payment,)
        self._pay(taken, question, payer, payments)
        self.ledger.mark_claim(taken.id, DECIDED)

    def _pay(self, taken: TakenClaim, question: Interchange, payer: Payer, payments: tuple[ClaimPayment, ...]) -> None:
        now, control_number = self.clock(), self.ledger.next_control_number()
        x12 = write_835(
            question,
            payer,
            payments,
            trace_number=f"SBX{control_number:09d}",
            control_number=control_number,
            now=now,
        )
        self.feed.put("835", x12, now, origin=_origin(taken))

    def _is_due(self, arrived_at: datetime, *, times: int) -> bool:
        """By the time that passes, whatever day the sandbox's clock says."""
        return (datetime.now(UTC) - arrived_at).total_seconds() >= self.payer_seconds * times

    def _next_payer(self, claim: Claim, member: Member) -> tuple[str, str]:
        """The next payer the claim names, else one the payer itself knows of, else any other one."""
        later = later_payer(claim)
        if later is not None:
            return later.payer_name, later.payer_id
        known = [one.payer for one in member.other_coverage if one.is_active_on(claim.first_day)]
        others = [one for one in self.book.payers.values() if one.id != claim.payer_id]
        payer = (*known, *others)[0]
        return payer.name, payer.id


def _read(taken: TakenClaim) -> tuple[Interchange, Claim]:
    question = read_interchange(taken.x12)
    if not isinstance(question, Interchange):
        raise TypeError("The text is no interchange.")
    for claim in read_claims(question):
        if isinstance(claim, Claim) and claim.control_number == taken.control_number:
            return question, claim
    raise LookupError("The claim is not in the text.")


def _after_front_end(claim: Claim, verdict: Verdict) -> str:
    """A void (CLM05-3 8) is taken, and nothing is paid back: no 835 follows."""
    if not verdict.is_accepted:
        return REJECTED
    if claim.frequency == _VOID:
        return VOIDED
    return PENDED if verdict.statuses[0].category.startswith("P") else ACKNOWLEDGED


def _of_a_stranger(payment: ClaimPayment) -> ClaimPayment:
    """A payment for a claim nobody here has sent."""
    number = f"STRAY{secrets.token_hex(6).upper()}"
    claim = replace(payment.claim, control_number=number, subscriber=_STRANGER, subscriber_is_patient=True)
    return replace(payment, claim=claim, payer_claim_number=secrets.token_hex(7).upper())


def _origin(taken: TakenClaim) -> str:
    return f"claim {taken.id}"
