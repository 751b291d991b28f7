"""`crossover x12 read`, `check` and `rules`."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from app.cli.x12_files import blocks, each_file, refuse
from app.cli.x12_output import file_name, finding_line, finding_record, json_line, printable, record_of, say, text_line
from app.domain.findings import Finding, Severity
from app.x12.checks import Checked
from app.x12.checks import check as check_text
from app.x12.documents import read_documents
from app.x12.findings import Report
from app.x12.rule_tables import CODES, READING_FAULTS, RULE_TABLES

_SEVERITIES: Final = {"error": Severity.ERROR, "warning": Severity.WARNING, "ignore": Severity.INFORMATION}


class _Partner:
    """What a partner's rules weigh; what was said last of one counts. Those that are ignored are not shown."""

    def __init__(self, severities: Iterable[tuple[str, str]]) -> None:
        words = dict(severities)
        self.unknown = [code for code in words if code not in CODES]
        self.severities = {code: _SEVERITIES[word] for code, word in words.items()}
        self._ignored = frozenset(code for code, word in words.items() if word == "ignore")

    def shown(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        return (finding for finding in findings if finding.code not in self._ignored)

    def refuse_unknown(self) -> int:
        for code in self.unknown:
            refuse(f"no rule is called {code}; `crossover x12 rules` lists them")
        return 2


def read(arguments: argparse.Namespace) -> int:
    partner = _Partner(arguments.severities)
    if partner.unknown:
        return partner.refuse_unknown()

    def read_file(file: str) -> bool:
        report, listed = Report(partner.severities), 0
        for event in read_documents(blocks(file), report):
            sys.stdout.buffer.write(json_line(record_of(event, file)))
            new = report.after(listed)
            listed += len(new)
            say(partner.shown(new), file, as_json=arguments.json_findings)
        say(partner.shown(report.findings[listed:]), file, as_json=arguments.json_findings)
        return report.has_error

    return each_file(arguments.files, read_file)


def check(arguments: argparse.Namespace) -> int:
    partner = _Partner(arguments.severities)
    if partner.unknown:
        return partner.refuse_unknown()

    def check_file(file: str) -> bool:
        report = Report(partner.severities)
        checked = check_text(blocks(file), report)
        shown = tuple(partner.shown(report.findings))
        if arguments.json:
            _write_json(shown, checked, file)
        else:
            _write_text(shown, checked, file)
        return report.has_error

    return each_file(arguments.files, check_file)


def _write_json(findings: Iterable[Finding], checked: Checked, file: str) -> None:
    counts: Counter[Severity] = Counter()
    for finding in findings:
        counts[finding.severity] += 1
        sys.stdout.buffer.write(json_line(finding_record(finding, file)))
    summary = {
        "file": file_name(file),
        "clean": not (counts[Severity.ERROR] or counts[Severity.WARNING]),
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "information": counts[Severity.INFORMATION],
        "transactions": checked.transactions,
        "checked": checked.checked,
        "items": checked.items,
    }
    sys.stdout.buffer.write(json_line(summary))


def _write_text(findings: Iterable[Finding], checked: Checked, file: str) -> None:
    counts: Counter[Severity] = Counter()
    for finding in findings:
        counts[finding.severity] += 1
        sys.stdout.buffer.write(text_line(finding_line(finding, file)))
    sys.stdout.buffer.write(text_line(f"{printable(file)}: {_verdict(counts)}; {_amount(checked)}"))


def _verdict(counts: Counter[Severity]) -> str:
    names = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFORMATION, "note"))
    said = [_counted(counts[severity], name) for severity, name in names if counts[severity]]
    if not (counts[Severity.ERROR] or counts[Severity.WARNING]):
        said.insert(0, "clean")
    return ", ".join(said)


def _amount(checked: Checked) -> str:
    parts = []
    if checked.checked or not checked.transactions:
        parts.append(f"{_counted(checked.checked, 'transaction set')} with {_counted(checked.items, 'item')} checked")
    if left := checked.transactions - checked.checked:
        parts.append(f"{_counted(left, 'transaction set')} not checked")
    return ", ".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def rules(arguments: argparse.Namespace) -> int:
    for about, code, severity, since, source, words in _rows():
        if arguments.json:
            names = ("about", "code", "severity", "since", "source", "message")
            row = dict(zip(names, (about, code, severity, since, source, words), strict=True))
            sys.stdout.buffer.write(json_line(row))
        else:
            sys.stdout.buffer.write(text_line("\t".join((about, code, severity, since or "-", source or "-", words))))
    return 0


def _rows() -> Iterator[tuple[str, str, Severity, str | None, str | None, str]]:
    listed: set[str] = set()
    for about, table in RULE_TABLES.items():
        for rule in table:
            listed.add(rule.code)
            since = rule.since.isoformat() if rule.since else None
            yield about, rule.code, rule.severity, since, rule.source, rule.message
    for fault in READING_FAULTS:
        if fault.code not in listed:
            yield "reading", fault.code, fault.severity, None, fault.standard_code, fault.message
