"""Who stands in a claim: names, addresses and numbers of loops 1000A to 2010CA, and the policies (SBR).

A person and an organization are told apart by the type of the name (NM102). The billing provider's address is a street
with a nine-digit postal code: clearinghouses refuse anything else in 2010AA. Elsewhere five digits do.
"""

import re
from typing import Final

from app.domain.codes import (
    CLAIM_FILING_CODES,
    MEDICARE_SECONDARY_CODES,
    US_STATES,
    PayerResponsibility,
    Relationship,
)
from app.domain.findings import Severity
from app.domain.identifiers import is_phone, is_postal_code
from app.domain.parties import Address, Contact, Person, PersonName, Sex
from app.domain.professional_claims import BilledBy, BilledPayer, Policy, Submitter
from app.x12.claim_segments_837 import ClaimDraft, Code
from app.x12.drafts import Value, basic
from app.x12.elements import write_date
from app.x12.findings import VALUE_INVALID, VALUE_MISSING, Fault

_SEX: Final = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.UNKNOWN: "U"}
_NINE_DIGITS: Final = re.compile("[0-9]{9}", re.ASCII)
_TAXONOMY: Final = re.compile("[A-Z0-9]{9}X", re.ASCII)
_POST_OFFICE_BOX: Final = re.compile(r"\b(?:P\.?\s*O\.?|POST\s+OFFICE|LOCK)\s*BOX\b", re.ASCII)


def _format(code: str, message: str) -> Fault:
    return Fault(code, "IK403 7", Severity.ERROR, message)


PHONE_FORMAT: Final = _format("phone_format", "A phone number has ten digits.")
POSTAL_CODE_FORMAT: Final = _format("postal_code_format", "A postal code has five or nine digits.")
NINE_DIGIT_POSTAL_CODE: Final = _format("postal_code_format", "A billing address has a nine-digit postal code.")
STATE_FORMAT: Final = _format("state_format", "A state is two letters of the postal service.")
TAX_ID_FORMAT: Final = _format("tax_id_format", "A tax id has nine digits.")
TAXONOMY_FORMAT: Final = _format("taxonomy_format", "A taxonomy code has ten characters, the last one X.")
STREET_REQUIRED: Final = _format("street_required", "A billing address is a street; a box is a pay-to address.")


def add_submitter_and_receiver(draft: ClaimDraft, submitter: Submitter, receiver_name: str, receiver_id: str) -> None:
    sender_id = Value(submitter.id, "/submitter/id", longest=80, shortest=2)
    draft.add("1000A", "NM1", "41", *_organization(submitter.name, "/submitter/name"), "46", sender_id)
    _add_contact(draft, "1000A", submitter.contact, "/submitter/contact")
    receiver = Value(receiver_id, "/receiver_id", longest=80, shortest=2)
    draft.add("1000B", "NM1", "40", *_organization(receiver_name, "/receiver_name"), "46", receiver)


def add_billing_provider(draft: ClaimDraft, billed_by: BilledBy) -> None:
    """2000A PRV, 2010AA and 2010AB. The pay-to loop carries an address and no name; NM102 is 2, as examples have it."""
    add_taxonomy(draft, "2000A", "BI", billed_by.taxonomy_code, "/billed_by/taxonomy_code")
    add_name(draft, "2010AA", "85", billed_by.name, billed_by.npi, "/billed_by", npi_required=True)
    street = f"{billed_by.address.line1}\n{billed_by.address.line2 or ''}"
    if _POST_OFFICE_BOX.search(basic(street)):
        draft.refuse(STREET_REQUIRED, "/billed_by/address", "2010AA N301")
    add_address(draft, "2010AA", billed_by.address, "/billed_by/address", nine_digits=True)
    tax_id = Code(billed_by.tax_id, "/billed_by/tax_id", _has_nine_digits, TAX_ID_FORMAT)
    draft.add("2010AA", "REF", "SY" if billed_by.tax_id_is_ssn else "EI", tax_id)
    if billed_by.contact is not None:
        _add_contact(draft, "2010AA", billed_by.contact, "/billed_by/contact")
    if billed_by.pay_to_address is not None:
        draft.add("2010AB", "NM1", "87", "2")
        add_address(draft, "2010AB", billed_by.pay_to_address, "/billed_by/pay_to_address")


def add_destination(draft: ClaimDraft, payer: BilledPayer) -> None:
    """2010BB, the payer that is asked."""
    add_payer_name(draft, "2010BB", payer.name, payer.payer_id, "/payer")
    if payer.address is not None:
        add_address(draft, "2010BB", payer.address, "/payer/address")
    add_reference(draft, "2010BB", "G2", payer.provider_id_there, "/payer/provider_id_there")


def add_policy(draft: ClaimDraft, loop: str, policy: Policy, relationship: str, pointer: str) -> None:
    """SBR of 2000B and 2320. The group's name goes only where there is no number; SBR05 only where Medicare is not
    primary (CMS Medicare Secondary Payer manual, chapter 3).
    """
    number = Value(policy.group_number, f"{pointer}/group_number", longest=50, required=False)
    name: Value | str = ""
    if not basic(policy.group_number or ""):
        name = Value(policy.group_name, f"{pointer}/group_name", longest=60, required=False)
    insurance_type_pointer = f"{pointer}/insurance_type_code"
    if policy.insurance_type_code and policy.responsibility is PayerResponsibility.PRIMARY:
        message = "A primary payer has no reason why it is not primary."
        draft.refuse(VALUE_INVALID, insurance_type_pointer, f"{loop} SBR05", message)
    insurance_type = Code(
        policy.insurance_type_code,
        insurance_type_pointer,
        MEDICARE_SECONDARY_CODES.__contains__,
        VALUE_INVALID,
        required=False,
    )
    filing = Code(policy.claim_filing_code, f"{pointer}/claim_filing_code", CLAIM_FILING_CODES.__contains__)
    rank = policy.responsibility.code
    draft.add(loop, "SBR", rank, relationship, number, name, insurance_type, "", "", "", filing)


def add_insured(draft: ClaimDraft, loop: str, policy: Policy, pointer: str) -> None:
    """NM1*IL of 2010BA and 2330A."""
    member_id = Value(policy.member_id, f"{pointer}/member_id", longest=80, shortest=2)
    name, name_pointer = policy.insured.name, f"{pointer}/insured/name"
    names = _organization(name, name_pointer) if isinstance(name, str) else _person(name, name_pointer)
    draft.add(loop, "NM1", "IL", *names, "MI", member_id)


def add_patient(draft: ClaimDraft, patient: Person, relationship: Relationship) -> None:
    """PAT and 2010CA, for a patient who is not sent as subscriber."""
    if relationship is Relationship.SELF:
        message = "Who is the subscriber is not sent as a dependent."
        draft.refuse(VALUE_INVALID, "/policy/relationship", "2000C PAT01", message)
    draft.add("2000C", "PAT", relationship.code)
    draft.add("2010CA", "NM1", "QC", *_person(patient.name, "/patient/name"))
    add_demographics(draft, "2010CA", patient)


def add_demographics(draft: ClaimDraft, loop: str, patient: Person) -> None:
    """N3, N4 and DMG of the patient, wherever the patient stands."""
    if patient.address is None:
        draft.refuse(VALUE_MISSING, "/patient/address", f"{loop} N301")
    else:
        add_address(draft, loop, patient.address, "/patient/address")
    draft.add(loop, "DMG", "D8", write_date(patient.birth_date), _SEX[patient.sex])


def add_name(
    draft: ClaimDraft,
    loop: str,
    role_code: str,
    name: PersonName | str,
    npi: str | None,
    pointer: str,
    *,
    npi_required: bool = False,
) -> None:
    """NM1 of a provider."""
    names = _organization(name, f"{pointer}/name") if isinstance(name, str) else _person(name, f"{pointer}/name")
    if not npi and not npi_required:
        draft.add(loop, "NM1", role_code, *names)
        return
    draft.require_npi(npi, f"{pointer}/npi", f"{loop} NM109")
    draft.add(loop, "NM1", role_code, *names, "XX", Value(npi, f"{pointer}/npi", longest=10, exact=True))


def add_payer_name(draft: ClaimDraft, loop: str, name: str, payer_id: str, pointer: str) -> None:
    """NM1*PR of 2010BB and 2330B."""
    identifier = Value(payer_id, f"{pointer}/payer_id", longest=80, shortest=2)
    draft.add(loop, "NM1", "PR", *_organization(name, f"{pointer}/name"), "PI", identifier)


def add_address(draft: ClaimDraft, loop: str, address: Address, pointer: str, *, nine_digits: bool = False) -> None:
    draft.add(
        loop,
        "N3",
        Value(address.line1, f"{pointer}/line1", longest=55),
        Value(address.line2, f"{pointer}/line2", longest=55, required=False),
    )
    fits, fault = is_postal_code, POSTAL_CODE_FORMAT
    if nine_digits:
        fits, fault = _has_nine_digits, NINE_DIGIT_POSTAL_CODE
    draft.add(
        loop,
        "N4",
        Value(address.city, f"{pointer}/city", longest=30, shortest=2),
        Code(address.state, f"{pointer}/state", US_STATES.__contains__, STATE_FORMAT),
        Code(address.postal_code, f"{pointer}/postal_code", fits, fault),
    )


def add_reference(draft: ClaimDraft, loop: str, qualifier: str, number: str | None, pointer: str) -> None:
    """A REF, when there is a number."""
    if basic(number or ""):
        draft.add(loop, "REF", qualifier, Value(number, pointer, longest=50))


def add_taxonomy(draft: ClaimDraft, loop: str, role_code: str, taxonomy_code: str | None, pointer: str) -> None:
    """A PRV, when there is a code."""
    if taxonomy_code:
        draft.add(loop, "PRV", role_code, "PXC", Code(taxonomy_code, pointer, _TAXONOMY.fullmatch, TAXONOMY_FORMAT))


def _add_contact(draft: ClaimDraft, loop: str, contact: Contact, pointer: str) -> None:
    name = Value(contact.name, f"{pointer}/name", longest=60)
    draft.add(loop, "PER", "IC", name, "TE", Code(contact.phone, f"{pointer}/phone", is_phone, PHONE_FORMAT))


def _organization(name: str, pointer: str) -> tuple[Value | str, ...]:
    """NM102 to NM107."""
    return ("2", Value(name, pointer, longest=60), "", "", "", "")


def _person(name: PersonName, pointer: str) -> tuple[Value | str, ...]:
    """NM102 to NM107; NM106, the prefix, is not used. Some people have one name only."""
    return (
        "1",
        Value(name.last, f"{pointer}/last", longest=60),
        Value(name.first, f"{pointer}/first", longest=35, required=False),
        Value(name.middle, f"{pointer}/middle", longest=25, required=False),
        "",
        Value(name.suffix, f"{pointer}/suffix", longest=10, required=False),
    )


def _has_nine_digits(text: str) -> bool:
    return _NINE_DIGITS.fullmatch(text) is not None
