"""What the patient pays: copayments, coinsurances, deductibles and out-of-pocket limits out of a payer's benefits.

A payer sends a yearly figure and what is left of it as two benefits (EB06 23 and 29). They are brought together only
where there is one of each that can belong together; otherwise both stand alone: a wrong remainder is worse than none.
A figure that no patient can owe (below zero, or beyond what money is here) is left out; `unusable` names it.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from app.domain.eligibility import Benefit, BenefitKind, CostShare, ServiceType

PERIODS: Final = {
    "6": "hour",
    "7": "day",
    "13": "24_hours",
    "21": "years",
    "22": "service_year",
    "23": "calendar_year",
    "24": "year_to_date",
    "25": "contract",
    "26": "episode",
    "27": "visit",
    "28": "outlier",
    "29": "remaining",
    "30": "exceeded",
    "31": "not_exceeded",
    "32": "lifetime",
    "33": "lifetime_remaining",
    "34": "month",
    "35": "week",
    "36": "admission",
}
"""EB06 in words; another code is kept as it came."""

LARGEST: Final = Decimal("99999999.99")
"""The most that an amount of money is here."""

_REMAINING: Final = {"29": None, "33": "32"}
"""EB06 of a remainder, and of the figure it is left of where only one will do."""
_KINDS: Final = frozenset(
    {BenefitKind.COPAYMENT, BenefitKind.COINSURANCE, BenefitKind.DEDUCTIBLE, BenefitKind.OUT_OF_POCKET}
)
_NOT_A_BASE: Final = frozenset({"24", "29", "30", "31", "32", "33"})
_NETWORK: Final = {"Y": True, "N": False}


@dataclass(frozen=True, kw_only=True)
class _Figure:
    service_type_code: str
    in_network: bool | None
    coverage_level_code: str | None
    insurance_type_code: str | None
    plan_name: str | None
    period_code: str | None
    amount: Decimal | None
    percent: Decimal | None
    remaining: Decimal | None = None


_Key = Callable[[_Figure], Hashable]
_PAIRINGS: Final[tuple[_Key, ...]] = (
    lambda one: (
        one.service_type_code,
        one.coverage_level_code,
        one.in_network,
        one.insurance_type_code,
        one.plan_name,
    ),
    lambda one: (one.service_type_code, one.coverage_level_code, one.in_network),
    lambda one: (one.service_type_code, one.coverage_level_code),
)
"""From narrow to wide. The last one is for remainders that name no network."""


def copayments(benefits: Iterable[Benefit], service_types: Sequence[str]) -> tuple[CostShare, ...]:
    return _shares(_figures(benefits, BenefitKind.COPAYMENT, service_types))


def coinsurances(benefits: Iterable[Benefit], service_types: Sequence[str]) -> tuple[CostShare, ...]:
    return _shares(_figures(benefits, BenefitKind.COINSURANCE, service_types))


def deductibles(benefits: Iterable[Benefit], service_types: Sequence[str]) -> tuple[CostShare, ...]:
    return _shares(_with_remainders(_figures(benefits, BenefitKind.DEDUCTIBLE, service_types)))


def out_of_pocket(benefits: Iterable[Benefit], service_types: Sequence[str]) -> tuple[CostShare, ...]:
    return _shares(_with_remainders(_figures(benefits, BenefitKind.OUT_OF_POCKET, service_types)))


def unusable(benefits: Iterable[Benefit]) -> tuple[Benefit, ...]:
    """The benefits with a figure that is left out; they stay in the raw answer."""
    return tuple(
        benefit
        for benefit in benefits
        if benefit.kind in _KINDS and (_amount(benefit), _percent(benefit)) != (benefit.amount, benefit.percent)
    )


def _amount(benefit: Benefit) -> Decimal | None:
    """`abs` makes a payer's -0 a plain 0."""
    return abs(benefit.amount) if benefit.amount is not None and 0 <= benefit.amount <= LARGEST else None


def _percent(benefit: Benefit) -> Decimal | None:
    return abs(benefit.percent) if benefit.percent is not None and benefit.percent >= 0 else None


def _figures(benefits: Iterable[Benefit], kind: BenefitKind, service_types: Sequence[str]) -> list[_Figure]:
    """One for each wanted service type of each benefit; a benefit that names none is the plan's."""
    figures = (
        _Figure(
            service_type_code=code,
            in_network=_NETWORK.get(benefit.in_network_code or ""),
            coverage_level_code=benefit.coverage_level_code,
            insurance_type_code=benefit.insurance_type_code,
            plan_name=benefit.plan_name,
            period_code=benefit.period_code,
            amount=_amount(benefit),
            percent=_percent(benefit),
        )
        for benefit in benefits
        if benefit.kind is kind and not (_amount(benefit) is None and _percent(benefit) is None)
        for code in benefit.service_type_codes or (ServiceType.PLAN_COVERAGE.value,)
        if code in service_types
    )
    return list(dict.fromkeys(figures))


def _with_remainders(figures: list[_Figure]) -> list[_Figure]:
    """The figures with what is left of each, and the remainders that belong to none."""
    remainder_of: dict[_Figure, _Figure] = {}
    for key in _PAIRINGS:
        for code in _REMAINING:
            taken = set(remainder_of.values())
            remainders = [one for one in figures if one.period_code == code and one not in taken]
            if key is _PAIRINGS[-1]:
                remainders = [one for one in remainders if one.in_network is None]
            bases = [one for one in figures if _is_base(one, code) and one not in remainder_of]
            remainder_of.update(_only_pairs(bases, remainders, key))
    taken = set(remainder_of.values())
    return [
        replace(one, remaining=remainder_of[one].amount) if one in remainder_of else one
        for one in figures
        if one.period_code not in _REMAINING
    ] + [
        replace(one, amount=None, period_code=None, remaining=one.amount)
        for one in figures
        if one.period_code in _REMAINING and one not in taken
    ]


def _is_base(figure: _Figure, remainder_code: str) -> bool:
    lifetime = _REMAINING[remainder_code]
    if lifetime is not None:
        return figure.period_code == lifetime
    return figure.period_code not in _NOT_A_BASE


def _only_pairs(bases: list[_Figure], remainders: list[_Figure], key: _Key) -> dict[_Figure, _Figure]:
    """Base and remainder where there is exactly one of each under the key."""
    groups: dict[Hashable, tuple[list[_Figure], list[_Figure]]] = defaultdict(lambda: ([], []))
    for base in bases:
        groups[key(base)][0].append(base)
    for remainder in remainders:
        groups[key(remainder)][1].append(remainder)
    return {left[0]: right[0] for left, right in groups.values() if len(left) == 1 and len(right) == 1}


def _shares(figures: Iterable[_Figure]) -> tuple[CostShare, ...]:
    shares = (
        CostShare(
            service_type_code=figure.service_type_code,
            in_network=figure.in_network,
            coverage_level_code=figure.coverage_level_code,
            period=PERIODS.get(figure.period_code, figure.period_code) if figure.period_code else None,
            amount=figure.amount,
            percent=figure.percent,
            remaining=figure.remaining,
        )
        for figure in figures
    )
    return tuple(dict.fromkeys(shares))
