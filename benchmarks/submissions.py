"""A submission from its request to `sent`, beside the same HTTP call to the clearinghouse without a database.

Both in one run, in turn, one at a time: some through the API, the worker and a PostgreSQL that writes to the disk, with the
sandbox at the end; then the same 837P texts, each under a key of its own, straight to the sandbox with the same HTTP client.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from app.domain.callers import Role
from app.domain.claims import Claim
from app.http_client import HttpAnswer, HttpClient
from app.sandbox.main import BASE_PATH, SUBMISSION_PATH, TEST_KEY
from benchmarks.comparing import ROUNDS
from benchmarks.processor_time import cpu_seconds
from benchmarks.records import add_claims
from tests.running import RunningService, running_databases

MOST_ABOVE_BARE_MS: Final = 250.0
"""Of the medians. A worker or a waiting request that looks once a second, and is not woken, costs about 500."""
_OF_A_ROUND: Final = 20


@dataclass(frozen=True)
class Round:
    """Milliseconds of each submission, both ways, and the processor time of API and worker for one of ours."""

    ours: tuple[float, ...]
    bare: tuple[float, ...]
    cpu_ms: float


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="crossover-bench-") as name,
        running_databases(Path(name) / "pg", fsync=True) as databases,
    ):
        practice = asyncio.run(databases.add_practice())
        claims = asyncio.run(add_claims(databases, practice, (ROUNDS + 1) * _OF_A_ROUND))
        # What comes back of the claims is not read meanwhile: it is the sending that is measured.
        service = RunningService(databases, Path(name), CROSSOVER_CLEARINGHOUSE__POLL_SECONDS="600")
        try:
            service.start("sandbox", "api", "worker")
            return _report(asyncio.run(_measure(service, service.token(Role.BILLER, practice.id), claims)))
        finally:
            service.stop()


async def _measure(service: RunningService, token: str, claims: list[Claim]) -> list[Round]:
    async with HttpClient() as http:
        there = _There(http, service, token)
        rounds = [
            await there.round(claims[first : first + _OF_A_ROUND]) for first in range(0, len(claims), _OF_A_ROUND)
        ]
    return rounds[1:]  # the first round warms both up


@dataclass(frozen=True)
class _There:
    """The running service and the sandbox behind it, as one client reaches both."""

    http: HttpClient
    service: RunningService
    token: str

    async def round(self, claims: list[Claim]) -> Round:
        began = self._cpu_seconds()
        ours = [await self._submit(claim) for claim in claims]
        spent = self._cpu_seconds() - began
        texts = [await self._text(claim) for claim in claims]
        bare = [await self._post(text) for text in texts]
        return Round(tuple(ours), tuple(bare), spent / len(claims) * 1000)

    async def _submit(self, claim: Claim) -> float:
        """From the request to the answer that says `sent`."""
        headers = {"if-match": f'"{claim.version}"', "idempotency-key": str(uuid4()), "prefer": "wait=20"}
        began = time.perf_counter()
        answer = await self.http.post_json(
            f"{self._address(claim)}/submissions", headers=self._caller | headers, body=b"{}"
        )
        took = time.perf_counter() - began
        _require(answer, status=201, member="state", word="sent")
        return took * 1000

    async def _text(self, claim: Claim) -> str:
        """The 837P that was sent."""
        return (await self.http.get(f"{self._address(claim)}/837", headers=self._caller)).body.decode()

    async def _post(self, text: str) -> float:
        headers = {"authorization": TEST_KEY, "idempotency-key": str(uuid4())}
        began = time.perf_counter()
        body = json.dumps({"x12": text}).encode()
        answer = await self.http.post_json(
            f"{self.service.sandbox_url}{BASE_PATH}{SUBMISSION_PATH}", headers=headers, body=body
        )
        took = time.perf_counter() - began
        _require(answer, status=200, member="status", word="SUCCESS")
        return took * 1000

    @property
    def _caller(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def _address(self, claim: Claim) -> str:
        return f"{self.service.url}/v1/claims/{claim.id}"

    def _cpu_seconds(self) -> float:
        return cpu_seconds(self.service.pid("api")) + cpu_seconds(self.service.pid("worker"))


def _require(answer: HttpAnswer, *, status: int, member: str, word: str) -> None:
    if answer.status != status or json.loads(answer.body)[member] != word:
        raise AssertionError(f"{member} is not {word}: {answer.status} {answer.body.decode()}")


def _report(rounds: list[Round]) -> int:
    label = f"{'one submission':<20}"
    ours = [time_ for round_ in rounds for time_ in round_.ours]
    bare = [time_ for round_ in rounds for time_ in round_.bare]
    cpu_ms = statistics.median(round_.cpu_ms for round_ in rounds)
    for name, times, more in (("ours", ours, f"   API and worker CPU {cpu_ms:.1f} ms each"), ("bare", bare, "")):
        p90 = statistics.quantiles(times, n=10)[-1]
        print(f"{label} {name:<5} p50 {statistics.median(times):6.1f} ms   p90 {p90:6.1f} ms{more}")
    above = [statistics.median(round_.ours) - statistics.median(round_.bare) for round_ in rounds]
    median = statistics.median(above)
    reached = median <= MOST_ABOVE_BARE_MS
    print(
        f"{label} {median:.0f} ms above the call alone (goal {MOST_ABOVE_BARE_MS:.0f}, {min(above):.0f} to"
        f" {max(above):.0f}), {statistics.median(ours) / statistics.median(bare):.1f} times as long"
        f"   {'reached' if reached else 'MISSED'}\n",
        flush=True,
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
