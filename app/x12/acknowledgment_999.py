"""Read a 999, the implementation acknowledgment (005010X231 and X231A1), and the TA1 of an interchange.

Both speak of syntax: whether our envelope, our group and each transaction set of it could be taken. Neither says that
a claim was accepted for adjudication. A verdict is handed on as its code; one that is none of the guide's is an error
and not guessed. The errors become words of loop, segment, element and code; the copies of bad data that a 999 carries
(IK404) and other context are left where they are, for they are personal data.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from app.domain.acknowledgments import EnvelopeAcknowledgment, GroupAcknowledgment, TransactionAcknowledgment
from app.x12.codes import ACCEPTING_VERDICTS, REFUSING_VERDICTS, TRANSACTION_NAMES
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import (
    ELEMENT_MISSING,
    GROUP_CODE,
    SEGMENT_MISSING,
    SEGMENT_REPEATED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    UNEXPECTED_GUIDE,
    UNEXPECTED_TRANSACTION,
    VERDICT_UNKNOWN,
    Fault,
    Report,
    X12Finding,
)
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X231A1", "005010X231"})
Acknowledgment = TransactionAcknowledgment | GroupAcknowledgment | EnvelopeAcknowledgment
_LOOP: Final = re.compile(r"[0-9]{4}[A-Z]{0,2}", re.ASCII)
_SEGMENT: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}", re.ASCII)
_CODE: Final = re.compile(r"I?[0-9]{1,3}", re.ASCII)
"""Error codes and positions. What looks otherwise in the place of one of the three may be somebody's data."""
ERRORS_LIMIT: Final = 1_000
"""Errors kept of one transaction set."""


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[Acknowledgment, ...], tuple[X12Finding, ...]]:
    """All acknowledgments of the text in its order and all findings; never an exception for what the text holds."""
    report = Report()
    acknowledgments: list[Acknowledgment] = []
    for transaction in read_transactions(source, report):
        if isinstance(transaction, InterchangeAcknowledgment):
            acknowledgments += _read_envelope(transaction.segment, report)
        elif transaction.code != "999":
            name = TRANSACTION_NAMES.get(transaction.code)
            what = f"Transaction set {transaction.code} ({name})" if name else "An unknown transaction set"
            _refuse(report, transaction.header, UNEXPECTED_TRANSACTION, what)
        elif transaction.guide not in GUIDES:
            _refuse(report, transaction.header, UNEXPECTED_GUIDE, "A 999 of another implementation guide")
        else:
            acknowledgments += _GroupReader(transaction, report).read()
    if not acknowledgments and not report.has_error:
        report.add(UNEXPECTED_TRANSACTION, message="The interchange holds no 999 and no TA1 (acknowledgments).")
    return tuple(acknowledgments), report.findings


def _refuse(report: Report, segment: Segment, fault: Fault, what: str) -> None:
    message = f"{what} came instead of a 999 (implementation acknowledgment) of 005010X231A1."
    report.add(fault, segment, element=1, message=message)


def _read_envelope(ta1: Segment, report: Report) -> list[EnvelopeAcknowledgment]:
    accepted = _verdict(ta1, 4, report)
    if not ta1.get(1):
        report.add(ELEMENT_MISSING, ta1, element=1)
    if accepted is None:
        return []
    return [
        EnvelopeAcknowledgment(
            interchange_control_number=ta1.get(1), accepted=accepted, status_code=ta1.get(4), note_code=ta1.get(5)
        )
    ]


def _verdict(segment: Segment, element: int, report: Report, *, partly: bool = False) -> bool | None:
    """Accepted or not, or None with a finding. `partly`: AK901 P refuses some transaction sets, not the group."""
    code = segment.get(element)
    if code in ACCEPTING_VERDICTS or (partly and code == "P"):
        return True
    if code in REFUSING_VERDICTS:
        return False
    report.add(VERDICT_UNKNOWN, segment, element=element)
    return None


@dataclass
class _TransactionLoop:
    """An AK2 and what follows it to its IK5."""

    ak2: Segment = field(repr=False)
    errors: list[str] = field(default_factory=list)
    patient_control_numbers: list[str] = field(default_factory=list, repr=False)
    place: str = ""


class _GroupReader:
    """One 999: AK1, then an AK2 to IK5 for each transaction set that it lists, then AK9."""

    def __init__(self, transaction: TransactionSet, report: Report) -> None:
        self._transaction = transaction
        self._report = report
        self._ak1: Segment | None = None
        self._loop: _TransactionLoop | None = None
        self._listed = 0
        self._has_verdict = False
        self._acknowledgments: list[Acknowledgment] = []
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "AK1": self._read_ak1,
            "AK2": self._ak2,
            "AK9": self._ak9,
            "CTX": self._ctx,
            "IK3": self._ik3,
            "IK4": self._ik4,
            "IK5": self._ik5,
        }

    def read(self) -> list[Acknowledgment]:
        transaction, report = self._transaction, self._report
        if transaction.group.functional_code != "FA":
            report.add(GROUP_CODE, transaction.header, message="GS01 is not FA, the code of a 999.")
        for segment in transaction.segments:
            handler = self._handlers.get(segment.id)
            if handler is None:
                report.add(SEGMENT_UNKNOWN, segment)
            elif self._ak1 is None and segment.id != "AK1":
                report.add(SEGMENT_UNEXPECTED, segment)
            else:
                handler(segment)
        self._close_transaction()
        if not self._has_verdict and transaction.complete:
            report.add(SEGMENT_MISSING, transaction.header, message="The 999 ends without AK9, the group's verdict.")
        return self._acknowledgments

    @property
    def _group_number(self) -> str:
        return self._ak1.get(2) if self._ak1 is not None else ""

    def _read_ak1(self, segment: Segment) -> None:
        if self._ak1 is not None:
            self._report.add(SEGMENT_REPEATED, segment)
            return
        self._ak1 = segment
        if not segment.get(2):
            self._report.add(ELEMENT_MISSING, segment, element=2)

    def _ak2(self, segment: Segment) -> None:
        self._close_transaction()
        self._listed += 1
        self._loop = _TransactionLoop(segment)
        if not segment.get(2):
            self._report.add(ELEMENT_MISSING, segment, element=2)

    def _close_transaction(self) -> None:
        """IK5 closes it; whatever is still open has no verdict."""
        if self._loop is not None:
            self._report.add(SEGMENT_MISSING, self._loop.ak2, loop="2000", message="A transaction set has no IK5.")
            self._loop = None

    def _ik3(self, segment: Segment) -> None:
        loop = self._opened(segment)
        if loop is not None:
            place = (_word(segment.get(3), _LOOP) if segment.get(3) else "", _word(segment.get(1), _SEGMENT))
            loop.place = " ".join(part for part in place if part)
            _add_error(loop, loop.place, segment.get(4))

    def _ik4(self, segment: Segment) -> None:
        loop = self._opened(segment)
        if loop is not None:
            position = "-".join(_word(part, _CODE) for part in segment.components(1)[:2] if part)
            _add_error(loop, f"{loop.place} {position}".strip(), segment.get(3))

    def _ctx(self, segment: Segment) -> None:
        """CTX*CLM01:value names the claim; the others say which segment made another one needed."""
        loop = self._opened(segment)
        parts = segment.components(1)
        if loop is not None and parts[:1] == ("CLM01",) and len(parts) > 1 and parts[1]:
            loop.patient_control_numbers.append(parts[1])

    def _ik5(self, segment: Segment) -> None:
        loop = self._opened(segment)
        if loop is None:
            return
        self._loop = None
        for element in range(2, 7):
            if segment.get(element):
                _add_error(loop, "transaction set", segment.get(element))
        accepted = _verdict(segment, 1, self._report)
        if accepted is not None:
            acknowledgment = TransactionAcknowledgment(
                group_control_number=self._group_number,
                transaction_control_number=loop.ak2.get(2),
                accepted=accepted,
                status_code=segment.get(1),
                errors=tuple(loop.errors),
                patient_control_numbers=tuple(dict.fromkeys(loop.patient_control_numbers)),
            )
            self._acknowledgments.append(acknowledgment)

    def _ak9(self, segment: Segment) -> None:
        """Said of the group alone when it was refused, or when it lists no transaction sets, as many do that take all."""
        self._close_transaction()
        self._has_verdict = True
        accepted = _verdict(segment, 1, self._report, partly=True)
        if accepted is None or (accepted and self._listed):
            return
        errors = [f"group: {_word(segment.get(element), _CODE)}" for element in range(5, 10) if segment.get(element)]
        if accepted and segment.get(1) == "P":  # some were refused, and it does not say which
            self._report.add(SEGMENT_MISSING, segment, loop="2000", message="AK901 is P, and no transaction is listed.")
            return
        acknowledgment = GroupAcknowledgment(
            group_control_number=self._group_number,
            accepted=accepted,
            status_code=segment.get(1),
            errors=tuple(errors),
        )
        self._acknowledgments.append(acknowledgment)

    def _opened(self, segment: Segment) -> _TransactionLoop | None:
        if self._loop is None:
            self._report.add(SEGMENT_UNEXPECTED, segment)
        return self._loop


def _add_error(loop: _TransactionLoop, place: str, code: str) -> None:
    if len(loop.errors) < ERRORS_LIMIT:
        loop.errors.append(f"{place}: {_word(code, _CODE)}")


def _word(text: str, pattern: re.Pattern[str]) -> str:
    return text if pattern.fullmatch(text) else "?"
