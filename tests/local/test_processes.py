"""The parts of the laptop's service as processes: told, watched, stopped."""

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from app.local.processes import ProcessEnded, ServiceProcess, stop_all

_OBEDIENT = (
    "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True); signal.pause()"
)
_DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)


def started(tmp_path: Path, script: str, *, name: str = "part", waits: bool = False) -> ServiceProcess:
    return ServiceProcess(
        name, (sys.executable, "-c", script), env=os.environ, log_file=tmp_path / f"{name}.log", waits=waits
    )


def wait_for_its_words(process: ServiceProcess) -> None:
    deadline = time.monotonic() + 10
    while process.last_words() == "none":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_one_that_ends_is_named_with_its_code_and_its_last_words(tmp_path: Path) -> None:
    process = started(tmp_path, "import sys; print('no luck', file=sys.stderr); sys.exit(3)", name="worker")
    assert process.wait() == 3
    with pytest.raises(ProcessEnded, match=r"worker ended with code 3\..*no luck"):
        process.raise_if_ended()


def test_one_that_was_killed_is_named_with_the_signal(tmp_path: Path) -> None:
    process = started(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    process.wait()
    with pytest.raises(ProcessEnded, match="part ended by SIGKILL"):
        process.raise_if_ended()


def test_those_asked_to_stop_stop_together_and_the_deaf_one_is_killed(tmp_path: Path) -> None:
    processes = [started(tmp_path, _OBEDIENT, name="api"), started(tmp_path, _DEAF, name="deaf")]
    for process in processes:
        wait_for_its_words(process)
    began = time.monotonic()
    assert stop_all(processes, seconds=0.5) == ["deaf"]
    assert time.monotonic() - began < 2
    assert [process.code for process in processes] == [0, -9]


def test_stopping_what_has_ended_is_harmless(tmp_path: Path) -> None:
    process = started(tmp_path, "")
    process.wait()
    assert stop_all([process], seconds=1) == []


def test_what_it_is_told_is_on_its_stdin_and_nowhere_else(tmp_path: Path) -> None:
    process = started(tmp_path, "import sys; print(len(sys.stdin.read()))", waits=True)
    command_line = Path(f"/proc/{process.pid}/cmdline")
    seen = command_line.read_bytes() if command_line.exists() else b""
    process.tell("a secret")
    assert process.wait() == 0
    assert process.last_words() == "8"
    assert b"a secret" not in seen


def test_telling_one_that_has_ended_is_no_error(tmp_path: Path) -> None:
    process = started(tmp_path, "", waits=True)
    process.wait()
    process.tell("too late")
    assert process.end(time.monotonic())


def test_its_log_is_for_its_own_account_only(tmp_path: Path) -> None:
    process = started(tmp_path, "print('a line')")
    process.wait()
    assert stat.S_IMODE(process.log_file.stat().st_mode) == 0o600


def test_the_terminals_interrupt_does_not_reach_it(tmp_path: Path) -> None:
    process = started(tmp_path, _OBEDIENT)
    wait_for_its_words(process)
    assert os.getpgid(process.pid) == process.pid
    stop_all([process], seconds=5)
