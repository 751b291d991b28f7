"""The acknowledgments of syntax read: transaction sets and groups (999), interchanges (TA1)."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.acknowledgments import (
    EnvelopeAcknowledgment,
    GroupAcknowledgment,
    SyntaxNote,
    TransactionAcknowledgment,
)
from app.domain.findings import Severity
from app.x12.acknowledgment_999 import Acknowledgment, read, read_interchange_acknowledgment, read_transaction
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.separators import Separators
from tests.x12.pyx12_oracle import complaints
from tests.x12.texts_999 import a_999, a_ta1, around

CLAIM = "QUIETROOMS0000001"
REFUSED = ("AK2*837*0001*005010X222A1", "IK3*NM1*22*2010*8", f"CTX*CLM01:{CLAIM}", "IK4*3*1035*1", "IK5*R*5")


def _all(text: str) -> tuple[Acknowledgment, ...]:
    """The acknowledgments of a text without findings."""
    acknowledgments, findings = read(text)
    assert findings == ()
    return acknowledgments


def _codes(findings: Iterable[X12Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.location) for finding in findings]


# Transaction sets


@pytest.mark.parametrize(("code", "accepted"), [("A", True), ("E", True), *((code, False) for code in "RMWX")])
def test_the_verdict_on_a_transaction_set_is_its_code(code: str, accepted: bool) -> None:
    (acknowledgment,) = _all(a_999("AK2*837*0007", f"IK5*{code}"))
    assert acknowledgment == TransactionAcknowledgment(
        group_control_number="42",
        transaction_control_number="0007",
        accepted=accepted,
        status_code=code,
        transaction_code="837",
        guide="005010X222A1",
    )


def test_errors_are_words_of_loop_segment_element_and_code() -> None:
    (acknowledgment,) = _all(
        a_999(
            "AK2*837*0001",
            "IK3*NM1*22*2010BA*8",
            "CTX*SITUATIONAL TRIGGER*CLM*43**5:3",
            f"CTX*CLM01:{CLAIM}",
            "IK4*3*1035*1*FERNWOOD",
            "IK4*5:2*1325*I12",
            "IK3*REF*57**3",
            f"CTX*CLM01:{CLAIM}",
            "IK5*R*5*I6",
        )
    )
    assert isinstance(acknowledgment, TransactionAcknowledgment)
    assert acknowledgment.errors == (
        "2010BA NM1: 8",
        "2010BA NM1 3: 1",
        "2010BA NM1 5-2: I12",
        "REF: 3",
        "transaction set: 5",
        "transaction set: I6",
    )
    assert acknowledgment.patient_control_numbers == (CLAIM,)


def test_each_transaction_set_has_its_own_verdict() -> None:
    acknowledgments = _all(a_999("AK2*837*0001", "IK5*A", *(one.replace("0001*", "0002*") for one in REFUSED)))
    assert [
        (one.transaction_control_number, one.accepted, len(one.errors))
        for one in acknowledgments
        if isinstance(one, TransactionAcknowledgment)
    ] == [("0001", True, 0), ("0002", False, 3)]


def test_what_was_written_where_a_code_belongs_is_not_repeated_in_words_and_kept() -> None:
    segments = ("IK3*FERNWOOD*1*ADA LANE*ADA", "IK4*B:C*1*QRX100*ADA")
    (acknowledgment,), findings = read(a_999("AK2*837*0001", *segments, "IK5*R"))
    assert isinstance(acknowledgment, TransactionAcknowledgment)
    assert acknowledgment.errors == ("? ?: ?", "? ? ?-?: ?")
    assert acknowledgment.kept == segments
    assert _codes(findings) == [("code_unknown", "IK304"), ("code_unknown", "IK403")]
    assert "ADA" not in repr((acknowledgment, findings))


def test_the_notes_say_all_that_stands_beside_an_error() -> None:
    (acknowledgment,) = _all(
        a_999(
            "AK2*837*0001",
            "IK3*NM1*22*2010BA*8",
            "CTX*SITUATIONAL TRIGGER*CLM*43*2300*5:3",
            f"CTX*CLM01:{CLAIM}",
            "IK4*3*1035*1*FERNWOOD",
            "IK4*5:2:1*1325*I12",
            "CTX*SITUATIONAL TRIGGER*SBR*9",
            "IK5*R*5",
        )
    )
    assert isinstance(acknowledgment, TransactionAcknowledgment)
    of_segment = SyntaxNote(segment_id="NM1", position=22, loop="2010BA", error_code="8")
    assert acknowledgment.notes == (
        replace(of_segment, triggers=("2300 CLM 43 5-3",), business_unit=("CLM01", CLAIM)),
        replace(of_segment, error_code="1", element=3, reference_number="1035", bad_data="FERNWOOD"),
        replace(
            of_segment,
            error_code="I12",
            element=5,
            component=2,
            repetition=1,
            reference_number="1325",
            triggers=("SBR 9",),
        ),
        SyntaxNote(segment_id="ST", error_code="5"),
    )
    assert acknowledgment.kept == ()
    assert "FERNWOOD" not in repr(acknowledgment)
    assert CLAIM not in repr(acknowledgment.notes)


@pytest.mark.parametrize(
    ("segment", "finding"),
    [
        ("ZZZ*1", ("segment_unknown", "ZZZ")),
        ("IK3*NM1*22**I1", ("code_unknown", "IK304")),
        ("IK4*1**99", ("code_unknown", "IK403")),
        ("IK5*R*14", ("code_unknown", "IK502")),
        ("IK5*R*5*14", ("code_unknown", "IK503")),
    ],
)
def test_a_code_or_segment_nobody_knows_is_said_and_kept(segment: str, finding: tuple[str, str]) -> None:
    last = () if segment.startswith("IK5") else ("IK5*R",)
    (acknowledgment,), findings = read(a_999("AK2*837*0001", segment, *last))
    assert _codes(findings) == [finding]
    assert isinstance(acknowledgment, TransactionAcknowledgment)
    assert segment in acknowledgment.kept or segment.rsplit("*", maxsplit=1)[-1] in acknowledgment.errors[-1]


@pytest.mark.parametrize("surplus", ["AK1*HC*42*005010X222A1*MORE", "AK2*837*0001**MORE", "CTX*CLM01:1*****MORE"])
def test_elements_without_a_field_are_kept_with_their_segment(surplus: str) -> None:
    body = [surplus] if surplus.startswith("AK2") else ["AK2*837*0001", "IK3*NM1*22**8"]
    text = a_999(*body, *([surplus] if surplus.startswith("CTX") else []), "IK5*R")
    text = text.replace("AK1*HC*42*005010X222A1", surplus) if surplus.startswith("AK1") else text
    (acknowledgment, *_), _ = read(text)
    assert isinstance(acknowledgment, TransactionAcknowledgment)
    assert acknowledgment.kept == (surplus,)


# Groups


@pytest.mark.parametrize(("code", "accepted"), [("A", True), ("E", True), ("R", False), ("X", False)])
def test_a_group_whose_transaction_sets_are_not_listed_has_one_verdict(code: str, accepted: bool) -> None:
    assert _all(a_999(verdict=f"AK9*{code}*1*1*1*4*5")) == (
        GroupAcknowledgment(
            group_control_number="42",
            accepted=accepted,
            status_code=code,
            errors=("group: 4", "group: 5"),
            functional_code="HC",
            guide="005010X222A1",
            included=1,
            received=1,
            taken=1,
        ),
    )


def test_a_refused_group_is_said_beside_its_transaction_sets() -> None:
    acknowledgments = _all(a_999("AK2*837*0001", "IK5*A", verdict="AK9*R*1*1*0*4"))
    assert [type(one) for one in acknowledgments] == [TransactionAcknowledgment, GroupAcknowledgment]
    assert [one.accepted for one in acknowledgments] == [True, False]


@pytest.mark.parametrize("code", ["A", "E", "P"])
def test_an_accepted_group_says_no_more_than_its_transaction_sets(code: str) -> None:
    acknowledgments = _all(a_999("AK2*837*0001", "IK5*A", verdict=f"AK9*{code}*1*1*1"))
    assert [type(one) for one in acknowledgments] == [TransactionAcknowledgment]


def test_a_group_partly_accepted_must_say_which_part() -> None:
    acknowledgments, findings = read(a_999(verdict="AK9*P*2*2*1"))
    assert acknowledgments == ()
    assert _codes(findings) == [("segment_missing", "2000 AK9")]


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        ("AK9*P*2*2*1", []),
        ("AK9*P*9*9*4", []),
        ("AK9*P*2*2*0", [("acknowledgment_count", "AK904")]),
        ("AK9*E*2*2*2", [("acknowledgment_count", "AK904")]),
        ("AK9*P*2*two*1", [("number_invalid", "AK903")]),
        ("AK9*P*2", []),
    ],
)
def test_what_is_listed_is_among_what_is_counted(verdict: str, found: list[tuple[str, str]]) -> None:
    acknowledgments, findings = read(a_999("AK2*837*0001", "IK5*A", "AK2*837*0002", "IK5*R*5", verdict=verdict))
    assert len(acknowledgments) == 2
    assert _codes(findings) == found


# Interchanges


@pytest.mark.parametrize(("code", "accepted"), [("A", True), ("E", True), ("R", False)])
def test_the_verdict_on_an_interchange_is_its_code(code: str, accepted: bool) -> None:
    assert _all(a_ta1(f"TA1*000000042*260303*1200*{code}*025")) == (
        EnvelopeAcknowledgment(
            interchange_control_number="000000042",
            accepted=accepted,
            status_code=code,
            note_code="025",
            interchange_date="260303",
            interchange_time="1200",
        ),
    )


def test_a_note_code_nobody_knows_is_said_and_kept() -> None:
    (acknowledgment,), findings = read(a_ta1("TA1*000000042*260303*1200*R*777"))
    assert isinstance(acknowledgment, EnvelopeAcknowledgment)
    assert acknowledgment.note_code == "777"
    assert _codes(findings) == [("code_unknown", "TA105")]


def test_a_ta1_may_stand_before_a_999() -> None:
    group = ["ST*999*0001*005010X231A1", "AK1*HC*42", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1", "SE*6*0001"]
    acknowledgments = _all(a_ta1("TA1*000000042*260303*1200*A*000", group))
    assert [type(one) for one in acknowledgments] == [EnvelopeAcknowledgment, TransactionAcknowledgment]


def test_a_verdict_is_there_as_soon_as_its_last_segment_is() -> None:
    text = a_ta1(
        "TA1*000000042*260303*1200*A*000",
        ["ST*999*0001*005010X231A1", "AK1*HC*42", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1", "SE*6*0001"],
    )
    report = Report()
    ta1, transaction = read_transactions(text, report), None
    first = next(ta1)
    assert isinstance(first, InterchangeAcknowledgment)
    envelope = read_interchange_acknowledgment(first, report)
    assert envelope is not None
    assert envelope.accepted
    transaction = next(ta1)
    assert isinstance(transaction, TransactionSet)
    verdicts = read_transaction(transaction, report)
    assert next(verdicts).accepted
    assert next(transaction.segments).id == "AK9"
    assert list(verdicts) == []


# Habits and damage


def test_other_delimiters_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = a_999(*REFUSED)
    others = Separators(element="|", component=">", repetition="!", segment="\n")
    assert _all(a_999(*REFUSED, separators=others)) == _all(a_999(*REFUSED, line_end="\r\n")) == _all(text)
    acknowledgments, findings = read(f"\ufeff{text}")
    assert acknowledgments == _all(text)
    assert [finding.code for finding in findings] == ["leading_bytes"]


@pytest.mark.parametrize("code", ["", "P", "Q"])
def test_a_verdict_nobody_knows_is_an_error_and_not_guessed(code: str) -> None:
    acknowledgments, findings = read(a_999("AK2*837*0001", f"IK5*{code}"))
    assert acknowledgments == ()
    assert _codes(findings) == [("verdict_unknown", "IK501")]
    assert _codes(read(a_ta1(f"TA1*000000042*260303*1200*{code}*000"))[1]) == [("verdict_unknown", "TA104")]
    if code != "P":
        assert _codes(read(a_999(verdict=f"AK9*{code}*1*1*1"))[1]) == [("verdict_unknown", "AK901")]


def test_a_transaction_set_without_verdict_is_an_error() -> None:
    acknowledgments, findings = read(a_999("AK2*837*0001", "AK2*837*0002", "IK5*A"))
    assert [one.accepted for one in acknowledgments] == [True]
    assert _codes(findings) == [("segment_missing", "2000 AK2")]


def test_a_group_without_verdict_is_an_error() -> None:
    acknowledgments, findings = read(a_999("AK2*837*0001", "IK5*A", verdict=""))
    assert len(acknowledgments) == 1
    assert _codes(findings) == [("segment_missing", "ST")]


def test_a_text_cut_before_the_verdict_gives_none() -> None:
    text = a_999(*REFUSED)
    acknowledgments, findings = read(text[: text.index("IK5*")])
    assert acknowledgments == ()
    assert "transaction_truncated" in [finding.code for finding in findings]


def test_what_stands_out_of_place_is_said() -> None:
    segments = ("IK3*NM1*22**8", "IK5*A", "AK1*HC*43", "ZZZ*1", "AK2*837", "IK5*A")
    (acknowledgment,), findings = read(a_999(*segments, verdict="AK9*A*1*1*1"))
    assert isinstance(acknowledgment, TransactionAcknowledgment)
    assert acknowledgment.kept == segments[:4]
    assert _codes(findings) == [
        ("segment_unexpected", "IK3"),
        ("segment_unexpected", "IK5"),
        ("segment_repeated", "AK1"),
        ("segment_unknown", "ZZZ"),
        ("element_missing", "AK202"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (around(["ST*997*0001", "SE*2*0001"]), "unexpected_transaction"),
        (around(["ST*999*0001*005010X230", "SE*2*0001"]), "unexpected_guide"),
        (around(), "unexpected_transaction"),
        ("no X12 at all", "not_x12"),
    ],
)
def test_what_acknowledges_nothing_is_refused(text: str, code: str) -> None:
    acknowledgments, findings = read(text)
    assert acknowledgments == ()
    assert (code, Severity.ERROR) in [(finding.code, finding.severity) for finding in findings]


def test_the_texts_of_these_tests_are_999s_to_a_validator() -> None:
    assert complaints(a_999("AK2*837*0001*005010X222A1", "IK5*A", verdict="AK9*A*1*1*1")) == []
    assert complaints(a_999(*REFUSED)) == []


_REFERENCE = os.environ.get("REFERENCE_DIR")
sampled = pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")


def _sample(name: str) -> tuple[list[tuple[str, bool, tuple[str, ...]]], list[str]]:
    acknowledgments, findings = read((Path(_REFERENCE or ".") / "samples/999" / name).read_bytes())
    transactions = [one for one in acknowledgments if isinstance(one, TransactionAcknowledgment)]
    assert len(transactions) == len(acknowledgments)
    return [(one.transaction_control_number, one.accepted, one.patient_control_numbers) for one in transactions], [
        finding.code for finding in findings
    ]


@sampled
def test_the_sample_accepts_one_and_refuses_two() -> None:
    assert _sample("accept-one-reject-two.edi") == (
        [("0001", True, ()), ("0002", False, ("123456789",)), ("0003", False, ("987654321",))],
        ["leading_bytes"],
    )


@sampled
def test_the_sample_with_a_wrong_trailer_is_read_and_said() -> None:
    assert _sample("accepted-iea-mismatch.txt") == ([("0001", True, ())], ["interchange_control_number"])
