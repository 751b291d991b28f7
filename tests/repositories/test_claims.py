"""Claims at rest: whole, apart by practice, and never two live ones for one encounter and coverage, whoever is faster."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlalchemy.exc import DBAPIError

from app.domain.callers import Tenant
from app.domain.claim_states import ClaimOutcome, ClaimStatus, HoldReason
from app.domain.claims import (
    AcceptedBy,
    Claim,
    ClaimContent,
    ClaimFrequency,
    PayerAssignedId,
    ProviderRole,
    ServiceFacility,
)
from app.domain.codes import PayerResponsibility
from app.domain.errors import Conflict
from app.domain.money import LARGEST_AMOUNT
from app.domain.parties import Contact
from app.repositories.database import sqlstate
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.claim_records import a_control_number, a_submission
from tests.domain.claims import a_line, contents, some_content
from tests.factories import NOW, a_provider, an_address, an_npi
from tests.planting import new_npi
from tests.repositories.billing import Billing, all_at_once
from tests.running import Databases

NOT_LIVE = [
    ClaimStatus.REPLACED,
    ClaimStatus.VOIDED,
    ClaimStatus.REPLACEMENT_PENDING,
    ClaimStatus.VOID_PENDING,
]


async def add(billing: Billing, claim: Claim) -> bool:
    added: bool = await billing.do(lambda uow: uow.claims.add(claim))
    return added


async def read(billing: Billing, claim_id: UUID) -> Claim | None:
    async with billing.units.begin(billing.tenant) as uow:
        return await uow.claims.get(claim_id)


async def test_a_claim_comes_back_as_it_went_in(billing: Billing) -> None:
    provider = a_provider(npi=new_npi())
    await billing.do(lambda uow: uow.providers.add(provider))
    earlier = await billing.billed()
    content = ClaimContent(
        billing_provider_id=provider.id,
        rendering_provider_id=provider.id,
        referring_provider_id=uuid4(),
        supervising_provider_id=uuid4(),
        service_facility=ServiceFacility(name="INVENTED HOUSE", npi=an_npi(3), address=an_address()),
        pay_to_address=an_address(line2="Suite 4"),
        billing_contact=Contact(name="INVENTED DESK", phone="3035550100"),
        payer_assigned_ids=(PayerAssignedId(role=ProviderRole.BILLING, number="G2-1"),),
        place_of_service="11",
        diagnoses=("F4110", "Z638"),
        lines=(a_line(), a_line(modifiers=("95", "HO"), units=Decimal("1.500"), last_date=date(2026, 8, 21))),
        prior_authorization="AUTH-1",
        referral_number="REF-1",
        patient_paid=Decimal("20.00"),
        signature_generated_by_provider=True,
    )
    claim = replace(
        await billing.billed(
            content=content,
            rank=PayerResponsibility.SECONDARY,
            frequency=ClaimFrequency.REPLACEMENT,
            previous_claim_id=earlier.id,
            replaces_claim_id=earlier.id,
            status=ClaimStatus.HELD,
            hold_reason=HoldReason.CROSSOVER_EXPECTED,
            accepted_by=AcceptedBy.PAYER,
            outcome=ClaimOutcome.PARTLY_DENIED,
            payer_claim_number="PAYERS-1",
            version=7,
        )
    )
    assert await read(billing, claim.id) == claim
    assert await read(billing, earlier.id) == earlier


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents())
async def test_whatever_a_claim_says_comes_back(billing: Billing, content: ClaimContent) -> None:
    claim = await billing.billed(content=content)
    assert await read(billing, claim.id) == claim


async def test_a_claim_is_saved_but_keeps_its_number_and_its_chain(billing: Billing) -> None:
    claim = await billing.billed()
    changed = replace(
        claim,
        coverage_id=billing.coverage_ids[1],
        status=ClaimStatus.REJECTED,
        content=some_content(place_of_service="10"),
        updated_at=NOW + timedelta(days=1),
        version=2,
    )
    kept = {"patient_control_number": a_control_number(), "chain_id": uuid4(), "encounter_id": "ANOTHER"}
    await billing.do(lambda uow: uow.claims.save(replace(changed, **kept)))  # type: ignore[arg-type]
    assert await read(billing, claim.id) == changed


@pytest.mark.parametrize("column", ["patient_control_number", "chain_id"])
async def test_the_database_itself_keeps_a_claims_number_and_chain(
    databases: Databases, billing: Billing, column: str
) -> None:
    claim, other = await billing.billed(), await billing.billed()
    statement = f"update claim set {column} = (select {column} from claim where id = :other) where id = :id"  # noqa: S608
    async with databases.as_superuser() as connection:
        with pytest.raises(DBAPIError, match="keeps its number"):
            await connection.execute(sa.text(statement), {"id": claim.id, "other": other.id})


async def test_fifty_lines_of_the_largest_amount_are_kept(billing: Billing) -> None:
    claim = await billing.billed(content=some_content(lines=tuple(a_line(charge=LARGEST_AMOUNT) for _ in range(50))))
    assert await read(billing, claim.id) == claim


async def test_nothing_a_claim_says_of_a_person_is_readable_at_rest(databases: Databases, billing: Billing) -> None:
    content = some_content(diagnoses=("F1020",), prior_authorization="ZQAUTH")
    claim = await billing.billed(content=content, payer_claim_number="ZQNUMBER")
    async with databases.as_superuser() as connection:
        row = await connection.scalar(sa.text("select c::text from claim c where id = :id"), {"id": claim.id})
    assert row is not None
    assert not [word for word in ("F1020", "ZQAUTH", "ZQNUMBER") if word in row]


async def test_a_number_that_is_taken_is_told_and_another_can_be_drawn(billing: Billing) -> None:
    first = await billing.billed()

    async def write(uow: UnitOfWork) -> list[bool]:
        chain = await billing.chain(uow)
        taken = billing.draft(chain, patient_control_number=first.patient_control_number)
        return [await uow.claims.add(taken), await uow.claims.add(replace(taken, patient_control_number="FREE"))]

    assert await billing.do(write) == [False, True]


async def test_a_second_live_claim_of_a_chain_for_one_coverage_is_refused(billing: Billing) -> None:
    first = await billing.billed()
    again = replace(first, id=uuid4(), patient_control_number=a_control_number())
    with pytest.raises(Conflict) as refused:
        await add(billing, again)
    assert refused.value.problem_code == "claim_exists"
    assert await add(billing, replace(again, coverage_id=billing.coverage_ids[1]))


@pytest.mark.parametrize("status", ClaimStatus)
async def test_a_claim_makes_room_for_its_successor_exactly_when_it_is_live_no_longer(
    billing: Billing, status: ClaimStatus
) -> None:
    first = await billing.billed(status=status, hold_reason=HoldReason.BY_HAND)
    successor = replace(
        first,
        id=uuid4(),
        status=ClaimStatus.DRAFT,
        replaces_claim_id=first.id,
        patient_control_number=a_control_number(),
    )
    if status in NOT_LIVE:
        assert not status.is_live
        assert await add(billing, successor)
        with pytest.raises(Conflict):
            await billing.do(lambda uow: uow.claims.save(replace(first, status=ClaimStatus.PAID)))
    else:
        assert status.is_live
        with pytest.raises(Conflict):
            await add(billing, successor)


async def test_of_sixty_four_claims_for_one_encounter_and_coverage_exactly_one_is_made(crowd: Billing) -> None:
    chain = await crowd.do(crowd.chain)
    outcomes = await all_at_once([add(crowd, crowd.draft(chain)) for _ in range(64)])
    assert outcomes.count(True) == 1
    refusals = [outcome for outcome in outcomes if outcome is not True]
    assert {(type(one), one.problem_code) for one in refusals} == {(Conflict, "claim_exists")}
    async with crowd.units.begin(crowd.tenant) as uow:
        assert len(await uow.claims.of_chain(chain.id)) == 1


async def test_a_draft_is_deleted_and_what_hangs_on_a_claim_keeps_it(billing: Billing) -> None:
    draft, sent = await billing.billed(), await billing.billed()
    await billing.do(lambda uow: uow.submissions.add(a_submission(claim_id=sent.id)))
    assert await billing.do(lambda uow: uow.claims.delete(draft.id)) is True
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.claims.delete(sent.id) is False
    assert await read(billing, draft.id) is None
    assert await read(billing, sent.id) == sent


async def test_a_chains_claims_come_in_the_order_in_which_they_were_made(billing: Billing) -> None:
    async def write(uow: UnitOfWork) -> list[Claim]:
        chain = await billing.chain(uow)
        claims = [
            billing.draft(chain, id=UUID(int=uuid4().int & ~0xFF | number), coverage_id=coverage_id)
            for number, coverage_id in enumerate(billing.coverage_ids)
        ]
        claims.sort(key=lambda claim: claim.id)
        for claim in reversed(claims):
            assert await uow.claims.add(claim)
        return claims

    claims = await billing.do(write)
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.claims.of_chain(claims[0].chain_id, lock=True) == tuple(claims)
        assert await uow.claims.of_chain(uuid4()) == ()


async def test_a_locked_claim_lets_events_be_added_and_nobody_else_lock_it(billing: Billing) -> None:
    claim = await billing.billed()
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.claims.get(claim.id, lock=True) == claim
        await billing.do(lambda other: other.submissions.add(a_submission(claim_id=claim.id)))
        async with billing.units.begin(billing.tenant) as other:
            await other._connection.execute(sa.text("set local lock_timeout = '50ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                await other.claims.get(claim.id, lock=True)


async def test_another_practices_claim_is_absent(billing: Billing, units: UnitsOfWork, other_tenant: Tenant) -> None:
    claim = await billing.billed()
    async with units.begin(other_tenant) as uow:
        assert await uow.claims.get(claim.id) is None
        assert await uow.claims.of_chain(claim.chain_id) == ()
        await uow.claims.save(replace(claim, status=ClaimStatus.DENIED))
        await uow.claims.delete(claim.id)
        await uow.commit()
    assert await read(billing, claim.id) == claim


@pytest.mark.parametrize(
    "wrong",
    [
        {"patient_id": uuid4()},
        {"coverage_id": uuid4()},
        {"chain_id": uuid4()},
        {"payer_id": uuid4()},
        {"previous_claim_id": uuid4()},
        {"replaces_claim_id": uuid4()},
        {"content": some_content(billing_provider_id=uuid4())},
        {"content": some_content(rendering_provider_id=uuid4())},
        {"status": ClaimStatus.HELD},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_a_claim_that_points_at_nothing_or_is_held_without_a_reason_is_not_kept(
    billing: Billing, wrong: dict[str, Any]
) -> None:
    with pytest.raises(DBAPIError) as refused:
        await billing.billed(**wrong)
    assert sqlstate(refused.value) in {"23503", "23514"}
