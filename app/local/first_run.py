"""What a new data folder needs before the service can run: roles, tables and the demonstration, in one process.

Its imports take about as long as making a cluster, so the supervisor starts it at the same time; it then waits on stdin
for the environment to work in. A stamp in the data folder says when all of it is already done.
"""

import hashlib
import importlib
import json
import os
import sys
from pathlib import Path

from app import cli

_COMMANDS = (["database", "prepare"], ["database", "migrate"], ["seed"])
_ROOT = Path(__file__).parents[2]
_INGREDIENTS = (
    "migrations/versions/*.py",
    "app/repositories/database_roles.py",
    "app/local/seed.py",
    "app/local/demonstration.py",
    "app/local/directory_file.py",
    "app/local/*.csv",
)


class Stamp:
    """A note in the data folder: with these migrations, grants and seed the first run was done."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "prepared"

    def is_current(self) -> bool:
        return self._path.exists() and self._path.read_text(encoding="ascii") == _fingerprint()

    def set(self) -> None:
        self._path.write_text(_fingerprint(), encoding="ascii")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in _INGREDIENTS:
        for file in sorted(path for path in _ROOT.glob(pattern) if path.is_file()):
            digest.update(f"{file.relative_to(_ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def main() -> int:
    # The commands import these too, and they are the slow part: done while the database starts.
    for module in ("app.bootstrap", "app.repositories.database_roles", "app.local.seed"):
        importlib.import_module(module)
    os.environ.update(json.loads(sys.stdin.read()))
    for command in _COMMANDS:
        code = cli.main(command)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
