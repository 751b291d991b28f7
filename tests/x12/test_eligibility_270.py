"""The inquiry as text: what is sent, what is refused, and that another grammar accepts it."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings

from app.domain.codes import Relationship
from app.domain.eligibility import EligibilityInquiry, Interchange
from app.domain.findings import Finding
from app.domain.parties import PersonName, Sex
from app.x12.drafts import basic
from app.x12.eligibility_270 import write, write_many
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.segments import Segment
from app.x12.separators import DEFAULT, Separators
from tests.x12.inquiries import ADA, BEN, INQUIRY, INTERCHANGE, an_inquiry, an_interchange, inquiries, interchanges
from tests.x12.oracle import models


def _text(inquiry: EligibilityInquiry, interchange: Interchange = INTERCHANGE, separators: Separators = DEFAULT) -> str:
    text, findings = write(inquiry, interchange, separators)
    assert findings == ()
    assert text is not None
    return text


def _bodies(text: str) -> list[list[Segment]]:
    """Those of the transaction sets; no finding in the envelope."""
    report = Report()
    bodies = [list(item.segments) for item in read_transactions(text, report) if isinstance(item, TransactionSet)]
    assert report.findings == ()
    return bodies


def _segments(text: str) -> list[Segment]:
    """Body of the one transaction set."""
    (body,) = _bodies(text)
    return body


def _refusals(inquiry: EligibilityInquiry, interchange: Interchange = INTERCHANGE) -> tuple[Finding, ...]:
    text, findings = write(inquiry, interchange)
    assert text is None
    return findings


def test_a_subscriber_inquiry_to_the_letter() -> None:
    assert _text(INQUIRY) == (
        "ISA*00*          *00*          *ZZ*QUIETROOMS     *ZZ*CLEARING       *260301*1200*^*00501*000000042*0*T*:~"
        "GS*HS*QUIETROOMS*CLEARING*20260301*1200*42*X*005010X279A1~"
        "ST*270*0001*005010X279A1~"
        "BHT*0022*13*REF-1*20260301*1200~"
        "HL*1**20*1~"
        "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01~"
        "HL*2*1*21*1~"
        "NM1*1P*2*QUIET ROOMS THERAPY*****XX*1234567893~"
        "HL*3*2*22*0~"
        "TRN*1*TRACE-1*9123456789~"
        "NM1*IL*1*FERNWOOD*ADA****MI*QRX100200300~"
        "DMG*D8*19840229*F~"
        "DTP*291*D8*20260301~"
        "EQ*30^MH~"
        "SE*13*0001~GE*1*42~IEA*1*000000042~"
    )


def test_a_dependent_gets_loop_2000d_with_trace_relationship_and_question() -> None:
    text = _text(an_inquiry(dependent=BEN, relationship="child"))
    assert [segment.raw for segment in _segments(text)][5:] == [
        "HL*3*2*22*1",
        "NM1*IL*1*FERNWOOD*ADA****MI*QRX100200300",
        "HL*4*3*23*0",
        "TRN*1*TRACE-1*9123456789",
        "NM1*03*1*FERNWOOD*BEN",
        "DMG*D8*20120615*M",
        "INS*N*19",
        "DTP*291*D8*20260301",
        "EQ*30^MH",
    ]


@pytest.mark.parametrize(
    ("relationship", "ins"),
    [
        ("spouse", ["INS*N*01"]),
        ("01", ["INS*N*01"]),
        ("child", ["INS*N*19"]),
        ("life_partner", ["INS*N*34"]),
        ("employee", ["INS*N*34"]),
        ("other", []),
        ("unknown", []),
    ],
)
def test_the_relationship_is_stated_where_the_270_has_a_code(relationship: str, ins: list[str]) -> None:
    body = _segments(_text(an_inquiry(dependent=BEN, relationship=relationship)))
    assert [segment.raw for segment in body if segment.id == "INS"] == ins


@pytest.mark.parametrize(
    ("relationship", "code"),
    [
        (None, "value_missing"),
        ("", "value_missing"),
        ("self", "value_invalid"),
        ("18", "value_invalid"),
        ("cousin", "value_invalid"),
    ],
)
def test_a_dependent_without_a_dependents_relationship_is_refused(relationship: str | None, code: str) -> None:
    (finding,) = _refusals(an_inquiry(dependent=BEN, relationship=relationship))
    assert (finding.code, finding.pointer, finding.location) == (code, "/relationship", "2100D INS02")


def test_an_unknown_sex_is_not_stated() -> None:
    body = _segments(_text(an_inquiry(subscriber=replace(ADA, sex=Sex.UNKNOWN))))
    assert "DMG*D8*19840229" in [segment.raw for segment in body]


def test_production_is_marked() -> None:
    assert _text(INQUIRY, an_interchange(is_test=False))[102] == "P"


def test_times_are_sent_in_utc() -> None:
    created = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert "BHT*0022*13*REF-1*20260302*0430~" in _text(INQUIRY, an_interchange(created_at=created))


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "location"),
    [
        ({"member_id": "QRX*1"}, "delimiter_in_data", "/member_id", "2100C NM109"),
        ({"member_id": "Q"}, "value_too_short", "/member_id", "2100C NM109"),
        ({"member_id": "Q" * 81}, "value_too_long", "/member_id", "2100C NM109"),
        ({"payer_name": "Plan #1"}, "character_not_allowed", "/payer_name", "2100A NM103"),
        ({"payer_id": ""}, "value_missing", "/payer_id", "2100A NM109"),
        ({"provider_npi": "1234567890"}, "value_invalid", "/provider_npi", "2100B NM109"),
        ({"provider_name": "x" * 61}, "value_too_long", "/provider_name", "2100B NM103"),
        ({"trace_number": "lower-case"}, "character_not_allowed", "/trace_number", "2000C TRN02"),
        ({"trace_number": "T" * 31}, "value_too_long", "/trace_number", "2000C TRN02"),
        ({"reference": ""}, "value_missing", "/reference", "BHT03"),
        ({"service_types": ()}, "value_missing", "/service_types", "2110C EQ01"),
        ({"service_types": ("30", "mh")}, "character_not_allowed", "/service_types/1", "2110C EQ01"),
        (
            {"subscriber": replace(ADA, name=PersonName(last="Fernwood", first="李"))},
            "character_not_allowed",
            "/subscriber/name/first",
            "2100C NM104",
        ),
        (
            {"dependent": replace(BEN, name=PersonName(last="", first="Ben")), "relationship": "child"},
            "value_missing",
            "/dependent/name/last",
            "2100D NM103",
        ),
    ],
)
def test_what_cannot_be_written_is_a_finding(changes: dict[str, Any], code: str, pointer: str, location: str) -> None:
    (finding,) = _refusals(an_inquiry(**changes))
    assert (finding.code, finding.pointer, finding.location) == (code, pointer, location)


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"control_number": 0}, "value_invalid", "/control_number"),
        ({"control_number": 1_000_000_000}, "value_invalid", "/control_number"),
        ({"sender_id": "S" * 16}, "value_too_long", "/sender_id"),
        ({"receiver_id": "R"}, "value_too_short", "/receiver_id"),
    ],
)
def test_an_envelope_that_cannot_be_written_is_a_finding(changes: dict[str, Any], code: str, pointer: str) -> None:
    (finding,) = _refusals(INQUIRY, an_interchange(**changes))
    assert (finding.code, finding.pointer) == (code, pointer)


def test_a_day_that_no_reader_takes_is_a_finding_where_it_stands() -> None:
    early = date(1799, 12, 31)
    text, findings = write(
        an_inquiry(subscriber=replace(ADA, birth_date=early), service_date=date(2100, 1, 1)), INTERCHANGE
    )
    assert text is None
    assert [(one.code, one.pointer, one.location) for one in findings] == [
        ("date_range", "/subscriber/birth_date", "2100C DMG02"),
        ("date_range", "/service_date", "2100C DTP03"),
    ]
    _, findings = write(
        an_inquiry(dependent=replace(BEN, birth_date=early), relationship=Relationship.CHILD.value), INTERCHANGE
    )
    assert [(one.code, one.pointer) for one in findings] == [("date_range", "/dependent/birth_date")]


def test_all_findings_come_at_once_and_hold_no_value() -> None:
    findings = _refusals(an_inquiry(member_id="SECRET~1", provider_name="Rooms_2", trace_number="t"))
    assert [finding.pointer for finding in findings] == ["/provider_name", "/trace_number", "/member_id"]
    assert "SECRET" not in repr(findings)


def test_other_delimiters_are_used_everywhere() -> None:
    separators = Separators(element="|", component=">", repetition="!", segment="\n")
    body = _segments(_text(an_inquiry(member_id="A*B"), separators=separators))
    assert next(segment for segment in body if segment.id == "NM1" and segment.get(1) == "IL").get(9) == "A*B"
    assert body[-1].repeats(1) == ("30", "MH")


@settings(max_examples=50, deadline=None)
@given(inquiry=inquiries, interchange=interchanges)
def test_what_is_written_has_sound_counts_numbers_and_values(
    inquiry: EligibilityInquiry, interchange: Interchange
) -> None:
    text = _text(inquiry, interchange)
    body = _segments(text)
    names = {segment.get(1): segment for segment in body if segment.id == "NM1"}
    assert text[90:99] == f"{interchange.control_number:09}"
    assert names["IL"].get(3) == basic(inquiry.subscriber.name.last)
    assert names["IL"].get(9) == basic(inquiry.member_id)
    assert body[0].get(3) == inquiry.reference
    assert [segment.get(2) for segment in body if segment.id == "TRN"] == [inquiry.trace_number]
    assert body[-1].repeats(1) == inquiry.service_types
    assert ("03" in names) == (inquiry.dependent is not None)


@settings(max_examples=50, deadline=None)
@given(inquiry=inquiries, interchange=interchanges)
def test_an_independent_grammar_accepts_what_is_written_and_gives_it_back(
    inquiry: EligibilityInquiry, interchange: Interchange
) -> None:
    text = _text(inquiry, interchange)
    (model,) = models(text)
    assert model.x12().replace("\n", "") == text[text.index("ST*270") : text.index("GE*1*")]


def test_every_relationship_of_a_coverage_can_be_asked_about_but_self() -> None:
    for relationship in Relationship:
        text, findings = write(an_inquiry(dependent=BEN, relationship=relationship.value), INTERCHANGE)
        assert (text is None) == (relationship is Relationship.SELF) == bool(findings)


def test_several_inquiries_stand_in_one_interchange() -> None:
    asked = [
        INQUIRY,
        an_inquiry(reference="REF-2", trace_number="TRACE-2"),
        an_inquiry(reference="REF-3", trace_number="TRACE-3", dependent=BEN, relationship="child"),
    ]
    text, findings = write_many(asked, an_interchange(group_control_number=7, first_transaction_number=12))
    assert findings == ()
    assert text is not None
    assert (
        "".join(model.x12().replace("\n", "") for model in models(text))
        == text[text.index("ST*270") : text.index("GE*3")]
    )
    alone = [_segments(_text(one)) for one in asked]
    assert [segment.raw for body in _bodies(text) for segment in body] == [one.raw for body in alone for one in body]
    assert text.endswith("~GE*3*7~IEA*1*000000042~")


def test_an_inquiry_among_several_is_refused_at_its_place() -> None:
    asked = [INQUIRY, an_inquiry(member_id="", reference="REF-2", trace_number="TRACE-1")]
    text, findings = write_many(asked, INTERCHANGE)
    assert text is None
    assert [(finding.code, finding.pointer) for finding in findings] == [
        ("value_repeated", "/inquiries/1/trace_number"),
        ("value_missing", "/inquiries/1/member_id"),
    ]


def test_no_inquiry_is_no_interchange() -> None:
    text, findings = write_many([], INTERCHANGE)
    assert text is None
    assert [(finding.code, finding.pointer) for finding in findings] == [("value_missing", "/inquiries")]
