"""PostgreSQL's own folder ("the cluster"): made by initdb, and what its `postmaster.pid` says about the server in it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.local.accounts import Account
from app.local.binaries import Binaries, ClusterError
from app.local.credentials import SUPERUSER, write_private
from app.local.lifeline import tie
from app.local.occupancy import is_alive


@dataclass(frozen=True)
class Cluster:
    """The cluster in `folder`, whether it exists yet or not."""

    folder: Path

    @property
    def exists(self) -> bool:
        return self.folder.exists()

    def refuse_another_major(self, binaries: Binaries) -> None:
        with contextlib.suppress(FileNotFoundError):
            made_by = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
            if made_by != str(binaries.major):
                raise ClusterError(
                    f"{self.folder} was made by PostgreSQL {made_by}, and {binaries.folder} is PostgreSQL {binaries.major}. "
                    f"Set PG_BIN to the programs of a PostgreSQL {made_by}, or move the folder away to begin an empty one."
                )

    def make(self, binaries: Binaries, account: Account, password: str, *, fsync: bool) -> None:
        # Made aside and renamed: a half-made cluster has a PG_VERSION too.
        draft = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account.own(draft)
        secret = self.folder.with_name("initdb-password")
        write_private(secret, password, account)
        options = [f"--pgdata={draft}", "--auth=scram-sha-256", f"--pwfile={secret}", f"--username={SUPERUSER}"]
        options += ["--encoding=UTF8", *_locale(binaries.major), *(() if fsync else ("--no-sync",))]
        try:
            done = subprocess.run(
                (*account.prefix, *tie(signal.SIGTERM), binaries.initdb, *options),
                env=environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                **account.identity,
            )
        finally:
            secret.unlink()
        if done.returncode != 0:
            raise ClusterError(f"initdb failed ({done.returncode}): {last_lines(done.stderr)}")
        draft.rename(self.folder)

    # What a server says of itself is in postmaster.pid: line 1 its process, line 8 its state.

    def is_ready(self, pid: int) -> bool:
        """Whether this very process takes connections; another's server in the folder would not do."""
        lines = self._pid_file_lines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def remove_stale_pid_file(self) -> None:
        """With the lock held no server of ours lives; one started by hand would not have asked for the lock."""
        if is_alive(left := self._recorded_pid()) and _is_postgres(left):
            raise ClusterError(f"{self.folder} is in use by a PostgreSQL (process {left}) that was started by hand.")
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def end_orphan(self) -> None:
        """The launcher is dead and its server is not: ask it for a fast shutdown."""
        orphan = self._recorded_pid()
        if is_alive(orphan) and _is_postgres(orphan):
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGINT)

    def _recorded_pid(self) -> int:
        lines = self._pid_file_lines()
        return int(lines[0]) if lines and lines[0].isdecimal() else 0

    def _pid_file_lines(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return []


def _locale(major: int) -> tuple[str, ...]:
    """Sorting and letter case that do not change with the system's C library; that one is used only before 17."""
    if major >= 17:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return ("--locale=C" if sys.platform == "darwin" else "--locale=C.UTF-8",)


def environment() -> dict[str, str]:
    """Nothing of ours that a server need not know, and none of the PG* and LC_* variables that would steer it."""
    kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def _is_postgres(pid: int) -> bool:
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == "postgres"
        return False
    said = subprocess.run(("ps", "-o", "comm=", "-p", str(pid)), capture_output=True, text=True, check=False)
    return "postgres" in said.stdout


def last_lines(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-3:])
