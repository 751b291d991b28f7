"""The figures, and that nothing but words from closed sets can become a label."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.domain.eligibility import CheckOutcome
from app.domain.inbound_documents import InboundState
from app.domain.jobs import JobKind
from app.identity.tokens import Refusal
from app.observability.metrics import Metrics, PoolState
from tests.observability.test_logs import CANARY


@dataclass
class Queue:
    by_state: Mapping[str, int] = field(default_factory=dict)
    oldest_wait_seconds: float = 0.0


async def samples(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    """The samples of one name by their label values, as a scrape gives them."""
    families = text_string_to_metric_families((await metrics.render()).decode())
    found = (sample for family in families for sample in family.samples if sample.name == name)
    return {tuple(sample.labels.values()): sample.value for sample in found}


async def test_requests_are_counted_by_method_route_and_class_of_status() -> None:
    metrics = Metrics()
    for status in (200, 201, 404, 0):
        metrics.request_finished(method="GET", route="/v1/payers", status=status, seconds=0.2)
    assert await samples(metrics, "crossover_http_requests_total") == {
        ("GET", "/v1/payers", "2xx"): 2,
        ("GET", "/v1/payers", "4xx"): 1,
        ("GET", "/v1/payers", "none"): 1,
    }
    assert await samples(metrics, "crossover_http_request_duration_seconds_count") == {("GET", "/v1/payers"): 4}
    assert (await samples(metrics, "crossover_http_request_duration_seconds_sum"))[
        "GET", "/v1/payers"
    ] == pytest.approx(0.8)


async def test_jobs_are_counted_by_kind_and_outcome_and_checks_by_their_answer_too() -> None:
    metrics = Metrics()
    metrics.job_ended(JobKind.ELIGIBILITY_CHECK, "retry")
    metrics.job_ended(JobKind.ELIGIBILITY_CHECK, CheckOutcome.CONFIRMED)
    metrics.job_ended(JobKind.ELIGIBILITY_CHECK, "lease_lost")
    assert await samples(metrics, "crossover_jobs_total") == {
        ("eligibility_check", "retry"): 1,
        ("eligibility_check", "confirmed"): 1,
        ("eligibility_check", "lease_lost"): 1,
    }
    assert await samples(metrics, "crossover_eligibility_checks_total") == {("confirmed",): 1}


@pytest.mark.parametrize("reason", Refusal)
async def test_refused_tokens_are_counted_by_reason(reason: Refusal) -> None:
    metrics = Metrics()
    metrics.token_refused(reason)
    assert await samples(metrics, "crossover_tokens_refused_total") == {(reason.value,): 1}


async def test_the_pool_is_read_at_each_scrape() -> None:
    metrics, lent = Metrics(), [3]
    assert await samples(metrics, "crossover_database_connections") == {}
    metrics.watch_pool(lambda: PoolState(size=20, in_use=lent[0]))
    assert await samples(metrics, "crossover_database_connections") == {("in_use",): 3, ("limit",): 20}
    lent[0] = 7
    assert (await samples(metrics, "crossover_database_connections"))[("in_use",)] == 7


async def test_the_queue_is_read_at_each_scrape() -> None:
    metrics = Metrics()

    async def read() -> Queue:
        return Queue({"ready": 4, "dead": 1, CANARY: 9}, 12.5)

    metrics.watch_queue(read)
    assert await samples(metrics, "crossover_job_queue_jobs") == {
        ("ready",): 4,
        ("running",): 0,
        ("done",): 0,
        ("dead",): 1,
    }
    assert await samples(metrics, "crossover_job_queue_oldest_wait_seconds") == {(): 12.5}
    assert await samples(metrics, "crossover_job_queue_readable") == {(): 1}


async def test_a_queue_that_cannot_be_read_is_not_shown_as_it_was() -> None:
    metrics, answers = Metrics(), [Queue({"ready": 4}, 1.0)]

    async def read() -> Queue:
        return answers.pop()

    metrics.watch_queue(read)
    await metrics.render()
    assert await samples(metrics, "crossover_job_queue_readable") == {(): 0}
    assert await samples(metrics, "crossover_job_queue_jobs") == {}


async def test_a_queue_that_hangs_holds_a_scrape_up_for_a_second_only() -> None:
    metrics = Metrics()

    async def read() -> Queue:
        await asyncio.sleep(60)
        return Queue()

    metrics.watch_queue(read)
    async with asyncio.timeout(3):
        assert b"crossover_job_queue_readable 0.0" in await metrics.render()


async def test_no_canary_becomes_a_label() -> None:
    metrics = Metrics()

    async def read() -> Queue:
        return Queue({CANARY: 1})

    metrics.watch_queue(read)
    metrics.token_refused(CANARY)
    metrics.job_ended(CANARY, CANARY)
    metrics.job_ended("eligibility_check", CANARY)
    metrics.request_finished(method=CANARY, route="/v1/payers", status=200, seconds=0.1)
    text = (await metrics.render()).decode()
    assert "Canaria" not in text
    assert await samples(metrics, "crossover_jobs_total") == {("other", "other"): 1, ("eligibility_check", "other"): 1}
    assert await samples(metrics, "crossover_tokens_refused_total") == {("other",): 1}
    assert await samples(metrics, "crossover_http_requests_total") == {("other", "/v1/payers", "2xx"): 1}


async def test_routes_without_end_are_cut_off() -> None:
    metrics = Metrics()
    for number in range(2_000):
        metrics.request_finished(method="GET", route=f"/{number}", status=200, seconds=0.1)
    counted = await samples(metrics, "crossover_http_requests_total")
    assert len(counted) == 501
    assert counted["GET", "other", "2xx"] == 1_500


async def test_every_metric_is_explained_on_the_operations_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    families = list(text_string_to_metric_families((await Metrics().render()).decode()))
    ours = [family.name for family in families if family.name.startswith("crossover_")]
    assert len(ours) == 11
    for name in ours:
        assert f"| `{name}" in page


async def test_documents_are_counted_by_state_and_left_out_while_nobody_can_count_them() -> None:
    metrics = Metrics()

    async def read() -> dict[InboundState, int]:
        return {InboundState.UNROUTED: 3}

    metrics.watch_inbound(read)
    page = (await metrics.render()).decode()
    assert 'crossover_inbound_documents{state="unrouted"} 3.0' in page
    assert 'crossover_inbound_documents{state="failed"} 0.0' in page
    assert "routed" not in page.replace("unrouted", "")

    async def away() -> dict[InboundState, int]:
        raise ConnectionError

    metrics.watch_inbound(away)
    assert "crossover_inbound_documents{" not in (await metrics.render()).decode()
