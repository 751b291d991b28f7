"""Whether a decision adds up, and what is said when it does not (design rule 3)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from app.domain.adjudications import Decision
from app.domain.balance import BalanceTable, amount_asked, balance_findings, balance_of
from app.domain.findings import Finding, Severity, has_error
from app.domain.service_lines import ServiceLine
from tests.domain.claims import a_line
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
GOLDEN = by_lines(on_line(LINE, "80", adjustment("CO-45", 45), adjustment("PR-3", 25)))


def findings_of(decision: Decision, *lines: ServiceLine, lines_needed: bool = False) -> tuple[Finding, ...]:
    table = balance_of(decision, lines or (LINE,))
    return balance_findings(table, decision, lines_needed=lines_needed)


def codes(decision: Decision, *lines: ServiceLine, lines_needed: bool = False) -> list[tuple[str, str | None]]:
    return [(one.code, one.pointer) for one in findings_of(decision, *lines, lines_needed=lines_needed)]


def test_the_golden_decision_balances() -> None:
    table = balance_of(GOLDEN, (LINE,))
    assert table.is_balanced
    (row,) = table.lines
    assert (row.number, row.charge, row.paid, row.adjustments) == (1, money(150), money(80), money(70))
    assert (row.patient_responsibility, row.remaining_liability, row.difference) == (money(25), money(25), money(0))
    assert codes(GOLDEN) == []


def test_the_published_example_of_both_levels_balances() -> None:
    """TR3 example 3B: 79.04 = 39.15 + 36.89 at claim level + 3.00 on a line."""
    lines = several_lines("43", "15", "21.04")
    decision = by_lines(
        on_line(lines[0], "40", adjustment("CO-42", 3)),
        on_line(lines[1], "15"),
        on_line(lines[2], "21.04"),
        paid=money("39.15"),
        adjustments=(adjustment("PR-1", "21.89"), adjustment("PR-2", 15)),
        remaining_liability=money("36.89"),
    )
    table = balance_of(decision, lines)
    assert table.is_balanced
    assert (table.claim.charge, table.claim.lines_paid, table.claim.adjustments) == (
        money("79.04"),
        money("76.04"),
        money("36.89"),
    )
    assert codes(decision, *lines) == []


@pytest.mark.parametrize(
    ("paid", "words"), [("80.01", "0.01 more than the charge"), ("79.99", "0.01 less than the charge")]
)
def test_a_line_that_is_off_by_a_cent_is_named_with_payer_line_level_and_cents(paid: str, words: str) -> None:
    one, two = several_lines(150, 60)
    on_two = on_line(two, "60")
    on_one = on_line(one, paid, adjustment("CO-45", 45), adjustment("PR-3", 25))
    decision = by_lines(on_two, on_one)
    table = balance_of(decision, (one, two))
    (finding,) = balance_findings(
        table, decision, payer_index=1, pointer_prefix="/prior_payers/1/adjudication/decision"
    )
    assert finding.code == "line_out_of_balance"
    assert finding.message == f"Earlier payer 2, line 1: paid and adjustments are {words}."
    assert finding.pointer == "/prior_payers/1/adjudication/decision/lines/1"
    assert finding.location == "2430 CAS"


def test_parts_of_an_unbundled_line_balance_together() -> None:
    parts = by_lines(on_line(LINE, "100"), on_line(LINE, "30", adjustment("CO-45", 20)))
    assert codes(parts) == []
    assert balance_of(parts, (LINE,)).lines[0].paid == money(130)


def test_a_claim_paid_that_differs_from_its_lines_is_named() -> None:
    (finding,) = findings_of(replace(GOLDEN, paid=money("80.01")))
    assert (finding.code, finding.pointer, finding.location) == ("paid_differs_from_lines", "/paid", "2320 AMT*D")
    assert "0.01 more" in finding.message


def test_totals_at_claim_level_balance_by_themselves() -> None:
    assert codes(at_claim_level("80", adjustment("CO-45", 45), adjustment("PR-3", 25))) == []
    off = at_claim_level("80", adjustment("CO-45", 45), adjustment("PR-3", 26))
    assert codes(off) == [("claim_out_of_balance", "/paid")]
    assert balance_of(off, (LINE,)).lines == ()


def test_totals_at_claim_level_are_not_enough_where_lines_are_needed() -> None:
    assert codes(at_claim_level("150"), lines_needed=True) == [("lines_required", "/lines")]
    assert codes(GOLDEN, lines_needed=True) == []


def test_a_line_without_a_decision_is_named() -> None:
    one, two = several_lines(150, 60)
    assert codes(by_lines(on_line(one, "150")), one, two) == [("line_undecided", "/lines")]


def test_the_same_amount_and_reason_at_both_levels_is_named() -> None:
    decision = replace(GOLDEN, adjustments=(adjustment("PR-2", 1), adjustment("CO-45", 45)))
    assert ("amount_at_both_levels", "/adjustments/1") in codes(decision)
    assert ("amount_at_both_levels", "/adjustments/0") not in codes(decision)


def test_a_claim_level_amount_that_the_lines_carry_in_parts_is_named() -> None:
    one, two = several_lines(150, 60)
    decision = by_lines(
        on_line(one, "100", adjustment("CO-45", 50)),
        on_line(two, "40", adjustment("CO-45", 20)),
        adjustments=(adjustment("CO-45", 70),),
    )
    assert ("amount_at_both_levels", "/adjustments/0") in codes(decision, one, two)


def test_claim_level_parts_that_are_sent_as_one_amount_of_the_lines_are_named() -> None:
    """Those of one group and reason are added up in a CAS, at either level."""
    halves = (adjustment("CO-45", 20), adjustment("CO-45", 25))
    whole = replace(GOLDEN, paid=money(35), adjustments=halves)
    named = [("amount_at_both_levels", "/adjustments/0"), ("amount_at_both_levels", "/adjustments/1")]
    assert [one for one in codes(whole) if one[0] == "amount_at_both_levels"] == named
    on_the_line = by_lines(on_line(LINE, "105", *halves), paid=money(60), adjustments=(adjustment("CO-45", 45),))
    assert ("amount_at_both_levels", "/adjustments/0") in codes(on_the_line)


def test_parts_that_cancel_each_other_stand_at_no_level() -> None:
    on_the_line = (adjustment("CO-45", 20), adjustment("CO-45", -20))
    on_the_claim = (adjustment("CO-45", 10), adjustment("CO-45", -10))
    decision = by_lines(on_line(LINE, "150", *on_the_line), adjustments=on_the_claim)
    assert "amount_at_both_levels" not in {code for code, _ in codes(decision)}


def test_responsibility_that_nobody_split_is_named_where_it_stands() -> None:
    line = by_lines(on_line(LINE, "125", adjustment("PR", 25)))
    assert codes(line) == [("adjustment_reason_missing", "/lines/0/adjustments/0")]
    assert codes(at_claim_level("125", adjustment("PR", 25))) == [("adjustment_reason_missing", "/adjustments/0")]


def test_what_a_cas_cannot_say_is_named() -> None:
    decision = by_lines(on_line(LINE, "100", adjustment("CO-45", 0), adjustment("PR-1", 25), adjustment("PR-1", 25)))
    assert codes(decision) == [
        ("adjustment_zero", "/lines/0/adjustments/0"),
        ("adjustment_duplicate", "/lines/0/adjustments/2"),
    ]


def test_a_negative_adjustment_counts_with_its_sign_and_is_a_warning() -> None:
    decision = by_lines(on_line(LINE, "159", adjustment("OA-94", -9)))
    (finding,) = findings_of(decision)
    assert (finding.code, finding.severity) == ("adjustment_negative", Severity.WARNING)


@given(balanced_claims())
def test_what_an_honest_payer_says_balances(claim: tuple[tuple[ServiceLine, ...], Decision]) -> None:
    lines, decision = claim
    table = balance_of(decision, lines)
    assert table.is_balanced
    assert balance_findings(table, decision) == ()


def _equations_hold(decision: Decision, lines: tuple[ServiceLine, ...]) -> bool:
    """Written anew, for comparison: the sums as a payer takes them."""
    at_claim = sum(one.amount for one in decision.adjustments)
    if not decision.lines:
        return sum(line.charge for line in lines) == decision.paid + at_claim
    for line in lines:
        parts = [one for one in decision.lines if one.line_id == line.id]
        if not parts or line.charge != sum(one.paid + sum(cas.amount for cas in one.adjustments) for one in parts):
            return False
    return decision.paid == sum(one.paid for one in decision.lines) - at_claim


@given(decided_claims())
def test_no_error_means_that_the_equations_hold(claim: tuple[tuple[ServiceLine, ...], Decision]) -> None:
    lines, decision = claim
    findings = balance_findings(balance_of(decision, lines), decision)
    if not has_error(findings):
        assert _equations_hold(decision, lines)
    about_balance = {"line_out_of_balance", "claim_out_of_balance", "paid_differs_from_lines", "line_undecided"}
    assert _equations_hold(decision, lines) is not bool(about_balance & {one.code for one in findings})


@given(decided_claims())
def test_the_claim_row_is_the_sum_of_its_parts(claim: tuple[tuple[ServiceLine, ...], Decision]) -> None:
    lines, decision = claim
    table: BalanceTable = balance_of(decision, lines)
    explained = sum((row.difference for row in table.lines), Decimal(0)) + table.claim.paid_difference
    if table.lines:
        assert table.claim.difference == explained
    assert table.claim.patient_responsibility == decision.patient_responsibility


def test_what_is_asked_of_the_next_payer_is_the_last_ones_responsibility_without_what_it_paid_the_patient() -> None:
    assert amount_asked(money(150), []) == money(150)
    first = GOLDEN
    second = by_lines(on_line(LINE, "15", adjustment("OA-23", 125), adjustment("PR-3", 10)))
    assert amount_asked(money(150), [first]) == money(25)
    assert amount_asked(money(150), [first, second]) == money(10)
    to_patient = at_claim_level("0", adjustment("CO-45", 45), adjustment("PR-100", 80), adjustment("PR", 25))
    assert amount_asked(money(150), [to_patient]) == money(25)
