"""Each rule of the checker is broken once in a valid claim: found, named, at its place, with the cents."""

from decimal import Decimal

import pytest

from app.x12 import claim_rules_837, rules_837
from tests.x12.claim_units_837 import checked, codes
from tests.x12.coordination_mutants_837 import ARITHMETIC, MUTANTS
from tests.x12.coordination_texts_837 import VALID, Mutant, valid
from tests.x12.pyx12_oracle import complaints

_REPEATED_CLAIM = "patient_control_number_repeated"

_RULES = (*rules_837.RULES, *claim_rules_837.RULES)


@pytest.mark.parametrize("name", VALID)
def test_a_valid_claim_has_no_finding(name: str) -> None:
    assert checked(valid(name)) == ()
    assert complaints(valid(name)) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_broken_rule_is_found_and_named(mutant: Mutant) -> None:
    findings = checked(mutant.text)
    assert {finding.code for finding in findings} == set(mutant.codes)
    finding = next(finding for finding in findings if finding.code == mutant.codes[0])
    assert finding.location == mutant.place
    assert finding.segment_number is not None
    if mutant.difference is not None:
        assert finding.difference == Decimal(mutant.difference)
        assert f"{mutant.difference}." in finding.message


def test_the_two_claims_of_one_file_that_share_a_control_number_are_found() -> None:
    one = valid("secondary")
    assert codes(one + one) == {_REPEATED_CLAIM}


def test_every_rule_is_broken_by_a_mutant() -> None:
    assert {code for mutant in MUTANTS for code in mutant.codes} | {_REPEATED_CLAIM} == {rule.code for rule in _RULES}


def test_a_rule_says_where_it_comes_from_under_a_code_of_its_own() -> None:
    assert len({rule.code for rule in _RULES}) == len(_RULES)
    assert all(rule.source and rule.message.endswith(".") for rule in _RULES)


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_validator_of_the_structure_alone_accepts_it(mutant: Mutant) -> None:
    """pyx12 4.0.0, with its maps of 005010X222A1."""
    assert complaints(mutant.text) == []


def test_more_than_a_dozen_faults_are_of_arithmetic_alone() -> None:
    assert len(ARITHMETIC) >= 13
