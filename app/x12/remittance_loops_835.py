"""The loops of an 835 while they are being read: a claim (2100), a service (2110), their adjustments, a PLB.

Each takes the elements of the segments that belong to it, notes what is wrong with them, and becomes a domain value in
the end, or None when an amount it cannot be without was not readable. Where a segment may stand, and what a fault means
for the whole, is `remittance_reader_835`'s matter.

A remittance of a year has millions of these values. They are made past their `__init__`, which sets each field of a frozen
dataclass by a call: a loop fills the fields of the value that it becomes, all of them, in the order of the class, and
hands it out when nothing more can come.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias

from app.domain.adjustments import GROUP_OF_CODE, Adjustment
from app.domain.remittances import ClaimPayment, ProviderAdjustment, ServicePayment, UnreadAdjustment
from app.x12.code_lists import CLAIM_STATUSES, REMITTANCE_FILING_CODES, REMITTANCE_GROUPS
from app.x12.elements import read_date, read_decimal, read_money
from app.x12.findings import (
    ADJUSTMENT_GROUP_UNKNOWN,
    ADJUSTMENT_REASON_MISSING,
    AMOUNT_INVALID,
    CODE_UNKNOWN,
    DATE_INVALID,
    ELEMENT_MISSING,
    ELEMENT_NOT_USED,
    ELEMENTS_SURPLUS,
    NUMBER_INVALID,
    Fault,
)
from app.x12.kept import taken

Elements: TypeAlias = Sequence[str]
"""Of one segment, its id first; what each says, without blanks at its end."""

Note: TypeAlias = Callable[[Fault, int], None]
"""Takes what is wrong with the segment that is being read, by element."""

_MIA_REMARKS: Final = (5, 20, 21, 22, 23)
_MOA_REMARKS: Final = (3, 4, 5, 6, 7)
_NOTHING: Final = ("",) * 9
_NO_PROCEDURE: Final = ("", "", ())
_MODIFIERS_END: Final = 5
_CAS_END: Final = 19
_PLB_END: Final = 14
_new: Final = object.__new__


class ServiceLoop:
    """One SVC and what follows it."""

    __slots__ = ("_fields", "_payment", "_svc", "adjustments", "remark_codes", "seen", "unread")

    def __init__(self, svc: Elements, place: tuple[int, int], component: str) -> None:
        self._svc = svc = svc if len(svc) > 7 else (*svc, *_NOTHING)
        self.adjustments: list[Adjustment] = []
        self.unread: list[UnreadAdjustment] = []
        self.remark_codes: list[str] = []
        self.seen: set[str] = set()
        self._payment = _new(ServicePayment)
        self._fields = fields = vars(self._payment)
        fields["line_control_number"] = None
        fields["procedure_qualifier"], fields["procedure_code"], fields["modifiers"] = _procedure(svc[1], component)
        _, submitted_code, submitted_modifiers = _procedure(svc[6], component) if svc[6] else _NO_PROCEDURE
        fields["submitted_procedure_code"] = submitted_code or None
        fields["submitted_modifiers"] = submitted_modifiers
        fields["charge"] = read_money(svc[2])
        fields["paid"] = read_money(svc[3])
        fields["units"] = read_decimal(svc[5]) if svc[5] else None
        fields["submitted_units"] = read_decimal(svc[7]) if svc[7] else None
        fields["first_date"] = fields["last_date"] = fields["allowed"] = None
        fields["adjustments"] = fields["remark_codes"] = fields["unread_adjustments"] = ()
        fields["segment"], fields["offset"] = place

    def holds_more(self, component: str) -> bool:
        """SVC04, and what stands behind the modifiers or behind SVC07, have no field."""
        svc = self._svc
        return bool(svc[4]) or any(svc[8:]) or max(svc[1].count(component), svc[6].count(component)) > _MODIFIERS_END

    def check(self, component: str, note: Note) -> None:
        svc, fields = self._svc, self._fields
        if fields["charge"] is None:
            note(AMOUNT_INVALID, 2)
        if fields["paid"] is None:
            note(AMOUNT_INVALID, 3)
        if fields["units"] is None and svc[5]:
            note(NUMBER_INVALID, 5)
        if fields["submitted_units"] is None and svc[7]:
            note(NUMBER_INVALID, 7)
        if not fields["procedure_code"]:
            note(ELEMENT_MISSING, 1)
        if svc[1].count(component) > _MODIFIERS_END:  # a description and a product id follow the modifiers
            note(ELEMENT_NOT_USED, 1)
        if svc[6].count(component) > _MODIFIERS_END:
            note(ELEMENT_NOT_USED, 6)

    def read_date(self, dtm: Elements, note: Note) -> None:
        """DTM*472, a single day, goes before DTM*150, the first one."""
        fields, day = self._fields, _read_day(dtm, note)
        if dtm[1] == "151":
            fields["last_date"] = day
        elif day is not None and (dtm[1] == "472" or fields["first_date"] is None):
            fields["first_date"] = day

    def read_number(self, ref: Elements) -> None:
        self._fields["line_control_number"] = ref[2] or None if len(ref) > 2 else None

    def read_amount(self, amt: Elements, note: Note) -> None:
        self._fields["allowed"] = _read_amount(amt, note)

    def payment(self) -> ServicePayment | None:
        fields = self._fields
        if fields["charge"] is None or fields["paid"] is None:
            return None
        fields["adjustments"] = tuple(self.adjustments)
        fields["remark_codes"] = tuple(self.remark_codes)
        fields["unread_adjustments"] = tuple(self.unread)
        return self._payment


class ClaimLoop:
    """One CLP and what follows it."""

    __slots__ = (
        "_clp",
        "_component",
        "_fields",
        "_payment",
        "adjustments",
        "remark_codes",
        "seen",
        "services",
        "unread",
    )

    def __init__(self, clp: Elements, place: tuple[int, int], position: int, component: str) -> None:
        self._clp = clp = clp if len(clp) > 9 else (*clp, *_NOTHING)
        self._component = component
        self.adjustments: list[Adjustment] = []
        self.unread: list[UnreadAdjustment] = []
        self.remark_codes: list[str] = []
        self.services: list[ServiceLoop] = []
        self.seen: set[str] = set()
        self._payment = _new(ClaimPayment)
        self._fields = fields = vars(self._payment)
        fields["position"] = position
        fields["segment"], offset = place
        fields["patient_control_number"] = clp[1]
        fields["status_code"] = clp[2]
        fields["charge"] = read_money(clp[3])
        fields["paid"] = read_money(clp[4])
        fields["patient_responsibility"] = read_money(clp[5])
        fields["filing_code"] = clp[6] or None
        fields["payer_claim_number"] = clp[7] or None
        fields["frequency_code"] = clp[9] or None
        fields["adjustments"] = fields["remark_codes"] = ()
        fields["original_claim_number"] = fields["interest"] = None
        fields["crossover_payer"] = fields["corrected_payer"] = None
        fields["services"] = ()
        fields["first_date"] = fields["last_date"] = None
        fields["unread_adjustments"] = ()
        fields["is_whole"] = True
        fields["kept"] = ()
        fields["offset"] = offset

    @property
    def is_readable(self) -> bool:
        return self._fields["charge"] is not None and self._fields["paid"] is not None

    def spoil(self) -> None:
        self._fields["is_whole"] = False

    def check(self, note: Note) -> None:
        clp, fields = self._clp, self._fields
        if fields["charge"] is None:
            note(AMOUNT_INVALID, 3)
        if fields["paid"] is None:
            note(AMOUNT_INVALID, 4)
        if not clp[1]:
            note(ELEMENT_MISSING, 1)
        if clp[2] not in CLAIM_STATUSES:
            note(CODE_UNKNOWN if clp[2] else ELEMENT_MISSING, 2)
        if clp[6] and clp[6] not in REMITTANCE_FILING_CODES:
            note(CODE_UNKNOWN, 6)
        if clp[5] and fields["patient_responsibility"] is None:
            note(NUMBER_INVALID, 5)

    def add_service(self, svc: Elements, place: tuple[int, int]) -> ServiceLoop:
        service = ServiceLoop(svc, place, self._component)
        self.services.append(service)
        return service

    def read_name(self, nm1: Elements) -> None:
        """NM1*TT and NM1*PR: the id, or the name where there is none."""
        nm1 = (*nm1, *_NOTHING)
        field = "crossover_payer" if nm1[1] == "TT" else "corrected_payer"
        self._fields[field] = nm1[9] or nm1[3] or None

    def read_remarks(self, segment: Elements) -> None:
        """MIA and MOA: only their remark codes."""
        elements = _MIA_REMARKS if segment[0] == "MIA" else _MOA_REMARKS
        self.remark_codes += [segment[element] for element in elements if element < len(segment) and segment[element]]

    def read_date(self, dtm: Elements, note: Note) -> None:
        self._fields["first_date" if dtm[1] == "232" else "last_date"] = _read_day(dtm, note)

    def read_number(self, ref: Elements) -> None:
        self._fields["original_claim_number"] = ref[2] or None if len(ref) > 2 else None

    def read_amount(self, amt: Elements, note: Note) -> None:
        self._fields["interest"] = _read_amount(amt, note)

    @property
    def holds_more(self) -> bool:
        """CLP08 and what stands behind CLP09 have no field."""
        return bool(self._clp[8]) or any(self._clp[10:])

    def payment(self, kept: list[str]) -> ClaimPayment | None:
        """`kept` is handed on with it, when it can be read."""
        if not self.is_readable:
            return None
        services = [service.payment() for service in self.services]
        fields = self._fields
        fields["adjustments"] = tuple(self.adjustments)
        fields["remark_codes"] = tuple(self.remark_codes)
        fields["services"] = tuple([service for service in services if service is not None])
        fields["unread_adjustments"] = tuple(self.unread)
        fields["kept"] = taken(kept)
        return self._payment


def read_adjustments(cas: Elements, known: list[Adjustment], unread: list[UnreadAdjustment], note: Note) -> None:
    """One CAS: a group and up to six reasons, each with an amount and perhaps a quantity."""
    code = cas[1] if len(cas) > 1 else ""
    group = GROUP_OF_CODE.get(code)
    if code not in REMITTANCE_GROUPS:
        note(ADJUSTMENT_GROUP_UNKNOWN if group is None else CODE_UNKNOWN, 1)
    is_empty, last = True, len(cas) - 1
    if last > _CAS_END:
        note(ELEMENTS_SURPLUS, _CAS_END + 1)
    for first in range(2, len(cas), 3):
        reason = cas[first]
        amount_text = cas[first + 1] if first < last else ""
        quantity_text = cas[first + 2] if first + 1 < last else ""
        if not (reason or amount_text or quantity_text):
            continue
        is_empty = False
        amount = read_money(amount_text)
        quantity = read_decimal(quantity_text) if quantity_text else None
        if quantity_text and quantity is None:
            note(NUMBER_INVALID, first + 2)
        if amount is None:
            note(AMOUNT_INVALID, first + 1)
        elif group is not None and reason:
            adjustment = _new(Adjustment)
            fields = vars(adjustment)
            fields["group"] = group
            fields["reason_code"] = reason
            fields["amount"] = amount
            fields["quantity"] = quantity
            known.append(adjustment)
        else:
            if not reason:
                note(ADJUSTMENT_REASON_MISSING, first)
            left = UnreadAdjustment(group_code=code, reason_code=reason or None, amount=amount, quantity=quantity)
            unread.append(left)
    if is_empty:
        note(AMOUNT_INVALID, 3)


def read_provider_adjustments(plb: Elements, component: str, into: list[ProviderAdjustment], note: Note) -> None:
    """PLB03 and 04, 05 and 06 and so on: reason with reference, and amount."""
    if len(plb) > _PLB_END + 1:
        note(ELEMENTS_SURPLUS, _PLB_END + 1)
    if not any(plb[3:]):
        note(AMOUNT_INVALID, 4)
    for element in range(3, len(plb), 2):
        pair, amount_text = plb[element], "".join(plb[element + 1 : element + 2])
        if not pair and not amount_text:
            continue
        amount = read_money(amount_text)
        if amount is None:
            note(AMOUNT_INVALID, element + 1)
            continue
        reason, *more = pair.split(component)
        if not reason:
            note(ELEMENT_MISSING, element)
        reference = more[0] if more else ""
        into.append(ProviderAdjustment(reason_code=reason, reference=reference or None, amount=amount))


def _procedure(text: str, component: str) -> tuple[str, str, tuple[str, ...]]:
    """Qualifier, code and up to four modifiers, as sent: HC, but also AD, N4, NU and what else payers adjudicate by."""
    if not text:
        return _NO_PROCEDURE
    return _split_procedure(text, component) if len(text) <= 24 else _split_procedure.__wrapped__(text, component)


@lru_cache(maxsize=1_024)  # a practice has few; what is longer has a description
def _split_procedure(text: str, component: str) -> tuple[str, str, tuple[str, ...]]:
    qualifier, code, *modifiers = (*text.split(component), "")
    return qualifier, code, tuple([modifier for modifier in modifiers[:4] if modifier])


def _read_day(dtm: Elements, note: Note) -> date | None:
    day = read_date(dtm[2]) if len(dtm) > 2 else None
    if day is None:
        note(DATE_INVALID, 2)
    return day


def _read_amount(amt: Elements, note: Note) -> Decimal | None:
    amount = read_money(amt[2]) if len(amt) > 2 else None
    if amount is None:
        note(NUMBER_INVALID, 2)
    return amount
