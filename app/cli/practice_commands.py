"""`crossover practice`: practices are made here, never by the API."""

import argparse
import sys

from app.cli.commands import Commands, add, load_settings


def add_practice(commands: Commands) -> None:
    practice = commands.add_parser("practice", help="practices are made here, never by the API")
    verbs = practice.add_subparsers(title="commands", metavar="COMMAND", required=True)
    create = add(verbs, "create", "make a practice with keys of its own and print its id", _practice_create)
    create.add_argument("--name", required=True)
    create.add_argument("--npi", required=True)
    create.add_argument("--time-zone", required=True, help="an IANA name, such as America/Denver")
    create.add_argument("--production", action="store_true", help="its claims go to real payers; test otherwise")


def _practice_create(arguments: argparse.Namespace) -> int:
    import asyncio

    from app.bootstrap import master_keys_of, required
    from app.local.practices import create_practice

    settings = load_settings()
    practice_id = asyncio.run(
        create_practice(
            required(settings.database_owner_url, "DATABASE_OWNER_URL"),
            master_keys_of(settings),
            name=arguments.name,
            npi=arguments.npi,
            time_zone=arguments.time_zone,
            is_test=not arguments.production,
        )
    )
    if practice_id is None:
        print("crossover: the name, the NPI or the time zone is not valid", file=sys.stderr)
        return 1
    print(practice_id)
    return 0
