"""An eligibility answer that is not as it should be: what is said of it, and what is kept."""

from datetime import date

import pytest

from app.domain.eligibility import BenefitKind, ReturnedMember
from app.domain.findings import Severity
from app.domain.parties import Address, Sex
from app.x12.eligibility_271 import read, read_transaction
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from tests.x12.answers_271 import answer_of, codes_of, sound_answer_of
from tests.x12.texts_271 import (
    ACTIVE,
    DEPENDENT,
    MEMBER_ID,
    PAYER,
    PROVIDER,
    SUBSCRIBER,
    SUBSCRIBER_OF_DEPENDENT,
    TRACE,
    a_271,
    interchange,
    transaction,
)

ADA = ReturnedMember(
    last_name="FERNWOOD",
    first_name="ADA",
    member_id=MEMBER_ID,
    birth_date=date(1984, 2, 29),
    sex=Sex.FEMALE,
    address=Address(line1="12 EXAMPLE WAY", city="SPRINGFIELD", state="IL", postal_code="62701"),
)


# What is not as it should be


@pytest.mark.parametrize(
    ("code", "words"),
    [("999", "999 (implementation acknowledgment)"), ("277", "277 (claim status answer)"), ("555", "unknown")],
)
def test_another_transaction_set_is_one_finding_that_names_it(code: str, words: str) -> None:
    answers, findings = read(interchange(transaction(("AK1*HS*42",), code=code), group="FA"))
    assert answers == ()
    assert [finding.code for finding in findings] == ["unexpected_transaction"]
    assert words in findings[0].message


def test_an_interchange_acknowledgment_is_one_finding_that_names_it() -> None:
    answers, findings = read(a_271()[:106] + "TA1*000000042*260301*1200*R*006~IEA*0*000000042~")
    assert answers == ()
    assert [finding.code for finding in findings] == ["unexpected_transaction"]
    assert "TA1" in findings[0].message


def test_a_web_page_is_one_finding() -> None:
    answers, findings = read("<html><body>Service unavailable</body></html>")
    assert answers == ()
    assert [finding.code for finding in findings] == ["not_x12"]


def test_an_interchange_without_transaction_set_is_one_finding() -> None:
    assert codes_of(a_271()[:106] + "IEA*0*000000042~") == ["unexpected_transaction"]


def test_another_guide_is_named_and_not_read() -> None:
    text = interchange(transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, guide="004010X092A1"), guide="004010X092A1")
    assert read(text)[0] == ()
    assert codes_of(text) == ["unexpected_guide"]


def test_the_guide_without_addenda_is_read() -> None:
    text = interchange(transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, guide="005010X279"), guide="005010X279")
    assert sound_answer_of(text).member == ADA


@pytest.mark.parametrize(
    ("segment", "code", "severity", "location"),
    [
        ("ZZZ*1", "segment_unknown", Severity.INFORMATION, "2110C ZZZ"),
        ("PRV*PE", "segment_not_used", Severity.INFORMATION, "2110C PRV"),
        ("EB*ZZ", "code_unknown", Severity.INFORMATION, "2110C EB01"),
        ("EB*1*XYZ*30", "code_unknown", Severity.INFORMATION, "2110C EB02"),
        ("EB*C**30***99*5", "code_unknown", Severity.INFORMATION, "2110C EB06"),
        ("EB**IND", "element_missing", Severity.WARNING, "2110C EB01"),
        ("EB*C**30***23*1E5", "number_invalid", Severity.WARNING, "2110C EB07"),
        ("EB*A**30***27**20%", "number_invalid", Severity.WARNING, "2110C EB08"),
        ("EB*B**30***27*10******HC:90837:95", "element_not_used", Severity.INFORMATION, "2110C EB13"),
        ("DTP*636*D8*2026O301", "date_invalid", Severity.WARNING, "2110C DTP03"),
        ("DTP*347*D8*20260231", "coverage_date_invalid", Severity.ERROR, "2110C DTP03"),
        ("DMG*D8*19840229*F", "segment_unexpected", Severity.WARNING, "2110C DMG"),
        ("NM1*QQ*2*SOMEBODY", "code_unknown", Severity.INFORMATION, "2120C NM101"),
        ("AAA*N**ZZ*C", "code_unknown", Severity.INFORMATION, "2110C AAA03"),
        ("AAA*N***C", "element_missing", Severity.WARNING, "2110C AAA03"),
        ("HL*4*9*23*0", "hierarchy", Severity.WARNING, "HL02"),
        ("HL*4*3*99*0", "code_unknown", Severity.INFORMATION, "HL03"),
    ],
)
def test_what_is_odd_is_reported_with_its_place(segment: str, code: str, severity: Severity, location: str) -> None:
    text = a_271((*ACTIVE, segment))
    (finding,) = read(text)[1]
    assert (finding.code, finding.severity, finding.location) == (code, severity, location)
    assert isinstance(finding, X12Finding)
    assert finding.offset == text.rindex(segment)
    assert finding.segment_number == text[: text.rindex(segment)].count("~") + 1


@pytest.mark.parametrize(
    "segment",
    [
        "ZZZ*1",
        "PRV*PE*PXC*101YM0800X",
        "INS*Y*18",
        "HI*ABK:F411",
        "PER*IC*DESK*TE*5550100100",
        "REF*6P*GROUP1*INVENTED GROUP",
        "DTP*636*D8*2026O301",
        "EB*C**30***23*1,000",
        "EB*B**30***27*10******HC:90837:95",
        "TRN*1*THEIRS*9123456789",
        "N4*SPRINGFIELD*IL*62701*US",
        "AAA*N**72*C",
        "MSG*CALL*MORE",
    ],
)
def test_what_no_field_holds_is_kept_as_it_was_sent(segment: str) -> None:
    answer = answer_of(interchange(transaction(PAYER, PROVIDER, SUBSCRIBER, (*ACTIVE, segment))))
    assert answer.kept[-1] == segment
    assert segment not in repr(answer)


@pytest.mark.parametrize("segment", ["N3*13 OTHER WAY", "N4*OTHERTON*IL*62701", "DMG*D8*19850101*M", "DMG*D8*1985*X"])
def test_of_a_person_the_first_address_and_birth_date_count_and_others_are_kept(segment: str) -> None:
    answer = answer_of(interchange(transaction(PAYER, PROVIDER, (*SUBSCRIBER, segment), ACTIVE)))
    assert answer.member == ADA
    assert answer.kept[-1] == segment


def test_what_fields_hold_is_not_kept_beside_them() -> None:
    subscriber = (*SUBSCRIBER[:1], f"TRN*2*{TRACE}", *SUBSCRIBER[2:])
    benefits = ("EB*B*IND*98^MH*HM*GOLD PLAN*27*25.5*.2*VS*30*Y*Y*HC:90837", "REF*18*P9", "MSG*CALL", "HSD*VS*12")
    entity = ("LS*2120", "NM1*VN*1*HOLLIS*CASEY", "N3*1 ROAD", "N4*SPRINGFIELD*IL*62702", "PER*IC*DESK*TE*5", "LE*2120")
    answer = sound_answer_of(interchange(transaction(PAYER, PROVIDER, subscriber, benefits, entity)))
    assert answer.kept == (PROVIDER[1],)


def test_what_is_kept_of_the_levels_above_stands_with_the_first_answer_below() -> None:
    header = ("BHT*0022*11*REF1*20260301*1200",)
    above = ("PER*IC*DESK*TE*5550100100", "ZZZ*1")
    body = (header, (*PAYER, above[0]), (*PROVIDER, above[1]))
    second = ("HL*4*2*22*0", "NM1*IL*1*INVENTED*EVE****MI*QRX2", "EB*1**30", "ZZZ*2")
    first, last = read(interchange(transaction(*body, SUBSCRIBER_OF_DEPENDENT, DEPENDENT, ACTIVE, second)))[0]
    assert first.kept[:4] == (*header, above[0], PROVIDER[1], above[1])
    assert first.kept[4:] == (DEPENDENT[1], DEPENDENT[-1])
    assert last.kept == ("ZZZ*2",)


def test_an_answer_is_there_before_the_next_is_read() -> None:
    second = ("HL*4*2*22*0", "NM1*IL*1*INVENTED*EVE****MI*QRX2", "EB*6**30")
    report = Report()
    text = interchange(transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, second))
    one = next(read_transactions(text, report))
    assert isinstance(one, TransactionSet)
    answers = read_transaction(one, report)
    assert next(answers).member == ADA
    assert next(one.segments).id == "NM1"


def test_an_unknown_code_is_kept() -> None:
    (benefit,) = answer_of(a_271(("EB*ZZ**30",))).benefits
    assert (benefit.kind, benefit.code) == (BenefitKind.OTHER, "ZZ")


def test_a_number_that_cannot_be_read_is_left_out_not_guessed() -> None:
    assert answer_of(a_271(("EB*C**30***23*1,000",))).benefits[0].amount is None


def test_a_second_name_of_a_person_is_not_taken() -> None:
    text = a_271(("NM1*IL*1*OTHER*PERSON",), ACTIVE)
    assert answer_of(text).member == ADA
    assert "NM1*IL*1*OTHER*PERSON" in answer_of(text).kept
    assert codes_of(text) == ["segment_unexpected"]


def test_the_group_code_of_an_inquiry_on_an_answer_is_a_warning() -> None:
    text = a_271().replace("GS*HB", "GS*HS")
    assert codes_of(text, Severity.WARNING) == ["group_code"]
    assert answer_of(text).member == ADA


def test_a_dependent_without_subscriber_is_an_error_and_still_read() -> None:
    text = interchange(transaction(PAYER, PROVIDER, ("HL*3*2*23*0", "NM1*03*1*FERNWOOD*BEN"), ACTIVE))
    assert "segment_missing" in codes_of(text, Severity.ERROR)
    member = answer_of(text).member
    assert member is not None
    assert member.first_name == "BEN"


def test_no_finding_holds_a_value_of_the_text() -> None:
    text = a_271(("EB*1**30**SECRETPLAN", "DTP*347*D8*SECRETDATE", "NM1*SECRETROLE*1*SECRETNAME", "SECRETSEGMENT*1"))
    findings = read(text)[1]
    assert findings
    assert all("SECRET" not in finding.message for finding in findings)
