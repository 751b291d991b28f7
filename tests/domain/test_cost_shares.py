"""What the patient pays, out of a payer's benefits."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.cost_shares import coinsurances, copayments, deductibles, out_of_pocket
from app.domain.eligibility import Benefit, BenefitKind, CostShare
from tests.domain.answers import a_benefit

WANTED = ("30", "MH")


def _deductible(amount: str, period: str = "23", **more: Any) -> Benefit:
    values = {"period_code": period, "coverage_level_code": "IND", "in_network_code": "Y"} | more
    return a_benefit(BenefitKind.DEDUCTIBLE, amount=amount, **values)


def _figures(*benefits: Benefit) -> list[tuple[Decimal | None, Decimal | None]]:
    return [(share.amount, share.remaining) for share in deductibles(benefits, WANTED)]


def test_a_copayment_of_mental_health() -> None:
    benefit = a_benefit(BenefitKind.COPAYMENT, "98", "MH", amount="25", period_code="27", in_network_code="Y")
    assert copayments([benefit], WANTED) == (
        CostShare(
            service_type_code="MH", in_network=True, coverage_level_code=None, period="visit", amount=Decimal(25)
        ),
    )


def test_a_coinsurance_is_a_fraction() -> None:
    benefit = a_benefit(BenefitKind.COINSURANCE, "MH", percent=Decimal("0.2"), in_network_code="N")
    (share,) = coinsurances([benefit], WANTED)
    assert (share.percent, share.in_network) == (Decimal("0.2"), False)


def test_a_benefit_for_several_wanted_services_counts_for_each() -> None:
    shares = copayments([a_benefit(BenefitKind.COPAYMENT, "30", "MH", amount="10")], WANTED)
    assert [share.service_type_code for share in shares] == ["30", "MH"]


def test_a_benefit_without_service_type_is_the_plans() -> None:
    benefit = a_benefit(BenefitKind.DEDUCTIBLE, amount="500", service_type_codes=())
    assert [share.service_type_code for share in deductibles([benefit], WANTED)] == ["30"]


@pytest.mark.parametrize(("code", "in_network"), [("Y", True), ("N", False), ("W", None), ("U", None), (None, None)])
def test_the_network_is_known_or_not(code: str | None, *, in_network: bool | None) -> None:
    (share,) = copayments([a_benefit(BenefitKind.COPAYMENT, amount="10", in_network_code=code)], WANTED)
    assert share.in_network is in_network


@pytest.mark.parametrize(
    ("code", "period"),
    [("23", "calendar_year"), ("25", "contract"), ("26", "episode"), ("27", "visit"), (None, None), ("99", "99")],
)
def test_periods_are_words_and_unknown_codes_are_kept(code: str | None, period: str | None) -> None:
    (share,) = copayments([a_benefit(BenefitKind.COPAYMENT, amount="10", period_code=code)], WANTED)
    assert share.period == period


def test_a_benefit_without_figure_is_no_cost_share() -> None:
    assert copayments([a_benefit(BenefitKind.COPAYMENT)], WANTED) == ()


def test_the_same_figure_twice_counts_once() -> None:
    benefit = a_benefit(BenefitKind.COPAYMENT, amount="10")
    assert len(copayments([benefit, benefit], WANTED)) == 1


def test_what_remains_stands_beside_its_deductible() -> None:
    (share,) = deductibles([_deductible("1000"), _deductible("400", "29")], WANTED)
    assert (share.amount, share.remaining, share.period) == (Decimal(1000), Decimal(400), "calendar_year")


def test_what_remains_may_come_first() -> None:
    assert _figures(_deductible("400", "29"), _deductible("1000")) == [(Decimal(1000), Decimal(400))]


def test_nothing_left_is_a_remainder_of_zero() -> None:
    assert _figures(_deductible("1000"), _deductible("0", "29")) == [(Decimal(1000), Decimal(0))]


def test_networks_and_levels_are_not_mixed() -> None:
    shares = deductibles(
        [
            _deductible("1000"),
            _deductible("2000", in_network_code="N"),
            _deductible("3000", coverage_level_code="FAM"),
            _deductible("2500", "29", coverage_level_code="FAM"),
            _deductible("1700", "29", in_network_code="N"),
            _deductible("400", "29"),
        ],
        WANTED,
    )
    assert [(share.amount, share.remaining) for share in shares] == [
        (Decimal(1000), Decimal(400)),
        (Decimal(2000), Decimal(1700)),
        (Decimal(3000), Decimal(2500)),
    ]


def test_a_remainder_without_network_belongs_to_the_only_figure_there_is() -> None:
    assert _figures(_deductible("1000"), _deductible("400", "29", in_network_code=None)) == [
        (Decimal(1000), Decimal(400))
    ]


def test_a_remainder_that_could_belong_to_two_figures_stands_alone() -> None:
    assert _figures(
        _deductible("1000"),
        _deductible("2000", in_network_code="N"),
        _deductible("400", "29", in_network_code=None),
    ) == [(Decimal(1000), None), (Decimal(2000), None), (None, Decimal(400))]


def test_two_plans_keep_their_own_remainders() -> None:
    assert _figures(
        _deductible("1000", plan_name="GOLD"),
        _deductible("2000", plan_name="SILVER"),
        _deductible("900", "29", plan_name="SILVER"),
        _deductible("400", "29", plan_name="GOLD"),
    ) == [(Decimal(1000), Decimal(400)), (Decimal(2000), Decimal(900))]


def test_a_lifetime_remainder_belongs_to_a_lifetime_figure() -> None:
    assert _figures(
        _deductible("1000"), _deductible("9000", "32"), _deductible("8000", "33"), _deductible("400", "29")
    ) == [(Decimal(1000), Decimal(400)), (Decimal(9000), Decimal(8000))]


def test_a_remainder_alone_is_kept() -> None:
    (share,) = deductibles([_deductible("400", "29")], WANTED)
    assert (share.amount, share.remaining, share.period) == (None, Decimal(400), None)


def test_an_amount_used_is_no_figure_that_something_is_left_of() -> None:
    assert _figures(_deductible("600", "24"), _deductible("400", "29")) == [
        (Decimal(600), None),
        (None, Decimal(400)),
    ]


def test_an_out_of_pocket_limit_has_a_remainder_too() -> None:
    benefits = [
        a_benefit(BenefitKind.OUT_OF_POCKET, amount="5000", period_code="23"),
        a_benefit(BenefitKind.OUT_OF_POCKET, amount="4100", period_code="29"),
        _deductible("1000"),
    ]
    (share,) = out_of_pocket(benefits, WANTED)
    assert (share.amount, share.remaining) == (Decimal(5000), Decimal(4100))
