"""From a claim's ids to what its 837P says, and what is missing for it (domain rules A2 to A4, C2, C4)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from app.domain.claim_assembly import assemble
from app.domain.claim_parts import prior_payers
from app.domain.claim_states import ClaimOutcome, ClaimStatus
from app.domain.claims import ClaimContent, ClaimFrequency
from app.domain.codes import AcceptsAssignment, BenefitClass, ReleaseOfInformation
from app.domain.coverages import CoverageStatus
from app.domain.findings import Finding, Severity
from app.domain.payers import ProfileEntry, ProfileSetting
from tests.domain.assembling import (
    CONTENT,
    COPAY,
    DECIDED,
    DISCOUNT,
    FIRST,
    LINE,
    PRIMARY,
    PRIMARY_PARTS,
    SECOND,
    SECONDARY,
    SECONDARY_PARTS,
    TERTIARY,
    THIRD,
    assembled,
    places,
    with_content,
    with_coverage,
    with_patient,
    with_practice,
)
from tests.domain.claims import (
    DECISION_DAY,
    SERVICE_DAY,
    a_claim,
    a_decision,
    a_line,
    a_payer,
    a_ranked_coverage,
    parts_of_chain,
    some_content,
)
from tests.factories import a_coverage, a_person, an_address


def test_a_primary_names_the_payers_after_it_with_no_word_of_a_decision() -> None:
    claim = assembled(PRIMARY_PARTS)
    assert (claim.policy.responsibility, claim.payer.payer_id, claim.payer.name) == (PRIMARY, "INV01", "FIRST PLAN")
    assert [(other.payer_id, other.policy.responsibility) for other in claim.other_payers] == [("INV02", SECONDARY)]
    other = claim.other_payers[0]
    assert (other.decision, other.prior_authorization, other.referral_number, other.payer_claim_number) == (
        None,
        None,
        None,
        None,
    )
    assert [(line.control_number, line.procedure_code, line.charge, line.units) for line in claim.lines] == [
        (line.control_number, line.procedure_code, line.charge, line.units) for line in CONTENT.lines
    ]
    assert claim.total_charge == Decimal("150.00")
    assert (claim.accepts_assignment, claim.release_of_information) == (
        AcceptsAssignment.ASSIGNED,
        ReleaseOfInformation.SIGNED,
    )


def test_a_secondary_carries_the_primarys_decision_by_line() -> None:
    claim = assembled(SECONDARY_PARTS)
    assert claim.policy.responsibility is SECONDARY
    assert claim.policy.claim_filing_code == "BL"
    assert claim.total_charge == Decimal("150.00")
    [other] = claim.other_payers
    assert (other.policy.responsibility, other.payer_id, other.payer_claim_number) == (PRIMARY, "INV01", "ICN1")
    decision = other.decision
    assert decision is not None
    assert (decision.paid, decision.adjustments) == (Decimal("80.00"), ())
    assert (decision.adjudication_date, decision.remaining_liability) == (None, None)
    [line] = decision.lines
    assert (line.line_number, line.paid, line.procedure_code, line.units) == (1, Decimal("80.00"), "90837", Decimal(1))
    assert line.adjustments == (DISCOUNT, COPAY)
    assert (line.adjudication_date, line.remaining_liability) == (DECISION_DAY, Decimal("25.00"))


def test_a_tertiary_carries_two_decisions_and_a_fourth_payer_none() -> None:
    fourth = a_payer("INV04")
    parts = parts_of_chain((FIRST, SECOND, THIRD, fourth), (DECIDED, a_decision(paid=Decimal("12.00"))), CONTENT)
    claim = assembled(parts)
    assert claim.policy.responsibility is TERTIARY
    assert [other.policy.responsibility.number for other in claim.other_payers] == [1, 2, 4]
    paid = [other.decision.paid if other.decision else None for other in claim.other_payers]
    assert paid == [Decimal("80.00"), Decimal("12.00"), None]
    assert [prior.payer.electronic_id for prior in prior_payers(parts)] == ["INV01", "INV02"]


def test_the_earlier_payers_authorization_and_referral_move_to_its_own_loop() -> None:
    [earlier] = SECONDARY_PARTS.chain
    numbers = replace(earlier.claim.content, prior_authorization="PA1", referral_number="RF1")
    chain = (replace(earlier, claim=replace(earlier.claim, content=numbers)),)
    parts = with_content(replace(SECONDARY_PARTS, chain=chain), prior_authorization="PA2", referral_number="RF2")
    claim = assembled(parts)
    assert (claim.prior_authorization, claim.referral_number) == ("PA2", "RF2")
    assert (claim.other_payers[0].prior_authorization, claim.other_payers[0].referral_number) == ("PA1", "RF1")


@pytest.mark.parametrize("outcome", [None, ClaimOutcome.PARTIALLY_ADJUDICATED])
def test_an_undecided_payer_ahead_is_an_error(outcome: ClaimOutcome | None) -> None:
    [earlier] = SECONDARY_PARTS.chain
    assert earlier.adjudication is not None
    adjudication = None if outcome is None else replace(earlier.adjudication, outcome=outcome)
    parts = replace(SECONDARY_PARTS, chain=(replace(earlier, adjudication=adjudication),))
    claim, findings = assemble(parts)
    assert [(one.code, one.pointer, one.location) for one in findings] == [
        ("prior_payer_undecided", "/prior_payers/0/adjudication", "2320 AMT*D")
    ]
    assert claim is not None
    assert claim.other_payers[0].decision is None


def test_a_payer_ahead_without_a_live_claim_is_undecided() -> None:
    [earlier] = SECONDARY_PARTS.chain
    voided = replace(earlier, claim=replace(earlier.claim, status=ClaimStatus.VOIDED))
    assert places(replace(SECONDARY_PARTS, chain=(voided,))) == [
        ("prior_payer_undecided", "/prior_payers/0/adjudication")
    ]
    assert places(replace(SECONDARY_PARTS, chain=())) == [("prior_payer_undecided", "/prior_payers/0/adjudication")]


def test_a_payer_that_wants_the_earlier_claim_number_does_not_go_without() -> None:
    setting = ProfileSetting.NEEDS_PRIOR_PAYER_CLAIM_NUMBER
    entry = ProfileEntry(
        id=uuid4(), payer_id=SECOND.id, setting=setting, value=True, source="a test", noted_on=date(2026, 1, 1)
    )
    wanting = replace(SECONDARY_PARTS, profile={setting: entry})
    assert places(wanting) == []
    without = parts_of_chain((FIRST, SECOND), (replace(DECIDED, payer_claim_number=None),), CONTENT)
    assert places(without) == []
    assert places(replace(without, profile={setting: entry})) == [
        ("prior_claim_number_missing", "/prior_payers/0/adjudication/payer_claim_number")
    ]
    [earlier] = without.chain
    numbered = replace(earlier, claim=replace(earlier.claim, payer_claim_number="ICN9"))
    claim = assembled(replace(without, profile={setting: entry}, chain=(numbered,)))
    assert claim.other_payers[0].payer_claim_number == "ICN9"


def test_the_consents_and_address_of_the_patient_are_needed() -> None:
    parts = with_patient(
        PRIMARY_PARTS,
        signature_on_file=None,
        release_of_information=None,
        person=a_person(address=None),
    )
    claim, findings = assemble(parts)
    assert claim is None
    assert [(one.code, one.pointer) for one in findings] == [
        ("signature_on_file_missing", "/claim/patient_id"),
        ("release_of_information_missing", "/claim/patient_id"),
        ("address_missing", "/claim/patient_id"),
    ]
    assert all(one.severity is Severity.ERROR for one in findings)


def test_a_provider_who_signs_for_an_absent_patient_needs_no_signature_on_file() -> None:
    parts = with_content(with_patient(PRIMARY_PARTS, signature_on_file=None), signature_generated_by_provider=True)
    assert assembled(parts).signature_generated


def test_a_coverage_that_is_unverified_or_not_in_force_is_not_billed() -> None:
    waiting = a_coverage(payer_id=FIRST.id)
    unverified = replace(
        PRIMARY_PARTS, coverages=(waiting,), claim=replace(PRIMARY_PARTS.claim, coverage_id=waiting.id)
    )
    assert places(unverified) == [("coverage_unverified", "/claim/coverage_id")]
    ended = with_coverage(
        PRIMARY_PARTS,
        0,
        lambda one: replace(one, ranks=(replace(one.ranks[0], to_date=SERVICE_DAY - timedelta(days=1)),)),
    )
    assert places(ended) == [("coverage_not_active", "/claim/coverage_id"), ("order_has_gap", "/claim/coverage_id")]


def test_an_order_that_changed_after_the_claim_was_made_is_an_error() -> None:
    swapped = a_ranked_coverage(PRIMARY, payer_id=FIRST.id)
    parts = replace(SECONDARY_PARTS, coverages=(swapped,), claim=replace(SECONDARY_PARTS.claim, coverage_id=swapped.id))
    assert places(parts) == [("order_changed", "/claim/coverage_id")]


def test_a_rank_that_is_skipped_stops_the_claim_before_the_gap_too() -> None:
    coverages = (a_ranked_coverage(payer_id=FIRST.id), a_ranked_coverage(TERTIARY, payer_id=SECOND.id))
    assert places(parts_of_chain((FIRST, SECOND), (), CONTENT, coverages)) == [("order_has_gap", "/claim/coverage_id")]


def test_unverified_and_medical_coverages_are_not_sent() -> None:
    extra = (a_coverage(payer_id=THIRD.id), a_ranked_coverage(TERTIARY, benefit_class=BenefitClass.MEDICAL))
    rejected = a_ranked_coverage(TERTIARY, payer_id=THIRD.id)
    parts = replace(
        PRIMARY_PARTS,
        coverages=(*PRIMARY_PARTS.coverages, *extra, replace(rejected, status=CoverageStatus.WITHDRAWN)),
    )
    assert [other.payer_id for other in assembled(parts).other_payers] == ["INV02"]


def test_lines_of_other_payers_days_are_split_off() -> None:
    later = a_line(first_date=SERVICE_DAY + timedelta(days=5), charge=Decimal("10.00"))
    coverages = (
        a_ranked_coverage(payer_id=FIRST.id),
        a_ranked_coverage(SECONDARY, payer_id=SECOND.id, from_date=SERVICE_DAY + timedelta(days=5)),
    )
    parts = parts_of_chain((FIRST, SECOND), (), some_content(lines=(LINE, later)), coverages)
    assert places(parts) == [("split_claim", "/claim/lines/1/first_date")]


def test_a_replacement_names_the_claim_by_the_asked_payers_own_number() -> None:
    replaced = a_claim(status=ClaimStatus.REPLACEMENT_PENDING, payer_claim_number="ICN7")
    parts = replace(
        PRIMARY_PARTS,
        claim=replace(PRIMARY_PARTS.claim, frequency=ClaimFrequency.REPLACEMENT, replaces_claim_id=replaced.id),
    )
    with_number = replace(parts, chain=(replace(SECONDARY_PARTS.chain[0], claim=replaced, adjudication=None),))
    assert assembled(with_number).payer_claim_number == "ICN7"
    claim, findings = assemble(parts)
    assert claim is not None
    assert [(one.code, one.pointer) for one in findings] == [
        ("payer_claim_number_missing", "/claim/payer_claim_number")
    ]
    original = replace(PRIMARY_PARTS, claim=replace(PRIMARY_PARTS.claim, payer_claim_number="ICN7"))
    assert assembled(original).payer_claim_number is None


def test_money_is_said_to_be_paid_by_the_patient_only_when_some_was() -> None:
    assert assembled(with_content(PRIMARY_PARTS, patient_paid=Decimal("0.00"))).patient_paid is None
    assert assembled(with_content(PRIMARY_PARTS, patient_paid=Decimal("20.00"))).patient_paid == Decimal("20.00")


def test_the_payers_address_on_the_coverage_goes_before_the_directorys() -> None:
    own, directory = an_address(line1="1 CLAIMS WAY"), an_address(line1="2 DIRECTORY WAY")
    parts = replace(PRIMARY_PARTS, payers={**PRIMARY_PARTS.payers, FIRST.id: replace(FIRST, address=directory)})
    assert assembled(parts).payer.address == directory
    assert assembled(with_coverage(parts, 0, lambda one: replace(one, payer_address=own))).payer.address == own


def test_a_claim_without_lines_is_not_assembled() -> None:
    assert assemble(with_content(PRIMARY_PARTS, lines=())) == (
        None,
        (
            Finding(
                code="lines_missing",
                message="A claim has one at least: lines.",
                pointer="/claim/lines",
                location="2400",
            ),
        ),
    )


def test_neither_findings_nor_the_claims_text_form_show_anybody() -> None:
    content: ClaimContent = replace(CONTENT, diagnoses=("SECRETDX",), prior_authorization="SECRETPA")
    parts = parts_of_chain((FIRST, SECOND), (replace(DECIDED, payer_claim_number="SECRETICN"),), content)
    parts = with_practice(parts, tax_id="SECRETTAX", address=an_address(line1="SECRETSTREET", postal_code="80211"))
    parts = with_coverage(parts, 0, lambda one: replace(one, member_id="SECRETID"))
    claim, findings = assemble(parts)
    assert claim is not None
    text = repr((claim, findings, parts))
    assert not any(word in text for word in ("SECRET", "FICTIONAL", "MADEUP"))
