"""Remittances at rest: each transaction and each claim payment once, as the payer said it, sealed, apart by practice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.callers import Tenant
from app.domain.findings import Finding, Severity
from app.domain.received_remittances import PaymentStatus, ReceivedPayment, ReceivedRemittance
from app.domain.remittances import ProviderAdjustment
from app.repositories.inbound_tables import claim_payment
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.claim_records import a_claim_payment, a_received_payment, a_received_remittance, an_inbound_document
from tests.domain.claims import an_adjudication
from tests.factories import NOW
from tests.repositories.billing import Billing
from tests.running import Databases

FATE = {"practice_id", "status", "claim_id", "adjudication_id"}
FROZEN = [column.name for column in claim_payment.columns if column.name not in FATE]


@pytest.fixture
async def received(billing: Billing) -> ReceivedRemittance:
    document = an_inbound_document()
    value = a_received_remittance(
        document_id=document.id,
        findings=(Finding(code="balance", message="One cent.", severity=Severity.WARNING, repair_ids=("r",)),),
    )
    said = replace(
        value.remittance,
        provider_adjustments=(ProviderAdjustment(reason_code="WO", reference="ZQREF", amount=Decimal("-5.00")),),
        trace_number="ZQTRACE",
    )
    value = replace(value, remittance=said)

    async def write(uow: UnitOfWork) -> None:
        assert await uow.inbound_documents.add(document)
        assert await uow.remittances.add(replace(value, remittance=replace(said, claims=(a_claim_payment(),))))

    await billing.do(write)
    return value


async def paid(billing: Billing, payment: ReceivedPayment) -> ReceivedPayment:
    assert await billing.do(lambda uow: uow.remittances.add_payment(payment))
    return payment


async def test_a_remittance_comes_back_without_the_claims_of_others(
    billing: Billing, received: ReceivedRemittance
) -> None:
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.remittances.get(received.id) == received
        assert await uow.remittances.of_transaction(received.document_id, 1) == received
        assert await uow.remittances.of_transaction(received.document_id, 2) is None
        assert await uow.remittances.get(uuid4()) is None


async def test_a_transaction_of_a_document_is_recorded_once(billing: Billing, received: ReceivedRemittance) -> None:
    again = replace(received, id=uuid4())
    assert await billing.do(lambda uow: uow.remittances.add(again)) is False
    assert await billing.do(lambda uow: uow.remittances.add(replace(again, transaction_number=2))) is True


async def test_remittances_come_newest_first_and_page_by_page(billing: Billing, received: ReceivedRemittance) -> None:
    more = [a_received_remittance(document_id=received.document_id, transaction_number=2 + n) for n in range(3)]

    async def write(uow: UnitOfWork) -> list[bool]:
        return [await uow.remittances.add(one) for one in more]

    assert await billing.do(write) == [True] * 3
    async with billing.units.begin(billing.tenant) as uow:
        first = await uow.remittances.page(limit=3)
        rest = await uow.remittances.page(after=first[-1].id, limit=3)
    assert [*first, *rest] == [*reversed(more), received]


async def test_a_claim_payment_comes_back_as_it_was_said(billing: Billing, received: ReceivedRemittance) -> None:
    payment = await paid(
        billing,
        a_received_payment(
            remittance_id=received.id, status=PaymentStatus.UNMATCHED, payment=a_claim_payment(paid=Decimal("-0.001"))
        ),
    )
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.remittances.payment(payment.id, lock=True) == payment
        assert await uow.remittances.payment(uuid4()) is None


@pytest.mark.parametrize(
    "amount", [Decimal("99999999999999999.99"), Decimal("-99999999999999999.99"), Decimal("0.0001")]
)
async def test_an_amount_of_any_size_is_kept(billing: Billing, received: ReceivedRemittance, amount: Decimal) -> None:
    payment = a_received_payment(remittance_id=received.id, payment=a_claim_payment(charge=amount, paid=amount))
    await paid(billing, payment)
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.remittances.payment(payment.id) == payment


async def test_a_claim_payment_is_recorded_once(billing: Billing, received: ReceivedRemittance) -> None:
    payment = await paid(billing, a_received_payment(remittance_id=received.id))
    assert await billing.do(lambda uow: uow.remittances.add_payment(replace(payment, id=uuid4()))) is False


async def test_payments_come_in_their_order_in_the_remittance(billing: Billing, received: ReceivedRemittance) -> None:
    payments = [
        a_received_payment(remittance_id=received.id, payment=a_claim_payment(position=position))
        for position in (1, 2, 3, 7)
    ]
    for one in reversed(payments):
        await paid(billing, one)
    async with billing.units.begin(billing.tenant) as uow:
        first = await uow.remittances.payments(received.id, limit=2)
        rest = await uow.remittances.payments(received.id, after=first[-1].payment.position)
    assert [*first, *rest] == payments


async def test_what_became_of_a_payment_is_written_and_all_that_was_said_of_a_claim_is_found(
    billing: Billing, received: ReceivedRemittance
) -> None:
    claim = await billing.billed()
    decided = an_adjudication(claim)
    await billing.do(lambda uow: uow.adjudications.add(decided))
    later, first = (
        a_received_payment(
            remittance_id=received.id,
            status=PaymentStatus.UNMATCHED,
            payment=a_claim_payment(position=position),
            created_at=NOW - timedelta(minutes=position),
        )
        for position in (1, 2)
    )
    for one in (later, first):
        await paid(billing, one)

    async def settle(uow: UnitOfWork) -> None:
        posted = PaymentStatus.POSTED
        await uow.remittances.settle_payment(first.id, posted, claim_id=claim.id, adjudication_id=decided.id)
        await uow.remittances.settle_payment(later.id, PaymentStatus.REVERSAL, claim_id=claim.id, adjudication_id=None)

    await billing.do(settle)
    async with billing.units.begin(billing.tenant) as uow:
        found = await uow.remittances.payments_of_claims([claim.id])
        assert await uow.remittances.payments_of_claims([]) == []
    assert found == [
        replace(first, status=PaymentStatus.POSTED, claim_id=claim.id, adjudication_id=decided.id),
        replace(later, status=PaymentStatus.REVERSAL, claim_id=claim.id),
    ]


@pytest.mark.parametrize("column", FROZEN)
async def test_the_database_refuses_to_change_what_the_payer_said(
    databases: Databases, billing: Billing, received: ReceivedRemittance, column: str
) -> None:
    other_remittance = a_received_remittance(document_id=received.document_id, transaction_number=2)
    assert await billing.do(lambda uow: uow.remittances.add(other_remittance))
    payment = await paid(billing, a_received_payment(remittance_id=received.id))
    said = a_claim_payment(position=2, charge=Decimal(1), paid=Decimal(1))
    other = a_received_payment(remittance_id=other_remittance.id, payment=said, created_at=NOW + timedelta(days=1))
    await paid(billing, other)
    value = sa.select(claim_payment.c[column]).where(claim_payment.c.id == other.id).scalar_subquery()
    change = sa.update(claim_payment).where(claim_payment.c.id == payment.id).values({column: value})
    async with databases.as_superuser() as connection:
        with pytest.raises(DBAPIError, match="claim_payment is frozen"):
            await connection.execute(change)


async def test_names_and_numbers_are_not_readable_at_rest(
    databases: Databases, billing: Billing, received: ReceivedRemittance
) -> None:
    payment = await paid(billing, a_received_payment(remittance_id=received.id))
    rows = "select r::text || p::text from remittance r, claim_payment p where r.id = :remittance and p.id = :payment"
    async with databases.as_superuser() as connection:
        text = await connection.scalar(sa.text(rows), {"remittance": received.id, "payment": payment.id})
    assert text is not None
    secrets = ("ZQTRACE", "ZQREF", "INVENTED HEALTH PLAN", "PAYERS1", "A1B2C3D4E5F6G7H8J")
    assert not [secret for secret in secrets if secret in text]


async def test_another_practices_remittances_are_absent(
    billing: Billing, received: ReceivedRemittance, units: UnitsOfWork, other_tenant: Tenant
) -> None:
    payment = await paid(billing, a_received_payment(remittance_id=received.id))
    async with units.begin(other_tenant) as uow:
        assert await uow.remittances.get(received.id) is None
        assert await uow.remittances.page(limit=10) == []
        assert await uow.remittances.payments(received.id) == []
        assert await uow.remittances.payment(payment.id) is None
        await uow.remittances.settle_payment(payment.id, PaymentStatus.IGNORED, claim_id=None, adjudication_id=None)
        assert await uow.remittances.add(replace(received, id=uuid4())) is True
        await uow.commit()
    async with units.begin(billing.tenant) as uow:
        assert await uow.remittances.payment(payment.id) == payment
