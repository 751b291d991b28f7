"""One data folder, one server: the lock that a launcher takes and its server inherits.

The lock is free exactly when neither the launcher nor any process of its server is alive, so whoever holds it knows that
a `postmaster.pid` in the folder is left over, even when its process is a zombie or its number belongs to another by now.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from app.local.binaries import ClusterError

SETTLE_SECONDS = 20.0  # how long a server whose launcher was killed may take for its own shutdown


class Occupancy:
    """The held lock. `descriptor` is to be inherited by the server."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def take(cls, path: Path, end_orphan: Callable[[], None]) -> Self:
        """Refuse at once while the other launcher lives; if it was killed, wait for its server to end."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + SETTLE_SECONDS
        asked = False
        while not _lock(descriptor):
            launcher = _launcher(descriptor)
            if time.monotonic() > deadline or is_alive(launcher):
                os.close(descriptor)
                raise ClusterError(f"{path.parent} is in use: its PostgreSQL was started by process {launcher}.")
            if not asked:
                end_orphan()
                asked = True
            time.sleep(0.02)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Until the last process of the server is gone the lock stays taken, but by no launcher."""
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _launcher(descriptor: int) -> int:
    digits = os.pread(descriptor, 20, 0)
    return int(digits) if digits.isdigit() else 0


def is_alive(pid: int) -> bool:
    """Whether a process runs under this number; a zombie does not."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # The state follows the name, which is in parentheses and may itself hold any character: proc(5).
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
            not in "ZX"
        )
    except (OSError, IndexError):
        return True  # no /proc here, or the process ended between the two looks
