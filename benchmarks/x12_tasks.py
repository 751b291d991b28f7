"""What is timed on a file of X12, one task for each reader: ours and others'. A process of its own for every measurement.

``python -m benchmarks.x12_tasks TASK FILE TIMES`` prints the peak of its memory in KiB and the milliseconds of each time.
A task imports what it needs when it runs: of a whole process, that is a part.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

_BLOCK: Final = 65_536


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(_BLOCK), b"")


def crossover_835(path: str) -> int:
    """Every amount and date a value, every rule of a remittance asked, one claim in the memory."""
    from app.x12.envelope import TransactionSet, read_transactions  # noqa: PLC0415
    from app.x12.findings import Report  # noqa: PLC0415
    from app.x12.remittance_check_835 import RemittanceChecker  # noqa: PLC0415

    report, claims = Report(), 0
    checker = RemittanceChecker(report)
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib is not needed otherwise
        for transaction in read_transactions(_blocks(file), report):
            assert isinstance(transaction, TransactionSet)
            claims += checker.check(transaction)
    assert report.findings == ()
    return claims


def crossover_835_whole(path: str) -> int:
    """The same, as one value with all claims."""
    from app.x12.remittance_835 import check, read  # noqa: PLC0415

    with open(path, "rb") as file:  # noqa: PTH123
        (remittance,), findings = read(file.read())
    assert (findings, check(remittance)) == ((), ())
    return len(remittance.claims)


def crossover_segments(path: str) -> int:
    """Segments and their places only, of any transaction set."""
    from app.x12.findings import Report  # noqa: PLC0415
    from app.x12.segments import SegmentStream  # noqa: PLC0415

    with open(path, "rb") as file:  # noqa: PTH123
        return sum(1 for segment in SegmentStream(_blocks(file), Report()) if segment.elements[0] == "CLP")


def oxedi_835(path: str) -> int:
    """Its balance findings are part of its parsing."""
    import oxedi  # noqa: PLC0415

    result = oxedi.parse_file(path)
    assert not result.diagnostics
    return int(result.count_claims())


def openx12_835(path: str) -> int:
    """Dictionaries with floats; nothing is checked."""
    from openx12 import x835  # noqa: PLC0415

    with open(path, encoding="ascii") as file:  # noqa: PTH123
        return len(x835.parse(file.read()).claims)


def pyx12_validation(path: str) -> int:
    """Structure and codes; nothing is added up."""
    import io  # noqa: PLC0415
    import logging  # noqa: PLC0415

    import pyx12.params  # noqa: PLC0415
    import pyx12.x12n_document  # noqa: PLC0415

    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    with open(path, encoding="ascii") as file:  # noqa: PTH123
        text = file.read()
    accepted = pyx12.x12n_document.x12n_document(
        param=pyx12.params.params(), src_file=io.StringIO(text), fd_997=None, fd_html=None
    )
    assert accepted
    return text.count("~CLP*")


def x12sdk_835(path: str) -> int:
    """Models of the loops."""
    from x12sdk.io import X12ModelReader  # noqa: PLC0415

    claims = 0
    with X12ModelReader(path) as reader:
        model: Any
        for model in reader.models():
            claims += sum(len(header.loop_2100 or []) for header in model.loop_2000 or [])
    return claims


TASKS: Final[dict[str, Callable[[str], int]]] = {
    task.__name__: task
    for task in (
        crossover_835,
        crossover_835_whole,
        crossover_segments,
        oxedi_835,
        openx12_835,
        pyx12_validation,
        x12sdk_835,
    )
}


def main(name: str, path: str, times: int) -> None:
    milliseconds, found = [], 0
    for _ in range(times):
        began = time.perf_counter()
        found = TASKS[name](path)
        milliseconds.append((time.perf_counter() - began) * 1000)
    print(_peak_kib(), found, *milliseconds)


def _peak_kib() -> int:
    """Of this program: what getrusage says may be its parent's, from before the program was loaded."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
    except FileNotFoundError:
        import resource  # noqa: PLC0415

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
