"""What is written is read back: the claim itself, where it is in the form that reading gives, else the same text."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from app.domain.claims import ClaimFrequency
from app.domain.codes import Relationship
from app.domain.eligibility import Interchange
from app.domain.parties import Contact
from app.domain.professional_claims import Contract, NamedProvider, Note, ProfessionalClaim, Submitter
from app.x12.professional_claim_837 import write
from app.x12.professional_claim_reader_837 import ReadClaim, read
from app.x12.separators import Separators
from tests.factories import an_npi
from tests.x12.balance_837 import imbalances
from tests.x12.claim_strategies import claims, organizations
from tests.x12.claims import (
    BEN,
    BILLED_BY,
    CAL,
    HOME,
    THERAPIST,
    a_claim,
    a_decision,
    a_line,
    a_policy,
    a_prior_line,
    a_secondary,
    a_tertiary,
    co,
    decided,
    named,
    oa,
    pr,
    written,
)
from tests.x12.inquiries import interchanges, own_numbers
from tests.x12.pyx12_oracle import complaints
from tests.x12.rich_claim_strategies import rich_claims, separators, submitters


def _read_back(text: str) -> ReadClaim:
    (found,), findings = read(text)
    assert [(finding.code, finding.location) for finding in findings] == []
    return found


@settings(deadline=None, max_examples=200)
@given(
    claim=rich_claims(),
    interchange=interchanges,
    reference=own_numbers,
    submitter=submitters,
    receiver=organizations.map(str.strip),
    delimiters=separators,
)
def test_any_claim_is_read_back_as_it_was(
    *,
    claim: ProfessionalClaim,
    interchange: Interchange,
    reference: str,
    submitter: Submitter,
    receiver: str,
    delimiters: Separators,
) -> None:
    text, findings = write(
        claim, interchange, reference=reference, submitter=submitter, receiver_name=receiver, separators=delimiters
    )
    assert [(finding.code, finding.pointer) for finding in findings] == []
    assert text is not None
    back = _read_back(text)
    assert back.claim == claim
    assert back.patient_control_number == claim.patient_control_number
    assert back.kept == ()
    transaction = back.transaction
    assert (transaction.reference, transaction.submitter) == (reference, submitter)
    assert (transaction.receiver_name, transaction.receiver_id) == (receiver, interchange.receiver_id)
    assert (transaction.control_number, transaction.purpose, transaction.kind) == ("0001", "00", "CH")
    assert transaction.created_on == f"{interchange.created_at:%Y%m%d}"
    assert transaction.created_at == f"{interchange.created_at:%H%M}"


@settings(deadline=None, max_examples=50)
@given(claim=rich_claims())
def test_any_claim_that_is_read_back_balances_and_another_grammar_accepts_it(claim: ProfessionalClaim) -> None:
    text = written(claim)
    assert complaints(text) == []
    assert imbalances(text) == []


@settings(deadline=None, max_examples=100)
@given(claim=claims(), delimiters=separators)
def test_what_was_read_is_written_as_the_same_text(claim: ProfessionalClaim, delimiters: Separators) -> None:
    text = written(claim, separators=delimiters)
    back = _read_back(text)
    assert back.claim is not None
    assert back.kept == ()
    assert back.transaction.submitter is not None
    again = written(
        back.claim,
        separators=delimiters,
        submitter=back.transaction.submitter,
        receiver_name=back.transaction.receiver_name,
    )
    assert again == text


def _capitals(claim: ProfessionalClaim) -> ProfessionalClaim:
    """The claims of the examples with their names as they go out."""
    text = written(claim)
    back = _read_back(text).claim
    assert back is not None
    return back


@pytest.mark.parametrize(
    "claim",
    [
        a_claim(),
        a_secondary(),
        a_tertiary(),
        a_claim(
            policy=a_policy(insured=named(CAL), relationship=Relationship.CHILD),
            patient=BEN,
            patient_is_subscriber=False,
        ),
        a_claim(frequency=ClaimFrequency.REPLACEMENT, payer_claim_number="ICN1"),
        a_claim(frequency=ClaimFrequency.VOID, payer_claim_number="ICN1"),
        a_secondary(
            lines=(a_line(1), a_line(2, procedure_code="90785")),
            other_payers=decided(
                a_decision(
                    lines=(
                        a_prior_line(),
                        a_prior_line(
                            line_number=2,
                            procedure_code="90837",
                            paid=Decimal(0),
                            bundled_into=1,
                            adjustments=(co("150.00", "97"),),
                        ),
                    )
                )
            ),
        ),
    ],
    ids=["primary", "secondary", "tertiary", "dependent", "replacement", "void", "bundled"],
)
def test_reading_and_writing_a_claim_ends_after_one_turn(claim: ProfessionalClaim) -> None:
    once = _capitals(claim)
    assert _capitals(once) == once


def test_an_unbundled_service_comes_back_in_its_parts() -> None:
    parts = (
        a_prior_line(procedure_code="90832", paid=Decimal("50.00"), adjustments=(co("10.00"),)),
        a_prior_line(procedure_code="90785", paid=Decimal("30.00"), adjustments=(pr("60.00"),)),
    )
    claim = a_secondary(other_payers=decided(a_decision(lines=parts)))
    back = _read_back(written(claim)).claim
    assert back is not None
    assert back.other_payers[0].decision == a_decision(lines=parts)


def test_lines_go_to_the_payer_they_name() -> None:
    back = _read_back(written(a_tertiary())).claim
    assert back is not None
    first, second = back.other_payers
    assert first.decision is not None
    assert second.decision is not None
    assert [line.paid for line in first.decision.lines] == [Decimal("80.00")]
    assert [line.adjustments for line in second.decision.lines] == [(oa("125.00"), pr("10.00"))]


def test_what_goes_without_saying_is_not_read_back() -> None:
    billed_by = replace(BILLED_BY, name="QUIET ROOMS")
    claim = a_claim(
        billed_by=billed_by,
        rendering=NamedProvider(name="QUIET ROOMS", npi=billed_by.npi, taxonomy_code=billed_by.taxonomy_code),
        patient_paid=Decimal(0),
        lines=(a_line(place_of_service="10"),),
        policy=a_policy(group_number="G1", group_name="NAME"),
    )
    back = _read_back(written(claim)).claim
    assert back is not None
    assert (back.rendering, back.patient_paid, back.lines[0].place_of_service) == (None, None, None)
    assert (back.policy.group_number, back.policy.group_name) == ("G1", None)


def test_notes_contracts_and_descriptions_come_back() -> None:
    contract = Contract(type_code="09", amount=Decimal("120.50"))
    notes = (Note(code="ADD", text="SEEN AT HOME"), Note(code="TPO", text="SENT ON"))
    line = a_line(contract=contract, notes=notes, description="PSYCHOTHERAPY", procedure_qualifier="ER")
    claim = a_claim(contract=replace(contract, code="C1"), note=Note(code="DCP", text="FREE TEXT"), lines=(line,))
    back = _read_back(written(claim)).claim
    assert back is not None
    assert (back.contract, back.note, back.lines) == (claim.contract, claim.note, (line,))


def test_providers_come_back_each_in_its_role() -> None:
    clinic = NamedProvider(name="MADE UP CLINIC", npi=an_npi(5), address=HOME_IN_CAPITALS, payer_assigned_id="F1")
    claim = a_claim(
        billed_by=replace(BILLED_BY, contact=Contact(name="DESK", phone="3035550101"), pay_to_address=HOME_IN_CAPITALS),
        referring=replace(THERAPIST, npi=an_npi(3), taxonomy_code=None),
        supervising=replace(THERAPIST, npi=None, taxonomy_code=None, payer_assigned_id="S1"),
        service_facility=clinic,
    )
    back = _read_back(written(claim)).claim
    assert back is not None
    assert back.service_facility == clinic
    assert back.referring is not None
    assert back.referring.npi == an_npi(3)
    assert back.supervising is not None
    assert (back.supervising.npi, back.supervising.payer_assigned_id) == (None, "S1")
    assert back.rendering is not None
    assert back.rendering.taxonomy_code == THERAPIST.taxonomy_code
    assert back.billed_by.contact == Contact(name="DESK", phone="3035550101")
    assert back.billed_by.pay_to_address == HOME_IN_CAPITALS


HOME_IN_CAPITALS = replace(HOME, line1="7 MADE UP LANE", line2="APT 2", city="SAMPLETON")
