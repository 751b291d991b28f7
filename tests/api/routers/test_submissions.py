"""Submissions over the running API: what is asked wrongly, and the exact text that is given out."""

import re
from uuid import UUID

import pytest

from app.domain.callers import Role
from tests.api.routers.refusals import ask, refused, send
from tests.journeys.claim_walking import act, new_draft, path_of
from tests.journeys.walking import JSON, Someone
from tests.running import RunningService


@pytest.fixture(scope="module")
async def draft(admin: Someone) -> JSON:
    """A claim at version 1, for requests that are refused."""
    return await new_draft(admin)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"If-Match": None}, 428, "version_required"),
        ({"If-Match": "*"}, 400, "if_match_invalid"),
        ({"If-Match": '"7"'}, 412, "version_stale"),
        ({"Idempotency-Key": None}, 400, "idempotency_key_missing"),
    ],
)
async def test_a_request_without_what_it_needs_submits_nothing(
    admin: Someone, draft: JSON, headers: dict[str, str | None], status: int, code: str
) -> None:
    refused(await send(admin, "POST", path_of(draft, "/submissions"), {}, headers), status, code)
    assert (await admin.get(path_of(draft, "/submissions"))).json() == {"data": [], "next_cursor": None}
    assert (await admin.get(path_of(draft))).json()["status"] == "draft"


@pytest.mark.parametrize(
    "sequence", ["0", "-1", "1.0", "+1", "1_0", "%D9%A1", "32768", "99999999999999999999", "one", ""]
)
async def test_a_sequence_is_a_number_in_plain_digits(admin: Someone, draft: JSON, sequence: str) -> None:
    answer = await ask(admin, f"{path_of(draft, '/837')}?sequence={sequence}")
    refused(answer, 400, "query_invalid", {("range", "/query/sequence")})


async def test_a_claim_without_submissions_has_none_of_that_number(admin: Someone, draft: JSON) -> None:
    refused(await admin.get(path_of(draft, "/837"), sequence="1"), 404, "not_found")


async def test_anothers_claim_is_absent(stranger: Someone, draft: JSON) -> None:
    refused(await act(stranger, draft, "/submissions"), 404, "not_found")
    refused(await stranger.get(path_of(draft, "/submissions")), 404, "not_found")
    refused(await stranger.get(path_of(draft, "/837")), 404, "not_found")


async def test_a_clinician_reads_and_does_not_submit(
    admin: Someone, draft: JSON, whole_service: RunningService
) -> None:
    practice = (await admin.get("/v1/practice")).json()["id"]
    clinician = Someone.of(admin.http, whole_service, Role.CLINICIAN, UUID(practice))
    refused(await act(clinician, draft, "/submissions"), 403, "role_forbidden")
    assert (await clinician.get(path_of(draft, "/submissions"))).status_code == 200


async def test_a_held_claim_says_why_it_is_held(admin: Someone) -> None:
    held = (await act(admin, await new_draft(admin), "/hold", {"reason": "by_hand"})).json()
    answer = await act(admin, held, "/submissions")
    refused(answer, 409, "claim_held", {("claim_held", "/claim/hold_reason")})
    assert "by_hand" in answer.json()["findings"][0]["message"]


async def test_an_incomplete_claim_is_refused_with_its_places(admin: Someone) -> None:
    draft = await new_draft(admin)
    changed = await admin.patch(path_of(draft), {"rendering_provider_id": None}, version=1)
    answer = await act(admin, changed.json(), "/submissions")
    assert (answer.status_code, answer.json()["code"]) == (409, "claim_not_submittable"), answer.text
    assert all(finding["pointer"].startswith("/claim/") for finding in answer.json()["findings"])


async def test_a_submission_is_answered_again_to_the_same_key(admin: Someone) -> None:
    draft = await new_draft(admin)
    first = await act(admin, draft, "/submissions", key="submission-1", Prefer="wait=20")
    again = await act(admin, draft, "/submissions", key="submission-1")
    assert (first.status_code, first.json()["state"]) == (201, "sent"), first.text
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    listed = (await admin.get(path_of(draft, "/submissions"))).json()["data"]
    assert [one["id"] for one in listed] == [first.json()["id"]]


async def test_who_does_not_wait_is_told_where_to_look(admin: Someone) -> None:
    draft = await new_draft(admin)
    answer = await act(admin, draft, "/submissions", Prefer="wait=0")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued"), answer.text
    assert answer.headers["location"] == path_of(draft, "/submissions")
    assert int(answer.headers["retry-after"]) >= 1


async def test_the_text_is_given_out_as_x12(admin: Someone, draft: JSON) -> None:
    preview = await admin.get(path_of(draft, "/837"))
    assert preview.headers["content-type"] == "application/edi-x12"
    assert preview.headers["crossover-content"] == "preview"
    assert re.match(r"ISA\*00\*.{10}\*00\*", preview.text)
    assert f"~CLM*{draft['patient_control_number']}*150*" in preview.text
