"""The three balances of a remittance: each level by itself, both signs, and what cannot hide."""

from decimal import Decimal

import pytest

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.remittance_balance import (
    BalanceFault,
    BalanceLevel,
    balance_faults,
    claim_faults,
    line_difference,
    responsibility_difference,
)
from app.domain.remittances import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment, UnreadAdjustment

COPAY = Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code="3", amount=Decimal(25))
CONTRACT = Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal(45))


def _service(paid: str = "80", *adjustments: Adjustment, charge: str = "150") -> ServicePayment:
    return ServicePayment(
        procedure_code="90837",
        charge=Decimal(charge),
        paid=Decimal(paid),
        adjustments=adjustments or (CONTRACT, COPAY),
    )


def _claim(*services: ServicePayment, paid: str = "80", charge: str = "150", **values: object) -> ClaimPayment:
    fixed = {"position": 1, "segment": 12, "patient_control_number": "CLAIM1", "status_code": "1"}
    amounts = {"charge": Decimal(charge), "paid": Decimal(paid)}
    return ClaimPayment(services=services, **{**fixed, **amounts, **values})  # type: ignore[arg-type]  # as named there


def _levels(claim: ClaimPayment) -> list[tuple[BalanceLevel, str]]:
    return [(fault.level, str(fault.difference)) for fault in claim_faults(claim)]


def test_a_claim_with_adjustments_on_its_lines_balances() -> None:
    assert _levels(_claim(_service())) == []


def test_a_claim_without_lines_balances_by_its_own_adjustments() -> None:
    assert _levels(_claim(adjustments=(CONTRACT, COPAY))) == []
    assert _levels(_claim(adjustments=(CONTRACT,))) == [(BalanceLevel.CLAIM, "-25.00")]


def test_a_claim_with_adjustments_at_both_levels_balances() -> None:
    """76.04 - 36.89 = 39.15: the claim's own adjustments come off what the lines paid."""
    lines = _service("76.04", _less("3"), charge="79.04")
    assert _levels(_claim(lines, charge="79.04", paid="39.15", adjustments=(_less("36.89"),))) == []


def _less(amount: str) -> Adjustment:
    return Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal(amount))


def test_one_amount_at_both_levels_is_counted_twice_and_found() -> None:
    claim = _claim(_service(), adjustments=(COPAY,))
    assert _levels(claim) == [(BalanceLevel.CLAIM, "25.00"), (BalanceLevel.CLAIM_LINES, "25.00")]


def test_a_cent_too_much_on_a_line_is_found_there() -> None:
    claim = _claim(_service("80.01"), paid="80.01")
    assert _levels(claim) == [(BalanceLevel.CLAIM, "0.01"), (BalanceLevel.LINE, "0.01")]
    assert line_difference(_service("80.01")) == Decimal("0.01")


def test_a_reversal_balances_by_the_same_rule() -> None:
    back = [Adjustment(group=one.group, reason_code=one.reason_code, amount=-one.amount) for one in (CONTRACT, COPAY)]
    claim = _claim(_service("-80", *back, charge="-150"), charge="-150", paid="-80", status_code="22")
    assert _levels(claim) == []


def test_an_adjustment_that_was_not_read_counts_as_money() -> None:
    unread = UnreadAdjustment(group_code="ZZ", reason_code="45", amount=Decimal(45))
    assert _levels(_claim(adjustments=(COPAY,), unread_adjustments=(unread,))) == []


@pytest.mark.parametrize(
    ("withheld", "total", "difference"), [("0", "80", None), ("30", "50", None), ("-5", "85", None), ("30", "80", "30")]
)
def test_the_payment_is_the_claims_less_what_was_withheld(withheld: str, total: str, difference: str | None) -> None:
    remittance = Remittance(
        control_number="0001",
        total_paid=Decimal(total),
        payment_method="CHK",
        claims=(_claim(_service()),),
        provider_adjustments=(ProviderAdjustment(reason_code="WO", amount=Decimal(withheld)),),
    )
    expected = BalanceFault(level=BalanceLevel.PAYMENT, difference=Decimal(difference or 0))
    assert balance_faults(remittance) == ((expected,) if difference else ())


def test_faults_say_which_claim_and_which_line() -> None:
    claims = (_claim(_service()), _claim(_service(), _service("1", charge="71"), paid="81", charge="221", position=2))
    remittance = Remittance(
        control_number="0001", total_paid=Decimal(161), payment_method="CHK", claims=claims, provider_adjustments=()
    )
    assert balance_faults(remittance) == ()
    wrong = (_claim(_service()), _claim(_service(), _service("2", charge="71"), paid="81", charge="221", position=2))
    assert [
        (fault.level, fault.claim_position, fault.line_position)
        for fault in balance_faults(
            Remittance(control_number="0001", total_paid=Decimal(161), payment_method="CHK", claims=wrong)
        )
    ] == [(BalanceLevel.CLAIM_LINES, 2, None), (BalanceLevel.LINE, 2, 2)]


@pytest.mark.parametrize(("stated", "difference"), [(None, "0"), ("25", "0"), ("24", "-1"), ("0", "-25")])
def test_the_patients_part_is_compared_only_when_it_is_stated(stated: str | None, difference: str) -> None:
    claim = _claim(_service(), patient_responsibility=Decimal(stated) if stated else None)
    assert responsibility_difference(claim) == Decimal(difference)
    assert claim_faults(claim) == ()
