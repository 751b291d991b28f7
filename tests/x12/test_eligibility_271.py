"""The answer read: every level, every kind of payer habit, and nothing that raises."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.eligibility import BenefitEntity, BenefitKind, EligibilityAnswer, PayerRejection, ReturnedMember
from app.domain.parties import Address, Sex
from app.x12.eligibility_271 import read
from app.x12.separators import Separators
from tests.x12.answers_271 import answer_of, sound_answer_of
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


def _benefits(*segments: str) -> EligibilityAnswer:
    return sound_answer_of(a_271(segments))


# People


def test_a_subscriber_is_the_member_asked_about() -> None:
    answer = sound_answer_of(a_271())
    assert answer.subscriber == ADA
    assert answer.member == ADA
    assert (answer.payer_name, answer.payer_id) == ("INVENTED HEALTH PLAN", "INV01")
    assert answer.trace_numbers == (TRACE,)
    assert answer.plan_dates == (("346", date(2026, 1, 1), None),)
    assert answer.control_number == "000000042"


def test_a_dependent_is_the_member_and_the_subscriber_stands_beside() -> None:
    answer = answer_of(a_271(person=(SUBSCRIBER_OF_DEPENDENT, DEPENDENT)))
    assert answer.member == ReturnedMember(
        last_name="FERNWOOD", first_name="BEN", birth_date=date(2012, 6, 15), sex=Sex.MALE
    )
    assert answer.subscriber is not None
    assert answer.subscriber.member_id == MEMBER_ID
    assert answer.benefits[0].kind is BenefitKind.ACTIVE


def test_a_dependent_without_own_dates_has_the_subscribers() -> None:
    person = (SUBSCRIBER_OF_DEPENDENT, DEPENDENT)
    assert answer_of(a_271(person=person)).plan_dates == (("346", date(2026, 1, 1), None),)
    with_own = (*person, ("DTP*346*D8*20260701",))
    assert answer_of(a_271(person=with_own)).plan_dates == (("346", date(2026, 7, 1), None),)


def test_each_dependent_has_an_answer_of_its_own() -> None:
    second = ("HL*5*3*23*0", "NM1*03*1*FERNWOOD*CAL", "DMG*D8*20140101*M")
    answers, _ = read(a_271(ACTIVE, second, ("EB*6**30",), person=(SUBSCRIBER_OF_DEPENDENT, DEPENDENT)))
    assert [answer.member and answer.member.first_name for answer in answers] == ["BEN", "CAL"]
    assert [answer.benefits[0].kind for answer in answers] == [BenefitKind.ACTIVE, BenefitKind.INACTIVE]


def test_a_subscriber_with_benefits_of_its_own_is_answered_beside_the_dependent() -> None:
    answers, _ = read(a_271(person=(SUBSCRIBER_OF_DEPENDENT, ("EB*1**30",), DEPENDENT)))
    assert [answer.member and answer.member.first_name for answer in answers] == ["ADA", "BEN"]


def test_references_of_a_person_are_kept() -> None:
    assert answer_of(a_271(("REF*6P*GROUP1*INVENTED GROUP",), ACTIVE)).references == (("6P", "GROUP1"),)


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
    answer = answer_of(interchange(transaction(("BHT*0022*11*REF1*20260301*1200",), segments)))
    (rejection,) = answer.rejections
    assert rejection.loop == loop
    assert (answer.member is not None) == has_member


def test_a_rejection_carries_reason_and_follow_up() -> None:
    answer = sound_answer_of(a_271(("AAA*N**72*C", "AAA*Y**73*N")))
    assert answer.rejections == (
        PayerRejection(loop="2100C", reason_code="72", follow_up_code="C"),
        PayerRejection(loop="2100C", reason_code="73", follow_up_code="N"),
    )


def test_a_payers_own_rejection_stands_in_the_answer_about_the_person_too() -> None:
    answer = answer_of(interchange(transaction((*PAYER, "AAA*Y**42*R"), PROVIDER, SUBSCRIBER)))
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
    answer, other = sound_answer_of(a_271(benefits)), sound_answer_of(a_271(benefits, separators=separators))
    assert replace(other, kept=answer.kept) == answer
    assert [one.split(separators.element) for one in other.kept] == [one.split("*") for one in answer.kept]


def test_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    assert sound_answer_of(a_271(line_end="\r\n")) == sound_answer_of(a_271())
    assert answer_of("\ufeff" + a_271()) == sound_answer_of(a_271())


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
