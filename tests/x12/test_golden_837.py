"""Claims to the segment: the short form of one line and of several, and X12's published examples 3A and 3B."""

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.codes import PayerResponsibility
from tests.x12.balance_837 import imbalances
from tests.x12.claims import (
    ADA,
    DECISION_DATE,
    a_claim,
    a_decision,
    a_line,
    a_policy,
    a_secondary,
    an_other_payer,
    body,
    co,
    decided,
    named,
    pr,
    written,
)
from tests.x12.published_examples import EXAMPLE_3A, EXAMPLE_3B, PublishedExample, without_own_numbers
from tests.x12.pyx12_oracle import complaints

_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = Path(_REFERENCE or ".") / "samples" / "837p"
_ENVELOPE_AND_HIERARCHY = (
    "ISA*00*          *00*          *ZZ*QUIETROOMS     *ZZ*CLEARING       *260301*1200*^*00501*000000042*0*T*:~"
    "GS*HC*QUIETROOMS*CLEARING*20260301*1200*42*X*005010X222A1~"
    "ST*837*0001*005010X222A1~"
    "BHT*0019*00*REF-1*20260301*1200*CH~"
    "NM1*41*2*QUIET ROOMS THERAPY*****46*QUIETROOMS~"
    "PER*IC*BILLING DESK*TE*3035550100~"
    "NM1*40*2*INVENTED CLEARINGHOUSE*****46*CLEARING~"
    "HL*1**20*1~"
    "PRV*BI*PXC*101YM0800X~"
    "NM1*85*2*QUIET ROOMS THERAPY*****XX*1000000012~"
    "N3*12 INVENTED WAY~"
    "N4*SAMPLETON*CO*802110001~"
    "REF*EI*123456789~"
    "HL*2*1*22*0~"
)


def test_a_primary_claim_to_the_letter() -> None:
    assert written(a_claim()) == _ENVELOPE_AND_HIERARCHY + (
        "SBR*P*18*******CI~"
        "NM1*IL*1*FERNWOOD*ADA****MI*QRX100200300~"
        "N3*7 MADE UP LANE*APT 2~"
        "N4*SAMPLETON*CO*80211~"
        "DMG*D8*19840229*F~"
        "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01~"
        "CLM*A1B2C3D4E5F6G7H8J*150***10:B:1*Y*A*Y*Y~"
        "HI*ABK:F411~"
        "NM1*82*1*MADEUP*THEA****XX*1000000020~"
        "PRV*PE*PXC*103TC0700X~"
        "LX*1~"
        "SV1*HC:90837*150*UN*1***1~"
        "DTP*472*D8*20260820~"
        "REF*6R*LINE1~"
        "SE*27*0001~GE*1*42~IEA*1*000000042~"
    )


def test_the_short_form_of_one_line_becomes_a_line_decision() -> None:
    """150.00 = 80.00 paid + 45.00 + 25.00 copay: nothing at claim level but AMT*D."""
    claim = a_secondary(other_payers=decided(a_decision(), payer_claim_number="PCN77"))
    text = written(claim)
    segments = body(text)
    assert segments[segments.index("SBR*P*18*******BL") :] == [
        "SBR*P*18*******BL",
        "AMT*D*80",
        "OI***Y***Y",
        "NM1*IL*1*FERNWOOD*ADA****MI*PRM900800700",
        "N3*7 MADE UP LANE*APT 2",
        "N4*SAMPLETON*CO*80211",
        "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID",
        "REF*F8*PCN77",
        "LX*1",
        "SV1*HC:90837*150*UN*1***1",
        "DTP*472*D8*20260820",
        "REF*6R*LINE1",
        "SVD*PAYERID*80*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        "DTP*573*D8*20260910",
        "AMT*EAF*25",
    ]
    assert complaints(text) == []
    assert imbalances(text) == []


def test_the_short_form_of_several_lines_stays_at_claim_level() -> None:
    """300.00 = 160.00 paid + 90.00 + 50.00 coinsurance, for a payer that takes it so."""
    decision = a_decision(
        paid=Decimal("160.00"),
        adjustments=(co("90.00"), pr("50.00", "2")),
        remaining_liability=Decimal("50.00"),
        adjudication_date=DECISION_DATE,
        lines=(),
    )
    text = written(a_secondary(lines=(a_line(1), a_line(2)), other_payers=decided(decision)))
    segments = body(text)
    assert segments[segments.index("SBR*P*18*******BL") :] == [
        "SBR*P*18*******BL",
        "CAS*CO*45*90",
        "CAS*PR*2*50",
        "AMT*D*160",
        "AMT*EAF*50",
        "OI***Y***Y",
        "NM1*IL*1*FERNWOOD*ADA****MI*PRM900800700",
        "N3*7 MADE UP LANE*APT 2",
        "N4*SAMPLETON*CO*80211",
        "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID",
        "DTP*573*D8*20260910",
        "LX*1",
        "SV1*HC:90837*150*UN*1***1",
        "DTP*472*D8*20260820",
        "REF*6R*LINE1",
        "LX*2",
        "SV1*HC:90837*150*UN*1***1",
        "DTP*472*D8*20260820",
        "REF*6R*LINE2",
    ]
    assert complaints(text) == []
    assert imbalances(text) == []


def test_a_payer_after_the_one_that_is_asked_is_named_and_no_more() -> None:
    policy = a_policy(responsibility=PayerResponsibility.SECONDARY, insured=named(ADA, at_home=True))
    later = an_other_payer(policy=policy, decision=None)
    segments = body(written(a_claim(other_payers=(later,))))
    assert segments[segments.index("SBR*S*18*******CI") : segments.index("LX*1")] == [
        "SBR*S*18*******CI",
        "OI***Y***Y",
        "NM1*IL*1*FERNWOOD*ADA****MI*QRX100200300",
        "N3*7 MADE UP LANE*APT 2",
        "N4*SAMPLETON*CO*80211",
        "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID",
    ]


_EXAMPLES = pytest.mark.parametrize("example", [EXAMPLE_3A, EXAMPLE_3B], ids=["3A", "3B"])


@pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no published examples")
@_EXAMPLES
def test_a_published_example_comes_out_the_same_but_for_listed_differences(example: PublishedExample) -> None:
    published = (_SAMPLES / example.file_name).read_text()
    assert body(_example_text(example)) == example.expected(published)


@_EXAMPLES
def test_our_published_examples_are_accepted_and_balance(example: PublishedExample) -> None:
    text = _example_text(example)
    assert complaints(text) == []
    assert imbalances(text) == []


@_EXAMPLES
def test_every_difference_to_a_published_example_says_why(example: PublishedExample) -> None:
    assert all(difference.reason.endswith(".") for difference in example.differences)
    assert len({difference.at for difference in example.differences}) == len(example.differences)


def test_own_numbers_and_dates_are_all_that_is_blanked() -> None:
    ours = body(_example_text(EXAMPLE_3A))
    other = replace(
        EXAMPLE_3A,
        claim=replace(
            EXAMPLE_3A.claim,
            patient_control_number="OTHER",
            lines=tuple(replace(line, control_number=f"N{line.control_number}") for line in EXAMPLE_3A.claim.lines),
        ),
        reference="OTHER",
    )
    theirs = body(_example_text(other))
    assert len([segment for segment in ours if segment not in theirs]) == 5
    assert without_own_numbers(ours) == without_own_numbers(theirs)


def _example_text(example: PublishedExample) -> str:
    return written(
        example.claim,
        interchange=example.interchange,
        reference=example.reference,
        submitter=example.submitter,
        receiver_name=example.receiver_name,
    )
