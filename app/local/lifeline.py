"""Children end when their parent does, also when it is killed and cannot tell them.

Where `setpriv` is (util-linux), the kernel signals the child (PR_SET_PDEATHSIG, prctl(2)); it does so when the *thread*
that started it ends, so start children from the main thread. Elsewhere a small shell holds the other end of a pipe and
signals when it closes.
"""

import os
import shutil
import signal
import subprocess


def tie(with_signal: signal.Signals) -> tuple[str, ...]:
    """What to put before a command so that the kernel ties it to us; empty where that is not to be had."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    # The tie does not fire for a parent that was gone before it was made: the shell looks who the parent is now.
    is_ours = ("/bin/sh", "-c", 'test "$PPID" = "$0" && exec "$@"', str(os.getpid()))
    return (setpriv, f"--pdeathsig={_name(with_signal)}", "--", *is_ours)


def watch_by_pipe(pid: int, with_signal: signal.Signals) -> subprocess.Popen[bytes]:
    """The other way. End the watcher with `call_off`; closing its pipe fires it."""
    script = f'trap "" INT TERM HUP; read -r _; kill -{_name(with_signal)} "$1"'
    return subprocess.Popen(
        ("/bin/sh", "-c", script, "sh", str(pid)),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )


def call_off(watcher: subprocess.Popen[bytes]) -> None:
    watcher.kill()
    watcher.communicate()


def _name(number: signal.Signals) -> str:
    return number.name.removeprefix("SIG")
