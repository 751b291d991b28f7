from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.adjudications import Decision
from app.domain.adjustments import condensed
from app.domain.review_pointers import as_shown, in_review
from app.domain.service_lines import ServiceLine
from tests.domain.claims import a_line
from tests.domain.decisions import adjustment, at_claim_level, by_lines, decided_claims, on_line

LINE, OTHER = a_line(), a_line()
DECISION = by_lines(
    on_line(LINE, "80.00", adjustment("OA-94", "0.00"), adjustment("CO-45", "20.00"), adjustment("CO-45", "25.00")),
    on_line(OTHER, "1.00"),
)
CLAIM_LEVEL = at_claim_level("1.00", adjustment("CO-45", "1.00"), adjustment("PR", "2.00"))


def shown(pointer: str | None, *decisions: Decision | None, line_ids: set[UUID] | None = None) -> str | None:
    return in_review(pointer, decisions=decisions, line_ids={LINE.id, OTHER.id} if line_ids is None else line_ids)


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        (None, None),
        ("/lines/3/charge", "/claim/lines/3/charge"),
        ("/lines", "/claim/lines"),
        ("/service_facility/address/line1", "/claim/service_facility/address/line1"),
        ("/billed_by/address/postal_code", "/claim/billing_provider_id"),
        ("/policy/insured/name/last", "/claim/coverage_id"),
        ("/payer/provider_id_there", "/claim/payer_id"),
        ("/patient/address/line1", "/claim/patient_id"),
        ("/rendering/taxonomy_code", "/claim/rendering_provider_id"),
        ("/submitter/contact/phone", "/claim/billing_contact"),
        ("/other_payers", "/prior_payers"),
        ("/control_number", None),
        ("/receiver_name", None),
        ("/somewhere", None),
    ],
)
def test_a_place_of_the_assembled_claim_is_shown_where_it_was_entered(pointer: str | None, place: str | None) -> None:
    assert shown(pointer) == place


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/other_payers/0/name", "/prior_payers/0/payer/name"),
        ("/other_payers/0/payer_id", "/prior_payers/0/payer/electronic_id"),
        ("/other_payers/0/policy/member_id", "/prior_payers/0/payer"),
        ("/other_payers/0/payer_claim_number", "/prior_payers/0/adjudication/payer_claim_number"),
        ("/other_payers/0/prior_authorization", "/prior_payers/0/claim_id"),
        ("/other_payers/0/decision", "/prior_payers/0/adjudication"),
        ("/other_payers/0/decision/paid", "/prior_payers/0/adjudication/paid"),
        ("/other_payers/0/decision/lines/1", "/prior_payers/0/adjudication/lines/1"),
        ("/other_payers/0/decision/lines/1/paid", "/prior_payers/0/adjudication/lines/1/paid"),
        (
            "/other_payers/0/decision/lines/1/bundled_into",
            "/prior_payers/0/adjudication/lines/1/bundled_into_line_id",
        ),
        (
            "/other_payers/0/decision/lines/0/procedure_qualifier",
            "/prior_payers/0/adjudication/lines/0/procedure_qualifier_code",
        ),
        ("/other_payers/0/decision/lines/1/modifiers/2", "/prior_payers/0/adjudication/lines/1/modifiers/2"),
        ("/other_payers/1/decision/paid", "/claim/patient_id"),
    ],
)
def test_a_payer_ahead_has_its_place_and_one_behind_has_none(pointer: str, place: str) -> None:
    assert shown(pointer, DECISION) == place


def test_adjustments_that_are_sent_as_one_are_shown_at_the_first_of_them() -> None:
    pointer = "/other_payers/0/decision/lines/0/adjustments/0/reason_code"
    assert shown(pointer, DECISION) == "/prior_payers/0/adjudication/lines/0/adjustments/1/reason_code"
    at_claim = "/other_payers/1/decision/adjustments/1"
    assert shown(at_claim, None, CLAIM_LEVEL) == "/prior_payers/1/adjudication/adjustments/1"


def test_a_service_behind_one_that_is_left_out_is_shown_at_its_own_position() -> None:
    pointer = "/other_payers/0/decision/lines/0/paid"
    assert shown(pointer, DECISION, line_ids={OTHER.id}) == "/prior_payers/0/adjudication/lines/1/paid"
    assert shown(pointer, DECISION, line_ids=set()) == "/prior_payers/0/adjudication/lines"


def test_a_name_of_the_domain_becomes_the_reviews() -> None:
    place = "/prior_payers/2/adjudication/lines/4/procedure_qualifier"
    assert as_shown(place) == f"{place}_code"
    assert as_shown("/prior_payers/2/adjudication/lines/4/paid") == "/prior_payers/2/adjudication/lines/4/paid"
    assert as_shown("/claim/lines/0/procedure_qualifier") == "/claim/lines/0/procedure_qualifier"
    assert as_shown(None) is None


@given(decided_claims(), st.booleans())
def test_every_adjustment_that_is_sent_is_found_under_its_own_group_and_reason(
    decided: tuple[tuple[ServiceLine, ...], Decision], with_zero: bool
) -> None:
    lines, decision = decided
    if with_zero:
        decision = replace(decision, adjustments=(adjustment("OA-94", "0.00"), *decision.adjustments))
    levels = [("", decision.adjustments)]
    levels += [(f"/lines/{at}", one.adjustments) for at, one in enumerate(decision.lines)]
    for level, entered in levels:
        for at, sent in enumerate(condensed(entered)):
            place = in_review(
                f"/other_payers/0/decision{level}/adjustments/{at}",
                decisions=[decision],
                line_ids={line.id for line in lines},
            )
            assert place is not None
            index = place.removeprefix(f"/prior_payers/0/adjudication{level}/adjustments/")
            found = entered[int(index)]
            assert (found.group, found.reason_code) == (sent.group, sent.reason_code)


def test_a_decision_that_is_not_there_has_no_deeper_place() -> None:
    assert shown("/other_payers/0/decision/paid", None) == "/prior_payers/0/payer"
    assert shown(f"/other_payers/0/{uuid4().hex}", DECISION) == "/prior_payers/0/payer"
