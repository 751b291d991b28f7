"""Holding and releasing claims over the running API."""

import pytest

from tests.api.routers.refusals import refused, repeats_nothing
from tests.journeys.claim_walking import (
    act,
    new_draft,
    timeline_of,
)
from tests.journeys.walking import JSON, Someone


@pytest.fixture(scope="module")
async def draft(admin: Someone) -> JSON:
    """A claim at version 1, for requests that are refused."""
    return await new_draft(admin)


@pytest.mark.parametrize(
    ("verb", "body", "finding"),
    [
        ("/hold", {}, ("missing", "/reason")),
        ("/hold", {"reason": "paper_required"}, ("enum", "/reason")),
        ("/hold", {"reason": "by_hand", "note": "Quackenbush called"}, ("unknown_field", "/note")),
        ("/release", {"reason": "Quackenbush called"}, ("enum", "/reason")),
        ("/release", {"confirmed": "yes"}, ("type", "/confirmed")),
        ("/release", {"hold_reason": "by_hand"}, ("unknown_field", "/hold_reason")),
    ],
)
async def test_a_bad_hold_or_release_is_refused(
    admin: Someone, draft: JSON, verb: str, body: JSON, finding: tuple[str, str]
) -> None:
    answer = await act(admin, draft, verb, body)
    refused(answer, 422, "validation_failed", {finding})
    repeats_nothing(answer, body)


async def test_a_hold_is_answered_again_to_the_same_key(admin: Someone) -> None:
    claim = await new_draft(admin)
    first = await act(admin, claim, "/hold", {"reason": "by_hand"}, key="hold-1")
    again = await act(admin, claim, "/hold", {"reason": "by_hand"}, key="hold-1")
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    refused(await act(admin, first.json(), "/hold", {"reason": "by_hand"}), 409, "claim_state")
    released = await act(admin, first.json(), "/release", {})
    assert (released.json()["status"], released.json()["hold_reason"]) == ("draft", None)
    refused(await act(admin, released.json(), "/release", {}), 409, "claim_state")
    assert [event["kind"] for event in await timeline_of(admin, claim)] == ["created", "held", "released"]
