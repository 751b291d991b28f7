"""The outbox over a state folder, opened as a start of the sandbox would, and what it has said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.sandbox.feed import Feed, Transaction
from app.sandbox.fees import load_fees
from app.sandbox.ledger import Ledger
from app.sandbox.members import load_book
from app.sandbox.outbox import Outbox
from app.sandbox.payer_memory import PayerMemory
from tests.sandbox.claims_837 import Billed

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
BOOK, FEES = load_book(), load_fees()


@contextmanager
def opened(
    state_dir: Path, *, payer_seconds: float = 0, clock: Callable[[], datetime] = lambda: NOW
) -> Iterator[Outbox]:
    ledger = Ledger(state_dir)
    outbox = Outbox(
        ledger=ledger,
        feed=Feed(ledger),
        memory=PayerMemory(ledger),
        book=BOOK,
        fees=FEES,
        payer_seconds=payer_seconds,
        clock=clock,
    )
    try:
        yield outbox
    finally:
        ledger.close()


def take(outbox: Outbox, billed: Billed, correlation_id: str = "") -> None:
    """Book a claim as the clearinghouse does."""
    numbers = [one.control_number for one in (billed, *billed.more)]
    outbox.ledger.record_claims(
        numbers, key=None, x12=billed.text(), correlation_id=correlation_id or numbers[0], taken_at=NOW
    )


def said(outbox: Outbox, kind: str) -> list[str]:
    """The texts of this type in the feed."""
    return [one.x12 for one in everything(outbox) if one.type == kind]


def everything(outbox: Outbox) -> list[Transaction]:
    return outbox.feed.since(ALWAYS, 1000)
