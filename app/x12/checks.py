"""Check any X12 text: envelope, structure, and what adds up, for every transaction set that can be read here.

A professional claim is checked on its loops (`structure`, `coordination_check_837`) and need not be one that can be read
as a value; a remittance on its values (`remittance_check_835`) as they go by; the others by being read. What is not read
is not checked, and a finding says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.x12.acknowledgment_999 import read_interchange_acknowledgment
from app.x12.coordination_check_837 import ClaimChecker
from app.x12.documents import reader_of
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import GROUP_CODE, Report
from app.x12.guide_837 import GUIDE
from app.x12.remittance_check_835 import RemittanceChecker
from app.x12.structure import read_units


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How much there was: transaction sets, those of them that were checked, and what they hold (claims, payments, answers,
    statuses, verdicts).
    """

    transactions: int
    checked: int
    items: int


def check(source: str | bytes | Iterable[bytes], report: Report) -> Checked:
    """All findings go to the report; never an exception for what the text holds."""
    claims, remittances = ClaimChecker(report), RemittanceChecker(report)
    transactions = checked = items = 0
    for one in read_transactions(source, report):
        if isinstance(one, InterchangeAcknowledgment):
            read_interchange_acknowledgment(one, report)
            continue
        transactions += 1
        reader = reader_of(one, report)
        if reader is None:
            continue
        checked += 1
        match one.code:
            case "837":
                items += _check_claims(one, claims, report)
            case "835":
                items += remittances.check(one)
            case _:
                items += sum(1 for _ in reader.read(one, report))
    return Checked(transactions=transactions, checked=checked, items=items)


def _check_claims(transaction: TransactionSet, checker: ClaimChecker, report: Report) -> int:
    if transaction.group.functional_code != "HC":
        report.add(GROUP_CODE, transaction.header, message="GS01 is not HC, the code of an 837.")
    count = 0
    for claim in read_units(transaction, GUIDE, report):
        count += 1
        checker.check(claim)
    return count
