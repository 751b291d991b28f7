"""Coverages as a claim says them: whose policy, in which place, with what assigned (domain rules A1, A2, A7)."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.claim_assembly import assemble
from app.domain.codes import BenefitsAssigned, Relationship
from app.domain.coverages import MemberIdOwner
from app.domain.findings import Severity
from app.domain.parties import PersonName
from app.domain.professional_claims import Insured
from tests.domain.assembling import (
    CONTENT,
    DECIDED,
    FIRST,
    PRIMARY_PARTS,
    SECOND,
    SECONDARY,
    SECONDARY_PARTS,
    assembled,
    places,
    with_coverage,
)
from tests.domain.claims import a_ranked_coverage, coverages_in_order, medicare, parts_of_chain
from tests.factories import a_person


def test_the_patient_is_the_subscriber_by_an_own_member_id() -> None:
    claim = assembled(PRIMARY_PARTS)
    assert claim.patient_is_subscriber
    assert claim.policy.relationship is Relationship.SELF
    assert claim.patient == PRIMARY_PARTS.patient.person
    assert claim.policy.insured == Insured(name=claim.patient.name)


def test_a_dependent_without_an_own_number_goes_under_the_subscriber() -> None:
    parent = a_person(name=PersonName(last="FICTIONAL", first="PARENT"))
    dependent: dict[str, Any] = {
        "relationship": Relationship.CHILD,
        "subscriber": parent,
        "member_id_belongs_to": MemberIdOwner.SUBSCRIBER,
    }
    parts = with_coverage(SECONDARY_PARTS, 0, lambda one: replace(one, **dependent))
    parts = with_coverage(parts, 1, lambda one: replace(one, **dependent))
    claim = assembled(parts)
    assert not claim.patient_is_subscriber
    assert (claim.policy.relationship, claim.policy.insured) == (Relationship.CHILD, Insured(name=parent.name))
    assert claim.patient == parts.patient.person
    assert (claim.other_payers[0].policy.relationship, claim.other_payers[0].policy.insured) == (
        Relationship.CHILD,
        Insured(name=parent.name, address=parent.address),
    )


def test_a_dependent_with_an_own_number_is_sent_as_subscriber() -> None:
    parts = with_coverage(
        PRIMARY_PARTS, 0, lambda one: replace(one, relationship=Relationship.CHILD, subscriber=a_person())
    )
    claim = assembled(parts)
    assert claim.patient_is_subscriber
    assert claim.policy.relationship is Relationship.SELF


def test_with_medicare_the_patient_is_always_the_subscriber() -> None:
    """Its member ids are of one person, whatever the coverage's record says of a family."""
    parts = with_coverage(
        parts_of_chain((medicare(),)),
        0,
        lambda one: replace(
            one,
            relationship=Relationship.SPOUSE,
            subscriber=a_person(),
            member_id_belongs_to=MemberIdOwner.SUBSCRIBER,
        ),
    )
    claim = assembled(parts)
    assert claim.patient_is_subscriber
    assert (claim.policy.insured, claim.policy.relationship) == (
        Insured(name=parts.patient.person.name),
        Relationship.SELF,
    )


def test_a_subscriber_who_is_not_recorded_is_missing() -> None:
    parts = with_coverage(
        SECONDARY_PARTS,
        0,
        lambda one: replace(
            one, relationship=Relationship.CHILD, member_id_belongs_to=MemberIdOwner.SUBSCRIBER, subscriber=None
        ),
    )
    claim, findings = assemble(parts)
    assert claim is None
    assert [(one.code, one.pointer, one.location) for one in findings] == [
        ("subscriber_required", "/prior_payers/0/payer", "2330A NM1")
    ]


def test_medicare_behind_another_payer_says_why_and_only_medicare_does() -> None:
    contractor = medicare()
    claim = assembled(parts_of_chain((FIRST, contractor), (DECIDED,), CONTENT))
    assert (claim.policy.insurance_type_code, claim.other_payers[0].policy.insurance_type_code) == ("12", None)
    before = assembled(parts_of_chain((FIRST, contractor), (), CONTENT))
    assert before.other_payers[0].policy.insurance_type_code == "12"
    primary = assembled(parts_of_chain((contractor, SECOND), (DECIDED,), CONTENT))
    assert primary.other_payers[0].policy.insurance_type_code is None
    without = tuple(
        replace(one, ranks=tuple(replace(row, insurance_type_code=None) for row in one.ranks))
        for one in coverages_in_order(FIRST, contractor)
    )
    assert places(parts_of_chain((FIRST, contractor), (DECIDED,), CONTENT, without)) == [
        ("insurance_type_required", "/claim/coverage_id")
    ]


def test_a_rank_that_only_medicare_explains_is_not_sent_for_others() -> None:
    coverages = (
        a_ranked_coverage(payer_id=FIRST.id),
        a_ranked_coverage(SECONDARY, payer_id=SECOND.id, insurance_type_code="12"),
    )
    claim, findings = assemble(parts_of_chain((FIRST, SECOND), (), CONTENT, coverages))
    assert [(one.code, one.location) for one in findings] == [("insurance_type_refused", "2320 SBR05")]
    assert claim is not None
    assert claim.other_payers[0].policy.insurance_type_code is None


@pytest.mark.parametrize(
    ("position", "pointer", "location"),
    [(0, "/prior_payers/0/payer", "2320 OI03"), (1, "/claim/coverage_id", "2300 CLM08")],
)
def test_nothing_is_assigned_by_default(position: int, pointer: str, location: str) -> None:
    parts = with_coverage(SECONDARY_PARTS, position, lambda one: replace(one, benefits_assigned=None))
    claim, findings = assemble(parts)
    assert claim is None
    assert [(one.code, one.pointer, one.location, one.severity) for one in findings] == [
        ("benefits_assigned_missing", pointer, location, Severity.ERROR)
    ]


def test_each_payer_has_its_own_assignment_of_benefits() -> None:
    parts = with_coverage(
        SECONDARY_PARTS, 0, lambda one: replace(one, benefits_assigned=BenefitsAssigned.NOT_APPLICABLE)
    )
    claim = assembled(parts)
    assert claim.policy.benefits_assigned is BenefitsAssigned.YES
    assert claim.other_payers[0].policy.benefits_assigned is BenefitsAssigned.NOT_APPLICABLE


def test_the_coverages_filing_code_goes_before_the_payers() -> None:
    parts = with_coverage(PRIMARY_PARTS, 0, lambda one: replace(one, claim_filing_code="HM"))
    assert assembled(parts).policy.claim_filing_code == "HM"
    unknown = with_coverage(PRIMARY_PARTS, 0, lambda one: replace(one, claim_filing_code="QQ"))
    assert places(unknown) == [("claim_filing_code", "/claim/coverage_id")]


def test_medicares_filing_codes_are_medicares_alone() -> None:
    """What needs a reason why it is not primary (SBR05) is told by SBR09 at the clearinghouse, by the payer here."""
    taken_for_medicare = with_coverage(SECONDARY_PARTS, 0, lambda one: replace(one, claim_filing_code="MB"))
    assert places(taken_for_medicare) == [("claim_filing_code", "/prior_payers/0/payer")]
    not_taken_for_it = with_coverage(parts_of_chain((medicare(),)), 0, lambda one: replace(one, claim_filing_code="CI"))
    assert places(not_taken_for_it) == [("claim_filing_code", "/claim/coverage_id")]
    part_a = with_coverage(parts_of_chain((medicare(),)), 0, lambda one: replace(one, claim_filing_code="MA"))
    assert assembled(part_a).policy.claim_filing_code == "MA"
