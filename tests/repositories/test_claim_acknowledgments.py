"""Acknowledgments at rest: each once, however often its document is read; sealed, apart by practice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.acknowledgments import AcknowledgmentEffect, AcknowledgmentSource, ClaimAcknowledgment, StatusCode
from app.domain.callers import Tenant
from app.domain.inbound_documents import InboundDocument
from app.domain.received_remittances import ReceivedAcknowledgment
from app.domain.submissions import Submission
from app.repositories.unit_of_work import UnitsOfWork
from tests.claim_records import a_received_acknowledgment, a_submission, an_inbound_document
from tests.factories import NOW
from tests.repositories.billing import Billing
from tests.running import Databases

SAID = ClaimAcknowledgment(
    source=AcknowledgmentSource.PAYER,
    source_name="INVENTED HEALTH PLAN",
    batch_reference="REF1",
    patient_control_number="A1B2C3D4E5F6G7H8J",
    payer_claim_number="ZQPAYER",
    clearinghouse_number="ZQHOUSE",
    effect=AcknowledgmentEffect.REJECTED,
    statuses=(StatusCode(category="A7", status="562", entity="85"), StatusCode(category="A3")),
    charge=Decimal("150.00"),
    effective_on=date(2026, 9, 9),
    segment=30,
)


@pytest.fixture
async def sent(billing: Billing) -> Submission:
    value = a_submission(claim_id=(await billing.billed()).id)
    await billing.do(lambda uow: uow.submissions.add(value))
    return value


@pytest.fixture
async def document(billing: Billing) -> InboundDocument:
    value = an_inbound_document()
    assert await billing.do(lambda uow: uow.inbound_documents.add(value))
    return value


async def add(billing: Billing, value: ReceivedAcknowledgment) -> bool:
    is_new: bool = await billing.do(lambda uow: uow.claim_acknowledgments.add(value))
    return is_new


async def test_all_that_was_said_of_a_claim_comes_back_in_the_order_in_which_it_came(
    billing: Billing, sent: Submission, document: InboundDocument
) -> None:
    at_once = a_received_acknowledgment(claim_id=sent.claim_id, submission_id=sent.id)
    later = a_received_acknowledgment(
        claim_id=sent.claim_id,
        document_id=document.id,
        acknowledgment=SAID,
        received_at=NOW + timedelta(hours=1),
    )
    assert await add(billing, later)
    assert await add(billing, at_once)
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.claim_acknowledgments.of_claim(sent.claim_id) == (at_once, later)
        assert await uow.claim_acknowledgments.of_claim(uuid4()) == ()


async def test_a_place_of_a_document_or_of_an_answer_is_recorded_once(
    billing: Billing, sent: Submission, document: InboundDocument
) -> None:
    for origin in ({"document_id": document.id}, {"submission_id": sent.id}):
        value = a_received_acknowledgment(claim_id=sent.claim_id, **origin)
        assert await add(billing, value)
        assert not await add(billing, replace(value, id=uuid4()))
        assert await add(billing, replace(value, id=uuid4(), position=2))


async def test_an_acknowledgment_comes_from_somewhere(billing: Billing, sent: Submission) -> None:
    with pytest.raises(DBAPIError, match="claim_acknowledgment_origin_check"):
        await add(billing, a_received_acknowledgment(claim_id=sent.claim_id))


async def test_the_payers_numbers_are_not_readable_at_rest(
    databases: Databases, billing: Billing, sent: Submission
) -> None:
    value = a_received_acknowledgment(claim_id=sent.claim_id, submission_id=sent.id, acknowledgment=SAID)
    assert await add(billing, value)
    row = "select a::text from claim_acknowledgment a where id = :id"
    async with databases.as_superuser() as connection:
        text = await connection.scalar(sa.text(row), {"id": value.id})
    assert text is not None
    assert not [secret for secret in ("ZQPAYER", "ZQHOUSE", "INVENTED HEALTH PLAN") if secret in text]


async def test_another_practices_acknowledgments_are_absent(
    billing: Billing, sent: Submission, units: UnitsOfWork, other_tenant: Tenant
) -> None:
    assert await add(billing, a_received_acknowledgment(claim_id=sent.claim_id, submission_id=sent.id))
    async with units.begin(other_tenant) as uow:
        assert await uow.claim_acknowledgments.of_claim(sent.claim_id) == ()
