"""What keeps a claim from being written: each fault with its code, its JSON pointer and its X12 place."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.claims import ClaimFrequency
from app.domain.codes import PayerResponsibility, Relationship
from app.domain.findings import Finding, Severity
from app.domain.parties import Contact
from app.domain.professional_claims import NamedProvider, ProfessionalClaim
from app.x12.professional_claim_837 import write
from tests.x12.claims import (
    ADA,
    BEN,
    BILLED_BY,
    CAL,
    DECISION_DATE,
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
    pr,
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
        (_line(diagnosis_pointers=(1,) * 5), "repeat_exceeded", "/lines/0/diagnosis_pointers", "2400 SV107"),
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
        ({"policy": a_policy(insurance_type_code="12")}, "value_invalid", "/policy/insurance_type_code", "2000B SBR05"),
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


_DECISION = "/other_payers/0/decision"
_UNSPLIT = Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code=None, amount=Decimal("25.00"))


def _prior_line(**changes: Any) -> dict[str, Any]:
    return {"lines": (a_prior_line(**changes),)}


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "location"),
    [
        ({"paid": Decimal("-1.00")}, "money_range", "/paid", "2320 AMT02"),
        ({"adjustments": (_UNSPLIT,)}, "adjustment_reason_missing", "/adjustments/0/reason_code", "2320 CAS02"),
        ({"adjustments": (co("1.005"),)}, "money_format", "/adjustments/0/amount", "2320 CAS03"),
        ({"adjustments": (co("1.00"), pr("1.00", "4-5"))}, "value_invalid", "/adjustments/1/reason_code", "2320 CAS02"),
        (
            {"adjustments": (replace(co("1.00"), quantity=Decimal("0.0001")),)},
            "quantity_range",
            "/adjustments/0/quantity",
            "2320 CAS04",
        ),
        (
            {"adjustments": (co("99999999.99"), co("0.01"))},
            "money_range",
            "/adjustments/0/amount",
            "2320 CAS03",
        ),
        (
            {"adjustments": tuple(co("1.00", str(number)) for number in range(31))},
            "repeat_exceeded",
            "/adjustments",
            "2320 CAS",
        ),
        ({"remaining_liability": Decimal("25.00")}, "liability_at_two_levels", "/remaining_liability", "2320 AMT01"),
        ({"lines": (), "adjudication_date": date(2026, 9, 10)}, "value_missing", "/remaining_liability", "2320 AMT02"),
        ({"lines": (), "remaining_liability": Decimal(0)}, "value_missing", "/adjudication_date", "2330B DTP03"),
        (_prior_line(remaining_liability=None), "value_missing", "/remaining_liability", "2320 AMT02"),
        (
            {"lines": (a_prior_line(), a_prior_line(remaining_liability=None))},
            "value_missing",
            "/lines/1/remaining_liability",
            "2430 AMT02",
        ),
        ({"remark_codes": ("MA18", "18")}, "value_invalid", "/remark_codes/1", "2320 MOA04"),
        ({"remark_codes": ("MA18",) * 6}, "repeat_exceeded", "/remark_codes", "2320 MOA03"),
        (_prior_line(paid=Decimal("-0.01")), "money_range", "/lines/0/paid", "2430 SVD02"),
        (_prior_line(units=Decimal(-1)), "quantity_range", "/lines/0/units", "2430 SVD05"),
        (_prior_line(procedure_qualifier="AD"), "value_invalid", "/lines/0/procedure_qualifier", "2430 SVD03-1"),
        (_prior_line(procedure_code=""), "value_missing", "/lines/0/procedure_code", "2430 SVD03-2"),
        (_prior_line(line_number=2), "value_invalid", "/lines/0/line_number", "2430 SVD"),
        (_prior_line(bundled_into=1), "value_invalid", "/lines/0/bundled_into", "2430 SVD06"),
        (_prior_line(bundled_into=2), "value_invalid", "/lines/0/bundled_into", "2430 SVD06"),
        (
            _prior_line(adjustments=(co("45.00"), _UNSPLIT)),
            "adjustment_reason_missing",
            "/lines/0/adjustments/1/reason_code",
            "2430 CAS02",
        ),
        (
            _prior_line(remaining_liability=Decimal("-25.00")),
            "money_range",
            "/lines/0/remaining_liability",
            "2430 AMT02",
        ),
    ],
)
def test_a_fault_of_an_earlier_decision(changes: dict[str, Any], code: str, pointer: str, location: str) -> None:
    (finding,) = _refusals(a_secondary(other_payers=decided(a_decision(**changes))))
    assert (finding.code, finding.pointer, finding.location) == (code, _DECISION + pointer, location)


def test_sixteen_decisions_do_not_fit_under_a_line() -> None:
    decision = a_decision(lines=(a_prior_line(),) * 16)
    (finding,) = _refusals(a_secondary(other_payers=decided(decision)))
    assert (finding.code, finding.pointer, finding.location) == ("repeat_exceeded", "/lines/0", "2430 SVD")


def test_a_rank_stands_once() -> None:
    others = (an_other_payer(), an_other_payer(payer_id="OTHER"))
    (finding,) = _refusals(a_secondary(other_payers=others))
    assert finding.code == "value_repeated"
    assert (finding.pointer, finding.location) == ("/other_payers/1/policy/responsibility", "2320 SBR01")


@pytest.mark.parametrize(
    "claim",
    [
        a_secondary(other_payers=()),
        a_claim(
            other_payers=(an_other_payer(decision=None, policy=a_policy(responsibility=PayerResponsibility.TERTIARY)),)
        ),
    ],
)
def test_a_rank_is_not_skipped(claim: ProfessionalClaim) -> None:
    (finding,) = _refusals(claim)
    assert (finding.code, finding.pointer, finding.location) == ("order_has_gap", "/other_payers", "2320 SBR01")


def test_two_payers_that_decided_are_told_apart_by_their_ids() -> None:
    second = an_other_payer(policy=a_policy(responsibility=PayerResponsibility.SECONDARY))
    claim = a_secondary(
        policy=a_policy(responsibility=PayerResponsibility.TERTIARY), other_payers=(an_other_payer(), second)
    )
    (finding,) = _refusals(claim)
    assert (finding.code, finding.pointer) == ("value_repeated", "/other_payers/1/payer_id")


def test_a_payer_that_decided_on_lines_is_told_apart_from_one_that_has_not_decided() -> None:
    """SVD01 is all that says whose decision a 2430 is."""
    later = an_other_payer(policy=a_policy(responsibility=PayerResponsibility.TERTIARY), decision=None)
    (finding,) = _refusals(a_secondary(other_payers=(an_other_payer(), later)))
    assert (finding.code, finding.pointer) == ("value_repeated", "/other_payers/1/payer_id")
    at_claim_level = a_decision(
        lines=(), adjustments=(co("70.00"),), adjudication_date=DECISION_DATE, remaining_liability=Decimal(0)
    )
    assert written(a_secondary(other_payers=(an_other_payer(decision=at_claim_level), later)))


def test_a_payer_after_the_one_that_is_asked_has_decided_nothing() -> None:
    later = an_other_payer(policy=a_policy(responsibility=PayerResponsibility.SECONDARY))
    (finding,) = _refusals(a_claim(other_payers=(later,)))
    assert (finding.code, finding.pointer) == ("value_invalid", _DECISION)


def test_eleven_other_payers_do_not_fit() -> None:
    ranks = [*(PayerResponsibility.from_number(number) for number in range(2, 12)), PayerResponsibility.ELEVENTH]
    others = tuple(
        an_other_payer(decision=None, policy=a_policy(responsibility=rank), payer_id=f"P{number}")
        for number, rank in enumerate(ranks)
    )
    assert "repeat_exceeded" in {finding.code for finding in _refusals(a_claim(other_payers=others))}


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
