"""Interchange, functional group and transaction set: ISA to IEA, GS to GE, ST to SE, their numbers and counts.

Reading hands out one transaction set after the other; its segments are taken from the stream as they are asked for,
so a transaction set may be larger than the memory. What is wrong with the envelope is reported when it is met; a
transaction set that was cut off has `complete` false. A segment the text ends in is never handed out: its last value
may be cut. Writing encloses drafts in an envelope with the control numbers it is given.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Final

from app.x12.elements import read_whole
from app.x12.findings import (
    GROUP_CONTROL_NUMBER,
    GROUP_COUNT,
    GROUP_TRUNCATED,
    INTERCHANGE_CONTENT,
    INTERCHANGE_CONTROL_FORMAT,
    INTERCHANGE_CONTROL_NUMBER,
    INTERCHANGE_COUNT,
    INTERCHANGE_TRUNCATED,
    INTERCHANGE_VERSION,
    TRANSACTION_CONTROL_NUMBER,
    TRANSACTION_COUNT,
    TRANSACTION_DUPLICATE,
    TRANSACTION_GUIDE,
    TRANSACTION_TRUNCATED,
    Report,
)
from app.x12.segments import Run, Segment, SegmentStream
from app.x12.separators import Separators

_ENVELOPE: Final = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"})
_first: Final = itemgetter(0)


@dataclass(frozen=True, kw_only=True)
class InterchangeHeader:
    """ISA05 to ISA16 as far as they say who, to whom, which and how."""

    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    version: str
    control_number: str
    usage: str
    separators: Separators


@dataclass(frozen=True, kw_only=True)
class GroupHeader:
    """GS01, GS02, GS03, GS06, GS08."""

    functional_code: str
    sender_code: str
    receiver_code: str
    control_number: str
    guide: str


@dataclass(frozen=True, kw_only=True)
class InterchangeAcknowledgment:
    """A TA1: it stands between ISA and GS and belongs to no group."""

    interchange: InterchangeHeader
    segment: Segment


@dataclass(kw_only=True)
class TransactionSet:
    """One ST to SE. `segments` are those between, once; `complete` and `trailer`, the SE, are known when they have all been
    taken.

    `runs` are the same segments before they are made into one each: a reader takes these or those.
    """

    interchange: InterchangeHeader
    group: GroupHeader
    header: Segment
    segments: Iterator[Segment] = field(repr=False)
    runs: Iterator[Run] = field(repr=False, default=iter(()))
    complete: bool = False
    trailer: Segment | None = None

    @property
    def code(self) -> str:
        return self.header.get(1)

    @property
    def control_number(self) -> str:
        return self.header.get(2)

    @property
    def guide(self) -> str:
        """ST03, or GS08 where the transaction set has none (the 835)."""
        return self.header.get(3) or self.group.guide


def read_transactions(
    source: str | bytes | Iterable[bytes], report: Report
) -> Iterator[TransactionSet | InterchangeAcknowledgment]:
    """Every transaction set and TA1 of the text. The segments of one are to be taken before the next is asked for;
    those left over are passed by.
    """
    return (one for one in read_interchanges(source, report) if not isinstance(one, InterchangeHeader))


def read_interchanges(
    source: str | bytes | Iterable[bytes], report: Report
) -> Iterator[InterchangeHeader | TransactionSet | InterchangeAcknowledgment]:
    """The same, each interchange's header before what is in it: an interchange may be empty."""
    return _EnvelopeReader(SegmentStream(source, report), report).read()


class _OpenInterchange:
    def __init__(self, segment: Segment, header: InterchangeHeader) -> None:
        self.segment = segment
        self.header = header
        self.groups = 0


class _OpenGroup:
    def __init__(self, segment: Segment, header: GroupHeader) -> None:
        self.segment = segment
        self.header = header
        self.numbers: set[str] = set()
        self.transactions = 0


class _EnvelopeReader:
    def __init__(self, stream: SegmentStream, report: Report) -> None:
        self._runs = stream.runs()
        self._report = report
        self._run: Run | None = None
        self._taken = 0
        self._interchange: _OpenInterchange | None = None
        self._group: _OpenGroup | None = None
        self._is_adrift = False

    def read(self) -> Iterator[InterchangeHeader | TransactionSet | InterchangeAcknowledgment]:
        while (segment := self._next()) is not None:
            interchange, group = self._interchange, self._group
            match segment.id:
                case "ISA":
                    yield self._open_interchange(segment)
                case "IEA" if interchange is not None:
                    self._close_interchange(segment, interchange)
                case "TA1" if interchange is not None and group is None:
                    yield InterchangeAcknowledgment(interchange=interchange.header, segment=segment)
                case "GS" if interchange is not None:
                    self._open_group(segment, interchange)
                case "GE" if group is not None:
                    self._close_group(segment, group)
                case "ST" if interchange is not None and group is not None:
                    transaction = self._open_transaction(segment, interchange, group)
                    yield transaction
                    for _ in transaction.runs:
                        pass
                case _:
                    if not self._is_adrift:  # said once, however much follows
                        self._report.add(INTERCHANGE_CONTENT, segment)
                    self._is_adrift = True
                    continue
            self._is_adrift = False
        self._end_interchange()

    def _next(self) -> Segment | None:
        run = self._ahead()
        if run is None:
            return None
        self._taken += 1
        return run.segment(self._taken - 1)

    def _ahead(self) -> Run | None:
        """The run that the next segment is in, of which `_taken` are used; None at the end of the text."""
        run = self._run
        if run is None or self._taken == len(run):
            run, self._taken = next(self._runs, None), 0
            if run is not None and not run.terminator:
                run = None
            self._run = run
        return run

    def _open_interchange(self, isa: Segment) -> InterchangeHeader:
        self._end_interchange()
        header = InterchangeHeader(
            sender_qualifier=isa.get(5),
            sender_id=isa.get(6),
            receiver_qualifier=isa.get(7),
            receiver_id=isa.get(8),
            version=isa.get(12),
            control_number=isa.get(13),
            usage=isa.get(15),
            separators=isa.separators,
        )
        if header.version != "00501":
            self._report.add(INTERCHANGE_VERSION, isa, element=12)
        if read_whole(header.control_number) is None or len(header.control_number) != 9:
            self._report.add(INTERCHANGE_CONTROL_FORMAT, isa, element=13)
        self._interchange = _OpenInterchange(isa, header)
        return header

    def _close_interchange(self, iea: Segment, interchange: _OpenInterchange) -> None:
        self._end_group()
        if read_whole(iea.get(1)) != interchange.groups:
            self._report.add(INTERCHANGE_COUNT, iea, element=1)
        if not _same_number(iea.get(2), interchange.header.control_number):
            self._report.add(INTERCHANGE_CONTROL_NUMBER, iea, element=2)
        self._interchange = None

    def _end_interchange(self) -> None:
        """At the next ISA or at the end of the text: whatever is still open has no trailer."""
        self._end_group()
        if self._interchange is not None:
            self._report.add(INTERCHANGE_TRUNCATED, self._interchange.segment)
            self._interchange = None

    def _open_group(self, gs: Segment, interchange: _OpenInterchange) -> None:
        self._end_group()
        interchange.groups += 1
        header = GroupHeader(
            functional_code=gs.get(1),
            sender_code=gs.get(2),
            receiver_code=gs.get(3),
            control_number=gs.get(6),
            guide=gs.get(8),
        )
        self._group = _OpenGroup(gs, header)

    def _close_group(self, ge: Segment, group: _OpenGroup) -> None:
        if read_whole(ge.get(1)) != group.transactions:
            self._report.add(GROUP_COUNT, ge, element=1)
        if not _same_number(ge.get(2), group.header.control_number):
            self._report.add(GROUP_CONTROL_NUMBER, ge, element=2)
        self._group = None

    def _end_group(self) -> None:
        if self._group is not None:
            self._report.add(GROUP_TRUNCATED, self._group.segment)
            self._group = None

    def _open_transaction(self, st: Segment, interchange: _OpenInterchange, group: _OpenGroup) -> TransactionSet:
        group.transactions += 1
        transaction = TransactionSet(interchange=interchange.header, group=group.header, header=st, segments=iter(()))
        if transaction.control_number in group.numbers:
            self._report.add(TRANSACTION_DUPLICATE, st, element=2)
        group.numbers.add(transaction.control_number)
        if st.get(3) and st.get(3) != group.header.guide:
            self._report.add(TRANSACTION_GUIDE, st, element=3)
        transaction.runs = self._body(transaction)
        transaction.segments = chain.from_iterable(transaction.runs)
        return transaction

    def _body(self, transaction: TransactionSet) -> Iterator[Run]:
        count, strays, after_stray = 1, 0, False
        while (run := self._ahead()) is not None:
            first, last = self._taken, self._end_of_body(run)
            if after_stray:
                last = min(last, first + 1)  # who reads on learns of the finding at one segment
            self._taken = last
            count += last - first
            if last > first:
                yield run if last - first == len(run) else run.part(first, last)
            if last == len(run) or (after_stray and last > first):
                after_stray = False
                continue
            if run.elements[last][0] == "SE":
                self._taken += 1
                se = run.segment(last)
                if self._is_stray(se, transaction, count + 1):
                    self._report.add(INTERCHANGE_CONTENT, se)
                    count, strays, after_stray = count + 1, strays + 1, True
                    continue
                self._close_transaction(se, transaction, count + 1)
                transaction.complete = transaction.complete and not strays
            else:
                self._report.add(TRANSACTION_TRUNCATED, transaction.header)
            return
        self._report.add(TRANSACTION_TRUNCATED, transaction.header)

    def _end_of_body(self, run: Run) -> int:
        """The index of the next segment that is none of a transaction set's own, or of the run's end."""
        if not self._taken and _ENVELOPE.isdisjoint(map(_first, run.elements)):
            return len(run)
        places = range(self._taken, len(run))
        return next((place for place in places if run.elements[place][0] in _ENVELOPE), len(run))

    def _is_stray(self, se: Segment, transaction: TransactionSet, count: int) -> bool:
        """An SE that neither counts nor names the transaction set rightly, and after which it goes on."""
        if read_whole(se.get(1)) == count and se.get(2) == transaction.control_number:
            return False
        ahead = self._ahead()
        return ahead is not None and ahead.elements[self._taken][0] not in _ENVELOPE

    def _close_transaction(self, se: Segment, transaction: TransactionSet, count: int) -> None:
        counted = read_whole(se.get(1)) == count
        numbered = se.get(2) == transaction.control_number
        if not counted:
            self._report.add(TRANSACTION_COUNT, se, element=1)
        if not numbered:
            self._report.add(TRANSACTION_CONTROL_NUMBER, se, element=2)
        transaction.complete = counted and numbered
        transaction.trailer = se


def _same_number(one: str, other: str) -> bool:
    """Numeric control numbers (type N0) are equal whatever zeros lead them."""
    return one == other or (read_whole(one) is not None and read_whole(one) == read_whole(other))
