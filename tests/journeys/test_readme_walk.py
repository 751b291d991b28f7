"""The README's walk: every command is run as it stands there, and the service gives the answer that is shown.

What differs from run to run is compared by its shape: ids that the service makes (the same one wherever the page has the
same one), ETags, times, and what `...` stands for. Layout does not count. Only address, command, ids and versions that
were shown as an ETag are put in place.
"""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from app.domain.payers import payer_id
from app.local.demonstration import PATIENT_ID, PROVIDER_ID
from tests import documents
from tests.running import Databases, RunningService

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")
"""Of records, and of repairs."""
_PLACES = re.compile(
    rf'(?P<gap>\.\.\.)|(?P<id>{_ID.pattern})|(?P<time>\d{{4}}-\d\d-\d\dT[\d:.]+Z)|(?P<etag>etag: "(?P<version>\d+)")'
)
_IF_MATCH = re.compile(r'If-Match: "(?P<version>\d+)"')
_SEEDED = {str(PATIENT_ID), str(PROVIDER_ID), *(str(payer_id(f"XOVR{number}")) for number in range(1, 10))}
_ASSIGNED = re.compile(r"^([A-Z]+)=", re.MULTILINE)
_READ_AGAIN_SECONDS = 15.0


@pytest.fixture(scope="module")
def walked_service(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of its own: the walk uses fixed names and the demonstration practice."""
    running = RunningService(databases.fresh(), tmp_path_factory.mktemp("walk"))
    try:
        running.start("sandbox", "api", "worker")
        yield running
    finally:
        running.stop()


class Walk:
    """Ids that the page shows, and those that the service made in their place; the same for versions.

    A claim's version depends on what was heard of it first, its acknowledgment or its payment.
    """

    def __init__(self, service: RunningService) -> None:
        self._service = service
        self._ids = {known: known for known in _SEEDED}
        self._versions: dict[str, str] = {}
        self._variables = service.folder / "variables"
        self._variables.touch()

    def run(self, commands: str) -> str:
        script = _ID.sub(lambda match: self._ids[match[0]], commands)
        script = _IF_MATCH.sub(lambda match: f'If-Match: "{self._version(match["version"])}"', script)
        script = script.replace("http://127.0.0.1:8000", self._service.url)
        script = script.replace(".venv/bin/crossover", f"{sys.executable} -m app.cli")
        names = " ".join(_ASSIGNED.findall(script))
        keep = f"declare -p {names} >>{self._variables}" if names else ""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f". {self._variables}\n{script}\n{keep}"],
            env=self._service.environment,
            cwd=documents.REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def is_shown(self, shown: str, answer: str) -> bool:
        """Whether the answer is what the page shows; if so, remembers the ids and the version in it."""
        groups: dict[str, str] = {}
        pattern, at = "", 0
        for place in _PLACES.finditer(shown):
            pattern += re.escape("".join(shown[at : place.start()].split()))
            pattern += self._place(place, groups)
            at = place.end()
        pattern += re.escape("".join(shown[at:].split()))
        found = re.fullmatch(pattern, "".join(answer.split()), re.DOTALL)
        if found is None:
            return False
        self._ids |= {on_page: found[group] for on_page, group in groups.items()}
        for place in _PLACES.finditer(shown):
            if place["etag"]:
                self._versions[place["version"]] = found["version"]
        return True

    def _version(self, on_page: str) -> str:
        return self._versions.get(on_page, on_page)

    def _place(self, place: re.Match[str], groups: dict[str, str]) -> str:
        if place["gap"]:
            return ".*?"
        if place["time"]:
            return r"\d{4}-\d\d-\d\dT[\d:.]+Z"
        if place["etag"]:
            return r'etag:"(?P<version>\d+)"'
        on_page = place["id"]
        if on_page in self._ids:
            return re.escape(self._ids[on_page])
        if on_page in groups:
            return f"(?P={groups[on_page]})"
        groups[on_page] = f"id{len(groups)}"
        return f"(?P<{groups[on_page]}>{_ID.pattern})"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: the README's walk is made with it")
def test_every_command_is_answered_as_the_readme_shows(walked_service: RunningService) -> None:
    walk = Walk(walked_service)
    steps = documents.walk()
    assert len([step for step in steps if step.answer is not None]) > 25
    for step in steps:
        answer = walk.run(step.commands)
        if step.answer is None:
            assert answer == ""
            continue
        is_read = not re.search("Idempotency-Key|-X ", step.commands)
        deadline = time.monotonic() + _READ_AGAIN_SECONDS
        while not (is_shown := walk.is_shown(step.answer, answer)) and is_read and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = walk.run(step.commands)
        assert is_shown, f"{step.commands}\nwas answered\n{answer}\nand not as the page shows\n{step.answer}"
