"""The processor time of a process, which other work on the machine does not stretch."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """0 where /proc is missing."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
