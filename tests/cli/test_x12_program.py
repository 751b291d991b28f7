"""`crossover x12` as a program: flat memory, a closed pipe, and nothing of the service is needed or imported."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from app import cli
from tests.cli.commands import Crossover, as_program
from tests.x12.mixed_texts import TEXTS
from tests.x12.remittances import a_claim as a_payment
from tests.x12.remittances import a_remittance
from tests.x12.texts_835 import a_835

_MEASURED = """
import sys
from app import cli
code = cli.main(sys.argv[1:])
with open("/proc/self/status") as status:
    sys.stderr.write(next(line for line in status if line.startswith("VmHWM:")))
sys.exit(code)
"""
_SERVICE = (
    "asyncio sqlalchemy pydantic fastapi asyncpg app.settings app.bootstrap app.repositories app.use_cases".split()
)


def a_large_835(claims: int) -> bytes:
    """One remittance of so many claims, each with numbers of its own; the payment is the sum of them."""
    text = a_835(a_remittance(a_payment()))
    head, rest = text.split("CLP*", 1)
    claim, tail = f"CLP*{rest[: rest.index('SE*')]}", rest[rest.index("SE*") :]
    body = "".join(
        claim.replace("QUIETROOMS0000001", f"Q{number}").replace("PAYERCLAIM1", f"P{number}")
        for number in range(claims)
    )
    count = (head + body).count("~") - 2 + 1
    head = head.replace("*80*", f"*{80 * claims}*", 1)
    return f"{head}{body}SE*{count}*{tail.split('*', 2)[2]}".encode()


def example_document() -> str:
    return files("app.cli").joinpath("examples", "claim.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Remittances of 2,000 and of 20,000 claims."""
    folder = tmp_path_factory.mktemp("large")
    paths = (folder / "2000.835", folder / "20000.835")
    for path, claims in zip(paths, (2_000, 20_000), strict=True):
        path.write_bytes(a_large_835(claims))
    yield paths
    for path in paths:
        path.unlink()


def _peak(verb: str, path: Path) -> tuple[int, int]:
    """KiB at most since the program was loaded (`ru_maxrss` would count the parent's too), and how many lines came."""
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURED, "x12", verb, str(path)], capture_output=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return int(ended.stderr.split()[-2]), ended.stdout.count(b"\n")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no /proc: the peak cannot be read")
@pytest.mark.parametrize(("verb", "lines"), [("read", (2_003, 20_003)), ("check", (1, 1))])
def test_memory_does_not_grow_with_the_file(large: tuple[Path, Path], verb: str, lines: tuple[int, int]) -> None:
    (small_peak, small_lines), (large_peak, large_lines) = _peak(verb, large[0]), _peak(verb, large[1])
    assert (small_lines, large_lines) == lines
    assert large_peak - small_peak < 8 * 1024


@pytest.mark.parametrize("arguments", [("read",), ("read", "--json-findings"), ("check", "--json")])
def test_a_reader_that_has_enough_ends_it_quietly(large: tuple[Path, Path], arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "app.cli", "x12", *arguments, *[str(large[1])] * 3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline() if arguments[0] == "read" else None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(timeout=60) == 141
    assert said == b""


def test_a_reader_of_the_findings_that_has_enough_ends_it_quietly(crossover: Crossover) -> None:
    file = crossover.file(TEXTS["835"].replace("CAS*CO*45*45", "CAS*CO*45*4S"))
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "app.cli", "x12", "read", file], stdout=subprocess.PIPE, stderr=writing, check=False
        )
    finally:
        os.close(writing)
    assert ended.returncode == 141


_CLOSED = "the output cannot be written: it is closed"
_FULL = "the output cannot be written: No space left on device"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize(
    ("redirected", "said"), [(">&-", _CLOSED), (">/dev/full", _FULL), ("<&-", "-: it is closed"), ("<&- >&-", _CLOSED)]
)
@pytest.mark.parametrize("arguments", ["read -", "check -", "check --json -", "write -"])
def test_a_stream_that_cannot_be_used_is_one_line(arguments: str, redirected: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "text.x12"
    path.write_text(TEXTS["835"] if "write" not in arguments else example_document())
    script = f'"{sys.executable}" -m app.cli x12 {arguments} < "{path}" {redirected}'
    ended = subprocess.run(["sh", "-c", script], capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr.decode()) == (2, f"crossover: {said}\n")


@pytest.mark.parametrize(("verb", "code"), [("read", 1), ("check", 1)])
def test_the_exit_code_is_the_same_when_nobody_takes_the_findings(verb: str, code: int, tmp_path: Path) -> None:
    path = tmp_path / "text.x12"
    path.write_text(TEXTS["835"].replace("CAS*CO*45*45", "CAS*CO*45*4S"))
    script = f'"{sys.executable}" -m app.cli x12 {verb} "{path}" 2>&-'
    ended = subprocess.run(["sh", "-c", script], capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout == b"") == (code, False)


def test_it_needs_no_setting_and_imports_nothing_of_the_service(tmp_path: Path) -> None:
    path = tmp_path / "mixed.x12"
    path.write_text("".join(TEXTS.values()))
    code = (
        "import sys; from app import cli; "
        f"codes = [cli.main(['x12', verb, {str(path)!r}]) for verb in ('read', 'check')]; "
        "codes.append(cli.main(['x12', 'rules'])); "
        f"imported = [name for name in {_SERVICE!r} if name in sys.modules]; "
        "sys.exit(f'{codes} {imported}')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"CROSSOVER_NO_SUCH_SETTING": "x", "PYTHONPATH": str(Path(cli.__file__).parents[2])},
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert ended.stderr.decode().splitlines() == ["[0, 0, 0] []"]


def test_it_starts_quickly() -> None:
    """The processor's time, not the clock's: other programs are running."""
    best = 10.0
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert as_program("x12", "read", "-", text=TEXTS["835"]).code == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert best < 0.5


@pytest.mark.parametrize("module", ["app.cli", "app.cli.__main__"])
def test_both_ways_to_start_it_work(module: str) -> None:
    ended = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0
    assert b"read, check and write X12 text" in ended.stdout
