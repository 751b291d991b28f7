"""The command line in this process."""

from pathlib import Path

import pytest

from tests.cli.commands import Crossover


@pytest.fixture
def crossover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: "pytest.CaptureFixture[bytes]"
) -> Crossover:
    monkeypatch.chdir(tmp_path)
    return Crossover(tmp_path, capsysbinary)
