"""An earlier payer's decision as the next claim carries it (domain rules B5, C2, C6)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup, LineDecision
from app.domain.claim_assembly import assemble
from app.domain.claims import ClaimContent
from app.domain.money import total
from tests.domain.assembling import (
    CONTENT,
    COPAY,
    DECIDED,
    DISCOUNT,
    FIRST,
    LINE,
    SECOND,
    SECONDARY_PARTS,
    assembled,
    places,
    with_content,
)
from tests.domain.claims import DECISION_DAY, a_decision, a_line, charges, contents, parts_of_chain, some_content
from tests.domain.decisions import decisions


def test_a_decision_at_claim_level_has_its_date_and_liability_there() -> None:
    decision = a_decision(paid=Decimal("80.00"), adjustments=(DISCOUNT, COPAY), remark_codes=("MA01",))
    prior = assembled(parts_of_chain((FIRST, SECOND), (decision,), CONTENT)).other_payers[0].decision
    assert prior is not None
    assert prior.lines == ()
    assert prior.adjustments == (DISCOUNT, COPAY)
    assert (prior.adjudication_date, prior.remaining_liability) == (DECISION_DAY, Decimal("25.00"))
    assert prior.remark_codes == ("MA01",)


def test_a_denial_is_sent_as_zero_paid_with_the_whole_charge_adjusted_and_nothing_left() -> None:
    whole = Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="197", amount=Decimal("150.00"))
    decision = a_decision(
        paid=Decimal("0.00"), lines=(LineDecision(line_id=LINE.id, paid=Decimal("0.00"), adjustments=(whole,)),)
    )
    prior = assembled(parts_of_chain((FIRST, SECOND), (decision,), CONTENT)).other_payers[0].decision
    assert prior is not None
    assert (prior.paid, prior.lines[0].paid) == (Decimal(0), Decimal(0))
    assert prior.lines[0].adjustments == (whole,)
    assert prior.lines[0].remaining_liability == 0


def test_what_the_payer_adjudicated_stands_where_it_differs_from_the_bill() -> None:
    first, second = a_line(modifiers=("95",), units=Decimal(2)), a_line(procedure_code="96130", charge=Decimal(90))
    content = some_content(lines=(first, second))
    decision = a_decision(
        lines=(
            LineDecision(line_id=first.id, paid=Decimal("40.00"), procedure_code="90834", units=Decimal(1)),
            LineDecision(line_id=first.id, paid=Decimal("40.00")),
            LineDecision(line_id=second.id, paid=Decimal(0), bundled_into_line_id=first.id),
        )
    )
    prior = assembled(parts_of_chain((FIRST, SECOND), (decision,), content)).other_payers[0].decision
    assert prior is not None
    assert [(one.line_number, one.procedure_code, one.modifiers, one.units) for one in prior.lines] == [
        (1, "90834", (), Decimal(1)),
        (1, "90837", ("95",), Decimal(2)),
        (2, "96130", (), Decimal(1)),
    ]
    assert [one.bundled_into for one in prior.lines] == [None, None, 1]


def test_as_billed_means_as_billed_to_the_payer_that_decided() -> None:
    line = replace(LINE, procedure_code="90834", modifiers=("HO",), charge=LINE.charge)
    claim = assembled(with_content(SECONDARY_PARTS, lines=(line,)))
    prior = claim.other_payers[0].decision
    assert prior is not None
    assert (prior.lines[0].procedure_code, prior.lines[0].modifiers) == ("90837", ())
    assert (claim.lines[0].procedure_code, claim.lines[0].modifiers) == ("90834", ("HO",))


def test_lines_are_named_by_their_place_on_this_claim() -> None:
    other = a_line(charge=Decimal("20.00"))
    content = some_content(lines=(LINE, other))
    parts = parts_of_chain((FIRST, SECOND), (DECIDED,), content)
    prior = assembled(with_content(parts, lines=(other, LINE))).other_payers[0].decision
    assert prior is not None
    assert [one.line_number for one in prior.lines] == [2]


def test_adjustments_of_zero_are_not_sent_and_pairs_stand_once() -> None:
    zero = replace(DISCOUNT, reason_code="253", amount=Decimal("0.00"))
    decision = replace(
        DECIDED,
        lines=(replace(DECIDED.lines[0], adjustments=(zero, COPAY, DISCOUNT, replace(COPAY, amount=Decimal(5)))),),
    )
    prior = assembled(parts_of_chain((FIRST, SECOND), (decision,), CONTENT)).other_payers[0].decision
    assert prior is not None
    assert prior.lines[0].adjustments == (replace(COPAY, amount=Decimal("30.00")), DISCOUNT)


@pytest.mark.parametrize(
    ("changes", "line_changes", "at_claim", "at_line"),
    [
        ({}, {}, None, "25.00"),
        ({}, {"remaining_liability": Decimal("20.00")}, None, "20.00"),
        ({}, {"adjustments": (DISCOUNT,)}, None, "0.00"),
        ({"remaining_liability": Decimal("25.00")}, {}, None, "25.00"),
        ({"remaining_liability": Decimal("70.00")}, {}, "70.00", None),
        ({"remaining_liability": Decimal("70.00")}, {"remaining_liability": Decimal("20.00")}, None, "20.00"),
        ({"adjustments": (COPAY,)}, {"adjustments": (DISCOUNT,)}, "25.00", None),
        ({"adjustments": (COPAY,)}, {}, "50.00", None),
    ],
)
def test_what_is_left_to_pay_stands_at_one_level(
    changes: dict[str, Any], line_changes: dict[str, Any], at_claim: str | None, at_line: str | None
) -> None:
    decision = replace(DECIDED, lines=(replace(DECIDED.lines[0], **line_changes),), **changes)
    prior = assembled(parts_of_chain((FIRST, SECOND), (decision,), CONTENT)).other_payers[0].decision
    assert prior is not None
    assert prior.remaining_liability == (None if at_claim is None else Decimal(at_claim))
    assert prior.lines[0].remaining_liability == (None if at_line is None else Decimal(at_line))


def test_a_decision_on_a_line_the_claim_does_not_have_is_named() -> None:
    stray = LineDecision(line_id=uuid4(), paid=Decimal(0), bundled_into_line_id=uuid4())
    bundled = replace(DECIDED.lines[0], bundled_into_line_id=uuid4())
    parts = parts_of_chain((FIRST, SECOND), (replace(DECIDED, lines=(bundled, stray)),), CONTENT)
    assert places(parts) == [
        ("line_unknown", "/prior_payers/0/adjudication/lines/0/bundled_into_line_id"),
        ("line_unknown", "/prior_payers/0/adjudication/lines/1/line_id"),
    ]


def test_a_procedure_of_another_code_set_is_not_sent_as_hcpcs() -> None:
    decision = replace(DECIDED, lines=(replace(DECIDED.lines[0], procedure_qualifier="WK", procedure_code="00001"),))
    assert places(parts_of_chain((FIRST, SECOND), (decision,), CONTENT)) == [
        ("procedure_qualifier", "/prior_payers/0/adjudication/lines/0/procedure_qualifier")
    ]


@given(st.data(), contents(most_lines=3))
def test_any_decision_is_carried_to_the_cent_each_thing_at_one_level(
    data: st.DataObject, content: ClaimContent
) -> None:
    stated = data.draw(st.none() | charges)
    decision = replace(data.draw(decisions(content.lines)), remaining_liability=stated)
    claim, _ = assemble(parts_of_chain((FIRST, SECOND), (decision,), content))
    assert claim is not None
    prior = claim.other_payers[0].decision
    assert prior is not None
    levels = [(decision.adjustments, prior.adjustments)]
    levels += [(said.adjustments, sent.adjustments) for said, sent in zip(decision.lines, prior.lines, strict=True)]
    for said, sent in levels:
        pairs = [(one.group, one.reason_code) for one in sent]
        assert len(set(pairs)) == len(pairs)
        assert all(one.amount for one in sent)
        assert total(one.amount for one in sent) == total(one.amount for one in said)
    assert [(one.paid, content.lines[one.line_number - 1].id) for one in prior.lines] == [
        (one.paid, one.line_id) for one in decision.lines
    ]
    assert (prior.adjudication_date is None) is bool(prior.lines)
    on_lines = {one.remaining_liability is not None for one in prior.lines}
    assert on_lines <= {prior.remaining_liability is None}
