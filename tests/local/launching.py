"""Runs the launcher in a process of its own, so that a test can kill that process or make it another account's."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from app.local.binaries import find_binaries
from app.local.occupancy import is_alive
from app.local.postgres import EmbeddedPostgres

REPOSITORY = Path(__file__).parents[2]
NOBODY = 65534

_SCRIPT = """
import pathlib, sys
from app.local.binaries import find_binaries
from app.local.occupancy import is_alive
from app.local.postgres import ClusterError, EmbeddedPostgres
postgres = EmbeddedPostgres(pathlib.Path(sys.argv[1]), fsync=False)
try:
    postgres.start()
except ClusterError as error:
    sys.exit(str(error))
print(postgres.pid, postgres.superuser_dsn, flush=True)
sys.stdin.read()
postgres.stop()
"""


class Launcher:
    """A process that started a server and stops it when its stdin is closed."""

    def __init__(self, process: "subprocess.Popen[str]", server_pid: int, dsn: str) -> None:
        self.process = process
        self.server_pid = server_pid
        self.dsn = dsn

    def kill(self) -> None:
        """The launcher only; its server must follow by itself."""
        self.process.kill()
        self.process.communicate(timeout=60)
        wait_until_dead(self.server_pid)


@contextmanager
def launched(
    data_dir: Path,
    *,
    prefix: tuple[str, ...] = (),
    interpreter: str = sys.executable,
    env: Mapping[str, str] | None = None,
) -> Iterator[Launcher]:
    process = _launch(data_dir, prefix, interpreter, env)
    assert process.stdout is not None
    pid, _, dsn = process.stdout.readline().partition(" ")
    assert dsn, process.communicate(timeout=60)[1]
    try:
        yield Launcher(process, int(pid), dsn.strip())
    finally:
        if process.poll() is None:
            process.communicate(timeout=60)


def refusal_of_launch(
    data_dir: Path,
    *,
    prefix: tuple[str, ...] = (),
    interpreter: str = sys.executable,
    env: Mapping[str, str] | None = None,
) -> str:
    said, refusal = _launch(data_dir, prefix, interpreter, env).communicate(timeout=60)
    assert said == ""
    return refusal


def _launch(
    data_dir: Path, prefix: tuple[str, ...], interpreter: str, env: Mapping[str, str] | None
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (*prefix, interpreter, "-c", _SCRIPT, str(data_dir)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        # Another account's interpreter may not have the extra, and would take another PostgreSQL.
        env={**os.environ, "PG_BIN": str(find_binaries().folder), **(env or {})},
    )


def wait_until_dead(pid: int, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} lives on"
        time.sleep(0.01)


async def ask(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def answers(postgres: EmbeddedPostgres) -> bool:
    return await ask(postgres.superuser_dsn, "select 1") == 1


def path_with_only(*programs: str, folder: Path) -> str:
    """A PATH on which nothing but these programs is found: how a machine without the others looks."""
    folder.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found is not None, f"{program} is part of every Linux this test runs on"
        (folder / program).symlink_to(found)
    return str(folder)


@contextmanager
def short_folder(mode: int) -> Iterator[Path]:
    """Directly below /tmp: pytest's own folders are 0700, which no other account can pass."""
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="crossover-test-"))
    folder.chmod(mode)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def every_account_reaches(folder: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder.resolve(), *folder.resolve().parents))
