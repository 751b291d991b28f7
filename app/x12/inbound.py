"""What a clearinghouse has brought: which kind of document it is, and which claims it speaks of.

Both questions are asked before a document is read as what it is: to know which reader takes it, and to find the
practices it concerns, also when that reader would refuse it.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import Report


class InboundKind(StrEnum):
    REMITTANCE_835 = "remittance_835"
    CLAIM_ACKNOWLEDGMENT_277 = "claim_acknowledgment_277"
    CLAIM_STATUS_277 = "claim_status_277"
    ACKNOWLEDGMENT_999 = "acknowledgment_999"
    INTERCHANGE_ACKNOWLEDGMENT = "interchange_acknowledgment"
    """TA1 and nothing else."""
    OTHER = "other"
    """X12, and nothing that is read here."""
    UNREADABLE = "unreadable"


_KINDS: Final = {
    ("835", "005010X221A1"): InboundKind.REMITTANCE_835,
    ("835", "005010X221"): InboundKind.REMITTANCE_835,
    ("277", "005010X214"): InboundKind.CLAIM_ACKNOWLEDGMENT_277,
    ("277", "005010X212"): InboundKind.CLAIM_STATUS_277,
    ("999", "005010X231A1"): InboundKind.ACKNOWLEDGMENT_999,
    ("999", "005010X231"): InboundKind.ACKNOWLEDGMENT_999,
}
"""By ST01 and GS08 or ST03."""


def kind_of(source: str | bytes | Iterable[bytes]) -> InboundKind:
    """By the first transaction set; no more is read than leads to it."""
    report = Report()
    acknowledges = False
    for transaction in read_transactions(source, report):
        if isinstance(transaction, TransactionSet):
            return _KINDS.get((transaction.code, transaction.guide), InboundKind.OTHER)
        acknowledges = True
    if acknowledges:
        return InboundKind.INTERCHANGE_ACKNOWLEDGMENT
    return InboundKind.UNREADABLE if report.has_error else InboundKind.OTHER


def patient_control_numbers(source: str | bytes | Iterable[bytes]) -> tuple[str, ...]:
    """Every CLM01 that comes back in an 835, 277CA, 277 or 999, once, in the order of the text.

    Only the numbers are looked for, so that a damaged document is still brought to those it concerns.
    """
    numbers: dict[str, None] = {}
    for transaction in read_transactions(source, Report()):
        if not isinstance(transaction, InterchangeAcknowledgment):
            numbers.update(dict.fromkeys(number for number in _numbers_in(transaction) if number))
    return tuple(numbers)


def _numbers_in(transaction: TransactionSet) -> Iterator[str]:
    """CLP01 of an 835; TRN*2 at the patient's level and REF*EJ of a 277; CTX*CLM01 of a 999."""
    level = ""
    for segment in transaction.segments:
        match transaction.code, segment.id:
            case "835", "CLP":
                yield segment.get(1)
            case "277", "HL":
                level = segment.get(3)
            case "277", "TRN" if level == "PT" and segment.get(1) == "2":
                yield segment.get(2)
            case "277", "REF" if segment.get(1) == "EJ":
                yield segment.get(2)
            case "999", "CTX":
                name, *values = (*segment.components(1), "")
                yield values[0] if name == "CLM01" and values else ""
