"""The answer read: every level, every kind of payer habit, and nothing that raises."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.eligibility import BenefitEntity, BenefitKind, EligibilityAnswer, PayerRejection, ReturnedMember
from app.domain.findings import Severity
from app.domain.parties import Address, Sex
from app.x12.eligibility_271 import read, read_transaction
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.separators import Separators
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


def _one(text: str | bytes) -> EligibilityAnswer:
    """The one answer of a text without findings."""
    (answer,), findings = read(text)
    assert findings == ()
    return answer


def _codes(text: str | bytes, severity: Severity | None = None) -> list[str]:
    return [finding.code for finding in read(text)[1] if severity in {None, finding.severity}]


def _benefits(*segments: str) -> EligibilityAnswer:
    return _one(a_271(segments))


# People


def test_a_subscriber_is_the_member_asked_about() -> None:
    answer = _one(a_271())
    assert answer.subscriber == ADA
    assert answer.member == ADA
    assert (answer.payer_name, answer.payer_id) == ("INVENTED HEALTH PLAN", "INV01")
    assert answer.trace_numbers == (TRACE,)
    assert answer.plan_dates == (("346", date(2026, 1, 1), None),)
    assert answer.control_number == "000000042"


def test_a_dependent_is_the_member_and_the_subscriber_stands_beside() -> None:
    answer = _one_of(a_271(person=(SUBSCRIBER_OF_DEPENDENT, DEPENDENT)))
    assert answer.member == ReturnedMember(
        last_name="FERNWOOD", first_name="BEN", birth_date=date(2012, 6, 15), sex=Sex.MALE
    )
    assert answer.subscriber is not None
    assert answer.subscriber.member_id == MEMBER_ID
    assert answer.benefits[0].kind is BenefitKind.ACTIVE


def _one_of(text: str) -> EligibilityAnswer:
    """The one answer, whatever was noted beside it."""
    (answer,), _ = read(text)
    return answer


def test_a_dependent_without_own_dates_has_the_subscribers() -> None:
    person = (SUBSCRIBER_OF_DEPENDENT, DEPENDENT)
    assert _one_of(a_271(person=person)).plan_dates == (("346", date(2026, 1, 1), None),)
    with_own = (*person, ("DTP*346*D8*20260701",))
    assert _one_of(a_271(person=with_own)).plan_dates == (("346", date(2026, 7, 1), None),)


def test_each_dependent_has_an_answer_of_its_own() -> None:
    second = ("HL*5*3*23*0", "NM1*03*1*FERNWOOD*CAL", "DMG*D8*20140101*M")
    answers, _ = read(a_271(ACTIVE, second, ("EB*6**30",), person=(SUBSCRIBER_OF_DEPENDENT, DEPENDENT)))
    assert [answer.member and answer.member.first_name for answer in answers] == ["BEN", "CAL"]
    assert [answer.benefits[0].kind for answer in answers] == [BenefitKind.ACTIVE, BenefitKind.INACTIVE]


def test_a_subscriber_with_benefits_of_its_own_is_answered_beside_the_dependent() -> None:
    answers, _ = read(a_271(person=(SUBSCRIBER_OF_DEPENDENT, ("EB*1**30",), DEPENDENT)))
    assert [answer.member and answer.member.first_name for answer in answers] == ["ADA", "BEN"]


def test_references_of_a_person_are_kept() -> None:
    assert _one_of(a_271(("REF*6P*GROUP1*INVENTED GROUP",), ACTIVE)).references == (("6P", "GROUP1"),)


# Benefits


def test_every_element_of_a_benefit_is_read() -> None:
    (benefit,) = _benefits("EB*B*IND*98^MH*HM*GOLD PLAN*27*25.5*.2*VS*30*Y*Y*HC:90837").benefits
    assert benefit.kind is BenefitKind.COPAYMENT
    assert benefit.code == "B"
    assert benefit.coverage_level_code == "IND"
    assert benefit.service_type_codes == ("98", "MH")
    assert benefit.insurance_type_code == "HM"
    assert benefit.plan_name == "GOLD PLAN"
    assert benefit.period_code == "27"
    assert benefit.amount == Decimal("25.5")
    assert benefit.percent == Decimal("0.2")
    assert (benefit.quantity_qualifier, benefit.quantity) == ("VS", Decimal(30))
    assert benefit.authorization_code == "Y"
    assert benefit.in_network_code == "Y"
    assert benefit.procedure_code == "90837"


def test_what_follows_an_eb_belongs_to_it() -> None:
    first, second = _benefits(
        "EB*1**30",
        "HSD*VS*12***23*1",
        "REF*18*PLAN9",
        "DTP*291*RD8*20260101-20261231",
        "MSG*CALL FIRST",
        "III*ZZ*11",
        "EB*6**MH",
        "MSG*ENDED",
    ).benefits
    assert first.references == (("18", "PLAN9"),)
    assert first.dates == (("291", date(2026, 1, 1), date(2026, 12, 31)),)
    assert first.messages == ("HSD*VS*12***23*1", "CALL FIRST", "III*ZZ*11")
    assert second.messages == ("ENDED",)


WITH_WRAPPER = ("LS*2120", "NM1*PRP*2*OTHER INVENTED*****PI*OTH01", "LE*2120")
WITHOUT_WRAPPER = ("NM1*PRP*2*OTHER INVENTED*****PI*OTH01",)


@pytest.mark.parametrize("entities", [WITH_WRAPPER, WITHOUT_WRAPPER])
def test_related_entities_are_read_with_and_without_wrapper(entities: tuple[str, ...]) -> None:
    first, second = _benefits("EB*R**30*C1", *entities, "EB*1**30").benefits
    assert first.entities == (
        BenefitEntity(role_code="PRP", name="OTHER INVENTED", id_qualifier="PI", identifier="OTH01"),
    )
    assert second.entities == ()


def test_a_related_entity_has_address_and_contacts() -> None:
    (benefit,) = _benefits(
        "EB*U**MH",
        "LS*2120",
        "NM1*VN*1*HOLLIS*CASEY",
        "N3*1 ELSEWHERE ROAD*SUITE 2",
        "N4*SPRINGFIELD*IL*62702",
        "PER*IC*INTAKE*TE*5550100100*UR*EXAMPLE.INVALID",
        "LE*2120",
    ).benefits
    (entity,) = benefit.entities
    assert entity.name == "HOLLIS, CASEY"
    assert entity.address == Address(
        line1="1 ELSEWHERE ROAD", line2="SUITE 2", city="SPRINGFIELD", state="IL", postal_code="62702"
    )
    assert entity.contacts == ("INTAKE", "TE 5550100100", "UR EXAMPLE.INVALID")


def test_references_and_dates_inside_a_wrapper_belong_to_the_benefit() -> None:
    (benefit,) = _benefits("EB*1**30", "LS*2120", "REF*6P*G1", "LE*2120", "DTP*291*D8*20260301").benefits
    assert benefit.references == (("6P", "G1"),)
    assert benefit.dates == (("291", date(2026, 3, 1), None),)


# Rejections


@pytest.mark.parametrize(
    ("segments", "loop", "has_member"),
    [
        (("HL*1**20*0", "AAA*Y**42*R"), "2000A", False),
        ((*PAYER, "AAA*Y**80*R"), "2100A", False),
        ((*PAYER, *PROVIDER, "AAA*N**43*C"), "2100B", False),
        ((*PAYER, *PROVIDER, *SUBSCRIBER, "AAA*N**75*C"), "2100C", True),
        ((*PAYER, *PROVIDER, *SUBSCRIBER, "EB*1**30", "AAA*N**33*C"), "2110C", True),
        ((*PAYER, *PROVIDER, *SUBSCRIBER_OF_DEPENDENT, *DEPENDENT, "AAA*N**67*C"), "2100D", True),
        ((*PAYER, *PROVIDER, *SUBSCRIBER_OF_DEPENDENT, *DEPENDENT, "EB*1**30", "AAA*N**33*C"), "2110D", True),
    ],
)
def test_rejections_are_read_at_every_level(segments: tuple[str, ...], loop: str, *, has_member: bool) -> None:
    answer = _one_of(interchange(transaction(("BHT*0022*11*REF1*20260301*1200",), segments)))
    (rejection,) = answer.rejections
    assert rejection.loop == loop
    assert (answer.member is not None) == has_member


def test_a_rejection_carries_reason_and_follow_up() -> None:
    answer = _one(a_271(("AAA*N**72*C", "AAA*Y**73*N")))
    assert answer.rejections == (
        PayerRejection(loop="2100C", reason_code="72", follow_up_code="C"),
        PayerRejection(loop="2100C", reason_code="73", follow_up_code="N"),
    )


def test_a_payers_own_rejection_stands_in_the_answer_about_the_person_too() -> None:
    answer = _one_of(interchange(transaction((*PAYER, "AAA*Y**42*R"), PROVIDER, SUBSCRIBER)))
    assert [rejection.loop for rejection in answer.rejections] == ["2100A"]
    assert answer.member == ADA


# Delimiters and several answers


@pytest.mark.parametrize(
    "separators",
    [
        Separators(element="|", component=">", repetition="}", segment="!"),
        Separators(element="\x1d", component="\x1f", repetition="\x1e", segment="\x1c"),
        Separators(segment="\n"),
    ],
)
def test_the_answer_does_not_depend_on_the_delimiters(separators: Separators) -> None:
    benefits = ("EB*B*IND*98^MH*HM*GOLD PLAN*27*25.5*****Y*HC:90837",)
    answer, other = _one(a_271(benefits)), _one(a_271(benefits, separators=separators))
    assert replace(other, kept=answer.kept) == answer
    assert [one.split(separators.element) for one in other.kept] == [one.split("*") for one in answer.kept]


def test_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    assert _one(a_271(line_end="\r\n")) == _one(a_271())
    assert _one_of("\ufeff" + a_271()) == _one(a_271())


def test_text_and_bytes_are_the_same() -> None:
    assert read(a_271().encode()) == read(a_271())


def test_several_interchanges_and_transaction_sets_give_several_answers() -> None:
    body = (PAYER, PROVIDER, SUBSCRIBER, ACTIVE)
    two = interchange(transaction(*body, number="0001"), transaction(*body, number="0002"))
    answers, findings = read(two + "\n" + a_271())
    assert len(answers) == 3
    assert findings == ()


def test_one_bad_transaction_set_leaves_the_others_readable() -> None:
    good = transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, number="0002")
    bad = transaction(PAYER, PROVIDER, number="0001")
    answers, findings = read(interchange(bad, good))
    assert len(answers) == 1
    assert [finding.code for finding in findings] == ["segment_missing"]


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
    assert _codes(a_271()[:106] + "IEA*0*000000042~") == ["unexpected_transaction"]


def test_another_guide_is_named_and_not_read() -> None:
    text = interchange(transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, guide="004010X092A1"), guide="004010X092A1")
    assert read(text)[0] == ()
    assert _codes(text) == ["unexpected_guide"]


def test_the_guide_without_addenda_is_read() -> None:
    text = interchange(transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, guide="005010X279"), guide="005010X279")
    assert _one(text).member == ADA


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
    answer = _one_of(interchange(transaction(PAYER, PROVIDER, SUBSCRIBER, (*ACTIVE, segment))))
    assert answer.kept[-1] == segment
    assert segment not in repr(answer)


@pytest.mark.parametrize("segment", ["N3*13 OTHER WAY", "N4*OTHERTON*IL*62701", "DMG*D8*19850101*M", "DMG*D8*1985*X"])
def test_of_a_person_the_first_address_and_birth_date_count_and_others_are_kept(segment: str) -> None:
    answer = _one_of(interchange(transaction(PAYER, PROVIDER, (*SUBSCRIBER, segment), ACTIVE)))
    assert answer.member == ADA
    assert answer.kept[-1] == segment


def test_what_fields_hold_is_not_kept_beside_them() -> None:
    subscriber = (*SUBSCRIBER[:1], f"TRN*2*{TRACE}", *SUBSCRIBER[2:])
    benefits = ("EB*B*IND*98^MH*HM*GOLD PLAN*27*25.5*.2*VS*30*Y*Y*HC:90837", "REF*18*P9", "MSG*CALL", "HSD*VS*12")
    entity = ("LS*2120", "NM1*VN*1*HOLLIS*CASEY", "N3*1 ROAD", "N4*SPRINGFIELD*IL*62702", "PER*IC*DESK*TE*5", "LE*2120")
    answer = _one(interchange(transaction(PAYER, PROVIDER, subscriber, benefits, entity)))
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
    (benefit,) = _one_of(a_271(("EB*ZZ**30",))).benefits
    assert (benefit.kind, benefit.code) == (BenefitKind.OTHER, "ZZ")


def test_a_number_that_cannot_be_read_is_left_out_not_guessed() -> None:
    assert _one_of(a_271(("EB*C**30***23*1,000",))).benefits[0].amount is None


def test_a_second_name_of_a_person_is_not_taken() -> None:
    text = a_271(("NM1*IL*1*OTHER*PERSON",), ACTIVE)
    assert _one_of(text).member == ADA
    assert "NM1*IL*1*OTHER*PERSON" in _one_of(text).kept
    assert _codes(text) == ["segment_unexpected"]


def test_the_group_code_of_an_inquiry_on_an_answer_is_a_warning() -> None:
    text = a_271().replace("GS*HB", "GS*HS")
    assert _codes(text, Severity.WARNING) == ["group_code"]
    assert _one_of(text).member == ADA


def test_a_dependent_without_subscriber_is_an_error_and_still_read() -> None:
    text = interchange(transaction(PAYER, PROVIDER, ("HL*3*2*23*0", "NM1*03*1*FERNWOOD*BEN"), ACTIVE))
    assert "segment_missing" in _codes(text, Severity.ERROR)
    member = _one_of(text).member
    assert member is not None
    assert member.first_name == "BEN"


def test_no_finding_holds_a_value_of_the_text() -> None:
    text = a_271(("EB*1**30**SECRETPLAN", "DTP*347*D8*SECRETDATE", "NM1*SECRETROLE*1*SECRETNAME", "SECRETSEGMENT*1"))
    findings = read(text)[1]
    assert findings
    assert all("SECRET" not in finding.message for finding in findings)
