"""The command line: `crossover COMMAND`, each with --help. Exit code 0, or 1 with one line that says why.

One module for each family of commands; `x12` is the one that needs neither settings nor a database.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.database_commands import add_database
from app.cli.inbound_commands import add_inbound
from app.cli.openapi_commands import add_openapi
from app.cli.payer_commands import add_payers
from app.cli.practice_commands import add_practice
from app.cli.service_commands import add_demonstration, add_processes
from app.cli.token_command import add_token
from app.cli.x12_commands import add_x12

if TYPE_CHECKING:
    from app.cli.commands import Run


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    run: Run | None = getattr(chosen, "run", None)
    if run is None:
        parser.print_help()
        return 2
    try:
        return run(chosen)
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="crossover", description="Coordination of benefits for outpatient practices.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    add_processes(commands)
    add_database(commands)
    add_practice(commands)
    add_payers(commands)
    add_inbound(commands)
    add_token(commands)
    add_openapi(commands)
    add_x12(commands)
    add_demonstration(commands)
    return parser
