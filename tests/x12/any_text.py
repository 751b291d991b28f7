"""What holds of any bytes whatever: read, checked and written back without an exception, each finding at its place.

`examine` raises AssertionError for a promise that is broken; what the package itself raises, it lets pass. The tests of
hostile texts and the fuzzer ask the same.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from app.domain.eligibility import Interchange
from app.domain.parties import Contact
from app.domain.professional_claims import Submitter
from app.x12 import findings, inbound, professional_claim_837, remittance_835
from app.x12.checks import check
from app.x12.documents import Event, ItemRead, read_documents, reader_of
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.professional_claim_reader_837 import ReadClaim
from app.x12.remittance_check_835 import RemittanceChecker
from app.x12.segments import SegmentStream

_LOSE_BYTES: Final = frozenset(
    fault.code
    for fault in (
        findings.NOT_X12,
        findings.ISA_LAYOUT,
        findings.ELEMENT_SEPARATOR,
        findings.COMPONENT_SEPARATOR,
        findings.SEGMENT_TERMINATOR,
        findings.REPETITION_SEPARATOR,
        findings.WRAPPING,
        findings.AFTER_INTERCHANGE,
        findings.SEGMENT_LIMIT,
    )
)
"""Findings of the envelope after which the rest of the text is not split."""
_TERMINATOR_AT: Final = 105
_BLANKS: Final = re.compile(r"^(?:[ \t\r\n\x00\x1a]|\u00ef\u00bb\u00bf)*")
"""Ahead of a segment, a byte order mark among them."""
_INTERCHANGE: Final = Interchange(
    sender_id="QUIETROOMS",
    receiver_id="CLEARING",
    control_number=1,
    is_test=True,
    created_at=datetime(2026, 9, 12, tzinfo=UTC),
)
_SUBMITTER: Final = Submitter(name="Quiet Rooms", id="QUIETROOMS", contact=Contact(name="Desk", phone="3035550100"))


def examine(source: bytes) -> tuple[X12Finding, ...]:
    """All of it; what reading and checking found."""
    events, found = read(source)
    pieces = [source[start : start + 7] for start in range(0, len(source), 7)]
    assert read(pieces) == (events, found), "read in pieces, it says something else"
    checked = check_all(source)
    for finding in (*found, *checked):
        _check_place(finding, source, is_wrapped=any(one.code == "wrapped" for one in found))
    _write_again(source)
    _split_again(source)
    for event in events:
        if isinstance(event, ItemRead) and isinstance(event.item, ReadClaim):
            _write_claim(event.item)
    inbound.kind_of(source)
    inbound.patient_control_numbers(source)
    return (*found, *checked)


def read(source: bytes | Iterable[bytes]) -> tuple[list[Event], tuple[X12Finding, ...]]:
    report = Report()
    events = list(read_documents(source, report))
    return events, report.findings


def check_all(source: bytes) -> tuple[X12Finding, ...]:
    """Of any text, and of remittances also what their segments say and what the use cases ask."""
    report = Report()
    check(source, report)
    return (*report.findings, *_check_remittances(source))


def _check_remittances(source: bytes) -> Iterator[X12Finding]:
    report = Report()
    checker = RemittanceChecker(report)
    for transaction in read_transactions(source, report):
        if isinstance(transaction, TransactionSet) and transaction.code == "835" and reader_of(transaction, report):
            checker.check(transaction)
    yield from report.findings
    for remittance in remittance_835.read(source)[0]:
        yield from remittance_835.check(remittance)


def _check_place(finding: X12Finding, source: bytes, *, is_wrapped: bool) -> None:
    assert finding.message, finding
    assert finding.segment_number is None or finding.segment_number > 0, finding
    if finding.offset is None or is_wrapped:
        return
    assert 0 <= finding.offset <= len(source), finding
    if finding.segment_id is not None:
        assert source[finding.offset :].startswith(finding.segment_id.encode("latin-1")), finding


def _write_again(source: bytes) -> None:
    report = Report()
    written = b"".join(SegmentStream(source, report).written())
    assert written == source or any(one.code in _LOSE_BYTES for one in report.findings), "written back, it differs"


def _split_again(source: bytes) -> None:
    """One interchange about which there is nothing to say is what its terminator makes of it."""
    report = Report()
    segments = [segment.raw for segment in SegmentStream(source, report)]
    if report.findings or sum(segment.startswith("ISA") for segment in segments) != 1:
        return
    parts = source.decode("latin-1").split(chr(source[_TERMINATOR_AT]))
    assert segments == [part for part in (_BLANKS.sub("", part) for part in parts) if part], "it is split otherwise"


def _write_claim(one: ReadClaim) -> None:
    """A claim that can be written is read as one that is written and read as itself: nothing changes a second time."""
    again = _written_and_read(one)
    if again is not None:
        assert _written_and_read(again) == again, "written and read, a claim changes again"


def _written_and_read(one: ReadClaim) -> ReadClaim | None:
    if one.claim is None:
        return None
    text, _ = professional_claim_837.write(
        one.claim, _INTERCHANGE, reference="R1", submitter=_SUBMITTER, receiver_name="Invented Clearinghouse"
    )
    if text is None:
        return None
    (again,) = (event.item for event in read(text.encode())[0] if isinstance(event, ItemRead))
    assert isinstance(again, ReadClaim)
    assert again.claim is not None, "what was written is no claim"
    return again
