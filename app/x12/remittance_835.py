"""Read an 835, the remittance (005010X221 and X221A1): one `Remittance` per transaction set, and whether it adds up.

The reader takes the segments in any order within a loop and keeps what a claim is settled by: amounts, adjustments,
remark codes, dates, numbers, the payers a claim was sent on to. Names and addresses, contacts, quantities and totals
of institutions (N3, N4, PER, RDM, TS2, TS3, QTY, most of NM1, REF, DTM and AMT) are passed by. Nothing is repaired,
and nothing that carries money is lost silently: what cannot be read is an error with its place, and the claim or the
remittance it stands in is not whole. Whether a whole one balances is another question: `check`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.domain.money import ZERO
from app.domain.remittance_balance import BalanceFault, BalanceLevel, balance_faults, responsibility_difference
from app.domain.remittances import ClaimPayment, ProviderAdjustment, Remittance
from app.x12.codes import PAYMENT_METHODS, TRANSACTION_NAMES
from app.x12.elements import read_date, read_money
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import (
    AMOUNT_INVALID,
    AMOUNT_MISPLACED,
    CLAIM_LINES_UNBALANCED,
    CLAIM_UNBALANCED,
    CODE_UNKNOWN,
    CURRENCY,
    DATE_INVALID,
    ELEMENT_MISSING,
    GROUP_CODE,
    LINE_UNBALANCED,
    PAYMENT_UNBALANCED,
    RESPONSIBILITY_DIFFERS,
    SEGMENT_MISSING,
    SEGMENT_NOT_USED,
    SEGMENT_REPEATED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    TRANSACTION_TRUNCATED,
    UNEXPECTED_GUIDE,
    UNEXPECTED_TRANSACTION,
    Fault,
    Report,
    X12Finding,
    location,
)
from app.x12.remittance_loops_835 import ClaimLoop, Faults, ServiceLoop, read_provider_adjustments
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X221A1", "005010X221"})
_PASSED_BY: Final = frozenset("N3 N4 PER QTY RDM TS2 TS3".split())


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
        elif transaction.code != "835":
            name = TRANSACTION_NAMES.get(transaction.code)
            what = f"Transaction set {transaction.code} ({name})" if name else "An unknown transaction set"
            _refuse(report, transaction.header, UNEXPECTED_TRANSACTION, what)
        elif transaction.guide not in GUIDES:
            _refuse(report, transaction.header, UNEXPECTED_GUIDE, "An 835 of another implementation guide")
        else:
            remittance = _RemittanceReader(transaction, report).read()
            if remittance is not None:
                found = True
                yield remittance
    if not found and not report.has_error:
        report.add(UNEXPECTED_TRANSACTION, message="The interchange holds no 835 (remittance).")


def _refuse(report: Report, segment: Segment, fault: Fault, what: str) -> None:
    report.add(fault, segment, element=1, message=f"{what} came instead of an 835 (remittance) of 005010X221A1.")


class _RemittanceReader:
    """One transaction set. The state is where we are: payer, payee, claim, service."""

    def __init__(self, transaction: TransactionSet, report: Report) -> None:
        self._transaction = transaction
        self._report = report
        self._bpr: Segment | None = None
        self._trn: Segment | None = None
        self._production_date: Segment | None = None
        self._party = ""
        self._parties: dict[str, Segment] = {}
        self._payer_number: str | None = None
        self._claims: list[ClaimPayment] = []
        self._positions = 0
        self._claim: ClaimLoop | None = None
        self._service: ServiceLoop | None = None
        self._provider_adjustments: list[ProviderAdjustment] = []
        self._is_whole = True
        self._seen: set[str] = set()
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "AMT": self._amt,
            "BPR": self._read_bpr,
            "CAS": self._cas,
            "CLP": self._clp,
            "CUR": self._cur,
            "DTM": self._dtm,
            "LQ": self._lq,
            "LX": self._lx,
            "MIA": self._mia_or_moa,
            "MOA": self._mia_or_moa,
            "N1": self._n1,
            "NM1": self._nm1,
            "PLB": self._plb,
            "REF": self._ref,
            "SVC": self._svc,
            "TRN": self._read_trn,
        }

    def read(self) -> Remittance | None:
        """None when there is no total to hold the claims against."""
        transaction, report = self._transaction, self._report
        if transaction.group.functional_code != "HP":
            report.add(GROUP_CODE, transaction.header, message="GS01 is not HP, the code of an 835.")
        errors, cuts = report.errors, report.count(TRANSACTION_TRUNCATED)
        for segment in transaction.segments:
            handler = self._handlers.get(segment.id)
            if handler is not None:
                handler(segment)
            elif segment.id not in _PASSED_BY:
                report.add(SEGMENT_UNKNOWN, segment, loop=self._loop)
            if report.errors > errors:  # in the segment or in what it means here
                self._spoil()
                errors = report.errors
        if not transaction.complete:
            self._is_whole = False
        if report.count(TRANSACTION_TRUNCATED) > cuts:  # whatever was open may go on in what is missing
            self._spoil()
        self._close_claim()
        return self._remittance()

    def _spoil(self) -> None:
        if self._claim is not None and self._claim.is_readable:
            self._claim.is_whole = False
        else:
            self._is_whole = False

    def _remittance(self) -> Remittance | None:
        bpr, payer, payee = self._bpr, self._parties.get("PR"), self._parties.get("PE")
        if bpr is None:
            if self._transaction.complete:
                self._report.add(SEGMENT_MISSING, self._transaction.header, message="The 835 has no BPR.")
            return None
        total_paid = read_money(bpr.get(2))
        if total_paid is None:
            return None
        trn = self._trn
        return Remittance(
            control_number=self._transaction.control_number,
            total_paid=total_paid,
            payment_method=bpr.get(4),
            payment_date=read_date(bpr.get(16)),
            production_date=read_date(self._production_date.get(2)) if self._production_date else None,
            trace_number=(trn.get(2) or None) if trn else None,
            originator_id=(trn.get(3) or None) if trn else None,
            payer_name=(payer.get(2) or None) if payer else None,
            payer_id=self._payer_number or _party_id(payer, "XV"),
            payee_npi=_party_id(payee, "XX"),
            claims=tuple(self._claims),
            provider_adjustments=tuple(self._provider_adjustments),
            segment=bpr.number,
            is_whole=self._is_whole,
        )

    @property
    def _loop(self) -> str:
        if self._claim is None:
            return self._party
        return "2100" if self._service is None else "2110"

    # The payment, its payer and payee

    def _read_bpr(self, segment: Segment) -> None:
        if not self._is_first(segment, self._seen, "BPR"):
            return
        self._bpr = segment
        if read_money(segment.get(2)) is None:
            self._report.add(AMOUNT_INVALID, segment, element=2)
        if not segment.get(4):
            self._report.add(ELEMENT_MISSING, segment, element=4)
        elif segment.get(4) not in PAYMENT_METHODS:
            self._report.add(CODE_UNKNOWN, segment, element=4)
        if segment.get(16) and read_date(segment.get(16)) is None:
            self._report.add(DATE_INVALID, segment, element=16)

    def _read_trn(self, segment: Segment) -> None:
        if self._is_first(segment, self._seen, "TRN"):
            self._trn = segment

    def _cur(self, segment: Segment) -> None:
        if segment.get(2) != "USD":
            self._report.add(CURRENCY, segment, element=2)

    def _n1(self, segment: Segment) -> None:
        role = segment.get(1)
        if role not in {"PR", "PE"}:
            self._report.add(CODE_UNKNOWN, segment, element=1)
        elif self._is_first(segment, self._seen, f"N1*{role}"):
            self._parties[role] = segment
        self._party = {"PR": "1000A", "PE": "1000B"}.get(role, "")

    # Claims and services

    def _lx(self, _segment: Segment) -> None:
        self._close_claim()

    def _clp(self, segment: Segment) -> None:
        self._close_claim()
        self._positions += 1
        self._claim = ClaimLoop(segment, self._positions)
        self._report_all(self._claim.faults(), segment)

    def _svc(self, segment: Segment) -> None:
        if self._claim is None:
            self._report.add(AMOUNT_MISPLACED, segment)
            return
        self._service = ServiceLoop(segment)
        self._claim.services.append(self._service)
        self._report_all(self._service.faults(), segment)

    def _close_claim(self) -> None:
        payment = self._claim.payment() if self._claim is not None else None
        if payment is not None:
            self._claims.append(payment)
        self._claim, self._service, self._party = None, None, ""

    def _cas(self, segment: Segment) -> None:
        place = self._service or self._claim
        if place is None:
            self._report.add(AMOUNT_MISPLACED, segment)
        else:
            self._report_all(place.adjustments.read(segment), segment)

    def _plb(self, segment: Segment) -> None:
        self._close_claim()
        self._report_all(read_provider_adjustments(segment, self._provider_adjustments), segment)

    def _nm1(self, segment: Segment) -> None:
        if self._claim is None:
            self._unexpected(segment)
        elif segment.get(1) in {"TT", "PR"} and self._is_first(segment, self._claim.seen, f"NM1*{segment.get(1)}"):
            self._claim.read_name(segment)

    def _mia_or_moa(self, segment: Segment) -> None:
        if self._claim is None:
            self._unexpected(segment)
        else:
            self._claim.read_remarks(segment)

    def _lq(self, segment: Segment) -> None:
        """LQ*HE is a remark code; LQ*RX is a code of the pharmacies' own list."""
        if self._service is None:
            self._unexpected(segment)
        elif segment.get(1) != "HE":
            self._report.add(SEGMENT_NOT_USED, segment, loop=self._loop)
        elif not segment.get(2):
            self._report.add(ELEMENT_MISSING, segment, element=2, loop=self._loop)
        else:
            self._service.remark_codes.append(segment.get(2))

    # Segments of more than one level

    def _dtm(self, segment: Segment) -> None:
        qualifier = segment.get(1)
        if self._service is not None and qualifier in {"150", "151", "472"}:
            if self._is_first(segment, self._service.seen, f"DTM*{qualifier}"):
                self._report_all(self._service.read_date(segment), segment)
        elif self._claim is not None and qualifier in {"232", "233"}:
            if self._is_first(segment, self._claim.seen, f"DTM*{qualifier}"):
                self._report_all(self._claim.read_date(segment), segment)
        elif self._claim is None and qualifier == "405" and self._is_first(segment, self._seen, "DTM*405"):
            self._production_date = segment
            if read_date(segment.get(2)) is None:
                self._report.add(DATE_INVALID, segment, element=2)

    def _ref(self, segment: Segment) -> None:
        qualifier, number = segment.get(1), segment.get(2) or None
        if self._service is not None:
            if qualifier == "6R" and self._is_first(segment, self._service.seen, "REF*6R"):
                self._service.line_control_number = number
        elif self._claim is not None:
            if qualifier == "F8" and self._is_first(segment, self._claim.seen, "REF*F8"):
                self._claim.original_claim_number = number
        elif self._party == "1000A" and qualifier == "2U" and self._is_first(segment, self._seen, "REF*2U"):
            self._payer_number = number

    def _amt(self, segment: Segment) -> None:
        """AMT*B6 of a line is what was allowed, AMT*I of a claim is interest. The others take no part in anything."""
        if self._service is not None:
            if segment.get(1) == "B6" and self._is_first(segment, self._service.seen, "AMT*B6"):
                self._report_all(self._service.read_amount(segment), segment)
        elif self._claim is not None:
            if segment.get(1) == "I" and self._is_first(segment, self._claim.seen, "AMT*I"):
                self._report_all(self._claim.read_amount(segment), segment)
        else:
            self._unexpected(segment)

    # Findings

    def _is_first(self, segment: Segment, seen: set[str], name: str) -> bool:
        """Where the guide allows one: the first counts, and which of two is meant is not guessed silently."""
        if name in seen:
            self._report.add(SEGMENT_REPEATED, segment, loop=self._loop)
            return False
        seen.add(name)
        return True

    def _report_all(self, faults: Faults, segment: Segment) -> None:
        for fault, element in faults:
            self._report.add(fault, segment, element=element, loop=self._loop)

    def _unexpected(self, segment: Segment) -> None:
        self._report.add(SEGMENT_UNEXPECTED, segment, loop=self._loop)


def _party_id(n1: Segment | None, qualifier: str) -> str | None:
    return n1.get(4) or None if n1 is not None and n1.get(3) == qualifier else None


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
