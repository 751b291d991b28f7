"""Reading one coverage or claim and listing 50, ours against bare handlers in the same process, in turn, in one run."""

import asyncio
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from app.domain.callers import Role
from benchmarks.comparing import Server, report
from benchmarks.records import add_records
from tests.running import RunningService, free_port, running_databases

_ONE, _FIFTY = 0.50, 0.55
"""The least share of the bare handler's requests a second."""


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="crossover-bench-") as name,
        running_databases(Path(name) / "pg") as databases,
    ):
        practice = asyncio.run(databases.add_practice())
        added = asyncio.run(add_records(databases, practice))
        service = RunningService(databases, Path(name))
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serving", str(port), str(practice.id)], env=service.environment
        )
        server = Server(process.pid, f"http://127.0.0.1:{port}", service.token(Role.BILLER, practice.id))
        reads = {
            "one coverage": (_ONE, f"/v1/coverages/{added.coverage_id}"),
            "list of 50 coverages": (_FIFTY, f"/v1/patients/{added.patient_id}/coverages?limit=50"),
            "one claim, 3 lines": (_ONE, f"/v1/claims/{added.claim_id}"),
            "list of 50 claims": (_FIFTY, "/v1/claims?limit=50"),
        }
        try:
            _wait(server.url)
            reached = [report(label, goal, server.compare(path)) for label, (goal, path) in reads.items()]
        finally:
            process.terminate()
            process.wait(15)
    return 0 if all(reached) else 1


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{url}/livez", timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
