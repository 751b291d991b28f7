"""Remittances as the practice reads them: what a payer paid, for which claims, and what became of each payment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.claims import Claim
from app.domain.findings import Finding
from app.domain.payment_matching import payment_findings
from app.domain.received_remittances import ReceivedPayment, ReceivedRemittance
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, found

FIRST_PAYMENTS = 100
"""As many come along with their remittance."""


@dataclass(frozen=True, kw_only=True)
class PaymentView:
    """One claim payment; `findings` are what is wrong with it by itself, held against its claim."""

    received: ReceivedPayment
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemittanceView:
    received: ReceivedRemittance
    payments: tuple[PaymentView, ...]
    has_more: bool


async def list_remittances(
    context: Context, tenant: Tenant, *, after: UUID | None, limit: int
) -> list[ReceivedRemittance]:
    """Newest first. Nothing about a patient is in them."""
    async with context.units.begin(tenant) as uow:
        remittances = await uow.remittances.page(after=after, limit=limit)
        await uow.audit_events.add(AuditEntry(action=AuditAction.LIST, record_type="remittance"))
        await uow.commit()
        return remittances


async def read_remittance(context: Context, tenant: Tenant, remittance_id: UUID) -> RemittanceView:
    async with context.units.begin(tenant) as uow:
        received = found(await uow.remittances.get(remittance_id))
        payments = await uow.remittances.payments(received.id, limit=FIRST_PAYMENTS + 1)
        shown = payments[:FIRST_PAYMENTS]
        views = await _views(uow, received, shown, AuditAction.READ)
        await uow.commit()
        return RemittanceView(received=received, payments=views, has_more=len(payments) > len(shown))


async def list_claim_payments(
    context: Context, tenant: Tenant, remittance_id: UUID, *, after: int | None, limit: int
) -> list[PaymentView]:
    """In the order of the remittance, after a position. The last of `limit` says that there is a next page: it is not
    given out, and not audited.
    """
    async with context.units.begin(tenant) as uow:
        received = found(await uow.remittances.get(remittance_id))
        payments = await uow.remittances.payments(received.id, after=after, limit=limit)
        views = await _views(uow, received, payments[: limit - 1], AuditAction.LIST)
        await uow.commit()
        return [*views, *(PaymentView(received=one) for one in payments[limit - 1 :])]


async def _views(
    uow: UnitOfWork, received: ReceivedRemittance, payments: Sequence[ReceivedPayment], action: AuditAction
) -> tuple[PaymentView, ...]:
    claims = await _claims(uow, payments)
    await uow.audit_events.add(
        AuditEntry(
            action=action,
            record_type="remittance",
            record_id=received.id,
            seen_patient_ids=tuple(dict.fromkeys(claim.patient_id for claim in claims.values())),
        )
    )
    return tuple([await _view(uow, received, one, claims) for one in payments])


async def _claims(uow: UnitOfWork, payments: Iterable[ReceivedPayment]) -> dict[UUID, Claim]:
    ids = dict.fromkeys(one.claim_id for one in payments if one.claim_id is not None)
    return {claim_id: found(await uow.claims.get(claim_id)) for claim_id in ids}


async def _view(
    uow: UnitOfWork, received: ReceivedRemittance, one: ReceivedPayment, claims: dict[UUID, Claim]
) -> PaymentView:
    if one.claim_id is None:
        return PaymentView(received=one)
    claim = claims[one.claim_id]
    payer = found(await uow.payers.get(claim.payer_id))
    return PaymentView(received=one, findings=payment_findings(one.payment, claim, payer, received.remittance))
