"""What `benchmarks.x12_comparing` measures, as data: files, readers, and what is promised of their figures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.x12_remittances import an_835


@dataclass(frozen=True)
class File:
    """`holds` is how many claims every task must find in it."""

    label: str
    parts: Callable[[], Iterator[bytes]]
    holds: int


@dataclass(frozen=True)
class Row:
    """One task of `x12_tasks` on one file. `rounds` is less where one takes seconds."""

    label: str
    task: str
    file: File
    rounds: int | None = None


@dataclass(frozen=True)
class Figures:
    """Of a row: medians of milliseconds, for a whole process and warm inside one; the most memory in MiB."""

    process_ms: float
    warm_ms: float
    peak_mib: float


Measured = dict[Row, Figures]


@dataclass(frozen=True)
class Goal:
    """`wished` is what was asked for, where no more than `most` (or, of more, no less than `least`) is promised."""

    label: str
    value: Callable[[Measured], float]
    most: float | None = None
    least: float | None = None
    wished: float | None = None
    bound: str = ""


SMALL: Final = File("835 of 2,000 claims", lambda: an_835(2_000), holds=2_000)
LARGE: Final = File("835 of 20,000 claims", lambda: an_835(20_000), holds=20_000)

OURS: Final = Row("ours, read and checked", "crossover_835", SMALL)
OURS_LARGE: Final = Row("ours, read and checked", "crossover_835", LARGE)
OXEDI: Final = Row("oxedi, parse", "oxedi_835", SMALL)
PYX12: Final = Row("pyx12, validation", "pyx12_validation", SMALL, rounds=2)

ROWS: Final = (  # the first of a file is what its others are held against
    OXEDI,
    OURS,
    Row("ours, one value", "crossover_835_whole", SMALL),
    Row("ours, segments only", "crossover_segments", SMALL),
    Row("openx12, parse", "openx12_835", SMALL),
    Row("x12sdk, models", "x12sdk_835", SMALL, rounds=2),
    PYX12,
    Row("oxedi, parse", "oxedi_835", LARGE),
    OURS_LARGE,
    Row("openx12, parse", "openx12_835", LARGE, rounds=2),
)

GOALS: Final = (
    Goal(
        "ours / oxedi, whole process",
        lambda found: found[OURS].process_ms / found[OXEDI].process_ms,
        most=2.5,
        wished=2.0,
        bound="starting Python and loading the modules is a third of it",
    ),
    Goal(
        "ours / oxedi, warm",
        lambda found: found[OURS].warm_ms / found[OXEDI].warm_ms,
        most=6.0,
        wished=2.0,
        bound="splitting the text alone takes as long as oxedi; 36,000 amounts become Decimals",
    ),
    Goal(
        "pyx12 / ours, whole process",
        lambda found: found[PYX12].process_ms / found[OURS].process_ms,
        least=14.0,
        wished=20.0,
        bound="starting Python and loading the modules is a third of ours",
    ),
    Goal("pyx12 / ours, warm", lambda found: found[PYX12].warm_ms / found[OURS].warm_ms, least=20.0),
    Goal(
        "ours, MiB more for 20,000 claims",
        lambda found: found[OURS_LARGE].peak_mib - found[OURS].peak_mib,
        most=8.0,
    ),
)
