"""The checker of claims as a whole: what we write is clean, published examples, files of many claims, strange trees."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.codes import MEDICARE_SECONDARY_CODES, PayerResponsibility
from app.domain.findings import Severity
from app.domain.professional_claims import Policy, ProfessionalClaim
from app.x12.coordination_837 import ORIGINAL_MEDICARE
from app.x12.coordination_check_837 import ClaimChecker, check_claim
from app.x12.findings import Report, X12Finding
from app.x12.loops import Loop
from app.x12.segments import Segment
from app.x12.separators import DEFAULT
from tests.x12.claim_strategies import claims
from tests.x12.claim_units_837 import checked, codes, units
from tests.x12.claims import written
from tests.x12.coordination_mutants_837 import MUTANTS
from tests.x12.coordination_texts_837 import VALID, valid
from tests.x12.texts_837 import counted

_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = Path(_REFERENCE or ".") / "samples" / "837p"
_needs_samples = pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR names no reference samples")

_OF_DRAWN_CLAIMS = {
    "adjudication_before_service",  # days are drawn apart from each other
    "adjudication_in_future",
    "adjustment_at_both_levels",
    "adjustment_group_correction",
    "adjustment_negative",
    "earlier_payers_effect_group",
    "earlier_payers_effect_of_primary",
    "medicare_frequency",
    "medicare_patient_paid",
    "medicare_payers_ahead",
    "relationship_medicare",
}
"""Warnings about what is drawn at random."""


def _as_medicare_wants(claim: ProfessionalClaim) -> ProfessionalClaim:
    """Filing code and insurance type code are drawn apart; here the one goes with the other."""

    def policy(one: Policy) -> Policy:
        is_medicare = one.claim_filing_code in ORIGINAL_MEDICARE
        after_others = one.responsibility is not PayerResponsibility.PRIMARY
        return replace(one, insurance_type_code="12" if is_medicare and after_others else None)

    others = tuple(replace(payer, policy=policy(payer.policy)) for payer in claim.other_payers)
    return replace(claim, policy=policy(claim.policy), other_payers=others)


@given(claims())
@settings(max_examples=150, deadline=None)
def test_what_we_write_of_any_claim_that_balances_has_no_error(claim: ProfessionalClaim) -> None:
    findings = checked(written(_as_medicare_wants(claim)))
    assert [one.code for one in findings if one.severity is Severity.ERROR] == []
    assert {one.code for one in findings} <= _OF_DRAWN_CLAIMS


def _said(findings: tuple[X12Finding, ...]) -> list[str]:
    return [f"{one.code} {one.location}" for one in findings]


_EXAMPLES = (
    "cob-1-primary-with-other-payer-known.edi",
    "cob-2-secondary-claim-and-line-cas.edi",
    "cob-3-payer-to-payer.837",
)


@_needs_samples
@pytest.mark.parametrize("name", _EXAMPLES, ids=["3A", "3B", "3C"])
def test_the_published_examples_balance_and_break_two_rules(name: str) -> None:
    """Their NPIs fail the check digit, and their consents differ (CLM09 I, OI06 Y), which RFI 1786 speaks against."""
    assert _said(checked((_SAMPLES / name).read_bytes())) == [
        "npi_format 2010AA NM109",
        "npi_format 2310B NM109",
        "npi_format 2310C NM109",
        "consent_differs 2320 OI06",
    ]


@_needs_samples
@pytest.mark.parametrize("path", sorted(_SAMPLES.iterdir()) if _REFERENCE else [], ids=lambda path: path.name)
def test_no_sample_makes_it_raise(path: Path) -> None:
    assert all(one.location for one in checked(path.read_bytes()))


def test_a_payer_may_ask_the_next_one_with_what_only_payers_say() -> None:
    """REF*T4, and U of a rank, from a submitter who is the other payer itself."""
    text = valid("secondary").replace("PI*PAYERID~", "PI*PAYERID~REF*T4*Y~").replace("SBR*P*", "SBR*U*")
    assert codes(text) == {"payer_rank_unknown", "readjudication_by_provider"}
    assert codes(text.replace("*46*QUIETROOMS~", "*46*PAYERID~")) == set()


def test_of_an_unknown_rank_neither_gap_nor_missing_primary_follows() -> None:
    text = valid("tertiary").replace("SBR*P*", "SBR*U*")
    assert codes(text) == {"payer_rank_unknown"}


@pytest.mark.parametrize("code", sorted(MEDICARE_SECONDARY_CODES))
def test_each_reason_for_medicare_after_another_payer_is_taken(code: str) -> None:
    assert codes(valid("Medicare second").replace("***12****MB", f"***{code}****MB")) == set()


def test_a_medicare_plan_may_say_why_it_is_not_primary_or_not() -> None:
    text = valid("Medicare second")
    assert codes(text.replace("***12****MB", "***12****16")) == set()
    assert codes(text.replace("***12****MB", "*******16")) == set()


def test_original_medicare_gets_a_replacement_without_a_claim_number() -> None:
    text = valid("replacement").replace("REF*F8*PCN77~", "").replace("SBR*S*18*******CI", "SBR*S*18***12****MB")
    assert codes(text) == {"medicare_frequency"}


def test_a_claim_for_report_may_charge_nothing() -> None:
    text = valid("primary").replace("J*150*", "J*0*").replace("90837*150*", "90837*0*")
    assert codes(text) == {"claim_charge_zero"}
    assert codes(text.replace("1200*CH~", "1200*RP~")) == set()


def test_seven_adjustments_of_one_group_need_two_segments() -> None:
    """Six fit in one; the reasons here are invented."""
    six = "".join(f"*R{number}*5*" for number in range(6)).rstrip("*")
    text = valid("secondary").replace("CAS*CO*45*45~", f"CAS*CO{six}~CAS*CO*R6*15~")
    assert codes(text) == set()
    assert codes(text.replace(f"CAS*CO{six}~", f"CAS*CO{six.removesuffix('*R5*5')}~CAS*CO*R5*5~")) == {
        "adjustment_group_split"
    }


def test_a_partner_decides_what_a_rule_weighs() -> None:
    text = valid("secondary").replace("CAS*CO*45*45~", "CAS*CO*45*54**94*-9~")
    report = Report(MappingProxyType({"adjustment_negative": Severity.ERROR}))
    assert [one.severity for one in checked(text)] == [Severity.WARNING]
    assert [one.severity for one in checked(text, report)] == [Severity.ERROR]
    assert report.has_error


def _claims_together(*texts: str) -> str:
    """The claims of several texts under one subscriber."""
    first, *others = texts
    bodies = [text[text.index("CLM*") : text.index("~SE*") + 1] for text in others]
    return counted(first.replace("~SE*", f"~{''.join(bodies)}SE*"))


def test_each_claim_of_a_file_is_judged_alone() -> None:
    bad = valid("secondary").replace("AMT*D*80~", "AMT*D*81~").replace("CLM*A1", "CLM*B2")
    text = _claims_together(valid("secondary"), bad, valid("secondary").replace("CLM*A1", "CLM*C3"))
    assert [(one.code, one.segment_number) for one in checked(text)] == [
        ("paid_differs_from_lines", text[: text.index("AMT*D*81")].count("~") + 1)
    ]


def test_the_billing_provider_of_many_claims_is_reported_once() -> None:
    other = valid("secondary").replace("CLM*A1", "CLM*B2")
    text = _claims_together(valid("secondary"), other).replace("XX*1000000012~", "XX*1000000013~")
    assert [one.location for one in checked(text)] == ["2010AA NM109"]


def test_a_control_number_is_met_again_in_another_transaction() -> None:
    one, other = valid("secondary"), valid("primary")
    st = other[other.index("ST*") : other.index("GE*")].replace("*0001", "*0002")
    text = one.replace("GE*1*", f"{st}GE*2*")
    assert [finding.code for finding in checked(text)] == ["patient_control_number_repeated"]


def test_no_message_holds_a_value_of_the_text() -> None:
    """But for the difference, which is a sum."""
    for mutant in MUTANTS:
        for finding in checked(mutant.text):
            said = finding.message.replace("A1", "")
            assert not any(value in said for value in ("FERNWOOD", "PAYERID", "QRX", "F411", "90837", "10000000"))


def test_one_claim_alone_is_checked_without_a_file() -> None:
    report = Report()
    for unit in units(valid("secondary").replace("AMT*D*80~", "AMT*D*81~")):
        check_claim(unit, report)
    assert [one.code for one in report.findings] == ["paid_differs_from_lines"]


_LOOPS = "ST 2000A 2010AA 2000B 2000C 2300 2310B 2320 2330A 2330B 2400 2420A 2430".split()
_elements = st.sampled_from(
    "P S U D A8 EAF 573 472 6R F8 T4 18 XX PR D8 MB 12 CO 45 10 -5 0 1 2 . 20260820 ABK:F411 :::".split()
)
_texts = st.text(st.characters(max_codepoint=255), max_size=4)  # one character is one byte
_segments = st.builds(
    lambda name, elements: Segment(1, 0, "", (name, *elements), "~", DEFAULT),
    st.sampled_from("CLM SBR CAS AMT OI MOA NM1 DTP REF LX SV1 SVD HI BHT".split()),
    st.lists(_elements | _texts, max_size=25).map(tuple),
)


def _tree(parent: Loop | None, draw: st.DrawFn, depth: int) -> Loop:
    loop = Loop(draw(st.sampled_from(_LOOPS)), parent)
    loop.segments = draw(st.lists(_segments, max_size=6))
    if depth:
        loop.loops = [_tree(loop, draw, depth - 1) for _ in range(draw(st.integers(0, 3)))]
    return loop


@st.composite
def _strange_claims(draw: st.DrawFn) -> Loop:
    """Loops of any kind in one another, with any segments or none."""
    parent: Loop | None = None
    for _ in range(draw(st.integers(0, 3))):
        parent = _tree(parent, draw, 0)
    return _tree(parent, draw, 2)


@given(st.lists(_strange_claims(), max_size=3))
@settings(max_examples=100, deadline=None)
def test_no_tree_makes_it_raise(trees: list[Loop]) -> None:
    report = Report()
    checker = ClaimChecker(report)
    for tree in trees:
        checker.check(tree)
    assert all(finding.location for finding in report.findings)


def _without_one_segment(text: str) -> Iterator[str]:
    segments = text.split("~")
    start = next(number for number, segment in enumerate(segments) if segment.startswith("CLM*"))
    for number in range(start, len(segments) - 4):
        yield counted("~".join(segments[:number] + segments[number + 1 :]))


@pytest.mark.parametrize("name", VALID)
def test_a_claim_that_lacks_any_one_segment_is_judged_without_raising(name: str) -> None:
    for text in _without_one_segment(valid(name)):
        checked(text)
