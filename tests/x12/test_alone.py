"""`app/x12` with `app/domain` works without the rest of the service and without any package installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import app
from tests.x12.mixed_texts import TEXTS

_FOLDER = Path(app.__file__).parent

_READ = """
from app.x12.documents import ItemRead, read_documents
from app.x12.findings import Report

report = Report()
with open(sys.argv[1], "rb") as opened:
    items = [event.item for event in read_documents(iter(lambda: opened.read(65536), b""), report) if isinstance(event, ItemRead)]
print(*[type(item).__name__ for item in items], report.has_error)
"""
_CHECK = """
from app.x12.checks import check
from app.x12.findings import Report
from app.x12.rule_tables import RULE_TABLES

report = Report()
with open(sys.argv[1], "rb") as opened:
    checked = check(opened.read(), report)
print(checked.items, report.has_error, sorted(RULE_TABLES) != [])
"""
_WRITE = """
from datetime import datetime, timezone
from app.domain.eligibility import Interchange
from app.domain.professional_claims import Submitter
from app.domain.parties import Contact
from app.x12.documents import ItemRead, read_documents
from app.x12.findings import Report
from app.x12.professional_claim_837 import write

with open(sys.argv[1], "rb") as opened:
    events = list(read_documents(opened.read(), Report()))
claim = next(event.item.claim for event in events if isinstance(event, ItemRead) and hasattr(event.item, "claim"))
text, findings = write(
    claim,
    Interchange(
        sender_id="QUIETROOMS", receiver_id="CLEARING", control_number=1, is_test=True,
        created_at=datetime(2026, 9, 12, tzinfo=timezone.utc),
    ),
    reference="R1",
    submitter=Submitter(name="Quiet Rooms", id="QUIETROOMS", contact=Contact(name="Desk", phone="3035550100")),
    receiver_name="Invented Clearinghouse",
)
print(text[:3], findings)
"""
_NOTHING_ELSE = """
print(sorted({name.split(".")[0] for name in sys.modules} - sys.stdlib_module_names - {"__main__"}))
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two packages, and a text of every kind."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").touch()
    for package in ("x12", "domain"):
        shutil.copytree(_FOLDER / package, folder / "app" / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "mixed.x12").write_text("".join(TEXTS.values()))
    return folder


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        (
            _READ,
            "ReadClaim ClaimPayment EligibilityAnswer ClaimStatus ClaimAcknowledgment TransactionAcknowledgment False",
        ),
        (_CHECK, "6 False True"),
        (_WRITE, "ISA ()"),
    ],
    ids=["read", "check", "write"],
)
def test_it_works_with_the_standard_library_only(alone: Path, program: str, answer: str) -> None:
    code = f"import sys\nsys.path.insert(0, {str(alone)!r})\n{program}{_NOTHING_ELSE}"
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(alone / "mixed.x12")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    assert ended.stdout.splitlines() == [answer, "['app']"]
