"""Read a 999, the implementation acknowledgment (005010X231 and X231A1), and the TA1 of an interchange.

Both speak of syntax: whether our envelope, our group and each transaction set of it could be taken. Neither says that
a claim was accepted for adjudication. A verdict is handed on as its code; one that is none of the guide's is an error
and not guessed. The errors become words of loop, segment, element and code, which hold nobody's data; the copies of bad
data that a 999 carries (IK404) and its other context are personal data, and stand in the notes beside them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.domain.acknowledgments import EnvelopeAcknowledgment, GroupAcknowledgment, TransactionAcknowledgment
from app.x12.acknowledgment_loops import TransactionLoop, code_word
from app.x12.codes import ACCEPTING_VERDICTS, REFUSING_VERDICTS, SYNTAX_CODES
from app.x12.elements import read_whole
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet
from app.x12.findings import (
    ACKNOWLEDGMENT_COUNT,
    CODE_UNKNOWN,
    ELEMENT_MISSING,
    GROUP_CODE,
    NUMBER_INVALID,
    SEGMENT_MISSING,
    SEGMENT_REPEATED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    VERDICT_UNKNOWN,
    Fault,
    Report,
    X12Finding,
)
from app.x12.kept import Held, elements, keep, surplus, taken
from app.x12.one_kind import Kind, read_one_kind
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X231A1", "005010X231"})
_KIND: Final = Kind("999", GUIDES, "999 (implementation acknowledgment)", "005010X231A1")
GroupVerdict = TransactionAcknowledgment | GroupAcknowledgment
Acknowledgment = GroupVerdict | EnvelopeAcknowledgment
_HELD: Final[Held] = {
    "AK1": elements(1, 2, 3),
    "AK2": elements(1, 2, 3),
    "AK9": elements(*range(1, 10)),
    "CTX": elements(1, 2, 3, 4) | {5: 2},
    "IK3": elements(1, 2, 3, 4),
    "IK4": elements(2, 3, 4) | {1: 3},
    "IK5": elements(*range(1, 7)),
}


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[Acknowledgment, ...], tuple[X12Finding, ...]]:
    """All acknowledgments of the text in its order and all findings; never an exception for what the text holds."""
    return read_one_kind(source, _KIND, read_transaction, _of_interchange)


def read_transaction(transaction: TransactionSet, report: Report) -> Iterator[GroupVerdict]:
    """The verdicts of one 999 of these `GUIDES`, each when its last segment has been read."""
    return _GroupReader(transaction, report).read()


def read_interchange_acknowledgment(
    acknowledgment: InterchangeAcknowledgment, report: Report
) -> EnvelopeAcknowledgment | None:
    """What a TA1 says; None when its verdict is none."""
    ta1 = acknowledgment.segment
    accepted = _verdict(ta1, 4, report)
    if not ta1.get(1):
        report.add(ELEMENT_MISSING, ta1, element=1)
    _check_code(ta1, 5, report)
    if accepted is None:
        return None
    return EnvelopeAcknowledgment(
        interchange_control_number=ta1.get(1),
        accepted=accepted,
        status_code=ta1.get(4),
        note_code=ta1.get(5),
        interchange_date=ta1.get(2) or None,
        interchange_time=ta1.get(3) or None,
    )


def _of_interchange(acknowledgment: InterchangeAcknowledgment, report: Report) -> tuple[EnvelopeAcknowledgment, ...]:
    envelope = read_interchange_acknowledgment(acknowledgment, report)
    return () if envelope is None else (envelope,)


def _verdict(segment: Segment, element: int, report: Report, *, partly: bool = False) -> bool | None:
    """Accepted or not, or None with a finding. `partly`: AK901 P refuses some transaction sets, not the group."""
    code = segment.get(element)
    if code in ACCEPTING_VERDICTS or (partly and code == "P"):
        return True
    if code in REFUSING_VERDICTS:
        return False
    report.add(VERDICT_UNKNOWN, segment, element=element)
    return None


def _check_code(segment: Segment, element: int, report: Report, *, listed_at: int | None = None) -> None:
    """One that is not listed is said, and kept."""
    code = segment.get(element)
    if code and code not in SYNTAX_CODES[segment.id, listed_at or element]:
        report.add(CODE_UNKNOWN, segment, element=element)


class _GroupReader:
    """One 999: AK1, then an AK2 to IK5 for each transaction set that it lists, then AK9."""

    def __init__(self, transaction: TransactionSet, report: Report) -> None:
        self._transaction = transaction
        self._report = report
        self._ak1: Segment | None = None
        self._loop: TransactionLoop | None = None
        self._taken = 0
        self._refused = 0
        self._listed = 0
        self._has_verdict = False
        self._kept_above: list[str] = []
        self._ready: list[GroupVerdict] = []
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "AK1": self._read_ak1,
            "AK2": self._ak2,
            "AK9": self._ak9,
            "CTX": self._ctx,
            "IK3": self._ik3,
            "IK4": self._ik4,
            "IK5": self._ik5,
        }

    def read(self) -> Iterator[GroupVerdict]:
        transaction, report = self._transaction, self._report
        if transaction.group.functional_code != "FA":
            report.add(GROUP_CODE, transaction.header, message="GS01 is not FA, the code of a 999.")
        for segment in transaction.segments:
            self._take(segment)
            if self._ready:
                yield from self._handed_on()
        self._close_transaction()
        if not self._has_verdict and transaction.complete:
            report.add(SEGMENT_MISSING, transaction.header, message="The 999 ends without AK9, the group's verdict.")

    def _handed_on(self) -> list[GroupVerdict]:
        ready, self._ready = self._ready, []
        return ready

    def _take(self, segment: Segment) -> None:
        handler = self._handlers.get(segment.id)
        if handler is None:
            self._pass_by(SEGMENT_UNKNOWN, segment)
        elif self._ak1 is None and segment.id != "AK1":
            self._pass_by(SEGMENT_UNEXPECTED, segment)
        else:
            if any(True for _ in surplus(segment, _HELD)):
                self._keep(segment)
            handler(segment)

    @property
    def _group_number(self) -> str:
        return self._ak1.get(2) if self._ak1 is not None else ""

    def _read_ak1(self, segment: Segment) -> None:
        if self._ak1 is not None:
            self._pass_by(SEGMENT_REPEATED, segment)
            return
        self._ak1 = segment
        if not segment.get(2):
            self._report.add(ELEMENT_MISSING, segment, element=2)

    def _ak2(self, segment: Segment) -> None:
        self._close_transaction()
        self._listed += 1
        self._loop = TransactionLoop(segment)
        if not segment.get(2):
            self._report.add(ELEMENT_MISSING, segment, element=2)

    def _close_transaction(self) -> None:
        """IK5 closes it; whatever is still open has no verdict."""
        if self._loop is not None:
            self._report.add(SEGMENT_MISSING, self._loop.ak2, loop="2000", message="A transaction set has no IK5.")
            self._loop = None

    def _ik3(self, segment: Segment) -> None:
        self._note(segment, 4, TransactionLoop.add_segment_note)

    def _ik4(self, segment: Segment) -> None:
        self._note(segment, 3, TransactionLoop.add_element_note)

    def _note(self, segment: Segment, code: int, add: Callable[[TransactionLoop, Segment], bool]) -> None:
        loop = self._opened(segment)
        if loop is None:
            return
        _check_code(segment, code, self._report)
        if not add(loop, segment):
            self._keep(segment)

    def _ctx(self, segment: Segment) -> None:
        """CTX*CLM01:value names the claim; the others say which segment made another one needed."""
        loop = self._opened(segment)
        if loop is not None and not loop.add_context(segment):
            self._keep(segment)

    def _ik5(self, segment: Segment) -> None:
        loop = self._opened(segment)
        if loop is None:
            return
        self._loop = None
        for element in range(2, 7):
            code = segment.get(element)
            if code:
                _check_code(segment, element, self._report, listed_at=2)
                loop.add_transaction_note(code)
        accepted = _verdict(segment, 1, self._report)
        if accepted is None:
            return
        self._taken += accepted
        self._refused += not accepted
        guide = loop.ak2.get(3) or (self._ak1.get(3) if self._ak1 is not None else "")
        self._ready.append(
            TransactionAcknowledgment(
                group_control_number=self._group_number,
                transaction_control_number=loop.ak2.get(2),
                accepted=accepted,
                status_code=segment.get(1),
                errors=tuple(loop.errors),
                patient_control_numbers=tuple(dict.fromkeys(loop.patient_control_numbers)),
                transaction_code=loop.ak2.get(1) or None,
                guide=guide or None,
                notes=tuple(loop.notes),
                kept=(*taken(self._kept_above), *loop.kept),
            )
        )

    def _ak9(self, segment: Segment) -> None:
        """Said of the group alone when it was refused, or when it lists no transaction sets, as many do that take all."""
        self._close_transaction()
        self._has_verdict = True
        accepted = _verdict(segment, 1, self._report, partly=True)
        included, received, accepted_sets = (self._count(segment, element) for element in (2, 3, 4))
        for element in range(5, 10):
            _check_code(segment, element, self._report, listed_at=5)
        if accepted and self._listed:
            self._check_counts(segment, received, accepted_sets)
        if accepted is None or (accepted and self._listed):
            return
        errors = [f"group: {code_word(segment.get(element))}" for element in range(5, 10) if segment.get(element)]
        if accepted and segment.get(1) == "P":  # some were refused, and it does not say which
            self._report.add(SEGMENT_MISSING, segment, loop="2000", message="AK901 is P, and no transaction is listed.")
            return
        self._ready.append(
            GroupAcknowledgment(
                group_control_number=self._group_number,
                accepted=accepted,
                status_code=segment.get(1),
                errors=tuple(errors),
                functional_code=(self._ak1.get(1) if self._ak1 is not None else "") or None,
                guide=(self._ak1.get(3) if self._ak1 is not None else "") or None,
                included=included,
                received=received,
                taken=accepted_sets,
                kept=taken(self._kept_above),
            )
        )

    def _count(self, ak9: Segment, element: int) -> int | None:
        count = read_whole(ak9.get(element))
        if count is None and ak9.get(element):
            self._report.add(NUMBER_INVALID, ak9, element=element)
            self._keep(ak9)
        return count

    def _check_counts(self, ak9: Segment, received: int | None, accepted_sets: int | None) -> None:
        """Those that are listed are among those counted; a 999 need not list what it took."""
        if received is None or accepted_sets is None:
            return
        if accepted_sets < self._taken or received - accepted_sets < self._refused:
            self._report.add(ACKNOWLEDGMENT_COUNT, ak9, element=4)

    def _opened(self, segment: Segment) -> TransactionLoop | None:
        if self._loop is None:
            self._pass_by(SEGMENT_UNEXPECTED, segment)
        return self._loop

    # What no field holds

    def _pass_by(self, fault: Fault, segment: Segment) -> None:
        self._report.add(fault, segment)
        self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        keep(self._kept_above if self._loop is None else self._loop.kept, segment)
