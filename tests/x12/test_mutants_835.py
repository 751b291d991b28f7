"""Each rule of the remittance's checker and each fault of its reader, once in a valid 835: found, named, at its place."""

from decimal import Decimal

import pytest
from pyx12.errors import X12Error

from app.x12 import (
    documents,
    envelope,
    remittance_header_835,
    remittance_loops_835,
    remittance_reader_835,
    segments,
    separators,
    text_blocks,
)
from app.x12.findings import GUIDE_VARIANT, Fault
from app.x12.rules_835 import RULES
from tests.x12 import pyx12_oracle
from tests.x12.editable_835 import VALID, Mutant
from tests.x12.mutants_835 import ARITHMETIC, OF_RULES
from tests.x12.reader_mutants_835 import OF_READING
from tests.x12.remittances import checked

_MUTANTS = (*OF_RULES, *OF_READING)
_READING = (
    envelope,
    remittance_header_835,
    remittance_loops_835,
    remittance_reader_835,
    segments,
    separators,
    text_blocks,
)
_OTHER_KINDS = {GUIDE_VARIANT.code}
"""Of the faults that name what is not read, one that no 835 has: X221 is read as X221A1 is."""


def _complaints(text: str) -> list[str]:
    """What pyx12 4.0.0 says with its maps of 005010X221A1. On some interchanges it raises instead."""
    try:
        return pyx12_oracle.complaints(text)
    except X12Error as error:
        return [str(error)]


def test_the_valid_remittance_has_no_finding() -> None:
    assert checked(VALID) == ()
    assert _complaints(VALID) == []


@pytest.mark.parametrize("mutant", _MUTANTS, ids=str)
def test_a_broken_rule_is_found_and_named(mutant: Mutant) -> None:
    findings = checked(mutant.text)
    assert {finding.code for finding in findings} == set(mutant.codes)
    finding = next(finding for finding in findings if finding.code == mutant.codes[0])
    assert (finding.location, finding.segment_number) == (mutant.place, mutant.number)
    if mutant.difference is not None:
        assert finding.difference == Decimal(mutant.difference)
        assert f"{mutant.difference}." in finding.message


def test_every_rule_is_broken_by_a_mutant() -> None:
    assert {rule.code for rule in RULES} <= {mutant.codes[0] for mutant in _MUTANTS}


def test_every_fault_that_a_reader_of_an_835_reports_has_a_mutant() -> None:
    faults = {value.code for module in _READING for value in vars(module).values() if isinstance(value, Fault)}
    of_kinds = {value.code for value in vars(documents).values() if isinstance(value, Fault)} - _OTHER_KINDS
    assert faults | of_kinds <= {mutant.codes[0] for mutant in _MUTANTS}


def test_a_rule_says_where_it_comes_from_under_a_code_of_its_own() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(rule.source and rule.message.endswith(".") for rule in RULES)


@pytest.mark.parametrize("mutant", [one for one in _MUTANTS if not one.is_structural], ids=str)
def test_a_validator_of_the_structure_alone_accepts_it(mutant: Mutant) -> None:
    assert _complaints(mutant.text) == []


@pytest.mark.parametrize("mutant", [one for one in _MUTANTS if one.is_structural], ids=str)
def test_what_is_marked_as_structural_is_seen_by_it_too(mutant: Mutant) -> None:
    assert _complaints(mutant.text) != []


def test_the_arithmetic_is_seen_by_nobody_who_looks_at_the_structure() -> None:
    assert not any(mutant.is_structural for mutant in ARITHMETIC)
