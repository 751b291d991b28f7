"""Write an 837P, the professional claim (005010X222A1): each claim to one payer, in a transaction set of its own.

One claim a transaction set: a payer takes or refuses it whole, and answers by our reference (BHT03 comes back in the
277CA). The patient is sent as subscriber, without loop 2000C, when the plan knows the patient by an own number (domain
rule A7). Every other payer stands in a 2320, those that decided with what they decided. CLM02 is the charge, whatever
is asked of this payer.

A claim goes out only if every earlier decision balances and everything it says has a place. Left out is what is said
elsewhere or says nothing: a 2310B that is the billing provider, a plan's name beside its number, a SV105 that is CLM05-1,
an AMT*F5 of zero, an adjustment of zero; adjustments of one group and reason become one.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Final

from app.domain.claims import ClaimFrequency
from app.domain.codes import AcceptsAssignment, Relationship
from app.domain.eligibility import Interchange
from app.domain.findings import Finding
from app.domain.identifiers import PLACES_OF_SERVICE, is_diagnosis_code
from app.domain.money import total
from app.domain.professional_claims import BilledBy, ProfessionalClaim, Submitter
from app.domain.service_lines import MOST_DIAGNOSES
from app.x12.claim_balance_837 import check_balance
from app.x12.claim_elements_837 import Amount, Code, Text, reference_number
from app.x12.claim_lines_837 import add_lines
from app.x12.claim_notes_837 import add_claim_note, add_contract
from app.x12.claim_parties_837 import (
    ASSIGNMENT_CODES,
    MEDICARE_DEPENDENT,
    RELEASE_CODES,
    add_billing_provider,
    add_demographics,
    add_destination,
    add_insured,
    add_patient,
    add_policy,
    add_reference,
    add_submitter_and_receiver,
    is_original_medicare,
)
from app.x12.claim_providers_837 import add_providers
from app.x12.claim_segments_837 import VALUE_REPEATED, ClaimDraft, money_fault
from app.x12.drafts import basic, basic_code, enclose
from app.x12.elements import write_date
from app.x12.findings import VALUE_INVALID, VALUE_MISSING
from app.x12.other_payers_837 import add_other_payers
from app.x12.separators import DEFAULT, Separators

GUIDE: Final = "005010X222A1"
_CONTROL_NUMBER: Final = re.compile("[A-Z0-9]{1,17}", re.ASCII)
"""CLM01. HIPAA allows 20 characters; some payers cut off what is behind the 17th (domain rule C5)."""
_FREQUENCY: Final = {one: one.code for one in ClaimFrequency}
_ACCEPTS: Final = {one: one.code for one in AcceptsAssignment}

_REFERENCE: Final = Text("reference", 30, exact=True)
_PATIENT_CONTROL_NUMBER: Final = Code("patient_control_number", _CONTROL_NUMBER.fullmatch, exact=True)
"""It comes back in every answer, so it goes out as it is."""
_CHARGE: Final = Amount("lines")
_PLACE_OF_SERVICE: Final = Code("place_of_service", PLACES_OF_SERVICE.__contains__)
_PATIENT_PAID: Final = Amount("patient_paid")
_REFERRAL: Final = reference_number("referral_number")
_AUTHORIZATION: Final = reference_number("prior_authorization")
_PAYER_CLAIM_NUMBER: Final = reference_number("payer_claim_number")


@functools.lru_cache(maxsize=64)
def _diagnosis(position: int) -> tuple[str, Code]:
    """The place and the kind of one of the codes of HI."""
    return f"2300 HI{position + 1:02}", Code(f"diagnoses/{position}", is_diagnosis_code)


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
    return _write([("", claim, reference)], interchange, submitter, receiver_name, separators)


def write_many(
    claims: Sequence[tuple[ProfessionalClaim, str]],
    interchange: Interchange,
    *,
    submitter: Submitter,
    receiver_name: str,
    separators: Separators = DEFAULT,
) -> tuple[str | None, tuple[Finding, ...]]:
    """Claims, each with its reference, in one interchange. It is written whole or not at all; pointers of a claim and its
    reference begin with `/claims/{i}`.
    """
    numbered = [(f"/claims/{at}", claim, reference) for at, (claim, reference) in enumerate(claims)]
    return _write(numbered, interchange, submitter, receiver_name, separators)


def _write(
    claims: Iterable[tuple[str, ProfessionalClaim, str]],
    interchange: Interchange,
    submitter: Submitter,
    receiver_name: str,
    separators: Separators,
) -> tuple[str | None, tuple[Finding, ...]]:
    """`claims` come with where each stands, and with its reference."""
    created = interchange.created_at.astimezone(UTC)
    day, time = write_date(created.date()), f"{created:%H%M}"
    sending = ClaimDraft(separators)
    add_submitter_and_receiver(sending, submitter, receiver_name, interchange.receiver_id)
    drafts: list[ClaimDraft] = []
    references: set[str] = set()
    provider = _KnownProvider()
    for pointer, claim, reference in claims:
        draft = ClaimDraft(separators, pointer)
        if reference in references:
            draft.refuse(VALUE_REPEATED, "/reference", "BHT03")
        references.add(reference)
        draft.put(None, "BHT", "", "0019", "00", (reference, _REFERENCE), day, time, "CH")
        draft.segments += sending.segments
        _add_hierarchy(draft, claim, provider)
        _add_claim(draft, claim)
        add_providers(draft, claim)
        add_other_payers(draft, claim)
        add_lines(draft, claim)
        check_balance(draft, claim)
        drafts.append(draft)
    if not drafts:
        sending.refuse(VALUE_MISSING, "/claims", "ST")
        drafts.append(ClaimDraft(separators))
    drafts[0].findings[:0] = sending.findings
    return enclose(
        drafts,
        interchange=interchange,
        functional_code="HC",
        transaction_code="837",
        guide=GUIDE,
        separators=separators,
    )


class _KnownProvider:
    """2000A, 2010AA and 2010AB of the claim before: most often one provider bills all the claims of an interchange."""

    def __init__(self) -> None:
        self._billed_by: BilledBy | None = None
        self._segments: list[str] = []

    def add(self, draft: ClaimDraft, billed_by: BilledBy) -> None:
        if billed_by is self._billed_by:
            draft.segments += self._segments
            return
        begin, faults = len(draft.segments), len(draft.findings)
        add_billing_provider(draft, billed_by)
        if len(draft.findings) == faults:  # what is wrong is said of each claim
            self._billed_by, self._segments = billed_by, draft.segments[begin:]


def _add_hierarchy(draft: ClaimDraft, claim: ProfessionalClaim, provider: _KnownProvider) -> None:
    """2000A to 2000C: who bills whom for whom."""
    is_subscriber = claim.patient_is_subscriber
    draft.constant("HL", "1", "", "20", "1")
    provider.add(draft, claim.billed_by)
    draft.constant("HL", "2", "1", "22", "0" if is_subscriber else "1")
    add_policy(draft, "2000B", claim.policy, "18" if is_subscriber else "", "/policy")
    add_insured(draft, "2010BA", claim.policy, "/policy")
    if claim.policy.insured.address is not None:
        message = "The one address here is the patient's, who is the subscriber."
        draft.refuse(VALUE_INVALID, "/policy/insured/address", "2010BA N301", message)
    if is_subscriber:
        _check_subscriber(draft, claim)
        add_demographics(draft, "2010BA", claim.patient)
    add_destination(draft, claim.payer)
    if not is_subscriber:
        if is_original_medicare(claim.policy):
            draft.refuse(MEDICARE_DEPENDENT, "/policy/relationship", "2000C HL")
        draft.constant("HL", "3", "2", "23", "0")
        add_patient(draft, claim.patient, claim.policy.relationship)


def _check_subscriber(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    if claim.policy.insured.name != claim.patient.name:
        message = "Whoever is sent as subscriber is the patient."
        draft.refuse(VALUE_INVALID, "/policy/insured", "2010BA NM1", message)
    if claim.policy.relationship is not Relationship.SELF:
        message = "A patient who is sent as subscriber is nobody's dependent."
        draft.refuse(VALUE_INVALID, "/policy/relationship", "2000B SBR02", message)


def _add_claim(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """2300 without the loops below it."""
    place_of_service = (claim.place_of_service, _PLACE_OF_SERVICE)
    draft.put(
        "2300",
        "CLM",
        "",
        (claim.patient_control_number, _PATIENT_CONTROL_NUMBER),
        (_total_charge(draft, claim), _CHARGE),
        "",
        "",
        draft.composite("2300 CLM05", "", place_of_service, "B", _FREQUENCY[claim.frequency]),
        "Y",
        _ACCEPTS[claim.accepts_assignment],
        ASSIGNMENT_CODES[claim.policy.benefits_assigned],
        RELEASE_CODES[claim.release_of_information],
        "P" if claim.signature_generated else "",
    )
    add_contract(draft, "2300", claim.contract, "/contract")
    if claim.patient_paid:
        draft.put("2300", "AMT", "", "F5", (claim.patient_paid, _PATIENT_PAID))
    add_reference(draft, "2300", "9F", claim.referral_number, "", _REFERRAL)
    add_reference(draft, "2300", "G1", claim.prior_authorization, "", _AUTHORIZATION)
    _add_payer_claim_number(draft, claim)
    add_claim_note(draft, claim.note)
    _add_diagnoses(draft, claim)


def _total_charge(draft: ClaimDraft, claim: ProfessionalClaim) -> Decimal:
    """CLM02, the sum of SV102. A charge that cannot be sent is a finding at its line."""
    charges = [line.charge for line in claim.lines if _is_sound(draft, line.charge)]
    charge = total(charges)
    if claim.lines and not charge and len(charges) == len(claim.lines):
        message = "A claim charges something: clearinghouses refuse one for nothing."
        draft.refuse(VALUE_INVALID, "/lines", "2300 CLM02", message)
    return charge


def _is_sound(draft: ClaimDraft, charge: Decimal) -> bool:
    return _CHARGE.quick(charge, draft.alphabet) is not None or money_fault(charge, signed=False) is None


def _add_payer_claim_number(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """REF*F8 names the claim that this one replaces or voids, and no other claim (RFI 2110)."""
    number, pointer, place = claim.payer_claim_number, "/payer_claim_number", "2300 REF02"
    is_original = claim.frequency is ClaimFrequency.ORIGINAL
    if is_original and number:
        message = "An original claim has no number with this payer yet."
        draft.refuse(VALUE_INVALID, pointer, place, message)
    if not is_original and not basic(number or ""):
        draft.refuse(VALUE_MISSING, pointer, place)
    add_reference(draft, "2300", "F8", number, "", _PAYER_CLAIM_NUMBER)


def _add_diagnoses(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """HI: the principal diagnosis, then the others; SV107 points to them by position."""
    codes = [basic_code(code) for code in claim.diagnoses]
    draft.require_some(codes, "/diagnoses", "2300 HI01")
    draft.limit(codes, MOST_DIAGNOSES, "/diagnoses", "2300 HI")
    if claim.diagnoses_are_icd_9:
        message = "Services since October 2015 are billed with ICD-10-CM."
        draft.refuse(VALUE_INVALID, "/diagnoses_are_icd_9", "2300 HI01-1", message)
    diagnoses: list[str] = []
    for position, code in enumerate(codes):
        place, kind = _diagnosis(position)
        if code in codes[:position]:
            draft.refuse(VALUE_REPEATED, f"/diagnoses/{position}", f"{place}-2")
        diagnoses.append(draft.composite(place, "", "ABF" if position else "ABK", (code, kind)))
    draft.put("2300", "HI", "", *diagnoses)
