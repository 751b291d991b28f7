"""What the checker of remittances finds and what it lets pass, on values and on texts, ours and real ones."""

import os
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.adjustments import Adjustment, AdjustmentGroup
from app.domain.findings import Severity
from app.domain.remittance_balance import balance_faults
from app.domain.remittances import ClaimPayment, Remittance, RemittanceHeader, RemittanceTrailer
from app.x12 import remittance_835
from app.x12.claim_payment_check_835 import check_rules, is_in_order
from app.x12.findings import Report, X12Finding
from app.x12.remittance_check_835 import CLAIMS_REMEMBERED, RemittanceChecker
from tests.x12.editable_835 import SEGMENTS, VALID
from tests.x12.remittances import (
    CONTRACT,
    COPAY,
    a_claim,
    a_remittance,
    a_service,
    checked,
    claims,
    remittances,
    reversed_payment,
)
from tests.x12.texts_835 import a_835, amounts_in, around, enclosed, with_more

_BALANCE = {
    "line_unbalanced",
    "claim_unbalanced",
    "claim_lines_unbalanced",
    "payment_unbalanced",
    "patient_responsibility_differs",
}


def _codes(findings: Iterable[X12Finding]) -> list[str]:
    return [finding.code for finding in findings]


def _codes_of(*claims: ClaimPayment) -> list[str]:
    """Of a payment of the claims and one more, so that there is money whatever they come to."""
    return _codes(checked(a_835(a_remittance(a_claim(patient_control_number="QUIETROOMS0000009"), *claims))))


def _edited(*edits: tuple[str, str]) -> str:
    text = "~".join(SEGMENTS)
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return around(enclosed(text.split("~")))


# What adds up is what the use cases ask


@given(remittances(), st.data(), st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(-7)]))
def test_the_balances_are_those_of_a_remittance_that_was_read_whole(
    remittance: Remittance, data: st.DataObject, by: Decimal
) -> None:
    text = a_835(remittance)
    text = with_more(text, data.draw(st.sampled_from(list(amounts_in(text)))), by)
    (found,), _ = remittance_835.read(text)
    theirs = sorted((one.code, one.segment_number or 0) for one in remittance_835.check(found))
    reversals = {claim.segment for claim in found.claims if claim.status_code == "22"}
    ours = [one for one in checked(text) if one.code in _BALANCE]
    assert sorted((one.code, one.segment_number or 0) for one in ours) == [
        one for one in theirs if one[0] != "patient_responsibility_differs" or one[1] not in reversals
    ]
    differences = sorted(one.difference or 0 for one in ours if one.code != "patient_responsibility_differs")
    assert differences == sorted(fault.difference for fault in balance_faults(found))


@given(claims(), st.booleans(), st.data())
def test_a_claim_that_is_in_order_at_one_glance_breaks_no_rule(
    claim: ClaimPayment, is_plain: bool, data: st.DataObject
) -> None:
    if is_plain:
        claim = replace(claim, status_code="1", crossover_payer=None, adjustments=(), frequency_code=None)
        claim = replace(claim, charge=sum((one.charge for one in claim.services), Decimal(0)))
        claim = replace(claim, paid=sum((one.paid for one in claim.services), Decimal(0)))
    if data.draw(st.booleans()):
        claim = replace(claim, paid=claim.paid + 1)
    report = Report()
    check_rules(claim, report)
    assert not (is_in_order(claim) and report.findings)


def test_most_claims_are_seen_to_be_in_order_at_one_glance() -> None:
    claim = a_claim(patient_responsibility=Decimal(25), remark_codes=("MA01",))
    report = Report()
    check_rules(claim, report)
    assert is_in_order(claim)
    assert report.findings == ()


def test_the_findings_come_in_the_order_of_the_text() -> None:
    """Of a claim what it says as a whole comes last, of a payment whether it adds up."""
    text = _edited(
        ("BPR*I*", "BPR*Z*"),
        ("LQ*HE*N14", "LQ*HE*14"),
        ("NM1*TT*2*INVENTED MUTUAL*****PI*INV02", "NM1*TT*2*INVENTED MUTUAL~NM1*TT*2*INVENTED UNION"),
        ("HC:90847*150*25*", "HC:90847*151*25*"),
        ("*20261231*WO", "**WO"),
    )
    numbers = [finding.segment_number or 0 for finding in checked(text) if finding.code != "payment_unbalanced"]
    assert len(set(numbers)) > 3
    assert numbers == sorted(numbers)


def test_no_message_repeats_what_stands_in_the_text() -> None:
    text = _edited(("*12*PAYERCLAIM1*", "*12*PAYERCLAIM7*"), ("CAS*PR*2*20", "CAS*PR*SECRET*21"), ("BPR*I*", "BPR*Q*"))
    shown = f"{checked(text)}"
    assert len(checked(text)) > 3
    assert not any(secret in shown for secret in ("SECRET", "PAYERCLAIM7", "QUIETROOMS0000001", "FERNWOOD", "90834"))


def test_a_partner_may_weigh_a_rule_otherwise() -> None:
    report = Report({"remittance_lines_missing": Severity.ERROR})
    checker = RemittanceChecker(report)
    checker.claim(a_claim(paid=Decimal(0), charge=Decimal(0), services=()))
    assert [(one.code, one.severity) for one in report.findings] == [("remittance_lines_missing", Severity.ERROR)]


# The payment


@pytest.mark.parametrize("bpr", ["BPR*H*0*C*NON", "BPR*P*0*C*ACH"])
def test_nothing_is_paid_by_a_notification_and_by_a_test_of_the_way_to_the_bank(bpr: str) -> None:
    text = around(enclosed((f"{bpr}************20260309", *SEGMENTS[1:10])))
    assert checked(text) == ()


@pytest.mark.parametrize("bpr", ["BPR*I*0*C*ACH", "BPR*H*0*C*ACH", "BPR*I*0*C*NON", "BPR*C*0*C*CHK"])
def test_nothing_is_paid_in_no_other_way(bpr: str) -> None:
    text = around(enclosed((f"{bpr}************20260309", *SEGMENTS[1:10], "CLP*A*4*0*0", "SVC*HC:1*0*0")))
    assert _codes(checked(text)) == ["nothing_paid"]


def test_a_payee_may_be_known_by_the_name_or_by_a_tax_id() -> None:
    for payee in ("N1*PE*QUIET ROOMS THERAPY", "N1*PE**FI*999999999"):
        assert checked(VALID.replace("N1*PE*QUIET ROOMS THERAPY*XX*1234567893", payee)) == ()
    assert _codes(checked(VALID.replace("N1*PE*QUIET ROOMS THERAPY*XX*1234567893", "N1*PE"))) == ["payee_missing"]


def test_a_text_that_is_cut_off_lacks_only_its_end() -> None:
    """What it would go on to say is not known: a payee, the other claims, a correction."""
    for last in ("TRN*1", "CLP*QUIETROOMS0000003*1"):
        found = set(_codes(checked(VALID[: VALID.index(last)])))
        assert found == {"transaction_truncated", "group_truncated", "interchange_truncated"}


def test_values_are_checked_without_their_segments() -> None:
    report = Report()
    checker = RemittanceChecker(report)
    checker.header(
        RemittanceHeader(control_number="0001", total_paid=Decimal(-1), trace_number="T", segment=4, offset=180)
    )
    checker.trailer(RemittanceTrailer(difference=Decimal(-1), segment=9))
    assert [(one.code, one.location, one.segment_number, one.offset) for one in report.findings] == [
        ("total_paid_negative", "BPR02", 4, 180),
        ("decision_date_missing", "BPR16", 4, 180),
        ("payer_missing", "BPR", 4, 180),
        ("payment_unbalanced", "BPR02", 4, 180),
    ]


def test_each_plb_is_named_where_it_stands() -> None:
    text = _edited(("L6*-1.5", "L6*-1.5~PLB*1234567893*20261231*WO*5*72*-5"))
    (first, second) = checked(text)
    assert {first.code, second.code} == {"provider_adjustment_reference_missing"}
    assert (first.location, second.location) == ("PLB03", "PLB05")
    assert first.segment_number == second.segment_number == 2 + len(SEGMENTS) + 2


def test_interest_that_only_plb_names_is_no_claims_own() -> None:
    assert checked(_edited(("AMT*I*1.5~", ""))) == ()


# Reversals and corrections


def test_a_reversal_and_its_correction_are_one_change() -> None:
    assert _codes_of(reversed_payment(a_claim()), a_claim(paid=Decimal(80))) == []


def test_what_came_before_a_reversal_is_the_claim_taken_back() -> None:
    assert _codes_of(a_claim(), reversed_payment(a_claim())) == ["reversal_without_correction"]


def test_a_claim_that_was_taken_back_may_be_paid_as_before() -> None:
    assert _codes_of(a_claim(), reversed_payment(a_claim()), a_claim()) == []


@pytest.mark.parametrize("responsibility", [None, Decimal(0), Decimal(-25)])
def test_a_reversal_may_say_what_it_likes_of_the_patient(responsibility: Decimal | None) -> None:
    """RFI 2548."""
    reversal = replace(reversed_payment(a_claim()), patient_responsibility=responsibility)
    assert _codes_of(reversal, a_claim(paid=Decimal(80))) == []


def test_a_replacement_by_the_provider_may_charge_something_else() -> None:
    service = a_service(charge=Decimal(160), paid=Decimal(90))
    assert _codes_of(reversed_payment(a_claim()), a_claim(service)) == ["reversal_charge_differs"]
    assert _codes_of(reversed_payment(a_claim()), a_claim(service, frequency_code="7")) == []


def test_a_correction_under_another_number_names_the_claim_it_corrects() -> None:
    reversal, other = reversed_payment(a_claim()), a_claim(payer_claim_number="PAYERCLAIM2")
    assert _codes_of(reversal, other) == ["correction_reference_missing"]
    assert _codes_of(reversal, replace(other, original_claim_number="PAYERCLAIM1")) == []


def test_a_denied_claim_is_taken_back_without_money() -> None:
    denied = a_claim(
        a_service(paid=Decimal(0), adjustments=(Adjustment(**{**vars(CONTRACT), "amount": Decimal(150)}),))
    )
    assert "reversal_not_negated" not in _codes_of(reversed_payment(denied), a_claim())


def test_parts_of_one_claim_are_no_repetition() -> None:
    """Domain rule B6: parts under numbers of their own, or of other lines, are added."""
    first, second = a_claim(), a_claim(payer_claim_number="PAYERCLAIM2")
    assert _codes_of(first, second) == []
    assert _codes_of(first, a_claim(a_service(line_control_number="LINE2"))) == []
    assert _codes_of(first, a_claim()) == ["claim_payment_repeated"]


def test_a_claim_that_is_paid_in_two_transaction_sets_of_a_file_is_found() -> None:
    text = a_835(a_remittance(), a_remittance(control_number="0002"))
    assert _codes(checked(text)) == ["claim_payment_repeated"]


def test_what_is_remembered_of_a_file_is_bounded() -> None:
    checker = RemittanceChecker(Report())
    claim = a_claim()
    for number in range(CLAIMS_REMEMBERED + 100):
        checker.claim(replace(claim, patient_control_number=f"{number}"))
    assert len(checker._claims) == CLAIMS_REMEMBERED


# Claims


def test_one_level_has_one_finding_of_a_rule_however_often_it_is_broken() -> None:
    zeros = tuple(Adjustment(**{**vars(COPAY), "amount": Decimal(0)}) for _ in range(50))
    claim = a_claim(a_service(adjustments=(CONTRACT, COPAY, *zeros)), a_service(adjustments=(CONTRACT, COPAY, *zeros)))
    assert _codes_of(claim) == ["remittance_adjustment_zero"] * 2


@pytest.mark.parametrize("status", ["2", "3", "20", "21"])
def test_the_effect_of_earlier_payers_is_no_news_from_a_later_one(status: str) -> None:
    effect = Adjustment(group=AdjustmentGroup.OTHER, reason_code="23", amount=Decimal(70))
    forwarded = "INV02" if status in {"20", "21"} else None
    claim = a_claim(a_service(adjustments=(effect,)), status_code=status, crossover_payer=forwarded)
    assert _codes_of(claim) == []


def test_a_claim_that_was_sent_on_undecided_needs_no_lines() -> None:
    claim = ClaimPayment(
        position=1,
        segment=0,
        patient_control_number="QUIETROOMS0000001",
        status_code="23",
        charge=Decimal(150),
        paid=Decimal(0),
        adjustments=(Adjustment(group=AdjustmentGroup.OTHER, reason_code="B11", amount=Decimal(150)),),
        crossover_payer="INV02",
    )
    assert _codes_of(claim) == []
    assert _codes_of(replace(claim, status_code="2", crossover_payer=None)) == ["remittance_lines_missing"]


def test_a_line_that_could_not_be_read_is_not_said_to_be_missing() -> None:
    text = a_835(a_remittance()).replace("SVC*HC:90837*150*80", "SVC*HC:90837*x*80")
    assert "remittance_lines_missing" not in _codes(checked(text))


# Real files

_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = sorted((Path(_REFERENCE or ".") / "samples" / "835").glob("*")) if _REFERENCE else []
_DESERVED: dict[str, list[tuple[str, str | None, int | None]]] = {
    # An inpatient claim, as no element of an 835 says: it may come without lines.
    "secondary-payments.edi": [("remittance_lines_missing", "2100 CLP", 17)],
}


@pytest.mark.skipif(not _SAMPLES, reason="REFERENCE_DIR is not set: no sample files")
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_a_sample_has_exactly_the_findings_it_deserves(path: Path) -> None:
    found = [(one.code, one.location, one.segment_number) for one in checked(path.read_bytes())]
    assert found == _DESERVED.get(path.name, [])
