"""Chains: one live chain for an encounter and a billing provider, whoever is faster."""

from uuid import uuid4

from app.domain.callers import Tenant
from app.domain.claim_chains import BILLED_BY_PRACTICE, ClaimChain, billing_key
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.factories import NOW
from tests.repositories.billing import Billing, all_at_once
from tests.repositories.conftest import added_patient


async def test_a_chain_comes_back_as_it_is(billing: Billing) -> None:
    chain = await billing.do(billing.chain)
    assert (chain.patient_id, chain.billing_key) == (billing.patient.id, BILLED_BY_PRACTICE)
    assert (chain.is_live, chain.settled) == (True, False)
    async with billing.units.begin(billing.tenant) as uow:
        assert await uow.claim_chains.get(chain.id, lock=True) == chain
        await uow.claim_chains.settle(chain.id, settled=True)
        settled = await uow.claim_chains.get(chain.id)
    assert settled is not None
    assert settled.settled


async def test_the_live_chain_of_an_encounter_is_found_again(billing: Billing) -> None:
    first = await billing.do(lambda uow: billing.chain(uow, "ENC-7"))
    again = await billing.do(lambda uow: billing.chain(uow, "ENC-7"))
    assert again == first


async def test_an_encounter_has_a_chain_for_each_billing_provider(billing: Billing) -> None:
    async def add(key: str) -> ClaimChain:
        chain: ClaimChain = await billing.do(
            lambda uow: uow.claim_chains.get_or_add_live(
                encounter_id="ENC-8", billing_key=key, patient_id=billing.patient.id, now=NOW
            )
        )
        return chain

    provider_id = uuid4()
    chains = [await add(billing_key(None)), await add(billing_key(provider_id))]
    assert [chain.billing_key for chain in chains] == ["practice", str(provider_id)]


async def test_a_chain_that_is_given_up_makes_room_for_another(billing: Billing) -> None:
    old = await billing.do(lambda uow: billing.chain(uow, "ENC-9"))
    await billing.do(lambda uow: uow.claim_chains.retire(old.id))
    new = await billing.do(lambda uow: billing.chain(uow, "ENC-9"))
    assert new.id != old.id


async def test_the_chain_of_another_patient_is_given_out_to_be_compared(billing: Billing) -> None:
    first = await billing.do(lambda uow: billing.chain(uow, "ENC-10"))
    other = await added_patient(billing.units, billing.tenant)

    async def ask(uow: UnitOfWork) -> object:
        return await uow.claim_chains.get_or_add_live(
            encounter_id="ENC-10", billing_key=BILLED_BY_PRACTICE, patient_id=other.id, now=NOW
        )

    assert await billing.do(ask) == first


async def test_sixty_four_who_ask_at_once_are_given_one_chain(crowd: Billing) -> None:
    encounter_id = uuid4().hex
    attempts = [crowd.do(lambda uow: crowd.chain(uow, encounter_id)) for _ in range(64)]
    chains = await all_at_once(attempts)
    assert len({chain.id for chain in chains}) == 1


async def test_another_practice_has_its_own_chain_for_the_same_encounter(
    billing: Billing, units: UnitsOfWork, other_tenant: Tenant
) -> None:
    chain = await billing.do(lambda uow: billing.chain(uow, "ENC-11"))
    patient = await added_patient(units, other_tenant)
    async with units.begin(other_tenant) as uow:
        assert await uow.claim_chains.get(chain.id) is None
        theirs = await uow.claim_chains.get_or_add_live(
            encounter_id="ENC-11", billing_key=BILLED_BY_PRACTICE, patient_id=patient.id, now=NOW
        )
        assert theirs.id != chain.id
        await uow.claim_chains.retire(chain.id)
        await uow.commit()
    async with units.begin(billing.tenant) as uow:
        assert await uow.claim_chains.get(chain.id) == chain
