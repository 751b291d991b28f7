"""Schema drift: what the migrations make against what `repositories/tables.py` says, on a new database of our own."""

import asyncio
import tempfile
from pathlib import Path

from app.local.postgres import EmbeddedPostgres
from app.repositories.database_roles import drift, migrate, prepare


def drift_of_a_new_database() -> list[str]:
    """Differences; empty when a freshly migrated database has exactly the code's tables."""
    with (
        tempfile.TemporaryDirectory(prefix="crossover-drift-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres", fsync=False) as postgres,
    ):
        return asyncio.run(_migrated_drift(postgres))


async def _migrated_drift(postgres: EmbeddedPostgres) -> list[str]:
    await prepare(postgres.superuser_url, owner_url=postgres.owner_url, app_url=postgres.app_url)
    await migrate(postgres.owner_url, app_role="crossover_app")
    return await drift(postgres.owner_url)
