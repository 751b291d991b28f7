"""`crossover payers`: the payer directory, from files."""

import argparse
import sys

from app.cli.commands import Commands, add, load_settings


def add_payers(commands: Commands) -> None:
    payers = commands.add_parser("payers", help="the payer directory, the same for all practices")
    verbs = payers.add_subparsers(title="commands", metavar="COMMAND", required=True)
    load = add(verbs, "load", "add payers and their profiles from files, or bring them up to date", _payers_load)
    load.add_argument("--payers", required=True, metavar="FILE", help="CSV with the columns of app/local/payers.csv")
    load.add_argument("--profiles", required=True, metavar="FILE", help="CSV, as app/local/payer_profiles.csv")


def _payers_load(arguments: argparse.Namespace) -> int:
    import asyncio
    from pathlib import Path

    from app.bootstrap import required
    from app.local.directory_file import read_directory
    from app.local.directory_loading import load_directory

    try:
        directory, findings = read_directory(Path(arguments.payers), Path(arguments.profiles))
    except OSError as error:
        print(f"crossover: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    for finding in findings:
        print(f"{finding.pointer}: {finding.message}", file=sys.stderr)
    if findings:
        return 1
    asyncio.run(load_directory(required(load_settings().database_owner_url, "DATABASE_OWNER_URL"), directory))
    print(f"The directory has {len(directory.payers)} payers of these files.")
    return 0
