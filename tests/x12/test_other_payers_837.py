"""Other payers and their decisions as text: 2320 with CAS, AMT, OI and MOA, 2330, and 2430 under each line."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.codes import BenefitsAssigned, PayerResponsibility, Relationship, ReleaseOfInformation
from app.domain.professional_claims import Insured, OtherPayer, PriorLine, ProfessionalClaim
from tests.x12.balance_837 import imbalances
from tests.x12.claims import (
    CAL,
    DECISION_DATE,
    OFFICE,
    PRIMARY_PAYER_ID,
    a_claim,
    a_decision,
    a_line,
    a_policy,
    a_prior_line,
    a_secondary,
    a_tertiary,
    an_other_payer,
    body,
    co,
    decided,
    named,
    oa,
    pr,
    written,
)
from tests.x12.pyx12_oracle import complaints


def _accepted(claim: ProfessionalClaim) -> list[str]:
    """The body of a claim that the validator accepts and whose equations hold."""
    text = written(claim)
    assert complaints(text) == []
    assert imbalances(text) == []
    return body(text)


def _on_lines(*lines: PriorLine, paid: str, **changes: Any) -> tuple[OtherPayer, ...]:
    return decided(a_decision(paid=Decimal(paid), lines=lines, **changes))


def _after(segments: list[str], start: str) -> list[str]:
    return segments[segments.index(start) + 1 :]


def _cas(*adjustments: Adjustment) -> list[str]:
    """The CAS of a decision at claim level."""
    decision = a_decision(
        paid=Decimal(150) - sum(one.amount for one in adjustments),
        adjustments=adjustments,
        remaining_liability=Decimal(0),
        adjudication_date=DECISION_DATE,
        lines=(),
    )
    return [segment for segment in _accepted(a_secondary(other_payers=decided(decision))) if segment.startswith("CAS")]


def test_a_denial_is_paid_zero_with_the_full_charge_adjusted() -> None:
    line = a_prior_line(paid=Decimal("0.00"), adjustments=(pr("150.00", "96"),), remaining_liability=Decimal("150.00"))
    segments = _accepted(a_secondary(other_payers=_on_lines(line, paid="0.00")))
    assert "AMT*D*0" in segments
    assert _after(segments, "REF*6R*LINE1") == [
        f"SVD*{PRIMARY_PAYER_ID}*0*HC:90837**1",
        "CAS*PR*96*150",
        "DTP*573*D8*20260910",
        "AMT*EAF*150",
    ]


def test_a_line_paid_in_full_has_no_cas_and_still_says_that_nothing_is_left() -> None:
    line = a_prior_line(paid=Decimal("150.00"), adjustments=(), remaining_liability=Decimal("0.00"))
    segments = _accepted(a_secondary(other_payers=_on_lines(line, paid="150.00")))
    assert _after(segments, "REF*6R*LINE1") == [
        f"SVD*{PRIMARY_PAYER_ID}*150*HC:90837**1",
        "DTP*573*D8*20260910",
        "AMT*EAF*0",
    ]


def test_a_bundled_line_names_the_line_it_went_into() -> None:
    into = a_prior_line()
    bundled = a_prior_line(
        line_number=2,
        paid=Decimal("0.00"),
        bundled_into=1,
        adjustments=(co("150.00", "97"),),
        remaining_liability=Decimal("0.00"),
    )
    claim = a_secondary(lines=(a_line(1), a_line(2)), other_payers=_on_lines(into, bundled, paid="80.00"))
    segments = _accepted(claim)
    assert _after(segments, "REF*6R*LINE2") == [
        f"SVD*{PRIMARY_PAYER_ID}*0*HC:90837**1*1",
        "CAS*CO*97*150",
        "DTP*573*D8*20260910",
        "AMT*EAF*0",
    ]


def test_an_unbundled_line_has_one_decision_for_each_part() -> None:
    first = a_prior_line(procedure_code="90834", paid=Decimal("60.00"), adjustments=(co("40.00"),), modifiers=("59",))
    second = a_prior_line(procedure_code="90785", paid=Decimal("20.00"), adjustments=(pr("30.00", "2"),))
    segments = _accepted(a_secondary(other_payers=_on_lines(first, second, paid="80.00")))
    assert [segment for segment in segments if segment.startswith("SVD")] == [
        f"SVD*{PRIMARY_PAYER_ID}*60*HC:90834:59**1",
        f"SVD*{PRIMARY_PAYER_ID}*20*HC:90785**1",
    ]


def test_a_payer_may_have_adjudicated_a_code_of_another_system() -> None:
    line = a_prior_line(procedure_qualifier="WK", procedure_code="ABC1234")
    assert f"SVD*{PRIMARY_PAYER_ID}*80*WK:ABC1234**1" in _accepted(a_secondary(other_payers=_on_lines(line, paid="80")))


def test_what_stands_at_the_claim_reduces_what_the_lines_were_paid() -> None:
    line = a_prior_line(remaining_liability=None, adjustments=(co("70.00"),))
    decision = a_decision(
        paid=Decimal("55.00"),
        adjustments=(pr("25.00", "1"),),
        remaining_liability=Decimal("25.00"),
        lines=(line,),
    )
    segments = _accepted(a_secondary(other_payers=decided(decision)))
    assert segments[segments.index("CAS*PR*1*25") : segments.index("OI***Y***Y")] == [
        "CAS*PR*1*25",
        "AMT*D*55",
        "AMT*EAF*25",
    ]
    assert len([segment for segment in segments if segment.startswith("AMT*EAF")]) == 1


def test_a_third_payer_is_told_what_both_before_it_decided() -> None:
    segments = _accepted(a_tertiary())
    assert [segment for segment in segments if segment.startswith("SBR")] == [
        "SBR*T*18*******CI",
        "SBR*P*18*******BL",
        "SBR*S*18*******CI",
    ]
    assert _after(segments, "REF*6R*LINE1") == [
        f"SVD*{PRIMARY_PAYER_ID}*80*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        "DTP*573*D8*20260910",
        "AMT*EAF*25",
        "SVD*SECOND*15*HC:90837**1",
        "CAS*OA*23*125",
        "CAS*PR*3*10",
        "DTP*573*D8*20260910",
        "AMT*EAF*10",
    ]


def test_the_earlier_payers_own_numbers_stand_with_that_payer() -> None:
    claim = a_secondary(
        other_payers=decided(
            a_decision(), prior_authorization="AUTH1", referral_number="REFER1", payer_claim_number="ICN1"
        )
    )
    segments = _accepted(claim)
    start = segments.index("NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID")
    assert segments[start + 1 : start + 5] == ["REF*G1*AUTH1", "REF*9F*REFER1", "REF*F8*ICN1", "LX*1"]


@pytest.mark.parametrize("relationship", [one for one in Relationship if one is not Relationship.SELF])
def test_an_other_policy_states_the_patients_relationship_to_its_insured(relationship: Relationship) -> None:
    policy = a_policy(insured=named(CAL), relationship=relationship)
    segments = _accepted(a_secondary(other_payers=(an_other_payer(policy=policy),)))
    assert f"SBR*P*{relationship.code}*******CI" in segments
    start = segments.index("NM1*IL*1*FERNWOOD*CAL****MI*QRX100200300")
    assert segments[start + 1].startswith("NM1*PR")


@pytest.mark.parametrize(
    ("assigned", "release", "generated", "oi"),
    [
        (BenefitsAssigned.YES, ReleaseOfInformation.SIGNED, False, "OI***Y***Y"),
        (BenefitsAssigned.NO, ReleaseOfInformation.SIGNED, True, "OI***N*P**Y"),
        (BenefitsAssigned.NOT_APPLICABLE, ReleaseOfInformation.INFORMED_CONSENT, False, "OI***W***I"),
    ],
)
def test_assignment_is_each_payers_and_consent_is_one(
    assigned: BenefitsAssigned,
    release: ReleaseOfInformation,
    generated: bool,
    oi: str,
) -> None:
    payer = an_other_payer(policy=a_policy(benefits_assigned=assigned))
    claim = a_secondary(other_payers=(payer,), release_of_information=release, signature_generated=generated)
    segments = _accepted(claim)
    assert oi in segments
    (clm,) = [segment.split("*") for segment in segments if segment.startswith("CLM")]
    assert clm[8:] == ["Y", release.code, *(["P"] if generated else [])]


def test_remark_codes_of_the_claim_stand_in_moa() -> None:
    decision = a_decision(remark_codes=("MA18", "N89", "MA07", "N1", "M15"))
    segments = _accepted(a_secondary(other_payers=decided(decision)))
    assert segments[segments.index("OI***Y***Y") + 1] == "MOA***MA18*N89*MA07*N1*M15"


def test_the_day_of_a_decision_stands_on_its_lines() -> None:
    segments = _accepted(a_secondary())
    assert [segment for segment in segments if segment.startswith("DTP*573")] == ["DTP*573*D8*20260910"]
    assert segments.index("DTP*573*D8*20260910") > segments.index("LX*1")


def test_one_cas_for_each_group_in_the_order_of_their_mention() -> None:
    assert _cas(pr("5.00", "1"), co("40.00"), pr("10.00", "2"), oa("7.50", "23")) == [
        "CAS*PR*1*5**2*10",
        "CAS*CO*45*40",
        "CAS*OA*23*7.5",
    ]


def test_the_same_group_and_reason_is_added_up() -> None:
    first = replace(co("10.00"), quantity=Decimal(1))
    second = replace(co("5.00", " 45 "), quantity=Decimal(1))
    assert _cas(first, pr("5.00"), second) == ["CAS*CO*45*15*2", "CAS*PR*3*5"]


def test_a_quantity_of_nothing_is_a_quantity() -> None:
    assert _cas(replace(co("10.00"), quantity=Decimal(0)), pr("5.00")) == ["CAS*CO*45*10*0", "CAS*PR*3*5"]


def test_what_is_or_adds_up_to_zero_is_not_written() -> None:
    assert _cas(co("0.00"), pr("5.00", "1"), pr("-5.00", "1"), oa("3.00")) == ["CAS*OA*23*3"]


def test_an_unsplit_responsibility_of_nothing_is_nothing() -> None:
    unsplit = Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code=None, amount=Decimal("0.00"))
    assert _cas(unsplit, co("10.00")) == ["CAS*CO*45*10"]


def test_an_amount_below_zero_is_written() -> None:
    assert _cas(oa("-9.00", "94"), co("20.00")) == ["CAS*OA*94*-9", "CAS*CO*45*20"]


def test_a_seventh_reason_of_a_group_begins_another_cas() -> None:
    adjustments = [co(f"{number}.00", str(number)) for number in range(1, 8)]
    assert _cas(*adjustments) == ["CAS*CO*1*1**2*2**3*3**4*4**5*5**6*6", "CAS*CO*7*7"]


def test_thirty_reasons_fit_into_a_level() -> None:
    assert len(_cas(*(co("1.00", str(number)) for number in range(1, 31)))) == 5


def test_a_claim_can_name_ten_other_payers() -> None:
    others = tuple(
        an_other_payer(
            policy=a_policy(responsibility=PayerResponsibility.from_number(number)),
            payer_id=f"P{number}",
            decision=None,
        )
        for number in range(2, 12)
    )
    segments = _accepted(a_claim(other_payers=others))
    assert len([segment for segment in segments if segment.startswith("OI")]) == 10


def test_ten_payers_that_decided_stand_under_each_line_in_their_order() -> None:
    """Each accounts for the whole charge: what those before it paid is its OA-23."""
    others, left = [], Decimal("150.00")
    for number in range(1, 11):
        taken = () if left == Decimal("150.00") else (oa(str(Decimal("150.00") - left)),)
        left -= 10
        line = a_prior_line(paid=Decimal("10.00"), adjustments=(*taken, pr(str(left))), remaining_liability=left)
        others.append(
            an_other_payer(
                policy=a_policy(responsibility=PayerResponsibility.from_number(number)),
                payer_id=f"P{number}",
                decision=a_decision(paid=Decimal("10.00"), lines=(line,)),
            )
        )
    policy = a_policy(responsibility=PayerResponsibility.ELEVENTH)
    segments = _accepted(a_secondary(policy=policy, other_payers=tuple(others)))
    assert [segment.split("*")[1] for segment in segments if segment.startswith("SBR")] == list("HPSTABCDEFG")
    assert [segment.split("*")[1] for segment in segments if segment.startswith("SVD")] == [
        f"P{number}" for number in range(1, 11)
    ]


def test_an_organization_may_hold_the_other_policy() -> None:
    insured = Insured(name="Invented Bakery", address=OFFICE)
    policy = a_policy(insured=insured, relationship=Relationship.EMPLOYEE, claim_filing_code="WC")
    segments = _accepted(a_secondary(other_payers=(an_other_payer(policy=policy),)))
    start = segments.index("NM1*IL*2*INVENTED BAKERY*****MI*QRX100200300")
    assert segments[start + 1 : start + 3] == ["N3*12 INVENTED WAY", "N4*SAMPLETON*CO*802110001"]
