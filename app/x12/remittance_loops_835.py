"""The loops of an 835 while they are being read: a claim (2100), a service (2110), their adjustments, a PLB.

Each takes the segments that belong to it, says what is wrong with their elements, and becomes a domain value in the
end, or None when an amount it cannot be without was not readable. Where a segment may stand, and what a fault means
for the whole, is `remittance_835`'s matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.adjudications import GROUP_OF_CODE, Adjustment
from app.domain.remittances import ClaimPayment, ProviderAdjustment, ServicePayment, UnreadAdjustment
from app.x12.codes import CLAIM_STATUSES, REMITTANCE_FILING_CODES, REMITTANCE_GROUPS
from app.x12.elements import read_date, read_decimal, read_money
from app.x12.findings import (
    ADJUSTMENT_GROUP_UNKNOWN,
    ADJUSTMENT_REASON_MISSING,
    AMOUNT_INVALID,
    CODE_UNKNOWN,
    DATE_INVALID,
    ELEMENT_MISSING,
    ELEMENT_NOT_USED,
    NUMBER_INVALID,
    Fault,
)
from app.x12.segments import Segment

Faults = Iterator[tuple[Fault, int]]
"""What is wrong with a segment, by element."""

MIA_REMARKS = (5, 20, 21, 22, 23)
MOA_REMARKS = (3, 4, 5, 6, 7)


@dataclass
class AdjustmentList:
    """The CAS segments of one level: up to 99 of a group and up to six reasons each."""

    known: list[Adjustment] = field(default_factory=list)
    unread: list[UnreadAdjustment] = field(default_factory=list)

    def read(self, cas: Segment) -> Faults:
        code = cas.get(1)
        group = GROUP_OF_CODE.get(code)
        if group is None:
            yield ADJUSTMENT_GROUP_UNKNOWN, 1
        elif code not in REMITTANCE_GROUPS:
            yield CODE_UNKNOWN, 1
        if not any(cas.get(element) for element in range(2, len(cas.elements))):
            yield AMOUNT_INVALID, 3
        for first in range(2, len(cas.elements), 3):
            reason, amount, quantity = cas.get(first), read_money(cas.get(first + 1)), read_decimal(cas.get(first + 2))
            if not any(cas.get(element) for element in range(first, first + 3)):
                continue
            if cas.get(first + 2) and quantity is None:
                yield NUMBER_INVALID, first + 2
            if amount is None:
                yield AMOUNT_INVALID, first + 1
            elif group is not None and reason:
                self.known.append(Adjustment(group=group, reason_code=reason, amount=amount, quantity=quantity))
            else:
                if not reason:
                    yield ADJUSTMENT_REASON_MISSING, first
                unread = UnreadAdjustment(group_code=code, reason_code=reason or None, amount=amount, quantity=quantity)
                self.unread.append(unread)


@dataclass
class ServiceLoop:
    """One SVC and what follows it."""

    svc: Segment = field(repr=False)
    adjustments: AdjustmentList = field(default_factory=AdjustmentList)
    remark_codes: list[str] = field(default_factory=list)
    line_control_number: str | None = None
    dates: dict[str, date] = field(default_factory=dict)
    allowed: Decimal | None = None
    seen: set[str] = field(default_factory=set, repr=False)

    def faults(self) -> Faults:
        svc = self.svc
        for element in (2, 3):
            if read_money(svc.get(element)) is None:
                yield AMOUNT_INVALID, element
        for element in (5, 7):
            if svc.get(element) and read_decimal(svc.get(element)) is None:
                yield NUMBER_INVALID, element
        if not _procedure(svc, 1)[1]:
            yield ELEMENT_MISSING, 1
        for element in (1, 6):
            if len(svc.components(element)) > 6:  # a description and a product id follow the modifiers
                yield ELEMENT_NOT_USED, element

    def read_date(self, dtm: Segment) -> Faults:
        yield from _read_date_into(self.dates, dtm)

    def read_amount(self, amt: Segment) -> Faults:
        self.allowed = read_money(amt.get(2))
        if self.allowed is None:
            yield NUMBER_INVALID, 2

    def payment(self) -> ServicePayment | None:
        svc = self.svc
        charge, paid = read_money(svc.get(2)), read_money(svc.get(3))
        if charge is None or paid is None:
            return None
        qualifier, code, modifiers = _procedure(svc, 1)
        _, submitted_code, submitted_modifiers = _procedure(svc, 6)
        return ServicePayment(
            line_control_number=self.line_control_number,
            procedure_qualifier=qualifier,
            procedure_code=code,
            modifiers=modifiers,
            submitted_procedure_code=submitted_code or None,
            submitted_modifiers=submitted_modifiers,
            charge=charge,
            paid=paid,
            units=read_decimal(svc.get(5)),
            submitted_units=read_decimal(svc.get(7)),
            first_date=self.dates.get("472") or self.dates.get("150"),
            last_date=self.dates.get("151"),
            allowed=self.allowed,
            adjustments=tuple(self.adjustments.known),
            remark_codes=tuple(self.remark_codes),
            unread_adjustments=tuple(self.adjustments.unread),
            segment=svc.number,
        )


@dataclass
class ClaimLoop:
    """One CLP and what follows it."""

    clp: Segment = field(repr=False)
    position: int
    adjustments: AdjustmentList = field(default_factory=AdjustmentList)
    remark_codes: list[str] = field(default_factory=list)
    services: list[ServiceLoop] = field(default_factory=list)
    original_claim_number: str | None = field(default=None, repr=False)
    crossover_payer: str | None = field(default=None, repr=False)
    corrected_payer: str | None = field(default=None, repr=False)
    dates: dict[str, date] = field(default_factory=dict)
    interest: Decimal | None = None
    seen: set[str] = field(default_factory=set, repr=False)
    is_whole: bool = True

    @property
    def is_readable(self) -> bool:
        return all(read_money(self.clp.get(element)) is not None for element in (3, 4))

    def faults(self) -> Faults:
        clp = self.clp
        for element in (3, 4):
            if read_money(clp.get(element)) is None:
                yield AMOUNT_INVALID, element
        for element in (1, 2):
            if not clp.get(element):
                yield ELEMENT_MISSING, element
        for element, codes in ((2, CLAIM_STATUSES), (6, REMITTANCE_FILING_CODES)):
            if clp.get(element) and clp.get(element) not in codes:
                yield CODE_UNKNOWN, element
        if clp.get(5) and read_money(clp.get(5)) is None:
            yield NUMBER_INVALID, 5

    def read_name(self, nm1: Segment) -> None:
        """NM1*TT and NM1*PR: the id, or the name where there is none."""
        name = nm1.get(9) or nm1.get(3) or None
        if nm1.get(1) == "TT":
            self.crossover_payer = name
        else:
            self.corrected_payer = name

    def read_remarks(self, segment: Segment) -> None:
        """MIA and MOA: only their remark codes."""
        elements = MIA_REMARKS if segment.id == "MIA" else MOA_REMARKS
        self.remark_codes += [segment.get(element) for element in elements if segment.get(element)]

    def read_date(self, dtm: Segment) -> Faults:
        yield from _read_date_into(self.dates, dtm)

    def read_amount(self, amt: Segment) -> Faults:
        self.interest = read_money(amt.get(2))
        if self.interest is None:
            yield NUMBER_INVALID, 2

    def payment(self) -> ClaimPayment | None:
        clp = self.clp
        charge, paid = read_money(clp.get(3)), read_money(clp.get(4))
        if charge is None or paid is None:
            return None
        services = (service.payment() for service in self.services)
        return ClaimPayment(
            position=self.position,
            segment=clp.number,
            patient_control_number=clp.get(1),
            status_code=clp.get(2),
            charge=charge,
            paid=paid,
            patient_responsibility=read_money(clp.get(5)),
            filing_code=clp.get(6) or None,
            payer_claim_number=clp.get(7) or None,
            frequency_code=clp.get(9) or None,
            adjustments=tuple(self.adjustments.known),
            remark_codes=tuple(self.remark_codes),
            original_claim_number=self.original_claim_number,
            interest=self.interest,
            crossover_payer=self.crossover_payer,
            corrected_payer=self.corrected_payer,
            services=tuple(service for service in services if service is not None),
            first_date=self.dates.get("232"),
            last_date=self.dates.get("233"),
            unread_adjustments=tuple(self.adjustments.unread),
            is_whole=self.is_whole,
        )


def read_provider_adjustments(plb: Segment, into: list[ProviderAdjustment]) -> Faults:
    """PLB03 and 04, 05 and 06 and so on: reason with reference, and amount."""
    if not any(plb.get(element) for element in range(3, len(plb.elements))):
        yield AMOUNT_INVALID, 4
    for element in range(3, len(plb.elements), 2):
        reason, amount = plb.components(element), read_money(plb.get(element + 1))
        if not reason and not plb.get(element + 1):
            continue
        if amount is None:
            yield AMOUNT_INVALID, element + 1
            continue
        if not reason or not reason[0]:
            yield ELEMENT_MISSING, element
        reference = reason[1] if len(reason) > 1 else ""
        adjustment = ProviderAdjustment(
            reason_code=reason[0] if reason else "", reference=reference or None, amount=amount
        )
        into.append(adjustment)


def _procedure(svc: Segment, element: int) -> tuple[str, str, tuple[str, ...]]:
    """Qualifier, code and up to four modifiers, as sent: HC, but also AD, N4, NU and what else payers adjudicate by."""
    parts = svc.components(element)
    qualifier, code = (*parts[:2], "", "")[:2]
    return qualifier, code, tuple(modifier for modifier in parts[2:6] if modifier)


def _read_date_into(dates: dict[str, date], dtm: Segment) -> Faults:
    day = read_date(dtm.get(2))
    if day is None:
        yield DATE_INVALID, 2
    else:
        dates[dtm.get(1)] = day
