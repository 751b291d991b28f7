"""The rules each coverage keeps by itself (domain rules A1, A2, A7)."""

from datetime import date
from uuid import uuid4

import pytest

from app.domain.codes import BenefitsAssigned, PayerResponsibility, Relationship
from app.domain.coverages import CoverageStatus, MemberIdOwner, check_coverage, coverage_findings, same_policy
from tests.factories import TODAY, a_coverage, a_person

MBI = "1EG4TE5MK73"  # the published sample format of CMS


def codes(coverage: object, *, medicare: bool = False) -> list[tuple[str, str | None]]:
    findings = check_coverage(coverage, is_original_medicare=medicare, today=TODAY)  # type: ignore[arg-type]  # factory
    return [(finding.code, finding.pointer) for finding in findings]


def test_a_complete_coverage_has_no_finding() -> None:
    assert codes(a_coverage()) == []


@pytest.mark.parametrize("member_id", ["M", "", "AB*C", "AB:C", "AB~C", "abc123", " AB12", "AB12 ", "Ä123", "A" * 81])
def test_a_member_id_outside_the_basic_set_or_length_is_refused(member_id: str) -> None:
    assert codes(a_coverage(member_id=member_id)) == [("member_id_format", "/member_id")]


@pytest.mark.parametrize("member_id", ["AB", "A" * 80, "W 1234-56.7", "123456789"])
def test_a_member_id_of_2_to_80_basic_characters_is_accepted(member_id: str) -> None:
    assert codes(a_coverage(member_id=member_id)) == []


def test_original_medicare_wants_a_beneficiary_identifier() -> None:
    assert codes(a_coverage(member_id="MLK123456"), medicare=True) == [("member_id_mbi", "/member_id")]
    assert codes(a_coverage(member_id=MBI), medicare=True) == []


def test_medicare_behind_another_payer_needs_the_insurance_type_code() -> None:
    secondary = a_coverage(member_id=MBI, wished_rank=PayerResponsibility.SECONDARY)
    assert codes(secondary, medicare=True) == [("insurance_type_required", "/insurance_type_code")]
    coded = a_coverage(member_id=MBI, wished_rank=PayerResponsibility.SECONDARY, insurance_type_code="12")
    assert codes(coded, medicare=True) == []


@pytest.mark.parametrize(
    ("rank", "medicare"), [(PayerResponsibility.PRIMARY, True), (PayerResponsibility.SECONDARY, False)]
)
def test_an_insurance_type_code_is_refused_elsewhere(rank: PayerResponsibility, medicare: bool) -> None:
    coverage = a_coverage(member_id=MBI, wished_rank=rank, insurance_type_code="12")
    assert codes(coverage, medicare=medicare) == [("insurance_type_refused", "/insurance_type_code")]


def test_a_dependent_needs_the_subscriber_and_a_subscriber_has_none() -> None:
    dependent = a_coverage(relationship=Relationship.CHILD, member_id_belongs_to=MemberIdOwner.SUBSCRIBER)
    assert codes(dependent) == [("subscriber_required", "/subscriber")]
    assert codes(a_coverage(subscriber=a_person())) == [("subscriber_refused", "/subscriber")]


def test_a_subscriber_needs_an_address_and_a_past_birth_date() -> None:
    subscriber = a_person(address=None, birth_date=date(2030, 1, 1))
    dependent = a_coverage(relationship=Relationship.CHILD, subscriber=subscriber)
    assert codes(dependent) == [
        ("missing", "/subscriber/address"),
        ("birth_date_range", "/subscriber/birth_date"),
    ]


def test_a_medicare_beneficiary_is_always_the_subscriber() -> None:
    coverage = a_coverage(member_id=MBI, relationship=Relationship.SPOUSE, subscriber=a_person())
    assert codes(coverage, medicare=True) == [("relationship_medicare", "/relationship")]


def test_the_subscribers_own_member_id_is_the_patients() -> None:
    assert codes(a_coverage(member_id_belongs_to=MemberIdOwner.SUBSCRIBER)) == [
        ("member_id_owner", "/member_id_belongs_to")
    ]


def test_a_coverage_does_not_end_before_it_begins() -> None:
    coverage = a_coverage(effective_from=date(2026, 2, 1), effective_to=date(2026, 1, 31))
    assert codes(coverage) == [("period_order", "/effective_to")]


def test_all_findings_are_reported_at_once() -> None:
    coverage = a_coverage(member_id="*", insurance_type_code="12", effective_from=TODAY, effective_to=date(2020, 1, 1))
    assert {code for code, _ in codes(coverage)} == {"member_id_format", "insurance_type_refused", "period_order"}


def test_no_finding_repeats_what_was_entered() -> None:
    coverage = a_coverage(member_id="SECRET*ID", subscriber=a_person())
    for finding in check_coverage(coverage, is_original_medicare=False, today=TODAY):
        assert "SECRET" not in repr(finding)
        assert "FICTIONAL" not in repr(finding)


def test_an_assignment_that_is_not_recorded_is_a_finding_and_no_default() -> None:
    assert [finding.code for finding in coverage_findings(a_coverage(benefits_assigned=None))] == [
        "benefits_assigned_missing",
        "coverage_unverified",
    ]
    verified = a_coverage(status=CoverageStatus.VERIFIED, benefits_assigned=BenefitsAssigned.NO)
    assert coverage_findings(verified) == ()


def test_the_same_policy_is_the_same_payer_and_member_id_on_a_common_day() -> None:
    one = a_coverage(member_id="AB-12 3", effective_to=date(2026, 6, 30))
    again = a_coverage(payer_id=one.payer_id, member_id="AB123")
    assert same_policy(one, again)
    assert not same_policy(one, a_coverage(payer_id=one.payer_id, member_id="AB123", effective_from=date(2026, 7, 1)))
    assert not same_policy(one, a_coverage(payer_id=uuid4(), member_id="AB123"))
    withdrawn = a_coverage(payer_id=one.payer_id, member_id="AB123", status=CoverageStatus.WITHDRAWN)
    assert not same_policy(one, withdrawn)
    assert not same_policy(one, one)


def test_a_coverages_text_form_shows_nothing_personal() -> None:
    coverage = a_coverage(member_id="SECRET1", group_number="GROUPSECRET", subscriber=a_person())
    text = repr(coverage)
    assert not any(word in text for word in ("SECRET1", "GROUPSECRET", "FICTIONAL", "1988"))
