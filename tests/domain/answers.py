"""Payers' answers for tests, as domain values: active and about the right person by default, everyone invented."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.eligibility import (
    Benefit,
    BenefitEntity,
    BenefitKind,
    EligibilityAnswer,
    EligibilityResult,
    ReturnedMember,
)
from app.domain.eligibility_results import assess
from app.domain.parties import Person, PersonName, Sex

DAY = date(2026, 3, 1)
MEMBER_ID = "QRX100200300"
ADA = Person(name=PersonName(last="Fernwood", first="Ada"), birth_date=date(1984, 2, 29), sex=Sex.FEMALE)
RETURNED_ADA = ReturnedMember(
    last_name="FERNWOOD", first_name="ADA", member_id=MEMBER_ID, birth_date=date(1984, 2, 29), sex=Sex.FEMALE
)
_CODES = {
    BenefitKind.ACTIVE: "1",
    BenefitKind.INACTIVE: "6",
    BenefitKind.COINSURANCE: "A",
    BenefitKind.COPAYMENT: "B",
    BenefitKind.DEDUCTIBLE: "C",
    BenefitKind.OUT_OF_POCKET: "G",
    BenefitKind.OTHER_PAYER: "R",
    BenefitKind.CONTACT: "U",
}


def a_benefit(kind: BenefitKind = BenefitKind.ACTIVE, *types: str, amount: str | None = None, **more: Any) -> Benefit:
    values: dict[str, Any] = {"kind": kind, "code": _CODES.get(kind, "D"), "service_type_codes": types or ("30",)}
    if amount is not None:
        values["amount"] = Decimal(amount)
    return Benefit(**(values | more))


ACTIVE = a_benefit(plan_name="GOLD PLAN")


def an_answer(*benefits: Benefit, **changes: Any) -> EligibilityAnswer:
    answer = EligibilityAnswer(
        control_number="000000042",
        payer_name="INVENTED HEALTH PLAN",
        payer_id="INV01",
        subscriber=RETURNED_ADA,
        member=RETURNED_ADA,
        benefits=benefits or (ACTIVE,),
    )
    return replace(answer, **changes)


def an_entity(role_code: str, name: str | None = "OTHER INVENTED", identifier: str | None = "OTH01") -> BenefitEntity:
    return BenefitEntity(
        role_code=role_code, name=name, id_qualifier="PI" if identifier else None, identifier=identifier
    )


def result_of(*answers: EligibilityAnswer, **changes: Any) -> EligibilityResult:
    arguments: dict[str, Any] = {
        "service_date": DAY,
        "expected": ADA,
        "member_id": MEMBER_ID,
        "asked_service_types": ("30", "MH"),
    }
    return assess(answers, **(arguments | changes))
