"""What a plan says about its benefits on a day: the EB groups of a 271, computed from plan and member.

Amounts come from the plan; what remains of a deductible is the plan's figure less what the member has met.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.sandbox.members import CarveOut, Member, OtherCoverage, Payer

PLAN_COVERAGE: Final = "30"
MENTAL_HEALTH: Final = "MH"
OFFICE_VISIT: Final = "98"

_CALENDAR_YEAR, _REMAINING, _VISIT = "23", "29", "27"


@dataclass(frozen=True, repr=False)
class Entity:
    """Loop 2120: NM101, name, NM108 with NM109, and a telephone number for PER."""

    role: str
    name: str
    id_qualifier: str
    identifier: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Benefit:
    """Loop 2110: EB01 to EB12 and what hangs below it."""

    code: str
    level: str = ""
    service_types: tuple[str, ...] = (PLAN_COVERAGE,)
    insurance_type: str = ""
    plan_name: str = ""
    period: str = ""
    amount: Decimal | None = None
    percent: Decimal | None = None
    visits: int | None = None
    authorization: str = ""
    network: str = ""
    other_member_id: str = ""
    coordination: tuple[date, date | None] | None = None
    message: str = ""
    entity: Entity | None = None


def benefits_of(
    member: Member, others: tuple[OtherCoverage, ...], service_types: tuple[str, ...], day: date
) -> tuple[Benefit, ...]:
    """All EB groups for the asked service types. A type the plan has no figures for is answered as plan coverage."""
    plan = member.plan
    if not member.is_active_on(day):
        return (
            Benefit(code="6", service_types=service_types, insurance_type=plan.insurance_type, plan_name=plan.name),
        )
    benefits: list[Benefit] = []
    if not plan.mental_health_only:
        benefits.append(Benefit(code="1", level="IND", insurance_type=plan.insurance_type, plan_name=plan.name))
        if set(service_types) - {MENTAL_HEALTH}:
            benefits += _plan_figures(member)
    if MENTAL_HEALTH in service_types or plan.mental_health_only:
        benefits += _mental_health(member)
    benefits += [_other_payer(other) for other in others if other.is_active_on(day)]
    return tuple(benefits)


def _plan_figures(member: Member) -> list[Benefit]:
    plan = member.plan
    figures: list[Benefit] = []
    for code, limits, met in (
        ("C", plan.deductible, member.deductible_met),
        ("G", plan.out_of_pocket, member.out_of_pocket_met),
    ):
        individual = limits["individual"]
        left = max(individual - met, Decimal(0))
        figures += [
            Benefit(code=code, level="IND", period=_CALENDAR_YEAR, amount=individual, network="Y"),
            Benefit(code=code, level="IND", period=_REMAINING, amount=left, network="Y"),
        ]
        if "family" in limits:
            figures.append(Benefit(code=code, level="FAM", period=_CALENDAR_YEAR, amount=limits["family"], network="Y"))
        if "out_of_network" in limits:
            outside = limits["out_of_network"]
            figures.append(Benefit(code=code, level="IND", period=_CALENDAR_YEAR, amount=outside, network="N"))
    visit = (OFFICE_VISIT,)
    figures.append(
        Benefit(code="B", level="IND", service_types=visit, period=_VISIT, amount=plan.office_visit_copay, network="Y")
    )
    return figures + _coinsurance(member, PLAN_COVERAGE)


def _coinsurance(member: Member, service_type: str) -> list[Benefit]:
    plan = member.plan
    shares = [("Y", plan.coinsurance), ("N", plan.out_of_network_coinsurance)]
    return [
        Benefit(code="A", level="IND", service_types=(service_type,), period=_VISIT, percent=share, network=network)
        for network, share in shares
        if share is not None
    ]


def _mental_health(member: Member) -> list[Benefit]:
    plan, mental_health = member.plan, (MENTAL_HEALTH,)
    if member.carve_out is not None:
        return [_carved_out(member.carve_out)]
    authorization = "Y" if plan.authorization_needed else "N"
    benefits = [
        Benefit(
            code="1",
            level="IND",
            service_types=mental_health,
            insurance_type=plan.insurance_type,
            plan_name=plan.name,
            authorization=authorization,
        ),
        Benefit(
            code="B",
            level="IND",
            service_types=mental_health,
            period=_VISIT,
            amount=plan.mental_health_copay,
            network="Y",
        ),
        *_coinsurance(member, MENTAL_HEALTH),
    ]
    if plan.visit_limit is not None:
        benefits.append(
            Benefit(
                code="F",
                level="IND",
                service_types=mental_health,
                period=_CALENDAR_YEAR,
                visits=plan.visit_limit,
                network="Y",
            )
        )
    return benefits


def _carved_out(carve_out: CarveOut) -> Benefit:
    """Payers say it in two ways: as a referral (EB*U), or as a benefit under another entity's name."""
    told_as_benefit = carve_out.told_as == "benefit"
    return Benefit(
        code="1" if told_as_benefit else "U",
        level="IND" if told_as_benefit else "",
        service_types=(MENTAL_HEALTH,),
        message="" if told_as_benefit else "MENTAL HEALTH BENEFITS ARE WITH ANOTHER COMPANY",
        entity=_entity("VN", carve_out.payer),
    )


def _other_payer(other: OtherCoverage) -> Benefit:
    return Benefit(
        code="R",
        level="IND",
        insurance_type=other.insurance_type,
        other_member_id=other.member_id,
        coordination=(other.begins, other.ends),
        entity=_entity(other.role, other.payer),
    )


def _entity(role: str, payer: Payer) -> Entity:
    return Entity(role, payer.name, "PI", payer.id, payer.phone)
