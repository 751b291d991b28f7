"""J9: totals that do not add up come back with their cents and the ways out; accepting one makes the claim submittable."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.journeys.claim_walking import (
    DECISION_DAY,
    Staff,
    a_line_body,
    a_session_day,
    act,
    booked,
    decision_on,
    errors_of,
    money_in,
    new_claim,
    new_copaya,
    next_claim,
    paid,
    path_of,
    refusal,
    repair,
    reread,
    review_of,
    segments_named,
    sent_837,
    submit,
    timeline_of,
)
from tests.journeys.walking import JSON, Someone
from tests.running import Databases, RunningService
from tests.x12.balance_837 import imbalances

LINE = "/prior_payers/0/adjudication/lines/0"


@dataclass(frozen=True)
class Desk:
    """A biller with paper before them, at the service."""

    staff: Staff
    service: RunningService

    async def typed(
        self,
        *charges: str,
        totals: JSON | None = None,
        by_lines: Callable[[list[str]], JSON] | None = None,
    ) -> JSON:
        """The claim to the second payer, made with the first one's decision in one of its two forms."""
        insured = await new_copaya(self.staff)
        day = a_session_day()
        services = zip(("90837", "90785"), charges, strict=False)
        lines = [a_line_body(procedure_code=code, charge=charge, first_date=day) for code, charge in services]
        primary = await new_claim(self.staff.biller, insured.claim_body(lines=lines))
        form: JSON = {"totals": totals}
        if by_lines is not None:
            form = {"decision": by_lines([line["id"] for line in primary["lines"]])}
        body = {"adjudication": {"adjudication_date": DECISION_DAY, **form}}
        return await next_claim(self.staff.biller, primary, body)


@pytest.fixture(scope="module")
async def desk(databases: Databases, service: RunningService, http: httpx.AsyncClient) -> Desk:
    return Desk(Staff.of(http, service, (await databases.add_practice()).id), service)


def totals(paid_amount: str, adjustments: str) -> JSON:
    """With a copay of 25.00."""
    return {
        "paid": paid_amount,
        "adjustments": adjustments,
        "patient_responsibility": "25.00",
        "copay": "25.00",
    }


def by_kind(review: JSON) -> dict[str, JSON]:
    return {one["kind"]: one for one in review["repairs"]}


def cents(offered: JSON) -> list[tuple[str, str, str]]:
    """Paid, adjustments and what is left unexplained, before and after."""
    return [
        tuple(offered[when][name] for name in ("paid", "adjustments", "difference")) for when in ("before", "after")
    ]


async def test_cents_that_are_missing_are_named_with_payer_and_line_and_can_go_to_each_reason(desk: Desk) -> None:
    review = await review_of(desk.staff.biller, await desk.typed("150.00", totals=totals("80.00", "44.63")))
    (finding,) = review["findings"]
    assert (finding["code"], finding["severity"], finding["pointer"]) == ("line_out_of_balance", "error", LINE)
    assert (finding["location"], review["submittable"]) == ("2430 CAS", False)
    assert finding["message"] == "Earlier payer 1, line 1: paid and adjustments are 0.37 less than the charge."
    assert finding["repair_ids"] == [one["id"] for one in review["repairs"]]
    before = ("80.00", "69.63", "0.37")
    remainder = [before, ("80.00", "70.00", "0.00")]
    assert {kind: cents(one) for kind, one in by_kind(review).items()} == {
        "remainder_to_co_45": remainder,
        "remainder_to_pr_1": remainder,
        "remainder_to_pr_2": remainder,
        "remainder_to_pr_3": remainder,
        "remainder_to_pr_192": remainder,
        "paid_corrected": [before, ("80.37", "69.63", "0.00")],
    }


async def test_cents_that_are_too_many_are_named_and_taken_from_the_payment(desk: Desk) -> None:
    claim = await desk.typed("150.00", totals=totals("80.00", "45.12"))
    review = await review_of(desk.staff.biller, claim)
    (finding,) = review["findings"]
    assert finding["message"] == "Earlier payer 1, line 1: paid and adjustments are 0.12 more than the charge."
    assert {kind: cents(one) for kind, one in by_kind(review).items()} == {
        "paid_corrected": [("80.00", "70.12", "-0.12"), ("79.88", "70.12", "0.00")]
    }
    repaired = await repair(desk.staff.biller, claim, "paid_corrected")
    assert (repaired["submittable"], repaired["findings"], repaired["repairs"]) == (True, [], [])
    assert repaired["prior_payers"][0]["adjudication"]["paid"] == "79.88"


async def test_what_does_not_add_up_is_not_sent_and_once_repaired_is_paid(desk: Desk) -> None:
    biller = desk.staff.biller
    claim = await desk.typed("150.00", totals=totals("80.00", "44.63"))
    refused = await act(biller, claim, "/submissions")
    assert refusal(refused) == (409, "claim_not_submittable")
    assert [(one["code"], one["pointer"]) for one in refused.json()["findings"]] == [("line_out_of_balance", LINE)]
    assert (await repair(biller, claim, "remainder_to_co_45"))["submittable"] is True
    await paid(biller, claim)
    text = await sent_837(biller, claim)
    assert segments_named(text, "AMT", "SVD", "CAS") == [
        "AMT*D*80",
        "SVD*XOVR1*80*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        "AMT*EAF*25",
    ]
    assert imbalances(text) == []
    assert money_in(await decision_on(biller, claim))["lines"] == [("25.00", "OA-23 125.00")]
    assert await booked(desk.service, claim) == [1]


async def test_a_repair_is_a_version_of_its_own_and_told(desk: Desk) -> None:
    biller = desk.staff.biller
    claim = await desk.typed("150.00", totals=totals("80.00", "44.63"))
    review = await review_of(biller, claim)
    chosen = by_kind(review)["remainder_to_co_45"]
    await repair(biller, claim, "remainder_to_co_45")
    path = f"/v1/claims/{claim['previous_claim_id']}/adjudications"
    repaired, typed = (await biller.get(path)).json()["data"]
    assert [(one["source"], one["status"]) for one in (repaired, typed)] == [
        ("repair", "current"),
        ("manual", "superseded"),
    ]
    assert (repaired["based_on"], repaired["repair_id"]) == (typed["id"], chosen["id"])
    assert money_in(typed)["lines"] == [("80.00", "CO-45 44.63", "PR-3 25.00")]
    assert money_in(repaired)["lines"] == [("80.00", "CO-45 45.00", "PR-3 25.00")]
    last = (await timeline_of(biller, claim))[-1]
    assert (last["kind"], last["actor"], last["claim_id"]) == ("repaired", "biller-madeup", claim["previous_claim_id"])


async def test_a_repair_of_another_state_of_things_is_stale(desk: Desk) -> None:
    """One was accepted; and somebody typed the decision anew meanwhile."""
    biller = desk.staff.biller
    claim = await desk.typed("150.00", totals=totals("80.00", "44.63"))
    offered = by_kind(await review_of(biller, claim))
    after = await repair(biller, claim, "remainder_to_pr_3")
    for kind in ("remainder_to_pr_3", "paid_corrected"):
        stale = await act(biller, after["claim"], f"/repairs/{offered[kind]['id']}")
        assert refusal(stale) == (409, "repair_stale")
    old = await act(biller, claim, f"/repairs/{offered['paid_corrected']['id']}")
    assert refusal(old) == (412, "version_stale")
    anew = await desk.typed("150.00", totals=totals("80.00", "44.63"))
    shown = by_kind(await review_of(biller, anew))
    body = {"adjudication_date": DECISION_DAY, "totals": totals("80.00", "44.62")}
    primary = (await biller.get(f"/v1/claims/{anew['previous_claim_id']}")).json()
    assert (await act(biller, primary, "/adjudications", body)).status_code == 201
    stale = await act(biller, await reread(biller, anew), f"/repairs/{shown['remainder_to_co_45']['id']}")
    assert refusal(stale) == (409, "repair_stale")


async def test_a_payment_that_is_not_what_its_lines_say_is_repaired_by_the_lines(desk: Desk) -> None:
    """170.00 on two lines: 80.00 and 12.00 paid, and 92.01 typed for the claim."""

    def decision(line_ids: list[str]) -> JSON:
        amounts = [("80.00", "45.00", "25.00"), ("12.00", "8.00", None)]
        return {"paid": "92.01", "lines": [_line(*line) for line in zip(line_ids, amounts, strict=True)]}

    claim = await desk.typed("150.00", "20.00", by_lines=decision)
    review = await review_of(desk.staff.biller, claim)
    assert errors_of(review) == [("paid_differs_from_lines", "/prior_payers/0/adjudication/paid")]
    assert "0.01 more than the lines' payments" in review["findings"][0]["message"]
    assert {kind: cents(one) for kind, one in by_kind(review).items()} == {
        "claim_paid_to_lines": [("92.01", "0.00", "-0.01"), ("92.00", "0.00", "0.00")]
    }
    assert (await repair(desk.staff.biller, claim, "claim_paid_to_lines"))["submittable"] is True
    await submit(desk.staff.biller, claim)
    assert segments_named(await sent_837(desk.staff.biller, claim), "AMT")[0] == "AMT*D*92"
    assert await booked(desk.service, claim) == [1]


def _line(line_id: str, amounts: tuple[str, str, str | None]) -> JSON:
    paid_amount, contractual, copay = amounts
    adjustments = [{"group": "contractual", "reason_code": "45", "amount": contractual}]
    if copay is not None:
        adjustments.append({"group": "patient_responsibility", "reason_code": "3", "amount": copay})
    return {"line_id": line_id, "paid": paid_amount, "adjustments": adjustments}


async def test_a_remittance_that_does_not_add_up_decides_nothing_until_a_person_has(desk: Desk) -> None:
    """The 835 takes a dollar more off than was charged: it waits, and the biller enters what the payer says on the phone."""
    biller = desk.staff.biller
    insured = await new_copaya(desk.staff, ending="UNBAL")
    claim = await new_claim(biller, insured.claim_body(lines=[a_line_body(first_date=a_session_day())]))
    await submit(biller, claim)
    assert await until_waiting(biller, claim) == ["remittance_unbalanced"]
    assert (await biller.get(path_of(claim, "/adjudications"))).json()["data"] == []
    refused = await act(biller, await reread(biller, claim), "/secondary")
    assert refusal(refused) == (409, "prior_payer_undecided")
    body = {"adjudication_date": DECISION_DAY, "totals": totals("80.00", "45.00")}
    secondary = await next_claim(biller, claim, {"adjudication": body})
    assert (await review_of(biller, secondary))["submittable"] is True


async def until_waiting(biller: Someone, claim: JSON) -> list[str]:
    """The kinds of open work items about the claim, once there are any."""
    async with asyncio.timeout(20):
        while True:
            items = (await biller.get("/v1/work-items", status="open", limit="100")).json()["data"]
            if kinds := [one["kind"] for one in items if one["claim_id"] == claim["id"]]:
                return kinds
            await asyncio.sleep(0.1)
