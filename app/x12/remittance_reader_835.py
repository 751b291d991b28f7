"""One 835 from ST to SE: where its segments stand, what they mean there, and its values as soon as they are whole.

The state is where we are: before the claims, in a claim, in one of its services, after the claims. What a loop holds is
for `remittance_header_835` and `remittance_loops_835` to say.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from app.domain.money import ZERO
from app.domain.remittances import ClaimPayment, ProviderAdjustment, RemittanceHeader, RemittanceTrailer
from app.x12.envelope import TransactionSet
from app.x12.findings import (
    AMOUNT_MISPLACED,
    CODE_UNKNOWN,
    CURRENCY,
    ELEMENT_MISSING,
    GROUP_CODE,
    SEGMENT_MISSING,
    SEGMENT_NOT_USED,
    SEGMENT_REPEATED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    TRANSACTION_TRUNCATED,
    Fault,
    Report,
)
from app.x12.kept import KEPT_LIMIT, taken
from app.x12.remittance_header_835 import HeaderLoop
from app.x12.remittance_loops_835 import (
    ClaimLoop,
    Elements,
    ServiceLoop,
    read_adjustments,
    read_provider_adjustments,
)
from app.x12.segments import Run

Item: TypeAlias = RemittanceHeader | ClaimPayment | RemittanceTrailer

_PASSED_BY: Final = frozenset("N3 N4 PER QTY RDM TS2 TS3".split())
_NAMES_USED: Final = frozenset("PR TT".split())
_NAMES_ONCE: Final = _NAMES_USED | {"QC"}
_SERVICE_DATES: Final = frozenset("150 151 472".split())
_CLAIM_DATES: Final = frozenset("232 233".split())


class RemittanceReader:
    """Of one transaction set, once."""

    def __init__(self, transaction: TransactionSet, report: Report) -> None:
        self._transaction = transaction
        self._report = report
        self._component = transaction.interchange.separators.component
        self._element = transaction.interchange.separators.element
        self._kept: list[str] = []
        """For the value that is handed out next."""
        self._run: Run | None = None
        self._offsets: Sequence[int] = ()
        self._index = 0
        self._items: list[Item] = []
        self._before_claims = HeaderLoop(transaction)
        self._header: RemittanceHeader | None = None
        self._claim: ClaimLoop | None = None
        self._service: ServiceLoop | None = None
        self._positions = 0
        self._claims = 0
        self._claims_paid = ZERO
        self._provider_adjustments: list[ProviderAdjustment] = []
        self._is_whole = True
        self._handlers: dict[str, Callable[[Elements], None]] = {
            "AMT": self._amt,
            "BPR": self._bpr,
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
            "TRN": self._trn,
        }

    def items(self) -> Iterator[Item]:
        """The header, each claim, the trailer. Who takes them may add to the report meanwhile."""
        transaction, report, items, handlers = self._transaction, self._report, self._items, self._handlers
        if transaction.group.functional_code != "HP":
            report.add(GROUP_CODE, transaction.header, message="GS01 is not HP, the code of an 835.")
        cuts, errors = report.count(TRANSACTION_TRUNCATED), report.errors
        for run in transaction.runs:
            has_error = report.errors > errors  # then it is a run of one
            self._run, self._offsets = run, run.offsets
            for index, elements in enumerate(run.contents):
                self._index = index
                handler = handlers.get(elements[0])
                if handler is not None:
                    handler(elements)
                else:
                    self._keep(elements)
                    if elements[0] not in _PASSED_BY:
                        self._note(SEGMENT_UNKNOWN)
                if items:
                    yield from items
                    items.clear()
            if has_error:
                self._spoil()
            errors = report.errors
        if not transaction.complete:
            self._is_whole = False
        if report.count(TRANSACTION_TRUNCATED) > cuts:  # whatever was open may go on in what is missing
            self._spoil()
        self._close_claim()
        self._close()
        yield from items

    def _close(self) -> None:
        transaction, header = self._transaction, self._before_claims
        if not header.has_payment and transaction.complete:
            self._report.add(SEGMENT_MISSING, transaction.header, message="The 835 has no BPR.")
            self._is_whole = False
        owed = self._claims_paid - sum((one.amount for one in self._provider_adjustments), ZERO)
        trailer = RemittanceTrailer(
            provider_adjustments=tuple(self._provider_adjustments),
            claims=self._claims,
            claims_paid=self._claims_paid,
            difference=None if header.total_paid is None else header.total_paid - owed,
            is_whole=self._is_whole,
            segment=transaction.trailer.number if transaction.trailer else None,
            kept=taken(self._kept),
        )
        self._items.append(trailer)

    @property
    def _loop(self) -> str:
        if self._claim is None:
            return self._before_claims.party if self._header is None else ""
        return "2100" if self._service is None else "2110"

    @property
    def _place(self) -> tuple[int, int]:
        number = self._run.number if self._run is not None else 0
        return number + self._index, self._offsets[self._index]

    # The payment, its payer and payee

    def _bpr(self, elements: Elements) -> None:
        self._keep(elements)  # its bank accounts have no field
        if not self._is_first(self._before_claims.seen, "BPR"):
            return
        if self._header is not None:
            self._note(AMOUNT_MISPLACED, in_loop=False)
        else:
            self._before_claims.read_payment(elements, self._place, self._note_ahead)

    def _trn(self, elements: Elements) -> None:
        if self._is_first_ahead("TRN"):
            self._before_claims.read_trace(elements)
        if any(elements[4:]):
            self._keep(elements)

    def _cur(self, elements: Elements) -> None:
        self._keep(elements)
        if elements[2:3] != ["USD"]:
            self._note(CURRENCY, 2, in_loop=False)

    def _n1(self, elements: Elements) -> None:
        self._keep(elements)  # the payee's name and other numbers have no field
        role = elements[1] if len(elements) > 1 else ""
        if role not in {"PR", "PE"}:
            self._note(CODE_UNKNOWN, 1, in_loop=False)
        elif self._is_first_ahead(role):
            self._before_claims.read_name(elements)
        self._before_claims.party = {"PR": "1000A", "PE": "1000B"}.get(role, "")

    # Claims and services

    def _lx(self, elements: Elements) -> None:
        self._close_claim()
        self._keep(elements)

    def _clp(self, elements: Elements) -> None:
        self._close_claim()
        self._positions += 1
        self._claim = ClaimLoop(elements, self._place, self._positions, self._component)
        self._claim.check(self._note)
        if self._claim.holds_more:
            self._keep(elements)

    def _svc(self, elements: Elements) -> None:
        if self._claim is None:
            self._note(AMOUNT_MISPLACED, in_loop=False)
            return
        self._service = self._claim.add_service(elements, self._place)
        self._service.check(self._component, self._note)
        if self._service.holds_more(self._component):
            self._keep(elements)

    def _close_claim(self) -> None:
        """Before the first claim, at the next one, or after the last: whatever comes now belongs to something else."""
        if self._header is None:
            self._header = self._before_claims.header(taken(self._kept))
            self._items.append(self._header)
        payment = self._claim.payment(self._kept) if self._claim is not None else None
        if payment is not None:
            self._items.append(payment)
            self._claims += 1
            self._claims_paid += payment.paid
        self._claim = self._service = None

    def _cas(self, elements: Elements) -> None:
        place = self._service or self._claim
        if place is None:
            self._note(AMOUNT_MISPLACED, in_loop=False)
        else:
            read_adjustments(elements, place.adjustments, place.unread, self._note)

    def _plb(self, elements: Elements) -> None:
        self._close_claim()
        read_provider_adjustments(elements, self._component, self._provider_adjustments, self._note)

    def _nm1(self, elements: Elements) -> None:
        """Of all names two numbers have a field. A second patient is a claim whose CLP is missing."""
        self._keep(elements)
        role = elements[1] if len(elements) > 1 else ""
        if self._claim is None:
            self._note(SEGMENT_UNEXPECTED)
        elif role in _NAMES_ONCE and self._is_first(self._claim.seen, role) and role in _NAMES_USED:
            self._claim.read_name(elements)

    def _mia_or_moa(self, elements: Elements) -> None:
        self._keep(elements)  # its amounts have no field
        if self._claim is None:
            self._note(SEGMENT_UNEXPECTED)
        else:
            self._claim.read_remarks(elements)

    def _lq(self, elements: Elements) -> None:
        """LQ*HE is a remark code; LQ*RX is a code of the pharmacies' own list."""
        if self._service is None:
            self._keep(elements)
            self._note(SEGMENT_UNEXPECTED)
        elif len(elements) < 2 or elements[1] != "HE":
            self._keep(elements)
            self._note(SEGMENT_NOT_USED)
        elif len(elements) < 3 or not elements[2]:
            self._note(ELEMENT_MISSING, 2)
        else:
            self._service.remark_codes.append(elements[2])

    # Segments of more than one level

    def _dtm(self, elements: Elements) -> None:
        qualifier = elements[1] if len(elements) > 1 else ""
        if self._service is not None and qualifier in _SERVICE_DATES:
            if self._is_first(self._service.seen, qualifier):
                self._service.read_date(elements, self._note)
                return
        elif self._claim is not None:
            if qualifier in _CLAIM_DATES and self._is_first(self._claim.seen, qualifier):
                self._claim.read_date(elements, self._note)
                return
        elif qualifier == "405" and self._is_first_ahead(qualifier):
            self._before_claims.read_date(elements, self._note_ahead)
            return
        self._keep(elements)

    def _ref(self, elements: Elements) -> None:
        qualifier = elements[1] if len(elements) > 1 else ""
        if self._service is not None:
            if qualifier == "6R" and self._is_first(self._service.seen, qualifier):
                self._service.read_number(elements)
                return
        elif self._claim is not None:
            if qualifier == "F8" and self._is_first(self._claim.seen, qualifier):
                self._claim.read_number(elements)
                return
        elif (
            self._header is None
            and self._before_claims.party == "1000A"
            and qualifier == "2U"
            and self._is_first(self._before_claims.seen, qualifier)
        ):
            self._before_claims.read_payer_number(elements)
            return
        self._keep(elements)

    def _amt(self, elements: Elements) -> None:
        """AMT*B6 of a line is what was allowed, AMT*I of a claim is interest. The others take no part in anything."""
        qualifier = elements[1] if len(elements) > 1 else ""
        if self._service is not None:
            if qualifier == "B6" and self._is_first(self._service.seen, qualifier):
                self._service.read_amount(elements, self._note)
                return
        elif self._claim is not None:
            if qualifier == "I" and self._is_first(self._claim.seen, qualifier):
                self._claim.read_amount(elements, self._note)
                return
        else:
            self._note(SEGMENT_UNEXPECTED)
        self._keep(elements)

    def _keep(self, elements: Elements) -> None:
        if len(self._kept) < KEPT_LIMIT:
            self._kept.append(self._element.join(elements))

    # Findings

    def _is_first(self, seen: set[str], name: str) -> bool:
        """Where the guide allows one: the first counts, and which of two is meant is not guessed silently."""
        if name in seen:
            self._note(SEGMENT_REPEATED)
            return False
        seen.add(name)
        return True

    def _is_first_ahead(self, name: str) -> bool:
        """Of what stands before the claims only: after them the header has been handed out."""
        if not self._is_first(self._before_claims.seen, name):
            return False
        if self._header is not None:
            self._note(SEGMENT_UNEXPECTED)
        return self._header is None

    def _note_ahead(self, fault: Fault, element: int) -> None:
        self._note(fault, element, in_loop=False)

    def _note(self, fault: Fault, element: int | None = None, *, in_loop: bool = True) -> None:
        """At the segment that is being read. With an error in it, what it belongs to is not whole."""
        report, run = self._report, self._run
        errors = report.errors
        segment = run.segment(self._index) if run is not None else None
        report.add(fault, segment, element=element, loop=self._loop if in_loop else None)
        if report.errors > errors:
            self._spoil()

    def _spoil(self) -> None:
        if self._claim is not None and self._claim.is_readable:
            self._claim.spoil()
        else:
            self._is_whole = False
