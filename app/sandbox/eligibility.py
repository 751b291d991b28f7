"""How the invented payers answer an inquiry: who is known, whether the plan covers the day, what it pays.

Pure: the inquiry, the book and today's date in, an answer out. How it is written (271, JSON) is not decided here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.sandbox.benefits import Benefit, benefits_of
from app.sandbox.inquiry_270 import AskedPerson, Inquiry
from app.sandbox.members import Book, Dependent, Member, Payer, Person

PROVIDER_NOT_ON_FILE = "1555555550"
"""The one provider no payer of the sandbox knows."""


@dataclass(frozen=True)
class Rejection:
    """One AAA: the loop it stands in, AAA03, AAA04."""

    loop: str
    reason_code: str
    follow_up_code: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer:
    """What the payer says. With a rejection there is nothing about the plan, and who was asked about is repeated."""

    payer_name: str
    payer_phone: str
    subscriber: Person
    member_id: str
    rejection: Rejection | None = None
    member: Member | None = None
    dependent: Person | None = None
    relationship: str = ""
    benefits: tuple[Benefit, ...] = ()


def answer(inquiry: Inquiry, book: Book, today: date) -> Answer:
    """The payer's answer. The first thing that is wrong is what it says, as payers do."""
    payer = book.payers.get(inquiry.payer_id)
    day = inquiry.service_date or today
    asked = inquiry.subscriber
    member = book.member(payer, asked.member_id, _as_person(asked)) if payer else None
    rejection = next(_rejections(inquiry, payer, member, day, today), None)
    if rejection is not None or member is None:
        return _rejected(inquiry, payer, rejection or Rejection("2100C", "75", "C"))
    dependent = next(_matching(member, inquiry.dependent), None) if inquiry.dependent else None
    return _covered(inquiry, member, dependent, day)


def _rejections(
    inquiry: Inquiry, payer: Payer | None, member: Member | None, day: date, today: date
) -> Iterator[Rejection]:
    if payer is None:
        yield Rejection("2100A", "79", "C")
        return
    if payer.down:
        yield Rejection("2100A", "42", "R")
    if inquiry.provider_npi == PROVIDER_NOT_ON_FILE:
        yield Rejection("2100B", "51", "C")
    for code in (*_subscriber_codes(inquiry, payer, member), *_day_codes(payer, day, today)):
        yield Rejection("2100C", code, "C")
    if payer.one_service_type and len(inquiry.service_types) > 1:
        yield Rejection("2110C", "33", "C")
    if member is not None and inquiry.dependent is not None:
        for code in _dependent_codes(member, inquiry.dependent):
            yield Rejection("2100D", code, "C")


def _subscriber_codes(inquiry: Inquiry, payer: Payer, member: Member | None) -> Iterator[str]:
    """AAA03 for loop 2100C. When a dependent is the patient, the subscriber's name and birth date may be missing."""
    asked, is_patient = inquiry.subscriber, inquiry.dependent is None
    if not re.fullmatch(payer.member_id_pattern, asked.member_id):
        yield "72"
    if is_patient and not asked.last_name:
        yield "73"
    if is_patient and asked.birth_date is None:
        yield "58"
    if member is None:
        yield "75"
        return
    if asked.birth_date not in (None, member.person.birth_date):
        yield "71"
    if not member.any_name and not _same_name(asked, member.person, needed=is_patient):
        yield "73"


def _day_codes(payer: Payer, day: date, today: date) -> Iterator[str]:
    months = (day.year - today.year) * 12 + day.month - today.month
    if payer.months_back is not None and -months > payer.months_back:
        yield "62"
    if payer.months_ahead is not None and months > payer.months_ahead:
        yield "63"


def _matching(member: Member, asked: AskedPerson) -> Iterator[Dependent]:
    for one in member.dependents:
        if one.person.birth_date == asked.birth_date and _same_name(asked, one.person, needed=True):
            yield one


def _dependent_codes(member: Member, asked: AskedPerson) -> Iterator[str]:
    if any(_matching(member, asked)):
        return
    if asked.birth_date is None:
        yield "58"
    if any(_same_name(asked, one.person, needed=True) for one in member.dependents):
        yield "71"
    if any(one.person.birth_date == asked.birth_date for one in member.dependents):
        yield "65"
    yield "67"


def _covered(inquiry: Inquiry, member: Member, dependent: Dependent | None, day: date) -> Answer:
    others = dependent.other_coverage if dependent else member.other_coverage
    return Answer(
        payer_name=member.payer.name,
        payer_phone=member.payer.phone,
        subscriber=member.person,
        member_id=member.member_id,
        member=member,
        dependent=dependent.person if dependent else None,
        relationship=dependent.relationship if dependent else "",
        benefits=benefits_of(member, others, inquiry.service_types, day),
    )


def _rejected(inquiry: Inquiry, payer: Payer | None, rejection: Rejection) -> Answer:
    return Answer(
        payer_name=payer.name if payer else inquiry.payer_name,
        payer_phone=payer.phone if payer else "",
        rejection=rejection,
        subscriber=_as_person(inquiry.subscriber),
        member_id=inquiry.subscriber.member_id,
        dependent=_as_person(inquiry.dependent) if inquiry.dependent else None,
        benefits=_unprocessed(inquiry, rejection),
    )


def _unprocessed(inquiry: Inquiry, rejection: Rejection) -> tuple[Benefit, ...]:
    """An AAA of loop 2110 needs an EB to stand under: V, cannot process."""
    if not rejection.loop.startswith("2110"):
        return ()
    return (Benefit(code="V", service_types=inquiry.service_types),)


def _same_name(asked: AskedPerson, person: Person, *, needed: bool) -> bool:
    """Letters only, in upper case. Without need, a name that is not sent is not compared."""
    pairs = ((asked.last_name, person.last_name), (asked.first_name, person.first_name))
    return all(_letters(sent) == _letters(held) for sent, held in pairs if sent or needed)


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z]", "", name.upper())


def _as_person(asked: AskedPerson) -> Person:
    return Person(last_name=asked.last_name, first_name=asked.first_name, birth_date=asked.birth_date, sex=asked.sex)
