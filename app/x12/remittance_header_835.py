"""What stands before the claims of an 835: the payment (BPR, TRN, DTM*405), its payer (1000A) and payee (1000B)."""

from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.remittances import RemittanceHeader
from app.x12.code_lists import PAYMENT_METHODS
from app.x12.elements import read_date, read_money
from app.x12.envelope import TransactionSet
from app.x12.findings import AMOUNT_INVALID, CODE_UNKNOWN, DATE_INVALID, ELEMENT_MISSING
from app.x12.remittance_loops_835 import Elements, Note

_NOTHING: Final = ("",) * 16


class HeaderLoop:
    """Takes the elements of the segments as they come. `party` is the loop of the one they belong to."""

    def __init__(self, transaction: TransactionSet) -> None:
        self.seen: set[str] = set()
        self.party = ""
        self.has_payment = False
        self.total_paid: Decimal | None = None
        self._control_number = transaction.control_number
        self._place = (transaction.header.number, transaction.header.offset)
        self._payment_method = ""
        self._payment_date: date | None = None
        self._production_date: date | None = None
        self._trace_number = ""
        self._originator_id = ""
        self._payer_number = ""
        self._names: dict[str, Elements] = {"PR": _NOTHING, "PE": _NOTHING}

    def read_payment(self, bpr: Elements, place: tuple[int, int], note: Note) -> None:
        bpr = (*bpr, *_NOTHING)
        self.has_payment = True
        self._place = place
        self.total_paid = read_money(bpr[2])
        self._payment_method = bpr[4]
        self._payment_date = read_date(bpr[16])
        if self.total_paid is None:
            note(AMOUNT_INVALID, 2)
        if bpr[4] not in PAYMENT_METHODS:
            note(CODE_UNKNOWN if bpr[4] else ELEMENT_MISSING, 4)
        if bpr[16] and self._payment_date is None:
            note(DATE_INVALID, 16)

    def read_trace(self, trn: Elements) -> None:
        _, _, self._trace_number, self._originator_id, *_ = (*trn, *_NOTHING)

    def read_date(self, dtm: Elements, note: Note) -> None:
        self._production_date = read_date((*dtm, *_NOTHING)[2])
        if self._production_date is None:
            note(DATE_INVALID, 2)

    def read_name(self, n1: Elements) -> None:
        self._names[n1[1]] = (*n1, *_NOTHING)

    def read_payer_number(self, ref: Elements) -> None:
        """REF*2U."""
        self._payer_number = (*ref, *_NOTHING)[2]

    def header(self, kept: tuple[str, ...]) -> RemittanceHeader:
        payer, payee = self._names["PR"], self._names["PE"]
        segment, offset = self._place
        return RemittanceHeader(
            control_number=self._control_number,
            total_paid=self.total_paid,
            payment_method=self._payment_method,
            payment_date=self._payment_date,
            production_date=self._production_date,
            trace_number=self._trace_number or None,
            originator_id=self._originator_id or None,
            payer_name=payer[2] or None,
            payer_id=self._payer_number or _number(payer, "XV"),
            payee_npi=_number(payee, "XX"),
            kept=kept,
            segment=segment,
            offset=offset,
        )


def _number(n1: Elements, qualifier: str) -> str | None:
    return n1[4] or None if n1[3] == qualifier else None
