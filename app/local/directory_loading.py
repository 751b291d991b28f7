"""Loading the payer directory: an operator's act, on the owner's login, as often as the files change."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.local.directory_file import Directory
from app.repositories.database import driver_url
from app.repositories.payer_profiles import NIL_PRACTICE, PayerProfiles
from app.repositories.payers import Payers


async def load_directory(owner_url: str, directory: Directory) -> None:
    """Adds payers and general profile entries, and brings those that are there up to date; removes none."""
    engine = create_async_engine(driver_url(owner_url), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.begin() as connection:
        await Payers(connection).upsert(directory.payers)
        await connection.execute(
            sa.text("select set_config('crossover.practice_id', :practice_id, true)"),
            {"practice_id": str(NIL_PRACTICE)},
        )
        await PayerProfiles(connection, NIL_PRACTICE).upsert_general(
            directory.profile_entries, created_at=datetime.now(UTC)
        )
    await engine.dispose()
