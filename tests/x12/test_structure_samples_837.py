"""What the structural check finds in published claims of other people, each finding with its reason."""

import os
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from app.domain.findings import Severity
from tests.x12.structure_texts import structure_of

_DIRECTORY: Final = os.environ.get("REFERENCE_DIR")
pytestmark = pytest.mark.skipif(not _DIRECTORY, reason="REFERENCE_DIR names no directory with samples")

_ICD_9: Final = ("code_outdated", "2300 HI01")
"""The examples are of 2005: BK and BF. Rightly so then; a claim of today is told."""

EXPECTED: Final = {
    "cob-1-primary-with-other-payer-known.edi": {_ICD_9: 1},
    "cob-2-secondary-claim-and-line-cas.edi": {_ICD_9: 1, ("postal_code", "2010AB N403"): 1},  # FL*3111
    "cob-3-payer-to-payer.837": {_ICD_9: 1},
    "encounter.edi": {_ICD_9: 1},  # BHT06 RP is as good as CH
    "primary-dependent.edi": {_ICD_9: 1},
    "primary-subscriber-chiro.edi": {_ICD_9: 1},
    "complex-many-loops.txt": {
        # HI*BK*8901*BF*87200*BF:5559: element separators where component separators should stand, in six claims
        _ICD_9: 6,
        ("element_missing", "2300 HI01"): 6,
        ("code_not_in_list", "2300 HI02"): 6,
        ("element_missing", "2300 HI02"): 6,
        ("element_missing", "2300 HI03"): 6,
        ("code_not_in_list", "2300 HI04"): 6,
        ("element_missing", "2300 HI04"): 6,
        # NM1*82*1*...*J***X*1223939: one element too few before XX, and MI for a provider
        ("code_not_in_list", "2310B NM108"): 4,
        ("code_not_in_list", "2420D NM108"): 2,
        # N4*...*11*ZIP1: 11 is no state, ZIP1 no ZIP code
        ("code_not_in_list", "2310C N402"): 6,
        ("postal_code", "2310C N403"): 6,
        ("code_not_in_list", "2310E N402"): 2,
        ("postal_code", "2310E N403"): 2,
        ("code_not_in_list", "2310F N402"): 2,
        ("postal_code", "2310F N403"): 2,
        ("code_not_in_list", "2420C N402"): 2,
        ("postal_code", "2420C N403"): 2,
        ("code_not_in_list", "2420G N402"): 2,
        ("postal_code", "2420G N403"): 2,
        ("code_not_in_list", "2420H N402"): 2,
        ("postal_code", "2420H N403"): 2,
        # OI***Y*A**Y: OI04 is P or empty
        ("code_not_in_list", "2320 OI04"): 8,
        # NM1*DN*1 without the REF that alone says who it is
        ("segment_missing", "2330C NM1"): 8,
        # FRM*12N: a question without an answer (R02030405)
        ("element_condition", "2440 FRM02"): 8,
        # HL*2*1*22*1 with a claim of its own and no dependent, then HL*2*3 and HL*3*2 once more
        ("hierarchy_child_missing", "2000B HL04"): 2,
        ("hierarchy_number", "2000B HL01"): 2,
        ("hierarchy_parent", "2000B HL02"): 2,
        # LX goes on through the transaction set: 3 in the second claim, 4 in the third
        ("line_number", "2400 LX01"): 4,
        # The trailers count other segments and transaction sets
        ("transaction_count", "SE01"): 2,
        ("group_count", "GE01"): 1,
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_findings_in_a_published_claim_are_these(name: str) -> None:
    found = structure_of(Path(_DIRECTORY or "", "samples", "837p", name).read_bytes())
    assert Counter((finding.code, finding.location) for finding in found) == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name in EXPECTED if not name.startswith("complex")])
def test_the_published_examples_of_the_guide_have_no_error(name: str) -> None:
    found = structure_of(Path(_DIRECTORY or "", "samples", "837p", name).read_bytes())
    assert [finding.code for finding in found if finding.severity is Severity.ERROR] == []


def test_another_guide_of_the_same_transaction_set_is_seen_to_be_another() -> None:
    """005010X298, whose readers are told by its name: it has SBR01 N, and neither OI nor CLM06."""
    found = structure_of(Path(_DIRECTORY or "", "samples", "837p", "pacdr-post-adjudicated.edi").read_bytes())
    assert {
        ("code_not_in_list", "2000B SBR01"),
        ("segment_missing", "2320 SBR"),
        ("element_missing", "2300 CLM06"),
    } <= {(finding.code, finding.location) for finding in found}
