"""The loops of the claims of an 837P text, and what the checker of claims finds in them."""

from collections.abc import Iterator

from app.x12.coordination_check_837 import ClaimChecker
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.guide_837 import GUIDE
from app.x12.loops import Loop
from app.x12.structure import read_units


def units(text: str | bytes) -> Iterator[Loop]:
    """What is wrong with the structure is not asked here."""
    structure = Report()
    for transaction in read_transactions(text, structure):
        if isinstance(transaction, TransactionSet):
            yield from read_units(transaction, GUIDE, structure)


def checked(text: str | bytes, report: Report | None = None) -> tuple[X12Finding, ...]:
    """The findings of the checker alone, over the whole file."""
    report = report or Report()
    checker = ClaimChecker(report)
    for unit in units(text):
        checker.check(unit)
    return report.findings


def codes(text: str | bytes) -> set[str]:
    return {finding.code for finding in checked(text)}
