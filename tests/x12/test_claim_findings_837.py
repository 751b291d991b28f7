"""What keeps a claim from being written: each fault with its code, its JSON pointer and its X12 place."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.claims import ClaimFrequency
from app.domain.codes import PayerResponsibility, Relationship
from app.domain.findings import Finding, Severity
from app.domain.parties import Contact
from app.domain.professional_claims import Contract, NamedProvider, Note, ProfessionalClaim
from app.x12.professional_claim_837 import write
from tests.x12.claims import (
    ADA,
    BEN,
    BILLED_BY,
    CAL,
    OFFICE,
    SUBMITTER,
    THERAPIST,
    a_claim,
    a_decision,
    a_line,
    a_policy,
    a_prior_line,
    a_secondary,
    an_other_payer,
    co,
    decided,
    named,
    written,
)
from tests.x12.inquiries import INTERCHANGE, an_interchange


def _refusals(claim: ProfessionalClaim, **changes: Any) -> tuple[Finding, ...]:
    arguments: dict[str, Any] = {"reference": "R", "submitter": SUBMITTER, "receiver_name": "Clearing", **changes}
    text, findings = write(claim, arguments.pop("interchange", INTERCHANGE), **arguments)
    assert text is None
    assert all(finding.severity is Severity.ERROR for finding in findings)
    return findings


def _address(**changes: Any) -> dict[str, Any]:
    return {"billed_by": replace(BILLED_BY, address=replace(OFFICE, **changes))}


def _line(**changes: Any) -> dict[str, Any]:
    return {"lines": (a_line(**changes),)}


def _patient(**changes: Any) -> dict[str, Any]:
    patient = replace(ADA, **changes)
    return {"patient": patient, "policy": a_policy(insured=named(patient))}


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "location"),
    [
        ({"patient_control_number": ""}, "value_missing", "/patient_control_number", "2300 CLM01"),
        ({"patient_control_number": "A" * 18}, "value_invalid", "/patient_control_number", "2300 CLM01"),
        ({"patient_control_number": "abc"}, "value_invalid", "/patient_control_number", "2300 CLM01"),
        ({"place_of_service": "98"}, "value_invalid", "/place_of_service", "2300 CLM05-1"),
        ({"diagnoses": ("F411", "F41.1")}, "value_invalid", "/diagnoses/1", "2300 HI02-2"),
        ({"diagnoses": ("F4\u00ce1",)}, "value_invalid", "/diagnoses/0", "2300 HI01-2"),
        (_line(procedure_code="G\u01321"), "value_invalid", "/lines/0/procedure_code", "2400 SV101-2"),
        ({"diagnoses": ("F411", "f411")}, "value_repeated", "/diagnoses/1", "2300 HI02-2"),
        ({"diagnoses": tuple(f"F{n}" for n in range(100, 113))}, "repeat_exceeded", "/diagnoses", "2300 HI"),
        ({"patient_paid": Decimal("-1.00")}, "money_range", "/patient_paid", "2300 AMT02"),
        ({"frequency": ClaimFrequency.VOID}, "value_missing", "/payer_claim_number", "2300 REF02"),
        ({"payer_claim_number": "ICN1"}, "value_invalid", "/payer_claim_number", "2300 REF02"),
        ({"prior_authorization": "A" * 51}, "value_too_long", "/prior_authorization", "2300 REF02"),
        ({"lines": ()}, "value_missing", "/lines", "2400 LX"),
        ({"lines": tuple(a_line(n) for n in range(51))}, "repeat_exceeded", "/lines", "2400 LX"),
        ({"lines": (a_line(1), a_line(1))}, "value_repeated", "/lines/1/control_number", "2400 REF02"),
        (_line(charge=Decimal("0.00")), "value_invalid", "/lines", "2300 CLM02"),
        (_line(charge=Decimal("-0.01")), "money_range", "/lines/0/charge", "2400 SV102"),
        (_line(charge=Decimal("0.001")), "money_format", "/lines/0/charge", "2400 SV102"),
        (_line(charge=Decimal("100000000.00")), "money_range", "/lines/0/charge", "2400 SV102"),
        (_line(charge=Decimal("NaN")), "money_range", "/lines/0/charge", "2400 SV102"),
        (_line(units=Decimal(0)), "quantity_range", "/lines/0/units", "2400 SV104"),
        (_line(units=Decimal("0.0005")), "quantity_range", "/lines/0/units", "2400 SV104"),
        (_line(units=Decimal("123456.789")), "quantity_range", "/lines/0/units", "2400 SV104"),
        (_line(procedure_code="9083"), "value_invalid", "/lines/0/procedure_code", "2400 SV101-2"),
        (_line(modifiers=("95", "9")), "value_invalid", "/lines/0/modifiers/1", "2400 SV101-4"),
        (_line(modifiers=("95",) * 5), "repeat_exceeded", "/lines/0/modifiers", "2400 SV101"),
        (_line(diagnosis_pointers=()), "value_missing", "/lines/0/diagnosis_pointers", "2400 SV107"),
        (_line(diagnosis_pointers=(1, 2)), "value_invalid", "/lines/0/diagnosis_pointers/1", "2400 SV107-2"),
        (
            {"diagnoses": tuple(f"F{n}" for n in range(100, 105)), **_line(diagnosis_pointers=(1, 2, 3, 4, 5))},
            "repeat_exceeded",
            "/lines/0/diagnosis_pointers",
            "2400 SV107",
        ),
        (_line(diagnosis_pointers=(1, 1)), "pointer_repeated", "/lines/0/diagnosis_pointers/1", "2400 SV107-2"),
        (_line(first_date=date(1799, 12, 31)), "date_range", "/lines/0/first_date", "2400 DTP03"),
        (_line(last_date=date(2100, 1, 1)), "date_range", "/lines/0/last_date", "2400 DTP03"),
        (_line(control_number=" "), "value_missing", "/lines/0/control_number", "2400 REF02"),
        (_line(control_number="L1 "), "value_invalid", "/lines/0/control_number", "2400 REF02"),
        (_patient(birth_date=date(850, 1, 1)), "date_range", "/patient/birth_date", "2010BA DMG02"),
        (_line(last_date=date(2026, 8, 19)), "value_invalid", "/lines/0/last_date", "2400 DTP03"),
        (_line(place_of_service="9"), "value_invalid", "/lines/0/place_of_service", "2400 SV105"),
        (_line(control_number="L~1"), "delimiter_in_data", "/lines/0/control_number", "2400 REF02"),
        (_address(postal_code="80211"), "postal_code_format", "/billed_by/address/postal_code", "2010AA N403"),
        (_address(postal_code="80211-0001"), "postal_code_format", "/billed_by/address/postal_code", "2010AA N403"),
        (_address(state="XX"), "state_format", "/billed_by/address/state", "2010AA N402"),
        (_address(line1="P.O. Box 5"), "street_required", "/billed_by/address", "2010AA N301"),
        (_address(line2="Post Office Box 5"), "street_required", "/billed_by/address", "2010AA N301"),
        ({"billed_by": replace(BILLED_BY, npi="1234567890")}, "npi_format", "/billed_by/npi", "2010AA NM109"),
        ({"billed_by": replace(BILLED_BY, npi="")}, "value_missing", "/billed_by/npi", "2010AA NM109"),
        ({"billed_by": replace(BILLED_BY, tax_id="12-345678")}, "tax_id_format", "/billed_by/tax_id", "2010AA REF02"),
        (
            {"billed_by": replace(BILLED_BY, taxonomy_code="COUNSELOR")},
            "taxonomy_format",
            "/billed_by/taxonomy_code",
            "2000A PRV03",
        ),
        (
            {"billed_by": replace(BILLED_BY, contact=Contact(name="Connie", phone="303-555-0100"))},
            "phone_format",
            "/billed_by/contact/phone",
            "2010AA PER04",
        ),
        (_patient(address=None), "value_missing", "/patient/address", "2010BA N301"),
        (
            _patient(address=replace(OFFICE, postal_code="8021")),
            "postal_code_format",
            "/patient/address/postal_code",
            "2010BA N403",
        ),
        ({"patient": BEN}, "value_invalid", "/policy/insured", "2010BA NM1"),
        ({"patient_is_subscriber": False}, "value_invalid", "/policy/relationship", "2000C PAT01"),
        ({"policy": a_policy(member_id="")}, "value_missing", "/policy/member_id", "2010BA NM109"),
        ({"policy": a_policy(claim_filing_code="XX")}, "value_invalid", "/policy/claim_filing_code", "2000B SBR09"),
        (
            {"policy": a_policy(insurance_type_code="12")},
            "insurance_type_refused",
            "/policy/insurance_type_code",
            "2000B SBR05",
        ),
        (
            {"policy": a_policy(claim_filing_code="MB", insurance_type_code="12")},
            "insurance_type_refused",
            "/policy/insurance_type_code",
            "2000B SBR05",
        ),
        (
            {
                "policy": a_policy(claim_filing_code="MB", relationship=Relationship.CHILD, insured=named(CAL)),
                "patient": BEN,
                "patient_is_subscriber": False,
            },
            "relationship_medicare",
            "/policy/relationship",
            "2000C HL",
        ),
        ({"referring": NamedProvider(name="Clinic")}, "value_invalid", "/referring/name", "2310A NM102"),
        ({"supervising": NamedProvider(name="Clinic")}, "value_invalid", "/supervising/name", "2310D NM102"),
        (
            {"service_facility": NamedProvider(name=ADA.name, address=OFFICE)},
            "value_invalid",
            "/service_facility/name",
            "2310C NM102",
        ),
        ({"service_facility": NamedProvider(name="Annex")}, "value_missing", "/service_facility/address", "2310C N301"),
        ({"rendering": replace(THERAPIST, npi="2000000000")}, "npi_format", "/rendering/npi", "2310B NM109"),
    ],
)
def test_a_fault_of_the_claim(changes: dict[str, Any], code: str, pointer: str, location: str) -> None:
    (finding,) = _refusals(a_claim(**changes))
    assert (finding.code, finding.pointer, finding.location) == (code, pointer, location)


@pytest.mark.parametrize(
    ("changes", "pointer", "location"),
    [
        ({"policy": a_policy(insured=named(ADA, at_home=True))}, "/policy/insured/address", "2010BA N301"),
        ({"policy": a_policy(relationship=Relationship.CHILD)}, "/policy/relationship", "2000B SBR02"),
        ({"diagnoses_are_icd_9": True}, "/diagnoses_are_icd_9", "2300 HI01-1"),
        (
            {"referring": NamedProvider(name=ADA.name, taxonomy_code="103TC0700X")},
            "/referring/taxonomy_code",
            "2310A PRV03",
        ),
        ({"referring": NamedProvider(name=ADA.name, address=OFFICE)}, "/referring/address", "2310A N301"),
        ({"rendering": replace(THERAPIST, address=OFFICE)}, "/rendering/address", "2310B N301"),
        (
            {"service_facility": NamedProvider(name="Annex", address=OFFICE, taxonomy_code="103TC0700X")},
            "/service_facility/taxonomy_code",
            "2310C PRV03",
        ),
        (
            {"supervising": NamedProvider(name=ADA.name, taxonomy_code="103TC0700X")},
            "/supervising/taxonomy_code",
            "2310D PRV03",
        ),
        ({"supervising": NamedProvider(name=ADA.name, address=OFFICE)}, "/supervising/address", "2310D N301"),
    ],
)
def test_what_has_no_place_in_a_claim_is_refused_and_not_left_out(
    changes: dict[str, Any], pointer: str, location: str
) -> None:
    (finding,) = _refusals(a_claim(**changes))
    assert (finding.code, finding.pointer, finding.location) == ("value_invalid", pointer, location)


def test_the_address_of_who_bills_and_renders_has_no_place_either() -> None:
    billing_too = NamedProvider(name=BILLED_BY.name, npi=BILLED_BY.npi, address=OFFICE)
    (finding,) = _refusals(a_claim(rendering=billing_too))
    assert (finding.code, finding.pointer) == ("value_invalid", "/rendering/address")


@pytest.mark.parametrize(
    ("changes", "pointer", "location"),
    [
        ({"billed_by": replace(BILLED_BY, npi=None)}, "/billed_by/npi", "2010AA NM109"),
        ({"billed_by": replace(BILLED_BY, tax_id=None)}, "/billed_by/tax_id", "2010AA REF02"),
        ({"policy": a_policy(member_id=None)}, "/policy/member_id", "2010BA NM109"),
        ({"policy": a_policy(claim_filing_code=None)}, "/policy/claim_filing_code", "2000B SBR09"),
        (_line(control_number=None), "/lines/0/control_number", "2400 REF02"),
    ],
)
def test_what_another_text_may_leave_out_is_required_here(changes: dict[str, Any], pointer: str, location: str) -> None:
    (finding,) = _refusals(a_claim(**changes))
    assert (finding.code, finding.pointer, finding.location) == ("value_missing", pointer, location)


def _notes(*notes: Note) -> dict[str, Any]:
    return _line(notes=notes)


def _contract(**changes: Any) -> dict[str, Any]:
    return {"contract": Contract(**{"type_code": "09", **changes})}


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "location"),
    [
        ({"note": Note(code="XXX", text="A")}, "value_invalid", "/note/code", "2300 NTE01"),
        ({"note": Note(code="ADD", text="A" * 81)}, "value_too_long", "/note/text", "2300 NTE02"),
        ({"note": Note(code="ADD", text="")}, "value_missing", "/note/text", "2300 NTE02"),
        ({"note": Note(code="ADD", text="line\nline")}, "character_not_allowed", "/note/text", "2300 NTE02"),
        (_notes(Note(code="CER", text="A")), "value_invalid", "/lines/0/notes/0/code", "2400 NTE01"),
        (
            _notes(Note(code="ADD", text="A"), Note(code="TPO", text="A" * 81)),
            "value_too_long",
            "/lines/0/notes/1/text",
            "2400 NTE02",
        ),
        (
            _notes(Note(code="ADD", text="A"), Note(code="DCP", text="A")),
            "repeat_exceeded",
            "/lines/0/notes",
            "2400 NTE",
        ),
        (_notes(*[Note(code="TPO", text="A")] * 2), "repeat_exceeded", "/lines/0/notes", "2400 NTE"),
        (_contract(type_code="07"), "value_invalid", "/contract/type_code", "2300 CN101"),
        (_contract(amount=Decimal("-1.00")), "money_range", "/contract/amount", "2300 CN102"),
        (_contract(percent=Decimal("1234.567")), "percent_range", "/contract/percent", "2300 CN103"),
        (_contract(percent=Decimal(-1)), "percent_range", "/contract/percent", "2300 CN103"),
        (_contract(code="A" * 51), "value_too_long", "/contract/code", "2300 CN104"),
        (_contract(discount_percent=Decimal("NaN")), "percent_range", "/contract/discount_percent", "2300 CN105"),
        (_contract(version="A" * 31), "value_too_long", "/contract/version", "2300 CN106"),
        (
            _line(contract=Contract(type_code="")),
            "value_missing",
            "/lines/0/contract/type_code",
            "2400 CN101",
        ),
        (_line(description="A" * 81), "value_too_long", "/lines/0/description", "2400 SV101-7"),
        (_line(procedure_qualifier="N4"), "value_invalid", "/lines/0/procedure_qualifier", "2400 SV101-1"),
        (
            _line(procedure_qualifier="WK", procedure_code="A" * 49),
            "value_invalid",
            "/lines/0/procedure_code",
            "2400 SV101-2",
        ),
    ],
)
def test_a_fault_of_what_is_said_beside_the_codes(
    changes: dict[str, Any], code: str, pointer: str, location: str
) -> None:
    (finding,) = _refusals(a_claim(**changes))
    assert (finding.code, finding.pointer, finding.location) == (code, pointer, location)


@pytest.mark.parametrize(
    ("arguments", "code", "pointer"),
    [
        ({"reference": "R" * 31}, "value_too_long", "/reference"),
        ({"reference": ""}, "value_missing", "/reference"),
        ({"reference": "ref"}, "character_not_allowed", "/reference"),
        ({"receiver_name": ""}, "value_missing", "/receiver_name"),
        ({"submitter": replace(SUBMITTER, name="")}, "value_missing", "/submitter/name"),
        ({"submitter": replace(SUBMITTER, id="Q")}, "value_too_short", "/submitter/id"),
        ({"interchange": an_interchange(control_number=0)}, "value_invalid", "/control_number"),
    ],
)
def test_a_fault_of_the_sending(arguments: dict[str, Any], code: str, pointer: str) -> None:
    (finding,) = _refusals(a_claim(), **arguments)
    assert (finding.code, finding.pointer) == (code, pointer)


def test_every_fault_is_reported_and_none_of_them_repeats_a_value() -> None:
    secret = "S\u0142EKRET_"  # neither letter nor underscore can be sent
    person = replace(CAL, name=replace(CAL.name, last=secret), address=replace(OFFICE, line1=secret, city=secret))
    claim = a_secondary(
        patient=person,
        patient_is_subscriber=False,
        policy=a_policy(
            responsibility=PayerResponsibility.SECONDARY,
            relationship=Relationship.CHILD,
            insured=named(person),
            member_id=secret,
        ),
        billed_by=replace(BILLED_BY, tax_id=secret, npi=secret),
        diagnoses=(secret,),
        lines=(a_line(procedure_code=secret, control_number=secret),),
        other_payers=decided(a_decision(), payer_claim_number=secret),
    )
    findings = _refusals(claim)
    assert {finding.pointer for finding in findings} == {
        "/patient/name/last",
        "/patient/address/line1",
        "/patient/address/city",
        "/policy/insured/name/last",
        "/policy/member_id",
        "/billed_by/tax_id",
        "/billed_by/npi",
        "/diagnoses/0",
        "/lines/0/procedure_code",
        "/lines/0/control_number",
        "/other_payers/0/payer_claim_number",
    }
    assert "EKRET" not in repr(findings).upper()


@pytest.mark.parametrize("filing_code", ["MA", "MB", "mb"])
def test_original_medicare_after_another_payer_says_why(filing_code: str) -> None:
    claim = a_secondary()
    (asked,) = _refusals(replace(claim, policy=replace(claim.policy, claim_filing_code=filing_code)))
    assert (asked.code, asked.pointer, asked.location) == (
        "insurance_type_required",
        "/policy/insurance_type_code",
        "2000B SBR05",
    )
    behind = an_other_payer(
        policy=a_policy(responsibility=PayerResponsibility.SECONDARY, claim_filing_code=filing_code), decision=None
    )
    (other,) = _refusals(a_claim(other_payers=(behind,)))
    assert (other.code, other.pointer, other.location) == (
        "insurance_type_required",
        "/other_payers/0/policy/insurance_type_code",
        "2320 SBR05",
    )


@pytest.mark.parametrize("filing_code", ["CI", "16", "MC"])
def test_no_other_plan_says_why_medicare_is_not_primary(filing_code: str) -> None:
    claim = a_secondary()
    policy = replace(claim.policy, claim_filing_code=filing_code, insurance_type_code="12")
    (finding,) = _refusals(replace(claim, policy=policy))
    assert (finding.code, finding.location) == ("insurance_type_refused", "2000B SBR05")


def test_a_day_of_a_decision_is_one_that_readers_take() -> None:
    on_line = a_decision(lines=(a_prior_line(adjudication_date=date(1799, 12, 31)),))
    (finding,) = _refusals(a_secondary(other_payers=decided(on_line)))
    assert (finding.code, finding.pointer, finding.location) == (
        "date_range",
        "/other_payers/0/decision/lines/0/adjudication_date",
        "2430 DTP03",
    )
    whole = a_decision(
        lines=(), adjustments=(co("70.00"),), remaining_liability=Decimal(0), adjudication_date=date(9999, 12, 31)
    )
    (finding,) = _refusals(a_secondary(other_payers=decided(whole)))
    assert (finding.code, finding.location) == ("date_range", "2330B DTP03")


def test_a_blank_npi_is_none() -> None:
    claim = a_claim(referring=NamedProvider(name=ADA.name, npi=" "))
    assert "NM1*DN*1*FERNWOOD*ADA~" in written(claim)
