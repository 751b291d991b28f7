"""The processes of a laptop's service: started with a log of their own, watched, ended in order.

Each is tied to the supervisor's life and has its own process group, so that Ctrl-C reaches the supervisor alone.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.local.cluster import last_lines
from app.local.lifeline import call_off, tie, watch_by_pipe


class ProcessEnded(Exception):
    """A process ended that should have gone on; the text names it, its code and its last words."""


class ServiceProcess:
    """One running process of the service; `name` is what the person at the terminal reads."""

    def __init__(
        self, name: str, command: tuple[str, ...], *, env: Mapping[str, str], log_file: Path, waits: bool = False
    ) -> None:
        """One that `waits` reads its stdin before it works, and is given it by `tell`."""
        self.name = name
        self.log_file = log_file
        tied = tie(signal.SIGTERM)
        with os.fdopen(os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            self._process = subprocess.Popen(
                (*tied, *command),
                env=dict(env),
                stdin=subprocess.PIPE if waits else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self._watcher = None if tied else watch_by_pipe(self._process.pid, signal.SIGTERM)

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, text: str) -> None:
        """Once: what must not be seen in the list of processes or in an environment."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(text.encode())

    @property
    def code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def raise_if_ended(self) -> None:
        if self.code is not None:
            raise ProcessEnded(
                f"{self.name} ended {_by(self.code)}. Its last words ({self.log_file}): {self.last_words()}"
            )

    def wait(self) -> int:
        return self._process.wait()

    def last_words(self) -> str:
        return last_lines(self.log_file.read_text(encoding="utf-8", errors="replace")) or "none"

    def ask_to_stop(self) -> None:
        self._process.terminate()

    def end(self, deadline: float) -> bool:
        """Wait until `deadline` (of the monotonic clock), then kill. True when it ended by itself."""
        by_itself = True
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            by_itself = False
        self.tell("")
        if self._watcher is not None:
            call_off(self._watcher)
        return by_itself


def stop_all(processes: Iterable[ServiceProcess], *, seconds: float) -> list[str]:
    """Ask all at once, wait for all together; returns the names of those that had to be killed."""
    asked = list(processes)
    for process in asked:
        process.ask_to_stop()
    deadline = time.monotonic() + seconds
    return [process.name for process in asked if not process.end(deadline)]


def _by(code: int) -> str:
    return f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
