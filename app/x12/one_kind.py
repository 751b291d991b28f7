"""Read a text that should hold transaction sets of one kind: each of another kind is one finding that names it.

What such a text says is of this kind alone; `documents` reads texts that may hold any mix.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import SEGMENT_NOT_USED, UNEXPECTED_GUIDE, UNEXPECTED_TRANSACTION, Fault, Report, X12Finding
from app.x12.guide_names import describe
from app.x12.segments import Segment

Item = TypeVar("Item")


class Kind(NamedTuple):
    """ST01, the guides that are read, and what to call one: `271 (eligibility answer)` of `005010X279A1`."""

    code: str
    guides: frozenset[str]
    name: str
    guide: str
    article: str = "a"

    def refuse(self, report: Report, segment: Segment, fault: Fault, what: str) -> None:
        report.add(
            fault, segment, element=1, message=f"{what} came instead of {self.article} {self.name} of {self.guide}."
        )


def read_one_kind(
    source: str | bytes | Iterable[bytes],
    kind: Kind,
    read_transaction: Callable[[TransactionSet, Report], Iterable[Item]],
    read_acknowledgment: Callable[[InterchangeAcknowledgment, Report], Iterable[Item]],
) -> tuple[tuple[Item, ...], tuple[X12Finding, ...]]:
    """All that the text says in its order and all findings; never an exception for what the text holds."""
    report = Report()
    items = tuple(each_of_kind(source, report, kind, read_transaction, read_acknowledgment))
    return items, report.findings


def each_of_kind(
    source: str | bytes | Iterable[bytes],
    report: Report,
    kind: Kind,
    read_transaction: Callable[[TransactionSet, Report], Iterable[Item]],
    read_acknowledgment: Callable[[InterchangeAcknowledgment, Report], Iterable[Item]],
) -> Iterator[Item]:
    """The same, one after the other: the memory holds one. The findings go to the report."""
    found = False
    for transaction in read_transactions(source, report):
        items: Iterable[Item] = ()
        if isinstance(transaction, InterchangeAcknowledgment):
            items = read_acknowledgment(transaction, report)
        elif transaction.code != kind.code or transaction.guide not in kind.guides:
            fault = UNEXPECTED_TRANSACTION if transaction.code != kind.code else UNEXPECTED_GUIDE
            kind.refuse(report, transaction.header, fault, describe(transaction.code, transaction.guide))
        else:
            items = read_transaction(transaction, report)
        for item in items:
            found = True
            yield item
    if not found and not report.has_error:
        report.add(UNEXPECTED_TRANSACTION, message=f"The interchange holds no {kind.name}.")


def pass_by_acknowledgment(acknowledgment: InterchangeAcknowledgment, report: Report) -> tuple[()]:
    """A TA1 beside what is read says nothing that belongs to it."""
    report.add(SEGMENT_NOT_USED, acknowledgment.segment)
    return ()
