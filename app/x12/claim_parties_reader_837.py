"""Who stands in a claim that is read: names, addresses and numbers of loops 1000A to 2010CA, 2310 and 2330.

An address is read whole (N301, N401, N402, N403) or not at all: what lies abroad has no state and no field here.
"""

from typing import Final

from app.domain.codes import BenefitsAssigned, PayerResponsibility, Relationship
from app.domain.parties import Address, Contact, Person, PersonName
from app.domain.professional_claims import (
    BilledBy,
    BilledPayer,
    ClaimTransaction,
    Insured,
    NamedProvider,
    Policy,
    Submitter,
)
from app.x12.claim_fields_reader_837 import Fields, Reading
from app.x12.codes import SEXES
from app.x12.loops import Loop

RANKS: Final = {one.code: one for one in PayerResponsibility}
RELATIONSHIPS: Final = {one.code: one for one in Relationship}
_DEPENDENTS: Final = {code: one for code, one in RELATIONSHIPS.items() if one is not Relationship.SELF}
_CONTACT_NUMBERS: Final = (3, 5, 7)
"""PER: the qualifiers of its three numbers."""


def read_transaction_header(reading: Reading, root: Loop, control_number: str) -> ClaimTransaction:
    bht = reading.find(root, "BHT")
    bht.is_one_of(1, "0019")
    receiver = reading.find(root.one("1000B"), "NM1")
    receiver.is_one_of(1, "40")
    receiver.is_one_of(2, "2")
    return ClaimTransaction(
        control_number=control_number,
        reference=bht.text(3),
        purpose=bht.text(2),
        kind=bht.text(6),
        created_on=bht.text(4),
        created_at=bht.text(5),
        submitter=_read_submitter(reading, root.one("1000A")),
        receiver_name=receiver.text(3),
        receiver_id=receiver.qualified(8, "46"),
    )


def _read_submitter(reading: Reading, loop: Loop | None) -> Submitter | None:
    nm1 = reading.find(loop, "NM1")
    name = nm1.peek(3) if nm1.peek(2) == "2" else ""
    contact = None if loop is None or not name or not nm1.peek(9) else _read_contact(reading, loop)
    own_id = None if contact is None else nm1.qualified(8, "46")
    if contact is None or own_id is None:
        return None
    nm1.take(1, 2, 3)
    return Submitter(name=name, id=own_id, contact=contact)


def read_billing_provider(reading: Reading, level: Loop) -> BilledBy:
    """2000A with 2010AA and 2010AB."""
    currency = reading.find(level, "CUR")
    if currency and currency.peek(2) != "USD":
        currency.fail(2, "The amounts are in another currency than US dollars: the claim was not used.")
    loop = level.one("2010AA") or Loop("2010AA", level)
    name = reading.need(loop, "NM1")
    name.is_one_of(1, "85")
    tax_id = reading.find(loop, "REF", "EI", "SY")
    is_ssn = tax_id.peek(1) == "SY"
    return BilledBy(
        name=need_name(name),
        npi=name.qualified(8, "XX"),
        taxonomy_code=_read_taxonomy(reading, level, "BI"),
        tax_id=tax_id.qualified(1, "EI", "SY"),
        tax_id_is_ssn=is_ssn,
        address=_need_address(reading, loop),
        contact=_read_contact(reading, loop),
        pay_to_address=_read_pay_to_address(reading, level.one("2010AB")),
    )


def read_destination(reading: Reading, subscriber: Loop) -> BilledPayer:
    """2010BB."""
    loop = subscriber.one("2010BB") or Loop("2010BB", subscriber)
    name, payer_id = need_payer(reading, loop)
    return BilledPayer(
        name=name,
        payer_id=payer_id,
        address=read_address(reading, loop),
        provider_id_there=read_reference(reading, loop, "G2"),
    )


def need_payer(reading: Reading, loop: Loop) -> tuple[str, str]:
    """NM1*PR of 2010BB and 2330B: name and id. An id of another list than PI is one as well, and the segment is kept."""
    nm1 = reading.need(loop, "NM1")
    nm1.is_one_of(1, "PR")
    nm1.is_one_of(2, "2")
    nm1.is_one_of(8, "PI")
    return nm1.need_text(3), nm1.need_text(9)


def read_policy(
    reading: Reading,
    sbr: Fields,
    insured: Loop,
    *,
    relationship: Relationship,
    benefits_assigned: BenefitsAssigned,
    has_address: bool,
) -> Policy:
    """An SBR and the NM1*IL that goes with it. `has_address` where N3 and N4 are the insured's."""
    nm1 = reading.need(insured, "NM1")
    nm1.is_one_of(1, "IL")
    group_number, group_name = sbr.text(3), sbr.text(4)
    if group_number is not None and group_name is not None:
        sbr.keep(4)  # written without a number only
    return Policy(
        responsibility=sbr.need_code(1, RANKS),
        relationship=relationship,
        insured=Insured(name=need_name(nm1), address=read_address(reading, insured) if has_address else None),
        member_id=nm1.qualified(8, "MI"),
        group_number=group_number,
        group_name=group_name,
        insurance_type_code=sbr.text(5),
        claim_filing_code=sbr.text(9),
        benefits_assigned=benefits_assigned,
    )


def read_relationship(reading: Reading, level: Loop) -> Relationship:
    """PAT01 of a patient's own level; without one the patient is the subscriber, and SBR02 says nothing else."""
    if level.id == "2000C":
        return reading.need(level, "PAT").need_code(1, _DEPENDENTS)
    sbr = reading.find(level, "SBR")
    if sbr.peek(2) not in {"", "18"}:
        sbr.fail(2, "The patient stands as subscriber, and SBR02 says otherwise: the claim was not used.")
    sbr.is_one_of(2, "18")
    return Relationship.SELF


def read_patient(reading: Reading, loop: Loop) -> Person:
    """2010CA, or 2010BA when the patient is the subscriber."""
    nm1 = reading.need(loop, "NM1")
    nm1.is_one_of(1, "QC", "IL")
    if nm1 and nm1.peek(2) != "1":
        nm1.fail(2, "A patient is a person: the claim was not used.")
    nm1.is_one_of(2, "1")
    birth = reading.need(loop, "DMG")
    return Person(
        name=_need_person(nm1),
        birth_date=birth.need_day(2),
        sex=birth.need_code(3, SEXES),
        address=read_address(reading, loop),
    )


def read_provider(reading: Reading, unit: Loop, loop_id: str, role_code: str) -> NamedProvider | None:
    """2310A to D; the first of its role, since there is a field for one."""
    loop = next((one for one in unit.below(loop_id) if one.opener.get(1) == role_code), None)
    if loop is None:
        return None
    nm1 = reading.find(loop, "NM1", role_code)
    nm1.take(1)
    return NamedProvider(
        name=need_name(nm1),
        npi=nm1.qualified(8, "XX"),
        taxonomy_code=_read_taxonomy(reading, loop, "PE"),
        payer_assigned_id=read_reference(reading, loop, "G2"),
        address=read_address(reading, loop),
    )


def need_name(nm1: Fields) -> PersonName | str:
    """NM102 says whether a person or an organization is named."""
    if nm1.is_one_of(2, "2"):
        return nm1.need_text(3)
    if not nm1.is_one_of(2, "1"):
        nm1.fail(2)
        return ""
    return _need_person(nm1)


def read_reference(reading: Reading, loop: Loop, qualifier: str) -> str | None:
    return reading.find(loop, "REF", qualifier).qualified(1, qualifier)


def read_address(reading: Reading, loop: Loop) -> Address | None:
    street, city = reading.find(loop, "N3"), reading.find(loop, "N4")
    if not (street.peek(1) and city.peek(1) and city.peek(2) and city.peek(3)):
        return None
    return _address(street, city)


def _need_address(reading: Reading, loop: Loop) -> Address:
    return _address(reading.need(loop, "N3"), reading.need(loop, "N4"))


def _address(street: Fields, city: Fields) -> Address:
    return Address(
        line1=street.need_text(1),
        line2=street.text(2),
        city=city.need_text(1),
        state=city.need_text(2),
        postal_code=city.need_text(3),
    )


def _read_pay_to_address(reading: Reading, loop: Loop | None) -> Address | None:
    address = None if loop is None else read_address(reading, loop)
    if address is not None:
        nm1 = reading.find(loop, "NM1")
        nm1.is_one_of(1, "87")
        nm1.is_one_of(2, "2")
    return address


def _need_person(nm1: Fields) -> PersonName:
    """Some people have one name only."""
    return PersonName(last=nm1.need_text(3), first=nm1.text(4) or "", middle=nm1.text(5), suffix=nm1.text(7))


def _read_taxonomy(reading: Reading, loop: Loop, role_code: str) -> str | None:
    prv = reading.find(loop, "PRV", role_code)
    code = prv.qualified(2, "PXC")
    if code is not None:
        prv.take(1)
    return code


def _read_contact(reading: Reading, loop: Loop) -> Contact | None:
    """The first PER, and its first telephone number."""
    per = reading.find(loop, "PER", "IC")
    at = next(
        (position for position in _CONTACT_NUMBERS if per.peek(position) == "TE" and per.peek(position + 1)), None
    )
    if at is None or not per.peek(2):
        return None
    per.take(1, 2, at, at + 1)
    return Contact(name=per.peek(2), phone=per.peek(at + 1))
