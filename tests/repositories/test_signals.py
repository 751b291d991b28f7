"""LISTEN and NOTIFY: who is woken by what, and what a lost connection costs."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from app.repositories.signals import Signals, _options
from tests.running import Databases

CHANNEL = "tests_of_signals"


@pytest.fixture
async def signals(databases: Databases) -> AsyncIterator[Signals]:
    listening = Signals(databases.app_url, (CHANNEL,))
    with listening.subscribe(CHANNEL) as anything:
        await listening.start()
        async with asyncio.timeout(10):
            await anything.wait()  # everyone is woken when the listening begins
    yield listening
    await listening.stop()


async def notify(databases: Databases, payload: str) -> None:
    async with databases.as_app() as connection:
        await connection.execute(sa.select(sa.func.pg_notify(CHANNEL, payload)))


async def test_a_signal_wakes_who_waits_for_it_and_who_waits_for_anything(
    databases: Databases, signals: Signals
) -> None:
    with (
        signals.subscribe(CHANNEL, "one") as one,
        signals.subscribe(CHANNEL, "two") as two,
        signals.subscribe(CHANNEL) as anything,
    ):
        await notify(databases, "one")
        async with asyncio.timeout(5):
            await one.wait()
        assert (anything.is_set(), two.is_set()) == (True, False)


async def test_a_signal_of_a_transaction_that_rolls_back_is_not_heard(databases: Databases, signals: Signals) -> None:
    with signals.subscribe(CHANNEL) as anything:
        async with databases.as_app() as connection:
            await connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "never")))
            await connection.rollback()
        await asyncio.sleep(0.2)
        assert not anything.is_set()


async def test_after_a_lost_connection_everyone_looks_again_and_signals_are_heard(
    databases: Databases, signals: Signals
) -> None:
    with signals.subscribe(CHANNEL, "one") as one:
        async with databases.as_superuser() as connection:
            cut = await connection.scalar(
                sa.text(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    " where application_name = 'crossover signals' and datname = current_database()"
                )
            )
        assert cut >= 1
        async with asyncio.timeout(5):
            await one.wait()
        one.clear()
        await notify(databases, "one")
        async with asyncio.timeout(5):
            await one.wait()


async def test_nobody_is_kept_waiting_once_the_process_stops(signals: Signals) -> None:
    with signals.subscribe(CHANNEL, "one") as one:
        assert not signals.is_released
        signals.release()
        assert one.is_set()
        assert signals.is_released


async def test_who_no_longer_waits_is_forgotten(signals: Signals) -> None:
    with signals.subscribe(CHANNEL, "one"):
        pass
    assert dict(signals._waiting) == {}


def test_it_connects_as_the_pool_does() -> None:
    assert _options("postgres://someone:word@one.example:6543/crossover?sslmode=verify-full") == {
        "user": "someone",
        "password": "word",
        "host": "one.example",
        "port": 6543,
        "database": "crossover",
        "ssl": "verify-full",
    }
    assert _options("postgresql+asyncpg://u@/db?host=/run/postgresql&prepared_statement_cache_size=0") == {
        "user": "u",
        "host": "/run/postgresql",
        "database": "db",
    }
