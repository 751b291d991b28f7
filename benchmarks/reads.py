"""Reading one coverage and listing 50, ours against bare handlers in the same process, in turn, in one run."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from app.domain.callers import Role, Tenant
from app.domain.codes import BenefitClass
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import CoverageStatus
from app.domain.payers import payer_id
from app.domain.practices import Practice
from app.repositories.database import Database, DatabaseLimits
from app.repositories.unit_of_work import UnitsOfWork
from tests.factories import a_coverage, a_patient
from tests.running import MASTER_KEYS, Databases, RunningService, free_port, running_databases

CONNECTIONS = 16
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
GOALS = {"one coverage": 0.50, "list of 50": 0.55}


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="crossover-bench-") as name,
        running_databases(Path(name) / "pg") as databases,
    ):
        practice, one, patient = asyncio.run(_fill(databases))
        service = RunningService(databases, Path(name))
        token = service.token(Role.BILLER, practice.id)
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serving", str(port), str(practice.id)], env=service.environment
        )
        try:
            paths = {"one coverage": f"/v1/coverages/{one}", "list of 50": f"/v1/patients/{patient}/coverages?limit=50"}
            _wait(port)
            return _report({label: _compare(server.pid, port, path, token) for label, path in paths.items()})
        finally:
            server.terminate()
            server.wait(15)


async def _fill(databases: Databases) -> tuple[Practice, UUID, UUID]:
    """One practice with 200 patients; one of them has 50 coverages."""
    practice = await databases.add_practice()
    database = Database.connect(
        databases.app_url, limits=DatabaseLimits(statement_ms=60_000), master_keys=MASTER_KEYS, name="bench"
    )
    units = UnitsOfWork(database, now=lambda: datetime.now(UTC), new_id=uuid4)
    tenant = Tenant(practice_id=practice.id, actor="bench", role="system", request_id="bench")
    async with units.begin(tenant) as uow:
        for number in range(200):
            patient = a_patient()
            await uow.patients.add(patient)
            for place in range(50 if number == 199 else 1):
                coverage = a_coverage(
                    id=UUID(int=uuid4().int),
                    patient_id=patient.id,
                    payer_id=payer_id("XOVR1"),
                    member_id=f"MLK{number:03d}{place:03d}",
                    benefit_class=BenefitClass.ALL,
                    status=CoverageStatus.VERIFIED if place == 0 else CoverageStatus.UNVERIFIED,
                )
                await uow.coverages.add(coverage)
                if place == 0:
                    rank = CoverageRank(
                        coverage_id=coverage.id, benefit_class=coverage.benefit_class, rank=coverage.wished_rank
                    )
                    await uow.coverage_ranks.add(patient.id, rank)
                    first = coverage
        await uow.commit()
    await database.close()
    return practice, first.id, patient.id


def _compare(pid: int, port: int, path: str, token: str) -> dict[str, list[dict[str, float]]]:
    base = f"http://127.0.0.1:{port}"
    if _get(f"{base}{path}", token) != _get(f"{base}/bare{path}", token):
        raise AssertionError(f"{path}: the two do not send the same bytes")
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
    for round_ in range(ROUNDS + 1):
        for name, url in (("ours", f"{base}{path}"), ("bare", f"{base}/bare{path}")):
            figures = _load(pid, url, token)
            if round_:  # the first round warms both up
                runs[name].append(figures)
    return runs


def _load(pid: int, url: str, token: str) -> dict[str, float]:
    began = _cpu_seconds(pid)
    command = [sys.executable, "-m", "benchmarks.load", url, token, str(CONNECTIONS), str(SECONDS)]
    figures: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    if figures["refused"]:
        raise AssertionError(f"{figures['refused']} answers were not 200")
    spent = _cpu_seconds(pid) - began
    return figures | {"cpu_ms": spent / (figures["requests_per_second"] * SECONDS) * 1000}


def _cpu_seconds(pid: int) -> float:
    """The server's own processor time, which other work on the machine does not stretch; 0 where /proc is missing."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _report(results: dict[str, dict[str, list[dict[str, float]]]]) -> int:
    missed = 0
    for label, runs in results.items():
        ratios = [
            ours["requests_per_second"] / bare["requests_per_second"]
            for ours, bare in zip(runs["ours"], runs["bare"], strict=True)
        ]
        ratio = statistics.median(ratios)
        tail = statistics.median(run["p99_ms"] / run["p50_ms"] for run in runs["ours"])
        for name in ("ours", "bare"):
            figures = {key: statistics.median(run[key] for run in runs[name]) for key in runs[name][0]}
            print(
                f"{label:<14} {name:<5} {figures['requests_per_second']:8.0f} requests/s"
                f"   p50 {figures['p50_ms']:6.2f} ms   p99 {figures['p99_ms']:6.2f} ms"
                f"   server CPU {figures['cpu_ms']:.2f} ms a request"
            )
        goal = GOALS[label]
        reached = ratio >= goal and tail <= 3
        missed += not reached
        print(
            f"{label:<14} ratio {ratio:.2f} (goal {goal:.2f}, {min(ratios):.2f} to {max(ratios):.2f})"
            f"   p99/p50 {tail:.1f} (goal 3.0)   {'reached' if reached else 'MISSED'}\n"
        )
    return 1 if missed else 0


def _get(url: str, token: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
