"""Adjudications at rest: versions that never change, exactly one of them current, apart by practice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.adjudications import (
    Adjudication,
    AdjudicationSource,
    AdjudicationStatus,
    Adjustment,
    AdjustmentGroup,
    Assumption,
    Decision,
    LineDecision,
)
from app.domain.callers import Tenant
from app.domain.claim_states import ClaimOutcome
from app.domain.claims import Claim
from app.repositories.claim_tables import adjudication
from app.repositories.database import sqlstate
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.domain.claims import DECISION_DAY, an_adjudication
from tests.factories import NOW
from tests.repositories.billing import Billing, all_at_once
from tests.running import Databases

FROZEN = [column.name for column in adjudication.columns if column.name not in {"practice_id", "status"}]
FULL = Decision(
    adjudication_date=DECISION_DAY,
    paid=Decimal("80.00"),
    adjustments=(
        Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code=None, amount=Decimal("25.00")),
        Adjustment(group=AdjustmentGroup.OTHER, reason_code="94", amount=Decimal("-9.00"), quantity=Decimal(1)),
    ),
    remark_codes=("N519",),
    remaining_liability=Decimal("0.00"),
    payer_claim_number="PAYERS-1",
    lines=(
        LineDecision(
            line_id=uuid4(),
            paid=Decimal("0.00"),
            procedure_code="90834",
            modifiers=("95",),
            units=Decimal("1.5"),
            bundled_into_line_id=uuid4(),
            adjustments=(Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal("45.00")),),
            remark_codes=("M15",),
            remaining_liability=Decimal("25.00"),
        ),
    ),
    assumptions=(Assumption(code="contractual", message="CO-45 by default.", pointer="/adjustments/0"),),
    was_forwarded=True,
)


@pytest.fixture
async def claim(billing: Billing) -> Claim:
    return await billing.billed()


@pytest.fixture
async def first(billing: Billing, claim: Claim) -> Adjudication:
    value = an_adjudication(claim, FULL, outcome=ClaimOutcome.PARTLY_DENIED)
    await billing.do(lambda uow: uow.adjudications.add(value))
    return value


async def test_a_decision_comes_back_as_it_went_in(billing: Billing, claim: Claim, first: Adjudication) -> None:
    repaired = replace(
        first,
        id=uuid4(),
        number=2,
        status=AdjudicationStatus.PROPOSED,
        source=AdjudicationSource.REPAIR,
        based_on=first.id,
        repair_id="repair-1",
        response_id=uuid4(),
    )
    await billing.do(lambda uow: uow.adjudications.add(repaired))
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.adjudications.get(first.id) == first
        assert await uow.adjudications.versions(claim.id) == (first, repaired)
        assert await uow.adjudications.current(claim.id) == first
        assert await uow.adjudications.next_number(claim.id) == 3
        assert await uow.adjudications.next_number(uuid4()) == 1
        assert await uow.adjudications.get(uuid4()) is None
        assert await uow.adjudications.current(uuid4()) is None


async def test_a_new_current_version_supersedes_the_current_one(
    billing: Billing, claim: Claim, first: Adjudication
) -> None:
    second = replace(first, id=uuid4(), number=2)
    await billing.do(lambda uow: uow.adjudications.add(second))
    async with billing.units.begin(billing.tenant) as uow:
        versions = await uow.adjudications.versions(claim.id)
    assert versions == (replace(first, status=AdjudicationStatus.SUPERSEDED), second)


async def test_a_proposed_version_that_is_accepted_supersedes_the_current_one(
    billing: Billing, claim: Claim, first: Adjudication
) -> None:
    proposed = replace(first, id=uuid4(), number=2, status=AdjudicationStatus.PROPOSED)
    await billing.do(lambda uow: uow.adjudications.add(proposed))
    await billing.do(lambda uow: uow.adjudications.set_status(proposed.id, AdjudicationStatus.CURRENT))
    async with billing.units.begin(billing.tenant) as uow:
        versions = await uow.adjudications.versions(claim.id)
    assert [version.status for version in versions] == [AdjudicationStatus.SUPERSEDED, AdjudicationStatus.CURRENT]


async def test_a_version_that_is_put_aside_leaves_none_current(
    billing: Billing, claim: Claim, first: Adjudication
) -> None:
    await billing.do(lambda uow: uow.adjudications.set_status(first.id, AdjudicationStatus.SUPERSEDED))
    await billing.do(lambda uow: uow.adjudications.set_status(uuid4(), AdjudicationStatus.CURRENT))
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.adjudications.current(claim.id) is None


async def test_of_sixty_four_decisions_entered_at_once_under_the_claims_lock_one_is_current_and_none_is_lost(
    crowd: Billing,
) -> None:
    claim = await crowd.billed()

    async def decide(uow: UnitOfWork) -> None:
        assert await uow.claims.get(claim.id, lock=True) is not None
        number = await uow.adjudications.next_number(claim.id)
        await uow.adjudications.add(an_adjudication(claim, number=number))

    assert await all_at_once([crowd.do(decide) for _ in range(64)]) == [None] * 64
    async with crowd.units.begin(crowd.tenant) as uow:
        versions = await uow.adjudications.versions(claim.id)
    assert [version.number for version in versions] == list(range(1, 65))
    assert [version.number for version in versions if version.status is AdjudicationStatus.CURRENT] == [64]


async def test_two_current_versions_are_refused_even_without_the_lock(
    databases: Databases, billing: Billing, first: Adjudication
) -> None:
    superseded = replace(first, id=uuid4(), number=2, status=AdjudicationStatus.SUPERSEDED)
    await billing.do(lambda uow: uow.adjudications.add(superseded))
    async with databases.as_superuser() as connection:
        with pytest.raises(DBAPIError, match="adjudication_current_key"):
            await connection.execute(
                sa.update(adjudication).where(adjudication.c.id == superseded.id).values(status="current")
            )


async def test_the_current_versions_of_a_chain_are_found_by_their_claims(billing: Billing) -> None:
    async def write(uow: UnitOfWork) -> dict[UUID, Adjudication]:
        chain = await billing.chain(uow)
        decisions: dict[UUID, Adjudication] = {}
        for coverage_id in billing.coverage_ids:
            claim = billing.draft(chain, coverage_id=coverage_id)
            assert await uow.claims.add(claim)
            for number in (1, 2):
                decisions[claim.id] = an_adjudication(claim, number=number)
                await uow.adjudications.add(decisions[claim.id])
        return decisions

    decisions = await billing.do(write)
    async with billing.units.begin(billing.tenant) as uow:
        chain_id = next(iter(decisions.values())).chain_id
        assert await uow.adjudications.currents_of_chain(chain_id) == decisions


@pytest.mark.parametrize("column", FROZEN)
async def test_the_database_refuses_to_change_a_version(
    databases: Databases, billing: Billing, first: Adjudication, column: str
) -> None:
    claim = await billing.billed()
    other = an_adjudication(
        claim,
        number=2,
        source=AdjudicationSource.ERA,
        based_on=first.id,
        repair_id="repair-1",
        response_id=uuid4(),
        created_by="another",
        created_at=NOW + timedelta(days=1),
        payer_id=uuid4(),
    )
    async with databases.as_superuser() as connection:
        payer = await connection.scalar(sa.text("select id from payer where id <> :id limit 1"), {"id": first.payer_id})
    other = replace(other, payer_id=UUID(str(payer)))
    await billing.do(lambda uow: uow.adjudications.add(other))
    value = sa.select(adjudication.c[column]).where(adjudication.c.id == other.id).scalar_subquery()
    change = sa.update(adjudication).where(adjudication.c.id == first.id).values({column: value})
    async with databases.as_superuser() as connection:
        with pytest.raises(DBAPIError, match="adjudication is frozen") as refused:
            await connection.execute(change)
    assert sqlstate(refused.value) == "42501"


async def test_what_a_payer_decided_is_not_readable_at_rest(
    databases: Databases, billing: Billing, first: Adjudication
) -> None:
    async with databases.as_superuser() as connection:
        row = await connection.scalar(sa.text("select a::text from adjudication a where id = :id"), {"id": first.id})
    assert row is not None
    assert not [word for word in ("PAYERS-1", "N519", "80.00") if word in row]


async def test_another_practices_decisions_are_absent(
    billing: Billing, claim: Claim, first: Adjudication, units: UnitsOfWork, other_tenant: Tenant
) -> None:
    async with units.begin(other_tenant) as uow:
        assert await uow.adjudications.get(first.id) is None
        assert await uow.adjudications.versions(claim.id) == ()
        assert await uow.adjudications.currents_of_chain(claim.chain_id) == {}
        await uow.adjudications.set_status(first.id, AdjudicationStatus.SUPERSEDED)
        await uow.commit()
    async with units.begin(billing.tenant) as uow:
        assert await uow.adjudications.current(claim.id) == first
