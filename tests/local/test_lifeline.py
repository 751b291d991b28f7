"""Children end with their parent, by the kernel's hand or through a pipe."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.local.lifeline import call_off, tie, watch_by_pipe
from tests.local.launching import wait_until_dead

_PARENT = """
import signal, subprocess, sys
from app.local.lifeline import tie, watch_by_pipe
tied = tie(signal.SIGTERM) if sys.argv[1] == "kernel" else ()
child = subprocess.Popen((*tied, "sleep", "60"), process_group=0)
watcher = None if tied else watch_by_pipe(child.pid, signal.SIGTERM)
print(child.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("way", ["kernel", "pipe"])
def test_a_killed_parent_takes_its_child_with_it(way: str) -> None:
    if way == "kernel" and not tie(signal.SIGTERM):
        pytest.skip("there is no setpriv here (macOS, or a Linux without util-linux)")
    parent = subprocess.Popen(
        (sys.executable, "-c", _PARENT, way),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    wait_until_dead(child)
    parent.communicate()


def test_a_watcher_that_was_called_off_harms_nobody() -> None:
    child = subprocess.Popen(("sleep", "60"))
    call_off(watch_by_pipe(child.pid, signal.SIGTERM))
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.2)
    child.kill()
    child.wait()
