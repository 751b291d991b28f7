"""Write a 276, the claim status request (005010X212): one question about one claim of ours at one payer.

The patient is asked about as subscriber (2200D) unless the inquiry names a dependent (2200E); the dependent's subscriber
is sent with name and member id only. A payer finds the claim by what is said of it: its own number and ours, charge,
dates, bill type. One question a transaction set: in real time a 277 answers one 276 (RFI 2121), and in a batch a fault in
one question leaves the others.

An unknown sex is not stated: DMG03 has F and M here.
"""

from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal
from typing import Final

from app.domain.claim_statuses import InquiredLine, StatusInquiry
from app.domain.eligibility import Interchange
from app.domain.findings import Finding
from app.domain.identifiers import is_modifier, is_npi, is_procedure_code
from app.domain.parties import Person, PersonName, Sex
from app.domain.service_lines import MOST_MODIFIERS
from app.x12.claim_segments_837 import QUANTITY_RANGE, REPEAT_EXCEEDED, VALUE_REPEATED, money_fault
from app.x12.drafts import Draft, Element, Value, basic_code, enclose
from app.x12.elements import write_amount, write_date, write_quantity
from app.x12.findings import VALUE_INVALID, VALUE_MISSING
from app.x12.separators import DEFAULT, Separators

GUIDE: Final = "005010X212"
_SEX: Final = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.UNKNOWN: ""}
_PROCEDURE_QUALIFIERS: Final = frozenset("AD ER HC HP IV N4 NU WK".split())
_HCPCS: Final = "HC"


def write(
    inquiry: StatusInquiry, interchange: Interchange, separators: Separators = DEFAULT
) -> tuple[str | None, tuple[Finding, ...]]:
    """The interchange as text, or None and every reason why it cannot be written."""
    return _enclosed([_draft(inquiry, interchange, separators, "")], interchange, separators)


def write_many(
    inquiries: Sequence[StatusInquiry], interchange: Interchange, separators: Separators = DEFAULT
) -> tuple[str | None, tuple[Finding, ...]]:
    """Several questions in one interchange, a transaction set each, numbered as the interchange says.

    Pointers begin with `/inquiries/{position}`. Answers are told apart by trace number and reference, so none may occur
    twice.
    """
    drafts = [_draft(inquiry, interchange, separators, f"/inquiries/{at}") for at, inquiry in enumerate(inquiries)]
    if not drafts:
        drafts = [Draft(separators)]
        drafts[0].refuse(VALUE_MISSING, "/inquiries", "ST")
    references: set[str] = set()
    traces: set[str] = set()
    for at, (inquiry, draft) in enumerate(zip(inquiries, drafts, strict=False)):
        if inquiry.reference in references:
            draft.refuse(VALUE_REPEATED, f"/inquiries/{at}/reference", "BHT03")
        if inquiry.trace_number in traces:
            draft.refuse(VALUE_REPEATED, f"/inquiries/{at}/trace_number", f"2200{_level(inquiry)} TRN02")
        references.add(inquiry.reference)
        traces.add(inquiry.trace_number)
    return _enclosed(drafts, interchange, separators)


def _enclosed(
    drafts: Sequence[Draft], interchange: Interchange, separators: Separators
) -> tuple[str | None, tuple[Finding, ...]]:
    return enclose(
        drafts,
        interchange=interchange,
        functional_code="HR",
        transaction_code="276",
        guide=GUIDE,
        separators=separators,
    )


def _level(inquiry: StatusInquiry) -> str:
    """The level of the patient: D subscriber, E dependent."""
    return "D" if inquiry.dependent is None else "E"


def _draft(inquiry: StatusInquiry, interchange: Interchange, separators: Separators, at: str) -> Draft:
    draft = Draft(separators)
    created = interchange.created_at.astimezone(UTC)
    reference = Value(inquiry.reference, f"{at}/reference", longest=30, exact=True)
    draft.add(None, "BHT", "0010", "13", reference, write_date(created.date()), f"{created:%H%M}")
    _add_asking_and_asked(draft, inquiry, at)
    _add_patient(draft, inquiry, at)
    _add_claim(draft, inquiry, at)
    for number, line in enumerate(inquiry.lines):
        _add_line(draft, line, _level(inquiry), f"{at}/lines/{number}")
    return draft


def _add_asking_and_asked(draft: Draft, inquiry: StatusInquiry, at: str) -> None:
    """2000A to 2000C: the payer, who asks, and for which provider."""
    draft.add("2000A", "HL", "1", "", "20", "1")
    payer_name = Value(inquiry.payer_name, f"{at}/payer_name", longest=60)
    payer_id = Value(inquiry.payer_id, f"{at}/payer_id", longest=80, shortest=2)
    draft.add("2100A", "NM1", "PR", "2", payer_name, "", "", "", "", "PI", payer_id)
    draft.add("2000B", "HL", "2", "1", "21", "1")
    receiver_name = Value(inquiry.receiver_name, f"{at}/receiver_name", longest=60)
    receiver_id = Value(inquiry.receiver_id, f"{at}/receiver_id", longest=80, shortest=2)
    draft.add("2100B", "NM1", "41", "2", receiver_name, "", "", "", "", "46", receiver_id)
    draft.add("2000C", "HL", "3", "2", "19", "1")
    npi = Value(inquiry.provider_npi, f"{at}/provider_npi", longest=10, shortest=10, exact=True)
    if not is_npi(inquiry.provider_npi):
        draft.refuse(VALUE_INVALID, f"{at}/provider_npi", "2100C NM109", "The NPI's check digit does not fit.")
    draft.add("2100C", "NM1", "1P", *_name(inquiry.provider_name, f"{at}/provider_name"), "XX", npi)


def _add_patient(draft: Draft, inquiry: StatusInquiry, at: str) -> None:
    """2000D, and 2000E for a dependent. DMG stands before the name in this guide, and with the patient only."""
    dependent = inquiry.dependent
    draft.add("2000D", "HL", "4", "3", "22", "0" if dependent is None else "1")
    if dependent is None:
        _add_demographics(draft, "2000D", inquiry.subscriber, f"{at}/subscriber")
    member_id = Value(inquiry.member_id, f"{at}/member_id", longest=80, shortest=2)
    draft.add("2100D", "NM1", "IL", *_name(inquiry.subscriber.name, f"{at}/subscriber/name"), "MI", member_id)
    if dependent is not None:
        draft.add("2000E", "HL", "5", "4", "23")
        _add_demographics(draft, "2000E", dependent, f"{at}/dependent")
        draft.add("2100E", "NM1", "QC", *_name(dependent.name, f"{at}/dependent/name"))


def _name(name: PersonName | str, pointer: str) -> tuple[Element, ...]:
    """NM102 to NM107; NM106, the prefix, is not used."""
    if isinstance(name, str):
        return ("2", Value(name, pointer, longest=60), "", "", "", "")
    return (
        "1",
        Value(name.last, f"{pointer}/last", longest=60),
        Value(name.first, f"{pointer}/first", longest=35),
        Value(name.middle, f"{pointer}/middle", longest=25, required=False),
        "",
        Value(name.suffix, f"{pointer}/suffix", longest=10, required=False),
    )


def _add_demographics(draft: Draft, loop: str, person: Person, at: str) -> None:
    birth_date = draft.day(person.birth_date, f"{at}/birth_date", f"{loop} DMG02")
    draft.add(loop, "DMG", "D8", birth_date, _SEX[person.sex])


def _add_claim(draft: Draft, inquiry: StatusInquiry, at: str) -> None:
    """2200D or 2200E: everything that the payer can find the claim by, in the guide's order."""
    loop = f"2200{_level(inquiry)}"
    draft.add(loop, "TRN", "1", Value(inquiry.trace_number, f"{at}/trace_number", longest=30, exact=True))
    own_number = Value(inquiry.patient_control_number, f"{at}/patient_control_number", longest=20, exact=True)
    if not inquiry.patient_control_number:
        draft.refuse(VALUE_MISSING, f"{at}/patient_control_number", f"{loop} REF02")
    references = (
        ("1K", Value(inquiry.payer_claim_number, f"{at}/payer_claim_number", longest=50)),
        ("BLT", Value(inquiry.bill_type, f"{at}/bill_type", longest=3, shortest=3)),
        ("6P", Value(inquiry.group_number, f"{at}/group_number", longest=50)),
        ("EJ", own_number),
        ("D9", Value(inquiry.clearinghouse_number, f"{at}/clearinghouse_number", longest=50)),
    )
    for qualifier, number in references:
        _add_reference(draft, loop, qualifier, number)
    if inquiry.charge is not None:
        draft.add(loop, "AMT", "T3", _amount(draft, inquiry.charge, f"{at}/charge", f"{loop} AMT02"))
    if inquiry.first_date is not None:
        _add_dates(draft, loop, inquiry.first_date, inquiry.last_date, at)
    elif inquiry.last_date is not None or not inquiry.lines:
        draft.refuse(VALUE_MISSING, f"{at}/first_date", f"{loop} DTP03")


def _add_reference(draft: Draft, loop: str, qualifier: str, number: Value) -> None:
    if number.text:
        draft.add(loop, "REF", qualifier, number)


def _add_dates(draft: Draft, loop: str, first: date, last: date | None, at: str) -> None:
    """DTP*472: one day, or the first and the last."""
    begins = draft.day(first, f"{at}/first_date", f"{loop} DTP03")
    if last is None or last == first:
        draft.add(loop, "DTP", "472", "D8", begins)
        return
    if last < first:
        draft.refuse(VALUE_INVALID, f"{at}/last_date", f"{loop} DTP03", "The last day is before the first.")
    ends = draft.day(last, f"{at}/last_date", f"{loop} DTP03")
    draft.add(loop, "DTP", "472", "RD8", f"{begins}-{ends}")


def _add_line(draft: Draft, line: InquiredLine, level: str, at: str) -> None:
    loop = f"2210{level}"
    charge = _amount(draft, line.charge, f"{at}/charge", f"{loop} SVC02")
    units = write_quantity(line.units)
    if units is None or line.units <= 0:
        draft.refuse(QUANTITY_RANGE, f"{at}/units", f"{loop} SVC07")
    revenue_code = Value(line.revenue_code, f"{at}/revenue_code", longest=48, required=False)
    draft.add(loop, "SVC", _procedure(draft, line, loop, at), charge, "", revenue_code, "", "", units or "")
    _add_reference(draft, loop, "FJ", Value(line.control_number, f"{at}/control_number", longest=50, exact=True))
    _add_dates(draft, loop, line.first_date, line.last_date, at)


def _procedure(draft: Draft, line: InquiredLine, loop: str, at: str) -> str:
    """SVC01. A HCPCS code has its form; a code of another list is one to 48 letters and digits."""
    code, modifiers = basic_code(line.procedure_code), [basic_code(modifier) for modifier in line.modifiers]
    fits = is_procedure_code(code) if line.procedure_qualifier == _HCPCS else _is_plain(code)
    if line.procedure_qualifier not in _PROCEDURE_QUALIFIERS:
        draft.refuse(VALUE_INVALID, f"{at}/procedure_qualifier", f"{loop} SVC01-1")
    if not code:
        draft.refuse(VALUE_MISSING, f"{at}/procedure_code", f"{loop} SVC01-2")
    elif not fits:
        draft.refuse(VALUE_INVALID, f"{at}/procedure_code", f"{loop} SVC01-2")
    if len(modifiers) > MOST_MODIFIERS:
        draft.refuse(REPEAT_EXCEEDED, f"{at}/modifiers", f"{loop} SVC01-3", "At most four modifiers fit here.")
    for number, modifier in enumerate(modifiers):
        if not is_modifier(modifier):
            draft.refuse(VALUE_INVALID, f"{at}/modifiers/{number}", f"{loop} SVC01-{number + 3}")
    return draft.separators.component.join((line.procedure_qualifier, code, *modifiers))


def _is_plain(code: str) -> bool:
    return code.isascii() and code.isalnum() and len(code) <= 48


def _amount(draft: Draft, amount: Decimal, pointer: str, place: str) -> str:
    fault = money_fault(amount, signed=False)
    if fault is not None:
        draft.refuse(fault, pointer, place)
        return ""
    return write_amount(amount) or ""
