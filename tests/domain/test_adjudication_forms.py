"""Three totals made into a decision (domain rules B3, B4)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.adjudication_checks import check_decision
from app.domain.adjudication_forms import FormTerms, ShortForm, decision_from_totals
from app.domain.adjudications import Decision
from app.domain.balance import balance_of
from app.domain.service_lines import ServiceLine
from tests.domain.claims import DECISION_DAY, SERVICE_DAY, a_line
from tests.domain.decisions import CO, OA, PI, PR, adjustment, billed_lines, money, several_lines
from tests.factories import TODAY

FIRST = FormTerms(was_first=True, in_network=True)
LATER = FormTerms(was_first=False, in_network=True)


def a_form(paid: str = "80", adjustments: str = "45", responsibility: str = "25", **changes: Any) -> ShortForm:
    form = ShortForm(
        paid=money(paid),
        adjustments=money(adjustments),
        patient_responsibility=money(responsibility),
        adjudication_date=DECISION_DAY,
    )
    return replace(form, **changes)


def decided(form: ShortForm, *lines: ServiceLine, terms: FormTerms = FIRST) -> Decision:
    decision, findings = decision_from_totals(form, lines=lines or (a_line(),), terms=terms)
    assert findings == ()
    assert decision is not None
    return decision


def refused(form: ShortForm, *lines: ServiceLine, terms: FormTerms = FIRST) -> list[tuple[str, str | None]]:
    decision, findings = decision_from_totals(form, lines=lines or (a_line(),), terms=terms)
    assert decision is None
    return [(finding.code, finding.pointer) for finding in findings]


def test_the_golden_totals_of_one_line_become_its_decision() -> None:
    line = a_line()
    decision = decided(a_form(copay=money(25), payer_claim_number="CLM77"), line)
    assert (decision.paid, decision.adjustments, decision.payer_claim_number) == (money(80), (), "CLM77")
    (on_line,) = decision.lines
    assert (on_line.line_id, on_line.paid) == (line.id, money(80))
    assert on_line.adjustments == (adjustment("CO-45", 45), adjustment("PR-3", 25))
    assert balance_of(decision, (line,)).lines[0].remaining_liability == money(25)


def test_the_golden_totals_of_several_lines_stand_at_claim_level_where_that_is_allowed() -> None:
    terms = replace(FIRST, claim_level_allowed=True)
    decision = decided(a_form("160", "90", "50", coinsurance=money(50)), *several_lines(150, 150), terms=terms)
    assert (decision.paid, decision.lines) == (money(160), ())
    assert decision.adjustments == (adjustment("CO-45", 90), adjustment("PR-2", 50))
    assert decision.patient_responsibility == money(50)


def test_several_lines_are_required_without_a_profile_and_by_medicare_always() -> None:
    lines = several_lines(150, 150)
    assert refused(a_form("160", "90", "50"), *lines) == [("lines_required", "/lines")]
    medicare = FormTerms(was_first=True, in_network=True, claim_level_allowed=True, is_medicare_destination=True)
    assert refused(a_form("160", "90", "50"), *lines, terms=medicare) == [("lines_required", "/lines")]


@pytest.mark.parametrize(
    ("form", "code", "terms"),
    [
        (a_form("0", "250", "0", denial_group=CO, denial_reason_code="29"), "CO-29", FIRST),
        (a_form("0", "0", "250", deductible=money(250)), "PR-1", FIRST),
        (a_form("0", "0", "250", denial_group=PR, denial_reason_code="96"), "PR-96", FIRST),
        (a_form("0", "0", "0", earlier_payers_effect=money(250)), "OA-23", LATER),
    ],
)
def test_one_reason_for_the_whole_charge_is_no_guess_on_several_lines(
    form: ShortForm, code: str, terms: FormTerms
) -> None:
    lines = several_lines(150, 0, 100)
    decision = decided(form, *lines, terms=terms)
    assert [(line.paid, line.adjustments) for line in decision.lines] == [
        (money(0), (adjustment(code, 150),)),
        (money(0), ()),
        (money(0), (adjustment(code, 100),)),
    ]
    assert "whole_charge_assumed" in {one.code for one in decision.assumptions}
    assert balance_of(decision, lines).is_balanced


def test_an_unsplit_responsibility_is_no_reason_for_the_whole_charge() -> None:
    assert refused(a_form("0", "0", "250"), *several_lines(150, 100)) == [("lines_required", "/lines")]


def test_a_second_reason_beside_the_whole_charge_is_not_spread() -> None:
    form = a_form("0", "250", "0", denial_group=CO, denial_reason_code="29", earlier_payers_effect=money(10))
    assert refused(form, *several_lines(150, 100), terms=LATER) == [("lines_required", "/lines")]


def test_a_reason_for_less_than_the_whole_charge_is_not_spread() -> None:
    form = a_form("0", "249.99", "0", denial_group=CO, denial_reason_code="29")
    assert refused(form, *several_lines(150, 100)) == [("lines_required", "/lines")]


def test_every_default_is_an_assumption() -> None:
    assert [(one.code, one.pointer) for one in decided(a_form()).assumptions] == [
        ("contractual_reduction_assumed", "/lines/0/adjustments/0"),
        ("service_as_billed_assumed", "/lines/0"),
        ("remaining_liability_assumed", "/lines/0/remaining_liability"),
    ]
    chosen = decided(a_form(adjustment_group=PR, adjustment_reason_code="45"))
    assert "contractual_reduction_assumed" not in {one.code for one in chosen.assumptions}
    at_claim = decided(a_form(), *several_lines(75, 75), terms=replace(FIRST, claim_level_allowed=True))
    assert [(one.code, one.pointer) for one in at_claim.assumptions] == [
        ("contractual_reduction_assumed", "/adjustments/0"),
        ("claim_level_assumed", "/adjustments"),
        ("remaining_liability_assumed", "/remaining_liability"),
    ]


def test_an_unsplit_responsibility_waits_for_its_reason() -> None:
    assert decided(a_form()).lines[0].adjustments == (adjustment("CO-45", 45), adjustment("PR", 25))


def test_the_split_parts_are_sent_without_those_that_are_zero() -> None:
    decision = decided(a_form(deductible=money(20), coinsurance=money(0), copay=money(5)))
    assert decision.lines[0].adjustments[1:] == (adjustment("PR-1", 20), adjustment("PR-3", 5))


@pytest.mark.parametrize("copay", ["24.99", "25.01", "0"])
def test_split_parts_that_do_not_add_up_are_refused(copay: str) -> None:
    assert refused(a_form(copay=money(copay))) == [("split_mismatch", "/patient_responsibility")]


@pytest.mark.parametrize("in_network", [None, False])
def test_out_of_network_the_reason_must_be_chosen(in_network: bool | None) -> None:
    terms = FormTerms(was_first=True, in_network=in_network)
    assert refused(a_form(), terms=terms) == [
        ("adjustment_reason_required", "/adjustment_group"),
        ("adjustment_reason_required", "/adjustment_reason_code"),
    ]
    chosen = decided(a_form(adjustment_group=PR, adjustment_reason_code="45", copay=money(25)), terms=terms)
    assert chosen.lines[0].adjustments == (adjustment("PR-45", 45), adjustment("PR-3", 25))
    assert decided(a_form("125", "0", "25"), terms=terms).paid == money(125)


def test_half_a_reason_is_refused() -> None:
    assert refused(a_form(adjustment_group=CO)) == [("adjustment_reason_required", "/adjustment_reason_code")]
    assert refused(a_form(adjustment_reason_code="45")) == [("adjustment_reason_required", "/adjustment_group")]


def test_a_later_payer_is_asked_for_the_effect_of_earlier_payers() -> None:
    assert refused(a_form("20", "0", "5"), terms=LATER) == [
        ("earlier_payers_effect_required", "/earlier_payers_effect")
    ]
    decision = decided(a_form("20", "0", "5", earlier_payers_effect=money(125), copay=money(5)), terms=LATER)
    assert decision.lines[0].adjustments == (adjustment("OA-23", 125), adjustment("PR-3", 5))
    nothing = decided(a_form("145", "0", "5", earlier_payers_effect=money(0)), terms=LATER)
    assert OA not in {one.group for one in nothing.all_adjustments}


def test_a_later_payers_adjustments_have_no_default_reason() -> None:
    form = a_form("20", "5", "0", earlier_payers_effect=money(125))
    assert {code for code, _ in refused(form, terms=LATER)} == {"adjustment_reason_required"}


def test_the_first_payer_knows_no_earlier_ones() -> None:
    form = a_form(earlier_payers_effect=money(1))
    assert refused(form) == [("earlier_payers_effect_refused", "/earlier_payers_effect")]


def test_nothing_paid_and_nothing_left_to_the_patient_needs_the_denial_reason() -> None:
    assert refused(a_form("0", "150", "0")) == [("denial_reason_required", "/denial_reason_code")]
    assert refused(a_form("0", "150", "0", denial_group=PI)) == [("denial_reason_required", "/denial_reason_code")]
    assert refused(a_form("0", "150", "0", denial_reason_code="16")) == [("denial_reason_required", "/denial_group")]
    decision = decided(a_form("0", "150", "0", denial_group=PI, denial_reason_code="16"))
    assert decision.lines[0].adjustments == (adjustment("PI-16", 150),)


def test_a_denial_names_the_amount_it_takes_off() -> None:
    form = a_form("0", "0", "0", denial_group=CO, denial_reason_code="29")
    assert refused(form) == [("denial_amount_required", "/adjustments")]


def test_a_denial_gives_its_reason_as_a_denial() -> None:
    form = a_form("0", "150", "0", adjustment_group=CO, adjustment_reason_code="29")
    assert ("adjustment_reason_refused", "/adjustment_group") in refused(form)
    assert ("denial_reason_required", "/denial_reason_code") in refused(form)


@pytest.mark.parametrize(
    "form",
    [
        a_form(denial_group=CO, denial_reason_code="29"),
        a_form("0", "0", "150", denial_group=CO, denial_reason_code="29"),
        a_form("0", "0", "150", denial_group=PR, denial_reason_code="96", deductible=money(150)),
    ],
)
def test_a_denial_reason_has_no_place_beside_a_payment_or_a_split(form: ShortForm) -> None:
    assert refused(form) == [("denial_reason_refused", "/denial_reason_code")]


def test_nothing_left_by_earlier_payers_is_no_denial() -> None:
    form = a_form("0", "0", "0", earlier_payers_effect=money(150))
    assert decided(form, terms=LATER).lines[0].adjustments == (adjustment("OA-23", 150),)


def test_what_a_later_payer_took_off_beside_the_effect_of_earlier_ones_needs_its_reason() -> None:
    form = a_form("0", "25", "0", earlier_payers_effect=money(125))
    assert refused(form, terms=LATER) == [("denial_reason_required", "/denial_reason_code")]


def test_every_negative_amount_is_named() -> None:
    minus = Decimal(-1)
    form = a_form("-1", "-1", "-1", deductible=minus, coinsurance=minus, copay=minus, earlier_payers_effect=minus)
    assert refused(form) == [
        ("amount_negative", pointer)
        for pointer in (
            "/paid",
            "/adjustments",
            "/patient_responsibility",
            "/deductible",
            "/coinsurance",
            "/copay",
            "/earlier_payers_effect",
        )
    ]


@pytest.mark.parametrize("amount", ["0.001", "100000000.00", "NaN", "Infinity"])
def test_an_amount_that_is_no_money_is_refused(amount: str) -> None:
    assert refused(a_form(copay=Decimal(amount))) == [("amount_invalid", "/copay")]


@pytest.mark.parametrize("code", ["", "123456", "4-5", "a1", "45 "])
def test_a_reason_code_of_another_shape_is_refused(code: str) -> None:
    form = a_form(adjustment_group=CO, adjustment_reason_code=code)
    assert refused(form) == [("reason_code_format", "/adjustment_reason_code")]


def test_totals_that_do_not_add_up_are_kept_as_they_are() -> None:
    line = a_line()
    decision = decided(a_form("80", "45", "24.99"), line)
    assert balance_of(decision, (line,)).lines[0].difference == money("0.01")


amounts = st.integers(0, 60_000).map(lambda cents: Decimal(cents) / 100)
forms = st.builds(
    ShortForm,
    paid=amounts,
    adjustments=amounts,
    patient_responsibility=amounts,
    copay=st.none() | amounts,
    deductible=st.none() | amounts,
    adjustment_group=st.none() | st.sampled_from((CO, PR)),
    adjustment_reason_code=st.none() | st.just("45"),
    denial_group=st.none() | st.sampled_from((CO, PR)),
    denial_reason_code=st.none() | st.just("96"),
    earlier_payers_effect=st.none() | amounts,
    adjudication_date=st.just(DECISION_DAY),
)


@given(
    form=forms,
    lines=billed_lines(3),
    terms=st.builds(FormTerms, was_first=st.booleans(), in_network=st.none() | st.booleans()),
)
def test_a_form_becomes_a_decision_with_all_its_dollars_or_says_why_not(
    form: ShortForm, lines: tuple[ServiceLine, ...], terms: FormTerms
) -> None:
    decision, findings = decision_from_totals(form, lines=lines, terms=terms)
    if decision is None:
        assert findings
        assert all(one.pointer for one in findings)
        return
    given_in_all = form.adjustments + form.patient_responsibility + (form.earlier_payers_effect or 0)
    assert decision.paid == form.paid
    assert sum(one.amount for one in decision.all_adjustments) == given_in_all
    assert [one.line_id for one in decision.lines] in ([], [line.id for line in lines])
    later = check_decision(decision, lines=lines, last_service_date=date.min, today=TODAY)
    assert later == ()


def test_the_date_is_left_to_the_check_of_the_decision() -> None:
    line = a_line()
    decision = decided(a_form(adjudication_date=date(2026, 8, 19)), line)
    findings = check_decision(decision, lines=(line,), last_service_date=SERVICE_DAY, today=TODAY)
    assert [(one.code, one.pointer) for one in findings] == [("adjudication_before_service", "/adjudication_date")]
