"""Readers of X12 side by side, in turn and in one run, each time in a process of its own: ours, and others' of Python."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.comparing import ROUNDS
from benchmarks.x12_rows import GOALS, ROWS, Figures, File, Goal, Measured, Row

_WARM_TIMES: Final = 4
"""In one process; the first of them is not counted."""


def main() -> int:
    files = list(dict.fromkeys(row.file for row in ROWS))
    with tempfile.TemporaryDirectory(prefix="crossover-bench-") as name:
        paths = {}
        for number, file in enumerate(files):
            paths[file] = Path(name) / f"{number}.x12"
            with paths[file].open("wb") as written:
                written.writelines(file.parts())
        sizes = {file: paths[file].stat().st_size for file in files}
        found = _measure(paths)
    for file in files:
        print(f"{file.label}, {sizes[file] / 1e6:.1f} MB")
        _print_table([row for row in ROWS if row.file == file], found)
    reached = [_report(goal, found) for goal in GOALS]
    print(flush=True)
    return 0 if all(reached) else 1


def _measure(paths: dict[File, Path]) -> Measured:
    cold: dict[Row, list[tuple[float, float]]] = {row: [] for row in ROWS}
    warm: dict[Row, list[float]] = {row: [] for row in ROWS}
    for round_ in range(ROUNDS):
        for row in ROWS:
            if round_ < (row.rounds or ROUNDS):
                began = time.perf_counter()
                peak, _ = _run(row, paths[row.file], times=1)
                cold[row].append(((time.perf_counter() - began) * 1000, peak))
                warm[row] += _run(row, paths[row.file], times=2 if row.rounds else _WARM_TIMES)[1][1:]
    return {
        row: Figures(
            process_ms=statistics.median(time_ for time_, _ in cold[row]),
            warm_ms=statistics.median(warm[row]),
            peak_mib=statistics.median(peak for _, peak in cold[row]),
        )
        for row in ROWS
    }


def _run(row: Row, path: Path, *, times: int) -> tuple[float, list[float]]:
    """The peak in MiB, and the milliseconds of each time."""
    command = [sys.executable, "-m", "benchmarks.x12_tasks", row.task, str(path), str(times)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if int(answer[1]) != row.file.holds:
        raise AssertionError(f"{row.label} found {answer[1]} claims in the {row.file.label}")
    return int(answer[0]) / 1024, [float(milliseconds) for milliseconds in answer[2:]]


def _print_table(rows: list[Row], found: Measured) -> None:
    base = found[rows[0]]
    for row in rows:
        figures = found[row]
        print(
            f"  {row.label:<24} process {figures.process_ms:7.0f} ms ({figures.process_ms / base.process_ms:5.1f} x)"
            f"   warm {figures.warm_ms:7.1f} ms ({figures.warm_ms / base.warm_ms:5.1f} x)   peak {figures.peak_mib:5.1f} MiB"
        )


def _report(goal: Goal, found: Measured) -> bool:
    value = goal.value(found)
    reached = (goal.most is None or value <= goal.most) and (goal.least is None or value >= goal.least)
    limit = f"at most {goal.most:g}" if goal.most is not None else f"at least {goal.least:g}"
    wished = "" if goal.wished is None else f", wished for {goal.wished:g}: {goal.bound}"
    print(f"{goal.label:<36} {value:6.1f} (goal {limit}{wished})   {'reached' if reached else 'MISSED'}")
    return reached


if __name__ == "__main__":
    sys.exit(main())
