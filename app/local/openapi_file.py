"""openapi/openapi.json: drawn from the code, checked against it and against the last released document."""

import json
from pathlib import Path

from app import __version__
from app.api.application import create_application
from app.api.openapi_changes import breaking_changes

DOCUMENT = "openapi.json"
RELEASED = "released.json"


def write(folder: Path) -> Path:
    path = folder / DOCUMENT
    path.write_text(_drawn(), encoding="utf-8")
    return path


def check(folder: Path) -> list[str]:
    """Faults: a document out of step with the code, or a change that breaks who lives by the released one."""
    drawn = _drawn()
    path, released = folder / DOCUMENT, folder / RELEASED
    faults: list[str] = []
    if not path.exists() or path.read_text(encoding="utf-8") != drawn:
        faults.append(f"{path} is out of step with the code; run `crossover openapi write`")
    if released.exists():
        faults += breaking_changes(json.loads(released.read_text(encoding="utf-8")), json.loads(drawn))
    return faults


def _drawn() -> str:
    document = create_application(version=__version__).openapi()
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
