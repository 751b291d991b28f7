"""The files that a command of `crossover x12` is given; `-` is standard input."""

import errno
import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final, TextIO

from app.cli.x12_output import printable

_BLOCK: Final = 65_536


class NotReadable(Exception):
    """A file that cannot be opened or read on: nothing is said of what is in it."""


def blocks(file: str) -> Iterator[bytes]:
    """As they are asked for: no file is in the memory as a whole."""
    try:
        if file == "-":
            yield from _blocks_of(_standard_input())
        else:
            with open(file, "rb") as opened:  # noqa: PTH123  a pathlib.Path would change the name that is said
                yield from _blocks_of(opened)
    except OSError as error:
        raise NotReadable(error.strerror or type(error).__name__) from None
    except ValueError:
        raise NotReadable("no name of a file has a null character") from None


def each_file(files: Iterable[str], run: Callable[[str], bool]) -> int:
    """The highest exit code of all: 2 for a file that cannot be read, 1 for one with an error."""
    code = 0
    for file in files:
        try:
            code = max(code, int(run(file)))
        except NotReadable as error:
            refuse(f"{file}: {error}")
            code = 2
    return code


def refuse(words: str) -> None:
    """Why a command is not done, in one line."""
    print(f"crossover: {printable(words)}", file=sys.stderr)


def open_outputs() -> None:
    """Python has None where a stream was closed before it began. Findings that nobody takes are still counted."""
    if sys.stderr is None:
        sys.stderr = _nowhere()
    if sys.stdout is None:
        sys.stdout = _nowhere()
        raise OSError(errno.EBADF, "it is closed")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  open as long as the program runs


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    return sys.stdin.buffer


def _blocks_of(opened: BinaryIO) -> Iterator[bytes]:
    return iter(functools.partial(opened.read, _BLOCK), b"")
