"""The professional claim as text: hierarchy, claim and lines, and what two other grammars say to it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from app.domain.claims import ClaimFrequency
from app.domain.codes import Relationship
from app.domain.eligibility import Interchange
from app.domain.parties import Contact, PersonName, Sex
from app.domain.professional_claims import Contract, Insured, NamedProvider, Note, ProfessionalClaim
from app.domain.service_lines import UnitOfMeasure
from app.x12.professional_claim_837 import write
from app.x12.separators import Separators
from tests.factories import an_npi
from tests.x12.balance_837 import imbalances
from tests.x12.claim_strategies import DIAGNOSES, claims
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
    body,
    decided,
    named,
    written,
)
from tests.x12.inquiries import INTERCHANGE, interchanges, own_numbers
from tests.x12.oracle import models
from tests.x12.published_examples import EXAMPLE_3A, EXAMPLE_3B
from tests.x12.pyx12_oracle import complaints
from tests.x12.rich_claim_strategies import rich_claims
from tests.x12.spoiled_claims import spoiled_claims


def _starting(segments: list[str], *ids: str) -> list[str]:
    return [segment for segment in segments if segment.startswith(ids)]


def _body(claim: ProfessionalClaim) -> list[str]:
    text = written(claim)
    assert complaints(text) == []
    return body(text)


def test_a_patient_who_is_not_sent_as_subscriber_gets_loop_2000c() -> None:
    policy = a_policy(insured=named(CAL), relationship=Relationship.CHILD)
    segments = _body(a_claim(policy=policy, patient=BEN, patient_is_subscriber=False))
    start = segments.index("HL*2*1*22*1")
    assert segments[start : segments.index("HI*ABK:F411") - 1] == [
        "HL*2*1*22*1",
        "SBR*P********CI",
        "NM1*IL*1*FERNWOOD*CAL****MI*QRX100200300",
        "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01",
        "HL*3*2*23*0",
        "PAT*19",
        "NM1*QC*1*FERNWOOD*BEN",
        "N3*7 MADE UP LANE*APT 2",
        "N4*SAMPLETON*CO*80211",
        "DMG*D8*20120615*M",
    ]


def test_a_dependent_with_an_own_member_id_is_sent_as_subscriber() -> None:
    segments = _body(a_claim(policy=a_policy(insured=named(BEN)), patient=BEN))
    assert "SBR*P*18*******CI" in segments
    assert not _starting(segments, "PAT", "HL*3")


@pytest.mark.parametrize(
    ("changes", "sbr"),
    [
        ({}, "SBR*P*18*******CI"),
        ({"group_number": "G1"}, "SBR*P*18*G1******CI"),
        ({"group_name": "Staff"}, "SBR*P*18**STAFF*****CI"),
        ({"group_number": "G1", "group_name": "Staff"}, "SBR*P*18*G1******CI"),
        ({"group_number": " ", "group_name": "Staff"}, "SBR*P*18**STAFF*****CI"),
    ],
)
def test_the_group_is_named_only_where_it_has_no_number(changes: dict[str, Any], sbr: str) -> None:
    assert sbr in _body(a_claim(policy=a_policy(**changes)))


def test_medicare_after_another_payer_says_why() -> None:
    claim = a_secondary()
    claim = replace(claim, policy=replace(claim.policy, claim_filing_code="MB", insurance_type_code="12"))
    assert "SBR*S*18***12****MB" in _body(claim)


def test_an_unknown_sex_is_stated_as_unknown() -> None:
    patient = replace(ADA, sex=Sex.UNKNOWN)
    assert "DMG*D8*19840229*U" in _body(a_claim(patient=patient, policy=a_policy(insured=named(patient))))


def test_a_person_may_bill_under_a_social_security_number() -> None:
    billed_by = replace(BILLED_BY, name=PersonName(last="Madeup", first="Thea", suffix="PhD"), tax_id_is_ssn=True)
    segments = _body(a_claim(billed_by=billed_by))
    assert f"NM1*85*1*MADEUP*THEA***PHD*XX*{BILLED_BY.npi}" in segments
    assert "REF*SY*123456789" in segments


def test_billing_contact_and_pay_to_address() -> None:
    billed_by = replace(
        BILLED_BY,
        contact=Contact(name="Connie", phone="3035550101"),
        pay_to_address=replace(OFFICE, line1="PO Box 5", postal_code="80211"),
    )
    segments = _body(a_claim(billed_by=billed_by))
    start = segments.index("REF*EI*123456789")
    assert segments[start + 1 : start + 5] == [
        "PER*IC*CONNIE*TE*3035550101",
        "NM1*87*2",
        "N3*PO BOX 5",
        "N4*SAMPLETON*CO*80211",
    ]


def test_the_destination_has_its_address_and_its_number_for_us() -> None:
    claim = a_claim()
    payer = replace(claim.payer, address=replace(OFFICE, line1="1 Payer Plaza"), provider_id_there="PRV55")
    segments = _body(replace(claim, payer=payer))
    start = segments.index("NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01")
    assert segments[start + 1 : start + 4] == ["N3*1 PAYER PLAZA", "N4*SAMPLETON*CO*802110001", "REF*G2*PRV55"]


def test_the_providers_of_a_claim_stand_in_the_guides_order() -> None:
    person = PersonName(last="Madeup", first="Ira", middle="Q")
    claim = a_claim(
        referring=NamedProvider(name=person, npi=an_npi(3), payer_assigned_id="R1"),
        rendering=replace(THERAPIST, payer_assigned_id="R2"),
        service_facility=NamedProvider(name="Quiet Annex", address=OFFICE, payer_assigned_id="R3"),
        supervising=NamedProvider(name=person, npi=an_npi(4), payer_assigned_id="R4"),
    )
    segments = _body(claim)
    assert segments[segments.index("HI*ABK:F411") + 1 : segments.index("LX*1")] == [
        f"NM1*DN*1*MADEUP*IRA*Q***XX*{an_npi(3)}",
        "REF*G2*R1",
        f"NM1*82*1*MADEUP*THEA****XX*{an_npi(2)}",
        "PRV*PE*PXC*103TC0700X",
        "REF*G2*R2",
        "NM1*77*2*QUIET ANNEX",
        "N3*12 INVENTED WAY",
        "N4*SAMPLETON*CO*802110001",
        "REF*G2*R3",
        f"NM1*DQ*1*MADEUP*IRA*Q***XX*{an_npi(4)}",
        "REF*G2*R4",
    ]


@pytest.mark.parametrize(
    ("changes", "is_written"),
    [
        ({}, False),
        ({"taxonomy_code": None}, False),
        ({"taxonomy_code": "103TC0700X"}, True),
        ({"payer_assigned_id": "R2"}, True),
        ({"npi": an_npi(5)}, True),
        ({"name": PersonName(last="Madeup", first="Thea")}, True),
    ],
)
def test_a_rendering_provider_is_written_when_it_says_something_new(changes: dict[str, Any], is_written: bool) -> None:
    billing_too = NamedProvider(name=BILLED_BY.name, npi=BILLED_BY.npi, taxonomy_code=BILLED_BY.taxonomy_code)
    segments = _body(a_claim(rendering=replace(billing_too, **changes)))
    assert bool(_starting(segments, "NM1*82")) is is_written


def test_numbers_and_money_of_the_claim() -> None:
    claim = a_claim(
        patient_paid=Decimal("20.50"), prior_authorization="AUTH1", referral_number="REFER1", signature_generated=True
    )
    segments = _body(claim)
    start = segments.index("CLM*A1B2C3D4E5F6G7H8J*150***10:B:1*Y*A*Y*Y*P")
    assert segments[start + 1 : start + 5] == ["AMT*F5*20.5", "REF*9F*REFER1", "REF*G1*AUTH1", "HI*ABK:F411"]


def test_everything_that_is_said_of_a_claim_stands_in_the_guides_order() -> None:
    claim = a_claim(
        frequency=ClaimFrequency.REPLACEMENT,
        contract=Contract(type_code="09", amount=Decimal("120.50")),
        patient_paid=Decimal("20.00"),
        referral_number="REFER1",
        prior_authorization="AUTH1",
        payer_claim_number="ICN9",
        note=Note(code="ADD", text="Session held by telephone"),
    )
    segments = _body(claim)
    start = segments.index("CLM*A1B2C3D4E5F6G7H8J*150***10:B:7*Y*A*Y*Y")
    assert segments[start + 1 : segments.index("HI*ABK:F411")] == [
        "CN1*09*120.5",
        "AMT*F5*20",
        "REF*9F*REFER1",
        "REF*G1*AUTH1",
        "REF*F8*ICN9",
        "NTE*ADD*SESSION HELD BY TELEPHONE",
    ]


def test_everything_that_is_said_of_a_line_stands_in_the_guides_order() -> None:
    line = a_line(
        modifiers=("95",),
        description="Talk, then more talk",
        contract=Contract(
            type_code="02", percent=Decimal("12.50"), code="K1", discount_percent=Decimal(2), version="V3"
        ),
        notes=(Note(code="TPO", text="For the repricer"), Note(code="DCP", text="Goals")),
    )
    segments = _body(a_secondary(lines=(line,)))
    start = segments.index("LX*1")
    assert segments[start + 1 : start + 8] == [
        "SV1*HC:90837:95::::TALK, THEN MORE TALK*150*UN*1***1",
        "DTP*472*D8*20260820",
        "CN1*02**12.5*K1*2*V3",
        "REF*6R*LINE1",
        "NTE*DCP*GOALS",
        "NTE*TPO*FOR THE REPRICER",
        "SVD*PAYERID*80*HC:90837**1",
    ]


@pytest.mark.parametrize("code", "ADD CER DCP DGN TPO".split())
def test_a_note_of_a_claim_is_one_of_five_kinds(code: str) -> None:
    assert f"NTE*{code}*{'A' * 80}" in _body(a_claim(note=Note(code=code, text="A" * 80)))


@pytest.mark.parametrize("type_code", "01 02 03 04 05 06 09".split())
def test_a_contract_is_one_of_seven_kinds(type_code: str) -> None:
    assert f"CN1*{type_code}" in _body(a_claim(contract=Contract(type_code=type_code)))


@pytest.mark.parametrize("qualifier", "ER IV WK".split())
def test_a_line_may_be_billed_in_a_code_of_another_system(qualifier: str) -> None:
    line = a_line(procedure_qualifier=qualifier, procedure_code="ABC1234")
    assert f"SV1*{qualifier}:ABC1234*150*UN*1***1" in _body(a_claim(lines=(line,)))


def test_an_insured_may_be_an_organization() -> None:
    """The employer, in workers' compensation: then the patient is nobody's subscriber."""
    policy = a_policy(
        insured=Insured(name="Invented Bakery"), relationship=Relationship.EMPLOYEE, claim_filing_code="WC"
    )
    segments = _body(a_claim(policy=policy, patient_is_subscriber=False))
    assert "NM1*IL*2*INVENTED BAKERY*****MI*QRX100200300" in segments
    assert "PAT*20" in segments


def test_nothing_paid_by_the_patient_is_not_stated() -> None:
    assert not _starting(_body(a_claim(patient_paid=Decimal("0.00"))), "AMT*F5")


@pytest.mark.parametrize(("frequency", "code"), [(ClaimFrequency.REPLACEMENT, "7"), (ClaimFrequency.VOID, "8")])
def test_a_replacement_and_a_void_name_the_payers_own_number(frequency: ClaimFrequency, code: str) -> None:
    segments = _body(a_claim(frequency=frequency, payer_claim_number="ICN9"))
    assert f"CLM*A1B2C3D4E5F6G7H8J*150***10:B:{code}*Y*A*Y*Y" in segments
    assert "REF*F8*ICN9" in segments


def test_twelve_diagnoses_stand_in_one_hi() -> None:
    segments = _body(a_claim(diagnoses=tuple(DIAGNOSES[:12]), lines=(a_line(diagnosis_pointers=(12, 1, 2, 3)),)))
    (hi,) = _starting(segments, "HI")
    assert hi.split("*")[1:3] == ["ABK:F411", "ABF:F329"]
    assert hi.count("ABF:") == 11
    assert "SV1*HC:90837*150*UN*1***12:1:2:3" in segments


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"modifiers": ("95", "hj")}, ["SV1*HC:90837:95:HJ*150*UN*1***1", "DTP*472*D8*20260820"]),
        ({"place_of_service": "10"}, ["SV1*HC:90837*150*UN*1***1", "DTP*472*D8*20260820"]),
        ({"place_of_service": "11"}, ["SV1*HC:90837*150*UN*1*11**1", "DTP*472*D8*20260820"]),
        (
            {"units": Decimal("52.50"), "unit_of_measure": UnitOfMeasure.MINUTE},
            ["SV1*HC:90837*150*MJ*52.5***1", "DTP*472*D8*20260820"],
        ),
        ({"last_date": date(2026, 8, 20)}, ["SV1*HC:90837*150*UN*1***1", "DTP*472*D8*20260820"]),
        ({"last_date": date(2026, 8, 22)}, ["SV1*HC:90837*150*UN*1***1", "DTP*472*RD8*20260820-20260822"]),
    ],
)
def test_a_service_line(changes: dict[str, Any], expected: list[str]) -> None:
    segments = _body(a_claim(lines=(a_line(**changes),)))
    start = segments.index("LX*1")
    assert segments[start + 1 : start + 3] == expected


def test_the_charge_of_a_claim_is_the_sum_of_its_lines() -> None:
    lines = tuple(a_line(number, charge=Decimal(cents) / 100) for number, cents in enumerate((10, 99, 12_345), start=1))
    (clm,) = _starting(_body(a_claim(lines=lines)), "CLM")
    assert clm.split("*")[2] == "124.54"


def test_fifty_lines_that_a_payer_decided_on() -> None:
    lines = tuple(a_line(number) for number in range(1, 51))
    decision = a_decision(paid=Decimal(4000), lines=tuple(a_prior_line(line_number=number) for number in range(1, 51)))
    text = written(a_secondary(lines=lines, other_payers=decided(decision)))
    assert complaints(text) == []
    assert imbalances(text) == []
    assert len(_starting(body(text), "LX", "SVD")) == 100


def test_other_delimiters_carry_the_same_claim() -> None:
    separators = Separators(element="|", component=">", repetition="!", segment="\n")
    claim = a_secondary(lines=(a_line(modifiers=("95",), last_date=date(2026, 8, 21)),))
    text = written(claim, separators=separators)
    usual = text.translate(str.maketrans("|>!\n", "*:^~"))
    assert usual == written(claim)
    assert complaints(text) == []


def test_a_delimiter_that_the_text_needs_is_refused_where_it_stands() -> None:
    claim = a_claim(lines=(a_line(charge=Decimal("150.50"), last_date=date(2026, 8, 21)),))
    arguments: dict[str, Any] = {"reference": "R", "submitter": SUBMITTER, "receiver_name": "Clearing"}
    text, findings = write(claim, INTERCHANGE, separators=Separators(component="-", segment="."), **arguments)
    assert text is None
    assert {(finding.code, finding.location) for finding in findings} == {
        ("delimiter_in_data", "2300 CLM02"),
        ("delimiter_in_data", "2400 SV102"),
        ("delimiter_in_data", "2400 DTP03"),
    }


@given(claims())
def test_every_claim_that_balances_is_written_accepted_and_balances_on_the_wire(claim: ProfessionalClaim) -> None:
    text = written(claim)
    assert complaints(text) == []
    assert imbalances(text) == []


@given(rich_claims())
def test_every_field_of_a_claim_is_written_so_that_it_is_accepted(claim: ProfessionalClaim) -> None:
    text = written(claim)
    assert complaints(text) == []
    assert imbalances(text) == []


@settings(max_examples=200)
@given(spoiled_claims())
def test_a_claim_is_written_accepted_and_balances_or_is_refused_with_the_place_of_every_fault(
    claim: ProfessionalClaim,
) -> None:
    text, findings = write(claim, INTERCHANGE, reference="R", submitter=SUBMITTER, receiver_name="Clearing")
    if text is None:
        assert findings
        assert all(finding.pointer and finding.location for finding in findings)
    else:
        assert findings == ()
        assert complaints(text) == []
        assert imbalances(text) == []


@settings(max_examples=20)
@given(claims(most_lines=2), interchanges, own_numbers)
def test_the_envelope_and_the_reference_are_ours(
    claim: ProfessionalClaim, interchange: Interchange, reference: str
) -> None:
    text = written(claim, interchange=interchange, reference=reference)
    assert complaints(text) == []
    assert body(text)[0].split("*")[3] == reference


@pytest.mark.parametrize(
    "claim", [a_claim(), a_secondary(), EXAMPLE_3A.claim, EXAMPLE_3B.claim], ids=["primary", "secondary", "3A", "3B"]
)
def test_another_grammar_reads_what_was_said(claim: ProfessionalClaim) -> None:
    """No tertiary: that reader loses the first of two 2430 loops under a line, then misses its segments."""
    (model,) = models(written(claim))
    subscriber = model.loop_2000a[0].loop_2000b[0]
    holder = subscriber if claim.patient_is_subscriber else subscriber.loop_2000c[0]
    (read,) = holder.loop_2300
    assert read.clm_segment.patient_control_number == claim.patient_control_number
    assert read.clm_segment.total_claim_charge_amount == claim.total_charge
    charges = [line.sv1_segment.line_item_charge_amount for line in read.loop_2400]
    assert charges == [line.charge for line in claim.lines]
    paid = [payer.decision.paid for payer in claim.other_payers if payer.decision is not None]
    amounts = [amount for other in read.loop_2320 or [] for amount in other.amt_segment or []]
    assert [one.monetary_amount for one in amounts if one.amount_qualifier_code == "D"] == paid


def test_the_validator_sees_what_is_wrong() -> None:
    text = written(a_secondary())
    assert complaints(text.replace("OI***Y***Y~", "", 1).replace("SE*39", "SE*38"))
    assert complaints(text.replace("SBR*P*18", "SBR*P*99"))
    assert complaints(text.replace("10:B:1", "98:B:1"))


def test_the_equations_see_what_is_wrong() -> None:
    text = written(a_secondary())
    assert imbalances(text.replace("CLM*A1B2C3D4E5F6G7H8J*150", "CLM*A1B2C3D4E5F6G7H8J*151")) == ["(a) CLM02"]
    assert imbalances(text.replace("CAS*PR*3*25", "CAS*PR*3*24.99")) == ["(b) PAYERID line 1"]
    assert imbalances(text.replace("AMT*D*80", "AMT*D*79")) == ["(c) with lines"]
