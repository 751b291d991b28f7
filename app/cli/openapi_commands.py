"""`crossover openapi`: the document of the API, written and compared."""

import argparse
import sys

from app.cli.commands import Commands, add


def add_openapi(commands: Commands) -> None:
    openapi = commands.add_parser("openapi", help="the API's document")
    verbs = openapi.add_subparsers(title="commands", metavar="COMMAND", required=True)
    write = add(verbs, "write", "write openapi/openapi.json from the code", _openapi_write)
    check = add(verbs, "check", "fail when the document is out of step or breaks clients", _openapi_check)
    for command in (write, check):
        command.add_argument("--folder", default="openapi")


def _openapi_write(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from app.local.openapi_file import write

    print(f"Wrote {write(Path(arguments.folder))}")
    return 0


def _openapi_check(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from app.local.openapi_file import check

    faults = check(Path(arguments.folder))
    for fault in faults:
        print(f"openapi: {fault}", file=sys.stderr)
    print(
        "The OpenAPI document is in step and breaks no client."
        if not faults
        else "The OpenAPI document is not in order."
    )
    return 1 if faults else 0
