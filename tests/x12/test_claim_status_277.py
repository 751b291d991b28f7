"""The answer about claims read: where each claim stands, per line too, and nothing that is lost."""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.acknowledgments import StatusCode
from app.domain.claim_statuses import (
    ClaimStatus,
    ClaimStatusEffect,
    LineStatus,
    RequestStatus,
    StatedStatus,
    StatusParty,
    strongest,
)
from app.domain.findings import Severity
from app.x12.claim_status_277 import Status, read, read_transaction
from app.x12.claim_status_loops import effect_of
from app.x12.codes import CLAIM_STATUS_EFFECTS
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.separators import Separators
from tests.x12.statuses_277 import codes_and_places, sound_statuses_of
from tests.x12.texts_271 import transaction
from tests.x12.texts_277 import (
    CLAIM,
    DAY,
    DEPENDENT,
    HEADER,
    LINE,
    NPI,
    OWN,
    PAID,
    PAYER,
    PROVIDER,
    RECEIVER,
    REFERENCE,
    SUBSCRIBER,
    SUBSCRIBER_OF_DEPENDENT,
    TRACE,
    a_277,
    around,
    texts_277,
)


def _claims(statuses: Iterable[Status]) -> list[ClaimStatus]:
    return [one for one in statuses if isinstance(one, ClaimStatus)]


def _claim(*segments: str) -> ClaimStatus:
    """The one claim of a subscriber, without findings."""
    (status,) = sound_statuses_of(a_277([*SUBSCRIBER, OWN, *segments]))
    assert isinstance(status, ClaimStatus)
    return status


ADA = StatusParty(last_name="FERNWOOD", first_name="ADA", id_qualifier="MI", identifier="QRX100200300")
BEN = StatusParty(last_name="FERNWOOD", first_name="BEN")


# Claims


def test_everything_said_of_a_claim_is_read() -> None:
    references = ("REF*1K*PAYERCLAIM1", "REF*BLT*131", f"REF*EJ*{CLAIM}", "REF*XZ*RX1", "REF*VV*V1", "REF*D9*EXCHANGE1")
    paid = StatedStatus(
        effect=ClaimStatusEffect.PAID,
        codes=(StatusCode(category="F1", status="65"),),
        effective_on=date(2026, 3, 3),
        charge=Decimal(150),
        paid=Decimal(80),
        finalised_on=date(2026, 3, 1),
        check_date=date(2026, 3, 2),
        check_number="EFT0001",
    )
    assert _claim(PAID, *references, "DTP*472*RD8*20260220-20260221", *LINE) == ClaimStatus(
        reference=REFERENCE,
        payer_name="INVENTED HEALTH PLAN",
        payer_id="INV01",
        receiver=StatusParty(last_name="QUIET ROOMS THERAPY", id_qualifier="46", identifier="QUIETROOMS"),
        provider=StatusParty(last_name="QUIET ROOMS THERAPY", id_qualifier="XX", identifier=NPI),
        subscriber=ADA,
        trace_number=TRACE,
        patient_control_number=CLAIM,
        payer_claim_number="PAYERCLAIM1",
        clearinghouse_number="EXCHANGE1",
        prescription_number="RX1",
        voucher_number="V1",
        bill_type="131",
        first_date=date(2026, 2, 20),
        last_date=date(2026, 2, 21),
        effect=ClaimStatusEffect.PAID,
        statuses=(paid,),
        lines=(
            LineStatus(
                control_number="LINE1",
                procedure_qualifier="HC",
                procedure_code="90837",
                modifiers=("95",),
                charge=Decimal(150),
                paid=Decimal(80),
                units=Decimal(1),
                first_date=date(2026, 2, 20),
                effect=ClaimStatusEffect.PAID,
                statuses=(
                    StatedStatus(effect=ClaimStatusEffect.PAID, codes=paid.codes, effective_on=date(2026, 3, 3)),
                ),
            ),
        ),
        segment=13,
        kept=HEADER,
    )


def test_a_dependents_claim_stands_beside_its_subscriber() -> None:
    (status,) = _claims(sound_statuses_of(a_277(SUBSCRIBER_OF_DEPENDENT, [*DEPENDENT, OWN, PAID])))
    assert (status.subscriber, status.dependent) == (ADA, BEN)
    assert status.trace_number == TRACE


def test_subscribers_and_dependents_do_not_mix() -> None:
    third = ("HL*6*3*22*0", "NM1*IL*1*INVENTED*EVE****MI*QRX2", "TRN*2*THREE", "STC*P1:20*20260303")
    own = [*SUBSCRIBER_OF_DEPENDENT, "TRN*2*ONE", PAID]
    statuses = _claims(sound_statuses_of(a_277(own, [*DEPENDENT, "TRN*2*TWO", PAID], third)))
    assert [
        (one.trace_number, one.subscriber and one.subscriber.first_name, one.dependent and one.dependent.first_name)
        for one in statuses
    ] == [("ONE", "ADA", None), ("TWO", "ADA", "BEN"), ("THREE", "EVE", None)]


def test_one_trace_number_may_be_answered_by_several_claims() -> None:
    """RFI 2589: what a payer split comes back once for each of its claims."""
    first = [OWN, "STC*P3:123:1P*20260303**150", "REF*1K*PAYERCLAIM1", *LINE]
    second = [OWN, "STC*P2:0*20260303**150", "REF*1K*PAYERCLAIM2", *LINE, *LINE]
    statuses = _claims(sound_statuses_of(a_277([*SUBSCRIBER, *first, *second])))
    assert [(one.trace_number, one.payer_claim_number, len(one.lines)) for one in statuses] == [
        (TRACE, "PAYERCLAIM1", 1),
        (TRACE, "PAYERCLAIM2", 2),
    ]
    assert statuses[0].segment < statuses[1].segment


def test_several_statuses_of_a_claim_each_keep_their_codes_dates_and_amounts() -> None:
    status = _claim(
        "STC*P1:20:PR*20260301**150******P3:317:1P*R0:102",
        "STC*F2:88:QC*20260303*WQ*150*0****CHK*****".rstrip("*"),
        "STC*F4:1*20260304",
    )
    assert [[(code.category, code.status, code.entity) for code in one.codes] for one in status.statuses] == [
        [("P1", "20", "PR"), ("P3", "317", "1P"), ("R0", "102", None)],
        [("F2", "88", "QC")],
        [("F4", "1", None)],
    ]
    assert [one.effective_on for one in status.statuses] == [date(2026, 3, day) for day in (1, 3, 4)]
    assert [one.effect.value for one in status.statuses] == ["information_requested", "denied", "no_payment"]
    assert status.effect is ClaimStatusEffect.DENIED


def test_elements_the_guide_does_not_use_are_read_where_they_are_sent() -> None:
    (status,) = _claim("STC*F1:65*20260303*WQ*150*80*20260301*CHK*20260302*1001***ASK THE DESK").statuses
    assert (status.action_code, status.payment_method_code, status.message) == ("WQ", "CHK", "ASK THE DESK")


def test_lines_have_statuses_of_their_own() -> None:
    denied = ("SVC*HC:90791*200*0*0914***2", "STC*F2:88*20260303", "STC*P1:20*20260304", "REF*FJ*LINE2", DAY)
    status = _claim("STC*F1:65*20260303", *LINE, *denied)
    assert [(line.control_number, line.effect.value, len(line.statuses)) for line in status.lines] == [
        ("LINE1", "paid", 1),
        ("LINE2", "denied", 2),
    ]
    assert (status.lines[1].revenue_code, status.lines[1].units, status.lines[1].modifiers) == ("0914", Decimal(2), ())
    assert status.effect is ClaimStatusEffect.PAID


def test_a_claim_that_says_nothing_itself_stands_where_its_lines_do() -> None:
    assert _claim(*LINE).effect is ClaimStatusEffect.PAID
    assert _claim(DAY).effect is ClaimStatusEffect.NOTED


def test_segments_may_stand_in_any_order_within_their_loop() -> None:
    usual = _claim(PAID, f"REF*EJ*{CLAIM}", DAY, *LINE)
    assert _claim(DAY, f"REF*EJ*{CLAIM}", PAID, LINE[0], *reversed(LINE[1:])) == usual


def test_a_status_before_its_number_belongs_to_the_same_claim() -> None:
    (status,) = sound_statuses_of(a_277([*SUBSCRIBER, PAID, OWN, DAY]))
    assert isinstance(status, ClaimStatus)
    assert (status.trace_number, status.effect) == (TRACE, ClaimStatusEffect.PAID)


# Effects


@pytest.mark.parametrize(
    ("categories", "effect"),
    [
        ("A0 A1", ClaimStatusEffect.RECEIVED),
        ("A2 A5", ClaimStatusEffect.ACCEPTED),
        ("A3 A6 A7 A8", ClaimStatusEffect.REJECTED),
        ("A4 D0", ClaimStatusEffect.NOT_FOUND),
        ("E0 E1 E2 E3 E4 E9", ClaimStatusEffect.ERROR),
        ("F0 F3N", ClaimStatusEffect.FINALISED),
        ("F1", ClaimStatusEffect.PAID),
        ("F2", ClaimStatusEffect.DENIED),
        ("F3", ClaimStatusEffect.REVISED),
        ("F3F", ClaimStatusEffect.FORWARDED),
        ("F4", ClaimStatusEffect.NO_PAYMENT),
        ("P0 P1 P2 P3 P4 P5 P9", ClaimStatusEffect.PENDING),
        ("R0 R1 R3 R16 R17 R99 RQ", ClaimStatusEffect.INFORMATION_REQUESTED),
        ("X0 F5 F9 A9 PX Z", ClaimStatusEffect.NOTED),
    ],
)
def test_the_category_decides_where_a_claim_stands(categories: str, effect: ClaimStatusEffect) -> None:
    for category in categories.split():
        (status,), _ = read(a_277([*SUBSCRIBER, OWN, f"STC*{category}:20*20260303"]))
        assert status.effect is effect, category
        assert status.statuses[0].codes[0].category == category


@given(st.lists(st.sampled_from(sorted(CLAIM_STATUS_EFFECTS)), max_size=6), st.randoms(use_true_random=False))
def test_several_statuses_say_the_same_in_any_order(categories: list[str], random: object) -> None:
    codes = [StatusCode(category=category) for category in categories]
    effect = effect_of(codes)
    assert effect_of(reversed(codes)) is effect
    assert effect in {strongest([effect_of([code])]) for code in codes} | {ClaimStatusEffect.NOTED}


def test_every_effect_but_noted_has_its_rank() -> None:
    assert [one for one in ClaimStatusEffect if strongest([one]) is not one] == []
    for effect in ClaimStatusEffect:
        assert strongest([effect, ClaimStatusEffect.NOTED]) is effect


# Requests


def test_a_request_that_was_not_answered_says_why() -> None:
    receiver = ("HL*2*1*21*0", RECEIVER[1], f"TRN*2*{REFERENCE}", "STC*E0:24:41*20260303", "STC*E1:484:PR*20260303")
    (status,) = sound_statuses_of(a_277(receiver=receiver, provider=()))
    assert status == RequestStatus(
        reference=REFERENCE,
        payer_name="INVENTED HEALTH PLAN",
        payer_id="INV01",
        receiver=StatusParty(last_name="QUIET ROOMS THERAPY", id_qualifier="46", identifier="QUIETROOMS"),
        trace_number=REFERENCE,
        effect=ClaimStatusEffect.ERROR,
        statuses=status.statuses,
        segment=9,
        kept=HEADER,
    )
    assert [one.codes[0].status for one in status.statuses] == ["24", "484"]


def test_a_providers_part_of_a_request_is_told_from_the_whole() -> None:
    provider = ("HL*3*2*19*0", PROVIDER[1], "TRN*1*THEIRS", "STC*E0:24:1P*20260303")
    other = ("HL*4*2*19*1", "NM1*1P*1*HOLLIS*CASEY***II*XX*1245319599")
    patient = ("HL*5*4*22*0", SUBSCRIBER[1], OWN, PAID)
    refused, answered = sound_statuses_of(a_277(other, patient, provider=provider))
    assert isinstance(refused, RequestStatus)
    assert isinstance(answered, ClaimStatus)
    assert (refused.trace_number, refused.provider and refused.provider.identifier) == ("THEIRS", NPI)
    assert answered.provider == StatusParty(
        last_name="HOLLIS", first_name="CASEY", suffix="II", id_qualifier="XX", identifier="1245319599"
    )


# Habits and damage


def test_the_levels_are_held_against_each_other() -> None:
    texts = {
        "HL02": a_277([SUBSCRIBER[0].replace("*3*", "*9*"), SUBSCRIBER[1], OWN, PAID]),
        "HL03": a_277(["HL*4*3*99*0"], [*SUBSCRIBER, OWN, PAID]),
    }
    for place, text in texts.items():
        (status,), findings = read(text)
        assert status.effect is ClaimStatusEffect.PAID
        assert [finding.location for finding in findings] == [place]


def test_a_claim_without_trace_number_is_read_and_said_when_nothing_names_it() -> None:
    (named,) = sound_statuses_of(a_277([*SUBSCRIBER, PAID, f"REF*EJ*{CLAIM}"]))
    assert isinstance(named, ClaimStatus)
    assert (named.trace_number, named.patient_control_number) == (None, CLAIM)
    (status,), findings = read(a_277([*SUBSCRIBER, PAID]))
    assert status.effect is ClaimStatusEffect.PAID
    assert codes_and_places(findings) == [("segment_missing", "2200D STC")]


def test_other_delimiters_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    level = [*SUBSCRIBER, OWN, PAID, *LINE]
    (status,) = sound_statuses_of(a_277(level))
    assert sound_statuses_of(a_277(level, line_end="\r\n")) == (status,)
    (other,) = sound_statuses_of(
        a_277(level, separators=Separators(element="+", component="|", repetition="!", segment="'"))
    )
    assert replace(other, kept=status.kept) == status
    marked, findings = read(f"\ufeff{a_277(level)}")
    assert marked == (status,)
    assert [finding.code for finding in findings] == ["leading_bytes"]


def test_several_interchanges_and_transaction_sets_are_read() -> None:
    body = (HEADER, PAYER, RECEIVER, PROVIDER, SUBSCRIBER, (OWN, PAID))
    two = around(*(transaction(*body, code="277", guide="005010X212", number=number) for number in ("0001", "0002")))
    assert len(sound_statuses_of(f"{two}\n{a_277([*SUBSCRIBER, OWN, PAID])}")) == 3


def test_one_bad_transaction_set_leaves_the_others_readable() -> None:
    good = transaction(HEADER, PAYER, RECEIVER, PROVIDER, SUBSCRIBER, (OWN, PAID), code="277", guide="005010X212")
    bad = transaction(HEADER, PAYER, code="277", guide="005010X212", number="0002")
    statuses, findings = read(around(good, bad))
    assert len(statuses) == 1
    assert codes_and_places(findings) == [("segment_missing", "2200D ST")]


def test_what_was_open_where_the_text_was_cut_is_not_handed_on() -> None:
    text = a_277([*SUBSCRIBER, "TRN*2*ONE", PAID, "TRN*2*TWO", PAID])
    statuses = _claims(read(text[: text.index("SE*")])[0])
    assert [one.trace_number for one in statuses] == ["ONE"]


def test_a_status_is_there_before_the_next_is_read() -> None:
    report = Report()
    transaction_set = next(read_transactions(a_277([*SUBSCRIBER, "TRN*2*ONE", PAID, "TRN*2*TWO", PAID]), report))
    assert isinstance(transaction_set, TransactionSet)
    statuses = read_transaction(transaction_set, report)
    assert next(statuses).trace_number == "ONE"
    assert next(transaction_set.segments).id == "STC"
    assert [one.trace_number for one in statuses] == ["TWO"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (around(["ST*835*0001", "SE*2*0001"]), "unexpected_transaction"),
        (around(["ST*277*0001*005010X214", "SE*2*0001"], guide="005010X214"), "unexpected_guide"),
        (around(), "unexpected_transaction"),
        (around(["ST*277*0001*005010X212", "SE*2*0001"]), "segment_missing"),
        ("no X12 at all", "not_x12"),
        ("", "not_x12"),
    ],
)
def test_what_answers_nothing_is_refused(text: str, code: str) -> None:
    statuses, findings = read(text)
    assert statuses == ()
    assert [(finding.code, finding.severity) for finding in findings] == [(code, Severity.ERROR)]


def test_no_finding_and_no_repr_shows_personal_data() -> None:
    level = [
        *SUBSCRIBER_OF_DEPENDENT,
        *DEPENDENT,
        OWN,
        "STC*F1*FERNWOOD**********ADA",
        "REF*1K*SECRET",
        *LINE,
        "ZZZ*BEN",
    ]
    shown = repr(read(a_277(level)))
    assert not any(secret in shown for secret in ("FERNWOOD", "ADA", "BEN", "SECRET", "QRX", "90837"))


@given(texts_277())
def test_every_claim_of_a_sound_text_is_read_without_a_finding(text: str) -> None:
    statuses = sound_statuses_of(text)
    assert [one.trace_number for one in statuses] == [
        segment.split("*")[2] for segment in text.split("~") if segment.startswith("TRN*2*")
    ]
    assert sum(len(one.lines) for one in _claims(statuses)) == text.count("~SVC*")
    said = sum(len(one.statuses) + sum(len(line.statuses) for line in one.lines) for one in _claims(statuses))
    assert said == text.count("~STC*")
    assert [one.kept for one in statuses] == [HEADER, *[()] * (len(statuses) - 1)]


_REFERENCE = os.environ.get("REFERENCE_DIR")


@pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")
def test_the_sample_tells_of_three_claims() -> None:
    statuses = _claims(sound_statuses_of((Path(_REFERENCE or ".") / "samples/277/claim-response.edi").read_text()))
    assert [(one.trace_number, one.patient_control_number, one.effect.value, len(one.lines)) for one in statuses] == [
        ("ABCXYZ1", "SM123456", "pending", 0),
        ("ABCXYZ2", "JO234567", "finalised", 0),
        ("ABCXYC3", "MA345678", "denied", 1),
    ]
    assert [one.statuses[0].paid for one in statuses] == [None, Decimal(7599), Decimal(0)]
    assert statuses[2].dependent is not None
