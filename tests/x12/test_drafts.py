"""Values to segments: the documented normalisation, and findings for what cannot be sent."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.x12.drafts import Draft, Value, basic
from app.x12.eligibility_270 import write
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.separators import Separators
from tests.worker.scale import times
from tests.x12.inquiries import INQUIRY, INTERCHANGE


def _draft(text: str | None, *, separators: Separators | None = None, **limits: int | bool) -> Draft:
    draft = Draft(separators or Separators())
    draft.add("2100C", "NM1", Value(text, "/name", **{"longest": 10, **limits}))  # type: ignore[arg-type]  # mixed limits
    return draft


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Zoë Núñez", "ZOE NUNEZ"),
        ("  Ada ", "ADA"),
        ("O\u2019Neil", "O'NEIL"),
        ("Smith\u2013Lee", "SMITH-LEE"),
        ("Straße", "STRASSE"),
        ("\uff21da", "ADA"),
    ],
)
def test_the_documented_normalisation(text: str, sent: str) -> None:
    draft = _draft(text)
    assert draft.segments == [f"NM1*{sent}"]
    assert draft.findings == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A*B", "delimiter_in_data"),
        ("A:B", "delimiter_in_data"),
        ("A~B", "delimiter_in_data"),
        ("A^B", "delimiter_in_data"),
        ("A_B", "character_not_allowed"),
        ("A\nB", "character_not_allowed"),
        ("Łódź", "character_not_allowed"),
        ("李", "character_not_allowed"),
        ("A\x00", "character_not_allowed"),
        ("ABCDEFGHIJK", "value_too_long"),
        ("", "value_missing"),
        (None, "value_missing"),
        ("  ", "value_missing"),
    ],
)
def test_what_cannot_be_sent_is_a_finding_with_pointer_and_place(text: str | None, code: str) -> None:
    (finding,) = _draft(text).findings
    assert (finding.code, finding.pointer, finding.location) == (code, "/name", "2100C NM101")


def test_every_fault_of_a_value_is_reported() -> None:
    codes = [finding.code for finding in _draft("A*B_CDEFGHIJKL").findings]
    assert codes == ["value_too_long", "delimiter_in_data", "character_not_allowed"]


def test_a_character_is_a_delimiter_only_where_it_delimits() -> None:
    assert _draft("A*B", separators=Separators(element="|")).findings == []
    assert [one.code for one in _draft("A+B", separators=Separators(element="+")).findings] == ["delimiter_in_data"]


def test_an_exact_value_is_not_changed() -> None:
    assert [finding.code for finding in _draft("abc", exact=True).findings] == ["character_not_allowed"]
    assert _draft("ABC", exact=True).segments == ["NM1*ABC"]


def test_a_value_that_is_not_required_may_be_empty() -> None:
    draft = _draft(None, required=False)
    assert (draft.segments, draft.findings) == (["NM1"], [])


def test_a_value_can_be_too_short() -> None:
    assert [finding.code for finding in _draft("A", shortest=2).findings] == ["value_too_short"]


def test_no_element_separators_stand_at_the_end_of_a_segment() -> None:
    draft = Draft()
    draft.add(None, "HL", "1", "", "20", "", "")
    assert draft.segments == ["HL*1**20"]


def test_repetitions_need_a_repetition_separator() -> None:
    draft = Draft(Separators(repetition=None))
    draft.add("2110C", "EQ", [Value("30", "/0", 2), Value("MH", "/1", 2)])
    assert [finding.code for finding in draft.findings] == ["value_invalid"]


def test_a_draft_has_a_place_of_its_own() -> None:
    draft = Draft(pointer="/inquiries/3")
    draft.add("2100C", "NM1", Value("A_B", "/name", 10))
    assert [finding.pointer for finding in draft.findings] == ["/inquiries/3/name"]


@pytest.mark.parametrize(
    ("separators", "code"),
    [
        (Separators(element="A"), "element_separator"),
        (Separators(element="\u2028"), "element_separator"),
        (Separators(component="\x85"), "component_separator"),
        (Separators(segment="~~"), "segment_terminator"),
        (Separators(segment=""), "segment_terminator"),
        (Separators(repetition="U"), "repetition_separator"),
        (Separators(repetition=" "), "repetition_separator"),
        (Separators(repetition="\xe9"), "repetition_separator"),
    ],
)
def test_delimiters_that_cannot_delimit_are_a_finding(separators: Separators, code: str) -> None:
    assert [finding.code for finding in Draft(separators).findings] == [code]


_DELIMITERS = st.characters(max_codepoint=255) | st.sampled_from(["", "**", "\u2028"])


@settings(deadline=None, max_examples=times(300, 5000))
@given(st.builds(Separators, element=_DELIMITERS, component=_DELIMITERS, repetition=_DELIMITERS, segment=_DELIMITERS))
def test_delimiters_that_are_taken_are_read_back(separators: Separators) -> None:
    text, findings = write(INQUIRY, INTERCHANGE, separators)
    report = Report()
    if text is None:
        assert findings
        return
    (read,) = (one for one in read_transactions(text, report) if isinstance(one, TransactionSet))
    assert read.header.separators == separators
    assert report.findings == ()


@pytest.mark.parametrize(("text", "code"), [(" ", "value_missing"), (" A", "value_invalid"), ("A ", "value_invalid")])
def test_an_exact_value_has_no_blank_that_a_receiver_would_drop(text: str, code: str) -> None:
    assert [finding.code for finding in _draft(text, exact=True).findings] == [code]


@pytest.mark.parametrize("day", [date(1800, 1, 1), date(2099, 12, 31)])
def test_a_day_of_three_centuries_is_sent(day: date) -> None:
    draft = Draft()
    assert draft.day(day, "/day", "2100C DMG02") == f"{day:%Y%m%d}"
    assert draft.findings == []


@pytest.mark.parametrize("day", [date.min, date(1799, 12, 31), date(2100, 1, 1), date.max])
def test_a_day_before_or_after_them_is_a_finding(day: date) -> None:
    draft = Draft()
    draft.day(day, "/day", "2100C DMG02")
    assert [(one.code, one.pointer, one.location) for one in draft.findings] == [("date_range", "/day", "2100C DMG02")]


@settings(deadline=None)
@given(st.text())
def test_a_text_without_finding_is_in_the_basic_set_and_holds_no_delimiter(text: str) -> None:
    draft = _draft(text, longest=1000)
    sent = draft.segments[0].removeprefix("NM1").removeprefix("*")
    if not draft.findings:
        assert re.fullmatch(r"[A-Z0-9 !\"&'()+,\-./;?=]+", sent)
    assert draft.findings or sent == basic(text)


@settings(deadline=None)
@given(st.text())
def test_the_normalisation_of_a_normalised_text_is_the_same_text(text: str) -> None:
    draft = _draft(text, longest=1000)
    if not draft.findings:
        assert basic(basic(text)) == basic(text)
