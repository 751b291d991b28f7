import io
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import structlog

from app.observability import configure_logging


@dataclass
class Log:
    """The log of one test, read back."""

    stream: io.BytesIO = field(default_factory=io.BytesIO)

    @property
    def text(self) -> str:
        return self.stream.getvalue().decode("ascii")

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.text.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        """The last line without its time."""
        line = self.lines[-1]
        assert line.pop("time").endswith("+00:00")
        return line

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The lines of the request log; the client of a test says things too."""
        return [line for line in self.lines if line["event"] == "request"]

    def configure(self, level: str) -> None:
        configure_logging(level, self.stream)


@pytest.fixture
def log() -> Iterator[Log]:
    """Logging as the service has it, at debug level; afterwards everything is as it was."""
    root = logging.root
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook)
    levels = {name: logging.getLogger(name).level for name in ("crossover", "app", "uvicorn.error")}
    kept = Log()
    kept.configure("debug")
    yield kept
    logging.captureWarnings(capture=False)
    root.handlers[:], level, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    root.setLevel(level)
    for name, value in levels.items():
        logging.getLogger(name).setLevel(value)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
