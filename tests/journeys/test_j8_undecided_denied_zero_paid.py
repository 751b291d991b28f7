"""J8: a first payer that has not decided, that denied, that paid nothing, that takes the claim on itself; and a second one
that takes paper only. What is held, what lets it go, and what the second payer makes of it.

Blue Heron, where Copaya Plainly's deductible is met, pays of a session of 150.00 by itself 76.50: 105.00 allowed, less a
copay of 20.00 and 10 % of the rest. It pays at most what the first payer left to the patient.
"""

import httpx
import pytest

from tests.journeys.claim_walking import (
    LARKSPUR,
    Staff,
    a_line_body,
    a_session_day,
    act,
    booked,
    decision_on,
    money_in,
    new_claim,
    new_copaya,
    next_claim,
    paid,
    path_of,
    refusal,
    reread,
    review_of,
    segments_named,
    sent_837,
    submit,
    timeline_of,
    until,
)
from tests.journeys.walking import JSON
from tests.running import Databases, RunningService
from tests.x12.balance_837 import imbalances


@pytest.fixture(scope="module")
async def staff(databases: Databases, service: RunningService, http: httpx.AsyncClient) -> Staff:
    return Staff.of(http, service, (await databases.add_practice()).id)


async def new_session(staff: Staff, ending: str = "", **secondary: str) -> JSON:
    """A draft to the first payer, on a day of its own."""
    insured = await new_copaya(staff, ending=ending, **secondary)
    return await new_claim(staff.biller, insured.claim_body(lines=[a_line_body(first_date=a_session_day())]))


async def decided(staff: Staff, ending: str) -> JSON:
    """The first payer's claim once its remittance is posted."""
    claim = await new_session(staff, ending)
    await submit(staff.biller, claim)
    return await until(staff.biller, claim, "paid", "denied")


async def told(staff: Staff, claim: JSON, *kinds: str) -> list[tuple[str, str, str | None]]:
    """Of the claim's own events those of these kinds: what, who, and why."""
    events = await timeline_of(staff.biller, claim)
    return [
        (one["kind"], one["actor"], one["reason"])
        for one in events
        if one["claim_id"] == claim["id"] and one["kind"] in kinds
    ]


async def test_a_claim_that_was_not_sent_has_no_next_one(staff: Staff) -> None:
    draft = await new_session(staff)
    refused = await act(staff.biller, draft, "/secondary")
    assert refusal(refused) == (409, "prior_payer_undecided")
    assert [(one["code"], one["pointer"]) for one in refused.json()["findings"]] == [
        ("prior_payer_undecided", "/adjudication")
    ]
    assert "was not sent" in refused.json()["detail"]


async def test_a_pended_claim_has_no_next_one_until_its_payer_decides(staff: Staff, service: RunningService) -> None:
    claim = await new_session(staff, "PEND")
    await submit(staff.biller, claim)
    pended = await until(staff.biller, claim, "pended")
    assert refusal(await act(staff.biller, pended, "/secondary")) == (409, "prior_payer_undecided")
    async with httpx.AsyncClient(base_url=service.sandbox_url) as sandbox:
        await sandbox.post(f"/sandbox/pended/{claim['patient_control_number']}", json={"then": "pay"})
    await until(staff.biller, claim, "paid")
    secondary = await next_claim(staff.biller, claim)
    assert (secondary["status"], (await review_of(staff.biller, secondary))["amount_asked"]) == ("draft", "25.00")
    assert [one[0] for one in await told(staff, claim, "pended", "adjudicated")] == ["pended", "adjudicated"]


async def test_a_claim_with_lines_undecided_has_no_next_one(staff: Staff) -> None:
    """A payer's word on one of two lines is kept, and decides nothing yet."""
    insured = await new_copaya(staff)
    lines = [a_line_body(), a_line_body(procedure_code="90785", charge="20.00")]
    claim = await new_claim(staff.biller, insured.claim_body(lines=lines))
    one_line = {"line_id": claim["lines"][0]["id"], "paid": "150.00"}
    body = {"adjudication_date": "2026-03-20", "decision": {"paid": "150.00", "lines": [one_line]}}
    answer = await act(staff.biller, claim, "/adjudications", body)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "partially_adjudicated")
    refused = await act(staff.biller, await reread(staff.biller, claim), "/secondary")
    assert refusal(refused) == (409, "prior_payer_undecided")
    assert "some lines only" in refused.json()["detail"]


async def test_what_the_plan_does_not_cover_waits_for_one_confirmation(staff: Staff, service: RunningService) -> None:
    primary = await decided(staff, "DENY")
    assert (primary["status"], primary["outcome"]) == ("denied", "denied")
    held = await next_claim(staff.biller, primary)
    assert (held["status"], held["hold_reason"]) == ("held", "prior_payer_denied")
    assert refusal(await act(staff.biller, held, "/submissions")) == (409, "claim_held")
    assert refusal(await act(staff.biller, held, "/release", {})) == (409, "release_needs_confirmation")
    released = await act(staff.biller, held, "/release", {"confirmed": True})
    assert (released.status_code, released.json()["status"], released.json()["hold_reason"]) == (200, "draft", None)
    await paid(staff.biller, held)
    text = await sent_837(staff.biller, held)
    assert segments_named(text, "AMT", "SVD", "CAS") == [
        "AMT*D*0",
        "SVD*XOVR1*0*HC:90837**1",
        "CAS*PR*96*150",
        "AMT*EAF*150",
    ]
    assert imbalances(text) == []
    assert money_in(await decision_on(staff.biller, held)) == {
        "paid": "76.50",
        "claim": [],
        "lines": [("76.50", "PR-3 20.00", "PR-2 8.50", "PR-45 45.00")],
    }
    assert await told(staff, held, "held", "released") == [
        ("held", "biller-madeup", "prior_payer_denied"),
        ("released", "biller-madeup", None),
    ]
    assert await booked(service, primary, held) == [1, 1]


async def test_what_can_be_put_right_at_the_first_payer_is_overridden_for_a_reason_only(
    staff: Staff, service: RunningService
) -> None:
    primary = await decided(staff, "DENYFIX")
    assert (primary["status"], primary["outcome"]) == ("denied", "denied")
    held = await next_claim(staff.biller, primary)
    assert (held["status"], held["hold_reason"]) == ("held", "prior_payer_correctable")
    for body in ({}, {"confirmed": True}, {"reason": "window_passed"}):
        assert refusal(await act(staff.biller, held, "/release", body)) == (409, "release_needs_reason")
    released = await act(staff.biller, held, "/release", {"reason": "denial_is_final"})
    assert (released.status_code, released.json()["status"]) == (200, "draft")
    await paid(staff.biller, held)
    assert segments_named(await sent_837(staff.biller, held), "AMT", "SVD", "CAS") == [
        "AMT*D*0",
        "SVD*XOVR1*0*HC:90837**1",
        "CAS*CO*197*150",
        "AMT*EAF*0",
    ]
    assert await told(staff, held, "held", "released") == [
        ("held", "biller-madeup", "prior_payer_correctable"),
        ("released", "biller-madeup", "denial_is_final"),
    ]
    assert await booked(service, primary, held) == [1, 1]


async def test_nothing_paid_and_all_to_the_deductible_is_billed_on(staff: Staff, service: RunningService) -> None:
    """150.00 = 0.00 paid + 45.00 + 105.00 deductible; 105.00 left, of which the second payer pays 76.50."""
    primary = await decided(staff, "DEDUCT")
    assert (primary["status"], primary["outcome"]) == ("paid", "zero_paid_patient")
    secondary = await next_claim(staff.biller, primary)
    review = await review_of(staff.biller, secondary)
    assert (secondary["status"], review["submittable"], review["amount_asked"]) == ("draft", True, "105.00")
    await paid(staff.biller, secondary)
    text = await sent_837(staff.biller, secondary)
    assert segments_named(text, "AMT", "SVD", "CAS") == [
        "AMT*D*0",
        "SVD*XOVR1*0*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*1*105",
        "AMT*EAF*105",
    ]
    assert imbalances(text) == []
    assert money_in(await decision_on(staff.biller, secondary)) == {
        "paid": "76.50",
        "claim": [],
        "lines": [("76.50", "OA-23 45.00", "PR-3 20.00", "PR-2 8.50")],
    }
    assert await booked(service, primary, secondary) == [1, 1]


async def test_a_payer_without_electronic_secondaries_gets_none_whoever_asks(
    staff: Staff, service: RunningService
) -> None:
    draft = await new_session(staff, payer_id=LARKSPUR, member_id="LCH100010")
    totals = {"paid": "80.00", "adjustments": "45.00", "patient_responsibility": "25.00", "copay": "25.00"}
    held = await next_claim(
        staff.biller, draft, {"adjudication": {"adjudication_date": "2026-03-20", "totals": totals}}
    )
    assert (held["status"], held["hold_reason"], held["payer_id"]) == ("held", "paper_required", LARKSPUR)
    everything = {"confirmed": True, "reason": "next_payer_wants_claim"}
    assert refusal(await act(staff.biller, held, "/release", everything)) == (409, "release_refused")
    assert refusal(await act(staff.biller, held, "/submissions")) == (409, "claim_held")
    items = (await staff.biller.get("/v1/work-items", status="open")).json()["data"]
    assert [one["kind"] for one in items if one["claim_id"] == held["id"]] == ["paper_required"]
    review = await review_of(staff.biller, held)
    assert (review["submittable"], review["prior_payers"][0]["balance"]["is_balanced"]) == (False, True)
    assert (await staff.biller.get(path_of(held, "/submissions"))).json()["data"] == []
    assert await booked(service, held) == [0]


async def test_what_the_first_payer_sends_on_itself_is_not_sent_again(staff: Staff, service: RunningService) -> None:
    primary = await decided(staff, "FORWARD")
    assert (primary["status"], primary["outcome"]) == ("paid", "paid")
    assert (await decision_on(staff.biller, primary))["decision"]["was_forwarded"] is True
    held = await next_claim(staff.biller, primary)
    assert (held["status"], held["hold_reason"]) == ("held", "crossover_expected")
    assert refusal(await act(staff.biller, held, "/submissions")) == (409, "claim_held")
    for body in ({"confirmed": True}, {"reason": "denial_is_final"}):
        assert refusal(await act(staff.biller, held, "/release", body)) == (409, "release_needs_reason")
    assert await booked(service, primary, held) == [1, 0]


async def test_a_forwarded_claim_that_never_arrived_is_sent_for_that_reason(
    staff: Staff, service: RunningService
) -> None:
    primary = await decided(staff, "FORWARD")
    held = await next_claim(staff.biller, primary)
    released = await act(staff.biller, held, "/release", {"reason": "not_received"})
    assert (released.status_code, released.json()["status"]) == (200, "draft")
    await paid(staff.biller, held)
    assert "MOA***MA18" in segments_named(await sent_837(staff.biller, held), "MOA")
    assert money_in(await decision_on(staff.biller, held))["lines"] == [("25.00", "OA-23 125.00")]
    assert await told(staff, held, "held", "released") == [
        ("held", "biller-madeup", "crossover_expected"),
        ("released", "biller-madeup", "not_received"),
    ]
    assert await booked(service, primary, held) == [1, 1]
