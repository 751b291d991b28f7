"""`make fuzz`: bytes that Atheris makes from our own texts, guided by which code they reach, and what must hold of any.

``python -m tests.fuzz SECONDS``. A text that raises, that breaks a promise of `tests.x12.any_text`, or that takes longer
than ten seconds ends the run with exit code 1 and is left in .crossover/fuzz.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("fuzz: Atheris is not installed; `make fuzz` does it, on Linux and CPython 3.11 to 3.13")

with atheris.instrument_imports(include=["app"]):
    from tests.x12.any_text import examine
    from tests.x12.mixed_texts import NOT_X12, TA1, TEXTS, a_270

LONGEST = 16_384
_FOUND = Path(".crossover/fuzz")


def seeds() -> Iterator[bytes]:
    """A text of each kind and delimiters of another kind; the samples of REFERENCE_DIR when there are any."""
    for text in (*TEXTS.values(), TA1, a_270()):
        yield text.encode()
        yield text.replace("~", "\n").replace("*", "|").encode()
    yield from NOT_X12.values()
    reference = os.environ.get("REFERENCE_DIR")
    if reference:
        for path in sorted((Path(reference) / "samples").glob("[0-9]*/*")):
            yield path.read_bytes()


def main(seconds: int) -> None:
    _FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="crossover-fuzz-") as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        atheris.Setup(
            [
                sys.argv[0],
                f"-max_total_time={seconds}",
                f"-max_len={LONGEST}",
                "-timeout=10",
                "-rss_limit_mb=2048",
                "-print_final_stats=1",
                f"-artifact_prefix={_FOUND}/",
                corpus,
            ],
            examine_quietly,
        )
        atheris.Fuzz()


def examine_quietly(source: bytes) -> None:
    examine(source)


if __name__ == "__main__":
    main(int(sys.argv[1]))
