"""One fault of a claim is said once: by its structure or by what it means, and with the first claim of its level."""

import pytest

from app.domain.findings import Severity
from app.x12.checks import check
from app.x12.findings import Report
from tests.x12.coordination_mutants_837 import MUTANTS
from tests.x12.coordination_texts_837 import Mutant, valid
from tests.x12.texts_837 import counted

_SVD = "SVD*PAYERID*80*HC:90837**1~"


def _found(text: str) -> list[tuple[str, str | None]]:
    report = Report()
    check(text, report)
    return [(one.code, one.location) for one in report.findings if one.severity is not Severity.INFORMATION]


def _edited(base: str, before: str, after: str) -> str:
    text = valid(base)
    assert before in text
    return counted(text.replace(before, after, 1))


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_broken_rule_is_found_by_its_own_codes_alone_in_the_whole_check(mutant: Mutant) -> None:
    found = _found(mutant.text)
    assert {code for code, _ in found} == set(mutant.codes)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("SBR*S*18*", "SBR*S*01*", "2000B SBR02"),
        ("OI***Y***Y~", "OI***Y***N~", "2320 OI06"),
        ("XX*1000000020~", "XX~", "2310B NM109"),
        ("CLM*A1B2C3D4E5F6G7H8J*", f"CLM*{'A' * 39}*", "2300 CLM01"),
        ("REF*6R*LINE1~", f"REF*6R*{'L' * 51}~", "2400 REF02"),
        ("*UN*1***1~", "*UN*1***13~", "2400 SV107"),
        ("CAS*CO*45*45~", "CAS*XX*45*45~", "2430 CAS01"),
        ("CAS*CO*45*45~", "CAS*CO*45*45**59~", "2430 CAS06"),
        ("CAS*CO*45*45~", "CAS*CO*45*40***5~", "2430 CAS05"),
        ("CAS*CO*45*45~", "CAS*CO*45~", "2430 CAS03"),
        ("SBR*P*18*******BL~", "SBR*P*18***99****MB~", "2320 SBR05"),
    ],
)
def test_an_element_whose_structure_is_at_fault_has_one_finding(before: str, after: str, place: str) -> None:
    found = _found(_edited("secondary", before, after))
    assert [where for _, where in found if where == place] == [place]


@pytest.mark.parametrize(
    ("base", "segment", "code", "place"),
    [
        ("secondary", "LX*1~", "segment_missing", "2400 SV1"),
        ("secondary", _SVD, "segment_missing", "2430 CAS"),
        ("secondary", "DTP*573*D8*20260910~", "segment_missing", "2430 SVD"),
        ("secondary", "SBR*P*18*******BL~", "segment_missing", "2320 AMT"),
        ("secondary", "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID~", "loop_missing", "2320 SBR"),
    ],
)
def test_a_missing_segment_is_said_without_what_follows_from_it(base: str, segment: str, code: str, place: str) -> None:
    assert _found(_edited(base, segment, "")) == [(code, place)]


@pytest.mark.parametrize(
    ("base", "segment"),
    [("tertiary", "SVD*SECOND*15*HC:90837**1~"), ("secondary with an unbundled line", "SVD*PAYERID*30*HC:90785**1~")],
)
def test_two_decisions_that_run_into_one_another_are_said_by_the_structure_alone(base: str, segment: str) -> None:
    found = _found(_edited(base, segment, ""))
    assert {code for code, _ in found} <= {"segment_out_of_order", "segment_too_often"}
    assert found


@pytest.mark.parametrize("segment", ["SBR*P*18*******BL~", "CLM*A1B2C3D4E5F6G7H8J*150***10:B:1*Y*A*Y*Y~"])
def test_an_opening_segment_that_stands_twice_is_said_once(segment: str) -> None:
    found = _found(_edited("secondary", segment, segment * 2))
    assert [code for code, _ in found if code != "patient_control_number_repeated"] == ["segment_missing"]


def test_of_two_amounts_of_one_kind_the_first_counts() -> None:
    assert _found(_edited("secondary", "AMT*D*80~", "AMT*D*80~AMT*D*70~")) == [("segment_too_often", "2320 AMT")]


def test_what_is_wrong_with_the_subscriber_is_said_with_the_first_claim() -> None:
    text = valid("secondary").replace("SBR*S*18*******CI~", "SBR*S*18~")
    start, end = text.index("CLM*"), text.index("~SE*") + 1
    claim = text[start:end]
    text = counted(text[:start] + "".join(claim.replace("A1B2", f"A1B{number}") for number in range(3)) + text[end:])
    assert _found(text) == [("claim_filing_code_missing", "2000B SBR09")]


def test_each_subscriber_is_judged() -> None:
    text = valid("secondary").replace("SBR*S*18*******CI~", "SBR*S*18~")
    start, end = text.index("HL*2*"), text.index("~SE*") + 1
    another = text[start:end].replace("HL*2*", "HL*3*").replace("A1B2", "B1B2")
    found = _found(counted(text[:end] + another + text[end:]))
    assert found == [("claim_filing_code_missing", "2000B SBR09")] * 2


def test_a_segment_that_is_strange_does_not_hide_what_does_not_add_up() -> None:
    text = _edited("secondary", "HI*ABK:F411~", "HI*ABK:F411~DTP*999*D8*20260101~").replace(
        "CAS*CO*45*45~", "CAS*CO*45*44~"
    )
    assert "line_out_of_balance" in {code for code, _ in _found(text)}
