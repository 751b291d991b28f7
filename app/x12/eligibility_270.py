"""Write a 270, the eligibility inquiry (005010X279A1): one question about one person on one day.

The patient is sent as subscriber, without loop 2000D, unless the inquiry names a dependent (domain rule A7). The
dependent's subscriber is sent with name and member id only: the payer finds the person by the 2100D values. Several
service types go into one EQ, repeated; a payer that takes one EQ is asked twice by the caller. This module asks
nothing about the order of payers: a 270 cannot.

TRN03 names who made the trace number: "9" (defined by the user) and the first nine digits of the NPI, the tenth
being a check digit. INS02 has three codes here, 01 spouse, 19 child, 34 other adult (code list of the published
clearinghouse interfaces); where the relationship is none of these it is not stated: the segment is situational.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from app.domain.codes import Relationship
from app.domain.eligibility import EligibilityInquiry, Interchange
from app.domain.findings import Finding
from app.domain.identifiers import is_npi
from app.domain.parties import Person, PersonName, Sex
from app.x12.claim_segments_837 import VALUE_REPEATED
from app.x12.drafts import Draft, Value, enclose
from app.x12.elements import write_date
from app.x12.findings import VALUE_INVALID, VALUE_MISSING
from app.x12.separators import DEFAULT, Separators

GUIDE: Final = "005010X279A1"
_SEX: Final = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.UNKNOWN: ""}
_INDIVIDUAL_RELATIONSHIP: Final = {
    Relationship.SPOUSE.code: "01",
    Relationship.CHILD.code: "19",
    Relationship.LIFE_PARTNER.code: "34",
    Relationship.EMPLOYEE.code: "34",
}
_RELATIONSHIPS: Final = {word.value: word.code for word in Relationship} | {
    word.code: word.code for word in Relationship
}


def write(
    inquiry: EligibilityInquiry, interchange: Interchange, separators: Separators = DEFAULT
) -> tuple[str | None, tuple[Finding, ...]]:
    """The interchange as text, or None and every reason why it cannot be written.

    `inquiry.relationship` is a word of `Relationship` or its code; it is required with a dependent.
    """
    return _write([("", inquiry)], interchange, separators)


def write_many(
    inquiries: Sequence[EligibilityInquiry], interchange: Interchange, separators: Separators = DEFAULT
) -> tuple[str | None, tuple[Finding, ...]]:
    """Inquiries in one interchange, a transaction set each. It is written whole or not at all; pointers begin with
    `/inquiries/{i}`, and no reference or trace number stands twice.
    """
    numbered = [(f"/inquiries/{at}", inquiry) for at, inquiry in enumerate(inquiries)]
    return _write(numbered, interchange, separators)


def _write(
    inquiries: Sequence[tuple[str, EligibilityInquiry]], interchange: Interchange, separators: Separators
) -> tuple[str | None, tuple[Finding, ...]]:
    """`inquiries` come with where each stands."""
    drafts: list[Draft] = []
    references: set[str] = set()
    traces: set[str] = set()
    for pointer, inquiry in inquiries:
        draft = Draft(separators, pointer)
        if inquiry.reference in references:
            draft.refuse(VALUE_REPEATED, "/reference", "BHT03")
        if inquiry.trace_number in traces:
            draft.refuse(VALUE_REPEATED, "/trace_number", f"2000{'C' if inquiry.dependent is None else 'D'} TRN02")
        references.add(inquiry.reference)
        traces.add(inquiry.trace_number)
        _add_inquiry(draft, inquiry, interchange)
        drafts.append(draft)
    if not drafts:
        drafts.append(Draft(separators))
        drafts[0].refuse(VALUE_MISSING, "/inquiries", "ST")
    return enclose(
        drafts,
        interchange=interchange,
        functional_code="HS",
        transaction_code="270",
        guide=GUIDE,
        separators=separators,
    )


def _add_inquiry(draft: Draft, inquiry: EligibilityInquiry, interchange: Interchange) -> None:
    _source_and_receiver(draft, inquiry, interchange)
    draft.add("2000C", "HL", "3", "2", "22", "0" if inquiry.dependent is None else "1")
    if inquiry.dependent is None:
        _trace(draft, "2000C", inquiry)
    _subscriber(draft, inquiry)
    if inquiry.dependent is not None:
        _dependent(draft, inquiry, inquiry.dependent)


def _source_and_receiver(draft: Draft, inquiry: EligibilityInquiry, interchange: Interchange) -> None:
    created = interchange.created_at.astimezone(UTC)
    reference = Value(inquiry.reference, "/reference", longest=30, exact=True)
    draft.add(None, "BHT", "0022", "13", reference, write_date(created.date()), f"{created:%H%M}")
    draft.add("2000A", "HL", "1", "", "20", "1")
    payer_name = Value(inquiry.payer_name, "/payer_name", longest=60)
    payer_id = Value(inquiry.payer_id, "/payer_id", longest=80, shortest=2)
    draft.add("2100A", "NM1", "PR", "2", payer_name, "", "", "", "", "PI", payer_id)
    draft.add("2000B", "HL", "2", "1", "21", "1")
    provider_name = Value(inquiry.provider_name, "/provider_name", longest=60)
    npi = Value(inquiry.provider_npi, "/provider_npi", longest=10, shortest=10, exact=True)
    if not is_npi(inquiry.provider_npi):
        draft.refuse(VALUE_INVALID, "/provider_npi", "2100B NM109", "The NPI's check digit does not fit.")
    draft.add("2100B", "NM1", "1P", "2", provider_name, "", "", "", "", "XX", npi)


def _trace(draft: Draft, loop: str, inquiry: EligibilityInquiry) -> None:
    number = Value(inquiry.trace_number, "/trace_number", longest=30, exact=True)
    draft.add(loop, "TRN", "1", number, "9" + inquiry.provider_npi[:9])


def _subscriber(draft: Draft, inquiry: EligibilityInquiry) -> None:
    member_id = Value(inquiry.member_id, "/member_id", longest=80, shortest=2)
    name = _name(inquiry.subscriber.name, "/subscriber/name")
    draft.add("2100C", "NM1", "IL", "1", *name, "MI", member_id)
    if inquiry.dependent is None:
        _demographics(draft, "C", inquiry.subscriber)
        _question(draft, "C", inquiry)


def _dependent(draft: Draft, inquiry: EligibilityInquiry, dependent: Person) -> None:
    draft.add("2000D", "HL", "4", "3", "23", "0")
    _trace(draft, "2000D", inquiry)
    draft.add("2100D", "NM1", "03", "1", *_name(dependent.name, "/dependent/name"))
    _demographics(draft, "D", dependent)
    relationship = _RELATIONSHIPS.get(inquiry.relationship or "")
    if not inquiry.relationship:
        message = "A dependent needs the relationship to the subscriber."
        draft.refuse(VALUE_MISSING, "/relationship", "2100D INS02", message)
    elif relationship is None or relationship == Relationship.SELF.code:
        message = "This is not the relationship of a dependent to a subscriber."
        draft.refuse(VALUE_INVALID, "/relationship", "2100D INS02", message)
    elif relationship in _INDIVIDUAL_RELATIONSHIP:
        draft.add("2100D", "INS", "N", _INDIVIDUAL_RELATIONSHIP[relationship])
    _question(draft, "D", inquiry)


def _name(name: PersonName, pointer: str) -> tuple[Value | str, ...]:
    """NM103 to NM107; NM106, the prefix, is not used."""
    return (
        Value(name.last, f"{pointer}/last", longest=60),
        Value(name.first, f"{pointer}/first", longest=35),
        Value(name.middle, f"{pointer}/middle", longest=25, required=False),
        "",
        Value(name.suffix, f"{pointer}/suffix", longest=10, required=False),
    )


def _demographics(draft: Draft, level: str, person: Person) -> None:
    person_at = "/subscriber" if level == "C" else "/dependent"
    birth_date = draft.day(person.birth_date, f"{person_at}/birth_date", f"2100{level} DMG02")
    draft.add(f"2100{level}", "DMG", "D8", birth_date, _SEX[person.sex])


def _question(draft: Draft, level: str, inquiry: EligibilityInquiry) -> None:
    service_date = draft.day(inquiry.service_date, "/service_date", f"2100{level} DTP03")
    draft.add(f"2100{level}", "DTP", "291", "D8", service_date)
    types = [
        Value(code, f"/service_types/{index}", longest=3, exact=True)
        for index, code in enumerate(inquiry.service_types)
    ]
    if not types:
        draft.refuse(VALUE_MISSING, "/service_types", f"2110{level} EQ01", "At least one service type is needed.")
    draft.add(f"2110{level}", "EQ", types)
