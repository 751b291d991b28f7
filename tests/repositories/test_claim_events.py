"""The timeline at rest: in order, with who and why, never changed, apart by practice."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.callers import Tenant
from app.domain.claim_states import ClaimEventKind
from app.domain.claims import Claim
from app.repositories.database import sqlstate
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.factories import NOW
from tests.repositories.billing import Billing
from tests.running import Databases


@pytest.fixture
async def claim(billing: Billing) -> Claim:
    return await billing.billed()


async def note(uow: UnitOfWork, claim: Claim, *kinds: ClaimEventKind) -> None:
    for kind in kinds:
        await uow.claim_events.add(kind, chain_id=claim.chain_id, claim_id=claim.id, patient_id=claim.patient_id)


async def test_an_event_says_who_did_what_to_which_claim_and_why(billing: Billing, claim: Claim) -> None:
    facts: dict[str, str | int | None] = {"submission_id": str(uuid4()), "attempts": 2, "failure": None}
    await billing.do(
        lambda uow: uow.claim_events.add(
            ClaimEventKind.HELD,
            chain_id=claim.chain_id,
            claim_id=claim.id,
            patient_id=claim.patient_id,
            reason="by_hand",
            facts=facts,
        )
    )
    async with billing.units.begin(billing.tenant) as uow:
        (event,) = await uow.claim_events.of_chain(claim.chain_id, limit=10)
    tenant = billing.tenant
    assert (event.actor, event.role, event.request_id) == (tenant.actor, tenant.role, tenant.request_id)
    assert (event.chain_id, event.claim_id, event.patient_id) == (claim.chain_id, claim.id, claim.patient_id)
    assert (event.kind, event.reason, event.facts) == (ClaimEventKind.HELD, "by_hand", facts)
    assert (event.occurred_at, event.sequence is not None) == (NOW, True)


async def test_a_chains_events_come_oldest_first_and_page_by_page(billing: Billing, claim: Claim) -> None:
    stranger = await billing.billed()
    await billing.do(lambda uow: note(uow, stranger, ClaimEventKind.CREATED))
    await billing.do(lambda uow: note(uow, claim, *ClaimEventKind))
    async with billing.units.begin(billing.tenant) as uow:
        first = await uow.claim_events.of_chain(claim.chain_id, limit=5)
        rest = await uow.claim_events.of_chain(claim.chain_id, after=first[-1].sequence, limit=100)
    assert [event.kind for event in (*first, *rest)] == list(ClaimEventKind)


async def test_the_events_of_a_deleted_draft_stay(billing: Billing, claim: Claim) -> None:
    await billing.do(lambda uow: note(uow, claim, ClaimEventKind.CREATED, ClaimEventKind.DELETED))
    assert await billing.do(lambda uow: uow.claims.delete(claim.id))
    async with billing.units.begin(billing.tenant) as uow:
        assert len(await uow.claim_events.of_chain(claim.chain_id, limit=10)) == 2


async def test_an_event_of_a_transaction_that_rolls_back_is_gone(billing: Billing, claim: Claim) -> None:
    async with billing.units.begin(billing.tenant) as uow:
        await note(uow, claim, ClaimEventKind.CHANGED)
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.claim_events.of_chain(claim.chain_id, limit=10) == []


@pytest.mark.parametrize(
    "statement", ["update claim_event set reason = 'other'", "delete from claim_event", "truncate claim_event"]
)
async def test_not_even_the_owner_changes_the_timeline(
    databases: Databases, billing: Billing, claim: Claim, statement: str
) -> None:
    await billing.do(lambda uow: note(uow, claim, ClaimEventKind.CREATED))
    practice_id = billing.tenant.practice_id
    for login in (databases.as_app(practice_id), databases.as_owner(practice_id), databases.as_superuser()):
        async with login as connection:
            with pytest.raises(DBAPIError) as refused:
                await connection.execute(sa.text(statement))
        assert sqlstate(refused.value) == "42501"


async def test_another_practices_events_are_absent(
    billing: Billing, claim: Claim, units: UnitsOfWork, other_tenant: Tenant
) -> None:
    await billing.do(lambda uow: note(uow, claim, ClaimEventKind.CREATED))
    async with units.begin(other_tenant) as uow:
        assert await uow.claim_events.of_chain(claim.chain_id, limit=10) == []
