"""The sandbox's own reader of 837Ps: strict about the guide, with a place for whatever is wrong."""

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.claim_837 import read_claims
from app.sandbox.claims import Claim
from app.sandbox.edits import edit
from app.sandbox.interchange import Interchange, Problem, read_interchange
from tests.sandbox.claims_837 import THERAPIST, Billed, Decided, Other, Served, interchange, secondary
from tests.x12.pyx12_oracle import complaints

DEPENDENT = secondary(
    dependent=True,
    relationship="",
    lines=(Served(charge="100", decided=(Decided(paid="30"),)), Served(charge="50", decided=(Decided(cas=()),))),
)
LATER_PAYER = Billed(others=(Other(rank="S", payer_id="XOVR2", paid=""),), lines=(Served(), Served()))


def wrapped(inside: list[str]) -> str:
    return interchange(["ST*837*0001*005010X222A1", *inside, f"SE*{len(inside) + 2}*0001"])


def read(text: str) -> tuple[Claim, ...] | tuple[Problem, ...]:
    envelope = read_interchange(text)
    assert isinstance(envelope, Interchange), envelope
    return read_claims(envelope)


def claim_of(billed: Billed) -> Claim:
    (claim,) = read(billed.text())
    assert isinstance(claim, Claim), claim
    return claim


def problems_of(text: str) -> list[Problem]:
    return [one for one in read(text) if isinstance(one, Problem)]


def changed(billed: Billed, old: str, new: str) -> str:
    """The text with one segment, or the beginning of one, changed; `~` in `new` makes more segments of it."""
    inside = "~".join(billed.segments()[1:-1])
    assert inside.count(old) == 1
    return wrapped(inside.replace(old, new).split("~"))


@pytest.mark.parametrize(
    "billed",
    [Billed(), DEPENDENT, LATER_PAYER, secondary(), Billed(more=(Billed(control_number="CLAIM0002"),))],
    ids=["primary", "dependent", "later payer", "secondary", "two claims"],
)
def test_the_texts_of_these_tests_are_837ps_to_an_independent_validator(billed: Billed) -> None:
    assert complaints(billed.text()) == []


def test_a_primary_claim_is_read_whole() -> None:
    claim = claim_of(Billed(patient_paid="25.00", frequency="7", payer_claim_number="PAYERSNUMBER9"))
    assert (claim.reference, claim.submitter_id, claim.billing.id, claim.billing_tax_id) == (
        "BATCH0001",
        "CROSSOVERTEST",
        "1999999984",
        "123456789",
    )
    assert (claim.payer_id, claim.rank, claim.filing_code, claim.group_number) == ("XOVR1", "P", "12", "GROUP15")
    assert (claim.member_id, claim.subscriber, claim.subscriber_is_patient) == ("MLK100001", claim.patient, True)
    assert (claim.control_number, claim.charge, claim.place_of_service, claim.frequency) == (
        "CLAIM0001",
        Decimal(150),
        "11",
        "7",
    )
    assert (claim.payer_claim_number, claim.patient_paid, claim.diagnoses) == (
        "PAYERSNUMBER9",
        Decimal(25),
        ("F411", "F329"),
    )
    assert [(party.entity, party.id) for party in claim.providers] == [("82", THERAPIST)]


def test_a_line_is_read_with_its_pointers_and_days() -> None:
    served = Served(procedure="HC:90837:95:GT", units="1.5", pointers="2:1", days="20260302-20260304")
    (line,) = claim_of(Billed(lines=(served,))).lines
    assert (line.number, line.procedure, line.charge, line.units, line.pointers, line.control_number) == (
        1,
        "HC:90837:95:GT",
        Decimal(150),
        Decimal("1.5"),
        (2, 1),
        "LINE1",
    )
    assert (line.first_day, line.last_day) == (date(2026, 3, 2), date(2026, 3, 4))


def test_what_another_payer_decided_is_read_at_both_levels() -> None:
    other = Other(cas=("PR*1*21.89**2*15",), paid="39.15", liability="36.89", claim_number="PAYERSNUMBER1")
    bundled = Decided(paid="0", bundled_into="1", cas=("CO*97*50",), liability="")
    claim = claim_of(
        secondary(others=(other,), lines=(Served(decided=(Decided(),)), Served(charge="50", decided=(bundled,))))
    )
    (payer,) = claim.others
    assert (payer.rank, payer.payer_id, payer.member_id, payer.claim_number) == (
        "P",
        "XOVR1",
        "MLK100001",
        "PAYERSNUMBER1",
    )
    assert (payer.paid, payer.liability, payer.decided_on) == (Decimal("39.15"), Decimal("36.89"), None)
    assert [(one.group, one.reason, one.amount) for one in payer.reductions] == [
        ("PR", "1", Decimal("21.89")),
        ("PR", "2", Decimal(15)),
    ]
    first, second = (line.prior[0] for line in claim.lines)
    assert (first.payer_id, first.paid, first.procedure, first.units, first.decided_on, first.liability) == (
        "XOVR1",
        Decimal(80),
        "HC:90837",
        Decimal(1),
        date(2026, 3, 10),
        Decimal(25),
    )
    assert (second.bundled_into, second.liability) == ("1", None)


def test_a_patient_who_is_not_the_subscriber_is_read_from_the_patients_level() -> None:
    claim = claim_of(DEPENDENT)
    assert (claim.has_patient_loop, claim.subscriber_is_patient) == (True, False)
    assert (claim.patient.entity, claim.patient.first, claim.subscriber.first) == ("QC", "MINA", "TESTINA")


def test_several_claims_of_one_transaction_are_read_in_their_order() -> None:
    text = Billed(more=(Billed(control_number="CLAIM0002"), Billed(control_number="CLAIM0003"))).text()
    assert [one.control_number for one in read(text) if isinstance(one, Claim)] == [
        "CLAIM0001",
        "CLAIM0002",
        "CLAIM0003",
    ]


def test_other_separators_make_no_difference() -> None:
    text = secondary().text()
    other = text.replace("*", "|").replace("~", "!").replace("^", "=").replace(":", ">")
    assert read(other) == read(text)


@pytest.mark.parametrize("amount", ["150.00", "150.0", "0150", "150"])
def test_any_way_of_writing_an_amount_with_cents_is_read(amount: str) -> None:
    assert claim_of(Billed(charge=amount)).charge == 150


def test_a_reduction_may_say_how_many_units_it_is_about() -> None:
    decided = Decided(paid="80", cas=("CO*45*60*2*16*10*-.5",))
    (line,) = claim_of(secondary(lines=(Served(decided=(decided,)),))).lines
    assert [one.quantity for one in line.prior[0].reductions] == [Decimal(2), Decimal("-0.5")]


@pytest.mark.parametrize("amount", [".5", "0.50"])
def test_an_amount_below_one_may_have_a_zero_or_none(amount: str) -> None:
    assert claim_of(Billed(charge=amount)).charge == Decimal("0.5")


@pytest.mark.parametrize("amount", ["150.005", "1,500", "+150", "1E2", "150.", "123456789", "$150", "1 50"])
def test_what_is_no_amount_of_money_is_refused_with_its_place(amount: str) -> None:
    (problem,) = problems_of(Billed(charge=amount).text())
    assert (problem.location, problem.loop, problem.reason_code) == ("CLM02", "2300", "6")


@pytest.mark.parametrize(
    ("old", "new", "location", "reason_code"),
    [
        ("CLM*CLAIM0001*", "CLM**", "CLM01", "1"),
        ("CLM*CLAIM0001*", f"CLM*{'C' * 39}*", "CLM01", "5"),
        ("11:B:1", "11:A:1", "CLM05", "7"),
        ("11:B:1*Y*A*Y*Y", "11:B:1*Y*A*Y*M", "CLM09", "7"),
        ("11:B:1*Y*A*Y*Y", "11:B:1**A*Y*Y", "CLM06", "1"),
        ("SBR*P*18*", "SBR*X*18*", "SBR01", "7"),
        ("SBR*P*18*", "SBR*P*01*", "SBR02", "7"),
        ("****12~NM1*IL", "****99~NM1*IL", "SBR09", "7"),
        ("NM1*IL*1*FICTIONAL*TESTINA****MI*MLK100001", "NM1*IL*1*FICTIONAL*TESTINA****XX*MLK100001", "NM108", "7"),
        ("NM1*IL*1*FICTIONAL*TESTINA****MI*MLK100001", "NM1*IL*1*FICTIONAL*TESTINA**DR**MI*MLK100001", "NM106", "I10"),
        ("NM1*85*2*SOMEWHERE COUNSELING*****XX*1999999984", "NM1*85*2*SOMEWHERE COUNSELING*****XX", "NM109", "1"),
        ("DMG*D8*19850412*F", "DMG*D8*19850431*F", "DMG02", "8"),
        ("DMG*D8*19850412*F", "DMG*D8*19850412*X", "DMG03", "7"),
        ("DTP*472*D8*20260302", "DTP*472*D8*20260229", "DTP03", "8"),
        ("DTP*472*D8*20260302", "DTP*472*D8*20260301-20260302", "DTP03", "8"),
        ("DTP*472*D8*20260302", "DTP*472*RD8*20260302", "DTP03", "8"),
        ("HI*ABK:F411", "HI*ABK:F41.1", "HI01", "7"),
        ("SV1*HC:90837*150*UN*1***1", "SV1*XX:90837*150*UN*1***1", "SV101", "7"),
        ("SV1*HC:90837*150*UN*1***1", "SV1*HC:90837:*150*UN*1***1", "SV101", "7"),
        ("SV1*HC:90837*150*UN*1***1", "SV1*HC:90837*150*UN*1", "SV107", "1"),
        ("SV1*HC:90837*150*UN*1***1", "SV1*HC:90837*150*UN*1***1:2:3:4:5", "SV107", "7"),
        ("SV1*HC:90837*150*UN*1***1", "SV1*HC:90837*150*UN*1***0", "SV107", "7"),
        ("SV1*HC:90837*150*UN*1***1", "SV1*HC:90837*150*DA*1***1", "SV103", "7"),
        ("N4*SPRINGFIELD*IL*627040001", "N4*SPRINGFIELD*IL", "N403", "1"),
        ("BHT*0019*00*BATCH0001*20260303*1200*CH", "BHT*0019*00*BATCH0001*20260303*2500*CH", "BHT05", "9"),
    ],
)
def test_a_bad_value_is_a_problem_with_segment_and_element(old: str, new: str, location: str, reason_code: str) -> None:
    problems = problems_of(changed(Billed(), old, new))
    assert [(problem.location, problem.reason_code) for problem in problems] == [(location, reason_code)]


@pytest.mark.parametrize(
    ("old", "new", "location"),
    [
        ("CAS*CO*45*45", "CAS*ZZ*45*45", "CAS01"),
        ("CAS*CO*45*45", "CAS*CO", "CAS02"),
        ("CAS*CO*45*45", f"CAS*CO{'*45*1*1' * 6}*45", "CAS20"),
        ("SVD*XOVR1*80*HC:90837**1", "SVD*XOVR1*80*HC:90837*X*1", "SVD04"),
        ("SVD*XOVR1*80*HC:90837**1", "SVD*XOVR1*80*HC:90837", "SVD05"),
        ("OI***Y***Y", "OI***Y", "OI06"),
        ("SBR*P*18*******12", "SBR*P********12", "SBR02"),
        ("AMT*D*80", "AMT*D*8O", "AMT02"),
    ],
)
def test_a_bad_value_of_another_payers_decision_is_a_problem_with_a_place(old: str, new: str, location: str) -> None:
    assert [problem.location for problem in problems_of(changed(secondary(), old, new))] == [location]


@pytest.mark.parametrize(
    ("billed", "old", "new", "location"),
    [
        (Billed(), "PER*IC*BILLING DESK*TE*2175550100~", "", "1000A"),
        (Billed(), "REF*EI*123456789~", "", "2010AA"),
        (Billed(), "HI*ABK:F411*ABF:F329~", "", "2300"),
        (Billed(), "REF*6R*LINE1", "REF*6R*LINE1~SV1*HC:90837*150*UN*1***1", "2400"),
        (Billed(), "DMG*D8*19850412*F~", "", "2010BA"),
        (Billed(), "LX*1", "LX*2", "2400"),
        (Billed(), "HL*2*1*22*0", "HL*3*1*22*0", "2000B"),
        (Billed(), "HL*2*1*22*0", "HL*2*2*22*0", "2000B"),
        (Billed(), "HL*2*1*22*0", "HL*2*1*22*1", "2000B"),
        (DEPENDENT, "HL*2*1*22*1", "HL*2*1*22*0", "2000B"),
        (DEPENDENT, "HL*3*2*23*0", "HL*3*1*23*0", "2000C"),
        (DEPENDENT, "PAT*19~", "", "2000C"),
        (secondary(), "OI***Y***Y~", "", "2320"),
        (secondary(), "NM1*IL*1*FICTIONAL*TESTINA****MI*MLK100001~", "", "2330A"),
        (secondary(), "AMT*D*80~OI***Y***Y", "OI***Y***Y~AMT*D*80", "2320"),
        (secondary(), "CAS*PR*3*25~DTP*573*D8*20260310", "DTP*573*D8*20260310~CAS*PR*3*25", "2430"),
        (Billed(), "REF*6R*LINE1", "REF*6R*LINE1~SBR*S*18*******12", "2400"),
        (Billed(), "REF*6R*LINE1", "REF*6R*LINE1~ZZZ*1", "2400"),
    ],
)
def test_a_missing_misplaced_or_surplus_segment_is_a_problem_of_form(
    billed: Billed, old: str, new: str, location: str
) -> None:
    problems = problems_of(changed(billed, old, new))
    assert location in [problem.location for problem in problems]
    assert any(problem.segment is None for problem in problems)


@pytest.mark.parametrize(
    ("within", "over", "location"),
    [
        (
            secondary(lines=(Served(decided=(Decided(cas=("CO*1*1",) * 5),)),)),
            secondary(lines=(Served(decided=(Decided(cas=("CO*1*1",) * 6),)),)),
            "2430",
        ),
        (secondary(others=(Other(cas=("CO*1*1",) * 5),)), secondary(others=(Other(cas=("CO*1*1",) * 6),)), "2320"),
        (Billed(lines=(Served(),) * 50), Billed(lines=(Served(),) * 51), "2400"),
        (Billed(others=(Other(),) * 10), Billed(others=(Other(),) * 11), "2320"),
        (
            Billed(lines=(Served(decided=(Decided(),) * 15),)),
            Billed(lines=(Served(decided=(Decided(),) * 16),)),
            "2430",
        ),
        (
            Billed(diagnoses=tuple(f"F{number:03d}" for number in range(12))),
            Billed(diagnoses=tuple(f"F{number:03d}" for number in range(13))),
            "HI13",
        ),
        (Billed(more=(Billed(),) * 99), Billed(more=(Billed(),) * 100), "2300"),
    ],
    ids=["CAS of a line", "CAS of a claim", "lines", "other payers", "decisions on a line", "diagnoses", "claims"],
)
def test_what_repeats_too_often_is_refused_and_the_last_that_fits_is_read(
    within: Billed, over: Billed, location: str
) -> None:
    assert all(isinstance(one, Claim) for one in read(within.text()))
    assert {problem.location for problem in problems_of(over.text())} == {location}


def test_a_separator_inside_a_value_is_refused() -> None:
    assert [problem.location for problem in problems_of(changed(Billed(), "BATCH0001", "BATCH:0001"))] == ["BHT03"]
    assert [problem.location for problem in problems_of(changed(Billed(), "BATCH0001", "BATCH^0001"))] == ["BHT03"]


def test_another_transaction_or_version_is_refused() -> None:
    for text in (
        Billed().text().replace("GS*HC*", "GS*HS*"),
        Billed().text().replace("X222A1", "X222A2"),
        Billed().text().replace("ST*837*0001*005010X222A1", "ST*837*0001*005010X223A2"),
    ):
        assert [problem.location for problem in problems_of(text)] == ["GS08"]


def test_problems_quote_nothing_of_the_text() -> None:
    text = changed(secondary(member_id="CANARY77"), "DMG*D8*19850412*F", "DMG*D8*19850412*CANARY~NM1*CANARY*1")
    said = " ".join(str(problem) for problem in problems_of(text))
    assert "NM101" in said
    assert "DMG03" in said
    assert "CANARY" not in said


@pytest.mark.parametrize("billed", [DEPENDENT, LATER_PAYER], ids=["dependent", "later payer"])
def test_whatever_segment_is_left_out_repeated_or_moved_we_refuse_what_the_validator_refuses(billed: Billed) -> None:
    inside = billed.segments()[1:-1]
    for place in range(len(inside)):
        left_out = inside[:place] + inside[place + 1 :]
        repeated = inside[: place + 1] + inside[place:]
        moved = inside[:place] + inside[place + 1 : place + 2] + [inside[place]] + inside[place + 2 :]
        for text in map(wrapped, (left_out, repeated, moved)):
            accepted = all(isinstance(one, Claim) and not edit(one) for one in read(text))
            assert not (accepted and complaints(text)), inside[place]


@given(st.data())
@settings(max_examples=60)
def test_any_order_of_segments_is_read_or_refused(data: st.DataObject) -> None:
    inside = data.draw(st.permutations(DEPENDENT.segments()[1:-1]))
    result = read(wrapped(inside[: data.draw(st.integers(0, len(inside)))]))
    assert len({type(one) for one in result}) == 1


_VALUES = st.text("019AZ:.- ", max_size=12)


@given(st.data())
@settings(max_examples=100)
def test_any_value_in_any_element_is_read_or_refused(data: st.DataObject) -> None:
    inside = [segment.split("*") for segment in DEPENDENT.segments()[1:-1]]
    segment = data.draw(st.sampled_from(inside))
    segment[data.draw(st.integers(1, len(segment) - 1))] = data.draw(_VALUES)
    envelope = read_interchange(wrapped(["*".join(one) for one in inside]))
    result = read_claims(envelope) if isinstance(envelope, Interchange) else envelope
    assert len({type(one) for one in result}) == 1
    for one in result:
        if isinstance(one, Claim):
            edit(one)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("cob-1-primary-with-other-payer-known.edi", 1),
        ("cob-2-secondary-claim-and-line-cas.edi", 1),
        ("primary-dependent.edi", 0),
        ("primary-subscriber-chiro.edi", 0),
        ("encounter.edi", 0),
    ],
)
def test_a_published_example_is_read_and_breaks_no_rule_but_its_npis_check_digits(name: str, others: int) -> None:
    if "REFERENCE_DIR" not in os.environ:
        pytest.skip("REFERENCE_DIR is not set: the published examples lie in the reference folder")
    text = (Path(os.environ["REFERENCE_DIR"]) / "samples" / "837p" / name).read_text("ascii")
    (claim,) = read(text.replace("\n", ""))
    assert isinstance(claim, Claim)
    assert len(claim.others) == others
    assert {one.id for one in edit(claim)} == {"invalid-npi"}


def test_a_claim_prints_no_person() -> None:
    claim = claim_of(replace(DEPENDENT, member_id="BHM222222"))
    assert not {"FICTIONAL", "TESTINA", "MINA", "BHM222222", "F411", "90837"} & set(
        repr(claim).replace("'", " ").replace("=", " ").split()
    )
