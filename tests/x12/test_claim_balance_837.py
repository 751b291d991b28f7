"""What does not balance is not written: which equation, for which payer, at which place, and by how many cents."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.professional_claims import OtherPayer, PriorDecision, ProfessionalClaim
from app.x12.findings import X12Finding
from app.x12.professional_claim_837 import write
from tests.x12.balance_837 import imbalances
from tests.x12.claim_strategies import claims
from tests.x12.claims import (
    DECISION_DATE,
    SUBMITTER,
    a_decision,
    a_line,
    a_prior_line,
    a_secondary,
    a_tertiary,
    co,
    decided,
    pr,
    written,
)
from tests.x12.inquiries import INTERCHANGE


def _refusals(claim: ProfessionalClaim) -> list[X12Finding]:
    text, findings = write(claim, INTERCHANGE, reference="R", submitter=SUBMITTER, receiver_name="Clearing")
    assert (text is None) == bool(findings)
    return [finding for finding in findings if isinstance(finding, X12Finding)]


def _places(claim: ProfessionalClaim) -> list[tuple[str, str | None, str | None, Decimal | None]]:
    return [(one.code, one.pointer, one.location, one.difference) for one in _refusals(claim)]


_DECISION = "/other_payers/0/decision"


def test_a_line_whose_payments_and_adjustments_are_not_its_charge() -> None:
    line = a_prior_line(adjustments=(co("45.00"), pr("24.99")))
    claim = a_secondary(other_payers=decided(a_decision(lines=(line,))))
    assert _places(claim) == [("line_out_of_balance", f"{_DECISION}/lines/0", "2430 CAS", Decimal("0.01"))]
    assert _refusals(claim)[0].message == (
        "Earlier payer 1, line 1: paid and adjustments are 0.01 less than the charge."
    )


def test_a_line_explained_twice_is_below_zero() -> None:
    claim = a_secondary(other_payers=decided(a_decision(paid=Decimal("160.00"), lines=(a_prior_line(),) * 2)))
    assert _places(claim) == [("line_out_of_balance", f"{_DECISION}/lines/0", "2430 CAS", Decimal("-150.00"))]


def test_the_services_of_one_line_balance_together() -> None:
    first = a_prior_line(paid=Decimal("60.00"), adjustments=(co("40.00"),))
    second = a_prior_line(paid=Decimal("20.00"), adjustments=(pr("29.00", "2"),))
    claim = a_secondary(other_payers=decided(a_decision(lines=(first, second))))
    assert _places(claim) == [("line_out_of_balance", f"{_DECISION}/lines/0", "2430 CAS", Decimal("1.00"))]
    whole = replace(second, adjustments=(pr("30.00", "2"),))
    assert written(a_secondary(other_payers=decided(a_decision(lines=(first, whole)))))


def test_a_line_that_a_payer_left_out() -> None:
    claim = a_secondary(lines=(a_line(1), a_line(2)))
    assert _places(claim) == [("line_undecided", f"{_DECISION}/lines", "2430", Decimal("150.00"))]


def test_a_paid_amount_that_is_not_what_the_lines_say() -> None:
    claim = a_secondary(other_payers=decided(a_decision(paid=Decimal("79.00"))))
    assert _places(claim) == [("paid_differs_from_lines", f"{_DECISION}/paid", "2320 AMT*D", Decimal("1.00"))]
    assert "1.00 less than the lines' payments" in _refusals(claim)[0].message


def test_one_dollar_at_both_levels() -> None:
    decision = a_decision(adjustments=(pr("25.00"),))
    claim = a_secondary(other_payers=decided(decision))
    assert _places(claim) == [("paid_differs_from_lines", f"{_DECISION}/paid", "2320 AMT*D", Decimal("-25.00"))]


def test_a_claim_whose_payment_and_adjustments_are_not_its_charge() -> None:
    decision = a_decision(
        adjustments=(co("45.00"),), remaining_liability=Decimal(0), adjudication_date=DECISION_DATE, lines=()
    )
    claim = a_secondary(other_payers=decided(decision))
    assert _places(claim) == [("claim_out_of_balance", f"{_DECISION}/paid", "2320 CAS", Decimal("25.00"))]


def test_each_payer_balances_on_its_own() -> None:
    claim = a_tertiary()
    first, second = claim.other_payers
    assert first.decision is not None
    assert second.decision is not None
    off = replace(first, decision=replace(first.decision, paid=Decimal("81.00")))
    line = replace(second.decision.lines[0], paid=Decimal("16.00"))
    off_too = replace(second, decision=replace(second.decision, paid=Decimal("16.00"), lines=(line,)))
    assert [(code, pointer) for code, pointer, *_ in _places(replace(claim, other_payers=(off, off_too)))] == [
        ("paid_differs_from_lines", "/other_payers/0/decision/paid"),
        ("line_out_of_balance", "/other_payers/1/decision/lines/0"),
    ]


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "0.001", "1E+99"])
def test_what_cannot_be_sent_is_not_added_up(amount: str) -> None:
    unsendable = Decimal(amount)
    for decision in (
        a_decision(paid=unsendable),
        a_decision(lines=(a_prior_line(paid=unsendable),)),
        a_decision(lines=(a_prior_line(adjustments=(replace(co("1.00"), amount=unsendable),)),)),
    ):
        (finding,) = _refusals(a_secondary(other_payers=decided(decision)))
        assert finding.code.startswith("money_")
    (finding,) = _refusals(a_secondary(lines=(a_line(charge=unsendable),)))
    assert finding.code.startswith("money_")


def test_a_fault_of_one_payer_hides_no_imbalance_of_another() -> None:
    claim = a_tertiary()
    first, second = claim.other_payers
    assert first.decision is not None
    assert second.decision is not None
    unsendable = replace(first, decision=replace(first.decision, paid=Decimal("NaN")))
    off = replace(second, decision=replace(second.decision, paid=Decimal("16.00")))
    assert [(code, pointer) for code, pointer, *_ in _places(replace(claim, other_payers=(unsendable, off)))] == [
        ("money_range", "/other_payers/0/decision/paid"),
        ("paid_differs_from_lines", "/other_payers/1/decision/paid"),
    ]


@given(claims(most_lines=3), st.data())
def test_a_cent_anywhere_in_a_decision_is_found(claim: ProfessionalClaim, data: st.DataObject) -> None:
    """A claim that balances does so no more when one amount of an earlier decision is a cent larger."""
    assert imbalances(written(claim)) == []
    having_decided = [at for at, payer in enumerate(claim.other_payers) if payer.decision is not None]
    if not having_decided:
        return
    at = data.draw(st.sampled_from(having_decided))
    payer = claim.other_payers[at]
    assert payer.decision is not None
    spoiled = replace(payer, decision=_with_a_cent_more(payer.decision, data))
    others: tuple[OtherPayer, ...] = (*claim.other_payers[:at], spoiled, *claim.other_payers[at + 1 :])
    findings = _refusals(replace(claim, other_payers=others))
    assert findings
    assert {str(finding.pointer).split("/decision")[0] for finding in findings} == {f"/other_payers/{at}"}
    assert {abs(finding.difference or 0) for finding in findings} == {Decimal("0.01")}


def _with_a_cent_more(decision: PriorDecision, data: st.DataObject) -> PriorDecision:
    cent = Decimal("0.01")
    if not decision.lines or data.draw(st.booleans()):
        return replace(decision, paid=decision.paid + cent)
    at = data.draw(st.integers(0, len(decision.lines) - 1))
    line = decision.lines[at]
    changes: dict[str, Any] = {"paid": line.paid + cent}
    if data.draw(st.booleans()) and line.adjustments:
        first = line.adjustments[0]
        changes = {"adjustments": (replace(first, amount=first.amount + cent), *line.adjustments[1:])}
    return replace(decision, lines=(*decision.lines[:at], replace(line, **changes), *decision.lines[at + 1 :]))
