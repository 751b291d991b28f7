"""Unlucky moments of claims: many at once want the same thing, or things that cannot both be. One wins, nothing is half done.

That of 64 requests one bills an encounter is in `tests/api/routers/test_claims.py`.
"""

import asyncio
from collections import Counter

import httpx
import pytest

from app.domain.callers import Role
from app.domain.practices import Practice
from app.repositories.database import Database
from tests.journeys.claim_walking import act, delete, new_claim, new_draft, new_insured, path_of, timeline_of
from tests.journeys.operations import an_adjudication_body, operations_of
from tests.journeys.walking import JSON, Someone
from tests.planting import plant
from tests.running import RunningService

BUSY = {409, 412, 503}
"""What a race may lose by: a rule, a version, or a place in line that took too long."""


@pytest.fixture
def admin(http: httpx.AsyncClient, service: RunningService, practice: Practice) -> Someone:
    return Someone.of(http, service, Role.ADMIN, practice.id)


async def test_of_16_next_claims_asked_for_at_once_one_is_made(admin: Someone) -> None:
    """Whether the decision is recorded or comes along: then one of them is entered, with the claim."""
    decided = await new_draft(admin)
    assert (await act(admin, decided, "/adjudications", an_adjudication_body())).is_success
    for claim, body in (
        ({**decided, "version": 2}, {}),
        (await new_draft(admin), {"adjudication": an_adjudication_body()}),
    ):
        answers = await asyncio.gather(*(act(admin, claim, "/secondary", body) for _ in range(16)))
        counted = Counter(answer.status_code for answer in answers)
        assert counted[201] == 1
        assert counted.keys() <= {201} | BUSY
        codes = {answer.json()["code"] for answer in answers if answer.status_code in {409, 412}}
        assert codes <= {"claim_exists", "version_stale"}
        chain = (await admin.get("/v1/claims", encounter_id=claim["encounter_id"])).json()["data"]
        assert sorted(one["rank"] for one in chain) == ["primary", "secondary"]
        versions = (await admin.get(path_of(claim, "/adjudications"))).json()["data"]
        assert [one["number"] for one in versions] == [1]


async def test_a_claim_changed_sixteen_times_at_once_changes_once(admin: Someone) -> None:
    claim = await new_draft(admin)
    for version in (1, 2, 3):
        bodies = [{"referral_number": f"REF{version}{number}"} for number in range(16)]
        answers = await asyncio.gather(*(admin.patch(path_of(claim), body, version=version) for body in bodies))
        (done,) = [answer for answer in answers if answer.status_code == 200]
        assert {answer.status_code for answer in answers} <= {200} | BUSY
        assert (await admin.get(path_of(claim))).json() == done.json()
    kinds = Counter(event["kind"] for event in await timeline_of(admin, claim))
    assert kinds == {"created": 1, "changed": 3}


async def test_what_is_submitted_is_what_it_was_before_or_after_a_change(admin: Someone) -> None:
    """A change and a submission at once: one of the two, never half of both."""
    for _ in range(6):
        claim = await new_draft(admin, diagnoses=["F411"])
        changed, sent, removed, held = await asyncio.gather(
            admin.patch(path_of(claim), {"diagnoses": ["F419"]}, version=1),
            act(admin, claim, "/submissions"),
            delete(admin, path_of(claim), version=1),
            act(admin, claim, "/hold", {"reason": "by_hand"}),
        )
        answers = (changed, sent, removed, held)
        assert [answer.is_success for answer in answers].count(True) == 1
        assert {answer.status_code for answer in answers if not answer.is_success} <= {404} | BUSY
        now = await admin.get(path_of(claim))
        assert now.status_code == (404 if removed.is_success else 200)
        if sent.is_success:
            text = (await admin.get(path_of(claim, "/837"), sequence="1")).text
            assert "HI*ABK:F411~" in text


async def test_a_repair_and_a_submission_at_once_do_not_miss_each_other(admin: Someone) -> None:
    """The claim went out with the decision as it was, or was told to look again."""
    for _ in range(4):
        draft = await new_draft(admin)
        body = {"adjudication": an_adjudication_body(totals=_unsplit("80.00"))}
        following = (await act(admin, draft, "/secondary", body)).json()
        repairs = (await admin.get(path_of(following, "/repairs"))).json()["data"]
        answers = await asyncio.gather(
            *(act(admin, following, f"/repairs/{one['id']}") for one in repairs),
            act(admin, following, "/submissions"),
            act(admin, {**following, "version": 2}, "/submissions"),
        )
        assert len(repairs) >= 3
        done = [answer for answer in answers[: len(repairs)] if answer.is_success]
        assert len(done) == 1
        assert {answer.status_code for answer in answers} <= {200, 201, 202} | BUSY
        versions = (await admin.get(path_of(draft, "/adjudications"))).json()["data"]
        assert [one["status"] for one in versions] == ["current", "superseded"]
        sent = (await admin.get(path_of(following, "/submissions"))).json()["data"]
        # Before the repair it could not go out at all.
        assert [one["adjudication_ids"] for one in sent] in ([], [[versions[0]["id"]]])


async def test_a_proposed_decision_is_accepted_once(admin: Someone, database: Database, practice: Practice) -> None:
    about = await plant(database, practice.id)
    accepting = operations_of((await admin.http.get("/openapi.json")).json())["accept_adjudication"]
    answers = await asyncio.gather(*(accepting.ask(admin.http, admin.token, about) for _ in range(8)))
    counted = Counter(answer.status_code for answer in answers)
    assert counted[200] == 1
    assert counted.keys() <= {200} | BUSY
    versions = (await admin.get(f"/v1/claims/{about.decided_claim_id}/adjudications")).json()["data"]
    assert sorted(one["status"] for one in versions) == ["current", "superseded"]


async def test_everything_at_once_about_one_encounter_is_never_a_mistake_of_ours(admin: Someone) -> None:
    insured = await new_insured(admin)
    body = insured.claim_body()
    claim = await new_claim(admin, body)
    answers: list[httpx.Response] = []
    for turn in range(5):
        rows = (await admin.get("/v1/claims", encounter_id=claim["encounter_id"])).json()["data"]
        first = next(one for one in rows if one["rank"] == "primary")
        last = rows[0]
        paid = an_adjudication_body(totals=_unsplit(f"8{turn}.00", adjustments=f"{45 - turn}.00"))
        repairs = (await admin.get(path_of(last, "/repairs"))).json()["data"]
        answers += await asyncio.gather(
            admin.post("/v1/claims", body),
            act(admin, first, "/adjudications", paid),
            act(admin, first, "/secondary", {"adjudication": paid}),
            act(admin, first, "/secondary"),
            act(admin, last, "/hold", {"reason": "by_hand"}),
            act(admin, last, "/release", {"confirmed": True}),
            act(admin, last, "/submissions"),
            admin.patch(path_of(last), {"referral_number": f"REF{turn}"}, version=last["version"]),
            *(act(admin, last, f"/repairs/{one['id']}") for one in repairs[:2]),
            *(
                admin.get(path_of(last, verb))
                for verb in ("", "/review", "/timeline", "/submissions", "/adjudications")
            ),
        )
    assert {answer.status_code for answer in answers} <= {200, 201, 202} | BUSY
    chain = (await admin.get("/v1/claims", encounter_id=claim["encounter_id"])).json()["data"]
    assert sorted(one["rank"] for one in chain) in (["primary"], ["primary", "secondary"])
    for one in chain:
        versions = (await admin.get(path_of(one, "/adjudications"))).json()["data"]
        assert [version["status"] for version in versions].count("current") == bool(versions)


def _unsplit(paid: str, *, adjustments: str = "45.00") -> JSON:
    """Nobody says what the patient's responsibility is, so that there is something to repair."""
    return {"paid": paid, "adjustments": adjustments, "patient_responsibility": "25.00"}
