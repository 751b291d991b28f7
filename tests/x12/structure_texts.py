"""What the structural check says about a text of professional claims, with what the envelope's reading says; and pyx12."""

from collections.abc import Iterable

from app.domain.findings import Severity
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.guide_837 import GUIDE
from app.x12.loops import Loop
from app.x12.structure import read_units
from tests.x12.pyx12_oracle import complaints


def units_of(text: str | bytes | Iterable[bytes], report: Report | None = None) -> list[Loop]:
    report = report or Report()
    return [
        unit
        for transaction in read_transactions(text, report)
        if isinstance(transaction, TransactionSet)
        for unit in read_units(transaction, GUIDE, report)
    ]


def structure_of(text: str | bytes) -> tuple[X12Finding, ...]:
    report = Report()
    units_of(text, report)
    return report.findings


def errors_of(text: str | bytes) -> list[X12Finding]:
    return [finding for finding in structure_of(text) if finding.severity is Severity.ERROR]


def is_refused_by_pyx12(text: str) -> bool:
    """pyx12 4.0.0 falls over its own message for a composite with too many components, and over a HL01 that is no number."""
    try:
        return complaints(text) != []
    except (IndexError, ValueError, TypeError, AttributeError, AssertionError):
        return True
