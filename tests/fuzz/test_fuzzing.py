"""That the fuzzer begins with texts that are what they should be, and is told when a promise is broken."""

import subprocess
import sys

import pytest

from tests.x12.any_text import examine
from tests.x12.mixed_texts import NOT_X12, TA1, TEXTS, a_270


@pytest.mark.parametrize("text", [*TEXTS.values(), TA1, a_270()], ids=[*TEXTS, "TA1", "270"])
def test_what_it_begins_with_stands_every_look(text: str) -> None:
    examine(text.encode())


@pytest.mark.parametrize("source", NOT_X12.values(), ids=NOT_X12)
def test_what_is_no_x12_stands_every_look(source: bytes) -> None:
    assert {finding.code for finding in examine(source)} == {"not_x12"}


def test_without_atheris_it_says_so() -> None:
    program = (
        "import sys; sys.modules['atheris'] = None; import runpy; runpy.run_module('tests.fuzz', run_name='__main__')"
    )
    ended = subprocess.run([sys.executable, "-c", program, "1"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "Atheris is not installed" in ended.stderr
