"""Read an 835, the remittance (005010X221 and X221A1): one `Remittance` per transaction set, and whether it adds up.

The reader takes the segments in any order within a loop and keeps what a claim is settled by: amounts, adjustments,
remark codes, dates, numbers, the payers a claim was sent on to. Names and addresses, contacts, quantities and totals
of institutions (N3, N4, PER, RDM, TS2, TS3, QTY, most of NM1, REF, DTM and AMT) are passed by. Nothing is repaired,
and nothing that carries money is lost silently: what cannot be read is an error with its place, and the claim or the
remittance it stands in is not whole. Whether a whole one balances is another question: `check`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from app.domain.money import ZERO
from app.domain.remittance_balance import BalanceFault, BalanceLevel, balance_faults, responsibility_difference
from app.domain.remittances import ClaimPayment, Remittance, RemittanceHeader, RemittanceTrailer
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import (
    CLAIM_LINES_UNBALANCED,
    CLAIM_UNBALANCED,
    LINE_UNBALANCED,
    PAYMENT_UNBALANCED,
    RESPONSIBILITY_DIFFERS,
    SEGMENT_NOT_USED,
    UNEXPECTED_GUIDE,
    UNEXPECTED_TRANSACTION,
    Fault,
    Report,
    X12Finding,
    location,
)
from app.x12.guide_names import describe
from app.x12.remittance_reader_835 import Item, RemittanceReader
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X221A1", "005010X221"})


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[Remittance, ...], tuple[X12Finding, ...]]:
    """All remittances of the text and all findings; never an exception for what the text holds."""
    report = Report()
    remittances = tuple(read_each(source, report))
    return remittances, report.findings


def read_each(source: str | bytes | Iterable[bytes], report: Report) -> Iterator[Remittance]:
    """One after the other: of a file with many, one is in the memory. The findings go to the report."""
    found = False
    for transaction in read_transactions(source, report):
        if isinstance(transaction, InterchangeAcknowledgment):
            report.add(SEGMENT_NOT_USED, transaction.segment)
        elif transaction.code != "835" or transaction.guide not in GUIDES:
            fault = UNEXPECTED_TRANSACTION if transaction.code != "835" else UNEXPECTED_GUIDE
            _refuse(report, transaction.header, fault, describe(transaction.code, transaction.guide))
        else:
            remittance = _whole(read_transaction(transaction, report))
            if remittance is not None:
                found = True
                yield remittance
    if not found and not report.has_error:
        report.add(UNEXPECTED_TRANSACTION, message="The interchange holds no 835 (remittance).")


def read_transaction(transaction: TransactionSet, report: Report) -> Iterator[Item]:
    """Of one 835 the header, each claim when it is whole, and the trailer: the memory holds one claim."""
    return RemittanceReader(transaction, report).items()


def _whole(items: Iterator[Item]) -> Remittance | None:
    """None when there is no total to hold the claims against."""
    header: RemittanceHeader | None = None
    trailer: RemittanceTrailer | None = None
    claims: list[ClaimPayment] = []
    for item in items:
        if isinstance(item, ClaimPayment):
            claims.append(item)
        elif isinstance(item, RemittanceHeader):
            header = item
        else:
            trailer = item
    if header is None or trailer is None or header.total_paid is None:
        return None
    return Remittance(
        control_number=header.control_number,
        total_paid=header.total_paid,
        payment_method=header.payment_method,
        payment_date=header.payment_date,
        production_date=header.production_date,
        trace_number=header.trace_number,
        originator_id=header.originator_id,
        payer_name=header.payer_name,
        payer_id=header.payer_id,
        payee_npi=header.payee_npi,
        claims=tuple(claims),
        provider_adjustments=trailer.provider_adjustments,
        segment=header.segment,
        is_whole=trailer.is_whole,
    )


def _refuse(report: Report, segment: Segment, fault: Fault, what: str) -> None:
    report.add(fault, segment, element=1, message=f"{what} came instead of an 835 (remittance) of 005010X221A1.")


# Balance

_UNBALANCED: Final = {
    BalanceLevel.LINE: (LINE_UNBALANCED, "2110", "SVC", 3),
    BalanceLevel.CLAIM: (CLAIM_UNBALANCED, "2100", "CLP", 4),
    BalanceLevel.CLAIM_LINES: (CLAIM_LINES_UNBALANCED, "2100", "CLP", 4),
    BalanceLevel.PAYMENT: (PAYMENT_UNBALANCED, None, "BPR", 2),
}


def check(remittance: Remittance) -> tuple[X12Finding, ...]:
    """What does not add up, for people, each at its amount; as numbers it is `domain.remittance_balance`."""
    claims = {claim.position: claim for claim in remittance.claims}
    findings = [_unbalanced(fault, remittance, claims) for fault in balance_faults(remittance)]
    findings += [
        _finding(RESPONSIBILITY_DIFFERS, "2100", "CLP", 5, claim.segment)
        for claim in remittance.claims
        if responsibility_difference(claim) != ZERO
    ]
    return tuple(findings)


def _unbalanced(fault: BalanceFault, remittance: Remittance, claims: dict[int, ClaimPayment]) -> X12Finding:
    number = remittance.segment
    if fault.claim_position is not None:
        claim = claims[fault.claim_position]
        number = claim.segment if fault.line_position is None else claim.services[fault.line_position - 1].segment
    return _finding(*_UNBALANCED[fault.level], number)


def _finding(fault: Fault, loop: str | None, segment_id: str, element: int, number: int | None) -> X12Finding:
    return X12Finding(
        code=fault.code,
        message=fault.message,
        severity=fault.severity,
        location=location(loop, segment_id, element),
        segment_number=number,
        segment_id=segment_id,
        element=element,
    )
