"""What is refused when a decision is entered (domain rules B2, B5)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given

from app.domain.adjudication_checks import check_content, check_decision
from app.domain.adjudications import Decision
from app.domain.findings import Severity, has_error
from app.domain.service_lines import ServiceLine
from tests.domain.claims import SERVICE_DAY, a_line
from tests.domain.decisions import adjustment, at_claim_level, balanced_claims, by_lines, money, on_line
from tests.factories import TODAY

LINE, OTHER = a_line(), a_line(procedure_code="90833", charge=money(60))


def codes(decision: Decision, *lines: ServiceLine) -> list[tuple[str, str | None]]:
    findings = check_decision(decision, lines=lines or (LINE, OTHER), last_service_date=SERVICE_DAY, today=TODAY)
    return [(finding.code, finding.pointer) for finding in findings]


def a_service(*adjustments: Any, paid: str = "80", **changes: Any) -> Decision:
    return by_lines(on_line(LINE, paid, *adjustments, **changes))


def test_a_complete_decision_has_no_finding() -> None:
    on_first = on_line(
        LINE,
        "80",
        adjustment("CO-45", 45, quantity=Decimal("0.125")),
        adjustment("PR-3", 25),
        procedure_code="90834",
        modifiers=("95", "HO"),
        units=Decimal(1),
        remark_codes=("N130", "MA18"),
        remaining_liability=money(25),
    )
    bundled = on_line(OTHER, "0", adjustment("CO-97", 60), bundled_into_line_id=LINE.id)
    assert codes(by_lines(on_first, bundled, remark_codes=("MA01",), payer_claim_number="2026-7/A")) == []


@given(balanced_claims())
def test_what_an_honest_payer_says_is_taken(claim: tuple[tuple[ServiceLine, ...], Decision]) -> None:
    lines, decision = claim
    assert check_decision(decision, lines=lines, last_service_date=date.min, today=TODAY) == ()


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (SERVICE_DAY - timedelta(days=1), "adjudication_before_service"),
        (TODAY + timedelta(days=1), "adjudication_in_future"),
    ],
)
def test_a_decision_before_the_last_service_or_in_the_future_is_refused(day: date, code: str) -> None:
    assert codes(at_claim_level("150", adjudication_date=day)) == [(code, "/adjudication_date")]


@pytest.mark.parametrize("day", [SERVICE_DAY, TODAY])
def test_a_decision_on_the_day_of_service_or_today_is_taken(day: date) -> None:
    assert codes(at_claim_level("150", adjudication_date=day)) == []


@pytest.mark.parametrize("amount", ["1.005", "100000000", "NaN", "-Infinity", "1E-40"])
def test_an_amount_that_an_837_cannot_carry_is_refused_wherever_it_stands(amount: str) -> None:
    bad = Decimal(amount)
    wrong = adjustment("CO-45", 1)
    object.__setattr__(wrong, "amount", bad)
    service = on_line(LINE, "1", wrong, remaining_liability=bad)
    object.__setattr__(service, "paid", bad)
    decision = at_claim_level("1", wrong, remaining_liability=bad, lines=(service,))
    object.__setattr__(decision, "paid", bad)
    assert codes(decision) == [
        ("amount_invalid", pointer)
        for pointer in (
            "/paid",
            "/adjustments/0/amount",
            "/remaining_liability",
            "/lines/0/paid",
            "/lines/0/adjustments/0/amount",
            "/lines/0/remaining_liability",
        )
    ]


def test_a_payment_or_a_liability_below_zero_is_refused() -> None:
    service = on_line(LINE, "-80", remaining_liability=money("-0.01"))
    assert codes(by_lines(service, remaining_liability=money(-1))) == [
        ("amount_negative", "/paid"),
        ("amount_negative", "/remaining_liability"),
        ("amount_negative", "/lines/0/paid"),
        ("amount_negative", "/lines/0/remaining_liability"),
    ]


def test_what_is_left_to_pay_is_refused_where_claim_and_lines_state_it_differently() -> None:
    """A claim says it at one level: the other figure would be left out."""
    share = adjustment("PR-3", 25)
    service = on_line(LINE, "125", share, remaining_liability=money(20))
    two_levels = [("liability_at_two_levels", "/remaining_liability")]
    assert codes(by_lines(service, remaining_liability=money(50))) == two_levels
    assert codes(by_lines(service, remaining_liability=money(20))) == []
    rest = adjustment("PR-1", 5)
    both = by_lines(service, adjustments=(rest,), paid=money(120))
    assert codes(replace(both, remaining_liability=money(20))) == two_levels
    assert codes(replace(both, remaining_liability=money(25))) == []
    unsaid = by_lines(on_line(LINE, "125", share), remaining_liability=money(50))
    assert codes(unsaid) == []


def test_an_adjustment_of_zero_is_an_error_and_one_below_zero_a_warning() -> None:
    assert codes(a_service(adjustment("CO-45", 0))) == [("adjustment_zero", "/lines/0/adjustments/0")]
    negative = check_content(a_service(adjustment("OA-94", -9)), (LINE,))
    assert [(one.code, one.severity) for one in negative] == [("adjustment_negative", Severity.WARNING)]


def test_one_group_and_reason_twice_at_a_level_is_a_warning_at_the_second() -> None:
    twice = a_service(adjustment("CO-45", 5), adjustment("PR-45", 5), adjustment("CO-45", 6))
    findings = check_content(twice, (LINE,))
    assert [(one.code, one.pointer) for one in findings] == [("adjustment_duplicate", "/lines/0/adjustments/2")]
    assert not has_error(findings)


def test_only_patient_responsibility_may_wait_for_its_reason() -> None:
    assert codes(a_service(adjustment("PR", 25))) == []
    assert codes(a_service(adjustment("CO", 25))) == [("reason_code_required", "/lines/0/adjustments/0/reason_code")]


@pytest.mark.parametrize("code", ["123456", "4.5", "a1", " 45", "٤٥"])
def test_a_reason_code_of_another_shape_is_refused(code: str) -> None:
    assert codes(at_claim_level("80", adjustment(f"CO-{code}", 1))) == [
        ("reason_code_format", "/adjustments/0/reason_code")
    ]


@pytest.mark.parametrize("code", ["", "N", "130", "N12345", "MAA1", "n130"])
def test_a_remark_code_of_another_shape_is_refused(code: str) -> None:
    decision = by_lines(on_line(LINE, "80", remark_codes=(code,)), remark_codes=("MA01", code))
    assert codes(decision) == [
        ("remark_code_format", "/remark_codes/1"),
        ("remark_code_format", "/lines/0/remark_codes/0"),
    ]


def test_a_claim_has_room_for_five_remarks() -> None:
    remarks = tuple(f"N{number}" for number in range(1, 7))
    assert codes(at_claim_level("150", remark_codes=remarks[:5])) == []
    assert codes(at_claim_level("150", remark_codes=remarks)) == [("too_many_remarks", "/remark_codes")]


def test_a_group_has_room_for_six_reasons() -> None:
    seven = tuple(adjustment(f"CO-{number}", 1) for number in range(1, 8))
    assert codes(a_service(*seven[:6], *(adjustment(f"PR-{number}", 1) for number in range(1, 7)))) == []
    assert codes(a_service(*seven)) == [("too_many_adjustments", "/lines/0/adjustments")]


@pytest.mark.parametrize("units", ["123456789", "1E8", "0.0001", "-1", "NaN", "12345.6789"])
def test_units_beyond_what_svd05_holds_are_refused(units: str) -> None:
    assert codes(a_service(units=Decimal(units))) == [("units_format", "/lines/0/units")]


@pytest.mark.parametrize("units", ["0", "12345678", "99999.999", "1.500000", "1E2"])
def test_units_within_what_svd05_holds_are_taken(units: str) -> None:
    assert codes(a_service(units=Decimal(units))) == []


def test_a_quantity_beyond_what_cas04_holds_is_refused() -> None:
    assert codes(a_service(adjustment("CO-45", 1, quantity=Decimal("0.0001")))) == [
        ("quantity_format", "/lines/0/adjustments/0/quantity")
    ]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"procedure_code": "9083"}, "procedure_code_format", "procedure_code"),
        ({"procedure_code": "90837*"}, "procedure_code_format", "procedure_code"),
        ({"modifiers": ("95",)}, "procedure_code_required", "procedure_code"),
        ({"procedure_code": "90834", "modifiers": ("95", "HO", "HN", "25", "59")}, "modifier_format", "modifiers"),
        ({"procedure_code": "90834", "modifiers": ("9",)}, "modifier_format", "modifiers"),
        ({"procedure_qualifier": "AD"}, "procedure_qualifier", "procedure_qualifier"),
    ],
)
def test_an_adjudicated_procedure_that_svd03_cannot_say_is_refused(
    changes: dict[str, Any], code: str, field: str
) -> None:
    assert codes(a_service(**changes)) == [(code, f"/lines/0/{field}")]


def test_a_line_of_another_claim_is_refused() -> None:
    assert codes(by_lines(on_line(a_line(), "80"))) == [("line_unknown", "/lines/0/line_id")]


def test_a_line_is_bundled_into_another_line_of_the_claim_that_is_not_bundled() -> None:
    for target in (LINE.id, uuid4()):
        assert codes(a_service(paid="0", bundled_into_line_id=target)) == [
            ("bundled_into_line", "/lines/0/bundled_into_line_id")
        ]
    in_a_circle = by_lines(
        on_line(LINE, "0", bundled_into_line_id=OTHER.id), on_line(OTHER, "0", bundled_into_line_id=LINE.id)
    )
    assert [code for code, _ in codes(in_a_circle)] == ["bundled_into_line", "bundled_into_line"]


def test_a_bundled_line_is_paid_nothing() -> None:
    assert codes(a_service(paid="0.01", bundled_into_line_id=OTHER.id)) == [("bundled_line_paid", "/lines/0/paid")]


def test_the_same_decision_on_a_line_twice_is_refused_but_parts_of_it_are_not() -> None:
    part = on_line(LINE, "40", procedure_code="90834")
    assert codes(by_lines(part, part)) == [("line_repeated", "/lines/1")]
    assert codes(by_lines(part, on_line(LINE, "41", procedure_code="90834"))) == []


def test_a_line_has_room_for_fifteen_services() -> None:
    services = [on_line(LINE, str(number)) for number in range(16)]
    assert codes(by_lines(*services[:15])) == []
    assert codes(by_lines(*services)) == [("too_many_services", "/lines/15")]


@pytest.mark.parametrize("number", ["", "A" * 51, "A*B", "a1", " A", "A\n"])
def test_a_payers_claim_number_that_ref_cannot_say_is_refused(number: str) -> None:
    assert codes(at_claim_level("150", payer_claim_number=number)) == [
        ("payer_claim_number_format", "/payer_claim_number")
    ]


def test_no_finding_repeats_what_was_entered() -> None:
    decision = by_lines(
        on_line(
            LINE, "-80.01", adjustment("CO-ÄÖÜ", 1), procedure_code="SECRE", modifiers=("Q",), remark_codes=("ZZ",)
        ),
        payer_claim_number="secret",
    )
    findings = check_decision(decision, lines=(LINE,), last_service_date=SERVICE_DAY, today=TODAY)
    text = " ".join(f"{one.message} {one.pointer}" for one in findings)
    assert len(findings) == 6
    assert not any(value in text for value in ("80.01", "ÄÖÜ", "SECRE", "secret", "ZZ"))
