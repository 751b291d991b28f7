"""277CAs of the sandbox: what is said of claims, level by level, and held against an independent validator."""

from datetime import UTC, date, datetime

import pytest

from app.sandbox.acknowledgment_277 import CLEARINGHOUSE, Source, Status, Verdict, payer_source, write_277ca
from app.sandbox.claim_837 import read_claims
from app.sandbox.claims import Claim
from app.sandbox.interchange import Interchange, read_interchange
from tests.sandbox.claims_837 import Billed, Served
from tests.sandbox.reading import lines, segments
from tests.x12.pyx12_oracle import complaints

NOW = datetime(2026, 3, 3, 12, 30, 5, tzinfo=UTC)
ACCEPTED = Status(category="A1", status="20")
REFUSED = Status(category="A8", status="400", text="Does not balance.")


def written(
    billed: Billed, *statuses: tuple[Status, ...], source: Source = CLEARINGHOUSE, payer_claim_number: str = ""
) -> str:
    question = read_interchange(billed.text())
    assert isinstance(question, Interchange)
    claims = [one for one in read_claims(question) if isinstance(one, Claim)]
    verdicts = [
        Verdict(claim=claim, statuses=said, payer_claim_number=payer_claim_number)
        for claim, said in zip(claims, statuses, strict=True)
    ]
    return write_277ca(question, verdicts, source=source, received_on=date(2026, 3, 2), control_number=7, now=NOW)


def test_an_accepted_claim_is_acknowledged_level_by_level() -> None:
    text = written(Billed(charge="150.50", lines=(Served(charge="150.5"),)), (ACCEPTED,))
    assert complaints(text) == []
    assert [*segments(text)[0][5:9], segments(text)[0][13]] == [
        "ZZ",
        f"{'SANDBOX':15}",
        "ZZ",
        f"{'CROSSOVERTEST':15}",
        "000000007",
    ]
    assert ["*".join(one) for one in segments(text)[1:]] == [
        "GS*HN*SANDBOX*CROSSOVERTEST*20260303*123005*7*X*005010X214",
        "ST*277*0001*005010X214",
        "BHT*0085*08*SBX000000007*20260303*123005*TH",
        "HL*1**20*1",
        "NM1*AY*2*CROSSOVER SANDBOX*****46*SANDBOX",
        "TRN*1*SBX000000007",
        "DTP*050*D8*20260302",
        "DTP*009*D8*20260303",
        "HL*2*1*21*1",
        "NM1*41*2*SOMEWHERE COUNSELING*****46*CROSSOVERTEST",
        "TRN*2*BATCH0001",
        "STC*A1>19>AY*20260303*WQ*150.5",
        "QTY*90*1",
        "AMT*YU*150.5",
        "HL*3*2*19*1",
        "NM1*85*2*SOMEWHERE COUNSELING*****XX*1999999984",
        "TRN*1*0",
        "STC*A1>19**WQ*150.5",
        "REF*TJ*123456789",
        "QTY*QA*1",
        "AMT*YU*150.5",
        "HL*4*3*PT",
        "NM1*QC*1*FICTIONAL*TESTINA****MI*MLK100001",
        "TRN*2*CLAIM0001",
        "STC*A1>20*20260303*WQ*150.5",
        "DTP*472*D8*20260302",
        "SE*26*0001",
        "GE*1*7",
        "IEA*1*000000007",
    ]


def test_a_refused_claim_says_each_reason_with_its_words() -> None:
    missing = Status(category="A6", status="286", entity="PR", text="No date.")
    text = written(Billed(), (REFUSED, missing))
    assert complaints(text) == []
    assert lines(text, "STC")[2:] == [
        "STC*A8>400*20260303*U*150********Does not balance.",
        "STC*A6>286>PR*20260303*U*150********No date.",
    ]
    assert lines(text, "QTY", "AMT") == ["QTY*AA*1", "AMT*YY*150", "QTY*QC*1", "AMT*YY*150"]


def test_a_payer_that_accepts_gives_its_own_claim_number() -> None:
    accepted = Status(category="A2", status="20")
    text = written(
        Billed(), (accepted,), source=payer_source("XOVR1", "MEADOWLARK HEALTH PLAN"), payer_claim_number="MLK26000001"
    )
    assert complaints(text) == []
    assert lines(text, "NM1")[0] == "NM1*PR*2*MEADOWLARK HEALTH PLAN*****PI*XOVR1"
    assert lines(text, "REF")[-1] == "REF*1K*MLK26000001"


def test_claims_of_one_transaction_are_counted_and_added_up_by_what_became_of_them() -> None:
    billed = Billed(more=(Billed(control_number="CLAIM0002", charge="100", lines=(Served(charge="100"),)),))
    text = written(billed, (ACCEPTED,), (REFUSED,))
    assert complaints(text) == []
    assert lines(text, "HL") == ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "HL*4*3*PT", "HL*5*3*PT"]
    counts = ["QTY*90*1", "QTY*AA*1", "AMT*YU*150", "AMT*YY*100"]
    assert lines(text, "QTY", "AMT")[:4] == counts
    assert [one[2] for one in segments(text) if one[0] == "TRN"][-2:] == ["CLAIM0001", "CLAIM0002"]


def test_a_patient_who_is_not_the_subscriber_is_named_with_the_subscribers_member_id() -> None:
    text = written(Billed(dependent=True, relationship=""), (ACCEPTED,))
    assert complaints(text) == []
    assert lines(text, "NM1")[-1] == "NM1*QC*1*FICTIONAL*MINA****MI*MLK100001"


def test_services_of_several_days_are_a_range() -> None:
    text = written(Billed(charge="300", lines=(Served(days="20260302-20260304"), Served(days="20260301"))), (ACCEPTED,))
    assert complaints(text) == []
    assert lines(text, "DTP")[-1] == "DTP*472*RD8*20260301-20260304"


@pytest.mark.parametrize(
    ("categories", "accepted"), [(("A1",), True), (("A2",), True), (("A3",), False), (("A1", "A7"), False)]
)
def test_a_verdict_accepts_when_every_category_does(categories: tuple[str, ...], accepted: bool) -> None:
    question = read_interchange(Billed().text())
    assert isinstance(question, Interchange)
    (claim,) = read_claims(question)
    assert isinstance(claim, Claim)
    statuses = tuple(Status(category=one, status="20") for one in categories)
    assert Verdict(claim=claim, statuses=statuses).is_accepted is accepted
