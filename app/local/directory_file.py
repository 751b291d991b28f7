"""The payer directory's files: two tables of comma-separated text, read into domain values.

What is wrong with a file is reported all at once, as findings whose pointer is file, line and column; a row with an
error is left out. Nothing is stored here.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from app.domain.findings import Finding
from app.domain.parties import Address
from app.domain.payers import (
    Payer,
    PayerKind,
    PayerSupport,
    ProfileEntry,
    ProfileSetting,
    SupportLevel,
    check_payer,
    check_profile_entry,
    payer_id,
    profile_entry_id,
)

PAYERS_FILE = Path(__file__).with_name("payers.csv")
PROFILES_FILE = Path(__file__).with_name("payer_profiles.csv")

_NOT_JSON = object()
_Word = TypeVar("_Word", bound=StrEnum)


class _PayerRow(NamedTuple):
    """The columns of the payers' file, in their order."""

    electronic_id: str
    name: str
    aliases: str
    kind: str
    claim_filing_code: str
    states: str
    is_original_medicare: str
    address_line1: str
    address_city: str
    address_state: str
    address_postal_code: str
    eligibility: str
    claims: str
    secondary_claims: str
    remittances: str
    updated_on: str
    invented: str


class _ProfileRow(NamedTuple):
    """The columns of the profiles' file, in their order."""

    electronic_id: str
    setting: str
    value: str
    effective_from: str
    effective_to: str
    source: str
    source_url: str
    noted_on: str


@dataclass(frozen=True)
class Directory:
    payers: tuple[Payer, ...]
    profile_entries: tuple[ProfileEntry, ...]


@dataclass
class _Line:
    """One row's place in its file, and what is wrong with it so far."""

    file: str
    number: int
    findings: list[Finding] = field(default_factory=list)

    def add(self, column: str, code: str, message: str) -> None:
        pointer = f"/{self.file}/{self.number}/{column}".removesuffix("/")
        self.findings.append(Finding(code=code, message=message, pointer=pointer))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Findings of the domain, whose pointers are below the row."""
        self.findings.extend(
            replace(finding, pointer=f"/{self.file}/{self.number}{finding.pointer or ''}") for finding in findings
        )

    def word(self, column: str, text: str, words: type[_Word]) -> _Word | None:
        try:
            return words(text)
        except ValueError:
            self.add(column, "word_unknown", f"The word is one of {', '.join(words)}.")
            return None

    def yes(self, column: str, text: str) -> bool:
        if text not in {"yes", "no"}:
            self.add(column, "word_unknown", "The word is yes or no.")
        return text == "yes"

    def day(self, column: str, text: str) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.add(column, "date_format", "A date is written YYYY-MM-DD.")
            return None

    def required_day(self, column: str, text: str) -> date:
        day = self.day(column, text)
        if not text:
            self.add(column, "missing", "The date is required.")
        return day or date.min

    def json(self, column: str, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            self.add(column, "json", "The value is not JSON.")
            return _NOT_JSON


def read_directory(
    payers_file: Path = PAYERS_FILE, profiles_file: Path = PROFILES_FILE
) -> tuple[Directory, tuple[Finding, ...]]:
    """Both files. With an error finding the directory is incomplete and must not be loaded."""
    payers, findings = _read_payers(payers_file)
    entries, more = _read_profiles(profiles_file, {payer.electronic_id: payer.id for payer in payers})
    return Directory(tuple(payers), tuple(entries)), (*findings, *more)


def _read_payers(path: Path) -> tuple[list[Payer], list[Finding]]:
    payers: dict[str, Payer] = {}
    findings: list[Finding] = []
    for line, cells in _lines(path, _PayerRow._fields, findings):
        payer = _payer(line, _PayerRow(*cells))
        if payer is not None and payer.electronic_id in payers:
            line.add("electronic_id", "payer_repeated", "An earlier row has this electronic id.")
        if payer is not None and not line.findings:
            payers[payer.electronic_id] = payer
        findings.extend(line.findings)
    return list(payers.values()), findings


def _payer(line: _Line, row: _PayerRow) -> Payer | None:
    kind = line.word("kind", row.kind, PayerKind)
    eligibility = line.word("eligibility", row.eligibility, SupportLevel)
    claims = line.word("claims", row.claims, SupportLevel)
    secondary_claims = line.word("secondary_claims", row.secondary_claims, SupportLevel)
    remittances = line.word("remittances", row.remittances, SupportLevel)
    is_original_medicare = line.yes("is_original_medicare", row.is_original_medicare)
    updated_on = line.required_day("updated_on", row.updated_on)
    line.yes("invented", row.invented)
    if not (kind and eligibility and claims and secondary_claims and remittances):
        return None
    payer = Payer(
        id=payer_id(row.electronic_id),
        electronic_id=row.electronic_id,
        name=row.name,
        aliases=tuple(row.aliases.split("|")) if row.aliases else (),
        kind=kind,
        claim_filing_code=row.claim_filing_code,
        states=tuple(row.states.split()),
        is_original_medicare=is_original_medicare,
        address=_address(line, row),
        supports=PayerSupport(
            eligibility=eligibility, claims=claims, secondary_claims=secondary_claims, remittances=remittances
        ),
        updated_at=datetime.combine(updated_on, time(), UTC),
    )
    line.extend(check_payer(payer))
    return payer


def _address(line: _Line, row: _PayerRow) -> Address | None:
    cells = (row.address_line1, row.address_city, row.address_state, row.address_postal_code)
    if not any(cells):
        return None
    if not all(cells):
        line.add("address_line1", "address_incomplete", "An address has a line, a city, a state and a postal code.")
    line1, city, state, postal_code = cells
    return Address(line1=line1, city=city, state=state, postal_code=postal_code)


def _read_profiles(path: Path, payer_ids: dict[str, UUID]) -> tuple[list[ProfileEntry], list[Finding]]:
    entries: dict[UUID, ProfileEntry] = {}
    findings: list[Finding] = []
    for line, cells in _lines(path, _ProfileRow._fields, findings):
        entry = _profile_entry(line, _ProfileRow(*cells), payer_ids)
        if entry is not None and entry.id in entries:
            line.add("setting", "entry_repeated", "An earlier row has this payer, setting and first day.")
        if entry is not None and not line.findings:
            entries[entry.id] = entry
        findings.extend(line.findings)
    return list(entries.values()), findings


def _profile_entry(line: _Line, row: _ProfileRow, payer_ids: dict[str, UUID]) -> ProfileEntry | None:
    payer = payer_ids.get(row.electronic_id)
    if payer is None:
        line.add("electronic_id", "payer_unknown", "No payer of the directory has this electronic id.")
    setting = line.word("setting", row.setting, ProfileSetting)
    value = line.json("value", row.value)
    effective_from = line.day("effective_from", row.effective_from)
    effective_to = line.day("effective_to", row.effective_to)
    noted_on = line.required_day("noted_on", row.noted_on)
    if payer is None or setting is None or value is _NOT_JSON:
        return None
    entry = ProfileEntry(
        id=profile_entry_id(payer, setting, effective_from),
        payer_id=payer,
        setting=setting,
        value=value,
        effective_from=effective_from,
        effective_to=effective_to,
        source=row.source,
        source_url=row.source_url or None,
        noted_on=noted_on,
    )
    line.extend(check_profile_entry(entry))
    return entry


def _lines(path: Path, columns: Sequence[str], findings: list[Finding]) -> Iterator[tuple[_Line, list[str]]]:
    """The rows below the header, without comments (#) and empty lines; a file that cannot be read yields none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        findings.append(Finding(code="file_encoding", message="The file is not UTF-8.", pointer=f"/{path.name}"))
        return
    reader = csv.reader(text.split("\n"))
    try:
        rows = [(reader.line_num, cells) for cells in reader if cells and not cells[0].startswith("#")]
    except csv.Error:
        pointer = f"/{path.name}/{reader.line_num}"
        findings.append(Finding(code="file_row", message="The line is not comma-separated text.", pointer=pointer))
        return
    is_header = True
    for number, cells in rows:
        line = _Line(path.name, number)
        if is_header and cells != list(columns):
            line.add("", "file_header", f"The columns are {','.join(columns)}.")
            findings.extend(line.findings)
            return
        if len(cells) != len(columns):
            line.add("", "file_row", f"A row has {len(columns)} cells.")
            findings.extend(line.findings)
        elif not is_header:
            yield line, cells
        is_header = False
    if is_header:
        findings.append(Finding(code="file_header", message="The file has no header.", pointer=f"/{path.name}"))
