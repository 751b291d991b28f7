"""Interchange, group and transaction set: what does not fit together is reported where it is."""

import pytest

from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.segments import Segment
from tests.x12.texts_271 import ACTIVE, PAYER, PROVIDER, SUBSCRIBER, a_271, interchange, transaction


def _read(text: str | bytes) -> tuple[list[tuple[str, list[Segment], bool]], tuple[X12Finding, ...]]:
    report = Report()
    found = []
    for item in read_transactions(text, report):
        if isinstance(item, TransactionSet):
            segments = list(item.segments)
            found.append((item.control_number, segments, item.complete))
    return found, report.findings


def _codes(text: str | bytes) -> list[str]:
    return [finding.code for finding in _read(text)[1]]


def test_a_transaction_set_hands_out_the_segments_between_st_and_se() -> None:
    ((number, segments, complete),), findings = _read(a_271())
    assert (number, complete, findings) == ("0001", True, ())
    assert segments[0].id == "BHT"
    assert segments[-1].id == "EB"


def test_headers_say_who_to_whom_and_which_guide() -> None:
    (item,) = [one for one in read_transactions(a_271(), Report()) if isinstance(one, TransactionSet)]
    assert item.interchange.sender_id == "INVENTEDPAYER"
    assert item.interchange.receiver_id == "QUIETROOMS"
    assert item.interchange.control_number == "000000042"
    assert item.interchange.usage == "T"
    assert item.group.functional_code == "HB"
    assert item.guide == "005010X279A1"


def test_the_guide_is_the_groups_where_the_transaction_set_names_none() -> None:
    text = a_271().replace("ST*271*0001*005010X279A1", "ST*271*0001")
    (item,) = [one for one in read_transactions(text, Report()) if isinstance(one, TransactionSet)]
    assert item.guide == "005010X279A1"


def test_segments_that_nobody_takes_are_passed_by() -> None:
    body = (PAYER, PROVIDER, SUBSCRIBER, ACTIVE)
    text = interchange(transaction(*body, number="0001"), transaction(*body, number="0002"))
    report = Report()
    numbers = [item.control_number for item in read_transactions(text, report) if isinstance(item, TransactionSet)]
    assert numbers == ["0001", "0002"]
    assert report.findings == ()


def test_an_interchange_acknowledgment_is_handed_out() -> None:
    ta1 = "TA1*000000042*260301*1200*A*000~"
    text = a_271()[:106] + ta1 + "IEA*0*000000042~"
    (item,) = read_transactions(text, Report())
    assert isinstance(item, InterchangeAcknowledgment)
    assert item.segment.get(4) == "A"


@pytest.mark.parametrize(
    ("old", "new", "code", "standard_code", "place"),
    [
        ("IEA*1*000000042", "IEA*1*000000043", "interchange_control_number", "TA105 001", "IEA02"),
        ("IEA*1*", "IEA*2*", "interchange_count", "TA105 021", "IEA01"),
        ("GE*1*42", "GE*1*43", "group_control_number", "AK905 4", "GE02"),
        ("GE*1*42", "GE*X*42", "group_count", "AK905 5", "GE01"),
        ("*0001~GE", "*0002~GE", "transaction_control_number", "IK502 3", "SE02"),
        ("SE*15*", "SE*16*", "transaction_count", "IK502 4", "SE01"),
        ("ST*271*0001*005010X279A1", "ST*271*0001*005010X279", "transaction_guide", "IK502 I6", "ST03"),
        ("*00501*", "*00401*", "interchange_version", "TA105 017", "ISA12"),
    ],
)
def test_a_number_or_count_that_does_not_fit_is_one_finding(
    old: str, new: str, code: str, standard_code: str, place: str
) -> None:
    text = a_271()
    assert old in text
    _, (finding,) = _read(text.replace(old, new))
    assert (finding.code, finding.standard_code, finding.location) == (code, standard_code, place)
    assert finding.offset is not None
    assert finding.segment_number is not None


def test_leading_zeros_of_a_group_number_make_no_difference() -> None:
    assert _codes(a_271().replace("GE*1*42", "GE*1*000000042")) == []


@pytest.mark.parametrize(
    ("missing", "codes"),
    [
        ("IEA*1*000000042~", ["interchange_truncated"]),
        ("GE*1*42~", ["group_truncated"]),
        ("SE*15*0001~", ["transaction_truncated"]),
        ("GE*1*42~IEA*1*000000042~", ["group_truncated", "interchange_truncated"]),
    ],
)
def test_a_missing_trailer_is_reported(missing: str, codes: list[str]) -> None:
    assert missing in a_271()
    assert _codes(a_271().replace(missing, "")) == codes


def test_a_transaction_set_without_trailer_is_not_complete() -> None:
    ((_, _, complete),), _ = _read(a_271().replace("SE*15*0001~", ""))
    assert not complete


def test_an_interchange_without_trailer_before_the_next_is_reported() -> None:
    cut = a_271().removesuffix("IEA*1*000000042~")
    transactions, findings = _read(cut + a_271())
    assert [complete for _, _, complete in transactions] == [True, True]
    assert [finding.code for finding in findings] == ["interchange_truncated"]


def test_two_transaction_sets_with_one_number_are_reported() -> None:
    body = (PAYER, PROVIDER, SUBSCRIBER, ACTIVE)
    assert _codes(interchange(transaction(*body), transaction(*body))) == ["transaction_duplicate"]


def test_a_segment_outside_its_place_is_reported_and_the_rest_read() -> None:
    transactions, findings = _read(a_271().replace("GS*HB", "N1*PR*LOST~GS*HB"))
    assert len(transactions) == 1
    assert [finding.code for finding in findings] == ["interchange_content"]


def test_a_segment_cut_by_the_end_of_the_text_is_never_handed_out() -> None:
    text = a_271()
    cut = text[: text.index("GOLD PLAN") + 4]
    ((_, segments, complete),), _ = _read(cut)
    assert not complete
    assert "EB" not in [segment.id for segment in segments]


def test_runs_of_a_transaction_set_are_its_segments() -> None:
    text = interchange(
        transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, number="0001"),
        transaction(PAYER, PROVIDER, SUBSCRIBER, ACTIVE, number="0002"),
        line_end="\n",
    )
    sets = [one for one in read_transactions(text, Report()) if isinstance(one, TransactionSet)]
    by_run = [
        [segment for run in one.runs for segment in run]
        for one in read_transactions(text, Report())
        if isinstance(one, TransactionSet)
    ]
    by_segment = [segments for _, segments, _ in _read(text)[0]]
    assert by_run == by_segment
    assert len(sets) == 2


@pytest.mark.parametrize(("missing", "number"), [("nothing", 17), ("SE*15*0001~", None)])
def test_the_trailer_of_a_transaction_set_is_known_at_its_end(missing: str, number: int | None) -> None:
    one = next(read_transactions(a_271().replace(missing, ""), Report()))
    assert isinstance(one, TransactionSet)
    assert one.trailer is None
    list(one.segments)
    assert (one.trailer.number if one.trailer else None) == number


def test_an_se_in_the_middle_is_said_and_the_transaction_set_goes_on() -> None:
    source = a_271()
    wholes = []
    for text in (source, source.replace("HL*2", "SE*9*0001~HL*2", 1)):
        report = Report()
        for one in read_transactions(text, report):
            assert isinstance(one, TransactionSet)
            wholes.append(([segment.elements for segment in one.segments], one.complete))
    (sound, is_complete), (damaged, is_still_complete) = wholes
    assert (damaged, is_complete, is_still_complete) == (sound, True, False)
    assert (report.findings[0].code, report.findings[0].segment_id) == ("interchange_content", "SE")


def test_an_se_that_counts_rightly_ends_it_and_what_follows_is_said_once() -> None:
    """Up to the next ST."""
    source = a_271()
    body = source[source.index("HL*1") : source.index("SE*")]
    report = Report()
    taken = list(read_transactions(source.replace("GE*", f"{body}GE*", 1) + a_271(), report))
    assert len(taken) == 2
    assert [finding.code for finding in report.findings] == ["interchange_content"]
