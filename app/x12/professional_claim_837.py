"""Write an 837P, the professional claim (005010X222A1): one claim to one payer in one transaction set.

One claim a transaction set: a payer takes or refuses it whole, and answers by our reference (BHT03 comes back in the
277CA). The patient is sent as subscriber, without loop 2000C, when the plan knows the patient by an own number (domain
rule A7). Every other payer stands in a 2320, those that decided with what they decided. CLM02 is the charge, whatever
is asked of this payer. Whether paid and adjusted amounts add up is the domain's question, not this module's: it writes
what is said, or says why it cannot be written.
"""

import re
from datetime import UTC
from typing import Final

from app.domain.claims import ClaimFrequency
from app.domain.eligibility import Interchange
from app.domain.findings import Finding
from app.domain.identifiers import PLACES_OF_SERVICE, is_diagnosis_code
from app.domain.money import total
from app.domain.parties import PersonName
from app.domain.professional_claims import NamedProvider, ProfessionalClaim, Submitter
from app.domain.service_lines import MOST_DIAGNOSES
from app.x12.claim_lines_837 import add_lines
from app.x12.claim_parties_837 import (
    add_address,
    add_billing_provider,
    add_demographics,
    add_destination,
    add_insured,
    add_name,
    add_patient,
    add_policy,
    add_reference,
    add_submitter_and_receiver,
    add_taxonomy,
)
from app.x12.claim_segments_837 import (
    VALUE_REPEATED,
    Amount,
    ClaimDraft,
    Code,
    Composite,
    money_fault,
)
from app.x12.drafts import Value, basic, enclose
from app.x12.elements import write_date
from app.x12.findings import VALUE_INVALID, VALUE_MISSING
from app.x12.other_payers_837 import add_other_payers
from app.x12.separators import DEFAULT, Separators

GUIDE: Final = "005010X222A1"
_CONTROL_NUMBER: Final = re.compile("[A-Z0-9]{1,17}", re.ASCII)
"""CLM01. HIPAA allows 20 characters; some payers cut off what is behind the 17th (domain rule C5)."""


def write(
    claim: ProfessionalClaim,
    interchange: Interchange,
    *,
    reference: str,
    submitter: Submitter,
    receiver_name: str,
    separators: Separators = DEFAULT,
) -> tuple[str | None, tuple[Finding, ...]]:
    """The interchange as text, or None and every reason why it cannot be written.

    `reference` is BHT03, at most 30 characters, and never used twice. Pointers are those of a `ProfessionalClaim`;
    those of the other arguments begin with their names.
    """
    draft = ClaimDraft(separators)
    created = interchange.created_at.astimezone(UTC)
    own_reference = Value(reference, "/reference", longest=30, exact=True)
    draft.add(None, "BHT", "0019", "00", own_reference, write_date(created.date()), f"{created:%H%M}", "CH")
    add_submitter_and_receiver(draft, submitter, receiver_name, interchange.receiver_id)
    _add_hierarchy(draft, claim)
    _add_claim(draft, claim)
    _add_providers(draft, claim)
    add_other_payers(draft, claim)
    add_lines(draft, claim)
    return enclose(
        [draft],
        interchange=interchange,
        functional_code="HC",
        transaction_code="837",
        guide=GUIDE,
        separators=separators,
    )


def _add_hierarchy(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """2000A to 2000C: who bills whom for whom."""
    is_subscriber = claim.patient_is_subscriber
    draft.add("2000A", "HL", "1", "", "20", "1")
    add_billing_provider(draft, claim.billed_by)
    draft.add("2000B", "HL", "2", "1", "22", "0" if is_subscriber else "1")
    add_policy(draft, "2000B", claim.policy, "18" if is_subscriber else "", "/policy")
    add_insured(draft, "2010BA", claim.policy, "/policy")
    if is_subscriber:
        if claim.policy.insured.name != claim.patient.name:
            message = "Whoever is sent as subscriber is the patient."
            draft.refuse(VALUE_INVALID, "/policy/insured", "2010BA NM1", message)
        add_demographics(draft, "2010BA", claim.patient)
    add_destination(draft, claim.payer)
    if not is_subscriber:
        draft.add("2000C", "HL", "3", "2", "23", "0")
        add_patient(draft, claim.patient, claim.policy.relationship)


def _add_claim(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """2300 without the loops below it."""
    place_of_service = Code(claim.place_of_service, "/place_of_service", PLACES_OF_SERVICE.__contains__)
    draft.add(
        "2300",
        "CLM",
        _control_number(draft, claim),
        _total_charge(draft, claim),
        "",
        "",
        Composite([place_of_service, "B", claim.frequency.code]),
        "Y",
        claim.accepts_assignment.code,
        claim.policy.benefits_assigned.code,
        claim.release_of_information.code,
        "P" if claim.signature_generated else "",
    )
    if claim.patient_paid:
        draft.add("2300", "AMT", "F5", Amount(claim.patient_paid, "/patient_paid"))
    add_reference(draft, "2300", "9F", claim.referral_number, "/referral_number")
    add_reference(draft, "2300", "G1", claim.prior_authorization, "/prior_authorization")
    _add_payer_claim_number(draft, claim)
    _add_diagnoses(draft, claim)


def _control_number(draft: ClaimDraft, claim: ProfessionalClaim) -> Value:
    """CLM01 comes back in every answer, so it goes out as it is."""
    number = claim.patient_control_number
    if number and _CONTROL_NUMBER.fullmatch(number) is None:
        message = "A patient control number has at most 17 letters and digits."
        draft.refuse(VALUE_INVALID, "/patient_control_number", "2300 CLM01", message)
        return Value(None, "/patient_control_number", longest=17, required=False)
    return Value(number, "/patient_control_number", longest=17, exact=True)


def _total_charge(draft: ClaimDraft, claim: ProfessionalClaim) -> Amount:
    """CLM02, the sum of SV102. A charge that cannot be sent is a finding at its line."""
    charges = [line.charge for line in claim.lines if money_fault(line.charge, signed=False) is None]
    charge = total(charges)
    if claim.lines and not charge and len(charges) == len(claim.lines):
        message = "A claim charges something: clearinghouses refuse one for nothing."
        draft.refuse(VALUE_INVALID, "/lines", "2300 CLM02", message)
    return Amount(charge, "/lines")


def _add_payer_claim_number(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """REF*F8 names the claim that this one replaces or voids, and no other claim (RFI 2110)."""
    number, pointer, place = claim.payer_claim_number, "/payer_claim_number", "2300 REF02"
    is_original = claim.frequency is ClaimFrequency.ORIGINAL
    if is_original and number:
        message = "An original claim has no number with this payer yet."
        draft.refuse(VALUE_INVALID, pointer, place, message)
    if not is_original and not basic(number or ""):
        draft.refuse(VALUE_MISSING, pointer, place)
    add_reference(draft, "2300", "F8", number, pointer)


def _add_diagnoses(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """HI: the principal diagnosis, then the others; SV107 points to them by position."""
    codes = [basic(code) for code in claim.diagnoses]
    draft.require_some(codes, "/diagnoses", "2300 HI01")
    draft.limit(codes, MOST_DIAGNOSES, "/diagnoses", "2300 HI")
    for position, code in enumerate(codes):
        if code in codes[:position]:
            draft.refuse(VALUE_REPEATED, f"/diagnoses/{position}", f"2300 HI{position + 1:02}-2")
    qualifiers = ["ABK"] + ["ABF"] * (len(codes) - 1)
    diagnoses = [
        Composite([qualifier, Code(code, f"/diagnoses/{position}", is_diagnosis_code)])
        for position, (qualifier, code) in enumerate(zip(qualifiers, codes, strict=False))
    ]
    draft.add("2300", "HI", *diagnoses)


def _add_providers(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """2310A to D."""
    _add_provider(draft, "2310A", "DN", claim.referring, "/referring", name_type=PersonName)
    if claim.rendering is not None and _is_news(claim.rendering, claim):
        _add_provider(draft, "2310B", "82", claim.rendering, "/rendering")
    _add_provider(draft, "2310C", "77", claim.service_facility, "/service_facility", name_type=str)
    _add_provider(draft, "2310D", "DQ", claim.supervising, "/supervising", name_type=PersonName)


def _is_news(rendering: NamedProvider, claim: ProfessionalClaim) -> bool:
    """2310B is written when it says what 2000A, 2010AA and 2010BB do not: another provider, taxonomy or number."""
    return (
        rendering.npi != claim.billed_by.npi
        or rendering.taxonomy_code not in {None, claim.billed_by.taxonomy_code}
        or rendering.payer_assigned_id not in {None, claim.payer.provider_id_there}
    )


def _add_provider(
    draft: ClaimDraft,
    loop: str,
    role_code: str,
    provider: NamedProvider | None,
    pointer: str,
    *,
    name_type: type[PersonName] | type[str] | None = None,
) -> None:
    if provider is None:
        return
    if name_type is not None and not isinstance(provider.name, name_type):
        message = "A person stands here." if name_type is PersonName else "An organization stands here."
        draft.refuse(VALUE_INVALID, f"{pointer}/name", f"{loop} NM102", message)
    add_name(draft, loop, role_code, provider.name, provider.npi, pointer)
    if loop == "2310B":
        add_taxonomy(draft, loop, "PE", provider.taxonomy_code, f"{pointer}/taxonomy_code")
    if loop == "2310C":
        if provider.address is None:
            draft.refuse(VALUE_MISSING, f"{pointer}/address", f"{loop} N301")
        else:
            add_address(draft, loop, provider.address, f"{pointer}/address")
    add_reference(draft, loop, "G2", provider.payer_assigned_id, f"{pointer}/payer_assigned_id")
