"""Generated requests against the running service: every check of schemathesis, a token of every role, a seeded practice.

What may be answered stands in `tests/schemathesis.toml`, how requests get behind the first check in `fuzzing.py`. Here is
what the run as a whole must have reached.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.domain.access import ACCESS
from app.domain.callers import Role
from app.domain.practices import Practice
from tests.api.fuzzing_records import PLAN_VARIABLE, SUMMARY_VARIABLE, Plan, may
from tests.factories import a_practice, an_npi
from tests.journeys.walking import Someone
from tests.running import Databases, RunningService
from tests.worker.scale import times

REPOSITORY = Path(__file__).parents[2]
EXAMPLES_PER_OPERATION = times(25, 800)
LEAST_CASES = times(2_000, 20_000)
LONGEST_SECONDS = times(600, 3_600)


@dataclass(frozen=True)
class Outcome:
    """`statuses` by operation and role; `log` is what the API wrote meanwhile."""

    exit_code: int
    output: str
    report: dict[str, Any]
    statuses: dict[str, dict[str, dict[str, int]]]
    log: str


@pytest.fixture(scope="module")
async def plan(http: httpx.AsyncClient, whole_service: RunningService, databases: Databases) -> Plan:
    practice = await databases.add_practice()
    other = await databases.add_practice(a_practice(npi=an_npi(2)))
    admin = Someone.of(http, whole_service, Role.ADMIN, practice.id)
    patient = await admin.new_patient()
    tokens = {role.value: _token(whole_service, role, practice, UUID(patient["id"])) for role in Role}
    stranger = whole_service.token(Role.ADMIN, other.id, subject="stranger")
    return Plan(
        url=whole_service.url,
        sandbox_url=whole_service.sandbox_url,
        patient_id=patient["id"],
        tokens={**tokens, "stranger": stranger},
    )


@pytest.fixture(scope="module")
def outcome(plan: Plan, whole_service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("schemathesis")
    plan.write(folder / "plan.json")
    written = len(whole_service.log("api"))
    finished = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "--config-file=tests/schemathesis.toml",
            "--no-color",
            "run",
            f"{plan.url}/openapi.json",
            f"--max-examples={EXAMPLES_PER_OPERATION}",
            f"--report-json-path={folder / 'report.json'}",
        ],
        cwd=REPOSITORY,
        env={
            **os.environ,
            PLAN_VARIABLE: str(folder / "plan.json"),
            SUMMARY_VARIABLE: str(folder / "summary.json"),
        },
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    output = finished.stdout + finished.stderr
    assert (folder / "report.json").exists(), output[-4000:]
    return Outcome(
        exit_code=finished.returncode,
        output=output,
        report=json.loads((folder / "report.json").read_text(encoding="utf-8")),
        statuses=json.loads((folder / "summary.json").read_text(encoding="utf-8")),
        log=whole_service.log("api")[written:],
    )


def test_every_check_holds_for_every_generated_request(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, outcome.output[-20_000:]
    assert (outcome.report["failures"], outcome.report["errors"]) == ([], [])
    assert outcome.report["complete"]


def test_enough_was_generated_for_every_operation(outcome: Outcome) -> None:
    assert outcome.report["test_cases"]["generated"] >= LEAST_CASES
    assert outcome.statuses.keys() == ACCESS.keys()
    assert {phase: state["status"] for phase, state in outcome.report["phases"].items()} == dict.fromkeys(
        ("examples", "coverage", "fuzzing", "stateful"), "success"
    )


def test_every_operation_succeeds_for_every_role_that_may(outcome: Outcome) -> None:
    missed = [
        (operation, role.value)
        for operation in ACCESS
        for role in Role
        if may(role, operation) and not any(status[0] == "2" for status in outcome.statuses[operation].get(role, {}))
    ]
    assert missed == []


def test_every_other_role_is_refused_by_every_operation(outcome: Outcome) -> None:
    answered = {
        (operation, role.value): set(outcome.statuses[operation].get(role, {}))
        for operation in ACCESS
        for role in Role
        if not may(role, operation)
    }
    assert {key: statuses for key, statuses in answered.items() if statuses != {"403"}} == {}


def test_the_service_made_no_mistake(outcome: Outcome) -> None:
    statuses = {status for roles in outcome.statuses.values() for seen in roles.values() for status in seen}
    assert [status for status in statuses if status[0] == "5"] == []
    events = [json.loads(line) for line in outcome.log.splitlines()]
    assert [event for event in events if event["level"] in {"error", "critical"}] == []


def test_nothing_about_a_person_is_in_the_log(outcome: Outcome, plan: Plan) -> None:
    assert "Imagina" not in outcome.log
    assert "Pretend Court" not in outcome.log
    assert not any(token in outcome.log for token in plan.tokens.values())


def _token(service: RunningService, role: Role, practice: Practice, patient_id: UUID) -> str:
    return service.token(
        role,
        None if role is Role.OPS else practice.id,
        subject=f"generated-{role}",
        patient_id=patient_id if role is Role.PATIENT else None,
        scopes=tuple(sorted({access.scope for access in ACCESS.values()} - {""})) if role is Role.PARTNER else (),
    )
