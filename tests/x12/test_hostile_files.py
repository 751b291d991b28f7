"""Every text of ours and every sample, cut and changed at every byte, and texts that ask too much: no exception, no hang.

`make test-long` takes every byte; otherwise it is some of them, the same each time.
"""

import gc
import itertools
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.x12.checks import check
from app.x12.documents import read_documents
from app.x12.findings import FINDINGS_LIMIT, Report
from app.x12.segments import SegmentStream
from tests.worker.scale import times
from tests.x12 import coordination_texts_837, editable_835, mixed_texts
from tests.x12.any_text import examine
from tests.x12.hostile_shapes import REMITTANCES, SHAPES, Shape

_OURS = {
    **{f"a {kind}": text.encode() for kind, text in mixed_texts.TEXTS.items()},
    "all kinds in one": "".join(mixed_texts.TEXTS.values()).encode(),
    "a rich 835": editable_835.VALID.encode(),
    **{f"a claim, {name}": coordination_texts_837.valid(name).encode() for name in coordination_texts_837.VALID},
}
_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = sorted((Path(_REFERENCE or ".") / "samples").glob("[0-9]*/*")) if _REFERENCE else []
_PLACES = times(12, 1_000_000)
"""Of one text."""
_CHANGES: tuple[Callable[[int], int], ...] = (
    *(lambda _, value=value: value for value in b"*~:^\n\x00 0-A\xc3\xff"),
    *(lambda byte, mask=mask: byte ^ mask for mask in (0x01, 0x20, 0x80, 0xFF)),
)


def _damaged(source: bytes) -> Iterator[bytes]:
    """Cut, and with another byte: each value in turn, so that neighbors get different ones."""
    changes = itertools.cycle(_CHANGES)
    step = max(1, len(source) // _PLACES)
    for place in range(step // 2, len(source), step):
        yield source[:place]
        yield source[:place] + bytes([next(changes)(source[place])]) + source[place + 1 :]


@pytest.mark.parametrize("name", _OURS)
def test_a_damaged_text_of_ours_is_read_and_checked_without_an_exception(name: str) -> None:
    for source in _damaged(_OURS[name]):
        examine(source)


@pytest.mark.skipif(not _SAMPLES, reason="REFERENCE_DIR is not set: no sample files")
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_a_damaged_sample_is_read_and_checked_without_an_exception(path: Path) -> None:
    for source in _damaged(path.read_bytes()):
        examine(source)


@pytest.mark.parametrize("name", mixed_texts.NOT_X12)
def test_what_is_no_x12_breaks_nothing(name: str) -> None:
    examine(mixed_texts.NOT_X12[name])


@pytest.mark.parametrize("name", SHAPES)
def test_a_hostile_text_keeps_every_promise(name: str) -> None:
    examine(SHAPES[name](6_000))


# Time


def _work(source: bytes) -> None:
    for _ in read_documents(source, Report()):
        pass
    check(source, Report())
    for _ in SegmentStream(source, Report()).written():
        pass


def _seconds(source: bytes, runs: int) -> float:
    """Of this process alone, the best of some runs, without the collector's: what else goes on is no part of it."""
    best = float("inf")
    for _ in range(runs):
        gc.collect()
        gc.disable()
        begun = time.process_time()
        _work(source)
        best = min(best, time.process_time() - begun)
        gc.enable()
    return best


def _large_enough(shape: Shape) -> int:
    """The size from which a run takes longer than the clock's grain and what it costs to begin."""
    size = 25_000
    while size < 1_000_000 and _seconds(shape(size), 1) < 0.02:
        size *= 2
    return size


@pytest.mark.parametrize("name", SHAPES)
def test_the_time_grows_as_the_text_does(name: str) -> None:
    shape = SHAPES[name]
    size = _large_enough(shape)
    small, large = shape(size), shape(2 * size)
    taken = [(_seconds(small, 1), _seconds(large, 1))]
    while len(taken) < 10:
        once, twice = (min(column) for column in zip(*taken, strict=True))
        if twice <= max(2.3 * once, 0.025):
            return
        taken.append((_seconds(small, 1), _seconds(large, 1)))
    raise AssertionError(taken)


# Memory


def _peak(source: bytes) -> int:
    """Bytes beyond the text itself, which comes in blocks."""
    blocks = (source[start : start + 8_192] for start in range(0, len(source), 8_192))
    gc.collect()
    tracemalloc.start()
    try:
        check(blocks, Report())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


_GIVES_UP = ("no terminator", "no terminator, many elements", "empty elements", "one huge element")
_FLAT = (
    *_GIVES_UP,
    *("control characters", "wrapped", "the same transaction set again"),
    *(
        "unknown transaction sets",
        "TA1",
        "empty interchanges",
        "the same CLP again",
        "unreadable CLP",
        "a reversal and corrections",
    ),
    *("unknown segments", "LS", "HL of an acknowledgment", "HL of subscribers"),
)


@pytest.mark.parametrize("name", _FLAT)
def test_the_memory_does_not_grow_with_the_text(name: str) -> None:
    """Findings are listed up to a limit, which the smaller text reaches already."""
    small, large = _peak(SHAPES[name](150_000)), _peak(SHAPES[name](300_000))
    assert large <= small + 600_000  # one list grown once more than in the smaller


def test_the_findings_of_a_hostile_file_are_counted_and_the_first_ones_listed() -> None:
    source = REMITTANCES["unknown segments"](50_000 * len("ZZZ*1~"))
    report = Report()
    check(source, report)
    assert len(report.findings) == FINDINGS_LIMIT + 1
    assert report.findings[-1].message.startswith(f"{50_000 + 3 - FINDINGS_LIMIT} more")
