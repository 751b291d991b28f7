"""J1: two coverages, the primary's claim until its remittance, three totals and a repair, the secondary's claim until its own.

The journey is walked once; each test looks at one thing that came of it. 150.00 = 80.00 paid + 45.00 + 25.00 copay, and the
25.00 are what the second payer pays.
"""

from dataclasses import dataclass

import httpx
import pytest

from tests.journeys.claim_walking import (
    COPAYA,
    Staff,
    a_claim_body,
    a_line_body,
    a_provider_body,
    a_session_day,
    act,
    booked,
    decision_on,
    errors_of,
    money_in,
    new_claim,
    next_claim,
    other_payers,
    paid,
    path_of,
    refusal,
    repair,
    review_of,
    sent_837,
    submit,
    timeline_of,
    until,
)
from tests.journeys.walking import JSON, Someone, blue_heron
from tests.running import Databases, RunningService
from tests.x12.balance_837 import imbalances
from tests.x12.claims import body as segments_of
from tests.x12.pyx12_oracle import complaints

TOTALS = {"paid": "80.00", "adjustments": "45.00", "patient_responsibility": "25.00"}


@dataclass(frozen=True, kw_only=True)
class Walked:
    """What the journey's steps were answered with, in their order."""

    staff: Staff
    service: RunningService
    checks: list[JSON]
    coverages: list[JSON]
    draft: JSON
    draft_review: JSON
    primary: JSON
    primary_decision: JSON
    remittances: list[JSON]
    secondary: JSON
    typed_review: JSON
    refused: httpx.Response
    repaired_review: JSON
    secondary_submission: JSON
    secondary_paid: JSON


@pytest.fixture(scope="module")
async def walked(databases: Databases, service: RunningService, http: httpx.AsyncClient) -> Walked:
    staff = Staff.of(http, service, (await databases.add_practice()).id)
    biller = staff.biller
    patient = await staff.clinician.new_patient(**COPAYA)
    first = await staff.clinician.new_coverage(patient["id"], member_id="MLK100010")
    second = await staff.clinician.new_coverage(patient["id"], **blue_heron(member_id="BHM200010"))
    checks = [await checked(staff.clinician, coverage) for coverage in (first, second)]
    coverages = [(await biller.get(f"/v1/coverages/{one['id']}")).json() for one in (first, second)]
    provider = (await staff.admin.post("/v1/providers", a_provider_body())).json()
    lines = [a_line_body(first_date=a_session_day())]
    draft = await new_claim(biller, a_claim_body(patient["id"], rendering_provider_id=provider["id"], lines=lines))
    draft_review = await review_of(biller, draft)
    primary = await paid(biller, draft)
    primary_decision = await decision_on(biller, primary)
    remittances = await remittances_of(biller)
    totals = {"adjudication_date": primary_decision["adjudication_date"], "totals": TOTALS}
    secondary = await next_claim(biller, primary, {"adjudication": totals})
    typed_review = await review_of(biller, secondary)
    refused = await act(biller, secondary, "/submissions")
    repaired_review = await repair(biller, secondary, "responsibility_to_pr_3")
    secondary_submission = await submit(biller, secondary)
    return Walked(
        staff=staff,
        service=service,
        checks=checks,
        coverages=coverages,
        draft=draft,
        draft_review=draft_review,
        primary=primary,
        primary_decision=primary_decision,
        remittances=remittances,
        secondary=secondary,
        typed_review=typed_review,
        refused=refused,
        repaired_review=repaired_review,
        secondary_submission=secondary_submission,
        secondary_paid=await until(biller, secondary, "paid"),
    )


async def checked(clinician: Someone, coverage: JSON) -> JSON:
    path = f"/v1/coverages/{coverage['id']}/eligibility-checks"
    answer = await clinician.post(path, {}, Prefer="wait=20")
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def remittances_of(biller: Someone) -> list[JSON]:
    """Newest first, each with its claim payments."""
    listed = (await biller.get("/v1/remittances")).json()["data"]
    return [(await biller.get(f"/v1/remittances/{one['id']}")).json() for one in listed]


async def test_both_payers_confirm_their_coverage_and_each_holds_its_rank(walked: Walked) -> None:
    assert [(check["outcome"], check["result"]["active"]) for check in walked.checks] == [("confirmed", True)] * 2
    assert [(one["status"], one["verification"]) for one in walked.coverages] == [("verified", "eligibility_check")] * 2
    assert [[row["rank"] for row in one["ranks"]] for one in walked.coverages] == [["primary"], ["secondary"]]


async def test_the_draft_lacks_nothing_and_asks_for_the_whole_charge(walked: Walked) -> None:
    draft, review = walked.draft, walked.draft_review
    assert (draft["status"], draft["rank"], draft["total_charge"]) == ("draft", "primary", "150.00")
    assert (review["submittable"], review["findings"], review["amount_asked"]) == (True, [], "150.00")


async def test_the_primary_is_paid_by_its_remittance(walked: Walked) -> None:
    primary, decision = walked.primary, walked.primary_decision
    assert (primary["status"], primary["outcome"]) == ("paid", "paid")
    assert (decision["source"], decision["number"], decision["findings"]) == ("era", 1, [])
    assert money_in(decision) == {"paid": "80.00", "claim": [], "lines": [("80.00", "CO-45 45.00", "PR-3 25.00")]}
    (remittance,) = walked.remittances
    (payment,) = remittance["claim_payments"]
    assert (remittance["payer_id"], remittance["total_paid"]) == ("XOVR1", "80.00")
    assert (payment["status"], payment["adjudication_id"]) == ("posted", decision["id"])
    assert [payment[name] for name in ("charge", "paid", "adjusted", "patient_responsibility")] == [
        "150.00",
        "80.00",
        "70.00",
        "25.00",
    ]
    assert payment["payer_claim_number"] == primary["payer_claim_number"]


async def test_three_totals_that_add_up_still_want_to_know_what_the_patients_share_is(walked: Walked) -> None:
    review = walked.typed_review
    assert (review["claim"]["status"], review["claim"]["rank"], review["submittable"]) == ("draft", "secondary", False)
    assert errors_of(review) == [("adjustment_reason_missing", "/prior_payers/0/adjudication/lines/0/adjustments/1")]
    (prior,) = review["prior_payers"]
    assert prior["balance"]["is_balanced"] is True
    assert [one["code"] for one in prior["assumptions"]] == [
        "contractual_reduction_assumed",
        "service_as_billed_assumed",
        "remaining_liability_assumed",
    ]
    assert [one["kind"] for one in review["repairs"]] == [
        "responsibility_to_pr_1",
        "responsibility_to_pr_2",
        "responsibility_to_pr_3",
        "responsibility_to_pr_192",
    ]
    assert refusal(walked.refused) == (409, "claim_not_submittable")
    assert [one["code"] for one in walked.refused.json()["findings"]] == ["adjustment_reason_missing"]


async def test_one_repair_makes_it_submittable(walked: Walked) -> None:
    review = walked.repaired_review
    assert (review["submittable"], review["findings"], review["amount_asked"]) == (True, [], "25.00")
    (prior,) = review["prior_payers"]
    assert (prior["adjudication"]["source"], prior["adjudication"]["number"]) == ("repair", 3)
    (line,) = prior["balance"]["lines"]
    names = ("charge", "paid", "adjustments", "patient_responsibility", "remaining_liability", "difference")
    assert [line[name] for name in names] == ["150.00", "80.00", "70.00", "25.00", "25.00", "0.00"]


async def test_what_was_sent_says_what_the_first_payer_decided(walked: Walked) -> None:
    text = await sent_837(walked.staff.biller, walked.secondary)
    secondary = walked.secondary
    (line,) = secondary["lines"]
    day = line["first_date"].replace("-", "")
    decided_on = walked.primary_decision["adjudication_date"].replace("-", "")
    assert other_payers(text) == [
        "SBR*P*18*******CI",
        "AMT*D*80",
        "OI***Y***Y",
        "NM1*IL*1*PLAINLY*COPAYA****MI*MLK100010",
        "N3*25 FLAT RATE ROAD",
        "N4*OMAHA*NE*68102",
        "NM1*PR*2*MEADOWLARK HEALTH PLAN*****PI*XOVR1",
        f"REF*F8*{walked.primary['payer_claim_number']}",
        "LX*1",
        "SV1*HC:90837*150*UN*1***1",
        f"DTP*472*D8*{day}",
        f"REF*6R*{walked.primary['lines'][0]['control_number']}",
        "SVD*XOVR1*80*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        f"DTP*573*D8*{decided_on}",
        "AMT*EAF*25",
    ]
    segments = segments_of(text)
    assert f"CLM*{secondary['patient_control_number']}*150***11:B:1*Y*A*Y*Y" in segments
    assert next(one for one in segments if one.startswith("SBR*")) == "SBR*S*18*******12"
    assert imbalances(text) == []
    assert complaints(text) == []


async def test_the_second_payer_pays_what_the_first_left(walked: Walked) -> None:
    claim = walked.secondary_paid
    assert (claim["outcome"], claim["previous_claim_id"]) == ("paid", walked.primary["id"])
    decision = await decision_on(walked.staff.biller, claim)
    assert decision["source"] == "era"
    assert money_in(decision) == {"paid": "25.00", "claim": [], "lines": [("25.00", "OA-23 125.00")]}
    newest, *_ = await remittances_of(walked.staff.biller)
    (payment,) = newest["claim_payments"]
    assert (newest["payer_id"], payment["status"], payment["claim_id"]) == ("XOVR2", "posted", claim["id"])
    assert (newest["total_paid"], payment["paid"], payment["adjusted"]) == ("25.00", "25.00", "125.00")


async def test_each_submission_is_one_claim_in_the_clearinghouses_ledger(walked: Walked) -> None:
    assert await booked(walked.service, walked.primary, walked.secondary) == [1, 1]
    for claim in (walked.primary, walked.secondary):
        (submission,) = (await walked.staff.biller.get(path_of(claim, "/submissions"))).json()["data"]
        assert (submission["state"], submission["sequence"], submission["attempts"]) == ("sent", 1, 1)


async def test_both_claims_stand_in_one_list(walked: Walked) -> None:
    listed = (await walked.staff.clinician.get("/v1/claims", encounter_id=walked.primary["encounter_id"])).json()
    assert {(one["id"], one["rank"], one["status"]) for one in listed["data"]} == {
        (walked.primary["id"], "primary", "paid"),
        (walked.secondary["id"], "secondary", "paid"),
    }


async def test_the_timeline_says_in_order_what_happened_who_did_it_and_why(walked: Walked) -> None:
    """Acknowledgments are looked at elsewhere: the decision that follows may overtake one, and it says nothing then."""
    biller, service = "biller-madeup", "system"
    primary, secondary = walked.primary["id"], walked.secondary["id"]
    events = [one for one in await timeline_of(walked.staff.biller, walked.secondary) if one["kind"] != "accepted"]
    assert [(one["claim_id"], one["kind"], one["actor"]) for one in events] == [
        (primary, "created", biller),
        (primary, "submitted", biller),
        (primary, "attempt_started", service),
        (primary, "sent", service),
        (primary, "adjudicated", service),
        (primary, "adjudicated", biller),
        (primary, "secondary_created", biller),
        (secondary, "created", biller),
        (primary, "repaired", biller),
        (secondary, "submitted", biller),
        (secondary, "attempt_started", service),
        (secondary, "sent", service),
        (secondary, "adjudicated", service),
    ]
    moves = [(one["facts"].get("from_status"), one["facts"].get("to_status")) for one in events]
    assert moves[1:4] == [("draft", "submitting"), (None, None), ("submitting", "submitted")]
    sources = [one["facts"].get("source") for one in events if one["kind"] in {"adjudicated", "repaired"}]
    assert sources == ["era", "manual", "repair", "era"]
    assert [one["occurred_at"] for one in events] == sorted(one["occurred_at"] for one in events)
