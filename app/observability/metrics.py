"""What is counted and measured. Labels come from closed sets, so that no person can ever become a time series.

Durations are in seconds and names carry the unit, as Prometheus asks. Pool and queue are read when somebody looks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from app.domain.claim_states import SubmissionState
from app.domain.eligibility import CheckOutcome
from app.domain.inbound_documents import InboundState
from app.domain.jobs import JobKind, JobState
from app.identity.tokens import Refusal

OTHER = "other"
NO_ROUTE = "(none)"
NO_STATUS = "none"
METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
JOB_KINDS = frozenset(kind.value for kind in JobKind)
JOB_STATES = frozenset(state.value for state in JobState)
ELIGIBILITY_OUTCOMES = frozenset(outcome.value for outcome in CheckOutcome)
SUBMISSION_OUTCOMES = frozenset(state.value for state in SubmissionState)
JOB_OUTCOMES = ELIGIBILITY_OUTCOMES | SUBMISSION_OUTCOMES | {"done", "retry", "error", "dead", "lease_lost"}
TOKEN_REFUSALS = frozenset(reason.value for reason in Refusal)
_MAX_ROUTES = 500
_READ_SECONDS = 1.0
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)


@dataclass(frozen=True)
class PoolState:
    """Database connections: how many there may be, and how many are lent out."""

    size: int
    in_use: int


class QueueState(Protocol):
    """Jobs by state, and how long the oldest due one has waited."""

    @property
    def by_state(self) -> Mapping[str, int]: ...
    @property
    def oldest_wait_seconds(self) -> float: ...


class Metrics:
    """One process's figures, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "crossover_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "crossover_http_request_duration_seconds",
            "Time to the end of the answer.",
            ("method", "route"),
            registry=registry,
            buckets=_SECONDS,
        )
        self.in_flight = Gauge("crossover_http_requests_in_flight", "Requests under way.", registry=registry)
        self._refusals = Counter("crossover_tokens_refused", "Tokens refused.", ("reason",), registry=registry)
        self._jobs = Counter("crossover_jobs", "Attempts of jobs ended.", ("kind", "outcome"), registry=registry)
        self._eligibility = Counter(
            "crossover_eligibility_checks",
            "Eligibility checks by what became of them.",
            ("outcome",),
            registry=registry,
        )
        self._pool = Gauge("crossover_database_connections", "Connections of the pool.", ("state",), registry=registry)
        self._queue = Gauge("crossover_job_queue_jobs", "Jobs in the queue.", ("state",), registry=registry)
        self._oldest = Gauge(
            "crossover_job_queue_oldest_wait_seconds", "How long the oldest due job waits.", (), registry=registry
        )
        self._readable = Gauge(
            "crossover_job_queue_readable", "1 when the queue could be read for this scrape.", registry=registry
        )
        self._inbound = Gauge(
            "crossover_inbound_documents",
            "Inbound documents that are on their way, or wait for an operator (unrouted, failed).",
            ("state",),
            registry=registry,
        )
        self._routes: set[str] = set()
        self._read_pool: Callable[[], PoolState] | None = None
        self._read_queue: Callable[[], Awaitable[QueueState]] | None = None
        self._read_inbound: Callable[[], Awaitable[Mapping[InboundState, int]]] | None = None

    def request_finished(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is a template of ours. The set of them is finite; a runaway is cut off rather than trusted."""
        if route not in self._routes:
            if len(self._routes) >= _MAX_ROUTES:
                route = OTHER
            self._routes.add(route)
        method = _one_of(METHODS, method)
        self._requests.labels(method, route, f"{status // 100}xx" if status else NO_STATUS).inc()
        self._request_seconds.labels(method, route).observe(seconds)

    def token_refused(self, reason: str) -> None:
        self._refusals.labels(_one_of(TOKEN_REFUSALS, reason)).inc()

    def job_ended(self, kind: str, outcome: str) -> None:
        """Eligibility checks are counted by their own outcome as well, once they have one."""
        self._jobs.labels(_one_of(JOB_KINDS, kind), _one_of(JOB_OUTCOMES, outcome)).inc()
        if kind == JobKind.ELIGIBILITY_CHECK and outcome in ELIGIBILITY_OUTCOMES:
            self._eligibility.labels(outcome).inc()

    def watch_pool(self, read: Callable[[], PoolState]) -> None:
        self._read_pool = read

    def watch_queue(self, read: Callable[[], Awaitable[QueueState]]) -> None:
        self._read_queue = read

    def watch_inbound(self, read: Callable[[], Awaitable[Mapping[InboundState, int]]]) -> None:
        self._read_inbound = read

    async def render(self) -> bytes:
        """The text of one scrape. A queue that cannot be read in a second is left out, not shown as it once was."""
        if self._read_pool is not None:
            pool = self._read_pool()
            self._pool.labels("in_use").set(pool.in_use)
            self._pool.labels("limit").set(pool.size)
        if self._read_queue is not None:
            await self._take_queue(self._read_queue)
        if self._read_inbound is not None:
            await self._take_inbound(self._read_inbound)
        return generate_latest(self.registry)

    async def _take_queue(self, read: Callable[[], Awaitable[QueueState]]) -> None:
        self._queue.clear()
        try:
            async with asyncio.timeout(_READ_SECONDS):
                queue = await read()
        except Exception:  # noqa: BLE001 - figures must come while the database is away; `readable` says so
            self._readable.set(0)
            self._oldest.set(float("nan"))
            return
        self._readable.set(1)
        self._oldest.set(queue.oldest_wait_seconds)
        for state in sorted(JOB_STATES):
            self._queue.labels(state).set(queue.by_state.get(state, 0))

    async def _take_inbound(self, read: Callable[[], Awaitable[Mapping[InboundState, int]]]) -> None:
        self._inbound.clear()
        try:
            async with asyncio.timeout(_READ_SECONDS):
                figures = await read()
        except Exception:  # noqa: BLE001 - left out while the database is away; the queue's `readable` says so
            return
        for state in InboundState:
            if state is not InboundState.ROUTED:
                self._inbound.labels(state.value).set(figures.get(state, 0))


def _one_of(known: Iterable[str], value: str) -> str:
    return value if value in known else OTHER
