"""`make fuzz`: bytes that Atheris makes from our own texts, guided by which code they reach, and what must hold of any.

``python -m tests.fuzz SECONDS``. A text that raises, that breaks a promise of `tests.x12.any_text`, that hangs or takes too
long ends the run with exit code 1 and is left in .crossover/fuzz. ``python -m tests.fuzz --again FILE...`` looks at such
texts again, without Atheris.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST = 8_192
_DEADLINE = 30
"""Seconds after which a text hangs, however busy the machine is."""
_FOUND = Path(".crossover/fuzz")
_NOT_INSTALLED = "fuzz: Atheris is not installed; `make fuzz` does it, on Linux on x86-64 and CPython 3.11 to 3.14. Nothing was fuzzed."


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("seconds", nargs="?", type=int, default=300, help="how long to look")
    parser.add_argument("--again", nargs="+", type=Path, metavar="FILE", help="look at these and do not fuzz")
    arguments = parser.parse_args()
    if arguments.again:
        look_at(arguments.again)
        return 0
    if importlib.util.find_spec("atheris") is None:
        print(_NOT_INSTALLED, file=sys.stderr)
        return 1
    return fuzz(arguments.seconds)


def look_at(files: list[Path]) -> None:
    from tests.x12.any_text import examine

    for file in files:
        for finding in examine(file.read_bytes()):
            print(finding.severity, finding.code, finding.location, finding.segment_number, sep="\t")


def fuzz(seconds: int) -> int:
    """In a process of its own: libFuzzer ends the one that it runs in."""
    from tests.fuzz.seeds import seeds

    _FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="crossover-fuzz-") as corpus:
        texts = [text for text in seeds() if len(text) <= LONGEST]
        for number, text in enumerate(texts):
            (Path(corpus) / f"seed-{number}").write_bytes(text)
        options = {
            "max_total_time": seconds,
            "max_len": LONGEST,
            "timeout": _DEADLINE,
            "rss_limit_mb": 1_024,
            "print_final_stats": 1,
            "artifact_prefix": f"{_FOUND}/",
        }
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.target"),
                *(f"-{name}={value}" for name, value in options.items()),
                corpus,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            errors="replace",
            check=False,
        )
    examined = re.search(r"stat::number_of_executed_units: *([1-9][0-9]*)", ended.stdout)
    if ended.returncode or examined is None:
        print(ended.stdout, f"fuzz: what was found is left in {_FOUND}", sep="\n")
        return 1
    reached = re.findall(r"cov: ([0-9]+)", ended.stdout)
    print(f"fuzz: nothing found in {examined[1]} texts, made of {len(texts)}; {reached[-1]} places in the code reached")
    return 0


if __name__ == "__main__":
    sys.exit(main())
