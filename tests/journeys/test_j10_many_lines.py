"""J10: lines that a payer took apart or together, paid nothing for or denied, and decisions on a claim as a whole.

What the sandbox's payers pay by themselves: their fee, or the charge if that is less, without the deductible, the day's
copay and coinsurance. After another payer: at most what that one left to the patient, the rest of the charge is OA-23.
"""

import httpx
import pytest

from tests.journeys.claim_walking import (
    BLUE_HERON,
    DECISION_DAY,
    MEADOWLARK,
    Staff,
    a_line_body,
    a_session_day,
    act,
    booked,
    decision_on,
    money_in,
    new_claim,
    new_copaya,
    new_insured,
    next_claim,
    paid,
    path_of,
    refusal,
    reread,
    review_of,
    segments_named,
    sent_837,
    submit,
    until,
)
from tests.journeys.walking import JSON, Someone
from tests.running import Databases, RunningService
from tests.x12.balance_837 import imbalances
from tests.x12.pyx12_oracle import complaints

OTHER_ORDER = {
    "primary": {"payer_id": BLUE_HERON, "member_id": "BHM200010"},
    "secondary": {"payer_id": MEADOWLARK, "member_id": "MLK100010"},
}
TOTALS = {
    "paid": "160.00",
    "adjustments": "90.00",
    "patient_responsibility": "50.00",
    "coinsurance": "50.00",
}


@pytest.fixture(scope="module")
async def staff(databases: Databases, service: RunningService, http: httpx.AsyncClient) -> Staff:
    return Staff.of(http, service, (await databases.add_practice()).id)


def services(*of: tuple[str, str]) -> list[JSON]:
    """Lines of one day, each a procedure and its charge."""
    day = a_session_day()
    return [a_line_body(procedure_code=code, charge=charge, first_date=day) for code, charge in of]


def decided(line: JSON, paid_amount: str, *adjustments: tuple[str, str, str], **more: object) -> JSON:
    """One decided service: each adjustment is group, reason and amount."""
    names = ("group", "reason_code", "amount")
    return {
        "line_id": line["id"],
        "paid": paid_amount,
        "adjustments": [dict(zip(names, one, strict=True)) for one in adjustments],
        **more,
    }


async def test_lines_taken_apart_together_unpaid_and_denied_are_told_as_they_were_decided(
    staff: Staff, service: RunningService
) -> None:
    """400.00: the first line in two services, the second bundled into it, one to the deductible, one denied, one paid."""
    insured = await new_copaya(staff)
    lines = services(
        ("90837", "150.00"), ("90785", "20.00"), ("96127", "10.00"), ("90846", "120.00"), ("99213", "100.00")
    )
    primary = await new_claim(staff.biller, insured.claim_body(lines=lines))
    first, second, third, fourth, fifth = primary["lines"]
    co, pr = "contractual", "patient_responsibility"
    decision = {
        "paid": "162.00",
        "lines": [
            decided(first, "45.00", (co, "45", "30.00"), (pr, "3", "25.00"), procedure_code="90834"),
            decided(first, "35.00", (co, "45", "15.00"), procedure_code="90785"),
            decided(second, "0.00", (co, "97", "20.00"), procedure_code="90837", bundled_into_line_id=first["id"]),
            decided(third, "0.00", (co, "45", "5.00"), (pr, "1", "5.00")),
            decided(fourth, "0.00", (pr, "96", "120.00")),
            decided(fifth, "82.00", (co, "45", "18.00")),
        ],
    }
    body = {"adjudication_date": DECISION_DAY, "payer_claim_number": "ICN1", "decision": decision}
    secondary = await next_claim(staff.biller, primary, {"adjudication": body})
    assert (await reread(staff.biller, primary))["outcome"] == "partly_denied"
    review = await review_of(staff.biller, secondary)
    assert (review["submittable"], review["findings"], review["amount_asked"]) == (True, [], "150.00")
    table = review["prior_payers"][0]["balance"]
    assert [(row["paid"], row["adjustments"], row["difference"]) for row in table["lines"]] == [
        ("80.00", "70.00", "0.00"),
        ("0.00", "20.00", "0.00"),
        ("0.00", "10.00", "0.00"),
        ("0.00", "120.00", "0.00"),
        ("82.00", "18.00", "0.00"),
    ]
    await paid(staff.biller, secondary)
    text = await sent_837(staff.biller, secondary)
    assert segments_named(text, "AMT", "LX", "SVD", "CAS") == [
        "AMT*D*162",
        "LX*1",
        "SVD*XOVR1*45*HC:90834**1",
        "CAS*CO*45*30",
        "CAS*PR*3*25",
        "AMT*EAF*25",
        "SVD*XOVR1*35*HC:90785**1",
        "CAS*CO*45*15",
        "AMT*EAF*0",
        "LX*2",
        "SVD*XOVR1*0*HC:90837**1*1",
        "CAS*CO*97*20",
        "AMT*EAF*0",
        "LX*3",
        "SVD*XOVR1*0*HC:96127**1",
        "CAS*CO*45*5",
        "CAS*PR*1*5",
        "AMT*EAF*5",
        "LX*4",
        "SVD*XOVR1*0*HC:90846**1",
        "CAS*PR*96*120",
        "AMT*EAF*120",
        "LX*5",
        "SVD*XOVR1*82*HC:99213**1",
        "CAS*CO*45*18",
        "AMT*EAF*0",
    ]
    assert (imbalances(text), complaints(text)) == ([], [])
    assert money_in(await decision_on(staff.biller, secondary)) == {
        "paid": "115.00",
        "claim": [],
        "lines": [
            ("25.00", "OA-23 125.00"),
            ("0.00", "OA-23 20.00"),
            ("4.50", "OA-23 5.00", "PR-2 0.50"),
            ("85.50", "PR-2 9.50", "PR-45 25.00"),
            ("0.00", "OA-23 100.00"),
        ],
    }
    assert await booked(service, secondary) == [1]


async def test_totals_of_several_lines_stand_at_claim_level_where_the_next_payer_takes_them_so(
    staff: Staff, service: RunningService
) -> None:
    """300.00 = 160.00 + 90.00 + 50.00 coinsurance, of which a third is the first line's."""
    insured = await new_insured(staff.admin, **OTHER_ORDER)
    lines = services(("90834", "100.00"), ("90837", "200.00"))
    primary = await new_claim(staff.biller, insured.claim_body(lines=lines))
    body = {"adjudication_date": DECISION_DAY, "totals": TOTALS}
    secondary = await next_claim(staff.biller, primary, {"adjudication": body})
    await paid(staff.biller, secondary)
    text = await sent_837(staff.biller, secondary)
    assert segments_named(text, "CAS", "AMT", "SVD") == ["CAS*CO*45*90", "CAS*PR*2*50", "AMT*D*160", "AMT*EAF*50"]
    assert [one for one in segments_named(text, "DTP") if one.startswith("DTP*573")] == ["DTP*573*D8*20260320"]
    assert (imbalances(text), complaints(text)) == ([], [])
    assert money_in(await decision_on(staff.biller, secondary)) == {
        "paid": "50.00",
        "claim": [],
        "lines": [("16.67", "OA-23 83.33"), ("33.33", "OA-23 166.67")],
    }
    assert await booked(service, secondary) == [1]


async def test_totals_of_several_lines_are_asked_for_by_line_where_the_next_payer_wants_lines(staff: Staff) -> None:
    insured = await new_copaya(staff)
    primary = await new_claim(
        staff.biller, insured.claim_body(lines=services(("90834", "100.00"), ("90837", "200.00")))
    )
    body = {"adjudication_date": DECISION_DAY, "totals": TOTALS}
    refused = await act(staff.biller, primary, "/secondary", {"adjudication": body})
    assert refusal(refused) == (409, "lines_required")
    template = refused.json()["line_template"]
    assert [(one["line_id"], one["procedure_code"], one["charge"]) for one in template] == [
        (primary["lines"][0]["id"], "90834", "100.00"),
        (primary["lines"][1]["id"], "90837", "200.00"),
    ]
    assert (await staff.biller.get(path_of(primary, "/adjudications"))).json()["data"] == []
    assert (await reread(staff.biller, primary))["status"] == "draft"
    lines = [
        {
            "line_id": one["line_id"],
            "paid": amount,
            "adjustments": [{"group": "contractual", "reason_code": "45", **rest}],
        }
        for one, amount, rest in zip(
            template, ("60.00", "150.00"), ({"amount": "40.00"}, {"amount": "50.00"}), strict=True
        )
    ]
    filled = {"adjudication_date": DECISION_DAY, "decision": {"paid": "210.00", "lines": lines}}
    secondary = await next_claim(staff.biller, primary, {"adjudication": filled})
    assert (await review_of(staff.biller, secondary))["submittable"] is True


async def test_a_payer_that_turns_totals_away_gets_the_lines_with_the_second_submission(
    staff: Staff, service: RunningService
) -> None:
    order = {**OTHER_ORDER, "secondary": {"payer_id": MEADOWLARK, "member_id": "MLK100010LINES"}}
    insured = await new_insured(staff.admin, **order)
    primary = await new_claim(
        staff.biller, insured.claim_body(lines=services(("90834", "100.00"), ("90837", "200.00")))
    )
    totals = {"adjudication_date": DECISION_DAY, "totals": TOTALS}
    secondary = await next_claim(staff.biller, primary, {"adjudication": totals})
    await submit(staff.biller, secondary)
    await until(staff.biller, secondary, "rejected")
    assert await waiting(staff.biller, secondary) == ["claim_rejected"]
    co, pr = "contractual", "patient_responsibility"
    first, second = primary["lines"]
    lines = [
        decided(first, "50.00", (co, "45", "40.00"), (pr, "2", "10.00")),
        decided(second, "110.00", (co, "45", "50.00"), (pr, "2", "40.00")),
    ]
    in_full = {"adjudication_date": DECISION_DAY, "decision": {"paid": "160.00", "lines": lines}}
    answer = await act(staff.biller, await reread(staff.biller, primary), "/adjudications", in_full)
    assert answer.status_code == 201, answer.text
    held = await reread(staff.biller, secondary)
    assert (held["status"], held["hold_reason"]) == ("held", "earlier_decision_changed")
    assert (await act(staff.biller, held, "/release", {"confirmed": True})).json()["status"] == "draft"
    await paid(staff.biller, secondary)
    text = await sent_837(staff.biller, secondary)
    assert segments_named(text, "AMT", "SVD") == [
        "AMT*D*160",
        "SVD*XOVR2*50*HC:90834**1",
        "AMT*EAF*10",
        "SVD*XOVR2*110*HC:90837**1",
        "AMT*EAF*40",
    ]
    assert money_in(await decision_on(staff.biller, secondary))["lines"] == [
        ("10.00", "OA-23 90.00"),
        ("40.00", "OA-23 160.00"),
    ]
    sent = (await staff.biller.get(path_of(secondary, "/submissions"))).json()["data"]
    assert [(one["sequence"], one["state"]) for one in sent] == [(2, "sent"), (1, "sent")]
    assert await booked(service, secondary) == [2]
    assert await waiting(staff.biller, secondary) == []


async def waiting(biller: Someone, claim: JSON) -> list[str]:
    items = (await biller.get("/v1/work-items", status="open", limit="100")).json()["data"]
    return [one["kind"] for one in items if one["claim_id"] == claim["id"]]
