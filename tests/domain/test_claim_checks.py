"""What is wrong with a claim's content by itself."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim_checks import REPETITION_MODIFIERS, check_against_previous, check_content, under
from app.domain.claims import ClaimContent, PayerAssignedId, ProviderRole, ServiceFacility
from app.domain.coordination import next_content
from app.domain.findings import Finding
from app.domain.parties import Contact
from app.domain.service_lines import UnitOfMeasure
from tests.domain.claims import SERVICE_DAY, a_line, contents, renewed, some_content
from tests.factories import TODAY, an_address, an_npi

BORN = date(1988, 4, 2)
Place = tuple[str, str | None]


def places(content: ClaimContent, birth_date: date = BORN) -> list[Place]:
    return pairs(check_content(content, today=TODAY, patient_birth_date=birth_date))


def pairs(findings: tuple[Finding, ...]) -> list[Place]:
    return [(finding.code, finding.pointer) for finding in findings]


def of_line(**changes: Any) -> list[Place]:
    return places(some_content(lines=(a_line(**changes),)))


@given(contents())
def test_valid_content_has_no_finding(content: ClaimContent) -> None:
    assert places(content) == []


@pytest.mark.parametrize(
    ("charge", "code"),
    [
        ("-0.01", "amount_negative"),
        ("80.001", "amount_decimals"),
        ("80.00000000000000000000000000000000001", "amount_decimals"),
        ("9E+999999", "amount_limit"),
        ("100000000.00", "amount_limit"),
        ("1E+40", "amount_limit"),
        ("NaN", "amount_limit"),
        ("sNaN", "amount_limit"),
        ("-Infinity", "amount_limit"),
        ("0", "charge_zero"),
    ],
)
def test_a_charge_is_money_above_zero(charge: str, code: str) -> None:
    assert of_line(charge=Decimal(charge)) == [(code, "/lines/0/charge")]


def test_the_largest_charge_and_the_smallest_are_taken() -> None:
    assert of_line(charge=Decimal("99999999.99")) == []
    assert of_line(charge=Decimal("0.01")) == []


def test_the_charges_together_fit_into_clm02() -> None:
    content = some_content(
        lines=(a_line(charge=Decimal("99999999.99")), a_line(charge=Decimal("0.01"), units=Decimal(2)))
    )
    assert places(content) == [("amount_limit", "/lines")]


@pytest.mark.parametrize(
    ("paid", "codes"),
    [
        ("150.00", []),
        ("0.00", []),
        ("150.01", ["patient_paid_above_charge"]),
        ("-1.00", ["amount_negative"]),
        ("1.005", ["amount_decimals"]),
        ("NaN", ["amount_limit"]),
    ],
)
def test_the_patient_paid_no_more_than_the_charge(paid: str, codes: list[str]) -> None:
    found = places(some_content(patient_paid=Decimal(paid)))
    assert found == [(code, "/patient_paid") for code in codes]


@pytest.mark.parametrize(
    ("units", "code"),
    [
        ("0", "units_range"),
        ("-1", "units_range"),
        ("NaN", "units_range"),
        ("123456789", "units_range"),
        ("123456.789", "units_range"),
        ("1E+8", "units_range"),
        ("1.0001", "units_decimals"),
        ("1.00000000000000000000000000000000001", "units_decimals"),
    ],
)
def test_units_have_at_most_eight_digits_and_three_decimals(units: str, code: str) -> None:
    assert of_line(units=Decimal(units)) == [(code, "/lines/0/units")]


@pytest.mark.parametrize("units", ["0.001", "12345678", "12345.678", "1.5000", "1E+7"])
def test_units_that_fit_are_taken(units: str) -> None:
    assert of_line(units=Decimal(units)) == []


def test_a_service_is_not_in_the_future_nor_before_birth_nor_backwards() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert of_line(first_date=tomorrow) == [("date_future", "/lines/0/first_date")]
    assert of_line(last_date=tomorrow) == [("date_future", "/lines/0/last_date")]
    assert of_line(first_date=TODAY) == []
    assert of_line(first_date=BORN) == []
    assert of_line(first_date=BORN - timedelta(days=1)) == [("date_before_birth", "/lines/0/first_date")]
    assert of_line(last_date=SERVICE_DAY - timedelta(days=1)) == [("date_order", "/lines/0/last_date")]


@pytest.mark.parametrize(
    ("pointers", "expected"),
    [
        ((), [("pointers_missing", "")]),
        ((2,), [("pointer_unknown", "/0")]),
        ((0,), [("pointer_unknown", "/0")]),
        ((-1,), [("pointer_unknown", "/0")]),
        ((1, 1), [("pointer_repeated", "/1")]),
    ],
)
def test_a_line_points_at_diagnoses_of_the_claim(pointers: tuple[int, ...], expected: list[Place]) -> None:
    where = "/lines/0/diagnosis_pointers"
    assert of_line(diagnosis_pointers=pointers) == [(code, f"{where}{below}") for code, below in expected]


def test_no_more_than_four_pointers_and_modifiers() -> None:
    five_diagnoses = tuple(f"F41{number}" for number in range(5))
    content = some_content(
        diagnoses=five_diagnoses,
        lines=(a_line(diagnosis_pointers=(1, 2, 3, 4, 5), modifiers=("95", "HO", "25", "U1", "U2")),),
    )
    assert places(content) == [
        ("modifiers_too_many", "/lines/0/modifiers"),
        ("pointers_too_many", "/lines/0/diagnosis_pointers"),
    ]


def test_one_to_twelve_diagnoses_and_one_to_fifty_lines() -> None:
    thirteen = tuple(f"F{number}" for number in range(100, 113))
    assert places(some_content(diagnoses=thirteen)) == [("diagnoses_too_many", "/diagnoses")]
    assert places(some_content(diagnoses=thirteen[:12])) == []
    lines = tuple(a_line(charge=Decimal(number)) for number in range(1, 52))
    assert places(some_content(lines=lines)) == [("lines_too_many", "/lines")]
    assert places(some_content(lines=lines[:50])) == []
    assert places(some_content(lines=())) == [("lines_missing", "/lines")]
    assert places(some_content(diagnoses=())) == [
        ("diagnoses_missing", "/diagnoses"),
        ("pointer_unknown", "/lines/0/diagnosis_pointers/0"),
    ]


def test_codes_have_the_form_of_their_code_sets() -> None:
    content = some_content(
        place_of_service="28",
        diagnoses=("F41.1", "F329", "F329"),
        lines=(a_line(procedure_code="9083", modifiers=("9", "95", "95"), place_of_service="00"),),
    )
    assert places(content) == [
        ("place_of_service_unknown", "/place_of_service"),
        ("diagnosis_format", "/diagnoses/0"),
        ("diagnosis_repeated", "/diagnoses/2"),
        ("procedure_format", "/lines/0/procedure_code"),
        ("modifier_format", "/lines/0/modifiers/0"),
        ("modifier_repeated", "/lines/0/modifiers/2"),
        ("place_of_service_unknown", "/lines/0/place_of_service"),
    ]


def test_the_same_service_twice_is_a_duplicate_line() -> None:
    first, second, third = (a_line(modifiers=modifiers) for modifiers in (("95", "HO"), ("HO", "95"), ("95", "HO")))
    assert places(some_content(lines=(first, second, third))) == [
        ("line_duplicate", "/lines/1"),
        ("line_duplicate", "/lines/2"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"procedure_code": "90834"},
        {"modifiers": ("95",)},
        {"first_date": SERVICE_DAY - timedelta(days=1)},
        {"last_date": SERVICE_DAY + timedelta(days=1)},
        {"charge": Decimal("150.01")},
        {"units": Decimal(2)},
        {"unit_of_measure": UnitOfMeasure.MINUTE},
    ],
)
def test_lines_that_differ_in_one_thing_are_two_services(change: dict[str, Any]) -> None:
    assert places(some_content(lines=(a_line(), a_line(**change)))) == []


@pytest.mark.parametrize("modifier", sorted(REPETITION_MODIFIERS))
def test_a_modifier_says_that_a_service_was_done_again(modifier: str) -> None:
    assert places(some_content(lines=(a_line(modifiers=(modifier,)), a_line(modifiers=(modifier,))))) == []


def test_a_last_date_that_is_the_first_makes_no_other_service() -> None:
    lines = (a_line(), a_line(last_date=SERVICE_DAY))
    assert places(some_content(lines=lines)) == [("line_duplicate", "/lines/1")]


def test_ids_and_control_numbers_of_lines_are_their_own() -> None:
    line = a_line()
    same_id = a_line(id=line.id, charge=Decimal(1))
    same_number = a_line(control_number=line.control_number, charge=Decimal(2))
    assert places(some_content(lines=(line, same_id, same_number))) == [
        ("line_id_repeated", "/lines/1/id"),
        ("line_control_number_repeated", "/lines/2/control_number"),
    ]


def test_numbers_of_payers_fit_into_a_ref() -> None:
    content = some_content(
        prior_authorization="A*1",
        referral_number="R" * 51,
        payer_assigned_ids=(PayerAssignedId(role=ProviderRole.BILLING, number="~"),),
    )
    assert places(content) == [
        ("reference_format", "/prior_authorization"),
        ("reference_format", "/referral_number"),
        ("reference_format", "/payer_assigned_ids/0/number"),
    ]


def test_a_payers_number_of_a_provider_belongs_to_one_who_is_named() -> None:
    billing = PayerAssignedId(role=ProviderRole.BILLING, number="PB1")
    rendering = PayerAssignedId(role=ProviderRole.RENDERING, number="PR1")
    assert places(some_content(payer_assigned_ids=(billing, rendering, billing))) == [
        ("payer_assigned_id_unplaced", "/payer_assigned_ids/1/role"),
        ("payer_assigned_id_repeated", "/payer_assigned_ids/2/role"),
    ]
    named = some_content(payer_assigned_ids=(billing, rendering), rendering_provider_id=uuid4())
    assert places(named) == []


def test_facility_addresses_and_contact_are_checked() -> None:
    content = some_content(
        service_facility=ServiceFacility(name=" ", npi="1234567890", address=an_address(state="XX", city="A")),
        pay_to_address=an_address(postal_code="8021", line1="1" * 56, line2=""),
        billing_contact=Contact(name="N" * 61, phone="303-555-01"),
    )
    assert places(content) == [
        ("too_short", "/service_facility/name"),
        ("too_short", "/service_facility/address/city"),
        ("state_format", "/service_facility/address/state"),
        ("npi_format", "/service_facility/npi"),
        ("too_long", "/pay_to_address/line1"),
        ("too_short", "/pay_to_address/line2"),
        ("postal_code_format", "/pay_to_address/postal_code"),
        ("too_long", "/billing_contact/name"),
        ("phone_format", "/billing_contact/phone"),
    ]


def test_a_facility_with_all_that_it_needs_is_taken() -> None:
    facility = ServiceFacility(name="INVENTED CLINIC", npi=an_npi(7), address=an_address())
    contact = Contact(name="BILLING DESK", phone="3035550100")
    assert places(some_content(service_facility=facility, billing_contact=contact, pay_to_address=an_address())) == []


def test_all_findings_come_at_once_with_their_place_in_the_837p() -> None:
    line = a_line(charge=Decimal(-1), units=Decimal(0), diagnosis_pointers=(9,), first_date=date(2030, 1, 1))
    found = check_content(some_content(lines=(line,)), today=TODAY, patient_birth_date=BORN)
    assert [(finding.code, finding.location) for finding in found] == [
        ("amount_negative", "2400 SV102"),
        ("units_range", "2400 SV104"),
        ("pointer_unknown", "2400 SV107-1"),
        ("date_future", "2400 DTP03"),
    ]


_TEXT = st.text(max_size=60)


@given(
    content=contents(most_lines=2),
    code=_TEXT,
    amount=st.decimals(allow_nan=True, allow_infinity=True),
    units=st.decimals(allow_nan=True, allow_infinity=True),
    pointer=st.integers(),
    day=st.dates(),
)
def test_anything_at_all_is_answered_with_findings_that_repeat_none_of_it(
    content: ClaimContent, code: str, amount: Decimal, units: Decimal, pointer: int, day: date
) -> None:
    odd = replace(
        content,
        place_of_service=code,
        diagnoses=("SECRETDX", code),
        lines=renewed(
            content.lines,
            lambda line: replace(
                line,
                procedure_code="SECRETPX",
                modifiers=(code,),
                charge=amount,
                units=units,
                diagnosis_pointers=(pointer,),
                first_date=day,
            ),
        ),
        prior_authorization="*SECRETPA",
        patient_paid=amount,
    )
    found = check_content(odd, today=TODAY, patient_birth_date=BORN)
    assert {"diagnosis_format", "procedure_format", "reference_format"} <= {finding.code for finding in found}
    assert "SECRET" not in repr(found)


def test_findings_move_with_the_content() -> None:
    finding = Finding(code="line_duplicate", message="", pointer="/lines/1")
    assert pairs(under("/claim", (finding, replace(finding, pointer=None)))) == [
        ("line_duplicate", "/claim/lines/1"),
        ("line_duplicate", "/claim"),
    ]


@given(contents())
def test_a_claim_copied_for_the_next_payer_keeps_what_it_must(content: ClaimContent) -> None:
    assert check_against_previous(next_content(content), content) == ()


def test_the_next_claim_may_say_other_codes_of_the_same_bill() -> None:
    content = some_content()
    line = replace(content.lines[0], procedure_code="90834", modifiers=("95",), diagnosis_pointers=(2,))
    changed = replace(content, diagnoses=("F329", "F4110"), lines=(line,), place_of_service="10")
    assert check_against_previous(changed, content) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"charge": Decimal("149.99")}, "charge"),
        ({"units": Decimal(2)}, "units"),
        ({"unit_of_measure": UnitOfMeasure.MINUTE}, "units"),
        ({"first_date": SERVICE_DAY - timedelta(days=1), "last_date": SERVICE_DAY}, "first_date"),
        ({"last_date": SERVICE_DAY + timedelta(days=1)}, "last_date"),
        ({"control_number": "OTHER"}, "control_number"),
    ],
)
def test_charges_units_and_days_stay_as_the_payer_before_was_billed(change: dict[str, Any], field: str) -> None:
    content = some_content(lines=(a_line(), a_line(charge=Decimal("9.99"))))
    changed = replace(content, lines=renewed(content.lines, lambda line: replace(line, **change)))
    assert pairs(check_against_previous(changed, content)) == [("line_changed", f"/lines/0/{field}")]


def test_no_line_is_added_or_left_out_along_a_chain() -> None:
    content = some_content(lines=(a_line(), a_line(charge=Decimal("9.99"))))
    other = replace(content, lines=(content.lines[1], a_line(charge=Decimal("5.00"))))
    assert pairs(check_against_previous(other, content)) == [("line_added", "/lines/1"), ("line_removed", "/lines")]


def test_the_order_of_lines_may_change() -> None:
    content = some_content(lines=(a_line(), a_line(charge=Decimal("9.99"))))
    assert check_against_previous(replace(content, lines=content.lines[::-1]), content) == ()
