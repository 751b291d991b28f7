"""Professional claims that others have published, as values and what is kept of them beside."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.claims import ClaimFrequency
from app.domain.codes import PayerResponsibility, Relationship, ReleaseOfInformation
from app.domain.parties import Address, Contact, PersonName, Sex
from app.domain.professional_claims import PriorDecision, PriorLine, ProfessionalClaim
from app.x12.professional_claim_reader_837 import ReadClaim, read

_REFERENCE = os.environ.get("REFERENCE_DIR")
pytestmark = pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")
SAMPLES = Path(_REFERENCE or ".") / "samples" / "837p"
CLAIM_OF_THREE_LINES = [("99213", Decimal(43)), ("90782", Decimal(15)), ("J3301", Decimal("21.04"))]
KEY_INSURANCE = ("KEY INSURANCE COMPANY", "999996666")
DECIDED_ON = date(2005, 10, 15)


def _read(name: str) -> ReadClaim:
    (found,), _ = read((SAMPLES / name).read_bytes())
    return found


def _claim(name: str) -> ProfessionalClaim:
    claim = _read(name).claim
    assert claim is not None
    return claim


def _kept(one: ReadClaim) -> list[str]:
    return [segment.raw for segment in one.kept]


def _line(number: int, code: str, paid: str, *adjustments: Adjustment) -> PriorLine:
    return PriorLine(
        line_number=number,
        paid=Decimal(paid),
        procedure_code=code,
        units=Decimal(1),
        adjustments=adjustments,
        adjudication_date=DECIDED_ON,
    )


def _pr(reason: str, amount: str) -> Adjustment:
    return Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code=reason, amount=Decimal(amount))


KEY_INSURANCE_DECIDED = PriorDecision(
    paid=Decimal("39.15"),
    adjustments=(_pr("1", "21.89"), _pr("2", "15")),
    remaining_liability=Decimal("36.89"),
    lines=(
        _line(
            1,
            "99213",
            "40",
            Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="42", amount=Decimal(3)),
        ),
        _line(2, "90782", "15"),
        _line(3, "J3301", "21.04"),
    ),
)


def test_a_primary_claim_names_the_payer_that_comes_after() -> None:
    one = _read("cob-1-primary-with-other-payer-known.edi")
    claim = one.claim
    assert claim is not None
    assert (claim.patient_control_number, claim.total_charge) == ("26407789", Decimal("79.04"))
    assert claim.policy.responsibility is PayerResponsibility.PRIMARY
    assert (claim.payer.name, claim.payer.payer_id) == KEY_INSURANCE
    assert claim.payer.provider_id_there == "PBS3334"
    (other,) = claim.other_payers
    assert other.policy.responsibility is PayerResponsibility.SECONDARY
    assert (other.name, other.payer_id) == KEY_INSURANCE
    assert other.policy.member_id == "T55TY666"
    assert other.decision is None
    assert [(line.procedure_code, line.charge) for line in claim.lines] == CLAIM_OF_THREE_LINES
    assert claim.diagnoses == ("4779", "2724", "2780", "53081")
    assert claim.diagnoses_are_icd_9
    assert claim.release_of_information is ReleaseOfInformation.INFORMED_CONSENT
    assert claim.signature_generated
    # No field: the birth of a subscriber who is not the patient; a consent of the other payer's own (OI06).
    assert _kept(one) == ["DMG*D8*19430501*F", "OI***Y*P**Y"]


def test_the_patient_of_a_primary_claim_is_the_subscribers_child() -> None:
    claim = _claim("cob-1-primary-with-other-payer-known.edi")
    assert not claim.patient_is_subscriber
    assert claim.policy.relationship is Relationship.CHILD
    assert claim.policy.insured.name == PersonName(last="SMITH", first="JANE")
    assert claim.patient.name == PersonName(last="SMITH", first="TED")
    assert (claim.patient.birth_date, claim.patient.sex) == (date(1973, 5, 1), Sex.MALE)
    assert claim.patient.address == Address(line1="236 N MAIN ST", city="MIAMI", state="FL", postal_code="33413")
    assert claim.billed_by.name == PersonName(last="KILDARE", first="BEN")
    assert claim.billed_by.contact == Contact(name="CONNIE", phone="3055551234")
    assert claim.billed_by.pay_to_address is not None
    assert claim.rendering is not None
    assert (claim.rendering.taxonomy_code, claim.rendering.payer_assigned_id) == ("204C00000X", "KA6663")
    assert claim.service_facility is not None
    assert claim.service_facility.name == "KILDARE ASSOCIATES"


def test_a_secondary_claim_carries_what_the_first_payer_decided_on_claim_and_lines() -> None:
    one = _read("cob-2-secondary-claim-and-line-cas.edi")
    claim = one.claim
    assert claim is not None
    assert claim.policy.responsibility is PayerResponsibility.SECONDARY
    assert (claim.payer.name, claim.payer.payer_id) == ("GREAT PRAIRIES HEALTH", "567890")
    (other,) = claim.other_payers
    assert other.policy.responsibility is PayerResponsibility.PRIMARY
    assert other.policy.relationship is Relationship.SPOUSE
    assert other.policy.claim_filing_code == "CI"
    assert (other.name, other.payer_id) == KEY_INSURANCE
    assert other.decision == KEY_INSURANCE_DECIDED
    assert claim.billed_by.pay_to_address is not None
    assert (claim.billed_by.pay_to_address.line2, claim.billed_by.pay_to_address.postal_code) == ("OCEAN BLVD", "3111")
    assert one.transaction.submitter is not None
    assert (one.transaction.submitter.name, one.transaction.submitter.id) == ("PREMIER BILLING SERVICE", "12EEER 000TY")
    assert _kept(one) == ["DMG*D8*19431022*M", "OI***Y*P**Y"]


def test_a_claim_from_payer_to_payer_says_the_same_with_other_decimals() -> None:
    one = _read("cob-3-payer-to-payer.837")
    claim = one.claim
    assert claim is not None
    assert [(line.procedure_code, line.charge) for line in claim.lines] == CLAIM_OF_THREE_LINES
    (other,) = claim.other_payers
    assert other.policy.claim_filing_code == "12"
    assert other.decision == KEY_INSURANCE_DECIDED
    assert claim.policy.insured.name == PersonName(last="SmITH", first="JACK")
    assert (one.transaction.receiver_name, one.transaction.receiver_id) == ("GREAT PRAIRIES", "567890")
    # OI06 is not CLM09; 2330D has no field.
    assert _kept(one) == ["DMG*D8*19431022*M", "OI***Y*P**Y", "NM1*82*1", "REF*G2*PBS3334"]


def test_an_encounter_says_that_it_only_reports() -> None:
    one = _read("encounter.edi")
    claim = one.claim
    assert claim is not None
    assert (one.transaction.kind, one.transaction.reference, one.transaction.created_on) == ("RP", "0123", "20061015")
    assert claim.patient_is_subscriber
    assert claim.policy.relationship is Relationship.SELF
    assert claim.policy.group_number == "12312-A"
    assert claim.policy.claim_filing_code == "HM"
    assert [line.charge for line in claim.lines] == [Decimal(40), Decimal(15), Decimal(35), Decimal(10)]
    assert [line.diagnosis_pointers for line in claim.lines] == [(1,), (1,), (2,), (2,)]
    assert claim.other_payers == ()
    assert _kept(one) == ["PER*IC*JERRY*TE*3055552222*EX*231", "DTP*431*D8*19981003", "REF*D9*17312345600006351"]


def test_a_primary_claim_for_a_dependent() -> None:
    one = _read("primary-dependent.edi")
    claim = one.claim
    assert claim is not None
    assert (claim.total_charge, claim.frequency) == (Decimal(100), ClaimFrequency.ORIGINAL)
    assert claim.policy.responsibility is PayerResponsibility.PRIMARY
    assert claim.policy.relationship is Relationship.CHILD
    assert claim.policy.group_number == "2222-SJ"
    assert claim.payer.payer_id == "999996666"
    assert claim.billed_by.taxonomy_code == "203BF0100Y"
    assert claim.lines[2].first_date == date(2006, 10, 10)
    assert [line.control_number for line in claim.lines] == [None] * 4
    assert _kept(one) == ["PER*IC*JERRY*TE*3055552222*EX*231", "DMG*D8*19430501*F", "REF*D9*17312345600006351"]


def test_a_claim_for_a_subscriber_keeps_what_belongs_to_another_trade() -> None:
    one = _read("primary-subscriber-chiro.edi")
    claim = one.claim
    assert claim is not None
    assert claim.patient_is_subscriber
    assert claim.patient.name == PersonName(last="WILLIAMSON", first="MATTHEW", middle="J")
    assert claim.policy.member_id == "123456789A"
    assert claim.policy.claim_filing_code == "MB"
    (line,) = claim.lines
    assert (line.control_number, line.charge, line.units) == ("01", Decimal("145.50"), Decimal(1))
    assert one.transaction.created_at == "075420"
    assert _kept(one) == [
        "DTP*454*D8*20050115",
        "DTP*453*D8*20050110",
        "DTP*455*D8*20050113",
        "CR2********A**CHRONIC PAIN AND DISCOMFORT",
    ]


def test_claims_that_cannot_be_values_are_kept_whole_each_with_its_reasons() -> None:
    """Diagnoses in the form of an older version, no birth date of a patient, a payer's decision without the payer."""
    source = (SAMPLES / "complex-many-loops.txt").read_bytes()
    found, findings = read(source)
    assert [one.patient_control_number for one in found] == ["A37YH556", "A37YH667", "A37YH668"] * 2
    assert [one.claim for one in found] == [None] * 6
    segments = [part for part in source.decode().replace("\r", "").replace("\n", "").split("~") if part]
    between = [part for part in segments if part[:3] not in {"ISA", "GS*", "ST*", "SE*", "GE*", "IEA"}]
    assert [raw for one in found for raw in _kept(one)] == between
    places = {(finding.segment_number, finding.location) for finding in findings if finding.severity == "error"}
    assert {(28, "2300 HI01"), (77, "2300 HI01"), (132, "2300 HI01"), (127, "2430 SVD01")} <= places


def test_claims_of_another_guide_are_not_taken_for_claims() -> None:
    found, findings = read((SAMPLES / "pacdr-post-adjudicated.edi").read_bytes())
    assert found == ()
    assert [finding.code for finding in findings] == ["unexpected_guide"]
