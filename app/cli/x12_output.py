"""What `crossover x12` says: JSON Lines of what was read, findings as lines or as JSON, both with their places."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import orjson

from app.domain.acknowledgments import (
    BatchAcknowledgment,
    ClaimAcknowledgment,
    EnvelopeAcknowledgment,
    GroupAcknowledgment,
    TransactionAcknowledgment,
)
from app.domain.claim_statuses import ClaimStatus, RequestStatus
from app.domain.eligibility import EligibilityAnswer
from app.domain.findings import Finding
from app.domain.remittances import ClaimPayment
from app.x12.documents import (
    Event,
    InterchangeAcknowledged,
    InterchangeBegun,
    Item,
    ItemRead,
    TransactionBegun,
    TransactionEnded,
)
from app.x12.kept import sent
from app.x12.professional_claim_reader_837 import ReadClaim
from app.x12.segments import Segment

_ITEMS: Final[Mapping[type[Any], str]] = {
    BatchAcknowledgment: "batch_acknowledgment",
    ClaimAcknowledgment: "claim_acknowledgment",
    ClaimPayment: "claim_payment",
    ClaimStatus: "claim_status",
    EligibilityAnswer: "eligibility_answer",
    GroupAcknowledgment: "group_acknowledgment",
    ReadClaim: "claim",
    RequestStatus: "request_status",
    TransactionAcknowledgment: "transaction_acknowledgment",
}
_ACKNOWLEDGMENT: Final = tuple(field.name for field in fields(EnvelopeAcknowledgment))
"""Its names stand there also when a TA1 has no verdict."""
_LONGEST: Final = 200
"""Of a place or a file's name in a line."""


def json_line(record: Any) -> bytes:
    return orjson.dumps(record, default=_in_json, option=orjson.OPT_APPEND_NEWLINE)


def record_of(event: Event, file: str) -> dict[str, Any]:
    """One object of the output; `record` says what it is."""
    match event:
        case InterchangeBegun():
            return {"record": "interchange", "file": file_name(file), **_members(event.header)}
        case InterchangeAcknowledged():
            said = dict.fromkeys(_ACKNOWLEDGMENT) | _members(event.acknowledgment)
            return {"record": "interchange_acknowledgment", **_members(event, "acknowledgment"), **said}
        case TransactionBegun():
            return {"record": "transaction", **_members(event)}
        case ItemRead():
            return _item(event.item)
        case TransactionEnded():
            return {"record": "transaction_end", **_members(event, "remittance"), **_members(event.remittance)}


def _item(item: Item) -> dict[str, Any]:
    if isinstance(item, ReadClaim):  # what it says of its transaction set stands in the header
        return {"record": "claim", **_members(item, "transaction")}
    return {"record": _ITEMS[type(item)], **_members(item)}


def _members(value: Any, *left_out: str) -> dict[str, Any]:
    if value is None:
        return {}
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in left_out}


def _in_json(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Segment):
        return sent(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"a {type(value).__name__} has no JSON form")


def finding_record(finding: Finding, file: str) -> dict[str, Any]:
    return {"file": file_name(file), **_members(finding, "repair_ids")}


def finding_line(finding: Finding, file: str) -> str:
    """`claims.edi: error line_unbalanced: segment 32, byte 1204, 2430 SVD02: words [IK403 6] (out by 0.01)`."""
    number, offset = getattr(finding, "segment_number", None), getattr(finding, "offset", None)
    standard_code, difference = getattr(finding, "standard_code", None), getattr(finding, "difference", None)
    place = ", ".join(
        (
            *((f"segment {number}",) if number is not None else ()),
            *((f"byte {offset}",) if offset is not None else ()),
            *(printable(one) for one in (finding.location, finding.pointer) if one),
        )
    )
    line = (
        f"{printable(file)}: {finding.severity.value} {finding.code}: {place}{': ' if place else ''}{finding.message}"
    )
    if standard_code:
        line += f" [{standard_code}]"
    return line if difference is None or str(difference) in finding.message else f"{line} (out by {difference})"


def printable(text: str) -> str:
    """A segment's id and a file's name may hold anything; a line of output stays one line."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return shown if shown.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in shown)


def file_name(file: str) -> str:
    """Names of files are bytes, and need not be text."""
    return file.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def text_line(line: str) -> bytes:
    """UTF-8 whatever the terminal's encoding is: output goes into files and pipes."""
    return f"{line}\n".encode("utf-8", "replace")


def say(findings: Iterable[Finding], file: str, *, as_json: bool) -> None:
    """To standard error, after what was said before them on standard output."""
    for finding in findings:
        line = json_line(finding_record(finding, file)) if as_json else text_line(finding_line(finding, file))
        sys.stdout.buffer.flush()
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
