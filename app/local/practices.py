"""Making a practice: an operator's act, on the owner's login."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat
from pydantic import ValidationError
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.api.schemas.practices import PracticeFields
from app.domain.practices import Practice
from app.repositories.database import driver_url
from app.repositories.encryption import MasterKeys
from app.repositories.practices import add_practice


async def create_practice(
    owner_url: str, master_keys: MasterKeys, *, name: str, npi: str, time_zone: str, is_test: bool
) -> UUID | None:
    """The new practice's id; None when its name, NPI or time zone is none the API would take: it could not show it then.

    Its admin fills in the rest over the API.
    """
    try:
        PracticeFields(name=name, npi=npi, time_zone=time_zone)
    except ValidationError:
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
