"""The page about X12: its commands give the answers that are shown, its programs run, its rules are the code's."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.x12.rule_tables import RULE_TABLES
from tests import documents
from tests.documents import REPOSITORY

_PAGE = (REPOSITORY / "docs" / "x12.md").read_text(encoding="utf-8")
_RULES = (REPOSITORY / "docs" / "x12-rules.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With `crossover` on the path, and what the commands before have left."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "bin").mkdir()
    command = folder / "bin" / "crossover"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app.cli "$@"\n')
    command.chmod(0o755)
    return folder


def run(folder: Path, *command: str) -> str:
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)}
    ended = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.stdout


def test_its_commands_give_the_answers_that_are_shown(folder: Path) -> None:
    steps = documents.steps(_PAGE)
    assert len([step for step in steps if step.answer]) >= 5
    for step in steps:
        answer = run(folder, "sh", "-c", step.commands)
        assert "Traceback" not in answer
        if step.answer is not None:
            assert answer == step.answer, step.commands


def test_its_programs_run(folder: Path) -> None:
    run(folder, "sh", "-c", "crossover x12 write --example | crossover x12 write - > claim.837")
    programs = documents.blocks(_PAGE, "python")
    answers = [run(folder, sys.executable, "-W", "error", "-c", program).splitlines() for program in programs]
    assert answers == [
        ["ReadClaim", "()"],
        ["Checked(transactions=1, checked=1, items=1)", "False"],
        ["150.00 ()"],
        ["['ISA', 'GS', 'ST']", "True"],
    ]


def test_the_rules_are_listed_with_source_day_and_severity() -> None:
    for table in RULE_TABLES.values():
        for rule in table:
            since = rule.since.isoformat() if rule.since else ""
            row = f"| `{rule.code}` | {rule.severity} | {since} | {rule.source} |"
            assert row in _RULES, "`.venv/bin/python -m tests.documents` writes it anew"


def test_a_rule_says_where_it_comes_from_in_public() -> None:
    public = re.compile(r"RFI \d+|\b00\d{4}X\d{3}|\d+ CFR|CMS|clearinghouse (?:edit|interface)|X12|Medicare")
    rules = [rule for table in RULE_TABLES.values() for rule in table]
    assert [rule.code for rule in rules if not public.search(rule.source)] == []
