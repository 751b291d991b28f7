"""Root and ordinary users alike; nobody's folders are opened and no account is made."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.local.binaries import find_binaries
from tests.local.launching import (
    NOBODY,
    REPOSITORY,
    Launcher,
    ask,
    every_account_reaches,
    launched,
    path_with_only,
    refusal_of_launch,
    short_folder,
)

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="only root on Linux can take the place of other accounts"
)


@contextmanager
def nothing_outside_changes(data_dir: Path) -> Iterator[None]:
    """Modes and owners above the data folder and above the programs, and the list of accounts."""
    binaries = find_binaries().folder
    watched = [*data_dir.parents, binaries, *binaries.parents, Path.home()]

    def picture() -> object:
        seen = [(path, stat.S_IMODE(path.stat().st_mode), path.stat().st_uid, path.stat().st_gid) for path in watched]
        return seen, Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()

    before = picture()
    yield
    assert picture() == before


def status(launcher: Launcher) -> dict[str, list[str]]:
    lines = Path(f"/proc/{launcher.server_pid}/status").read_text(encoding="ascii").splitlines()
    return {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}


async def test_root_runs_it_in_a_user_namespace_and_keeps_its_files(tmp_path: Path) -> None:
    with nothing_outside_changes(tmp_path / "data"), launched(tmp_path / "data") as launcher:
        if Path(f"/proc/{launcher.server_pid}/uid_map").read_text(encoding="ascii").split()[1:] == ["0", "4294967295"]:
            pytest.skip("user namespaces are refused here")
        assert await ask(launcher.dsn, "select 1") == 1
        assert status(launcher)["CapEff"] == ["0000000000000000"]
        assert {path.stat().st_uid for path in (tmp_path / "data").rglob("*")} == {0}


async def test_without_namespaces_an_unprivileged_account_runs_it_with_no_capability(tmp_path: Path) -> None:
    path = path_with_only("setpriv", folder=tmp_path / "bin")
    with short_folder(0o755) as folder, nothing_outside_changes(folder / "data"):
        if not every_account_reaches(find_binaries().folder):
            pytest.skip("the programs are below a folder that other accounts cannot enter")
        with launched(folder / "data", env={"PATH": path}) as launcher:
            assert await ask(launcher.dsn, "select 1") == 1
            assert status(launcher)["Uid"][0] != "0"
            assert status(launcher)["Groups"] == []
            assert status(launcher)["CapEff"] == ["0000000000000000"]
            launcher.kill()


async def test_below_a_closed_folder_the_account_may_pass_and_the_folder_stays_closed(tmp_path: Path) -> None:
    path = path_with_only("setpriv", folder=tmp_path / "bin")
    with short_folder(0o700) as folder, nothing_outside_changes(folder / "data"):
        with launched(folder / "data", env={"PATH": path}) as launcher:
            assert await ask(launcher.dsn, "select 1") == 1
            assert status(launcher)["Uid"][0] != "0"
            assert status(launcher)["CapEff"] == ["0000000000000002"]  # CAP_DAC_OVERRIDE alone
            launcher.kill()
        with launched(folder / "data") as launcher:  # namespaces are back: the folder keeps its account
            assert await ask(launcher.dsn, "select 1") == 1
            assert status(launcher)["Uid"][0] != "0"


async def test_a_cluster_of_roots_is_handed_over_when_namespaces_are_gone(tmp_path: Path) -> None:
    with short_folder(0o700) as folder:
        with launched(folder / "data") as launcher:
            assert status(launcher)["Uid"][0] == "0"
        with launched(folder / "data", env={"PATH": path_with_only("setpriv", folder=tmp_path / "bin")}) as launcher:
            assert await ask(launcher.dsn, "select 1") == 1


async def test_with_neither_tool_it_runs_and_still_ends_with_its_launcher(tmp_path: Path) -> None:
    with short_folder(0o755) as folder:
        if not every_account_reaches(find_binaries().folder):
            pytest.skip("the programs are below a folder that other accounts cannot enter")
        with launched(folder / "data", env={"PATH": path_with_only(folder=tmp_path / "bin")}) as launcher:
            assert await ask(launcher.dsn, "select 1") == 1
            launcher.kill()
        with launched(folder / "data") as again:
            assert await ask(again.dsn, "select 1") == 1


def test_with_neither_tool_a_closed_folder_is_refused_in_plain_words(tmp_path: Path) -> None:
    with short_folder(0o700) as folder:
        refusal = refusal_of_launch(folder / "data", env={"PATH": path_with_only(folder=tmp_path / "bin")})
    assert "cannot reach" in refusal
    assert "CROSSOVER_DATA_DIR" in refusal


async def test_an_ordinary_user_with_a_closed_home_runs_it_as_himself() -> None:
    with short_folder(0o700) as home:
        os.chown(home, NOBODY, NOBODY)
        with (
            nothing_outside_changes(home / "data"),
            launched(
                home / "data", prefix=_as(NOBODY), interpreter=_interpreter(), env={"HOME": str(home)}
            ) as launcher,
        ):
            assert await ask(launcher.dsn, "select 1") == 1
            assert {path.stat().st_uid for path in (home / "data").rglob("*")} == {NOBODY}
            launcher.kill()
        with launched(home / "data") as by_root:  # sudo make run
            assert await ask(by_root.dsn, "select 1") == 1
        assert {path.stat().st_uid for path in (home / "data").rglob("*")} == {NOBODY}


def test_another_accounts_folder_is_refused_in_plain_words() -> None:
    with short_folder(0o755) as folder:
        (folder / "data").mkdir()
        refusal = refusal_of_launch(folder / "data", prefix=_as(NOBODY), interpreter=_interpreter())
    assert "belongs to another account (uid 0)" in refusal


def test_an_account_without_an_entry_is_told_so() -> None:
    stranger = next(uid for uid in range(40_000, 60_000) if uid not in {entry.pw_uid for entry in pwd.getpwall()})
    with short_folder(0o777) as folder:
        refusal = refusal_of_launch(folder / "data", prefix=_as(stranger), interpreter=_interpreter())
    assert f"uid {stranger} has no entry in /etc/passwd" in refusal


def _as(uid: int) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv (util-linux) is not installed")
    return (setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--")


def _interpreter() -> str:
    """One that other accounts can start; this test run's own is often below root's home."""
    if not every_account_reaches(REPOSITORY / "app/local") or not every_account_reaches(find_binaries().folder):
        pytest.skip("the checkout or the programs are below a folder that other accounts cannot enter")
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if (
            every_account_reaches(Path(candidate).resolve().parent)
            and Path(candidate).exists()
            and _is_new_enough(candidate)
        ):
            return candidate
    pytest.skip("no Python 3.11 or newer outside root's home")


def _is_new_enough(interpreter: str) -> bool:
    return (
        subprocess.run((interpreter, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"), check=False).returncode
        == 0
    )
