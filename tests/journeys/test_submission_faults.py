"""Claims on a bad day of the clearinghouse, through the API and a real worker: one claim there, and we learn of it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app.domain.callers import Role
from app.domain.payers import payer_id
from tests.journeys.claim_walking import (
    BLUE_HERON,
    Insured,
    a_provider_body,
    act,
    new_claim,
    new_insured,
    path_of,
    timeline_of,
)
from tests.journeys.walking import JSON, Someone
from tests.running import Databases, RunningService
from tests.worker.ledger import Books
from tests.worker.scale import times
from tests.worker.submitting import a_submission, claims_taken, close_window, make_due, truths

TAKEN = ("HANG", "RESET", "CUT", "DRIP", "GARBAGE", "HTML", "EMPTY", "BOMB", "E500", "E504", "OTHER")
NOT_TAKEN = ("LOST", "STALL", "E429", "E503")
ROUNDS = times(1, 10)
UNREACHED = str(payer_id("XOVR8"))


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service whose worker waits a second for an answer, over a database of its own."""
    running = RunningService(
        databases.fresh(),
        tmp_path_factory.mktemp("submission-faults"),
        CROSSOVER_CLEARINGHOUSE__READ_SECONDS="1",
        CROSSOVER_CLEARINGHOUSE__TOTAL_SECONDS="2",
    )
    try:
        running.start("sandbox", "api", "worker")
        yield running
    finally:
        running.stop()


@pytest.fixture
def books(place: RunningService) -> Books:
    return Books(place.databases, place.sandbox_url)


@pytest.fixture
async def biller(place: RunningService) -> AsyncIterator[Someone]:
    practice = await place.databases.add_practice()
    async with httpx.AsyncClient(base_url=place.url, timeout=40) as http:
        yield Someone.of(http, place, Role.ADMIN, practice.id)


@pytest.fixture
async def insured(biller: Someone) -> Insured:
    return await new_insured(biller)


async def latest(biller: Someone, claim_id: str) -> JSON:
    answer = await biller.get(f"/v1/claims/{claim_id}/submissions")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"][0])


async def until(biller: Someone, submission: JSON, **wanted: Any) -> JSON:
    """The submission as it is once it has these members."""
    async with asyncio.timeout(30):
        while True:
            now = await latest(biller, submission["claim_id"])
            if {name: now[name] for name in wanted} == wanted:
                return now
            await asyncio.sleep(0.1)


async def counted(books: Books, biller: Someone, submission: JSON) -> int:
    claim = (await biller.get(f"/v1/claims/{submission['claim_id']}")).json()
    return (await claims_taken(books.sandbox_url)).get(claim["patient_control_number"], 0)


async def test_a_claim_that_is_sent_in_time_is_answered_with_its_receipt(
    biller: Someone, insured: Insured, books: Books
) -> None:
    claim = await new_claim(biller, insured.claim_body())
    preview = await biller.get(path_of(claim, "/837"))
    assert (preview.status_code, preview.headers["crossover-content"]) == (200, "preview")
    answer = await act(biller, claim, "/submissions", Prefer="wait=20")
    assert answer.status_code == 201, answer.text
    sent = answer.json()
    assert (sent["state"], sent["sequence"], sent["failure"], sent["problems"]) == ("sent", 1, None, [])
    assert sent["clearinghouse_id"]
    assert answer.headers["location"] == path_of(claim, "/submissions")
    text = await biller.get(path_of(claim, "/837"), sequence="1")
    assert text.headers["crossover-content"] == "submission"
    assert text.headers["content-type"] == "application/edi-x12"
    assert hashlib.sha256(text.content).hexdigest() == sent["sha256"]
    assert await counted(books, biller, sent) == 1
    kinds = [event["kind"] for event in await timeline_of(biller, claim)]
    assert kinds[:4] == ["created", "submitted", "attempt_started", "sent"]


async def test_whatever_happens_to_the_answer_there_is_one_claim_and_we_learn_of_it(
    biller: Someone, insured: Insured, books: Books
) -> None:
    faults = [fault for _ in range(ROUNDS) for fault in (*TAKEN, *NOT_TAKEN)]
    for fault in faults:
        await books.queue_fault(fault, on="claims")
    submissions = [(await a_submission(biller, insured))["id"] for _ in faults]
    await books.until_settled(submissions, seconds=60 + len(faults))
    found = await truths(books, submissions)
    assert {(truth.state, truth.taken, truth.submissions, truth.items) for truth in found.values()} == {
        ("sent", 1, 1, ())
    }
    assert sum(truth.tries for truth in found.values()) > len(faults)
    async with books.databases.as_superuser() as connection:
        keys = sa.text("select count(distinct idempotency_key) from submission where id = any(:ids)")
        assert await connection.scalar(keys, {"ids": [UUID(one) for one in submissions]}) == len(faults)


async def test_who_waits_is_answered_although_the_first_answer_was_lost(
    biller: Someone, insured: Insured, books: Books
) -> None:
    await books.queue_fault("RESET", on="claims")
    claim = await new_claim(biller, insured.claim_body())
    answer = await act(biller, claim, "/submissions", Prefer="wait=20")
    assert (answer.status_code, answer.json()["state"]) == (201, "sent"), answer.text
    assert await counted(books, biller, answer.json()) == 1


async def test_what_comes_in_proves_that_it_arrived_before_anybody_asks_again(
    biller: Someone, insured: Insured, books: Books
) -> None:
    """The payer's own 277CA settles it: nothing is sent a second time, and the next try is not waited for."""
    await books.queue_fault("E504", on="claims", retry_after="3600")
    submission = await a_submission(biller, insured)
    sent = await until(biller, submission, state="sent")
    assert (sent["attempts"], await counted(books, biller, submission)) == (1, 1)
    await make_due(books, submission["id"])
    await books.until_settled([submission["id"]])
    again = await latest(biller, submission["claim_id"])
    assert (again["state"], again["attempts"]) == ("sent", 1)


async def test_a_refusal_is_shown_and_the_corrected_claim_goes_out_again(biller: Someone, books: Books) -> None:
    insured = await new_insured(biller, primary={"payer_id": UNREACHED, "member_id": "XHN700001"})
    terms = {"accepts_assignment": "assigned", "in_network": True}
    both = [{"payer_id": payer, **terms} for payer in (UNREACHED, BLUE_HERON)]
    provider = await biller.post("/v1/providers", a_provider_body(participations=both))
    claim = await new_claim(biller, insured.claim_body(rendering_provider_id=provider.json()["id"]))
    answer = await act(biller, claim, "/submissions", Prefer="wait=20")
    assert answer.status_code == 201, answer.text
    refused = answer.json()
    assert (refused["state"], refused["failure"]) == ("refused", "edits")
    assert [problem["location"] for problem in refused["problems"]] == ["2010BB NM109"]
    now = (await biller.get(path_of(claim))).json()
    assert now["status"] == "rejected"
    items = (await biller.get("/v1/work-items", status="open")).json()["data"]
    assert [(item["kind"], item["claim_id"]) for item in items] == [("claim_rejected", claim["id"])]
    assert await counted(books, biller, refused) == 0
    again = await act(biller, now, "/submissions", Prefer="wait=20")
    assert (again.status_code, again.json()["sequence"]) == (201, 2)
    assert again.json()["idempotency_key"] != refused["idempotency_key"]


@pytest.mark.parametrize(("fault", "failure"), [("E403", "credentials"), ("E404", "wrong_address")])
async def test_a_refused_key_or_address_rejects_no_claim(
    biller: Someone, insured: Insured, books: Books, fault: str, failure: str
) -> None:
    await books.queue_fault(fault, on="claims")
    submission = await a_submission(biller, insured)
    await until(biller, submission, state="queued", failure=failure)
    assert (await biller.get(f"/v1/claims/{submission['claim_id']}")).json()["status"] == "submitting"
    await make_due(books, submission["id"])
    await until(biller, submission, state="sent", failure=None)
    assert await counted(books, biller, submission) == 1


async def test_after_the_window_a_person_decides_and_nothing_is_sent(
    biller: Someone, insured: Insured, books: Books
) -> None:
    await books.queue_fault("E429", on="claims", retry_after="3600")
    submission = await a_submission(biller, insured)
    await until(biller, submission, state="outcome_unknown", failure="rate_limited")
    await close_window(books, submission["id"])
    await make_due(books, submission["id"])
    await books.until_settled([submission["id"]])
    left = await latest(biller, submission["claim_id"])
    assert (left["state"], left["attempts"], left["answered_at"]) == ("outcome_unknown", 1, None)
    items = (await biller.get("/v1/work-items", status="open")).json()["data"]
    assert [(item["kind"], item["reason"]) for item in items] == [("submission_outcome_unknown", "rate_limited")]
    assert await counted(books, biller, submission) == 0
    claim = (await biller.get(f"/v1/claims/{submission['claim_id']}")).json()
    refused = await act(biller, claim, "/submissions")
    assert (refused.status_code, refused.json()["code"]) == (409, "submission_open")


async def test_while_nobody_is_at_the_address_a_claim_waits_and_then_goes_out_once(
    biller: Someone, insured: Insured, books: Books, place: RunningService
) -> None:
    place.kill("sandbox")
    try:
        submission = await a_submission(biller, insured)
        waiting = await until(biller, submission, state="queued", failure="not_sent")
        assert waiting["attempts"] >= 1
    finally:
        place.start("sandbox")
    await make_due(books, submission["id"])
    await until(biller, submission, state="sent")
    assert await counted(books, biller, submission) == 1
