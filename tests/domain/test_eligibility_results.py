"""What payers' answers mean: the outcome, and only `confirmed` when everything is as we have it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.eligibility import (
    Benefit,
    BenefitEntity,
    BenefitKind,
    CheckOutcome,
    EligibilityAnswer,
    PayerRejection,
    ReturnedMember,
)
from app.domain.eligibility_rejections import REASONS
from app.domain.eligibility_results import WHAT_TO_DO, assess
from app.domain.findings import Finding, Severity
from app.domain.identifiers import compact
from app.domain.parties import PersonName
from tests.domain.answers import (
    ACTIVE,
    ADA,
    DAY,
    MEMBER_ID,
    RETURNED_ADA,
    a_benefit,
    an_answer,
    an_entity,
    result_of,
)

INACTIVE = a_benefit(BenefitKind.INACTIVE)
PAST = (("291", date(2025, 1, 1), date(2025, 12, 31)),)
REJECTED = PayerRejection(loop="2100C", reason_code="75", follow_up_code="C")


def _codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


# Confirmed


def test_an_active_plan_of_the_same_person_is_confirmed() -> None:
    result = result_of(an_answer())
    assert result.outcome is CheckOutcome.CONFIRMED
    assert result.active is True
    assert result.plan_name == "GOLD PLAN"
    assert result.what_to_do == WHAT_TO_DO[CheckOutcome.CONFIRMED]
    assert result.findings == ()


@pytest.mark.parametrize("code", ["1", "2", "3", "4", "5"])
def test_all_five_codes_of_active_coverage_count(code: str) -> None:
    assert result_of(an_answer(a_benefit(code=code))).active is True


def test_spelling_of_names_and_ids_does_not_matter() -> None:
    member = replace(RETURNED_ADA, last_name="FERN-WOÖD", member_id="qrx 100-200-300")
    result = result_of(an_answer(subscriber=member, member=member), expected=_named("Fern Wood"))
    assert result.outcome is CheckOutcome.CONFIRMED


def _named(last: str) -> Any:
    return replace(ADA, name=PersonName(last=last, first="Ada"))


def test_a_dependents_member_id_is_the_subscribers() -> None:
    subscriber = replace(RETURNED_ADA, first_name="EVE", birth_date=date(1950, 5, 5))
    answer = an_answer(subscriber=subscriber, member=replace(RETURNED_ADA, member_id=None))
    assert result_of(answer).outcome is CheckOutcome.CONFIRMED


def test_two_answers_count_as_one() -> None:
    mental_health = an_answer(a_benefit(BenefitKind.ACTIVE, "MH"), a_benefit(BenefitKind.COPAYMENT, "MH", amount="25"))
    result = result_of(an_answer(), mental_health)
    assert result.outcome is CheckOutcome.CONFIRMED
    assert [share.amount for share in result.copayments] == [Decimal(25)]


def test_what_one_answer_leaves_out_the_other_may_say() -> None:
    bare = replace(RETURNED_ADA, birth_date=None)
    assert result_of(an_answer(), an_answer(member=bare, subscriber=bare)).outcome is CheckOutcome.CONFIRMED


# Active with differences


@pytest.mark.parametrize(
    ("change", "code", "pointer", "location"),
    [
        ({"member_id": "OTHER1"}, "member_id_differs", "/member_id", "2100C NM109"),
        ({"last_name": "FERN"}, "last_name_differs", "/patient/name/last", "2100C NM103"),
        ({"birth_date": date(1984, 2, 28)}, "birth_date_differs", "/patient/birth_date", "2100C DMG02"),
        ({"member_id": None}, "member_id_not_returned", "/member_id", "2100C NM109"),
        ({"last_name": None}, "last_name_not_returned", "/patient/name/last", "2100C NM103"),
        ({"birth_date": None}, "birth_date_not_returned", "/patient/birth_date", "2100C DMG02"),
    ],
)
def test_a_difference_keeps_an_active_plan_from_being_confirmed(
    change: dict[str, Any], code: str, pointer: str, location: str
) -> None:
    member = replace(RETURNED_ADA, **change)
    result = result_of(an_answer(subscriber=member, member=member))
    assert result.outcome is CheckOutcome.ACTIVE_WITH_DIFFERENCES
    assert result.active is True
    (finding,) = result.findings
    assert (finding.code, finding.pointer, finding.location) == (code, pointer, location)
    assert finding.severity is Severity.WARNING


def test_findings_hold_no_value() -> None:
    member = ReturnedMember(last_name="SECRETNAME", member_id="SECRETID", birth_date=date(1901, 1, 1))
    result = result_of(an_answer(subscriber=member, member=member))
    assert len(result.findings) == 3
    assert not any(part in repr(result.findings) for part in ("SECRET", "1901", MEMBER_ID, "Fernwood"))


def test_an_answer_about_nobody_is_not_confirmed() -> None:
    result = result_of(an_answer(subscriber=None, member=None))
    assert result.outcome is CheckOutcome.ACTIVE_WITH_DIFFERENCES
    assert len(result.findings) == 3


def test_an_active_plan_with_a_rejected_part_is_not_confirmed() -> None:
    result = result_of(an_answer(), an_answer(rejections=(REJECTED,), benefits=()))
    assert result.outcome is CheckOutcome.ACTIVE_WITH_DIFFERENCES
    assert result.rejection_codes == ("75",)
    assert _codes(result.findings) == ["part_rejected"]


# Whole families


def test_other_people_in_the_answer_are_set_aside_and_mentioned() -> None:
    brother = replace(RETURNED_ADA, first_name="BEN", birth_date=date(2012, 6, 15))
    result = result_of(an_answer(), an_answer(INACTIVE, member=brother))
    assert result.outcome is CheckOutcome.CONFIRMED
    assert _codes(result.findings) == ["other_member_in_answer"]


def test_a_twin_is_somebody_else() -> None:
    twin = replace(RETURNED_ADA, first_name="EDA")
    assert result_of(an_answer(), an_answer(INACTIVE, member=twin)).outcome is CheckOutcome.CONFIRMED


def test_nobody_is_chosen_where_nobody_is_exactly_the_patient() -> None:
    one = replace(RETURNED_ADA, first_name="BEN", birth_date=date(2012, 6, 15))
    other = replace(RETURNED_ADA, first_name="CAL", birth_date=date(2014, 1, 1))
    result = result_of(an_answer(member=one), an_answer(member=other))
    assert result.outcome is CheckOutcome.ACTIVE_WITH_DIFFERENCES
    assert "birth_date_differs" in _codes(result.findings)


# Inactive


def test_an_inactive_plan_is_inactive() -> None:
    result = result_of(an_answer(replace(INACTIVE, plan_name="GOLD PLAN")))
    assert (result.outcome, result.active, result.plan_name) == (CheckOutcome.INACTIVE, False, "GOLD PLAN")


def test_a_plan_that_was_active_on_other_days_is_inactive() -> None:
    assert result_of(an_answer(a_benefit(dates=PAST))).outcome is CheckOutcome.INACTIVE
    assert result_of(an_answer(plan_dates=(("347", date(2026, 2, 28), None),))).outcome is CheckOutcome.INACTIVE


def test_the_day_of_service_decides() -> None:
    answer = an_answer(plan_dates=(("346", date(2026, 3, 2), None),))
    assert result_of(answer).outcome is CheckOutcome.INACTIVE
    assert result_of(answer, service_date=date(2026, 3, 2)).outcome is CheckOutcome.CONFIRMED


def test_both_active_and_inactive_for_the_same_plan_is_inactive_with_a_finding() -> None:
    result = result_of(an_answer(ACTIVE, INACTIVE))
    assert result.outcome is CheckOutcome.INACTIVE
    assert _codes(result.findings) == ["coverage_contradictory"]


def test_another_plan_that_is_inactive_contradicts_nothing() -> None:
    old = a_benefit(BenefitKind.INACTIVE, plan_name="OLD PLAN")
    assert result_of(an_answer(ACTIVE, old)).outcome is CheckOutcome.CONFIRMED


def test_an_inactive_period_in_the_past_contradicts_nothing() -> None:
    assert result_of(an_answer(ACTIVE, replace(INACTIVE, dates=PAST))).outcome is CheckOutcome.CONFIRMED


def test_an_inactive_benefit_is_not_the_plan() -> None:
    dental = a_benefit(BenefitKind.INACTIVE, "35")
    assert result_of(an_answer(ACTIVE, dental)).outcome is CheckOutcome.CONFIRMED


def test_an_active_benefit_is_not_the_plan() -> None:
    result = result_of(an_answer(a_benefit(BenefitKind.ACTIVE, "35")))
    assert result.outcome is CheckOutcome.INACTIVE
    assert _codes(result.findings) == ["coverage_not_stated"]


def test_a_payer_that_speaks_of_mental_health_alone_is_taken_at_its_word() -> None:
    assert result_of(an_answer(a_benefit(BenefitKind.ACTIVE, "MH"))).outcome is CheckOutcome.CONFIRMED
    assert result_of(an_answer(a_benefit(BenefitKind.INACTIVE, "MH"))).outcome is CheckOutcome.INACTIVE


def test_active_mental_health_does_not_make_an_inactive_plan_active() -> None:
    assert result_of(an_answer(INACTIVE, a_benefit(BenefitKind.ACTIVE, "MH"))).outcome is CheckOutcome.INACTIVE


def test_active_coverage_without_service_type_is_the_plans() -> None:
    assert result_of(an_answer(a_benefit(service_type_codes=()))).outcome is CheckOutcome.CONFIRMED


# Rejected


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_rejection_is_its_outcome_with_what_to_do(code: str) -> None:
    rejection = PayerRejection(loop="2100C", reason_code=code)
    result = result_of(an_answer(benefits=(), rejections=(rejection,)))
    assert (result.outcome, result.what_to_do) == REASONS[code]
    assert result.active is None
    assert result.rejection_codes == (code,)


def test_a_payer_that_cannot_process_has_rejected() -> None:
    result = result_of(an_answer(a_benefit(BenefitKind.OTHER, code="V")))
    assert (result.outcome, result.active) == (CheckOutcome.PAYER_REJECTED, None)


# Unreadable


def test_no_answer_is_unreadable() -> None:
    result = result_of()
    assert (result.outcome, result.active) == (CheckOutcome.ANSWER_UNREADABLE, None)


def test_an_answer_read_with_an_error_is_not_relied_on() -> None:
    error = Finding(code="transaction_truncated", message="Cut.", location="ST")
    result = result_of(an_answer(), findings=(error,))
    assert result.outcome is CheckOutcome.ANSWER_UNREADABLE
    assert result.findings == (error,)


def test_warnings_of_the_reading_are_passed_on_and_information_is_not() -> None:
    warning = Finding(code="number_invalid", message="No number.", severity=Severity.WARNING)
    information = Finding(code="segment_unknown", message="Unknown.", severity=Severity.INFORMATION)
    result = result_of(an_answer(), findings=(warning, information))
    assert result.outcome is CheckOutcome.CONFIRMED
    assert result.findings == (warning,)


# The rest of the result


def test_costs_of_other_periods_are_left_out() -> None:
    last_year = a_benefit(BenefitKind.DEDUCTIBLE, amount="900", dates=PAST)
    this_year = a_benefit(BenefitKind.DEDUCTIBLE, amount="1000")
    assert [share.amount for share in result_of(an_answer(ACTIVE, last_year, this_year)).deductibles] == [Decimal(1000)]


def test_a_percentage_above_one_is_kept_and_doubted() -> None:
    result = result_of(an_answer(ACTIVE, a_benefit(BenefitKind.COINSURANCE, percent=Decimal(20))))
    assert result.coinsurances[0].percent == Decimal(20)
    assert _codes(result.findings) == ["percent_above_one"]
    assert result.outcome is CheckOutcome.CONFIRMED


def test_other_insurance_is_shown() -> None:
    benefit = a_benefit(BenefitKind.OTHER_PAYER, entities=(an_entity("PRP"),))
    assert [payer.stated_rank for payer in result_of(an_answer(ACTIVE, benefit)).other_payers] == ["primary"]


def test_a_carve_out_of_an_active_plan_is_a_warning_and_still_confirmed() -> None:
    benefit = a_benefit(BenefitKind.ACTIVE, "MH", entities=(an_entity("VN", "CALM HANDS BEHAVIORAL", "CALM1"),))
    result = result_of(an_answer(ACTIVE, benefit))
    assert result.outcome is CheckOutcome.CONFIRMED
    assert [payer.name for payer in result.carve_outs] == ["CALM HANDS BEHAVIORAL"]
    (finding,) = result.findings
    assert (finding.code, finding.severity) == ("carve_out", Severity.WARNING)


def test_an_inactive_plan_has_no_carve_outs() -> None:
    benefit = a_benefit(BenefitKind.ACTIVE, "MH", entities=(an_entity("VN"),))
    result = result_of(an_answer(INACTIVE, benefit))
    assert result.carve_outs == ()
    assert result.findings == ()


# Anything a payer may send

_dates = st.lists(
    st.tuples(
        st.sampled_from("290 291 292 307 346 347 348 349 356 357 636".split()),
        st.dates(date(2025, 12, 1), date(2026, 6, 1)),
        st.none(),
    ),
    max_size=3,
).map(tuple)
_entities = st.builds(
    BenefitEntity,
    role_code=st.sampled_from("PR PRP SEP TTP IL VN 1P P5 X3 ZZ".split()),
    name=st.sampled_from([None, "A", "INVENTED HEALTH PLAN"]),
    identifier=st.sampled_from([None, "A1", "INV01"]),
)
_benefits = st.builds(
    Benefit,
    kind=st.sampled_from(BenefitKind),
    code=st.sampled_from("1 6 A B C G R U V MC ?".split()),
    service_type_codes=st.lists(st.sampled_from(["30", "MH", "98", "?"]), max_size=3).map(tuple),
    plan_name=st.sampled_from([None, "GOLD", "SILVER"]),
    period_code=st.sampled_from([None, "23", "29", "32", "33", "?"]),
    amount=st.none() | st.decimals(0, 1000, places=2),
    percent=st.none() | st.decimals(0, 2, places=2),
    in_network_code=st.sampled_from([None, "Y", "N", "W", "?"]),
    dates=_dates,
    entities=st.lists(_entities, max_size=2).map(tuple),
)
_members = st.builds(
    ReturnedMember,
    last_name=st.sampled_from([None, "FERNWOOD", "Fernwood", "OTHER"]),
    first_name=st.sampled_from([None, "ADA", "BEN"]),
    member_id=st.sampled_from([None, MEMBER_ID, "OTHER1"]),
    birth_date=st.sampled_from([None, ADA.birth_date, date(2012, 6, 15)]),
)
_answers = st.builds(
    EligibilityAnswer,
    control_number=st.just("000000042"),
    payer_id=st.sampled_from([None, "INV01"]),
    subscriber=st.none() | _members,
    member=st.none() | _members,
    plan_dates=_dates,
    benefits=st.lists(_benefits, max_size=4).map(tuple),
    rejections=st.lists(st.just(REJECTED), max_size=1).map(tuple),
)


@settings(deadline=None, max_examples=300)
@given(answers=st.lists(_answers, max_size=3))
def test_confirmed_means_active_without_rejection_and_nothing_that_differs(answers: list[EligibilityAnswer]) -> None:
    result = assess(
        answers, service_date=DAY, expected=ADA, member_id=MEMBER_ID, asked_service_types=("30", "MH"), findings=()
    )
    assert result.what_to_do
    if result.outcome is CheckOutcome.CONFIRMED:
        about = [one for one in answers if one.member is None or one.member.first_name in {None, "ADA"}]
        assert result.active is True
        assert result.rejection_codes == ()
        assert any(one.member and one.member.birth_date == ADA.birth_date for one in about)
        assert all(one.member is None or one.member.last_name in {None, "FERNWOOD", "Fernwood"} for one in about)
        ids = {one.member.member_id for one in about if one.member and one.member.member_id}
        assert {compact(one) for one in ids} <= {MEMBER_ID}
