"""`crossover payers load`, as an operator runs it."""

import os
import subprocess
import sys
from pathlib import Path

from app.local.directory_file import PAYERS_FILE, PROFILES_FILE
from tests.running import Databases


def load(databases: Databases, payers: Path, profiles: Path) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CROSSOVER_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "payers", "load", "--payers", str(payers), "--profiles", str(profiles)],
        env=plain | {"DATABASE_OWNER_URL": databases.owner_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_operator_loads_the_directory_as_often_as_the_files_change(databases: Databases) -> None:
    for _ in range(2):
        loaded = load(databases, PAYERS_FILE, PROFILES_FILE)
        assert (loaded.returncode, loaded.stderr) == (0, "")
    assert loaded.stdout == "The directory has 3000 payers of these files.\n"


def test_a_broken_file_is_refused_with_each_place(databases: Databases, tmp_path: Path) -> None:
    lines = PAYERS_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    broken = tmp_path / "payers.csv"
    broken.write_text("".join([*lines[:-1], lines[-1].replace("X", "?", 1)]), encoding="utf-8")
    refused = load(databases, broken, PROFILES_FILE)
    assert refused.returncode == 1
    assert f"/{len(lines)}/" in refused.stderr
    missing = load(databases, tmp_path / "none.csv", PROFILES_FILE)
    assert missing.returncode == 1
    assert "No such file" in missing.stderr
