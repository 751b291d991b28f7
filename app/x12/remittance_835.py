"""Read an 835, the remittance (005010X221 and X221A1): one `Remittance` per transaction set, and whether it adds up.

The reader takes the segments in any order within a loop and keeps what a claim is settled by: amounts, adjustments,
remark codes, dates, numbers, the payers a claim was sent on to. Segments of which no field holds everything (names and
addresses, contacts, quantities, totals of institutions, what nobody knows) are kept beside, as text. Nothing is repaired,
and nothing that carries money is lost silently: what cannot be read is an error with its place, and the claim or the
remittance it stands in is not whole. Whether a whole one balances is another question: `check`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from app.domain.money import ZERO
from app.domain.remittance_balance import BalanceFault, BalanceLevel, balance_faults, responsibility_difference
from app.domain.remittances import ClaimPayment, Remittance, RemittanceHeader, RemittanceTrailer
from app.x12.envelope import TransactionSet
from app.x12.findings import (
    CLAIM_LINES_UNBALANCED,
    CLAIM_UNBALANCED,
    LINE_UNBALANCED,
    PAYMENT_UNBALANCED,
    RESPONSIBILITY_DIFFERS,
    Fault,
    Report,
    X12Finding,
    location,
)
from app.x12.one_kind import Kind, each_of_kind, pass_by_acknowledgment
from app.x12.remittance_reader_835 import Item, RemittanceReader

GUIDES: Final = frozenset({"005010X221A1", "005010X221"})
_KIND: Final = Kind("835", GUIDES, "835 (remittance)", "005010X221A1", "an")


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[Remittance, ...], tuple[X12Finding, ...]]:
    """All remittances of the text and all findings; never an exception for what the text holds."""
    report = Report()
    remittances = tuple(read_each(source, report))
    return remittances, report.findings


def read_each(source: str | bytes | Iterable[bytes], report: Report) -> Iterator[Remittance]:
    """One after the other: of a file with many, one is in the memory. The findings go to the report."""
    return each_of_kind(source, report, _KIND, _read_whole, pass_by_acknowledgment)


def _read_whole(transaction: TransactionSet, report: Report) -> Iterator[Remittance]:
    remittance = _whole(read_transaction(transaction, report))
    if remittance is not None:
        yield remittance


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
