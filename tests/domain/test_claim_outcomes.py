"""What a payer decided, by the money (domain rules B1, C1, D1)."""

import pytest
from hypothesis import given

from app.domain.adjudications import Decision
from app.domain.claim_outcomes import (
    DenialKind,
    denial_kind,
    is_forwarded,
    outcome_of,
    says_forwarded,
    says_not_forwarded,
)
from app.domain.claim_states import ClaimOutcome
from app.domain.service_lines import ServiceLine
from tests.domain.claims import a_line
from tests.domain.decisions import adjustment, at_claim_level, balanced_claims, by_lines, on_line, several_lines

LINE = a_line()


def outcome(paid: str, *codes_and_amounts: tuple[str, int]) -> ClaimOutcome:
    """Of a single line, which must be that of the same totals at claim level."""
    adjustments = [adjustment(code, amount) for code, amount in codes_and_amounts]
    at_line = outcome_of(by_lines(on_line(LINE, paid, *adjustments)), (LINE,))
    assert outcome_of(at_claim_level(paid, *adjustments), (LINE,)) is at_line
    return at_line


def test_a_payment_is_paid_whatever_was_taken_off() -> None:
    assert outcome("0.01", ("CO-29", 149)) is ClaimOutcome.PAID
    assert outcome("150") is ClaimOutcome.PAID


@pytest.mark.parametrize(
    "adjustments",
    [
        [("PR-1", 150)],
        [("CO-45", 45), ("PR-1", 80), ("PR-3", 25)],
        [("CO-45", 45), ("PR", 105)],
        [("CO-45", 45), ("PR-192", 105)],
        [("PR-45", 45), ("PR-2", 105)],
        [("OA-23", 150)],
        [("OA-23", 120), ("CO-45", 30)],
        [("CO-45", 45), ("PR-100", 105)],
        [("OA-94", -9), ("PR-1", 159)],
    ],
)
def test_nothing_paid_and_nothing_refused_is_zero_paid(adjustments: list[tuple[str, int]]) -> None:
    assert outcome("0", *adjustments) is ClaimOutcome.ZERO_PAID_PATIENT


@pytest.mark.parametrize(
    "adjustments",
    [
        [("CO-29", 150)],
        [("PR-96", 150)],
        [("CO-45", 45), ("PR-96", 105)],
        [("PR-1", 100), ("CO-97", 50)],
        [("CO-45", 150)],
        [],
    ],
)
def test_nothing_paid_otherwise_is_denied(adjustments: list[tuple[str, int]]) -> None:
    assert outcome("0", *adjustments) is ClaimOutcome.DENIED


def test_some_lines_denied_and_some_not_is_partly_denied() -> None:
    one, two = several_lines(150, 60)
    paid_and_denied = by_lines(on_line(one, "150"), on_line(two, "0", adjustment("PR-96", 60)))
    assert outcome_of(paid_and_denied, (one, two)) is ClaimOutcome.PARTLY_DENIED
    deductible_and_denied = by_lines(
        on_line(one, "0", adjustment("PR-1", 150)), on_line(two, "0", adjustment("CO-29", 60))
    )
    assert outcome_of(deductible_and_denied, (one, two)) is ClaimOutcome.PARTLY_DENIED


def test_all_lines_denied_is_denied() -> None:
    one, two = several_lines(150, 60)
    decision = by_lines(on_line(one, "0", adjustment("CO-29", 150)), on_line(two, "0", adjustment("PR-96", 60)))
    assert outcome_of(decision, (one, two)) is ClaimOutcome.DENIED


def test_lines_without_a_decision_leave_the_claim_partially_adjudicated() -> None:
    one, two = several_lines(150, 60)
    assert outcome_of(by_lines(on_line(one, "150")), (one, two)) is ClaimOutcome.PARTIALLY_ADJUDICATED


def test_an_unbundled_line_is_judged_by_the_sum_of_its_parts() -> None:
    decision = by_lines(on_line(LINE, "100"), on_line(LINE, "0", adjustment("CO-29", 50)))
    assert outcome_of(decision, (LINE,)) is ClaimOutcome.PAID


def test_a_bundled_line_shares_the_outcome_of_its_other_line() -> None:
    one, two = several_lines(150, 60)
    bundled = on_line(two, "0", adjustment("CO-97", 60), bundled_into_line_id=one.id)
    assert outcome_of(by_lines(on_line(one, "150"), bundled), (one, two)) is ClaimOutcome.PAID
    denied = on_line(one, "0", adjustment("PR-96", 150))
    assert outcome_of(by_lines(denied, bundled), (one, two)) is ClaimOutcome.DENIED


def test_a_line_without_a_charge_is_not_denied() -> None:
    one, two = several_lines(150, 0)
    assert outcome_of(by_lines(on_line(one, "150"), on_line(two, "0")), (one, two)) is ClaimOutcome.PAID


def test_what_the_claim_level_takes_of_paid_lines_decides_when_nothing_is_left() -> None:
    line = on_line(LINE, "150")
    to_patient = by_lines(line, paid=LINE.charge * 0, adjustments=(adjustment("PR-1", 150),))
    assert outcome_of(to_patient, (LINE,)) is ClaimOutcome.ZERO_PAID_PATIENT
    refused = by_lines(line, paid=LINE.charge * 0, adjustments=(adjustment("CO-29", 150),))
    assert outcome_of(refused, (LINE,)) is ClaimOutcome.DENIED


@given(balanced_claims())
def test_a_claim_is_paid_or_partly_denied_exactly_when_money_came_or_lines_differ(
    claim: tuple[tuple[ServiceLine, ...], Decision],
) -> None:
    lines, decision = claim
    result = outcome_of(decision, lines)
    assert result is not ClaimOutcome.PARTIALLY_ADJUDICATED
    if decision.paid > 0:
        assert result in {ClaimOutcome.PAID, ClaimOutcome.PARTLY_DENIED}
    else:
        assert result is not ClaimOutcome.PAID


def test_one_correctable_reason_makes_a_denial_correctable() -> None:
    assert denial_kind(at_claim_level("0", adjustment("CO-16", 150))) is DenialKind.CORRECTABLE
    mixed = at_claim_level("0", adjustment("PR-96", 100), adjustment("OA-22", 50))
    assert denial_kind(mixed) is DenialKind.CORRECTABLE


def test_ma130_makes_any_denial_correctable_at_either_level() -> None:
    reason = adjustment("CO-96", 150)
    assert denial_kind(at_claim_level("0", reason, remark_codes=("MA130",))) is DenialKind.CORRECTABLE
    assert denial_kind(by_lines(on_line(LINE, "0", reason, remark_codes=("MA130",)))) is DenialKind.CORRECTABLE


def test_only_non_covered_reasons_make_a_denial_non_covered() -> None:
    assert (
        denial_kind(at_claim_level("0", adjustment("CO-45", 50), adjustment("PR-119", 100))) is DenialKind.NON_COVERED
    )
    assert denial_kind(at_claim_level("0", adjustment("PR-119", 100), adjustment("CO-97", 50))) is DenialKind.OTHER
    assert denial_kind(at_claim_level("0", adjustment("CO-96", 150))) is DenialKind.OTHER


def test_a_denial_is_about_the_lines_that_were_denied() -> None:
    one, two = several_lines(150, 60)
    partly = by_lines(on_line(one, "100", adjustment("CO-16", 50)), on_line(two, "0", adjustment("PR-204", 60)))
    assert denial_kind(partly) is DenialKind.NON_COVERED


def test_a_denial_is_not_about_a_line_that_was_paid_for_on_another() -> None:
    one, two = several_lines(150, 60)
    bundled = on_line(two, "0", adjustment("CO-97", 60), bundled_into_line_id=one.id)
    assert denial_kind(by_lines(on_line(one, "0", adjustment("PR-204", 150)), bundled)) is DenialKind.NON_COVERED


def test_what_was_not_denied_has_no_kind() -> None:
    assert denial_kind(at_claim_level("0", adjustment("CO-45", 50), adjustment("PR-1", 100))) is None
    assert denial_kind(at_claim_level("100", adjustment("CO-16", 50))) is None


@pytest.mark.parametrize("remark", ["MA18", "N89", "MA07"])
def test_a_forwarding_remark_says_so_at_either_level_unless_ma19_takes_it_back(remark: str) -> None:
    assert is_forwarded(at_claim_level("150", remark_codes=(remark,)))
    assert is_forwarded(by_lines(on_line(LINE, "150", remark_codes=(remark,))))
    not_sent = at_claim_level("150", remark_codes=(remark, "MA19"))
    assert not is_forwarded(not_sent)
    assert says_not_forwarded(not_sent)


@pytest.mark.parametrize("status", ["19", "20", "21"])
def test_the_claim_status_says_forwarded_by_itself(status: str) -> None:
    assert says_forwarded((), status_code=status)
    assert says_forwarded(("MA19",), status_code=status)
    assert not says_forwarded((), status_code="1")


def test_a_crossover_payer_says_forwarded() -> None:
    assert says_forwarded((), status_code="1", crossover_payer="INVENTED PLAN")
    assert not says_forwarded(("MA19",), status_code="1", crossover_payer="INVENTED PLAN")
    assert is_forwarded(at_claim_level("150", was_forwarded=True))
