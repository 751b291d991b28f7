"""The claim acknowledgment read: what became of each claim, or of a batch that was refused whole."""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.acknowledgments import (
    AcknowledgmentEffect,
    AcknowledgmentSource,
    BatchAcknowledgment,
    ClaimAcknowledgment,
    StatusCode,
)
from app.domain.findings import Severity
from app.x12.claim_acknowledgment_277 import Acknowledgment, read, read_transaction
from app.x12.claim_acknowledgment_loops import effect_of
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report, X12Finding
from app.x12.separators import Separators
from tests.x12.pyx12_oracle import complaints
from tests.x12.texts_277ca import (
    BATCH,
    CLAIM,
    CLEARINGHOUSE,
    HEADER,
    NPI,
    PATIENT,
    PAYER,
    PROVIDER,
    PROVIDER_RECEIVED,
    RECEIPT,
    RECEIVED,
    RECEIVER,
    a_277ca,
    a_claim_level,
    around,
)

ACCEPTED = "STC*A2:20:PR*20260303*WQ*150"
REJECTED = "STC*A7:562:85*20260303*U*150"
DATE = "DTP*472*D8*20260302"
BEFORE_PROVIDER = (*HEADER, PAYER[1], *RECEIPT, RECEIVER[1])
ABOVE = (*BEFORE_PROVIDER, *RECEIVED[1:], *PROVIDER[1:], RECEIVED[0], *PROVIDER_RECEIVED)
"""What no field holds of the levels above a claim: of what is said of batch and provider all that is left."""


def _all(text: str) -> tuple[Acknowledgment, ...]:
    """The acknowledgments of a text without findings."""
    acknowledgments, findings = read(text)
    assert findings == ()
    return acknowledgments


def _claim(*segments: str) -> ClaimAcknowledgment:
    (acknowledgment,) = _all(a_277ca(a_claim_level(CLAIM, *segments)))
    assert isinstance(acknowledgment, ClaimAcknowledgment)
    return acknowledgment


def _codes(findings: Iterable[X12Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.location) for finding in findings]


def _numbers(acknowledgments: Iterable[Acknowledgment]) -> list[str]:
    return [one.patient_control_number for one in acknowledgments if isinstance(one, ClaimAcknowledgment)]


# Claims


def test_everything_said_of_a_claim_is_read() -> None:
    acknowledgment = _claim(ACCEPTED, "REF*1K*PAYERCLAIM1", "REF*D9*EXCHANGECLAIM1", "REF*BLT*131", DATE)
    assert acknowledgment == ClaimAcknowledgment(
        source=AcknowledgmentSource.PAYER,
        source_name="INVENTED HEALTH PLAN",
        batch_reference=BATCH,
        patient_control_number=CLAIM,
        payer_claim_number="PAYERCLAIM1",
        clearinghouse_number="EXCHANGECLAIM1",
        effect=AcknowledgmentEffect.ACCEPTED,
        statuses=(StatusCode(category="A2", status="20", entity="PR"),),
        action_code="WQ",
        charge=Decimal(150),
        effective_on=date(2026, 3, 3),
        segment=22,
        kept=(*ABOVE, PATIENT[1], "REF*BLT*131", DATE),
    )


def test_a_clearinghouse_is_told_from_a_payer() -> None:
    text = a_277ca(a_claim_level(CLAIM, ACCEPTED), source=CLEARINGHOUSE)
    (acknowledgment,) = _all(text)
    assert acknowledgment.source is AcknowledgmentSource.CLEARINGHOUSE
    assert acknowledgment.source_name == "INVENTED EXCHANGE"


def test_a_source_nobody_knows_is_not_taken_for_the_payer() -> None:
    source = ("HL*1**20*1", "NM1*41*2*SOMEBODY*****46*X")
    (acknowledgment,), findings = read(a_277ca(a_claim_level(CLAIM, ACCEPTED), source=source))
    assert acknowledgment.source is AcknowledgmentSource.CLEARINGHOUSE
    assert _codes(findings) == [("source_unknown", "2100A NM101")]


@pytest.mark.parametrize(
    ("category", "effect"),
    [
        *((category, AcknowledgmentEffect.RECEIVED) for category in ("A0", "A1")),
        ("A2", AcknowledgmentEffect.ACCEPTED),
        *((category, AcknowledgmentEffect.REJECTED) for category in ("A3", "A6", "A7", "A8")),
        *((category, AcknowledgmentEffect.PENDED) for category in ("P0", "P1", "P5", "R0", "R16")),
        *((category, AcknowledgmentEffect.NOTED) for category in ("A4", "A5", "E0", "D0", "F1", "PX", "P", "ZZ")),
    ],
)
def test_the_category_decides_the_effect(category: str, effect: AcknowledgmentEffect) -> None:
    assert _claim(f"STC*{category}:20*20260303*WQ*150").effect is effect


def test_the_action_code_decides_nothing() -> None:
    """Real files say WQ, accept, beside A7."""
    assert _claim(REJECTED.replace("*U*", "*WQ*")).effect is AcknowledgmentEffect.REJECTED
    assert _claim(ACCEPTED.replace("*WQ*", "*U*")).effect is AcknowledgmentEffect.ACCEPTED


_categories = st.sampled_from("A0 A1 A2 A3 A4 A6 A7 A8 P1 R3 E1 F2".split())


@given(st.lists(_categories, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_of_several_statuses_the_strongest_wins_in_any_order(categories: list[str], random: object) -> None:
    statuses = [StatusCode(category=category) for category in categories]
    effect = effect_of(statuses)
    assert effect_of(reversed(statuses)) is effect
    order = ["rejected", "accepted", "pended", "received", "noted"]
    single = [order.index(effect_of([status])) for status in statuses]
    assert order.index(effect) == min(single)


def test_all_composites_of_claim_and_lines_are_kept_in_their_order() -> None:
    acknowledgment = _claim(
        "STC*A1:19:PR*20260303*WQ*150******A2:20*P1:317:PR",
        "STC*A6:562:85*20260304*U*151",
        DATE,
        "SVC*HC:90837*150",
        "STC*A7:122**U",
        "REF*FJ*LINE1",
        "REF*1K*OFTHELINE",
    )
    assert [(one.category, one.status, one.entity) for one in acknowledgment.statuses] == [
        ("A1", "19", "PR"),
        ("A2", "20", None),
        ("P1", "317", "PR"),
        ("A6", "562", "85"),
        ("A7", "122", None),
    ]
    assert acknowledgment.effect is AcknowledgmentEffect.REJECTED
    assert (acknowledgment.charge, acknowledgment.effective_on) == (Decimal(150), date(2026, 3, 3))
    assert acknowledgment.payer_claim_number is None


def test_a_line_that_is_rejected_rejects_its_claim() -> None:
    assert _claim(ACCEPTED, "SVC*HC:90837*150", "STC*A7:122**U").effect is AcknowledgmentEffect.REJECTED


def test_several_claims_keep_apart_of_one_patient_and_of_several() -> None:
    first = a_claim_level("CLAIM1", ACCEPTED, "REF*1K*ONE", "SVC*HC:90837*150", "STC*A2:20")
    second = ["TRN*2*CLAIM2", REJECTED]
    third = [PATIENT[0].replace("4", "5", 1), PATIENT[1], "TRN*2*CLAIM3", "STC*P1:20*20260303*WQ*1"]
    acknowledgments = _all(a_277ca([*first, *second], third))
    assert [
        (one.patient_control_number, one.effect.value, one.payer_claim_number)
        for one in acknowledgments
        if isinstance(one, ClaimAcknowledgment)
    ] == [("CLAIM1", "accepted", "ONE"), ("CLAIM2", "rejected", None), ("CLAIM3", "pended", None)]
    assert len({one.segment for one in acknowledgments}) == 3


def test_each_batch_names_its_own_claims() -> None:
    second = (*(one.replace("2*1*21", "5*1*21").replace(BATCH, "BATCH2") for one in RECEIVER), "STC*A1:20")
    provider = (PROVIDER[0].replace("3*2", "6*5"), *PROVIDER[1:])
    patient = [PATIENT[0].replace("4*3", "7*6"), PATIENT[1], "TRN*2*CLAIM2", ACCEPTED]
    acknowledgments, findings = read(a_277ca(a_claim_level("CLAIM1", ACCEPTED), [*second, *provider, *patient]))
    assert [one.batch_reference for one in acknowledgments] == [BATCH, "BATCH2"]
    assert findings == ()


def test_status_before_number_belongs_to_the_same_claim() -> None:
    (acknowledgment,), _ = read(a_277ca([*PATIENT, REJECTED, f"TRN*2*{CLAIM}"]))
    assert acknowledgment.effect is AcknowledgmentEffect.REJECTED


def test_a_claim_without_status_is_noted() -> None:
    acknowledgment = _claim(DATE)
    assert (acknowledgment.effect, acknowledgment.statuses) == (AcknowledgmentEffect.NOTED, ())


@pytest.mark.parametrize(
    "segment",
    [
        "ZZZ*1",
        "TRN*1*THEIRS",
        "STC*A2:20:PR*20260304*WQ*150",
        "STC*A2:20:PR*20260303*U*150",
        "STC*A2:20:PR*20260303*WQ*151",
        "STC*A2:20:PR*20260303*WQ*150********MESSAGE",
        "STC*A2:20:PR:RX*20260303",
        "STC*:20:PR*20260303",
        "REF*1K*OTHER",
        "REF*BLT*131",
        "QTY*QA*1",
        "AMT*YU*150",
        "N3*12 EXAMPLE WAY",
        "SVC*HC:90837*150",
    ],
)
def test_what_no_field_holds_is_kept_as_it_was_sent(segment: str) -> None:
    acknowledgments, _ = read(a_277ca(a_claim_level(CLAIM, ACCEPTED, "REF*1K*PAYERCLAIM1", segment)))
    (acknowledgment,) = acknowledgments
    assert acknowledgment.kept == (*ABOVE, PATIENT[1], segment)
    assert segment not in repr(acknowledgment)


def test_a_line_is_kept_whole() -> None:
    line = ("SVC*HC:90837*150", "STC*A7:122**U", "REF*FJ*LINE1", DATE)
    assert _claim(ACCEPTED, *line).kept[-4:] == line


def test_what_stands_above_is_kept_with_the_first_claim_only() -> None:
    first, second = _all(a_277ca(a_claim_level("CLAIM1", ACCEPTED), ["TRN*2*CLAIM2", ACCEPTED, DATE]))
    assert first.kept == (*ABOVE, PATIENT[1])
    assert second.kept == (DATE,)


def test_a_claim_is_there_before_the_next_is_read() -> None:
    report = Report()
    text = a_277ca(a_claim_level("CLAIM1", ACCEPTED), ["TRN*2*CLAIM2", ACCEPTED])
    transaction = next(read_transactions(text, report))
    assert isinstance(transaction, TransactionSet)
    acknowledgments = read_transaction(transaction, report)
    assert _numbers([next(acknowledgments)]) == ["CLAIM1"]
    assert next(transaction.segments).id == "STC"
    assert _numbers(acknowledgments) == ["CLAIM2"]


# Batches


def test_a_batch_refused_without_claims_is_reported() -> None:
    text = a_277ca(receiver=(*RECEIVER, "STC*A3:187:40*20260303*U*450"), provider=())
    assert _all(text) == (
        BatchAcknowledgment(
            source=AcknowledgmentSource.PAYER,
            source_name="INVENTED HEALTH PLAN",
            batch_reference=BATCH,
            effect=AcknowledgmentEffect.REJECTED,
            statuses=(StatusCode(category="A3", status="187", entity="40"),),
            action_code="U",
            charge=Decimal(450),
            effective_on=date(2026, 3, 3),
            segment=10,
            kept=BEFORE_PROVIDER,
        ),
    )


def test_a_provider_refused_without_claims_is_reported_beside_its_batch() -> None:
    acknowledgments = _all(a_277ca(provider=(*PROVIDER, "STC*A8:496:85**U*150")))
    assert [
        (one.effect.value, one.provider_npi, one.batch_reference)
        for one in acknowledgments
        if isinstance(one, BatchAcknowledgment)
    ] == [("received", None, BATCH), ("rejected", NPI, BATCH)]


@pytest.mark.parametrize("status", [REJECTED, "STC*A1:20*20260303*WQ*150"])
def test_what_is_said_of_a_batch_counts_for_nothing_beside_its_claims(status: str) -> None:
    """RFI 2145: some senders refuse at the receiver's level what they take claim by claim."""
    text = a_277ca(a_claim_level(CLAIM, ACCEPTED), receiver=(*RECEIVER, status), provider=(*PROVIDER, "STC*A3:20**U*1"))
    (acknowledgment,) = _all(text)
    assert isinstance(acknowledgment, ClaimAcknowledgment)
    assert acknowledgment.effect is AcknowledgmentEffect.ACCEPTED


def test_of_two_providers_the_one_without_claims_speaks_for_its_part() -> None:
    other = ("HL*5*2*19*1", "NM1*85*2*OTHER ROOMS*****XX*1245319599", "STC*A3:20**U*1")
    acknowledgments = _all(a_277ca(a_claim_level(CLAIM, ACCEPTED), other))
    claim, batch = acknowledgments
    assert isinstance(claim, ClaimAcknowledgment)
    assert isinstance(batch, BatchAcknowledgment)
    assert batch.provider_npi == "1245319599"


# Habits and damage


def test_other_delimiters_and_line_ends_change_nothing() -> None:
    level = a_claim_level(CLAIM, REJECTED)
    others = Separators(element="+", component="|", repetition="!", segment="'")
    (acknowledgment,) = _all(a_277ca(level))
    assert _all(a_277ca(level, line_end="\r\n")) == (acknowledgment,)
    (other,) = _all(a_277ca(level, separators=others))
    assert replace(other, kept=acknowledgment.kept) == acknowledgment


def test_a_provider_without_status_and_a_level_without_child_code_are_no_fault() -> None:
    assert _numbers(_all(a_277ca(a_claim_level(CLAIM, REJECTED), provider=PROVIDER))) == [CLAIM]


def test_a_claim_without_number_is_nobodys_and_said() -> None:
    acknowledgments, findings = read(a_277ca([*PATIENT, REJECTED], a_claim_level(CLAIM, ACCEPTED)))
    assert _numbers(acknowledgments) == [CLAIM]
    assert _codes(findings) == [("segment_missing", "2200D HL")]


def test_a_number_of_theirs_is_not_taken_for_ours() -> None:
    acknowledgments, findings = read(a_277ca([*PATIENT, "TRN*1*THEIRS", REJECTED]))
    assert acknowledgments == ()
    assert _codes(findings) == [("segment_not_used", "2000D TRN"), ("segment_missing", "2200D HL")]


def test_doubtful_values_are_said_with_their_place() -> None:
    level = [PATIENT[0].replace("*3*", "*9*"), PATIENT[1], "TRN*2", "TRN*2*CLAIM1", "STC**20260230*U*x", "ZZZ*1"]
    acknowledgments, findings = read(a_277ca(level))
    assert _numbers(acknowledgments) == ["CLAIM1"]
    assert _codes(findings) == [
        ("hierarchy", "HL02"),
        ("element_missing", "2000D TRN02"),
        ("element_missing", "2200D STC01"),
        ("date_invalid", "2200D STC02"),
        ("number_invalid", "2200D STC04"),
        ("segment_unknown", "2200D ZZZ"),
    ]


def test_what_was_open_where_the_text_was_cut_is_not_handed_on() -> None:
    """The status that counts may be among what is missing; nor is a batch refused whose claims may follow."""
    text = a_277ca(a_claim_level("CLAIM1", ACCEPTED), a_claim_level("CLAIM2", ACCEPTED), receiver=(*RECEIVER, REJECTED))
    assert _numbers(read(text[: text.index("SE*")])[0]) == ["CLAIM1"]
    assert read(text[: text.index("TRN*2*CLAIM1")])[0] == ()


def test_a_wrong_count_of_segments_leaves_the_claims() -> None:
    acknowledgments, findings = read(a_277ca(a_claim_level(CLAIM, REJECTED)).replace("SE*", "SE*1"))
    assert _numbers(acknowledgments) == [CLAIM]
    assert [finding.code for finding in findings] == ["transaction_count"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (around(["ST*835*0001", "SE*2*0001"]), "unexpected_transaction"),
        (around(["ST*277*0001*005010X212", "SE*2*0001"], guide="005010X212"), "unexpected_guide"),
        (around(), "unexpected_transaction"),
        (around(["ST*277*0001*005010X214", "SE*2*0001"]), "segment_missing"),
        ("no X12 at all", "not_x12"),
    ],
)
def test_what_acknowledges_no_claim_is_refused(text: str, code: str) -> None:
    acknowledgments, findings = read(text)
    assert acknowledgments == ()
    assert [(finding.code, finding.severity) for finding in findings] == [(code, Severity.ERROR)]


def test_no_finding_and_no_value_shows_personal_data() -> None:
    text = a_277ca(a_claim_level(CLAIM, "STC*A7*FERNWOOD*U*ADA", "REF*1K*PAYERCLAIM1", "REF*D9*EXCHANGECLAIM1"))
    shown = f"{read(text)}"
    assert not any(secret in shown for secret in ("FERNWOOD", "ADA", "PAYERCLAIM1", "EXCHANGECLAIM1", "QRX"))


def test_the_texts_of_these_tests_are_277cas_to_a_validator() -> None:
    assert complaints(a_277ca(a_claim_level(CLAIM, ACCEPTED, "REF*1K*PAYERCLAIM1", DATE))) == []
    assert complaints(a_277ca(a_claim_level(CLAIM, REJECTED, DATE), source=CLEARINGHOUSE)) == []


_REFERENCE = os.environ.get("REFERENCE_DIR")


@pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")
def test_the_sample_is_rejected_with_a_reason() -> None:
    acknowledgments, findings = read((Path(_REFERENCE or ".") / "samples/277ca/rejected-a7.txt").read_bytes())
    assert findings == ()
    (acknowledgment,) = acknowledgments
    assert len(acknowledgment.kept) == 14
    assert acknowledgment.kept[-1] == "DTP*472*D8*20090311"
    assert acknowledgment == ClaimAcknowledgment(
        source=AcknowledgmentSource.PAYER,
        source_name="NYSDOH",
        batch_reference="11200001",
        patient_control_number="3920394930203",
        payer_claim_number="1107000000001120",
        effect=AcknowledgmentEffect.REJECTED,
        statuses=(StatusCode(category="A7", status="562", entity="85"),),
        action_code="WQ",
        charge=Decimal("199.14"),
        effective_on=date(2011, 3, 11),
        segment=21,
        kept=acknowledgment.kept,
    )
