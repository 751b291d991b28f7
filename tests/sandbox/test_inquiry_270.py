"""What the sandbox demands of a 270."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.inquiry_270 import Inquiry, read_inquiry
from app.sandbox.interchange import Interchange, Problem, read_interchange
from tests.sandbox.inquiries import Asked, interchange

JUNIOR = Asked(dependent=("PRETEND", "JUNIOR", "20120509", "M", "19"))


def read(segments: list[str]) -> Inquiry | tuple[Problem, ...]:
    envelope = read_interchange(interchange(segments))
    assert isinstance(envelope, Interchange)
    return read_inquiry(envelope)


def test_a_subscribers_inquiry_is_read_whole() -> None:
    inquiry = read(Asked().segments())
    assert isinstance(inquiry, Inquiry)
    assert (inquiry.payer_id, inquiry.provider_npi, inquiry.reference) == ("XOVR1", "1999999984", "REF0001")
    assert inquiry.trace == ("TRACE0001", "9CROSSOVER")
    person = inquiry.subscriber
    assert (person.last_name, person.first_name, person.member_id) == ("FICTIONAL", "TESTINA", "MLK100001")
    assert (person.birth_date, person.sex) == (date(1985, 4, 12), "F")
    assert (inquiry.dependent, inquiry.service_date) == (None, date(2026, 3, 2))
    assert inquiry.service_types == ("30", "MH")


def test_a_dependents_inquiry_names_both_people() -> None:
    inquiry = read(JUNIOR.segments())
    assert isinstance(inquiry, Inquiry)
    assert inquiry.dependent is not None
    assert (inquiry.dependent.first_name, inquiry.dependent.birth_date) == ("JUNIOR", date(2012, 5, 9))
    assert inquiry.trace == ("TRACE0001", "9CROSSOVER")


def test_service_types_may_repeat_inside_one_eq() -> None:
    inquiry = read(Asked(service_types=("30^MH^98",)).segments())
    assert isinstance(inquiry, Inquiry)
    assert inquiry.service_types == ("30", "MH", "98")


def test_an_inquiry_does_not_show_whom_it_asks_about() -> None:
    inquiry = read(Asked().segments())
    assert "FICTIONAL" not in repr(inquiry)
    assert "MLK100001" not in repr(inquiry)


@pytest.mark.parametrize(
    ("old", "new", "element", "reason"),
    [
        ("BHT*0022*13", "BHT*0019*13", "BHT01", "7"),
        ("*20260302*1319", "*20260231*1319", "BHT04", "8"),
        ("NM1*PR*2*SOME PAYER", "NM1*PR*2*", "NM103", "1"),
        ("NM1*PR*2*", "NM1*XX*2*", "NM101", "7"),
        ("*XX*1999999984", "*XX*1999999983", "NM109", "7"),
        ("*XX*1999999984", "*SV*1999999984", "NM109", "7"),
        ("*9CROSSOVER", "*9CROSS", "TRN03", "4"),
        ("****MI*", "****ZZ*", "NM108", "7"),
        ("DMG*D8*19850412", "DMG*D8*19850230", "DMG02", "8"),
        ("*19850412*F", "*19850412*X", "DMG03", "7"),
        ("DTP*291*D8*20260302", "DTP*291*D8*2026-03-02", "DTP03", "8"),
        ("DTP*291", "DTP*999", "DTP01", "7"),
        ("EQ*30", "EQ*ZZ", "EQ01", "7"),
    ],
)
def test_a_bad_value_is_named_by_segment_element_and_reason(old: str, new: str, element: str, reason: str) -> None:
    segments = Asked().segments()
    changed = [segment.replace(old, new) for segment in segments]
    problems = read(changed)
    assert not isinstance(problems, Inquiry)
    (problem,) = problems
    number = next(place for place, pair in enumerate(zip(segments, changed, strict=True), 1) if pair[0] != pair[1])
    assert (problem.location, problem.reason_code, problem.position) == (element, reason, number)
    assert problem.segment == element[:-2]


def test_a_dependents_relationship_is_one_of_three() -> None:
    changed = [segment.replace("INS*N*19", "INS*N*G8") for segment in JUNIOR.segments()]
    problems = read(changed)
    assert not isinstance(problems, Inquiry)
    assert [(problem.location, problem.reason_code) for problem in problems] == [("INS02", "7")]


@pytest.mark.parametrize("missing", ["BHT", "HL*1", "NM1*PR", "HL*2", "NM1*1P", "HL*3", "NM1*IL"])
def test_a_missing_segment_is_a_problem_of_form(missing: str) -> None:
    inside = [segment for segment in Asked().segments()[:-1] if not segment.startswith(missing)]
    problems = read([*inside, f"SE*{len(inside) + 1}*0001"])
    assert not isinstance(problems, Inquiry)
    assert any(problem.segment is None for problem in problems)


def test_an_inquiry_without_a_service_type_is_a_problem_of_form() -> None:
    problems = read(Asked(service_types=()).segments())
    assert not isinstance(problems, Inquiry)
    assert [problem.location for problem in problems] == ["EQ"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HL*3*2*22*0", "HL*3*2*22*1"),
        ("HL*3*2*22*0", "HL*3*1*22*0"),
        ("HL*3*2*22*0", "HL*4*2*22*0"),
        ("HL*2*1*21*1", "HL*2*1*21*0"),
        ("NM1*IL", "REF*18*PLAN~NM1*IL"),
        ("NM1*IL", "CLM*1*100~NM1*IL"),
        ("EQ*30", "EQ*30~DMG*D8*19850412"),
        ("DMG*", "N3*1 STREET~N3*2 STREET~DMG*"),
    ],
)
def test_a_misplaced_or_surplus_segment_is_a_problem_of_form(old: str, new: str) -> None:
    inside = "~".join(Asked().segments()[:-1]).replace(old, new).split("~")
    problems = read([*inside, f"SE*{len(inside) + 1}*0001"])
    assert not isinstance(problems, Inquiry)
    assert any(problem.segment is None for problem in problems)


def test_another_transaction_or_version_is_refused() -> None:
    for text in (Asked().text().replace("*HS*", "*HC*"), Asked().text().replace("X279A1", "X279")):
        envelope = read_interchange(text.replace("GS*HS*", "GS*HC*") if "*HC*" in text else text)
        assert isinstance(envelope, Interchange)
        assert not isinstance(read_inquiry(envelope), Inquiry)


@given(st.data())
def test_any_order_of_segments_is_read_or_refused(data: st.DataObject) -> None:
    inside = data.draw(st.permutations(JUNIOR.segments()[1:-1]))
    kept = data.draw(st.integers(0, len(inside)))
    result = read(["ST*270*0001*005010X279A1", *inside[:kept], f"SE*{kept + 2}*0001"])
    assert isinstance(result, Inquiry) or len(result) > 0
