"""The command line, run in this process or as a program of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app import cli


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def said(self) -> list[str]:
        return self.err.splitlines()


class Crossover:
    """`crossover` with these arguments, in a folder of its own."""

    def __init__(self, folder: Path, capture: "pytest.CaptureFixture[bytes]") -> None:
        self.folder = folder
        self._capture = capture

    def __call__(self, *arguments: str) -> Ended:
        try:
            code = cli.main(arguments)
        except SystemExit as ended:  # argparse, about the arguments
            code = int(ended.code or 0)
        captured = self._capture.readouterr()
        return Ended(code, captured.out.decode(), captured.err.decode())

    def file(self, text: str | bytes, name: str = "text.x12") -> str:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)


def as_program(*arguments: str, text: str | bytes = b"") -> Ended:
    """With the text as standard input."""
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        input=text.encode() if isinstance(text, str) else text,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
