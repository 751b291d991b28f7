"""What can be wrong with the structure, the codes and the formats of a claim is found and named, each by one finding."""

import pytest

from app.x12.checks import check
from app.x12.findings import Report, X12Finding
from app.x12.structure_rules import RULES
from tests.x12.mutants_837 import CODES_AND_FORMATS, MUTANTS, STRUCTURAL, VALID, Mutant
from tests.x12.pyx12_oracle import complaints
from tests.x12.structure_texts import is_refused_by_pyx12, structure_of

_CLAIM_CHECK_ALONE = frozenset({"envelope", "claim"})


def _findings(mutant: Mutant) -> tuple[X12Finding, ...]:
    """Of the check that is to see it."""
    if mutant.judge not in _CLAIM_CHECK_ALONE:
        return structure_of(mutant.text)
    report = Report()
    check(mutant.text, report)
    return tuple(finding for finding in report.findings if finding.code == mutant.code)


def test_the_valid_claim_has_no_finding_from_us_and_none_from_another_validator() -> None:
    report = Report()
    check(VALID, report)
    assert report.findings == ()
    assert complaints(VALID) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_fault_is_one_finding_at_its_place(mutant: Mutant) -> None:
    found = [(finding.code, finding.location) for finding in _findings(mutant)]
    assert found == [(mutant.code, mutant.place)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_another_validator_sees_the_fault_too_or_is_known_to_miss_it(mutant: Mutant) -> None:
    """pyx12 4.0.0. What it misses has no place in its maps: HL04, decimals, the claim's own limits, the ends of ranges."""
    assert is_refused_by_pyx12(mutant.text) is not mutant.is_missed


def test_every_rule_of_the_structure_is_broken_once() -> None:
    assert {rule.code for rule in RULES} - {mutant.code for mutant in MUTANTS} == set()


def test_there_are_as_many_faults_as_published_comparisons_try() -> None:
    assert len(STRUCTURAL) >= 26
    assert len(CODES_AND_FORMATS) >= 21
    assert len({mutant.text for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_no_finding_repeats_what_stands_in_the_text(mutant: Mutant) -> None:
    for finding in _findings(mutant):
        assert not {"FERNWOOD", "QRX100200300", "PRM900800700"} & set(finding.message.upper().split())
