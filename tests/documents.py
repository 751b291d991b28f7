"""The documents as text: their tables as the code says them, their links, the code blocks of the README's walk.

`.venv/bin/python -m tests.documents` writes the tables anew, into the places that `<!-- table: name -->` marks.
"""

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import __version__
from app.api.application import create_application
from app.api.finding_codes import FINDING_CODES
from app.api.problem_codes import PROBLEM_CODES
from app.domain.access import ACCESS
from app.domain.callers import Role
from app.domain.findings import Severity
from app.x12 import findings as x12_findings
from app.x12.rule_tables import RULE_TABLES

REPOSITORY = Path(__file__).resolve().parents[1]
DECISIONS = REPOSITORY / "docs" / "decisions"
_TABLE = re.compile(r"<!-- table: (?P<name>[a-z0-9 ]+) -->\n(?P<text>.*?)<!-- end -->", re.DOTALL)
_FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_COLUMNS = (Role.PATIENT, Role.CLINICIAN, Role.BILLER, Role.ADMIN)


def documents() -> list[Path]:
    """Every page a person reads here."""
    return sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])


def roles() -> str:
    names = [role.value for role in _COLUMNS]
    rows = [
        [
            f"`{method} {path}`",
            *("yes" if role in ACCESS[name].roles else "" for role in _COLUMNS),
            f"`{ACCESS[name].scope}`" if ACCESS[name].scope else "",
        ]
        for name, method, path in _operations()
    ]
    return _table(["operation", *names, "partner's scope"], rows)


def problem_codes() -> str:
    rows = [[f"`{code}`", str(row.status), row.meaning, row.remedy] for code, row in PROBLEM_CODES.items()]
    return _table(["code", "status", "meaning", "what to do"], rows)


def finding_codes() -> str:
    return _table(["code", "meaning"], [[f"`{code}`", meaning] for code, meaning in FINDING_CODES.items()])


def x12_codes() -> str:
    """Without the informational ones: they stay with the raw answer."""
    faults = [value for value in vars(x12_findings).values() if isinstance(value, x12_findings.Fault)]
    rows = [
        [f"`{fault.code}`", fault.standard_code or "", fault.message]
        for fault in faults
        if fault.severity is not Severity.INFORMATION
    ]
    return _table(["code", "standard code", "meaning"], rows)


def rules(about: str) -> str:
    rows = [
        [f"`{rule.code}`", rule.severity, rule.since.isoformat() if rule.since else "", rule.source, rule.message]
        for rule in RULE_TABLES[about]
    ]
    return _table(["rule", "severity", "since", "source", "what it says"], rows)


def decisions() -> str:
    rows = [[f"[{path.stem[:4]}]({path.name})", title_of(path).partition(". ")[2]] for path in decision_pages()]
    return _table(["", "decision"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "roles": roles,
    "problem codes": problem_codes,
    "finding codes": finding_codes,
    "x12 codes": x12_codes,
    "claim rules": functools.partial(rules, "837P"),
    "remittance rules": functools.partial(rules, "835"),
    "structure rules": functools.partial(rules, "structure"),
    "decisions": decisions,
}


def marked_tables(path: Path) -> dict[str, str]:
    return {match["name"]: match["text"] for match in _TABLE.finditer(path.read_text(encoding="utf-8"))}


def write_tables() -> None:
    for path in documents():
        text = path.read_text(encoding="utf-8")
        path.write_text(_TABLE.sub(_renewed, text), encoding="utf-8")


def decision_pages() -> list[Path]:
    return sorted(DECISIONS.glob("[0-9]*.md"))


def title_of(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def without_blocks(text: str) -> str:
    """The prose: code blocks hold brackets that are no links."""
    return _FENCED.sub("", text)


def links(text: str) -> list[str]:
    return [match["target"] for match in _LINK.finditer(without_blocks(text))]


def anchors(path: Path) -> set[str]:
    """Of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@dataclass(frozen=True)
class Step:
    """Commands of the walk, and the answer that is shown for them, if there is one."""

    commands: str
    answer: str | None


def walk() -> list[Step]:
    section = (REPOSITORY / "README.md").read_text(encoding="utf-8").partition("## A walk with curl\n")[2]
    return steps(section.partition("\n## ")[0])


def steps(text: str) -> list[Step]:
    blocks = list(_FENCED.finditer(text))
    following: Sequence[re.Match[str] | None] = [*blocks[1:], None]
    return [
        Step(block["text"], after["text"] if after and after["language"] == "text" else None)
        for block, after in zip(blocks, following, strict=True)
        if block["language"] == "sh"
    ]


def blocks(text: str, language: str) -> list[str]:
    return [match["text"] for match in _FENCED.finditer(text) if match["language"] == language]


def _operations() -> Iterator[tuple[str, str, str]]:
    """Operation id, method and path, in the order of the role table."""
    document: dict[str, Any] = create_application(version=__version__).openapi()
    found = {
        operation["operationId"]: (method.upper(), path.removeprefix("/v1"))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    yield from ((name, *found[name]) for name in ACCESS)


def _renewed(match: re.Match[str]) -> str:
    return f"<!-- table: {match['name']} -->\n{TABLES[match['name']]()}<!-- end -->"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    write_tables()
