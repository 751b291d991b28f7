"""Two handlers of one server compared, in turn and in one run: requests a second, latencies, the server's own time."""

import json
import os
import statistics
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from typing import Final, TypeAlias

ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS: Final = float(os.environ.get("BENCH_SECONDS", "3"))
"""How long each of the two is loaded in a round."""
_CONNECTIONS: Final = 16
_LONGEST_TAIL: Final = 3.0
"""p99 in units of p50."""

Figures: TypeAlias = dict[str, float]


@dataclass(frozen=True)
class Comparison:
    """The figures of each round."""

    ours: tuple[Figures, ...]
    bare: tuple[Figures, ...]


@dataclass(frozen=True)
class Server:
    """`/v1/...` of it is ours, `/bare/v1/...` the bare handler."""

    pid: int
    url: str
    token: str

    def compare(self, path: str) -> Comparison:
        ours, bare = f"{self.url}{path}", f"{self.url}/bare{path}"
        if self._get(ours) != self._get(bare):
            raise AssertionError(f"{path}: the two do not send the same bytes")
        rounds = [self._load(ours, bare) for _ in range(ROUNDS + 1)]
        # The first round warms both up.
        return Comparison(tuple(pair[0] for pair in rounds[1:]), tuple(pair[1] for pair in rounds[1:]))

    def _get(self, url: str) -> bytes:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            content: bytes = answer.read()
        return content

    def _load(self, *urls: str) -> list[Figures]:
        options = [str(self.pid), self.token, str(_CONNECTIONS), str(SECONDS)]
        command = [sys.executable, "-m", "benchmarks.load", *options, *urls]
        figures: list[Figures] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for url, found in zip(urls, figures, strict=True):
            if found["refused"]:
                raise AssertionError(f"{url}: {found['refused']} answers were not 200")
        return figures


def report(label: str, goal: float, found: Comparison) -> bool:
    """Prints it; True when both goals are reached."""
    ratios = [
        ours["requests_per_second"] / bare["requests_per_second"]
        for ours, bare in zip(found.ours, found.bare, strict=True)
    ]
    ratio = statistics.median(ratios)
    tail = statistics.median(run["p99_ms"] / run["p50_ms"] for run in found.ours)
    for name, runs in (("ours", found.ours), ("bare", found.bare)):
        figures = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(
            f"{label:<20} {name:<5} {figures['requests_per_second']:8.0f} requests/s"
            f"   p50 {figures['p50_ms']:6.2f} ms   p99 {figures['p99_ms']:6.2f} ms"
            f"   server CPU {figures['cpu_ms']:.2f} ms a request"
        )
    reached = ratio >= goal and tail <= _LONGEST_TAIL
    print(
        f"{label:<20} ratio {ratio:.2f} (goal {goal:.2f}, {min(ratios):.2f} to {max(ratios):.2f})"
        f"   p99/p50 {tail:.1f} (goal {_LONGEST_TAIL:.1f})   {'reached' if reached else 'MISSED'}\n",
        flush=True,
    )
    return reached
