"""Any claim and any decision: a claim goes out as a validator, the sandbox and the law of balance take it, or it is refused
with findings that name the place. There is no third way.
"""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import Phase, event, given, seed, settings

from app.domain.claim_parts import ClaimParts
from app.domain.codes import PayerResponsibility
from tests.domain.assembling import SECONDARY_PARTS
from tests.properties.claim_parts import MARK
from tests.properties.slips import any_parts
from tests.properties.verdicts import goes_out, reviewed, said_of, unmet
from tests.worker.scale import times


@settings(max_examples=times(500, 10_000))
@given(any_parts())
def test_a_claim_goes_out_as_others_take_it_or_is_refused_with_its_places(parts: ClaimParts) -> None:
    review = reviewed(parts)
    event(f"{parts.claim.rank} {'goes out' if goes_out(review) else 'is refused'}")
    assert unmet(parts, review) == []


def test_a_quarter_of_these_claims_goes_out_and_a_third_of_those_after_another_payer() -> None:
    """What the test above would otherwise say of nothing."""
    kinds: Counter[str] = Counter()

    @seed(20_260_910)
    @settings(max_examples=300, database=None, derandomize=False, phases=[Phase.generate])
    @given(any_parts())
    def count(parts: ClaimParts) -> None:
        kinds["all"] += 1
        if goes_out(reviewed(parts)):
            kinds["out"] += 1
            kinds["out later"] += parts.claim.rank is not PayerResponsibility.PRIMARY

    count()
    assert kinds["out"] >= kinds["all"] / 4
    assert kinds["out later"] >= kinds["out"] / 3


@settings(max_examples=times(200, 3_000))
@given(any_parts())
def test_nothing_that_a_review_says_is_personal(parts: ClaimParts) -> None:
    review = reviewed(parts)
    assert review.x12 is None or MARK in review.x12
    assert MARK not in said_of(review)


@pytest.mark.parametrize(
    ("sent", "altered"),
    [
        ("AMT*D*80", "AMT*D*81"),
        ("SVD*INV01*80", "SVD*INV01*79"),
        ("CAS*CO*45*45", "CAS*CO*45*0"),
        ("SV1*HC:90837*150", "SV1*HC:90837*151"),
        ("SBR*P", "SBR*T"),
        ("OI***Y", "OI***"),
        ("DTP*573*D8*20260901", "DTP*573*D8*20260230"),
    ],
)
def test_a_text_that_is_off_is_not_taken(sent: str, altered: str) -> None:
    review = reviewed(SECONDARY_PARTS)
    assert review.x12 is not None
    assert sent in review.x12
    assert unmet(SECONDARY_PARTS, review) == []
    assert unmet(SECONDARY_PARTS, replace(review, x12=review.x12.replace(sent, altered))) != []
