"""Routes: one claim for a patient control number, across practices and for ever."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.callers import Tenant
from app.domain.claim_chains import ClaimRoute
from app.repositories.unit_of_work import UnitsOfWork
from tests.claim_records import a_control_number
from tests.factories import NOW
from tests.repositories.billing import Billing, all_at_once
from tests.running import Databases


async def add(units: UnitsOfWork, tenant: Tenant, number: str, claim_id: UUID) -> bool:
    async with units.begin(tenant) as uow:
        is_free = await uow.claim_routes.add(number, practice_id=tenant.practice_id, claim_id=claim_id, now=NOW)
        await uow.commit()
    return is_free


async def test_a_number_leads_to_its_practice_and_claim_from_outside_of_any(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant
) -> None:
    one, other = a_control_number(), a_control_number()
    claim_id, other_claim_id = uuid4(), uuid4()
    assert await add(units, tenant, one, claim_id)
    assert await add(units, other_tenant, other, other_claim_id)
    async with units.begin_plain() as work:
        found = await work.claim_routes.find([one, other, one, a_control_number()])
        assert await work.claim_routes.find([]) == {}
    assert found == {
        one: ClaimRoute(practice_id=tenant.practice_id, claim_id=claim_id),
        other: ClaimRoute(practice_id=other_tenant.practice_id, claim_id=other_claim_id),
    }


async def test_a_number_that_is_taken_in_any_practice_is_not_given_again(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant
) -> None:
    number, claim_id = a_control_number(), uuid4()
    assert await add(units, tenant, number, claim_id)
    assert not await add(units, tenant, number, uuid4())
    assert not await add(units, other_tenant, number, uuid4())
    async with units.begin_plain() as work:
        assert (await work.claim_routes.find([number]))[number].claim_id == claim_id


async def test_of_sixty_four_who_draw_the_same_number_one_has_it(crowd: Billing) -> None:
    number = a_control_number()
    outcomes = await all_at_once([add(crowd.units, crowd.tenant, number, uuid4()) for _ in range(64)])
    assert outcomes.count(True) == 1
    assert outcomes.count(False) == 63


@pytest.mark.parametrize("statement", ["update claim_route set claim_id = claim_id", "delete from claim_route"])
async def test_the_application_may_not_change_a_route(databases: Databases, statement: str) -> None:
    async with databases.as_app() as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(sa.text(statement))
