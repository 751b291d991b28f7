"""Read any X12 text: interchanges, transaction sets and what they say, as events in the order of the text.

A text may hold several interchanges and any mix of transaction sets. Each kind has its reader; what has none, or follows
another implementation guide, is one finding that names it, its segments are counted, and the next one is read. The
memory holds one claim, answer or status at a time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from app.domain.acknowledgments import (
    BatchAcknowledgment,
    ClaimAcknowledgment,
    EnvelopeAcknowledgment,
    GroupAcknowledgment,
    TransactionAcknowledgment,
)
from app.domain.claim_statuses import ClaimStatus, RequestStatus
from app.domain.eligibility import EligibilityAnswer
from app.domain.professional_claims import ClaimTransaction
from app.domain.remittances import ClaimPayment, RemittanceHeader, RemittanceTrailer
from app.x12 import (
    acknowledgment_999,
    claim_acknowledgment_277,
    claim_status_277,
    eligibility_271,
    professional_claim_reader_837,
    remittance_835,
)
from app.x12.envelope import (
    GroupHeader,
    InterchangeAcknowledgment,
    InterchangeHeader,
    TransactionSet,
    read_interchanges,
)
from app.x12.findings import GUIDE_VARIANT, UNEXPECTED_GUIDE, UNEXPECTED_TRANSACTION, Report
from app.x12.guide_names import describe, name_of
from app.x12.kept import sent
from app.x12.professional_claim_reader_837 import ReadClaim
from app.x12.segments import Run

Item: TypeAlias = (
    ReadClaim
    | ClaimPayment
    | EligibilityAnswer
    | ClaimStatus
    | RequestStatus
    | ClaimAcknowledgment
    | BatchAcknowledgment
    | TransactionAcknowledgment
    | GroupAcknowledgment
)
Header: TypeAlias = ClaimTransaction | RemittanceHeader


@dataclass(frozen=True, kw_only=True)
class InterchangeBegun:
    header: InterchangeHeader


@dataclass(frozen=True, kw_only=True)
class InterchangeAcknowledged:
    """A TA1. `acknowledgment` is None when its verdict is none, and the TA1 is in `kept`."""

    segment: int
    acknowledgment: EnvelopeAcknowledgment | None
    kept: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class TransactionBegun:
    """ST, and what the kinds that have one say before their first item. `segment` is the number of the ST in the file.

    `kind` and `name` are the guide's as `guide_names` has them. Of a transaction set that is not read nothing but its
    `TransactionEnded` follows.
    """

    kind: str
    name: str
    code: str
    guide: str
    control_number: str
    group: GroupHeader
    segment: int
    is_read: bool
    header: Header | None = None


@dataclass(frozen=True, kw_only=True)
class ItemRead:
    item: Item


@dataclass(frozen=True, kw_only=True)
class TransactionEnded:
    """`segments` counts ST and SE; `complete` says that the SE was there and agreed. An 835 has a trailer of its own."""

    kind: str
    control_number: str
    segments: int
    items: int
    complete: bool
    remittance: RemittanceTrailer | None = None


Event: TypeAlias = InterchangeBegun | InterchangeAcknowledged | TransactionBegun | ItemRead | TransactionEnded
_Said: TypeAlias = Item | RemittanceHeader | RemittanceTrailer


class Reader(NamedTuple):
    """The reader of one kind and the guides it takes; `variants` are taken too, and said."""

    read: Callable[[TransactionSet, Report], Iterator[_Said]]
    guides: frozenset[str]
    variants: frozenset[str] = frozenset()


_READERS: Final = {
    "271": Reader(eligibility_271.read_transaction, eligibility_271.GUIDES),
    "277": Reader(claim_status_277.read_transaction, claim_status_277.GUIDES),
    "277CA": Reader(claim_acknowledgment_277.read_transaction, claim_acknowledgment_277.GUIDES),
    "835": Reader(remittance_835.read_transaction, remittance_835.GUIDES),
    "837P": Reader(
        professional_claim_reader_837.read_transaction,
        professional_claim_reader_837.GUIDES,
        professional_claim_reader_837.GUIDES - {"005010X222A1"},
    ),
    "999": Reader(acknowledgment_999.read_transaction, acknowledgment_999.GUIDES),
}
_CODES: Final = frozenset("271 277 835 837 999".split())
"""ST01 of those: with another guide it is the guide that is not read."""


def read_documents(source: str | bytes | Iterable[bytes], report: Report) -> Iterator[Event]:
    """Everything the text says; never an exception for what it holds. The findings go to the report."""
    for one in read_interchanges(source, report):
        match one:
            case InterchangeHeader():
                yield InterchangeBegun(header=one)
            case InterchangeAcknowledgment():
                acknowledgment = acknowledgment_999.read_interchange_acknowledgment(one, report)
                kept = (sent(one.segment),) if acknowledgment is None else ()
                yield InterchangeAcknowledged(segment=one.segment.number, acknowledgment=acknowledgment, kept=kept)
            case _:
                yield from _events_of(one, report)


def reader_of(transaction: TransactionSet, report: Report) -> Reader | None:
    """None when it is not read, with the finding that names it."""
    code, guide = transaction.code, transaction.guide
    reader = _READERS.get(name_of(code, guide).kind)
    if reader is None or guide not in reader.guides:
        fault = UNEXPECTED_GUIDE if code in _CODES else UNEXPECTED_TRANSACTION
        element = 3 if fault is UNEXPECTED_GUIDE and transaction.header.get(3) else 1
        report.add(fault, transaction.header, element=element, message=f"{describe(code, guide)} is not read here.")
        return None
    if guide in reader.variants:
        report.add(GUIDE_VARIANT, transaction.header, element=3 if transaction.header.get(3) else 1)
    return reader


def _events_of(transaction: TransactionSet, report: Report) -> Iterator[Event]:
    counted = _Counted(transaction.runs)
    transaction.runs = iter(counted)
    transaction.segments = chain.from_iterable(transaction.runs)
    reader = reader_of(transaction, report)
    said = iter(()) if reader is None else reader.read(transaction, report)
    first = next(said, None)
    name = name_of(transaction.code, transaction.guide)
    yield TransactionBegun(
        kind=name.kind,
        name=name.words,
        code=transaction.code,
        guide=transaction.guide,
        control_number=transaction.control_number,
        group=transaction.group,
        segment=transaction.header.number,
        is_read=reader is not None,
        header=_header(first),
    )
    items, trailer = 0, None
    for one in chain(() if first is None else (first,), said):
        if isinstance(one, RemittanceTrailer):
            trailer = one
        elif not isinstance(one, RemittanceHeader):
            items += 1
            yield ItemRead(item=one)
    for _ in transaction.runs:
        pass
    yield TransactionEnded(
        kind=name.kind,
        control_number=transaction.control_number,
        segments=1 + counted.segments + (transaction.trailer is not None),
        items=items,
        complete=transaction.complete,
        remittance=trailer,
    )


def _header(first: _Said | None) -> Header | None:
    if isinstance(first, RemittanceHeader):
        return first
    return first.transaction if isinstance(first, ReadClaim) else None


class _Counted:
    """Runs, and how many segments they had."""

    def __init__(self, runs: Iterator[Run]) -> None:
        self._runs = runs
        self.segments = 0

    def __iter__(self) -> Iterator[Run]:
        for run in self._runs:
            self.segments += len(run)
            yield run
