"""Remittances for tests: single values that balance, and strategies for any that do. Everyone in them is invented."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.money import total
from app.domain.remittances import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment
from app.x12.documents import reader_of
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.remittance_check_835 import RemittanceChecker
from tests.x12.texts_835 import NPI

_Value = TypeVar("_Value")

A_DAY = date(2026, 3, 2)
COPAY = Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code="3", amount=Decimal(25))
CONTRACT = Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal(45))


def a_service(**changes: object) -> ServicePayment:
    """150 = 80 paid + 45 contractual + 25 copay."""
    values: dict[str, object] = {
        "line_control_number": "LINE1",
        "procedure_code": "90837",
        "charge": Decimal(150),
        "paid": Decimal(80),
        "units": Decimal(1),
        "first_date": A_DAY,
        "adjustments": (CONTRACT, COPAY),
    }
    return ServicePayment(**{**values, **changes})  # type: ignore[arg-type]  # the names are the class's own


def a_claim(*services: ServicePayment, **changes: object) -> ClaimPayment:
    """A claim of the services given, one by default, that balances."""
    services = services or (a_service(),)
    values: dict[str, object] = {
        "position": 1,
        "segment": 0,
        "patient_control_number": "QUIETROOMS0000001",
        "status_code": "1",
        "charge": total(one.charge for one in services),
        "paid": total(one.paid for one in services),
        "filing_code": "12",
        "payer_claim_number": "PAYERCLAIM1",
        "services": services,
    }
    return ClaimPayment(**{**values, **changes})  # type: ignore[arg-type]  # the names are the class's own


def a_remittance(*claims: ClaimPayment, **changes: object) -> Remittance:
    """A payment of the claims given, one by default, that balances."""
    claims = claims or (a_claim(),)
    values: dict[str, object] = {
        "control_number": "0001",
        "total_paid": total(one.paid for one in claims),
        "payment_method": "CHK",
        "payment_date": date(2026, 3, 9),
        "trace_number": "TRACE1",
        "originator_id": "1999999999",
        "payer_name": "INVENTED HEALTH PLAN",
        "payee_npi": NPI,
        "claims": claims,
    }
    return Remittance(**{**values, **changes})  # type: ignore[arg-type]  # the names are the class's own


def reversed_payment(payment: ClaimPayment) -> ClaimPayment:
    """CLP02 22: the same amounts with the other sign."""
    services = tuple(
        replace(
            service,
            charge=-service.charge,
            paid=-service.paid,
            adjustments=tuple(replace(one, amount=-one.amount) for one in service.adjustments),
        )
        for service in payment.services
    )
    return replace(payment, status_code="22", charge=-payment.charge, paid=-payment.paid, services=services)


def checked(text: str | bytes) -> tuple[X12Finding, ...]:
    """What reading and checking find in 835s."""
    report = Report()
    checker = RemittanceChecker(report)
    for transaction in read_transactions(text, report):
        if isinstance(transaction, TransactionSet) and reader_of(transaction, report) is not None:
            checker.check(transaction)
    return report.findings


# Strategies

_cents = st.integers(-99_999, 999_999).filter(bool).map(lambda cents: Decimal(cents).scaleb(-2))
_charges = st.integers(0, 9_999_999).map(lambda cents: Decimal(cents).scaleb(-2))
_units = st.sampled_from([Decimal(text) for text in ("0", "1", "2", "1.5", "0.25", "12")])
_days = st.integers(0, 3_000).map(lambda days: date(2020, 1, 1) + timedelta(days=days))
_names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=17)
_remarks = st.lists(st.sampled_from(["MA18", "N89", "MA07", "N14", "M15"]), max_size=5, unique=True).map(tuple)
_modifiers = st.lists(st.sampled_from(["95", "GT", "HO", "59"]), max_size=4, unique=True).map(tuple)
_codes = st.sampled_from(["90791", "90834", "90837", "99213"])
_adjustments_lists = st.lists(
    st.builds(
        Adjustment,
        group=st.sampled_from([one for one in AdjustmentGroup if one is not AdjustmentGroup.CORRECTION]),
        reason_code=st.sampled_from(["1", "2", "3", "23", "45", "96", "97", "253"]),
        amount=_cents,
        quantity=st.none() | _units,
    ),
    max_size=9,
).map(tuple)


def _optional(values: st.SearchStrategy[_Value]) -> st.SearchStrategy[_Value | None]:
    return st.none() | values


@st.composite
def services(draw: st.DrawFn) -> ServicePayment:
    adjustments, charge = draw(_adjustments_lists), draw(_charges)
    submitted, first_date = draw(_optional(_codes)), draw(_optional(_days))
    days = draw(st.integers(0, 30)) if first_date else 0
    return ServicePayment(
        line_control_number=draw(_optional(_names)),
        procedure_qualifier=draw(st.sampled_from(["HC", "AD", "ER", "NU"])),
        procedure_code=draw(_codes),
        modifiers=draw(_modifiers),
        submitted_procedure_code=submitted,
        submitted_modifiers=draw(_modifiers) if submitted else (),
        charge=charge,
        paid=charge - total(one.amount for one in adjustments),
        units=draw(_optional(_units)),
        submitted_units=draw(_optional(_units)),
        first_date=first_date,
        last_date=first_date + timedelta(days=days) if first_date and days else None,
        allowed=draw(_optional(_charges)),
        adjustments=adjustments,
        remark_codes=draw(_remarks),
    )


@st.composite
def claims(draw: st.DrawFn) -> ClaimPayment:
    lines = tuple(draw(st.lists(services(), max_size=3)))
    adjustments = draw(_adjustments_lists)
    charge = total(one.charge for one in lines) if lines else draw(_charges)
    all_adjustments = (*adjustments, *(one for line in lines for one in line.adjustments))
    responsible = total(one.amount for one in all_adjustments if one.group is AdjustmentGroup.PATIENT_RESPONSIBILITY)
    status = draw(st.sampled_from(["1", "2", "3", "4", "19", "20", "21", "22", "23", "25"]))
    return ClaimPayment(
        position=1,
        segment=0,
        patient_control_number=draw(_names),
        status_code=status,
        charge=charge,
        paid=charge - total(one.amount for one in all_adjustments),
        patient_responsibility=draw(_optional(st.just(responsible))),
        filing_code=draw(st.sampled_from(["12", "HM", "MB", "MC"])),
        payer_claim_number=draw(_names),
        frequency_code=draw(_optional(st.sampled_from(["1", "7", "8"]))),
        adjustments=adjustments,
        remark_codes=draw(_remarks),
        original_claim_number=draw(_optional(_names)),
        interest=draw(_optional(_charges)),
        crossover_payer=draw(_optional(_names)),
        corrected_payer=draw(_optional(_names)),
        services=lines,
        first_date=draw(_optional(_days)),
        last_date=draw(_optional(_days)),
    )


_provider_adjustment_lists = st.lists(
    st.builds(
        ProviderAdjustment,
        reason_code=st.sampled_from(["WO", "FB", "L6", "72", "CS"]),
        reference=_optional(_names),
        amount=_cents,
    ),
    max_size=8,
).map(tuple)


@st.composite
def remittances(draw: st.DrawFn) -> Remittance:
    """A remittance that balances at every level, of either sign."""
    paid_for = tuple(draw(st.lists(claims(), min_size=1, max_size=3)))
    provider_adjustments = draw(_provider_adjustment_lists)
    paid = total(one.paid for one in paid_for) - total(one.amount for one in provider_adjustments)
    return a_remittance(
        *paid_for,
        total_paid=paid,
        payment_method=draw(st.sampled_from(["ACH", "CHK", "NON"])),
        payment_date=draw(_days),
        production_date=draw(_optional(_days)),
        trace_number=draw(_names),
        payer_id=draw(_optional(_names)),
        provider_adjustments=provider_adjustments,
    )
