"""Roles, grants and migrations: what `crossover database prepare` and `crossover database migrate` do.

The application's login owns nothing, is no superuser and has no BYPASSRLS; it is granted table by table what it needs.
`audit_event` and `claim_event` can only be read and added to. The owner migrates, under an advisory lock, one process
at a time.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection, pool
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.repositories.database import driver_url, sqlstate
from app.repositories.tables import TENANT_TABLES

if TYPE_CHECKING:
    from alembic.config import Config

GRANTS: dict[str, str] = {
    "practice": "select, update",
    "payer": "select",
    "control_number": "select, insert, update",
    "clearinghouse_connection": "select, insert, update",
    "job": "select, insert, update, delete",
    "claim_route": "select, insert",
    "feed_position": "select, insert, update",
    "inbound_document": "select, insert, update",
    "practice_key": "select",
    "payer_profile": "select, insert",
    "provider": "select, insert, update",
    "patient": "select, insert, update",
    "coverage": "select, insert, update",
    "coverage_rank": "select, insert, delete",
    "eligibility_check": "select, insert, update",
    "eligibility_exchange": "select, insert, update",
    "claim_chain": "select, insert, update",
    "claim": "select, insert, update, delete",
    "submission": "select, insert, update",
    "adjudication": "select, insert, update",
    "claim_event": "select, insert",
    "claim_acknowledgment": "select, insert",
    "remittance": "select, insert",
    "claim_payment": "select, insert, update",
    "work_item": "select, insert, update",
    "idempotency_key": "select, insert, update, delete",
    "audit_event": "select, insert",
    "alembic_version": "select",
}
_MIGRATION_LOCK = 7_226_710_801
_MAY_BECOME_MORE = sa.text(
    """
    select exists (
        select from pg_roles where rolname <> current_user and pg_has_role(current_user, oid, 'member') and (
            rolsuper or rolbypassrls
            or exists (select from pg_class where relowner = pg_roles.oid and relnamespace = 'public'::regnamespace)
        )
    )
    """
)
"""`set role` makes a member of the owner the owner, whatever the login's own attributes say."""


async def prepare(admin_url: str, *, owner_url: str, app_url: str) -> None:
    """Makes the owner, the application's login and the database, as far as they are missing; sets their passwords.

    `admin_url` must be allowed to create roles and databases; on a managed server it may be the owner's own URL, then
    only the application's login is made.
    """
    owner, app = make_url(owner_url), make_url(app_url)
    engine = create_async_engine(
        driver_url(admin_url), poolclass=pool.NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    async with engine.connect() as connection:
        admin = make_url(admin_url).username
        for url in (owner, app):
            if url.username != admin:
                await _make_login(connection, url)
        exists = await connection.scalar(
            sa.text("select 1 from pg_database where datname = :name"), {"name": owner.database}
        )
        if not exists:
            await connection.execute(
                sa.text(f"create database {_quoted(owner.database)} owner {_quoted(owner.username)} template template0")
            )
    await engine.dispose()
    engine = create_async_engine(driver_url(owner_url), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.begin() as connection:
        # By default anybody may connect and make temporary tables, which would stand before the real ones in a search path.
        await connection.execute(sa.text(f"revoke all on database {_quoted(owner.database)} from public"))
        await connection.execute(
            sa.text(f"grant connect on database {_quoted(owner.database)} to {_quoted(app.username)}")
        )
        await connection.execute(sa.text("revoke create on schema public from public"))
        await connection.execute(sa.text(f"grant usage on schema public to {_quoted(app.username)}"))
    await engine.dispose()


async def migrate(owner_url: str, *, app_role: str) -> str:
    """Brings the schema to the newest revision and renews the grants; returns the revision."""
    engine = create_async_engine(driver_url(owner_url), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.connect() as connection:
        await connection.execute(sa.text("select pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
        await connection.commit()
        await connection.run_sync(_upgrade)
        for table, privileges in GRANTS.items():
            await connection.execute(sa.text(f"revoke all on {table} from {_quoted(app_role)}"))
            await connection.execute(sa.text(f"grant {privileges} on {table} to {_quoted(app_role)}"))
        await connection.commit()
        await connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": _MIGRATION_LOCK})
    await engine.dispose()
    return newest_revision()


async def drift(owner_url: str) -> list[str]:
    """What `tables.py` says and a migrated database does not, or the other way round; empty when they agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  # only this check needs it
    from alembic.migration import MigrationContext  # noqa: PLC0415

    from app.repositories.tables import metadata  # noqa: PLC0415

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        return [repr(entry) for entry in compare_metadata(context, metadata)]

    engine = create_async_engine(driver_url(owner_url), poolclass=pool.NullPool, hide_parameters=True)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


@cache
def newest_revision() -> str:
    """The schema version this code was written for."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see `_config`

    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("there are no migrations")
    return revision


async def schema_revision(connection: AsyncConnection) -> str | None:
    """The schema version the database has; None when it was never migrated."""
    known = await connection.scalar(sa.text("select to_regclass('public.alembic_version')"))
    if known is None:
        return None
    revision = await connection.scalar(sa.text("select version_num from alembic_version"))
    return None if revision is None else str(revision)


async def unsafe_facts(connection: AsyncConnection) -> list[str]:
    """Why production must not start on this login and schema: privileges that step over row-level security."""
    facts: list[str] = []
    role = (
        await connection.execute(sa.text("select rolsuper, rolbypassrls from pg_roles where rolname = current_user"))
    ).one()
    if role.rolsuper:
        facts.append("the database login is a superuser")
    if role.rolbypassrls:
        facts.append("the database login has BYPASSRLS")
    if not role.rolsuper and await connection.scalar(_MAY_BECOME_MORE):
        facts.append("the database login is a member of a role that owns tables, is a superuser or has BYPASSRLS")
    owned = await connection.scalar(
        sa.text(
            "select count(*) from pg_class where relowner = current_user::regrole and relkind in ('r', 'p', 'v', 'm')"
        )
    )
    if owned:
        facts.append("the database login owns tables")
    unforced = await connection.scalars(
        sa.text(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relname = any(:tables) "
            "and not (relrowsecurity and relforcerowsecurity) order by relname"
        ),
        {"tables": list(TENANT_TABLES)},
    )
    facts.extend(f"row-level security is not forced on {table}" for table in unforced)
    if await connection.scalar(sa.text("show fsync")) != "on":
        facts.append("the server runs with fsync off")
    return facts


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # see `_config`

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> "Config":
    """`alembic.ini` and `migrations/` lie beside the package, in a checkout as in the image.

    Alembic is imported here and not above: it would take an eighth of a second from the start of every process.
    """
    from alembic.config import Config  # noqa: PLC0415

    root = Path(__file__).resolve().parents[2]
    if not (root / "alembic.ini").exists():
        root = Path.cwd()
    config = Config(root / "alembic.ini")
    config.set_main_option("script_location", str(root / "migrations"))
    return config


async def _make_login(connection: AsyncConnection, url: URL) -> None:
    exists = await connection.scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": url.username})
    # Only a superuser may name superuser and bypassrls in `alter role`, be it to take them away; `unsafe_facts` sees them.
    verb, attributes = ("alter", "") if exists else ("create", "nosuperuser nobypassrls nocreatedb nocreaterole")
    password = (url.password or "").replace("'", "''")
    statement = sa.text(f"{verb} role {_quoted(url.username)} with login {attributes} password '{_escaped(password)}'")
    try:
        await connection.execute(statement)
    except DBAPIError as error:  # its text quotes the statement, with the password in it
        raise RuntimeError(f"the role {url.username} cannot be made or changed: {sqlstate(error)}") from None


def _escaped(text: str) -> str:
    """Keeps SQLAlchemy from reading a colon in a password as a parameter."""
    return text.replace(":", "\\:")


def _quoted(name: str | None) -> str:
    if not name:
        raise ValueError("the database URL names no role or database")
    return '"' + name.replace('"', '""') + '"'
