"""When a data folder needs its first run, and what a failing one says."""

import json
import os
import subprocess
import sys
from pathlib import Path

from app.local.first_run import Stamp

REPOSITORY = Path(__file__).parents[2]


def test_a_new_folder_needs_it_and_a_stamped_one_does_not(tmp_path: Path) -> None:
    assert not Stamp(tmp_path).is_current()
    Stamp(tmp_path).set()
    assert Stamp(tmp_path).is_current()


def test_the_stamp_of_other_migrations_or_another_seed_does_not_count(tmp_path: Path) -> None:
    Stamp(tmp_path).set()
    (tmp_path / "prepared").write_text("0" * 64, encoding="ascii")
    assert not Stamp(tmp_path).is_current()


def test_it_fails_when_the_server_it_is_given_does_not_answer() -> None:
    given = {
        "CROSSOVER_MODE": "development",
        "DATABASE_ADMIN_URL": "postgresql+asyncpg://postgres:hidden@127.0.0.1:1/postgres",
        "DATABASE_OWNER_URL": "postgresql+asyncpg://crossover_owner:hidden@127.0.0.1:1/crossover",
        "DATABASE_URL": "postgresql+asyncpg://crossover_app:hidden@127.0.0.1:1/crossover",
    }
    done = subprocess.run(
        (sys.executable, "-m", "app.local.first_run"),
        input=json.dumps(given),
        text=True,
        capture_output=True,
        cwd=REPOSITORY,
        env={name: value for name, value in os.environ.items() if not name.startswith(("CROSSOVER_", "DATABASE_"))},
        check=False,
    )
    assert done.returncode != 0
    assert "hidden" not in done.stderr + done.stdout
