"""Other insurance and carve-outs, as a payer names them."""

from datetime import date

import pytest

from app.domain.eligibility import BenefitKind, OtherPayer
from app.domain.other_payers import carve_outs, other_payers
from tests.domain.answers import ACTIVE, a_benefit, an_answer, an_entity

OTHER = BenefitKind.OTHER_PAYER


@pytest.mark.parametrize(
    ("role", "rank"), [("PR", None), ("PRP", "primary"), ("SEP", "secondary"), ("TTP", "tertiary")]
)
def test_a_rank_is_only_what_the_payer_states(role: str, rank: str | None) -> None:
    (payer,) = other_payers([an_answer(a_benefit(OTHER, entities=(an_entity(role),)))])
    assert payer.stated_rank == rank


def test_another_payer_has_name_id_type_member_id_and_period() -> None:
    benefit = a_benefit(
        OTHER,
        insurance_type_code="C1",
        entities=(an_entity("PRP"), an_entity("IL", "FERNWOOD, ADA", "OTHERMEMBER1")),
        dates=(("636", date(2026, 2, 1), None), ("290", date(2025, 1, 1), date(2026, 12, 31))),
    )
    assert other_payers([an_answer(ACTIVE, benefit)]) == (
        OtherPayer(
            name="OTHER INVENTED",
            payer_id="OTH01",
            stated_rank="primary",
            insurance_type_code="C1",
            member_id="OTHERMEMBER1",
            from_date=date(2025, 1, 1),
            to_date=date(2026, 12, 31),
        ),
    )


def test_the_member_id_may_stand_in_a_reference() -> None:
    benefit = a_benefit(
        OTHER, entities=(an_entity("PR"),), references=(("6P", "GROUP"), ("IG", "POLICY"), ("1W", "ID"))
    )
    (payer,) = other_payers([an_answer(benefit)])
    assert payer.member_id == "ID"


def test_each_payer_of_a_benefit_is_named() -> None:
    benefit = a_benefit(OTHER, entities=(an_entity("PRP", "FIRST", "F1"), an_entity("SEP", "SECOND", "S1")))
    assert [payer.name for payer in other_payers([an_answer(benefit)])] == ["FIRST", "SECOND"]


def test_a_payer_without_entity_has_the_plan_name() -> None:
    (payer,) = other_payers([an_answer(a_benefit(OTHER, plan_name="MEDIGAP PLAN G"))])
    assert (payer.name, payer.payer_id, payer.stated_rank) == ("MEDIGAP PLAN G", None, None)


def test_a_sponsor_stands_in_where_nobody_is_called_a_payer() -> None:
    (payer,) = other_payers([an_answer(a_benefit(OTHER, entities=(an_entity("P5"), an_entity("IL"))))])
    assert payer.name == "OTHER INVENTED"


def test_the_answering_payer_is_no_other_payer() -> None:
    own = an_entity("SEP", "INVENTED HEALTH PLAN", "INV-01")
    benefit = a_benefit(OTHER, entities=(an_entity("PRP"), own))
    assert [payer.stated_rank for payer in other_payers([an_answer(benefit)])] == ["primary"]


def test_the_same_payer_in_two_answers_counts_once() -> None:
    answer = an_answer(a_benefit(OTHER, entities=(an_entity("PR"),)))
    assert len(other_payers([answer, answer])) == 1


@pytest.mark.parametrize("role", ["VN", "PR", "PRP", "2B", "X3", "Y2", "13"])
def test_mental_health_in_other_hands_is_a_carve_out(role: str) -> None:
    benefit = a_benefit(BenefitKind.ACTIVE, "MH", entities=(an_entity(role, "CALM HANDS BEHAVIORAL", "CALM1"),))
    (payer,) = carve_outs([an_answer(ACTIVE, benefit)])
    assert (payer.name, payer.payer_id) == ("CALM HANDS BEHAVIORAL", "CALM1")


@pytest.mark.parametrize("code", ["U", "MC"])
def test_a_contact_for_mental_health_is_a_carve_out(code: str) -> None:
    benefit = a_benefit(BenefitKind.CONTACT, "MH", code=code, entities=(an_entity("P5"),))
    assert len(carve_outs([an_answer(ACTIVE, benefit)])) == 1


@pytest.mark.parametrize("role", ["1P", "P3", "FA", "36", "IL"])
def test_a_provider_employer_or_insured_is_no_carve_out(role: str) -> None:
    assert carve_outs([an_answer(a_benefit(BenefitKind.ACTIVE, "MH", entities=(an_entity(role),)))]) == ()


@pytest.mark.parametrize("identifier", ["INV01", None])
def test_the_answering_payer_itself_is_no_carve_out(identifier: str | None) -> None:
    own = an_entity("PR", "INVENTED HEALTH PLAN", identifier)
    assert carve_outs([an_answer(a_benefit(BenefitKind.ACTIVE, "MH", entities=(own,)))]) == ()


def test_other_benefits_in_other_hands_are_no_carve_out_of_mental_health() -> None:
    pharmacy = a_benefit(BenefitKind.ACTIVE, "88", entities=(an_entity("VN"),))
    whole_plan = a_benefit(BenefitKind.ACTIVE, "30", "MH", entities=(an_entity("PR"),))
    assert carve_outs([an_answer(pharmacy, whole_plan)]) == ()


def test_another_payer_for_mental_health_alone_is_a_carve_out_and_no_other_insurance() -> None:
    answer = an_answer(ACTIVE, a_benefit(OTHER, "MH", entities=(an_entity("PR"),)))
    assert len(carve_outs([answer])) == 1
    assert other_payers([answer]) == ()
