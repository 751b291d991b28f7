"""The remittance read: every loop, what payers do with it, and whether it adds up, which two other readers agree on."""

import os
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import oxedi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.findings import Severity
from app.domain.remittance_balance import BalanceFault, BalanceLevel, balance_faults
from app.domain.remittances import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment, UnreadAdjustment
from app.x12.findings import X12Finding
from app.x12.remittance_835 import check, read
from app.x12.separators import Separators
from tests.x12.pyx12_oracle import complaints
from tests.x12.remittances import A_DAY, CONTRACT, COPAY, a_claim, a_remittance, a_service, remittances
from tests.x12.texts_835 import Amount, a_835, amounts_in, around, enclosed, with_more, written

HEADER = ("BPR*I*80*C*CHK************20260309", "TRN*1*TRACE1*1999999999", "N1*PR*PLAN", "N1*PE*US*XX*1234567893")
CLAIM = ("CLP*QUIETROOMS0000001*1*150*80**12*PAYERCLAIM1", "CAS*CO*45*45", "CAS*PR*3*25")
LINE = ("SVC*HC:90837*150*80**1", "CAS*CO*45*45", "CAS*PR*3*25")
CLAIM_OF_LINES = CLAIM[:1]


def _one(text: str | bytes) -> Remittance:
    """The one remittance of a text without findings."""
    (remittance,), findings = read(text)
    assert findings == ()
    return remittance


def _noted(*segments: str, header: Iterable[str] = HEADER) -> tuple[Remittance, tuple[X12Finding, ...]]:
    """The one remittance of segments after a header, and what was found."""
    (remittance,), findings = read(around(enclosed((*header, *segments))))
    return remittance, findings


def _codes(findings: Iterable[X12Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.location) for finding in findings]


# What is read


@given(remittances())
def test_what_was_written_is_read(remittance: Remittance) -> None:
    text, placed = written(remittance)
    assert read(text) == (placed, ())


@settings(max_examples=30)
@given(st.lists(remittances(), min_size=2, max_size=3))
def test_each_transaction_set_is_a_remittance(several: list[Remittance]) -> None:
    numbered = [_numbered(one, index) for index, one in enumerate(several)]
    text, placed = written(*numbered)
    assert read(text) == (placed, ())


def _numbered(remittance: Remittance, index: int) -> Remittance:
    return a_remittance(**{**vars(remittance), "control_number": f"{index + 1:04}"}) if index else remittance


def test_the_payment_is_read_with_its_payer_and_payee() -> None:
    text = a_835(a_remittance(payer_id="INV01", production_date=date(2026, 3, 6), payment_method="ACH"))
    remittance = _one(text)
    assert (remittance.payer_name, remittance.payer_id) == ("INVENTED HEALTH PLAN", "INV01")
    assert remittance.payee_npi == "1234567893"
    assert (remittance.trace_number, remittance.originator_id) == ("TRACE1", "1999999999")
    assert (remittance.payment_date, remittance.production_date) == (date(2026, 3, 9), date(2026, 3, 6))
    assert (remittance.payment_method, remittance.total_paid) == ("ACH", Decimal(80))


def test_a_payer_id_may_stand_in_the_name_segment() -> None:
    remittance, _ = _noted(header=("BPR*I*0*C*NON", "N1*PR*PLAN*XV*12345", "N1*PE*US*FI*999999999"))
    assert remittance.payer_id == "12345"
    assert remittance.payee_npi is None


def test_every_element_of_a_claim_is_read() -> None:
    remittance, findings = _noted(
        "LX*1",
        "CLP*QUIETROOMS0000001*19*150*80*25*MB*PAYERCLAIM1*11*7",
        "CAS*PR*3*25",
        "CAS*CO*45*45",
        "NM1*QC*1*FERNWOOD*ADA****MI*QRX100200300",
        "NM1*TT*2*INVENTED MUTUAL*****PI*INV02",
        "NM1*PR*2*INVENTED UNION",
        "MIA*0****M15***************N14**N89",
        "MOA***MA18*MA07",
        "REF*F8*EARLIER1",
        "REF*EA*RECORD1",
        "DTM*232*20260302",
        "DTM*233*20260303",
        "DTM*050*20260304",
        "AMT*I*1.5",
        "AMT*AU*80",
        "QTY*CA*1",
    )
    assert findings == ()
    (claim,) = remittance.claims
    assert claim == ClaimPayment(
        position=1,
        segment=9,
        patient_control_number="QUIETROOMS0000001",
        status_code="19",
        charge=Decimal(150),
        paid=Decimal(80),
        patient_responsibility=Decimal(25),
        filing_code="MB",
        payer_claim_number="PAYERCLAIM1",
        frequency_code="7",
        adjustments=(COPAY, CONTRACT),
        remark_codes=("M15", "N14", "N89", "MA18", "MA07"),
        original_claim_number="EARLIER1",
        interest=Decimal("1.50"),
        crossover_payer="INV02",
        corrected_payer="INVENTED UNION",
        first_date=date(2026, 3, 2),
        last_date=date(2026, 3, 3),
    )


def test_every_element_of_a_line_is_read() -> None:
    remittance, findings = _noted(
        *CLAIM_OF_LINES,
        "SVC*HC:90834:95:HO*150*80**1*HC:90837:GT*2",
        "DTM*150*20260302",
        "DTM*151*20260303",
        "CAS*CO*45*45*1",
        "CAS*PR*3*20**1*5",
        "REF*6R*LINE1",
        "REF*LU*11",
        "AMT*B6*105",
        "AMT*KH*1",
        "QTY*ZK*1",
        "LQ*HE*N14",
        "LQ*HE*M15",
    )
    assert findings == ()
    ((service,),) = (claim.services for claim in remittance.claims)
    assert service == ServicePayment(
        line_control_number="LINE1",
        procedure_code="90834",
        modifiers=("95", "HO"),
        submitted_procedure_code="90837",
        submitted_modifiers=("GT",),
        charge=Decimal(150),
        paid=Decimal(80),
        units=Decimal(1),
        submitted_units=Decimal(2),
        first_date=date(2026, 3, 2),
        last_date=date(2026, 3, 3),
        allowed=Decimal(105),
        adjustments=(
            Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal(45), quantity=Decimal(1)),
            Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code="3", amount=Decimal(20)),
            Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code="1", amount=Decimal(5)),
        ),
        remark_codes=("N14", "M15"),
        segment=9,
    )


def test_what_a_line_leaves_out_is_not_made_up() -> None:
    remittance, _ = _noted(*CLAIM_OF_LINES, "SVC*AD:D0120*150*80")
    service = remittance.claims[0].services[0]
    assert (service.procedure_qualifier, service.procedure_code) == ("AD", "D0120")
    assert (service.units, service.submitted_units, service.first_date, service.allowed) == (None, None, None, None)
    assert remittance.claims[0].patient_responsibility is None


def test_99_adjustments_of_a_line_are_kept() -> None:
    service = a_service(adjustments=tuple(Adjustment(**{**vars(CONTRACT), "reason_code": str(n)}) for n in range(99)))
    text, (placed,) = written(a_remittance(a_claim(service)))
    assert _one(text) == placed
    many = ["CAS*CO*45*.01" for _ in range(99)]
    remittance, _ = _noted(*CLAIM_OF_LINES, LINE[0], *many)
    assert len(remittance.claims[0].services[0].adjustments) == 99


def test_provider_adjustments_are_pairs_of_reason_and_amount() -> None:
    remittance, findings = _noted("PLB*1234567893*20261231*WO:CLAIM1*10*L6*-1.5", "PLB*1234567893*20261231*FB:X*-5")
    assert findings == ()
    assert remittance.provider_adjustments == (
        ProviderAdjustment(reason_code="WO", reference="CLAIM1", amount=Decimal(10)),
        ProviderAdjustment(reason_code="L6", amount=Decimal("-1.5")),
        ProviderAdjustment(reason_code="FB", reference="X", amount=Decimal(-5)),
    )


def test_several_claims_of_one_number_keep_apart() -> None:
    """A reversal and its correction: the same CLM01 and CLP07."""
    negative = a_service(
        charge=Decimal(-150), paid=Decimal(-80), adjustments=tuple(_negated(one) for one in (CONTRACT, COPAY))
    )
    remittance = _one(a_835(a_remittance(a_claim(negative, status_code="22"), a_claim())))
    assert [(claim.position, claim.status_code, claim.paid) for claim in remittance.claims] == [
        (1, "22", Decimal(-80)),
        (2, "1", Decimal(80)),
    ]
    assert balance_faults(remittance) == ()


def _negated(adjustment: Adjustment) -> Adjustment:
    return Adjustment(group=adjustment.group, reason_code=adjustment.reason_code, amount=-adjustment.amount)


def test_a_closed_claim_takes_nothing_more() -> None:
    remittance, findings = _noted(*CLAIM, "LX*2", "CAS*OA*23*1")
    assert remittance.claims[0].adjustments == (CONTRACT, COPAY)
    assert _codes(findings) == [("amount_misplaced", "CAS")]


def test_a_remittance_may_have_its_guide_in_the_transaction_set() -> None:
    segments = enclosed(HEADER)
    text = around([f"{segments[0]}*005010X221A1", *segments[1:]])
    assert _one(text).total_paid == Decimal(80)


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("\ufeff", ""), ("\r\n", "\r\n")], ids=["plain", "byte order mark", "blank lines"]
)
def test_what_stands_around_the_interchange_is_no_part_of_it(before: str, after: str) -> None:
    text, placed = written(a_remittance())
    found, findings = read((before + text + after).encode())
    assert found == placed
    assert all(finding.severity is Severity.INFORMATION for finding in findings)


def test_other_delimiters_line_ends_and_pieces_change_nothing() -> None:
    remittance = a_remittance(a_claim(a_service(modifiers=("95",))))
    text, placed = written(remittance)
    others = Separators(element="|", component=">", repetition="!", segment="\x1d")
    for other in (a_835(remittance, separators=others), a_835(remittance, line_end="\r\n")):
        assert read(other) == (placed, ())
    assert read(bytes([byte]) for byte in text.encode()) == (placed, ())


def test_a_wrapped_text_is_read() -> None:
    text, placed = written(a_remittance())
    lines = "\r\n".join(text[start : start + 80] for start in range(0, len(text), 80))
    found, findings = read(lines)
    assert found == placed
    assert [finding.code for finding in findings] == ["wrapped"]


# What cannot be read


@pytest.mark.parametrize(
    ("segments", "place"),
    [
        (("CLP*A*1**80",), "2100 CLP03"),
        (("CLP*A*1*150",), "2100 CLP04"),
        (("CLP*A*1*150*80.005",), "2100 CLP04"),
        (("CLP*A*1*1,150*80",), "2100 CLP03"),
        (("CLP*A*1*100000000*80",), "2100 CLP03"),
    ],
)
def test_a_claim_without_readable_amounts_is_left_out_and_said(segments: tuple[str, ...], place: str) -> None:
    remittance, findings = _noted(*segments, *LINE, *CLAIM)
    assert _codes(findings) == [("amount_invalid", place)]
    assert [(claim.position, claim.adjustments) for claim in remittance.claims] == [(2, (CONTRACT, COPAY))]
    assert not remittance.is_whole
    assert remittance.claims[0].is_whole


@pytest.mark.parametrize(
    ("segment", "place"),
    [
        ("SVC*HC:90837**80", "2110 SVC02"),
        ("SVC*HC:90837*150", "2110 SVC03"),
        ("SVC*HC:90837*150*eighty", "2110 SVC03"),
    ],
)
def test_a_line_without_readable_amounts_makes_its_claim_not_whole(segment: str, place: str) -> None:
    remittance, findings = _noted(*CLAIM_OF_LINES, segment, *LINE[1:], "CLP*B*4*0*0")
    assert _codes(findings) == [("amount_invalid", place)]
    assert [claim.is_whole for claim in remittance.claims] == [False, True]
    assert [claim.adjustments for claim in remittance.claims] == [(), ()]
    assert remittance.is_whole


def test_an_unknown_group_is_kept_counted_and_said() -> None:
    remittance, findings = _noted(CLAIM[0], "CAS*ZZ*45*45*2", CLAIM[2])
    assert _codes(findings) == [("adjustment_group_unknown", "2100 CAS01")]
    assert (findings[0].segment_number, findings[0].element) == (9, 1)
    (claim,) = remittance.claims
    assert claim.unread_adjustments == (
        UnreadAdjustment(group_code="ZZ", reason_code="45", amount=Decimal(45), quantity=Decimal(2)),
    )
    assert not claim.is_whole
    assert balance_faults(remittance) == ()


def test_an_adjustment_without_reason_is_kept_and_said() -> None:
    remittance, findings = _noted(*CLAIM_OF_LINES, LINE[0], "CAS*CO**45", LINE[2])
    assert _codes(findings) == [("adjustment_reason_missing", "2110 CAS02")]
    (service,) = remittance.claims[0].services
    assert service.unread_adjustments == (UnreadAdjustment(group_code="CO", reason_code=None, amount=Decimal(45)),)
    assert not remittance.claims[0].is_whole


@pytest.mark.parametrize("cas", ["CAS*CO*45", "CAS*CO", "CAS*CO*45*x", "CAS*PR*3*25**1"])
def test_an_adjustment_without_amount_is_an_error(cas: str) -> None:
    remittance, findings = _noted(*CLAIM, cas)
    assert [finding.code for finding in findings] == ["amount_invalid"]
    assert not remittance.claims[0].is_whole


def test_the_group_of_corrections_is_kept_although_an_835_has_it_no_more() -> None:
    remittance, findings = _noted(CLAIM[0], "CAS*CR*45*45", CLAIM[2])
    assert _codes(findings) == [("code_unknown", "2100 CAS01")]
    assert remittance.claims[0].adjustments[0].group is AdjustmentGroup.CORRECTION
    assert remittance.claims[0].is_whole


@pytest.mark.parametrize("segment", ["CAS*CO*45*45", "SVC*HC:90837*150*80"])
def test_money_that_belongs_to_no_claim_is_an_error(segment: str) -> None:
    remittance, findings = _noted(segment, *CLAIM)
    assert [finding.code for finding in findings] == ["amount_misplaced"]
    assert not remittance.is_whole


@pytest.mark.parametrize(
    "plb", ["PLB*1*20261231", "PLB*1*20261231*WO", "PLB*1*20261231*WO*x", "PLB*1*20261231*L6*1*WO"]
)
def test_a_provider_adjustment_without_amount_is_an_error(plb: str) -> None:
    remittance, findings = _noted(*CLAIM, plb)
    assert [finding.code for finding in findings] == ["amount_invalid"]
    assert not remittance.is_whole


def test_doubtful_values_are_warnings_with_their_place() -> None:
    remittance, findings = _noted(
        "CLP**1*150*80*x*12*P",
        "DTM*232*20260230",
        "AMT*I*x",
        "SVC*HC*150*80**x**x",
        "DTM*472*never",
        "CAS*CO*45*70*x",
        "AMT*B6*x",
        "LQ*HE",
    )
    assert _codes(findings) == [
        ("element_missing", "2100 CLP01"),
        ("number_invalid", "2100 CLP05"),
        ("date_invalid", "2100 DTM02"),
        ("number_invalid", "2100 AMT02"),
        ("number_invalid", "2110 SVC05"),
        ("number_invalid", "2110 SVC07"),
        ("element_missing", "2110 SVC01"),
        ("date_invalid", "2110 DTM02"),
        ("number_invalid", "2110 CAS04"),
        ("number_invalid", "2110 AMT02"),
        ("element_missing", "2110 LQ02"),
    ]
    assert {finding.severity for finding in findings} == {Severity.WARNING}
    assert remittance.claims[0].is_whole


@pytest.mark.parametrize(
    ("twice", "again"),
    [
        ("BPR*I*80*C*CHK", "BPR*I*81*C*CHK"),
        ("REF*F8*ONE", "REF*F8*TWO"),
        ("NM1*TT*2*ONE", "NM1*TT*2*TWO"),
    ],
)
def test_the_first_of_two_counts_and_the_second_is_said(twice: str, again: str) -> None:
    header = (twice, *HEADER[1:]) if twice.startswith("BPR") else HEADER
    claim = CLAIM if twice.startswith("BPR") else (*CLAIM, twice)
    once, _ = _noted(*claim, header=header)
    both, findings = _noted(*claim, again, header=header)
    assert both == once
    assert [finding.code for finding in findings] == ["segment_repeated"]


def test_another_currency_is_not_taken_for_dollars() -> None:
    assert _noted(*CLAIM, header=(*HEADER, "CUR*PR*USD"))[0].is_whole
    remittance, findings = _noted(*CLAIM, header=(*HEADER, "CUR*PR*CAD"))
    assert [finding.code for finding in findings] == ["currency"]
    assert not remittance.is_whole


def test_a_segment_nobody_knows_is_said() -> None:
    _, findings = _noted(*CLAIM, "ZZZ*1")
    assert _codes(findings) == [("segment_unknown", "2100 ZZZ")]


@pytest.mark.parametrize("bpr", ["BPR*I**C*CHK", "BPR*I*x*C*CHK", "TRN*1*T"])
def test_without_a_total_there_is_no_remittance(bpr: str) -> None:
    found, findings = read(around(enclosed((bpr, *CLAIM))))
    assert found == ()
    assert any(finding.severity is Severity.ERROR for finding in findings)


def test_a_remittance_that_was_cut_off_is_not_whole_nor_is_its_last_claim() -> None:
    text = a_835(a_remittance(a_claim(), a_claim()))
    (remittance,), findings = read(text[: text.index("SE*")])
    assert [claim.is_whole for claim in remittance.claims] == [True, False]
    assert not remittance.is_whole
    assert findings[-1].code == "interchange_truncated"


def test_a_wrong_count_of_segments_makes_it_not_whole() -> None:
    text = a_835(a_remittance())
    (remittance,), _ = read(text.replace("SE*17", "SE*18"))
    assert not remittance.is_whole
    assert remittance.claims[0].is_whole


def test_an_error_inside_a_claim_is_that_claims_alone() -> None:
    text = a_835(a_remittance(a_claim(), a_claim(payer_claim_number="PAYER\x02CLAIM2"), a_claim()))
    (remittance,), findings = read(text)
    assert [finding.code for finding in findings] == ["control_character"]
    assert [claim.is_whole for claim in remittance.claims] == [True, False, True]
    assert remittance.is_whole


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (around(["ST*834*0001", "SE*2*0001"]), "unexpected_transaction"),
        (around(enclosed(HEADER), guide="004010X091A1"), "unexpected_guide"),
        (around(), "unexpected_transaction"),
        ("no X12 at all", "not_x12"),
    ],
)
def test_what_is_no_remittance_is_refused(text: str, code: str) -> None:
    found, findings = read(text)
    assert found == ()
    assert [finding.code for finding in findings] == [code]


def test_no_finding_and_no_value_shows_personal_data() -> None:
    text = a_835(a_remittance(a_claim(a_service(adjustments=())))).replace("CAS*CO", "CAS*ADA FERNWOOD")
    found, findings = read(text)
    shown = f"{findings} {check(found[0])} {found}"
    assert not any(secret in shown for secret in ("FERNWOOD", "PAYERCLAIM1", "QRX100200300", "TRACE1", "90837"))


# Whether it adds up

_LEVELS: dict[tuple[str, bool], set[BalanceLevel]] = {
    ("BPR02", False): {BalanceLevel.PAYMENT},
    ("PLB", False): {BalanceLevel.PAYMENT},
    ("CLP03", False): {BalanceLevel.CLAIM},
    ("CLP04", False): {BalanceLevel.CLAIM, BalanceLevel.CLAIM_LINES, BalanceLevel.PAYMENT},
    ("CLP05", False): set(),
    ("CAS", False): {BalanceLevel.CLAIM, BalanceLevel.CLAIM_LINES},
    ("SVC02", True): {BalanceLevel.LINE},
    ("SVC03", True): {BalanceLevel.LINE, BalanceLevel.CLAIM_LINES},
    ("CAS", True): {BalanceLevel.LINE, BalanceLevel.CLAIM},
    ("AMT02", False): set(),
    ("AMT02", True): set(),
}


@given(remittances())
def test_a_balanced_remittance_has_no_fault(remittance: Remittance) -> None:
    found = _one(a_835(remittance))
    assert balance_faults(found) == ()
    assert check(found) == ()


@given(remittances(), st.data(), st.integers(1, 99_999).map(lambda cents: Decimal(cents).scaleb(-2)))
def test_one_amount_changed_is_found_at_its_level_and_nowhere_else(
    remittance: Remittance, data: st.DataObject, by: Decimal
) -> None:
    text = a_835(remittance)
    amount = data.draw(st.sampled_from(list(amounts_in(text))))
    found = _one(with_more(text, amount, by))
    faults = balance_faults(found)
    assert {fault.level for fault in faults} == _expected(amount, found)
    assert {abs(fault.difference) for fault in faults} <= {by}
    for fault in faults:
        at_claim, at_line = fault.claim_position or 0, fault.line_position or 0
        assert at_claim == (0 if fault.level is BalanceLevel.PAYMENT else amount.claim)
        assert at_line == (amount.line if fault.level is BalanceLevel.LINE else 0)


def _expected(amount: Amount, found: Remittance) -> set[BalanceLevel]:
    levels = _LEVELS[amount.name, amount.line > 0]
    has_lines = amount.claim > 0 and bool(found.claims[amount.claim - 1].services)
    return levels if has_lines else levels - {BalanceLevel.CLAIM_LINES}


def test_a_finding_of_balance_names_the_place_and_no_amount() -> None:
    text = a_835(a_remittance(a_claim(a_service(), a_service(paid=Decimal("79.99")), paid=Decimal(160))))
    found = _one(text)
    assert balance_faults(found) == (
        BalanceFault(level=BalanceLevel.CLAIM_LINES, difference=Decimal("0.01"), claim_position=1),
        BalanceFault(level=BalanceLevel.LINE, difference=Decimal("-0.01"), claim_position=1, line_position=2),
    )
    findings = check(found)
    assert [(one.code, one.location, one.segment_number, one.element) for one in findings] == [
        ("claim_lines_unbalanced", "2100 CLP04", 12, 4),
        ("line_unbalanced", "2110 SVC03", 19, 3),
    ]
    assert not any("0.01" in one.message or "160" in one.message for one in findings)


def test_a_patient_responsibility_that_differs_is_a_warning_only() -> None:
    found = _one(a_835(a_remittance(a_claim(patient_responsibility=Decimal(24)))))
    assert balance_faults(found) == ()
    (finding,) = check(found)
    assert (finding.code, finding.severity) == ("patient_responsibility_differs", Severity.WARNING)
    assert (finding.location, finding.segment_number) == ("2100 CLP05", 12)
    assert found.claims[0].patient_responsibility == Decimal(24)


# Other readers

_RULES = {
    "service_balance": BalanceLevel.LINE,
    "claim_balance": BalanceLevel.CLAIM,
    "transaction_balance": BalanceLevel.PAYMENT,
}


def _agrees_with_oxedi(source: bytes) -> None:
    """The same number of claims, the same total, the same balance faults in the same segments."""
    result = oxedi.parse(source)
    (remittance,), _ = read(source)
    assert result.count_claims() == len(remittance.claims)
    assert result.sum_payments() == remittance.total_paid
    theirs = {
        (level, (diagnostic.segment or 0) + 1)
        for diagnostic in result.diagnostics
        for rule, level in _RULES.items()
        if f'"{rule}"' in diagnostic.rule
    }
    assert theirs == set(_places(remittance))


def _places(remittance: Remittance) -> Iterable[tuple[BalanceLevel, int | None]]:
    """By segment. What we hold a claim's payment against beside, its lines', is no rule of theirs."""
    places: dict[BalanceLevel, Callable[[BalanceFault], int | None]] = {
        BalanceLevel.PAYMENT: lambda _: remittance.segment,
        BalanceLevel.CLAIM: lambda fault: _claim_of(remittance, fault).segment,
        BalanceLevel.LINE: lambda fault: _claim_of(remittance, fault).services[(fault.line_position or 0) - 1].segment,
    }
    for fault in balance_faults(remittance):
        if fault.level in places:
            yield fault.level, places[fault.level](fault)


def _claim_of(remittance: Remittance, fault: BalanceFault) -> ClaimPayment:
    return remittance.claims[(fault.claim_position or 0) - 1]


@given(remittances(), st.data(), st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(-7), Decimal(100)]))
def test_another_reader_sees_the_same_claims_totals_and_balance(
    remittance: Remittance, data: st.DataObject, by: Decimal
) -> None:
    text = a_835(remittance)
    amount = data.draw(st.sampled_from(list(amounts_in(text))))
    _agrees_with_oxedi(with_more(text, amount, by).encode())


@settings(max_examples=40)
@given(remittances().filter(lambda one: len(one.provider_adjustments) <= 6))
def test_the_texts_of_these_tests_are_835s_to_a_validator(remittance: Remittance) -> None:
    """With one PLB: pyx12 takes a second one for a second footer, though its own map allows any number."""
    assert complaints(a_835(remittance)) == []


_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = sorted((Path(_REFERENCE or ".") / "samples" / "835").glob("*")) if _REFERENCE else []
sampled = pytest.mark.skipif(not _SAMPLES, reason="REFERENCE_DIR is not set: no sample files")


@sampled
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_a_sample_is_read_whole_balances_and_another_reader_agrees(path: Path) -> None:
    (remittance,), findings = read(path.read_bytes())
    assert findings == ()
    assert remittance.is_whole
    assert all(claim.is_whole for claim in remittance.claims)
    assert check(remittance) == ()
    _agrees_with_oxedi(path.read_bytes())


@sampled
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_every_amount_of_a_sample_that_is_changed_is_found_at_its_level(path: Path) -> None:
    text = path.read_text().replace("\n", "")
    for amount in amounts_in(text):
        (remittance,), _ = read(with_more(text, amount, Decimal("0.01")))
        assert {fault.level for fault in balance_faults(remittance)} == _expected(amount, remittance), amount


def test_a_day_of_service_is_a_date() -> None:
    assert _one(a_835(a_remittance())).claims[0].services[0].first_date == A_DAY


@pytest.mark.parametrize(("text", "amount"), [("-0", "0.00"), (".5", "0.50"), ("80.", "80.00"), ("-9.10", "-9.10")])
def test_an_amount_is_read_to_the_cent(text: str, amount: str) -> None:
    remittance, _ = _noted(f"CLP*A*4*{text}*{text}")
    assert str(remittance.claims[0].paid) == amount
