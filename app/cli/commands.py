"""What the commands of all families share: how one is added, and what is said when a setting is refused.

A command imports what it needs when it runs: `crossover --help` and `crossover x12` need no setting, database or network.
"""

import argparse
import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from app.settings import Settings

Run: TypeAlias = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  argparse names it nowhere else


def add(commands: Commands, name: str, text: str, run: Run) -> argparse.ArgumentParser:
    """A command of the service: it may end with the settings that are missing or refused."""
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=functools.partial(_run, run))
    return command


def load_settings() -> "Settings":
    from app.settings import Settings

    return Settings.load()


def _run(run: Run, arguments: argparse.Namespace) -> int:
    from app.settings import SettingsRefused

    try:
        return run(arguments)
    except SettingsRefused as refused:
        for problem in refused.problems:
            print(f"crossover: {problem}", file=sys.stderr)
        return 1
