"""`crossover x12 check` and `rules`: what is wrong with a text, with the cents, and where a rule comes from."""

import importlib
import pkgutil
import re
from decimal import Decimal
from typing import Any

import pytest

import app.x12
from app.x12.findings import Fault
from app.x12.rule_tables import CODES, READING_FAULTS, RULE_TABLES
from app.x12.rules import Rule
from tests.cli.commands import Crossover, as_program
from tests.x12.mixed_texts import TEXTS, of_guide

UNBALANCED = TEXTS["837P"].replace("SVD*PAYERID*80*", "SVD*PAYERID*79.99*")


@pytest.mark.parametrize("kind", TEXTS)
def test_a_valid_text_is_clean(crossover: Crossover, kind: str) -> None:
    ended = crossover("x12", "check", crossover.file(TEXTS[kind]))
    assert ended.code == 0
    assert re.search(r"text\.x12: clean.*; 1 transaction set with 1 item checked\n$", ended.out), ended.out


def test_what_does_not_add_up_is_shown_with_the_cents(crossover: Crossover) -> None:
    ended = crossover("x12", "check", crossover.file(UNBALANCED))
    assert ended.code == 1
    assert ended.err == ""
    *findings, last = ended.out.splitlines()
    line = next(one for one in findings if " line_out_of_balance: " in one)
    assert re.search(r"text\.x12: error line_out_of_balance: segment \d+, byte \d+, 2430 SVD02: .*\b0\.01\b", line)
    assert re.search(r"text\.x12: 2 errors; 1 transaction set with 1 item checked", last)


def test_the_same_as_json(crossover: Crossover) -> None:
    *findings, summary = crossover("x12", "check", "--json", crossover.file(UNBALANCED)).records
    finding = next(one for one in findings if one["code"] == "line_out_of_balance")
    assert abs(Decimal(finding["difference"])) == Decimal("0.01")
    assert finding["segment_id"] == "SVD"
    assert summary["file"].endswith("text.x12")
    assert (summary["clean"], summary["errors"], summary["transactions"], summary["items"]) == (False, 2, 1, 1)


def test_each_file_has_its_last_line(crossover: Crossover) -> None:
    files = [crossover.file(TEXTS["835"], "one.835"), crossover.file(UNBALANCED, "two.837")]
    ended = crossover("x12", "check", *files)
    assert ended.code == 1
    lasts = [line for line in ended.out.splitlines() if "checked" in line]
    assert [("clean" in line, "one.835" in line) for line in lasts] == [(True, True), (False, False)]


def test_what_is_not_read_is_not_called_clean(crossover: Crossover) -> None:
    ended = crossover("x12", "check", crossover.file(of_guide("834", "005010X220A1")))
    assert ended.code == 1
    finding, last = ended.out.splitlines()
    assert "834 (enrolment) of 005010X220A1" in finding
    assert last.endswith("text.x12: 1 error; 1 transaction set not checked")


def test_a_negative_adjustment_is_a_warning_and_an_error_for_a_partner_who_says_so(crossover: Crossover) -> None:
    text = TEXTS["837P"].replace("CAS*CO*45*45~CAS*PR*3*25", "CAS*CO*45*-45~CAS*PR*3*115")
    text = text.replace("~AMT*EAF*25~", "~AMT*EAF*115~")
    file = crossover.file(text)
    usual = crossover("x12", "check", file)
    assert (usual.code, ": warning adjustment_negative: " in usual.out) == (0, True)
    strict = crossover("x12", "check", "--error", "adjustment_negative", file)
    assert (strict.code, ": error adjustment_negative: " in strict.out) == (1, True)
    lax = crossover("x12", "check", "--ignore", "adjustment_negative", file)
    assert (lax.code, "adjustment_negative" in lax.out) == (0, False)


def test_a_dash_is_standard_input() -> None:
    ended = as_program("x12", "check", "-", text=UNBALANCED)
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines()[-1].startswith("-: 2 errors; ")


def test_the_rules_are_listed_with_their_origin(crossover: Crossover) -> None:
    ended = crossover("x12", "rules")
    assert ended.code == 0
    rows = [tuple(line.split("\t")) for line in ended.out.splitlines()]
    assert {row[1] for row in rows} == CODES
    assert len(set(rows)) == len(rows)
    for about, table in RULE_TABLES.items():
        for rule in table:
            since = rule.since.isoformat() if rule.since else "-"
            assert (about, rule.code, rule.severity, since, rule.source, rule.message) in rows


def test_the_rules_as_json(crossover: Crossover) -> None:
    records = crossover("x12", "rules", "--json").records
    assert {one["code"] for one in records} == CODES
    assert {one["about"] for one in records} == {*RULE_TABLES, "reading"}


@pytest.mark.parametrize("about", RULE_TABLES)
def test_a_code_stands_once_in_its_table(about: str) -> None:
    codes = [rule.code for rule in RULE_TABLES[about]]
    assert sorted(set(codes)) == sorted(codes)


def test_everything_that_reading_and_checking_find_can_be_weighed() -> None:
    """Found by the modules that end like a reader or a check; the writers' faults have no text to be found in."""
    modules = [
        importlib.import_module(f"app.x12.{module.name}")
        for module in pkgutil.iter_modules(app.x12.__path__)
        if re.search("read|check|loops|envelope|segments$|structure", module.name)
        and "claim_segments" not in module.name
    ]
    values: list[Any] = [value for module in modules for value in vars(module).values()]
    codes = {value.code for value in values if type(value) in {Fault, Rule}}
    assert len(codes) > 50
    assert codes - CODES == set()


def test_what_reading_finds_has_a_code_for_each() -> None:
    assert len({fault.code for fault in READING_FAULTS}) == len(READING_FAULTS)
