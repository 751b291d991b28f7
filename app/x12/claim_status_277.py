"""Read a 277, the answer to a claim status request (005010X212): where each claim stands, and why one was not found.

The reader follows the HL levels (20 payer, 21 receiver, 19 provider, 22 subscriber, 23 dependent) and inside a level the
claims, each begun by its TRN. Several claims of one trace number, and several STC of one claim, are normal (RFI 2589).
Segments are taken in any order within a loop. What no field holds is reported and kept as it was sent: with its line, its
claim, or, from the levels above, with the first status below them. What was still open where a text was cut off is not
handed on: the status that counts may be among what is missing.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.domain.claim_statuses import ClaimStatus, RequestStatus, StatusParty
from app.x12.claim_status_loops import (
    Doubt,
    LineLoop,
    NumberedLoop,
    StatusLoop,
    read_party,
    read_status,
    status_doubts,
    unheld,
)
from app.x12.elements import read_period
from app.x12.envelope import TransactionSet
from app.x12.findings import (
    CODE_UNKNOWN,
    DATE_INVALID,
    ELEMENT_MISSING,
    GROUP_CODE,
    HIERARCHY,
    SEGMENT_MISSING,
    SEGMENT_NOT_USED,
    SEGMENT_REPEATED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    TRANSACTION_TRUNCATED,
    Fault,
    Report,
    X12Finding,
)
from app.x12.kept import keep, taken
from app.x12.one_kind import Kind, pass_by_acknowledgment, read_one_kind
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X212"})
_KIND: Final = Kind("277", GUIDES, "277 (claim status answer)", "005010X212")
Status = ClaimStatus | RequestStatus
_LEVELS: Final = {"20": "A", "21": "B", "19": "C", "22": "D", "23": "E"}
_ABOVE: Final = {"B": "A", "C": "B", "D": "C", "E": "D"}
_ROLES: Final = {"A": "PR", "B": "41", "C": "1P", "D": "IL", "E": "QC"}
"""NM101 of each level."""
_OF_REQUESTS: Final = frozenset("BC")
_OF_CLAIMS: Final = frozenset("DE")
_CLAIM_REFERENCES: Final = frozenset("1K BLT D9 EJ VV XZ".split())
_LINE_REFERENCES: Final = frozenset({"FJ"})
_SERVICE_DATE: Final = "472"


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[Status, ...], tuple[X12Finding, ...]]:
    """All statuses of the text in its order and all findings; never an exception for what the text holds."""
    return read_one_kind(source, _KIND, read_transaction, pass_by_acknowledgment)


def read_transaction(transaction: TransactionSet, report: Report) -> Iterator[Status]:
    """The statuses of one 277 of these `GUIDES`, each when its last segment has been read."""
    return _StatusReader(transaction, report).read()


class _StatusReader:
    """One transaction set. The state is where we are: level, request or claim, line."""

    def __init__(self, transaction: TransactionSet, report: Report) -> None:
        self._transaction = transaction
        self._report = report
        self._reference: str | None = None
        self._level = ""
        self._hl_numbers: dict[str, str] = {}
        self._parties: dict[str, StatusParty] = {}
        self._open: NumberedLoop | None = None
        self._line: LineLoop | None = None
        self._kept_above: list[str] = []
        self._ready: list[Status] = []
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "DTP": self._dtp,
            "HL": self._read_hl,
            "NM1": self._nm1,
            "REF": self._ref,
            "STC": self._stc,
            "SVC": self._svc,
            "TRN": self._trn,
            **dict.fromkeys("AMT DMG N3 N4 PER QTY".split(), self._not_used),
        }

    def read(self) -> Iterator[Status]:
        transaction, report = self._transaction, self._report
        if transaction.group.functional_code != "HN":
            report.add(GROUP_CODE, transaction.header, message="GS01 is not HN, the code of a 277.")
        errors, cuts, said = report.errors, report.count(TRANSACTION_TRUNCATED), 0
        for position, segment in enumerate(transaction.segments):
            if position == 0 and segment.id == "BHT":
                self._reference = segment.get(3) or None
                keep(self._kept_above, segment)
            else:
                self._take(segment)
            if self._ready:
                said += len(self._ready)
                yield from self._handed_on()
        if report.count(TRANSACTION_TRUNCATED) == cuts:
            self._close()
        said += len(self._ready)
        yield from self._handed_on()
        if not said and report.errors == errors:
            message = "The 277 names no claim and says nothing of the request."
            report.add(SEGMENT_MISSING, transaction.header, loop="2200D", message=message)

    def _handed_on(self) -> list[Status]:
        ready, self._ready = self._ready, []
        return ready

    def _take(self, segment: Segment) -> None:
        handler = self._handlers.get(segment.id)
        if handler is None:
            self._pass_by(SEGMENT_UNKNOWN, segment)
        elif not self._level and segment.id != "HL":
            self._pass_by(SEGMENT_UNEXPECTED, segment)
        else:
            handler(segment)

    @property
    def _loop(self) -> str:
        if self._line is not None:
            return f"2220{self._level}"
        if self._open is not None:
            return f"2200{self._level}"
        return f"{2100 if self._level in self._parties else 2000}{self._level}" if self._level else ""

    @property
    def _innermost(self) -> StatusLoop | None:
        return self._line or self._open

    # Levels

    def _read_hl(self, segment: Segment) -> None:
        level = _LEVELS.get(segment.get(3), "")
        self._close()
        self._level = level
        if not level:
            self._pass_by(CODE_UNKNOWN, segment, element=3)
            return
        for below in [one for one in self._parties if one >= level]:
            del self._parties[below]
        above = _ABOVE.get(level)
        if above is not None and self._hl_numbers.get(above) != segment.get(2):
            self._report.add(HIERARCHY, segment, element=2)
        self._hl_numbers[level] = segment.get(1)

    def _close(self) -> None:
        """What is open becomes a value. A claim without trace number is handed on: its own number may name it."""
        loop, self._open, self._line = self._open, None, None
        if loop is None:
            return
        if self._level in _OF_REQUESTS:
            self._ready.append(self._request_status(loop))
            return
        if not (loop.number or loop.references.keys() & {"EJ", "1K"}):
            message = "A claim's status names neither a trace number nor a claim."
            self._report.add(SEGMENT_MISSING, loop.place, loop=f"2200{self._level}", message=message)
        self._ready.append(self._claim_status(loop))

    def _request_status(self, loop: NumberedLoop) -> RequestStatus:
        payer = self._parties.get("A")
        return RequestStatus(
            reference=self._reference,
            payer_name=payer.last_name if payer else None,
            payer_id=payer.identifier if payer else None,
            receiver=self._parties.get("B"),
            provider=self._parties.get("C"),
            trace_number=loop.number,
            effect=loop.effect,
            statuses=tuple(loop.statuses),
            segment=loop.place.number,
            kept=self._kept(loop),
        )

    def _claim_status(self, loop: NumberedLoop) -> ClaimStatus:
        payer, references = self._parties.get("A"), loop.references
        return ClaimStatus(
            reference=self._reference,
            payer_name=payer.last_name if payer else None,
            payer_id=payer.identifier if payer else None,
            receiver=self._parties.get("B"),
            provider=self._parties.get("C"),
            subscriber=self._parties.get("D"),
            dependent=self._parties.get("E"),
            trace_number=loop.number,
            patient_control_number=references.get("EJ"),
            payer_claim_number=references.get("1K"),
            clearinghouse_number=references.get("D9"),
            prescription_number=references.get("XZ"),
            voucher_number=references.get("VV"),
            bill_type=references.get("BLT"),
            first_date=loop.first_date,
            last_date=loop.last_date,
            effect=loop.whole_effect,
            statuses=tuple(loop.statuses),
            lines=tuple(line.line() for line in loop.lines),
            segment=loop.place.number,
            kept=self._kept(loop),
        )

    def _kept(self, loop: NumberedLoop) -> tuple[str, ...]:
        return (*taken(self._kept_above), *loop.kept)

    # Segments

    def _nm1(self, segment: Segment) -> None:
        if self._open is not None:
            self._pass_by(SEGMENT_UNEXPECTED, segment)
        elif self._level in self._parties:
            self._pass_by(SEGMENT_REPEATED, segment)
        else:
            self._parties[self._level] = read_party(segment)
            doubts = list(unheld(segment))
            if segment.get(1) != _ROLES[self._level]:
                doubts.insert(0, Doubt(CODE_UNKNOWN, 1))
            self._doubt(segment, doubts)

    def _trn(self, segment: Segment) -> None:
        """TRN01 2 is our own number coming back; 1 is a number of the payer's, which stands at the provider's level."""
        if self._level == "A" or (segment.get(1) != "2" and self._level != "C"):
            self._not_used(segment)
            return
        if self._open is None or self._open.number is not None or self._line is not None:
            self._close()
            self._open = NumberedLoop(segment)
        self._open.place, self._open.number = segment, segment.get(2) or None
        doubts = list(unheld(segment))
        if not segment.get(2):
            doubts.insert(0, Doubt(ELEMENT_MISSING, 2, is_lost=False))
        self._doubt(segment, doubts)

    def _opened(self, segment: Segment) -> NumberedLoop | None:
        """The claim or request that is open; one without number when this segment stands before its TRN."""
        if self._open is None and self._level != "A":
            self._open = NumberedLoop(segment)
        return self._open

    def _stc(self, segment: Segment) -> None:
        if self._opened(segment) is None:
            self._pass_by(SEGMENT_UNEXPECTED, segment)
            return
        loop = self._innermost
        if loop is not None:
            loop.statuses.append(read_status(segment))
        self._doubt(segment, (*status_doubts(segment), *unheld(segment)))

    def _svc(self, segment: Segment) -> None:
        claim = self._opened(segment) if self._level in _OF_CLAIMS else None
        if claim is None:
            self._pass_by(SEGMENT_UNEXPECTED, segment)
            return
        self._line = LineLoop(segment)
        claim.lines.append(self._line)
        self._doubt(segment, (*self._line.doubts(), *unheld(segment)))

    def _ref(self, segment: Segment) -> None:
        known = _CLAIM_REFERENCES if self._line is None else _LINE_REFERENCES
        qualifier, number = segment.get(1), segment.get(2)
        if self._level not in _OF_CLAIMS or qualifier not in known:
            self._not_used(segment)
            return
        self._opened(segment)
        loop = self._innermost
        if loop is None or qualifier in loop.references:
            self._pass_by(SEGMENT_REPEATED, segment)
        elif not number:
            self._pass_by(ELEMENT_MISSING, segment, element=2)
        else:
            loop.references[qualifier] = number
            self._doubt(segment, unheld(segment))

    def _dtp(self, segment: Segment) -> None:
        if self._level not in _OF_CLAIMS or segment.get(1) != _SERVICE_DATE:
            self._not_used(segment)
            return
        self._opened(segment)
        loop, dates = self._innermost, read_period(segment.get(2), segment.get(3))
        if loop is None or loop.dates is not None:
            self._pass_by(SEGMENT_REPEATED, segment)
        elif dates is None:
            self._pass_by(DATE_INVALID, segment, element=3)
        else:
            loop.dates = dates
            self._doubt(segment, unheld(segment))

    # Findings

    def _doubt(self, segment: Segment, doubts: Iterable[Doubt]) -> None:
        """What a segment holds beside its fields: each reported, the segment kept once."""
        found = list(doubts)
        for doubt in found:
            self._report.add(doubt.fault, segment, element=doubt.element, loop=self._loop)
        if any(doubt.is_lost for doubt in found):
            self._keep(segment)

    def _not_used(self, segment: Segment) -> None:
        self._pass_by(SEGMENT_NOT_USED, segment)

    def _pass_by(self, fault: Fault, segment: Segment, *, element: int | None = None) -> None:
        self._report.add(fault, segment, element=element, loop=self._loop)
        self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        loop = self._innermost
        keep(self._kept_above if loop is None else loop.kept, segment)
