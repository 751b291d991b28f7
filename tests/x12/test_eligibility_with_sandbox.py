"""A question written here, answered by the sandbox's payers with its own reader and writer, read here again."""

from datetime import UTC, datetime

import pytest

from app.domain.eligibility import CheckOutcome, EligibilityResult
from app.domain.eligibility_results import assess
from app.domain.parties import Person, PersonName, Sex
from app.sandbox.answer_271 import write_271
from app.sandbox.eligibility import answer
from app.sandbox.inquiry_270 import Inquiry, read_inquiry
from app.sandbox.interchange import Interchange as Question
from app.sandbox.interchange import read_interchange
from app.sandbox.members import Dependent, Member, load_book
from app.sandbox.members import Person as SandboxPerson
from app.x12 import eligibility_270, eligibility_271
from tests.x12.inquiries import an_inquiry, an_interchange

BOOK = load_book()
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _people() -> list[tuple[Member, Dependent | None]]:
    members = [one for one in BOOK.members.values() if not one.payer.down and not one.payer.one_service_type]
    return [(member, dependent) for member in members for dependent in (None, *member.dependents)]


def _person(one: SandboxPerson) -> Person:
    assert one.birth_date is not None
    sex = {"F": Sex.FEMALE, "M": Sex.MALE}.get(one.sex, Sex.UNKNOWN)
    return Person(name=PersonName(last=one.last_name, first=one.first_name), birth_date=one.birth_date, sex=sex)


def _asked(member: Member, dependent: Dependent | None) -> EligibilityResult:
    inquiry = an_inquiry(
        payer_id=member.payer.id,
        payer_name=member.payer.name,
        member_id=member.member_id,
        subscriber=_person(member.person),
        dependent=_person(dependent.person) if dependent else None,
        relationship="child" if dependent else None,
        service_date=NOW.date(),
    )
    text, refused = eligibility_270.write(inquiry, an_interchange(created_at=NOW))
    assert text is not None, refused
    question = read_interchange(text)
    assert isinstance(question, Question), question
    read = read_inquiry(question)
    assert isinstance(read, Inquiry), read
    reply = write_271(question, read, answer(read, BOOK, NOW.date()), 77, NOW)
    answers, findings = eligibility_271.read(reply)
    assert [one.trace_numbers for one in answers] == [("TRACE-1",)]
    return assess(
        answers,
        service_date=NOW.date(),
        expected=_person(dependent.person if dependent else member.person),
        member_id=member.member_id,
        asked_service_types=("30", "MH"),
        findings=findings,
    )


@pytest.mark.parametrize(("member", "dependent"), _people())
def test_everyone_the_sandbox_covers_is_confirmed_and_nobody_else(member: Member, dependent: Dependent | None) -> None:
    result = _asked(member, dependent)
    covered = member.is_active_on(NOW.date())
    assert result.outcome is (CheckOutcome.CONFIRMED if covered else CheckOutcome.INACTIVE)
    assert {finding.code for finding in result.findings} <= {"carve_out"}
    assert bool(result.carve_outs) == ("carve_out" in {finding.code for finding in result.findings})
