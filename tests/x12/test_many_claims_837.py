"""Several claims in one interchange: a transaction set each, numbers from outside, and all of them or none."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.findings import Finding
from app.domain.professional_claims import ProfessionalClaim
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.professional_claim_837 import write_many
from app.x12.separators import Separators
from tests.x12.claim_strategies import claims
from tests.x12.claims import (
    BILLED_BY,
    OFFICE,
    SUBMITTER,
    a_claim,
    a_line,
    a_secondary,
    a_tertiary,
    body,
    written,
)
from tests.x12.inquiries import INTERCHANGE, an_interchange
from tests.x12.pyx12_oracle import complaints

_THREE = [(a_claim(), "REF-1"), (a_secondary(), "REF-2"), (a_tertiary(), "REF-3")]


def _write(pairs: list[tuple[ProfessionalClaim, str]], **changes: Any) -> tuple[str | None, tuple[Finding, ...]]:
    arguments: dict[str, Any] = {"submitter": SUBMITTER, "receiver_name": "Invented Clearinghouse", **changes}
    return write_many(pairs, arguments.pop("interchange", INTERCHANGE), **arguments)


def _text(pairs: list[tuple[ProfessionalClaim, str]], **changes: Any) -> str:
    text, findings = _write(pairs, **changes)
    assert findings == ()
    assert text is not None
    return text


def _refusals(pairs: list[tuple[ProfessionalClaim, str]], **changes: Any) -> list[tuple[str, str | None]]:
    text, findings = _write(pairs, **changes)
    assert text is None
    return [(finding.code, finding.pointer) for finding in findings]


def _transactions(text: str) -> list[tuple[str, list[str]]]:
    """ST02 and the body of each transaction set; no finding in the envelope."""
    report = Report()
    found = [
        (item.control_number, [segment.raw for segment in item.segments])
        for item in read_transactions(text, report)
        if isinstance(item, TransactionSet)
    ]
    assert report.findings == ()
    return found


def test_each_claim_is_what_it_is_alone() -> None:
    text = _text(_THREE)
    assert complaints(text) == []
    assert _transactions(text) == [
        (f"000{number}", body(written(claim, reference=reference)))
        for number, (claim, reference) in enumerate(_THREE, start=1)
    ]


def test_one_claim_is_the_same_interchange_as_by_itself() -> None:
    assert _text(_THREE[:1]) == written(a_claim())


def test_group_and_transaction_sets_are_numbered_from_outside() -> None:
    text = _text(_THREE, interchange=an_interchange(group_control_number=7, first_transaction_number=9_998))
    assert complaints(text) == []
    assert [number for number, _ in _transactions(text)] == ["9998", "9999", "10000"]
    assert "*20260301*1200*7*X*005010X222A1~" in text
    assert text.endswith("~GE*3*7~IEA*1*000000042~")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"group_control_number": 0}, "/group_control_number"),
        ({"group_control_number": 1_000_000_000}, "/group_control_number"),
        ({"first_transaction_number": 0}, "/first_transaction_number"),
        ({"first_transaction_number": 999_999_998}, "/first_transaction_number"),
    ],
)
def test_a_number_that_does_not_fit_is_refused(changes: dict[str, Any], pointer: str) -> None:
    assert _refusals(_THREE, interchange=an_interchange(**changes)) == [("value_invalid", pointer)]


def test_the_last_number_fits() -> None:
    text = _text(_THREE, interchange=an_interchange(first_transaction_number=999_999_997))
    assert [number for number, _ in _transactions(text)] == ["999999997", "999999998", "999999999"]


def test_a_fault_is_found_at_its_claim_and_nothing_is_written() -> None:
    spoiled = [_THREE[0], (replace(a_secondary(), place_of_service="98"), "REF-2"), (a_claim(lines=()), "ref")]
    assert _refusals(spoiled) == [
        ("value_invalid", "/claims/1/place_of_service"),
        ("character_not_allowed", "/claims/2/reference"),
        ("value_missing", "/claims/2/lines"),
    ]


def test_what_they_share_is_refused_once_and_at_its_own_place() -> None:
    found = _refusals(_THREE, submitter=replace(SUBMITTER, name=""), receiver_name="")
    assert found == [("value_missing", "/submitter/name"), ("value_missing", "/receiver_name")]


def test_a_billing_provider_is_refused_in_every_claim_it_bills() -> None:
    billed_by = replace(BILLED_BY, address=replace(OFFICE, postal_code="80211"))
    pairs = [(replace(claim, billed_by=billed_by), reference) for claim, reference in _THREE]
    assert _refusals(pairs) == [
        ("postal_code_format", f"/claims/{at}/billed_by/address/postal_code") for at in range(3)
    ]


def test_two_billing_providers_take_turns() -> None:
    other = replace(BILLED_BY, tax_id="987654321")
    pairs = [(a_claim(billed_by=one), f"REF-{at}") for at, one in enumerate((BILLED_BY, other, BILLED_BY, other))]
    ids = [
        next(segment for segment in segments if segment[:6] == "REF*EI") for _, segments in _transactions(_text(pairs))
    ]
    assert ids == ["REF*EI*123456789", "REF*EI*987654321"] * 2


def test_a_reference_stands_once() -> None:
    assert _refusals([_THREE[0], (a_secondary(), "REF-1")]) == [("value_repeated", "/claims/1/reference")]


def test_nothing_is_no_interchange() -> None:
    assert _refusals([]) == [("value_missing", "/claims")]


def test_delimiters_that_cannot_delimit_are_said_once() -> None:
    assert _refusals(_THREE, separators=Separators(element="A")) == [("element_separator", None)]


def test_a_thousand_claims_are_counted() -> None:
    pairs = [(a_claim(lines=(a_line(number),)), f"REF-{number}") for number in range(1_000)]
    text = _text(pairs)
    assert text.endswith("~GE*1000*42~IEA*1*000000042~")
    assert len(_transactions(text)) == 1_000


@settings(max_examples=30)
@given(st.lists(claims(most_lines=2), min_size=1, max_size=4))
def test_any_claims_go_together_and_each_is_what_it_is_alone(several: list[ProfessionalClaim]) -> None:
    pairs = [(claim, f"REF-{number}") for number, claim in enumerate(several)]
    text = _text(pairs)
    assert complaints(text) == []
    assert [segments for _, segments in _transactions(text)] == [
        body(written(claim, reference=reference)) for claim, reference in pairs
    ]
