"""An answer written as a 271 (005010X279A1)."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from app.sandbox.benefits import Benefit, Entity
from app.sandbox.eligibility import Answer
from app.sandbox.inquiry_270 import Inquiry
from app.sandbox.interchange import Interchange, Line, write_reply
from app.sandbox.members import Person

_VERSION = "005010X279A1"
_OWN_TRACE_COMPANY = "9SANDBOX01"


def write_271(question: Interchange, inquiry: Inquiry, answer: Answer, control_number: int, now: datetime) -> str:
    """The interchange that goes back, with the trace number and BHT03 of the question."""
    return write_reply(
        question,
        functional_id="HB",
        version=_VERSION,
        transaction_id="271",
        body=list(_body(inquiry, answer, control_number, now)),
        control_number=control_number,
        now=now,
    )


def _body(inquiry: Inquiry, answer: Answer, control_number: int, now: datetime) -> Iterator[Line]:
    stopped_at = answer.rejection.loop if answer.rejection else ""
    yield ("BHT", "0022", "11", inquiry.reference, f"{now:%Y%m%d}", f"{now:%H%M}")
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "PR", "2", answer.payer_name, "", "", "", "", "PI", inquiry.payer_id)
    if answer.payer_phone:
        yield ("PER", "IC", "", "TE", answer.payer_phone)
    yield from _rejection(answer, "2100A")
    yield ("HL", "2", "1", "21", "0" if stopped_at in {"2100A", "2100B"} else "1")
    yield inquiry.provider
    yield from _rejection(answer, "2100B")
    if stopped_at in {"2100A", "2100B"}:
        return
    yield from _subscriber(inquiry, answer, control_number)
    if answer.dependent is not None:
        yield from _dependent(inquiry, answer, answer.dependent, control_number)
    for benefit in answer.benefits:
        yield from _benefit(benefit)
        yield from _rejection(answer, "2110C")


def _rejection(answer: Answer, loop: str) -> Iterator[Line]:
    rejection = answer.rejection
    if rejection is not None and rejection.loop == loop:
        # AAA01 N: the request is refused; Y would say that it is valid and cannot be answered now.
        valid = "Y" if rejection.reason_code == "42" else "N"
        yield ("AAA", valid, "", rejection.reason_code, rejection.follow_up_code)


def _subscriber(inquiry: Inquiry, answer: Answer, control_number: int) -> Iterator[Line]:
    person, member = answer.subscriber, answer.member
    yield ("HL", "3", "2", "22", "0" if answer.dependent is None else "1")
    if answer.dependent is None:
        yield from _traces(inquiry, control_number)
    yield (
        "NM1",
        "IL",
        "1",
        person.last_name,
        person.first_name,
        "",
        "",
        "",
        *(("MI", answer.member_id) if answer.member_id else ()),
    )
    if member is not None and member.plan.group_number:
        yield ("REF", "6P", member.plan.group_number)
    yield from _address(person)
    yield from _rejection(answer, "2100C")
    yield from _demographics(person)
    if member is not None:
        yield ("INS", "Y", "18")
        yield _period("346" if member.ends is None else "291", member.begins, member.ends)


def _dependent(inquiry: Inquiry, answer: Answer, person: Person, control_number: int) -> Iterator[Line]:
    yield ("HL", "4", "3", "23", "0")
    yield from _traces(inquiry, control_number)
    yield ("NM1", "03", "1", person.last_name, person.first_name)
    yield from _address(person)
    yield from _rejection(answer, "2100D")
    yield from _demographics(person)
    if answer.relationship:
        yield ("INS", "N", answer.relationship)


def _traces(inquiry: Inquiry, control_number: int) -> Iterator[Line]:
    """TRN*2 repeats the asker's number, TRN*1 is the payer's own."""
    number, company = inquiry.trace
    if number:
        yield ("TRN", "2", number, company)
    yield ("TRN", "1", f"SBX{control_number:09d}", _OWN_TRACE_COMPANY)


def _address(person: Person) -> Iterator[Line]:
    if person.line1:
        yield ("N3", person.line1, person.line2)
        yield ("N4", person.city, person.state, person.postal_code)


def _demographics(person: Person) -> Iterator[Line]:
    if person.birth_date is not None:
        yield ("DMG", "D8", f"{person.birth_date:%Y%m%d}", person.sex)


def _benefit(benefit: Benefit) -> Iterator[Line]:
    yield (
        *("EB", benefit.code, benefit.level, benefit.service_types, benefit.insurance_type),
        *(benefit.plan_name, benefit.period, _number(benefit.amount), _number(benefit.percent)),
        *(("VS", str(benefit.visits)) if benefit.visits is not None else ("", "")),
        *(benefit.authorization, benefit.network),
    )
    if benefit.other_member_id:
        yield ("REF", "1W", benefit.other_member_id)
    if benefit.coordination is not None:
        yield _period("290", *benefit.coordination)
    if benefit.message:
        yield ("MSG", benefit.message)
    if benefit.entity is not None:
        yield ("LS", "2120")
        yield from _entity(benefit.entity)
        yield ("LE", "2120")


def _entity(entity: Entity) -> Iterator[Line]:
    yield ("NM1", entity.role, "2", entity.name, "", "", "", "", entity.id_qualifier, entity.identifier)
    if entity.phone:
        yield ("PER", "IC", "", "TE", entity.phone)


def _period(qualifier: str, begins: date, ends: date | None) -> Line:
    if ends is None:
        return ("DTP", qualifier, "D8", f"{begins:%Y%m%d}")
    return ("DTP", qualifier, "RD8", f"{begins:%Y%m%d}-{ends:%Y%m%d}")


def _number(value: Decimal | None) -> str:
    """An X12 decimal: no zeros after the last digit of the fraction, none before the point (.2, 12.5, 1500, 0)."""
    if value is None:
        return ""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("0") if text.startswith("0.") else text
