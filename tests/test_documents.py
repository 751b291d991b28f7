"""The pages hold: tables are the code's, links and anchors lead somewhere, what is named exists, commands are commands."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from app import cli
from app.api.finding_codes import FINDING_CODES
from app.clearinghouse.port import RefusedReason, UnavailableReason
from app.settings import SECRETS_DIR, setting_names
from tests import documents
from tests.documents import REPOSITORY

PAGES = documents.documents()
NOT_OUR_NAMES = {"CROSSOVER_TEST_SCALE"}
"""Read by the tests only."""
NOT_YET_THERE = {"openapi/released.json"}
"""Named as what a release will put there."""
_OUR_FOLDERS = r"app|migrations|openapi|tests|benchmarks|docs|\.ci"


def identify(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def text_of(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_its_tables_are_what_the_code_says(page: Path) -> None:
    for name, text in documents.marked_tables(page).items():
        assert text == documents.TABLES[name](), "`.venv/bin/python -m tests.documents` writes it anew"


def test_every_table_stands_on_one_page() -> None:
    names = [name for page in PAGES for name in documents.marked_tables(page)]
    assert sorted(names) == sorted(documents.TABLES)


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_its_links_lead_somewhere(page: Path) -> None:
    for target in documents.links(page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = page if not path else (page.parent / path).resolve()
        assert linked.is_relative_to(REPOSITORY), target
        assert linked.exists(), target
        assert not anchor or anchor in documents.anchors(linked), target


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [REPOSITORY / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        targets = (target.partition("#")[0] for target in documents.links(page.read_text(encoding="utf-8")))
        linked = {(page.parent / target).resolve() for target in targets if target.endswith(".md")}
        waiting += linked - reached
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_files_it_names_exist(page: Path) -> None:
    named = re.findall(rf"`((?:{_OUR_FOLDERS})/[\w./-]+)`", page.read_text(encoding="utf-8"))
    absent = [name for name in named if not (REPOSITORY / name).exists() and name not in NOT_YET_THERE]
    assert absent == []


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_settings_it_names_exist(page: Path) -> None:
    named = set(re.findall(r"\bCROSSOVER_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8")))
    assert named - NOT_OUR_NAMES - {SECRETS_DIR} <= set(setting_names())


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_commands_it_names_are_commands(page: Path) -> None:
    words = r"(?:api|worker|sandbox|database \w[\w-]*|practice \w+|inbound \w+|token|openapi \w+|x12 \w+|seed|run|demo)"
    text = page.read_text(encoding="utf-8")
    for command in set(re.findall(rf"(?:`|\n    |bin/|and `)crossover ({words})", text)):
        with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as ended:
            cli.main([*shlex.split(command), "--help"])
        assert ended.value.code == 0, command


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_make_targets_it_names_are_targets(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|\n    |bin )make ([a-z-]+)", page.read_text(encoding="utf-8"))) <= targets


def test_contributing_lists_every_make_target() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", text_of("Makefile"), re.MULTILINE)
    listed = re.findall(r"^\| `make ([a-z-]+)` \|", text_of("CONTRIBUTING.md"), re.MULTILINE)
    assert sorted(listed) == sorted(targets)


def test_the_map_shows_every_part_of_the_application() -> None:
    section = text_of("README.md").partition("<!-- map: app -->")[2].partition("<!-- end -->")[0]
    listed = re.findall(r"^\| `app/([\w.]+)/?` \|", section, re.MULTILINE)
    there = {path.name for path in (REPOSITORY / "app").iterdir() if not path.name.startswith("__")}
    assert sorted(listed) == sorted(there)


def test_decisions_are_numbered_and_have_the_same_parts() -> None:
    pages = documents.decision_pages()
    assert [page.stem[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert documents.title_of(page).startswith(f"{page.stem[:4]}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_codes_that_are_put_together_have_their_row() -> None:
    """Those that stand whole in the code are found by `tests/api/test_problem_codes.py`."""
    put_together = {
        *(f"setting_value_{what}" for what in ("type", "choice", "range", "keys", "format", "repeated")),
        *(f"{field}_differs" for field in ("member_id", "last_name", "birth_date")),
        *(f"{field}_not_returned" for field in ("member_id", "last_name", "birth_date")),
        *("part_rejected", "carve_out", "percent_above_one", "other_member_in_answer", "coverage_not_stated"),
        "coverage_contradictory",
        *(f"clearinghouse_{reason}" for reason in UnavailableReason),
        *(f"clearinghouse_refused_{reason}" for reason in RefusedReason),
    }
    assert put_together - FINDING_CODES.keys() == set()
