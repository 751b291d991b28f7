"""An encounter has one live claim for a coverage, however many ask for it at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date

import pytest

from app.domain.claim_states import ClaimStatus
from app.domain.practices import Practice
from tests.running import Databases
from tests.use_cases.claim_desk import ClaimDesk, a_known_provider, conflict, opened, said, stored

AT_ONCE = 64
BUSY = "database_unavailable"
"""What somebody is told who waits longer than the lock time-out on a busy machine: try again, nothing was written."""


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[ClaimDesk]:
    async with opened(databases, practice) as one:
        yield one


async def test_an_encounter_has_one_live_claim_for_a_coverage(desk: ClaimDesk) -> None:
    primary, _ = await desk.insured()
    claim = await desk.create()
    await conflict("claim_exists", desk.create(claim.encounter_id))
    await conflict("claim_exists", desk.create(claim.encounter_id, coverage_id=primary.id))


async def test_an_encounter_is_not_begun_again_at_another_payer(desk: ClaimDesk) -> None:
    first, second = await desk.insured()
    claim = await desk.create()
    await desk.coverages.order(date(2026, 1, 1), second, first)
    await conflict("encounter_billed", desk.create(claim.encounter_id))


async def test_an_encounter_is_one_patients(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    other = await desk.at_another_patient()
    await other.insured()
    await conflict("encounter_of_other_patient", other.create(claim.encounter_id))


async def test_another_billing_provider_bills_the_encounter_for_itself(desk: ClaimDesk) -> None:
    await desk.insured()
    provider = await a_known_provider(desk)
    claim = await desk.create()
    theirs = await desk.create(claim.encounter_id, billing_provider_id=provider.id)
    assert theirs.chain_id != claim.chain_id
    await conflict("claim_exists", desk.create(claim.encounter_id, billing_provider_id=provider.id))


async def test_a_voided_claim_gives_its_encounter_free(
    desk: ClaimDesk, databases: Databases, practice: Practice
) -> None:
    await desk.insured()
    claim = await desk.create()
    voided = await desk.becomes(claim, status=ClaimStatus.VOID_PENDING)
    await conflict("encounter_billed", desk.create(claim.encounter_id))
    await desk.becomes(voided, status=ClaimStatus.VOIDED)
    anew = await desk.create(claim.encounter_id)
    assert anew.chain_id != claim.chain_id
    rows = await stored(databases, practice, encounter_id=claim.encounter_id)
    assert {row.chain_id: row.is_live for row in rows} == {claim.chain_id: False, anew.chain_id: True}


async def test_of_64_at_once_one_has_the_encounter(desk: ClaimDesk, databases: Databases, practice: Practice) -> None:
    primary, _ = await desk.insured()
    outcomes = await asyncio.gather(
        *(desk.create("ENC-64", coverage_id=primary.id if number % 2 else None) for number in range(AT_ONCE)),
        return_exceptions=True,
    )
    counted = Counter(map(said, outcomes))
    assert counted["made"] == 1
    assert counted.keys() <= {"made", "claim_exists", BUSY}
    assert len(await stored(databases, practice)) == 1


async def test_of_two_patients_64_claims_at_once_one_has_the_encounter(
    desk: ClaimDesk, databases: Databases, practice: Practice
) -> None:
    other = await desk.at_another_patient()
    await desk.insured()
    await other.insured()
    outcomes = await asyncio.gather(
        *((desk, other)[number % 2].create("ENC-64") for number in range(AT_ONCE)), return_exceptions=True
    )
    counted = Counter(map(said, outcomes))
    assert counted["made"] == 1
    assert counted.keys() <= {"made", "claim_exists", "encounter_of_other_patient", BUSY}
    assert len(await stored(databases, practice)) == 1


async def test_an_encounter_that_is_deleted_and_billed_at_once_keeps_every_claim_in_a_live_chain(
    desk: ClaimDesk, databases: Databases, practice: Practice
) -> None:
    await desk.insured()
    for number in range(20):
        claim = await desk.create(f"ENC-{number}")
        await asyncio.gather(
            desk.delete(claim), *(desk.create(claim.encounter_id) for _ in range(3)), return_exceptions=True
        )
        rows = await stored(databases, practice, encounter_id=claim.encounter_id)
        assert [row.is_live for row in rows] in ([], [True])
        if not rows:
            await desk.create(claim.encounter_id)
