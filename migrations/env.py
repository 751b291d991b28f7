"""Runs migrations on a connection handed over by `crossover database migrate`, or on the owner's URL from settings."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.repositories.database import driver_url
from app.repositories.tables import metadata


def run_on(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_on_owner_url() -> None:
    from app.bootstrap import required  # noqa: PLC0415  # a connection handed over needs no settings
    from app.settings import Settings  # noqa: PLC0415

    owner_url = required(Settings.load().database_owner_url, "DATABASE_OWNER_URL")
    engine = create_async_engine(driver_url(owner_url), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
        await connection.commit()
    await engine.dispose()


handed_over = context.config.attributes.get("connection")
if isinstance(handed_over, Connection):
    run_on(handed_over)
else:
    asyncio.run(run_on_owner_url())
