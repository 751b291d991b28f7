"""A decision as an 835: segment by segment, and read by others."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import oxedi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.adjudication import Met, adjudicate
from app.sandbox.claims import Claim, Party, Reduction
from app.sandbox.endings import Outcome, split_outcome
from app.sandbox.front_end import member_of
from app.sandbox.interchange import Interchange
from app.sandbox.members import Member, Payer
from app.sandbox.remittance_835 import ClaimPayment, write_835
from tests.sandbox.deciding import BOOK, FEES, a_claim, a_line, a_secondary_claim, claims
from tests.sandbox.reading import lines, segments
from tests.x12.pyx12_oracle import complaints

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
QUESTION = Interchange(
    sender_qualifier="ZZ",
    sender_id="CROSSOVERTEST",
    receiver_qualifier="ZZ",
    receiver_id="SANDBOX",
    control_number="000000042",
    usage="T",
    repetition_separator="^",
    component_separator=":",
    functional_id="HC",
    application_sender="CROSSOVERTEST",
    application_receiver="SANDBOX",
    group_control_number="42",
    version="005010X222A1",
    transaction_id="837",
    transaction_control_number="0001",
    segments=(),
)


def payment(claim: Claim, outcome: Outcome | None = None) -> ClaimPayment:
    member = member_of(claim, BOOK)
    assert member is not None
    decided = adjudicate(claim, member, FEES, Met(), outcome or split_outcome(claim.member_id)[1])
    return ClaimPayment(claim=claim, decided=decided, payer_claim_number="PAYERCLAIM1", received_on=date(2026, 3, 8))


def written(*payments: ClaimPayment, payer: Payer | None = None) -> str:
    payer = payer or BOOK.payers[payments[0].claim.payer_id]
    return write_835(QUESTION, payer, payments, trace_number="SBX000000007", control_number=7, now=NOW)


def findings(x12: str) -> list[str]:
    """What pyx12 (structure and codes) and oxedi (structure and balance) find; nothing when both accept it."""
    read = oxedi.parse(x12.encode())
    return [*complaints(x12), *(str(one) for one in read.diagnostics)]


def test_a_decision_comes_out_segment_by_segment() -> None:
    assert lines(written(payment(a_claim())), "ST", "BPR", "TRN", "DTM", "N1", "N3", "N4", "REF", "PER", "LX") == [
        "ST*835*0001",
        "BPR*I*80*C*ACH*CCP*01*999999992*DA*100000001*1999999999**01*999999992*DA*100000002*20260308",
        "TRN*1*SBX000000007*1999999999",
        "DTM*405*20260308",
        "N1*PR*MEADOWLARK HEALTH PLAN",
        "N3*1 SANDBOX PLAZA",
        "N4*SPRINGFIELD*IL*62701",
        "REF*2U*XOVR1",
        "PER*BL*PROVIDER SERVICES*TE*8005550101",
        "N1*PE*SOMEWHERE COUNSELING*XX*1999999984",
        "REF*TJ*123456789",
        "LX*1",
        "DTM*050*20260308",
        "DTM*472*20260302",
        "REF*6R*LINE1",
    ]


def test_the_claim_and_its_lines_carry_what_was_decided() -> None:
    assert lines(written(payment(a_claim())), "CLP", "NM1", "AMT", "SVC", "CAS") == [
        "CLP*CLAIM1*1*150*80*25*12*PAYERCLAIM1*11*1",
        "NM1*QC*1*PLAINLY*COPAYA****MI*MLK100010",
        "AMT*AU*105",
        "SVC*HC>90837*150*80**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        "AMT*B6*105",
    ]


def test_a_later_payer_reports_the_effect_of_the_earlier_ones() -> None:
    x12 = written(payment(a_secondary_claim()))
    assert lines(x12, "CLP", "CAS") == ["CLP*CLAIM1*2*150*25*0*15*PAYERCLAIM1*11*1", "CAS*OA*23*125"]


def test_reductions_of_one_group_share_a_segment() -> None:
    claim = a_claim(a_line(1, units=Decimal(2), charge=Decimal(300)), a_line(2), member_id="MLK100001")
    assert lines(written(payment(claim)), "CAS")[-1] == "CAS*PR*1*40**3*25**2*8"


def test_a_group_with_more_than_six_reductions_goes_on_in_another_segment() -> None:
    one = payment(a_claim())
    seven = tuple(Reduction(group="OA", reason=str(reason), amount=Decimal(10)) for reason in range(40, 47))
    line = replace(one.decided.lines[0], reductions=seven)
    x12 = written(replace(one, decided=replace(one.decided, lines=(line,))))
    assert [piece.count("*") for piece in lines(x12, "CAS")] == [18, 3]
    assert findings(x12) == []


def test_nothing_paid_is_a_notification() -> None:
    bpr = lines(written(payment(a_claim(member_id="MLK100010DENY"))), "BPR")
    assert bpr == ["BPR*H*0*C*NON************20260308"]


def test_a_remark_stands_under_its_line() -> None:
    assert lines(written(payment(a_claim(member_id="MLK100010DENY"))), "LQ") == ["LQ*HE*N130"]


def test_a_range_of_days_has_two_dates() -> None:
    x12 = written(payment(a_claim(a_line(last_day=date(2026, 3, 5)))))
    assert lines(x12, "DTM")[-2:] == ["DTM*150*20260302", "DTM*151*20260305"]


def test_a_forwarded_claim_names_the_payer_it_went_to() -> None:
    forwarded = replace(payment(a_claim(member_id="MLK100010FORWARD")), forwarded_to=("BLUE HERON MUTUAL", "XOVR2"))
    x12 = written(forwarded)
    assert lines(x12, "CLP")[0].startswith("CLP*CLAIM1*19*")
    assert lines(x12, "NM1", "MOA")[1:] == ["NM1*TT*2*BLUE HERON MUTUAL*****PI*XOVR2", "MOA***MA18"]
    assert findings(x12) == []


def test_a_patient_who_is_not_the_subscriber_is_named_beside_the_subscriber() -> None:
    child = Party(entity="QC", kind="1", last="PLAINLY", first="JUNIOR")
    x12 = written(payment(a_claim(patient=child, subscriber_is_patient=False)))
    assert lines(x12, "NM1") == ["NM1*QC*1*PLAINLY*JUNIOR", "NM1*IL*1*PLAINLY*COPAYA****MI*MLK100010"]
    assert findings(x12) == []


def test_a_billing_provider_without_npi_is_known_by_its_tax_id() -> None:
    person = Party(entity="85", kind="1", last="ALONE", first="THERAPIST")
    assert lines(written(payment(a_claim(billing=person))), "N1")[1] == "N1*PE*ALONE THERAPIST*FI*123456789"


def test_a_description_of_the_procedure_is_left_out_and_modifiers_stay() -> None:
    described = "HC:90837:95:GT:::TALK\x1fLONG"
    assert lines(written(payment(a_claim(a_line(procedure=described)))), "SVC") == ["SVC*HC>90837>95>GT*150*80**1"]


def test_several_payments_are_added_up() -> None:
    one = payment(a_claim())
    x12 = written(
        one, replace(one, claim=replace(one.claim, control_number="CLAIM2"), payer_claim_number="PAYERCLAIM2")
    )
    assert lines(x12, "BPR")[0].startswith("BPR*I*160*C*")
    assert findings(x12) == []


def test_it_has_no_st03_and_separators_of_the_sandboxs_own() -> None:
    x12 = written(payment(a_claim()))
    assert (x12[3], x12[82], x12[104], x12[105]) == ("*", "^", ">", "~")
    assert [len(one) for one in segments(x12) if one[0] == "ST"] == [3]


def test_a_decision_that_does_not_balance_is_found_by_an_independent_reader() -> None:
    found = findings(written(payment(a_claim(member_id="MLK100010UNBAL"))))
    assert found != []
    assert all("balance" in one.lower() or "sum" in one.lower() for one in found), found


@settings(max_examples=60)
@given(claims(), st.sampled_from([None, *(one for one in Outcome if one is not Outcome.UNBAL)]))
def test_independent_readers_accept_every_decision(claim: Claim, outcome: Outcome | None) -> None:
    forwarded = ("BLUE HERON MUTUAL", "XOVR2") if outcome is Outcome.FORWARD else None
    x12 = written(replace(payment(claim, outcome), forwarded_to=forwarded))
    assert findings(x12) == []


@pytest.mark.parametrize("member", BOOK.members.values(), ids=lambda member: member.member_id)
def test_everyone_in_the_book_can_be_paid_for(member: Member) -> None:
    claim = a_claim(member_id=member.member_id, payer_id=member.payer.id)
    assert findings(written(payment(claim))) == []


def test_a_decision_is_of_a_day_that_has_begun_in_every_practice() -> None:
    """At 08:30 UTC it is still the day before in Samoa."""
    claim = a_claim()
    late = replace(claim, lines=tuple(replace(line, first_day=NOW.date(), last_day=None) for line in claim.lines))
    assert lines(written(payment(claim)), "DTM")[0] == "DTM*405*20260308"
    assert lines(written(payment(late)), "DTM")[0] == "DTM*405*20260309"
