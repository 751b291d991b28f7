"""The directory's files as shipped, and what the reader says about broken ones."""

import csv
import re
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.codes import CLAIM_FILING_CODES, US_STATES
from app.domain.identifiers import is_payer_id
from app.domain.payers import Payer, PayerKind, ProfileSetting, effective_profile, payer_id, validate_value
from app.local.directory_file import PAYERS_FILE, PROFILES_FILE, Directory, read_directory

PAYER_HEADER = (
    "electronic_id,name,aliases,kind,claim_filing_code,states,is_original_medicare,address_line1,address_city,"
    "address_state,address_postal_code,eligibility,claims,secondary_claims,remittances,updated_on,invented"
)
PROFILE_HEADER = "electronic_id,setting,value,effective_from,effective_to,source,source_url,noted_on"
GOOD_PAYER = (
    "XAB123,Amber Kite Mutual,Amber Kite|AKM,commercial,CI,OH IN,no,1 Imaginary Plaza,Springfield,OH,45501,"
    "supported,supported,unknown,enrollment_required,2026-02-10,yes"
)
GOOD_ENTRY = "XAB123,crossover_window_business_days,15,2026-01-01,,sandbox documentation,,2026-02-10"
SANDBOX_NAMES = {
    "XOVR1": "Meadowlark Health Plan",
    "XOVR2": "Blue Heron Mutual",
    "XOVR3": "Cedar & Pine Behavioral",
    "XOVR4": "Prairie Lantern Insurance",
    "XOVR5": "Copper Kettle Medicaid",
    "XOVR6": "Silent Harbor Assurance",
    "XOVR7": "Juniper Federal Medicare",
    "XOVR8": "Larkspur Crossing HMO",
    "XOVR9": "Tamarack Trust",
}


@pytest.fixture(scope="module")
def shipped() -> Directory:
    directory, findings = read_directory()
    assert findings == ()
    return directory


@pytest.fixture(scope="module")
def by_id(shipped: Directory) -> dict[str, Payer]:
    return {payer.electronic_id: payer for payer in shipped.payers}


def rows_of(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def read(tmp_path: Path, payers: str, entries: str = "") -> tuple[Directory, list[tuple[str, str]]]:
    (tmp_path / "payers.csv").write_text(f"{PAYER_HEADER}\n{payers}\n", encoding="utf-8")
    (tmp_path / "profiles.csv").write_text(f"{PROFILE_HEADER}\n{entries}\n", encoding="utf-8")
    directory, findings = read_directory(tmp_path / "payers.csv", tmp_path / "profiles.csv")
    return directory, [(finding.pointer or "", finding.code) for finding in findings]


def test_the_shipped_directory_has_three_thousand_payers_each_with_its_own_id_and_name(shipped: Directory) -> None:
    assert len(shipped.payers) == 3000
    for values in (
        [payer.electronic_id for payer in shipped.payers],
        [payer.id for payer in shipped.payers],
        [payer.name.casefold() for payer in shipped.payers],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_every_shipped_payer_has_codes_of_the_standard(shipped: Directory) -> None:
    for payer in shipped.payers:
        assert is_payer_id(payer.electronic_id), payer.electronic_id
        assert payer.claim_filing_code in CLAIM_FILING_CODES, payer.electronic_id
        assert set(payer.states) <= US_STATES, payer.electronic_id
        assert payer.id == payer_id(payer.electronic_id)
        assert payer.updated_at.tzinfo is UTC


def test_no_shipped_alias_is_another_payers_id_alias_or_name(shipped: Directory) -> None:
    owners: dict[str, set[str]] = {}
    for payer in shipped.payers:
        for text in (payer.electronic_id, payer.name, *payer.aliases):
            owners.setdefault(text.casefold(), set()).add(payer.electronic_id)
    assert {text: ids for text, ids in owners.items() if len(ids) > 1} == {}


def test_invented_payers_are_marked_and_never_use_a_real_looking_id() -> None:
    rows = rows_of(PAYERS_FILE)
    invented = {row["electronic_id"] for row in rows if row["invented"] == "yes"}
    assert len(rows) - len(invented) >= 60
    assert all(re.fullmatch(r"XOVR[1-9]|X[A-Z]{2}[0-9]{3}", electronic_id) for electronic_id in invented)
    assert not any(row["electronic_id"].startswith("X") for row in rows if row["invented"] == "no")


def test_the_sandboxs_payers_are_in_the_directory(by_id: dict[str, Payer]) -> None:
    assert {electronic_id: by_id[electronic_id].name for electronic_id in SANDBOX_NAMES} == SANDBOX_NAMES
    assert by_id["XOVR3"].kind is PayerKind.BEHAVIORAL_CARVE_OUT
    assert (by_id["XOVR5"].kind, by_id["XOVR5"].claim_filing_code) == (PayerKind.MEDICAID, "MC")
    assert (by_id["XOVR7"].is_original_medicare, by_id["XOVR7"].claim_filing_code) == (True, "MB")
    assert (by_id["XOVR8"].kind, by_id["XOVR8"].claim_filing_code) == (PayerKind.HMO, "HM")


def test_well_known_payers_carry_their_public_ids(by_id: dict[str, Payer]) -> None:
    known = {"60054": "Aetna", "62308": "Cigna", "87726": "UnitedHealthcare", "61101": "Humana"}
    assert {electronic_id: by_id[electronic_id].name for electronic_id in known} == known


def test_every_shipped_entry_has_a_sound_value_and_a_source(shipped: Directory) -> None:
    known = {payer.id for payer in shipped.payers}
    assert shipped.profile_entries
    for entry in shipped.profile_entries:
        assert entry.payer_id in known
        assert validate_value(entry.setting, entry.value) == ()
        assert entry.source
        assert not entry.practice_override


def test_original_medicare_has_its_window_and_its_filing_limit(shipped: Directory) -> None:
    medicare = [payer for payer in shipped.payers if payer.is_original_medicare]
    assert len(medicare) > 10
    for payer in medicare:
        entries = [entry for entry in shipped.profile_entries if entry.payer_id == payer.id]
        profile = effective_profile(entries, date(2026, 2, 10))
        assert profile[ProfileSetting.CROSSOVER_WINDOW_BUSINESS_DAYS].value == 15
        assert profile[ProfileSetting.CLAIM_LEVEL_ADJUDICATION_ALLOWED].value is False
        for setting in (
            ProfileSetting.FILING_LIMIT_ORIGINAL,
            ProfileSetting.FILING_LIMIT_SECONDARY,
            ProfileSetting.FILING_LIMIT_CORRECTED,
        ):
            assert profile[setting].value == {"months": 12, "basis": "service_date"}


def test_one_sandbox_payer_takes_one_service_type_an_inquiry(shipped: Directory) -> None:
    setting = ProfileSetting.ELIGIBILITY_INQUIRY_SERVICE_TYPES
    takes = {entry.payer_id: entry.value for entry in shipped.profile_entries if entry.setting is setting}
    assert {electronic_id for electronic_id in SANDBOX_NAMES if takes[payer_id(electronic_id)] == "one"} == {"XOVR4"}


def test_reading_the_shipped_directory_takes_less_than_a_tenth_of_a_second() -> None:
    """The processor's time of the best of five, so that a busy machine does not decide."""
    taken = []
    for _ in range(5):
        begun = time.process_time()
        read_directory()
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.1


def test_a_row_becomes_a_payer_and_an_entry(tmp_path: Path) -> None:
    directory, findings = read(tmp_path, f"# a comment\n\n{GOOD_PAYER}", GOOD_ENTRY)
    assert findings == []
    (payer,), (entry,) = directory.payers, directory.profile_entries
    assert (payer.aliases, payer.states) == (("Amber Kite", "AKM"), ("OH", "IN"))
    assert payer.address is not None
    assert payer.address.postal_code == "45501"
    assert payer.updated_at == datetime(2026, 2, 10, tzinfo=UTC)
    assert (entry.payer_id, entry.setting) == (payer.id, ProfileSetting.CROSSOVER_WINDOW_BUSINESS_DAYS)
    assert (entry.value, entry.effective_from, entry.effective_to) == (15, date(2026, 1, 1), None)
    assert (entry.source_url, entry.noted_on) == (None, date(2026, 2, 10))


def test_all_findings_of_both_files_come_at_once_with_file_line_and_column(tmp_path: Path) -> None:
    directory, findings = read(
        tmp_path,
        "\n".join(
            [
                GOOD_PAYER,
                GOOD_PAYER,
                GOOD_PAYER.replace("XAB123", "xab124").replace("OH IN", "ZZ"),
                GOOD_PAYER.replace("commercial", "shop").replace("2026-02-10", "10.2.2026").replace(",yes", ",maybe"),
                GOOD_PAYER.replace("XAB123", "XAB125").replace("45501", "").replace("2026-02-10", ""),
                "XAB126,too few",
            ]
        ),
        "\n".join(
            [
                GOOD_ENTRY,
                GOOD_ENTRY,
                GOOD_ENTRY.replace("XAB123", "XZZ999"),
                GOOD_ENTRY.replace("crossover_window_business_days", "colour"),
                GOOD_ENTRY.replace(",15,", ",{,"),
                GOOD_ENTRY.replace("2026-01-01", "2026-13-01"),
            ]
        ),
    )
    assert [payer.electronic_id for payer in directory.payers] == ["XAB123"]
    assert len(directory.profile_entries) == 1
    assert findings == [
        ("/payers.csv/3/electronic_id", "payer_repeated"),
        ("/payers.csv/4/electronic_id", "payer_electronic_id"),
        ("/payers.csv/4/states", "payer_states"),
        ("/payers.csv/5/kind", "word_unknown"),
        ("/payers.csv/5/updated_on", "date_format"),
        ("/payers.csv/5/invented", "word_unknown"),
        ("/payers.csv/6/updated_on", "missing"),
        ("/payers.csv/6/address_line1", "address_incomplete"),
        ("/payers.csv/7", "file_row"),
        ("/profiles.csv/3/setting", "entry_repeated"),
        ("/profiles.csv/4/electronic_id", "payer_unknown"),
        ("/profiles.csv/5/setting", "word_unknown"),
        ("/profiles.csv/6/value", "json"),
        ("/profiles.csv/7/effective_from", "date_format"),
    ]


@pytest.mark.parametrize(
    ("content", "findings"),
    [
        (b"", [("/payers.csv", "file_header")]),
        (b"# only a comment\n", [("/payers.csv", "file_header")]),
        (b"id,name\nA1,Aetna\n", [("/payers.csv/1", "file_header")]),
        (PAYER_HEADER.encode() + b"\n\xff\xfe\n", [("/payers.csv", "file_encoding")]),
        (PAYER_HEADER.encode() + b'\n"' + b"x" * 140_000 + b'"\n', [("/payers.csv/2", "file_row")]),
    ],
    ids=["empty", "comment", "other columns", "not UTF-8", "oversized cell"],
)
def test_a_file_that_is_no_directory_is_a_finding(
    tmp_path: Path, content: bytes, findings: list[tuple[str, str]]
) -> None:
    (tmp_path / "payers.csv").write_bytes(content)
    (tmp_path / "profiles.csv").write_text(PROFILE_HEADER, encoding="utf-8")
    directory, found = read_directory(tmp_path / "payers.csv", tmp_path / "profiles.csv")
    assert directory == Directory((), ())
    assert [(finding.pointer, finding.code) for finding in found] == findings


def test_a_file_written_by_a_spreadsheet_reads_the_same(tmp_path: Path) -> None:
    text = PAYERS_FILE.read_text(encoding="utf-8").replace("\n", "\r\n")
    (tmp_path / "payers.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_directory(tmp_path / "payers.csv", PROFILES_FILE) == read_directory()


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.text(max_size=120), max_size=6))
def test_no_text_makes_the_reader_fail(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    folder = tmp_path_factory.mktemp("directory")
    body = "\n".join(lines).encode("utf-8", "surrogatepass")
    (folder / "payers.csv").write_bytes(PAYER_HEADER.encode() + b"\n" + body)
    (folder / "profiles.csv").write_bytes(PROFILE_HEADER.encode() + b"\n" + body)
    directory, findings = read_directory(folder / "payers.csv", folder / "profiles.csv")
    assert directory.payers == ()
    assert all(finding.pointer and finding.pointer.startswith("/p") for finding in findings)
