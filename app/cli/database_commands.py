"""`crossover database`: roles, schema, drift."""

import argparse
import sys

from app.cli.commands import Commands, add, load_settings


def add_database(commands: Commands) -> None:
    database = commands.add_parser("database", help="prepare and migrate the database")
    verbs = database.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add(verbs, "prepare", "make roles, database and grants as far as they are missing", _database_prepare)
    add(verbs, "migrate", "bring the schema to this version, one process at a time", _database_migrate)
    add(verbs, "check-drift", "compare a freshly migrated database with the code's tables", _database_check_drift)


def _database_prepare(_arguments: argparse.Namespace) -> int:
    import asyncio

    from app.bootstrap import required
    from app.repositories.database_roles import prepare

    settings = load_settings()
    owner_url = required(settings.database_owner_url, "DATABASE_OWNER_URL")
    app_url = required(settings.database_url, "DATABASE_URL")
    admin = settings.database_admin_url
    asyncio.run(prepare(owner_url if admin is None else admin.get_secret_value(), owner_url=owner_url, app_url=app_url))
    print("The database has its roles.")
    return 0


def _database_migrate(_arguments: argparse.Namespace) -> int:
    import asyncio

    from sqlalchemy.engine import make_url

    from app.bootstrap import required
    from app.repositories.database_roles import migrate

    settings = load_settings()
    app_role = make_url(required(settings.database_url, "DATABASE_URL")).username or ""
    revision = asyncio.run(migrate(required(settings.database_owner_url, "DATABASE_OWNER_URL"), app_role=app_role))
    print(f"The schema is at revision {revision}.")
    return 0


def _database_check_drift(_arguments: argparse.Namespace) -> int:
    from app.local.drift import drift_of_a_new_database

    differences = drift_of_a_new_database()
    for difference in differences:
        print(f"drift: {difference}", file=sys.stderr)
    print("The migrations make the tables the code expects." if not differences else "The schema has drifted.")
    return 1 if differences else 0
