"""The service's own X12, through the adapter, against the sandbox that shares no code with it."""

from datetime import UTC, date, datetime

import pytest

from app.domain.eligibility import BenefitKind, EligibilityAnswer, EligibilityInquiry, Interchange
from app.domain.findings import Severity
from app.domain.parties import Person, PersonName, Sex
from app.http_client import HttpClient
from app.sandbox import members
from app.sandbox.main import TEST_KEY
from app.x12 import eligibility_270, eligibility_271
from tests.clearinghouse.running import stedi
from tests.sandbox.running import RunningSandbox

BOOK = members.load_book()
ENVELOPE = Interchange(
    sender_id="CROSSOVERTEST",
    receiver_id="SANDBOX",
    control_number=42,
    created_at=datetime(2026, 3, 2, 13, 19, tzinfo=UTC),
    is_test=True,
)
_SEX = {"F": Sex.FEMALE, "M": Sex.MALE}


def as_person(person: members.Person) -> Person:
    assert person.birth_date is not None
    name = PersonName(last=person.last_name, first=person.first_name)
    return Person(name=name, birth_date=person.birth_date, sex=_SEX[person.sex])


def inquiry(member: members.Member, dependent: members.Dependent | None = None) -> EligibilityInquiry:
    return EligibilityInquiry(
        payer_id=member.payer.id,
        payer_name=member.payer.name,
        provider_npi="1999999984",
        provider_name="Somewhere Counseling",
        member_id=member.member_id,
        subscriber=as_person(member.person),
        dependent=as_person(dependent.person) if dependent else None,
        relationship=dependent.relationship if dependent else None,
        service_date=date(2026, 3, 2),
        service_types=("30",) if member.payer.one_service_type else ("30", "MH"),
        trace_number="TRACE0042",
        reference="REF0042",
    )


async def answer(sandbox: RunningSandbox, asked: EligibilityInquiry) -> EligibilityAnswer:
    x12, findings = eligibility_270.write(asked, ENVELOPE)
    assert (x12 is not None, findings) == (True, ())
    async with HttpClient() as http:
        clearinghouse = stedi(http, sandbox.port, api_key=TEST_KEY)
        said = await clearinghouse.ask_eligibility(x12 or "")
    (read,), findings_of_271 = eligibility_271.read(said)
    assert [finding for finding in findings_of_271 if finding.severity is not Severity.INFORMATION] == []
    return read


@pytest.mark.parametrize("member", BOOK.members.values(), ids=lambda member: str(member.member_id))
async def test_every_members_inquiry_is_taken_and_its_answer_understood(
    sandbox: RunningSandbox, member: members.Member
) -> None:
    read = await answer(sandbox, inquiry(member))
    assert read.payer_id == member.payer.id
    if member.payer.down:
        assert [(one.loop, one.reason_code) for one in read.rejections] == [("2100A", "42")]
        return
    assert read.rejections == ()
    assert "TRACE0042" in read.trace_numbers
    assert read.member is not None
    assert (read.member.member_id, read.member.last_name) == (member.member_id, member.person.last_name)
    kinds = {benefit.kind for benefit in read.benefits}
    assert (BenefitKind.ACTIVE in kinds) is member.is_active_on(date(2026, 3, 2))
    named = {entity.identifier for benefit in read.benefits for entity in benefit.entities}
    assert named >= {other.payer.id for other in member.other_coverage}


@pytest.mark.parametrize(
    ("member", "dependent"),
    [(member, dependent) for member in BOOK.members.values() for dependent in member.dependents],
    ids=lambda one: one.member_id if isinstance(one, members.Member) else one.person.first_name,
)
async def test_every_dependents_inquiry_is_taken_and_its_answer_understood(
    sandbox: RunningSandbox, member: members.Member, dependent: members.Dependent
) -> None:
    read = await answer(sandbox, inquiry(member, dependent))
    assert read.rejections == ()
    assert read.member is not None
    assert read.subscriber is not None
    assert (read.member.first_name, read.subscriber.first_name) == (
        dependent.person.first_name,
        member.person.first_name,
    )
