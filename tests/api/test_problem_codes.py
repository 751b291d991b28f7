"""Every code that is raised anywhere stands in the tables a client reads, and the tables' statuses are those sent."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app.api.finding_codes import FINDING_CODES
from app.api.problem_codes import PROBLEM_CODES
from app.api.problems import STATUS, status_of
from app.domain.errors import CrossoverError

_ROOT = Path(app.__file__).parent
_FINDINGS = {"Finding", "Format", "PydanticCustomError"}


def _classes(kind: type[CrossoverError] = CrossoverError) -> Iterator[type[CrossoverError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _classes(subclass)


_ERRORS = {kind.__name__: kind for kind in _classes() if kind.__module__.startswith("app.")}


def _calls() -> Iterator[tuple[str, str, str]]:
    """Each call with a constant code: place, what is called, code. What X12, local files and commands find reaches no client."""
    for path in sorted(_ROOT.rglob("*.py")):
        if {"x12", "sandbox", "local", "cli"} & set(path.relative_to(_ROOT).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                codes: list[ast.expr] = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                if name == "PydanticCustomError":
                    codes = node.args[:1]
                for code in codes:
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        yield f"{path.relative_to(_ROOT)}:{node.lineno}", name, code.value


@pytest.mark.parametrize("kind", _ERRORS.values())
def test_every_error_has_a_status_and_its_code_a_row(kind: type[CrossoverError]) -> None:
    assert status_of(kind) == PROBLEM_CODES[kind.code].status


def test_the_table_of_statuses_names_branches_only() -> None:
    assert all(CrossoverError in kind.__bases__ for kind in STATUS)
    assert len(set(STATUS.values())) == len(STATUS)


def test_every_raised_code_is_in_its_table() -> None:
    unknown = []
    for place, name, code in _calls():
        if name in _ERRORS:
            row = PROBLEM_CODES.get(code)
            if row is None or row.status != status_of(_ERRORS[name]):
                unknown.append(f"{place}: problem {code}")
        elif name in _FINDINGS and code not in FINDING_CODES:
            unknown.append(f"{place}: finding {code}")
        elif name == "problem" and code not in PROBLEM_CODES:
            unknown.append(f"{place}: problem {code}")
    assert unknown == []


def test_the_scan_sees_the_codes_of_the_service() -> None:
    calls = list(_calls())
    assert len([name for _, name, _ in calls if name in _ERRORS]) > 10
    assert len([name for _, name, _ in calls if name in _FINDINGS]) > 10


def test_a_code_is_a_word_and_its_row_says_what_to_do() -> None:
    for code, row in PROBLEM_CODES.items():
        assert code.replace("_", "").isalpha()
        assert code.islower()
        assert row.meaning.endswith(".")
        assert row.remedy.endswith(".")
    for code, meaning in FINDING_CODES.items():
        assert code.islower()
        assert meaning.endswith(".")
