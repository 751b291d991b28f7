"""Who stands in a claim: names, addresses and numbers of loops 1000A to 2010CA, and the policies (SBR).

A person and an organization are told apart by the type of the name (NM102). The billing provider's address is a street
with a nine-digit postal code: clearinghouses refuse anything else in 2010AA. Elsewhere five digits do.
"""

import re
from typing import Final, NamedTuple

from app.domain.codes import (
    CLAIM_FILING_CODES,
    MEDICARE_SECONDARY_CODES,
    ORIGINAL_MEDICARE_FILING_CODES,
    US_STATES,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
    ReleaseOfInformation,
)
from app.domain.findings import Severity
from app.domain.identifiers import is_phone, is_postal_code
from app.domain.parties import Address, Contact, Person, PersonName, Sex
from app.domain.professional_claims import BilledBy, BilledPayer, Policy, Submitter
from app.x12.claim_elements_837 import Code, Text, npi, reference_number
from app.x12.claim_segments_837 import ClaimDraft, ClaimElement
from app.x12.drafts import basic, basic_code
from app.x12.findings import VALUE_INVALID, VALUE_MISSING, Fault

RELATIONSHIP_CODES: Final = {one: one.code for one in Relationship}
ASSIGNMENT_CODES: Final = {one: one.code for one in BenefitsAssigned}
RELEASE_CODES: Final = {one: one.code for one in ReleaseOfInformation}
_RANK_CODES: Final = {one: one.code for one in PayerResponsibility}
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
INSURANCE_TYPE_REQUIRED: Final = Fault(
    "insurance_type_required",
    "IK403 I9",
    Severity.ERROR,
    "Medicare after another payer needs the reason it is not primary.",
)
INSURANCE_TYPE_REFUSED: Final = Fault(
    "insurance_type_refused",
    "IK403 I13",
    Severity.ERROR,
    "Only Original Medicare that is not primary carries an insurance type code.",
)
MEDICARE_DEPENDENT: Final = Fault(
    "relationship_medicare", "IK403 I12", Severity.ERROR, "A Medicare beneficiary is always the subscriber."
)
STREET_REQUIRED: Final = _format("street_required", "A billing address is a street; a box is a pay-to address.")


class _Names(NamedTuple):
    """NM103, NM104, NM105 and NM107 of a name below a pointer."""

    organization: Text
    last: Text
    first: Text
    middle: Text
    suffix: Text


def _names(pointer: str) -> _Names:
    return _Names(
        organization=Text(pointer, 60),
        last=Text(f"{pointer}/last", 60),
        first=Text(f"{pointer}/first", 35, required=False),  # some people have one name only
        middle=Text(f"{pointer}/middle", 25, required=False),
        suffix=Text(f"{pointer}/suffix", 10, required=False),
    )


_NAME: Final = _names("name")
_INSURED_NAME: Final = _names("insured/name")
_NPI: Final = npi(required=True)
_TAX_ID: Final = Code("tax_id", _NINE_DIGITS.fullmatch, TAX_ID_FORMAT)
_TAXONOMY_CODE: Final = Code("taxonomy_code", _TAXONOMY.fullmatch, TAXONOMY_FORMAT)
_PAYER_ID: Final = Text("payer_id", 80, shortest=2)
_MEMBER_ID: Final = Text("member_id", 80, shortest=2)
_GROUP_NUMBER: Final = Text("group_number", 50, required=False)
_GROUP_NAME: Final = Text("group_name", 60, required=False)
_INSURANCE_TYPE: Final = Code("insurance_type_code", MEDICARE_SECONDARY_CODES.__contains__, required=False)
_FILING: Final = Code("claim_filing_code", CLAIM_FILING_CODES.__contains__)
_LINE_1: Final = Text("line1", 55)
_LINE_2: Final = Text("line2", 55, required=False)
_CITY: Final = Text("city", 30, shortest=2)
_STATE: Final = Code("state", US_STATES.__contains__, STATE_FORMAT)
_POSTAL_CODE: Final = Code("postal_code", is_postal_code, POSTAL_CODE_FORMAT)
_LONG_POSTAL_CODE: Final = Code("postal_code", _NINE_DIGITS.fullmatch, NINE_DIGIT_POSTAL_CODE)
_CONTACT_NAME: Final = Text("name", 60)
_PHONE: Final = Code("phone", is_phone, PHONE_FORMAT)
_SENDER_ID: Final = Text("id", 80, shortest=2)
_RECEIVER_NAME: Final = Text("receiver_name", 60)
_RECEIVER_ID: Final = Text("receiver_id", 80, shortest=2)
_PROVIDER_ID_THERE: Final = reference_number("provider_id_there")


def add_submitter_and_receiver(draft: ClaimDraft, submitter: Submitter, receiver_name: str, receiver_id: str) -> None:
    draft.put("1000A", "NM1", "/submitter", "41", *names(submitter.name), "46", (submitter.id, _SENDER_ID))
    _add_contact(draft, "1000A", submitter.contact, "/submitter/contact")
    receiver, their_id = (receiver_name, _RECEIVER_NAME), (receiver_id, _RECEIVER_ID)
    draft.put("1000B", "NM1", "", "40", "2", receiver, "", "", "", "", "46", their_id)


def add_billing_provider(draft: ClaimDraft, billed_by: BilledBy) -> None:
    """2000A PRV, 2010AA and 2010AB. The pay-to loop carries an address and no name; NM102 is 2, as examples have it."""
    add_taxonomy(draft, "2000A", "BI", billed_by.taxonomy_code, "/billed_by")
    draft.put("2010AA", "NM1", "/billed_by", "85", *names(billed_by.name), "XX", (billed_by.npi, _NPI))
    street = f"{billed_by.address.line1}\n{billed_by.address.line2 or ''}"
    if _POST_OFFICE_BOX.search(basic(street)):
        draft.refuse(STREET_REQUIRED, "/billed_by/address", "2010AA N301")
    add_address(draft, "2010AA", billed_by.address, "/billed_by/address", postal_code=_LONG_POSTAL_CODE)
    qualifier = "SY" if billed_by.tax_id_is_ssn else "EI"
    draft.put("2010AA", "REF", "/billed_by", qualifier, (billed_by.tax_id, _TAX_ID))
    if billed_by.contact is not None:
        _add_contact(draft, "2010AA", billed_by.contact, "/billed_by/contact")
    if billed_by.pay_to_address is not None:
        draft.constant("NM1", "87", "2")
        add_address(draft, "2010AB", billed_by.pay_to_address, "/billed_by/pay_to_address")


def add_destination(draft: ClaimDraft, payer: BilledPayer) -> None:
    """2010BB, the payer that is asked."""
    add_payer_name(draft, "2010BB", payer.name, payer.payer_id, "/payer")
    if payer.address is not None:
        add_address(draft, "2010BB", payer.address, "/payer/address")
    add_reference(draft, "2010BB", "G2", payer.provider_id_there, "/payer", _PROVIDER_ID_THERE)


def add_policy(draft: ClaimDraft, loop: str, policy: Policy, relationship: str, pointer: str) -> None:
    """SBR of 2000B and 2320. The group's name goes only where there is no number."""
    group_number = policy.group_number
    _check_insurance_type(draft, loop, policy, pointer)
    draft.put(
        loop,
        "SBR",
        pointer,
        _RANK_CODES[policy.responsibility],
        relationship,
        (group_number, _GROUP_NUMBER),
        "" if group_number and basic(group_number) else (policy.group_name, _GROUP_NAME),
        (policy.insurance_type_code, _INSURANCE_TYPE),
        "",
        "",
        "",
        (policy.claim_filing_code, _FILING),
    )


def is_original_medicare(policy: Policy) -> bool:
    return basic_code(policy.claim_filing_code or "") in ORIGINAL_MEDICARE_FILING_CODES


def _check_insurance_type(draft: ClaimDraft, loop: str, policy: Policy, pointer: str) -> None:
    """SBR05 goes where Original Medicare is not primary, and nowhere else (CMS Medicare Secondary Payer manual, chapter 3)."""
    is_given = bool(basic_code(policy.insurance_type_code or ""))
    is_wanted = policy.responsibility is not PayerResponsibility.PRIMARY and is_original_medicare(policy)
    if is_given is not is_wanted:
        fault = INSURANCE_TYPE_REQUIRED if is_wanted else INSURANCE_TYPE_REFUSED
        draft.refuse(fault, f"{pointer}/insurance_type_code", f"{loop} SBR05")


def add_insured(draft: ClaimDraft, loop: str, policy: Policy, pointer: str) -> None:
    """NM1*IL of 2010BA and 2330A."""
    name = names(policy.insured.name, _INSURED_NAME)
    draft.put(loop, "NM1", pointer, "IL", *name, "MI", (policy.member_id, _MEMBER_ID))


def add_patient(draft: ClaimDraft, patient: Person, relationship: Relationship) -> None:
    """PAT and 2010CA, for a patient who is not sent as subscriber."""
    if relationship is Relationship.SELF:
        message = "Who is the subscriber is not sent as a dependent."
        draft.refuse(VALUE_INVALID, "/policy/relationship", "2000C PAT01", message)
    draft.constant("PAT", RELATIONSHIP_CODES[relationship])
    draft.put("2010CA", "NM1", "/patient", "QC", *names(patient.name))
    add_demographics(draft, "2010CA", patient)


def add_demographics(draft: ClaimDraft, loop: str, patient: Person) -> None:
    """N3, N4 and DMG of the patient, wherever the patient stands."""
    if patient.address is None:
        draft.refuse(VALUE_MISSING, "/patient/address", f"{loop} N301")
    else:
        add_address(draft, loop, patient.address, "/patient/address")
    birth_date = draft.day(patient.birth_date, "/patient/birth_date", f"{loop} DMG02")
    draft.constant("DMG", "D8", birth_date, _SEX[patient.sex])


def add_payer_name(draft: ClaimDraft, loop: str, name: str, payer_id: str, pointer: str) -> None:
    """NM1*PR of 2010BB and 2330B."""
    draft.put(loop, "NM1", pointer, "PR", *names(name), "PI", (payer_id, _PAYER_ID))


def add_address(
    draft: ClaimDraft, loop: str, address: Address, pointer: str, *, postal_code: Code = _POSTAL_CODE
) -> None:
    draft.put(loop, "N3", pointer, (address.line1, _LINE_1), (address.line2, _LINE_2))
    draft.put(loop, "N4", pointer, (address.city, _CITY), (address.state, _STATE), (address.postal_code, postal_code))


def add_reference(draft: ClaimDraft, loop: str, qualifier: str, number: str | None, pointer: str, kind: Text) -> None:
    """A REF, when there is a number."""
    if number and number.strip():
        draft.put(loop, "REF", pointer, qualifier, (number, kind))


def add_taxonomy(draft: ClaimDraft, loop: str, role_code: str, taxonomy_code: str | None, pointer: str) -> None:
    """A PRV, when there is a code."""
    if taxonomy_code:
        draft.put(loop, "PRV", pointer, role_code, "PXC", (taxonomy_code, _TAXONOMY_CODE))


def names(name: PersonName | str, kinds: _Names = _NAME) -> tuple[ClaimElement, ...]:
    """NM102 to NM107; NM106, the prefix, is not used."""
    if isinstance(name, str):
        return ("2", (name, kinds.organization), "", "", "", "")
    return (
        "1",
        (name.last, kinds.last),
        (name.first, kinds.first),
        (name.middle, kinds.middle),
        "",
        (name.suffix, kinds.suffix),
    )


def _add_contact(draft: ClaimDraft, loop: str, contact: Contact, pointer: str) -> None:
    draft.put(loop, "PER", pointer, "IC", (contact.name, _CONTACT_NAME), "TE", (contact.phone, _PHONE))
