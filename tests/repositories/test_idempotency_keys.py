"""Idempotency keys: one row per caller, operation and key; whoever comes second waits, and is given the answer."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.domain.callers import Tenant
from app.domain.errors import IdempotencyKeyInUse
from app.repositories.idempotency_keys import KeptAnswer
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.factories import NOW
from tests.repositories.conftest import UntilOneWaits
from tests.running import Databases

BODY = b'{"name":"FICTIONAL"}'


async def claim(uow: UnitOfWork, key: str, content: bytes = b"asked", **changes: str) -> UUID | KeptAnswer:
    return await uow.idempotency_keys.claim(
        **{"caller": uow.tenant.actor, "operation": "create_patient", **changes},
        key=key,
        fingerprint=uow.idempotency_keys.fingerprint(content),
        now=uow.now,
    )


async def keep(uow: UnitOfWork, row: UUID | KeptAnswer, patient_id: UUID | None = None) -> None:
    assert isinstance(row, UUID)
    await uow.idempotency_keys.keep(row, status=201, headers=(("ETag", '"1"'),), body=BODY, patient_id=patient_id)


async def answered(units: UnitsOfWork, tenant: Tenant, key: str) -> None:
    async with units.begin(tenant) as uow:
        await keep(uow, await claim(uow, key))
        await uow.commit()


async def test_a_second_claim_finds_the_kept_answer(units: UnitsOfWork, tenant: Tenant) -> None:
    patient_id = uuid4()
    async with units.begin(tenant) as uow:
        await keep(uow, await claim(uow, "k"), patient_id)
        await uow.commit()
    async with units.begin(tenant) as uow:
        assert await claim(uow, "k", b"something else") == KeptAnswer(
            fingerprint=uow.idempotency_keys.fingerprint(b"asked"),
            patient_id=patient_id,
            status=201,
            headers=(("ETag", '"1"'),),
            body=BODY,
        )


async def test_a_kept_answer_can_be_replaced_by_the_one_that_came_later(units: UnitsOfWork, tenant: Tenant) -> None:
    async with units.begin(tenant) as uow:
        row = await claim(uow, "k")
        await keep(uow, row)
        await uow.commit()
    assert isinstance(row, UUID)
    async with units.begin(tenant) as uow:
        await uow.idempotency_keys.keep(row, status=201, headers=(), body=b"later", patient_id=None)
        kept = await claim(uow, "k")
    assert isinstance(kept, KeptAnswer)
    assert kept.body == b"later"


async def test_a_key_belongs_to_one_caller_one_operation_and_one_practice(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant
) -> None:
    await answered(units, tenant, "k")
    async with units.begin(tenant) as uow:
        assert isinstance(await claim(uow, "k", caller="another"), UUID)
        assert isinstance(await claim(uow, "k", operation="create_provider"), UUID)
        assert isinstance(await claim(uow, "K"), UUID)
    async with units.begin(other_tenant) as uow:
        assert isinstance(await claim(uow, "k"), UUID)


async def test_a_claim_that_is_rolled_back_leaves_no_key(units: UnitsOfWork, tenant: Tenant) -> None:
    async with units.begin(tenant) as uow:
        await keep(uow, await claim(uow, "k"))
    async with units.begin(tenant) as uow:
        assert isinstance(await claim(uow, "k"), UUID)


async def test_the_second_of_two_sessions_waits_for_the_first_and_gets_its_answer(
    units: UnitsOfWork, tenant: Tenant, until_one_waits: UntilOneWaits
) -> None:
    async def second() -> UUID | KeptAnswer:
        async with units.begin(tenant) as uow:
            return await claim(uow, "k")

    async with units.begin(tenant) as uow:
        row = await claim(uow, "k")
        waiting = asyncio.create_task(second())
        await until_one_waits()
        assert not waiting.done()
        await keep(uow, row)
        await uow.commit()
    found = await waiting
    assert isinstance(found, KeptAnswer)
    assert (found.status, found.body) == (201, BODY)


async def test_the_second_becomes_the_first_when_that_one_rolls_back(
    units: UnitsOfWork, tenant: Tenant, until_one_waits: UntilOneWaits
) -> None:
    async def second() -> UUID | KeptAnswer:
        async with units.begin(tenant) as uow:
            return await claim(uow, "k")

    async with units.begin(tenant) as uow:
        await claim(uow, "k")
        waiting = asyncio.create_task(second())
        await until_one_waits()
    assert isinstance(await waiting, UUID)


async def test_whoever_waits_longer_than_two_seconds_is_told_that_the_key_is_in_use(
    units: UnitsOfWork, tenant: Tenant
) -> None:
    async with units.begin(tenant) as uow:
        await claim(uow, "k")
        began = time.monotonic()
        async with units.begin(tenant) as other:
            with pytest.raises(IdempotencyKeyInUse) as refused:
                await claim(other, "k")
        waited = time.monotonic() - began
    assert refused.value.retry_after == 2
    assert 1.9 < waited < 4
    async with units.begin(tenant) as uow:
        assert isinstance(await claim(uow, "k"), UUID)


async def test_of_thirty_two_sessions_with_one_key_one_works_and_the_others_get_its_answer(
    units: UnitsOfWork, tenant: Tenant
) -> None:
    worked = 0

    async def once() -> bytes:
        nonlocal worked
        async with units.begin(tenant) as uow:
            row = await claim(uow, "k")
            if isinstance(row, KeptAnswer):
                return row.body
            worked += 1
            await asyncio.sleep(0.05)
            await keep(uow, row)
            await uow.commit()
            return BODY

    assert set(await asyncio.gather(*(once() for _ in range(32)))) == {BODY}
    assert worked == 1


async def test_keys_older_than_the_given_moment_expire_in_their_own_practice(
    units: UnitsOfWork, tenant: Tenant, other_tenant: Tenant
) -> None:
    await answered(units, tenant, "k")
    await answered(units, other_tenant, "k")
    async with units.begin(tenant) as uow:
        assert await uow.idempotency_keys.expire(before=NOW) == 0
        assert await uow.idempotency_keys.expire(before=NOW + timedelta(seconds=1)) == 1
        await uow.commit()
    async with units.begin(other_tenant) as uow:
        assert isinstance(await claim(uow, "k"), KeptAnswer)


async def test_neither_the_answer_nor_what_was_asked_stands_readable_in_the_row(
    units: UnitsOfWork, tenant: Tenant, databases: Databases
) -> None:
    await answered(units, tenant, "k")
    async with databases.as_superuser() as connection:
        row = (
            await connection.execute(
                sa.text("select * from idempotency_key where practice_id = :id"), {"id": tenant.practice_id}
            )
        ).one()
    assert b"FICTIONAL" not in bytes(row.sealed)
    async with units.begin(tenant) as uow:
        assert row.fingerprint == uow.idempotency_keys.fingerprint(b"asked")
        assert row.fingerprint != uow.idempotency_keys.fingerprint(b"asked otherwise")


async def test_a_key_that_expires_while_it_is_claimed_is_claimed_anew(units: UnitsOfWork, tenant: Tenant) -> None:
    """Between the insert that meets the old key and the look at it, the key may go; nothing but an answer comes of it."""
    done = asyncio.Event()

    async def expire() -> None:
        while not done.is_set():
            async with units.begin(tenant) as uow:
                await uow.idempotency_keys.expire(before=uow.now + timedelta(hours=1))
                await uow.commit()

    async def claim_often() -> None:
        for _ in range(150):
            async with units.begin(tenant) as uow:
                assert isinstance(await claim(uow, "k"), UUID | KeptAnswer)
                await uow.commit()

    expiring = asyncio.create_task(expire())
    try:
        await asyncio.gather(*(claim_often() for _ in range(3)))
    finally:
        done.set()
        await expiring
