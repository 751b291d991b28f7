"""Making a practice: an operator's act, on the owner's login."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import available_timezones

import uuid_utils.compat
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.domain.identifiers import is_npi
from app.domain.practices import Practice
from app.repositories.database import driver_url
from app.repositories.encryption import MasterKeys
from app.repositories.practices import add_practice


async def create_practice(
    owner_url: str, master_keys: MasterKeys, *, name: str, npi: str, time_zone: str, is_test: bool
) -> UUID | None:
    """The new practice's id; None when its NPI or time zone is not valid. Its admin fills in the rest over the API."""
    if not is_npi(npi) or time_zone not in available_timezones() or not 1 <= len(name) <= 60:
        return None
    now = datetime.now(UTC)
    practice = Practice(
        id=uuid_utils.compat.uuid7(),
        name=name,
        npi=npi,
        time_zone=time_zone,
        is_test=is_test,
        created_at=now,
        updated_at=now,
    )
    engine = create_async_engine(driver_url(owner_url), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.begin() as connection:
        await add_practice(connection, master_keys, practice)
    await engine.dispose()
    return practice.id
