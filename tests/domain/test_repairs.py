"""Repairs: what is offered for a decision that does not add up (design rule 3, domain rule B4)."""

import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.adjudication_checks import MOST_SERVICES, check_content
from app.domain.adjudication_forms import FormTerms, ShortForm, decision_from_totals
from app.domain.adjudications import Assumption, Decision
from app.domain.balance import balance_findings, balance_of
from app.domain.findings import Finding, has_error
from app.domain.repairs import Repair, RepairKind, repairs_for, with_repairs
from app.domain.service_lines import MOST_LINES, ServiceLine
from tests.domain.claims import DECISION_DAY, a_line
from tests.domain.decisions import (
    adjustment,
    at_claim_level,
    balanced_claims,
    by_lines,
    decided_claims,
    money,
    on_line,
    several_lines,
)

LINE = a_line()
REMAINDERS = [
    RepairKind.REMAINDER_TO_CO_45,
    RepairKind.REMAINDER_TO_PR_1,
    RepairKind.REMAINDER_TO_PR_2,
    RepairKind.REMAINDER_TO_PR_3,
    RepairKind.REMAINDER_TO_PR_192,
]


def offered(decision: Decision, *lines: ServiceLine, lines_needed: bool = False) -> dict[RepairKind, Repair]:
    repairs = repairs_for(decision, lines or (LINE,), lines_needed=lines_needed)
    kinds = [repair.kind for repair in repairs]
    assert len(kinds) == len(set(kinds))
    return {repair.kind: repair for repair in repairs}


def findings_of(
    decision: Decision, lines: tuple[ServiceLine, ...], *, lines_needed: bool = False
) -> tuple[Finding, ...]:
    return balance_findings(balance_of(decision, lines), decision, lines_needed=lines_needed)


def amounts(repair: Repair) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    before, after = repair.before, repair.after
    return (before.paid, before.adjustments, before.difference), (after.paid, after.adjustments, after.difference)


def test_a_remainder_is_offered_under_each_reason_it_can_have() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 45)))
    repairs = offered(decision)
    assert list(repairs) == [*REMAINDERS, RepairKind.PAID_CORRECTED]
    to_copay = repairs[RepairKind.REMAINDER_TO_PR_3]
    assert to_copay.decision.lines[0].adjustments == (adjustment("CO-45", 45), adjustment("PR-3", 25))
    assert (to_copay.finding_code, to_copay.pointer, to_copay.line_number) == ("line_out_of_balance", "/lines/0", 1)
    assert amounts(to_copay) == ((money(80), money(45), money(25)), (money(80), money(70), money(0)))


def test_a_remainder_is_added_to_the_reason_that_stands_there() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 45), adjustment("PR-3", 24)))
    to_contract = offered(decision)[RepairKind.REMAINDER_TO_CO_45]
    assert to_contract.decision.lines[0].adjustments == (adjustment("CO-45", 46), adjustment("PR-3", 24))


def test_reason_192_is_for_paper_only() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 40), adjustment("PR", 25)))
    kinds = {repair.kind for repair in repairs_for(decision, (LINE,), from_paper=False)}
    assert not kinds & {RepairKind.REMAINDER_TO_PR_192, RepairKind.RESPONSIBILITY_TO_PR_192}
    assert {RepairKind.REMAINDER_TO_PR_192, RepairKind.RESPONSIBILITY_TO_PR_192} <= set(offered(decision))


def test_a_remainder_at_claim_level_stays_there() -> None:
    repairs = offered(at_claim_level("160", adjustment("CO-45", 90)), *several_lines(150, 150))
    assert list(repairs) == [*REMAINDERS, RepairKind.PAID_CORRECTED]
    coinsurance = repairs[RepairKind.REMAINDER_TO_PR_2]
    assert coinsurance.decision.adjustments == (adjustment("CO-45", 90), adjustment("PR-2", 50))
    assert coinsurance.line_number is None
    assert repairs[RepairKind.PAID_CORRECTED].decision.paid == money(210)


def test_more_than_the_charge_has_no_remainder_to_explain() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 45), adjustment("PR-3", 26)))
    assert list(offered(decision)) == [RepairKind.PAID_CORRECTED]
    corrected = offered(decision)[RepairKind.PAID_CORRECTED]
    assert (corrected.decision.paid, corrected.decision.lines[0].paid) == (money(79), money(79))


def test_a_paid_amount_is_not_corrected_below_zero() -> None:
    assert offered(by_lines(on_line(LINE, "10", adjustment("CO-45", 161)))) == {}


def test_a_line_is_corrected_towards_the_claims_paid_amount_where_they_differ() -> None:
    mistyped = by_lines(on_line(LINE, "70", adjustment("CO-45", 45), adjustment("PR-3", 25)), paid=money(80))
    corrected = offered(mistyped)[RepairKind.PAID_CORRECTED]
    assert (corrected.decision.paid, corrected.decision.lines[0].paid) == (money(80), money(80))
    assert findings_of(corrected.decision, (LINE,)) == ()


def test_an_unsplit_responsibility_is_offered_as_each_of_its_parts() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 45), adjustment("PR", 25)))
    repairs = offered(decision)
    assert [(kind, repair.decision.lines[0].adjustments[1]) for kind, repair in repairs.items()] == [
        (RepairKind.RESPONSIBILITY_TO_PR_1, adjustment("PR-1", 25)),
        (RepairKind.RESPONSIBILITY_TO_PR_2, adjustment("PR-2", 25)),
        (RepairKind.RESPONSIBILITY_TO_PR_3, adjustment("PR-3", 25)),
        (RepairKind.RESPONSIBILITY_TO_PR_192, adjustment("PR-192", 25)),
    ]
    assert all(not findings_of(repair.decision, (LINE,)) for repair in repairs.values())


def test_a_claim_level_amount_moves_to_the_only_line_that_misses_it() -> None:
    one, two = several_lines(150, 60)
    decision = by_lines(
        on_line(one, "80", adjustment("CO-45", 45)), on_line(two, "60"), adjustments=(adjustment("PR-3", 25),)
    )
    repairs = repairs_for(decision, (one, two))
    moves = [repair for repair in repairs if repair.kind is RepairKind.CLAIM_AMOUNT_TO_LINE]
    assert [repair.finding_code for repair in moves] == ["line_out_of_balance", "paid_differs_from_lines"]
    assert moves[0].decision == moves[1].decision
    assert moves[0].decision.lines[0].adjustments == (adjustment("CO-45", 45), adjustment("PR-3", 25))
    assert findings_of(moves[0].decision, (one, two)) == ()


def test_all_claim_level_amounts_move_together_where_together_they_are_what_is_missing() -> None:
    totals = (adjustment("CO-45", 45), adjustment("PR-3", 25))
    move = repairs_for(by_lines(on_line(LINE, "80"), adjustments=totals), (LINE,))
    decisions = [repair.decision for repair in move if repair.kind is RepairKind.CLAIM_AMOUNT_TO_LINE]
    assert all(decision.lines[0].adjustments == totals for decision in decisions)
    assert decisions


def test_an_amount_that_two_lines_could_miss_is_not_moved() -> None:
    one, two = several_lines(150, 60)
    decision = by_lines(
        on_line(one, "125"),
        on_line(two, "35"),
        adjustments=(adjustment("PR-3", 25),),
    )
    assert RepairKind.CLAIM_AMOUNT_TO_LINE not in {repair.kind for repair in repairs_for(decision, (one, two))}


def test_totals_at_claim_level_become_the_only_lines() -> None:
    decision, _ = decision_from_totals(
        ShortForm(
            paid=money(160),
            adjustments=money(90),
            patient_responsibility=money(50),
            coinsurance=money(50),
            adjudication_date=DECISION_DAY,
        ),
        lines=several_lines(150, 150),
        terms=FormTerms(was_first=True, in_network=True, claim_level_allowed=True),
    )
    assert decision is not None
    line = a_line(charge=money(300))
    assert repairs_for(decision, several_lines(150, 150), lines_needed=True) == ()
    repair = offered(decision, line, lines_needed=True)[RepairKind.CLAIM_TOTALS_TO_LINE]
    assert (repair.decision.paid, repair.decision.adjustments) == (money(160), ())
    assert repair.decision.lines == (on_line(line, "160", adjustment("CO-45", 90), adjustment("PR-2", 50)),)
    assert [(one.code, one.pointer) for one in repair.decision.assumptions] == [
        ("contractual_reduction_assumed", "/lines/0/adjustments/0"),
        ("remaining_liability_assumed", "/lines/0/remaining_liability"),
        ("service_as_billed_assumed", "/lines/0"),
    ]


def test_the_copy_of_an_amount_at_the_other_level_is_dropped_where_it_is_too_much() -> None:
    whole = on_line(LINE, "80", adjustment("CO-45", 45), adjustment("PR-3", 25))
    repairs = offered(by_lines(whole, adjustments=(adjustment("CO-45", 45),)))
    assert repairs[RepairKind.CLAIM_COPY_DROPPED].decision == by_lines(whole)
    assert RepairKind.LINE_COPY_DROPPED not in repairs
    real_at_claim = by_lines(
        on_line(LINE, "125", adjustment("CO-45", 25), adjustment("PR-3", 25)),
        paid=money(100),
        adjustments=(adjustment("PR-3", 25),),
    )
    dropped = offered(real_at_claim)[RepairKind.LINE_COPY_DROPPED]
    assert findings_of(dropped.decision, (LINE,)) == ()


def test_a_copy_that_is_missed_elsewhere_is_not_dropped() -> None:
    decision = by_lines(
        on_line(LINE, "125", adjustment("PR-3", 25)), paid=money(90), adjustments=(adjustment("PR-3", 25),)
    )
    assert RepairKind.CLAIM_COPY_DROPPED not in {repair.kind for repair in repairs_for(decision, (LINE,))}


def test_two_real_amounts_of_one_reason_are_told_on_the_line_together() -> None:
    """Balanced, yet a clearinghouse takes the same amount at both levels for a copy."""
    decision = by_lines(
        on_line(LINE, "125", adjustment("PR-3", 25)), paid=money(100), adjustments=(adjustment("PR-3", 25),)
    )
    repair = offered(decision)[RepairKind.CLAIM_AMOUNT_TO_LINE]
    assert repair.decision.lines == (on_line(LINE, "100", adjustment("PR-3", 50)),)
    assert findings_of(repair.decision, (LINE,)) == ()


def test_the_claims_paid_amount_is_corrected_to_its_lines() -> None:
    decision = by_lines(on_line(LINE, "150"), paid=money("149.99"))
    repair = offered(decision)[RepairKind.CLAIM_PAID_TO_LINES]
    assert repair.decision.paid == money(150)
    assert amounts(repair) == ((money("149.99"), money(0), money("0.01")), (money(150), money(0), money(0)))


def test_the_claims_paid_amount_waits_for_the_lines_that_are_undecided() -> None:
    one, two = several_lines(150, 60)
    assert offered(by_lines(on_line(one, "150"), paid=money(210)), one, two) == {}


def test_duplicates_are_merged_and_a_duplicate_that_is_too_much_is_dropped() -> None:
    halves = by_lines(on_line(LINE, "80", adjustment("CO-45", 20), adjustment("CO-45", 25), adjustment("PR-3", 25)))
    merged = offered(halves)[RepairKind.DUPLICATES_MERGED]
    assert merged.decision.lines[0].adjustments == (adjustment("CO-45", 45), adjustment("PR-3", 25))
    twice = by_lines(on_line(LINE, "80", adjustment("CO-45", 45), adjustment("PR-3", 25), adjustment("PR-3", 25)))
    dropped = offered(twice)[RepairKind.DUPLICATE_DROPPED]
    assert dropped.decision.lines[0].adjustments == (adjustment("CO-45", 45), adjustment("PR-3", 25))


def test_an_adjustment_of_zero_is_dropped_and_assumptions_keep_their_place() -> None:
    assumed = Assumption(code="contractual_reduction_assumed", message="Taken.", pointer="/lines/0/adjustments/1")
    gone = Assumption(code="other", message="Of the zero.", pointer="/lines/0/adjustments/0")
    line = on_line(LINE, "105", adjustment("PR-1", 0), adjustment("CO-45", 45))
    repair = offered(by_lines(line, assumptions=(gone, assumed)))[RepairKind.ZERO_DROPPED]
    assert repair.decision.lines[0].adjustments == (adjustment("CO-45", 45),)
    assert repair.decision.assumptions == (replace(assumed, pointer="/lines/0/adjustments/0"),)


def test_an_unbundled_line_has_no_repair_as_nobody_knows_which_part_is_wrong() -> None:
    assert offered(by_lines(on_line(LINE, "80"), on_line(LINE, "20"))) == {}


def test_a_bundled_line_is_not_paid_by_a_repair() -> None:
    one, two = several_lines(150, 60)
    bundled = on_line(two, "0", adjustment("CO-97", 50), bundled_into_line_id=one.id)
    assert RepairKind.PAID_CORRECTED not in offered(by_lines(on_line(one, "150"), bundled), one, two)


@given(balanced_claims())
def test_what_balances_needs_no_repair(claim: tuple[tuple[ServiceLine, ...], Decision]) -> None:
    lines, decision = claim
    assert repairs_for(decision, lines) == ()


@given(decided_claims(), st.booleans())
def test_each_repair_settles_its_finding_and_makes_no_other_place_worse(
    claim: tuple[tuple[ServiceLine, ...], Decision], lines_needed: bool
) -> None:
    lines, decision = claim
    found = findings_of(decision, lines, lines_needed=lines_needed)
    table = balance_of(decision, lines)
    for repair in repairs_for(decision, lines, lines_needed=lines_needed):
        after = balance_of(repair.decision, lines)
        left = Counter(one.code for one in findings_of(repair.decision, lines, lines_needed=lines_needed))
        assert left[repair.finding_code] < Counter(one.code for one in found)[repair.finding_code]
        assert sum(left.values()) < len(found)
        if table.lines:
            for old, new in zip(table.lines, after.lines, strict=True):
                assert abs(new.difference) <= abs(old.difference)
            assert abs(after.claim.paid_difference) <= abs(table.claim.paid_difference)
        assert abs(after.claim.difference) <= abs(table.claim.difference) or table.lines


@given(decided_claims(), st.booleans())
def test_the_dollars_that_change_are_those_a_repair_names(
    claim: tuple[tuple[ServiceLine, ...], Decision], lines_needed: bool
) -> None:
    lines, decision = claim
    for repair in repairs_for(decision, lines, lines_needed=lines_needed):
        before, after = repair.before, repair.after
        table, repaired = balance_of(decision, lines), balance_of(repair.decision, lines)
        if repair.line_number is not None:
            place = repair.line_number - 1
            assert before.paid + before.adjustments + before.difference == lines[place].charge
            assert after.paid + after.adjustments + after.difference == lines[place].charge
            row = repaired.lines[place]
            assert (after.paid, after.adjustments, after.difference) == (row.paid, row.adjustments, row.difference)
            others = [place]
        else:
            assert (after.paid, after.adjustments) == (repaired.claim.paid, repaired.claim.adjustments)
            assert (before.paid, before.adjustments) == (table.claim.paid, table.claim.adjustments)
            others = []
        if table.lines:
            for at, (old, new) in enumerate(zip(table.lines, repaired.lines, strict=True)):
                assert at in others or old == new


@given(decided_claims(), st.booleans())
def test_a_repaired_decision_can_be_carried_as_well_as_the_one_before(
    claim: tuple[tuple[ServiceLine, ...], Decision], lines_needed: bool
) -> None:
    lines, decision = claim
    allowed = Counter(one.code for one in check_content(decision, lines))
    for repair in repairs_for(decision, lines, lines_needed=lines_needed):
        assert Counter(one.code for one in check_content(repair.decision, lines)) <= allowed


@given(decided_claims())
def test_the_id_is_the_same_for_the_same_state_and_another_for_any_other(
    claim: tuple[tuple[ServiceLine, ...], Decision],
) -> None:
    lines, decision = claim
    repairs = repairs_for(decision, lines)
    assert repairs == repairs_for(decision, lines)
    ids = {repair.id for repair in repairs}
    assert len(ids) == len(repairs)
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in ids)
    for other in (replace(decision, paid=decision.paid + 1), replace(decision, remark_codes=("N1",))):
        assert not ids & {repair.id for repair in repairs_for(other, lines)}


def test_the_id_is_of_the_amount_and_not_of_how_it_is_written() -> None:
    written = by_lines(on_line(LINE, "80.00", adjustment("CO-45", "45.00")))
    read = by_lines(
        replace(
            written.lines[0], paid=Decimal(80), adjustments=(replace(adjustment("CO-45", 1), amount=Decimal("4.5E1")),)
        )
    )
    assert [one.id for one in repairs_for(read, (LINE,))] == [one.id for one in repairs_for(written, (LINE,))]


def test_two_payers_that_decided_alike_have_repairs_of_their_own() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 45)))
    first, second = (
        {one.id for one in repairs_for(decision, (LINE,), claim_id=claim_id)} for claim_id in (uuid4(), uuid4())
    )
    assert len(first) == len(second)
    assert not first & second


def test_nothing_is_offered_on_a_line_that_was_not_billed() -> None:
    elsewhere = on_line(a_line(), "0", adjustment("CO-97", 20), adjustment("CO-97", 20))
    decision = by_lines(on_line(LINE, "150"), elsewhere, adjustments=(adjustment("CO-97", 20),))
    assert repairs_for(decision, (LINE,)) == ()


def test_the_id_changes_with_the_charge_even_where_the_effect_does_not() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 45), adjustment("PR", 25)))
    dearer = replace(LINE, charge=money(151))
    at_once = offered(decision)[RepairKind.RESPONSIBILITY_TO_PR_3]
    later = offered(decision, dearer)[RepairKind.RESPONSIBILITY_TO_PR_3]
    assert at_once.decision == later.decision
    assert at_once.id != later.id


def test_of_hundreds_of_faults_the_first_ones_are_offered_a_way_out_and_then_the_next_ones() -> None:
    """What is tried for each is measured against the whole decision: without a bound this takes most of a minute."""
    lines = several_lines(*[150] * MOST_LINES)
    unsplit = [
        on_line(line, 1, adjustment("CO-45", 4), adjustment("PR", 5), units=Decimal(part))
        for line in lines
        for part in range(1, MOST_SERVICES + 1)
    ]
    decision = by_lines(*unsplit)
    assert len(findings_of(decision, lines)) == len(unsplit)
    started = time.process_time()
    repairs = repairs_for(decision, lines)
    assert time.process_time() - started < 10
    places = list(dict.fromkeys(repair.pointer for repair in repairs))
    assert places == [f"/lines/{at}/adjustments/1" for at in range(len(places))]
    assert len(repairs) == len(places) * 4
    assert 1 < len(places) < len(unsplit)
    after = repairs_for(repairs[0].decision, lines)
    assert {repair.pointer for repair in after} == {*places[1:], f"/lines/{len(places)}/adjustments/1"}


def test_findings_carry_the_ids_of_what_is_offered_for_them() -> None:
    decision = by_lines(on_line(LINE, "80", adjustment("CO-45", 40), adjustment("PR", 25)))
    prefix = "/prior_payers/0/adjudication/decision"
    repairs = repairs_for(decision, (LINE,))
    other = Finding(code="line_out_of_balance", message="Of another payer.", pointer="/prior_payers/1/lines/0")
    findings = balance_findings(balance_of(decision, (LINE,)), decision, pointer_prefix=prefix)
    filled = with_repairs((*findings, other), repairs, pointer_prefix=prefix)
    ids = {one.code: one.repair_ids for one in filled if one is not filled[-1]}
    for code in ("line_out_of_balance", "adjustment_reason_missing"):
        assert ids[code] == tuple(one.id for one in repairs if one.finding_code == code)
    assert filled[-1].repair_ids == ()


@pytest.mark.parametrize("kind", [RepairKind.REMAINDER_TO_PR_3, RepairKind.REMAINDER_TO_CO_45])
def test_an_unbalanced_short_form_is_submittable_after_its_repairs(kind: RepairKind) -> None:
    form = ShortForm(
        paid=money(80), adjustments=money(40), patient_responsibility=money(25), adjudication_date=DECISION_DAY
    )
    decision, _ = decision_from_totals(form, lines=(LINE,), terms=FormTerms(was_first=True, in_network=True))
    assert decision is not None
    assert has_error(findings_of(decision, (LINE,)))
    split = offered(decision)[RepairKind.RESPONSIBILITY_TO_PR_3].decision
    done = offered(split)[kind].decision
    assert findings_of(done, (LINE,)) == ()
