"""J7: three payers. The claim to the third carries two prior decisions, each of which balances on its own.

What the sandbox's payers pay by themselves: their fee, less the year's deductible, the day's copay and coinsurance. After
another payer: at most what that one left to the patient, and the rest of the charge is OA-23. Of 3,350.00 the first allows
1,760.00 and 105.00; it pays 272.00, the second 1,137.00, the third 456.00, and nothing is left.
"""

import asyncio
from dataclasses import dataclass

import httpx
import pytest

from tests.journeys.claim_walking import (
    KETTLE,
    Staff,
    a_line_body,
    a_session_day,
    act,
    booked,
    decision_on,
    money_in,
    new_claim,
    new_insured,
    next_claim,
    paid,
    refusal,
    reread,
    review_of,
    segments_named,
    sent_837,
    timeline_of,
)
from tests.journeys.walking import JSON
from tests.running import Databases, RunningService
from tests.x12.balance_837 import imbalances
from tests.x12.pyx12_oracle import complaints

TERTIUS: JSON = {
    "name": {"last": "Imaginario", "first": "Tertius"},
    "birth_date": "1965-03-03",
    "sex": "male",
    "address": {"line1": "333 Threefold Path", "city": "Trenton", "state": "NJ", "postal_code": "08608"},
}


@dataclass(frozen=True, kw_only=True)
class ThreePayers:
    """A session and its tests on their way through three payers, each of which the sandbox decides."""

    staff: Staff
    service: RunningService
    claims: list[JSON]
    skipped: httpx.Response
    too_early: httpx.Response
    review: JSON
    text: str


@pytest.fixture(scope="module")
async def three(databases: Databases, service: RunningService, http: httpx.AsyncClient) -> ThreePayers:
    staff = Staff.of(http, service, (await databases.add_practice()).id)
    biller = staff.biller
    insured = await new_insured(
        staff.admin, patient=TERTIUS, primary={"member_id": "MLK100009"}, secondary={"member_id": "BHM200009"}
    )
    third = await staff.admin.verified_coverage(
        insured.patient["id"], payer_id=KETTLE, member_id="CKM500009", wished_rank="tertiary"
    )
    day = a_session_day()
    lines = [
        a_line_body(procedure_code="96130", charge="3200.00", units="16", first_date=day),
        a_line_body(first_date=day),
    ]
    primary = await new_claim(biller, insured.claim_body(lines=lines))
    skipped = await act(biller, await paid(biller, primary), "/secondary", {"coverage_id": third["id"]})
    secondary = await next_claim(biller, primary)
    too_early = await act(biller, secondary, "/secondary")
    await paid(biller, secondary)
    tertiary = await next_claim(biller, secondary)
    review = await review_of(biller, tertiary)
    await paid(biller, tertiary)
    return ThreePayers(
        staff=staff,
        service=service,
        claims=list(await asyncio.gather(*(reread(biller, one) for one in (primary, secondary, tertiary)))),
        skipped=skipped,
        too_early=too_early,
        review=review,
        text=await sent_837(biller, tertiary),
    )


async def test_no_payer_is_skipped_and_none_is_asked_early(three: ThreePayers) -> None:
    assert refusal(three.skipped) == (409, "payer_skipped")
    assert refusal(three.too_early) == (409, "prior_payer_undecided")


async def test_each_of_three_payers_pays_from_what_the_one_before_left(three: ThreePayers) -> None:
    assert [(one["rank"], one["status"]) for one in three.claims] == [
        ("primary", "paid"),
        ("secondary", "paid"),
        ("tertiary", "paid"),
    ]
    decisions = [money_in(await decision_on(three.staff.biller, claim)) for claim in three.claims]
    assert [(one["paid"], one["lines"]) for one in decisions] == [
        (
            "272.00",
            [
                ("188.00", "CO-45 1440.00", "PR-1 1500.00", "PR-3 25.00", "PR-2 47.00"),
                ("84.00", "CO-45 45.00", "PR-2 21.00"),
            ],
        ),
        ("1137.00", [("1116.00", "OA-23 1628.00", "PR-1 456.00"), ("21.00", "OA-23 129.00")]),
        ("456.00", [("456.00", "OA-23 2744.00"), ("0.00", "OA-23 150.00")]),
    ]


async def test_the_tertiary_is_reviewed_with_both_decisions_each_balancing_on_its_own(three: ThreePayers) -> None:
    assert (three.review["submittable"], three.review["findings"]) == (True, [])
    assert three.review["amount_asked"] == "456.00"
    priors = three.review["prior_payers"]
    assert [(one["rank"], one["payer"]["electronic_id"]) for one in priors] == [
        ("primary", "XOVR1"),
        ("secondary", "XOVR2"),
    ]
    names = ("charge", "paid", "lines_paid", "line_adjustments", "patient_responsibility", "difference")
    assert [[one["balance"]["claim"][name] for name in names] for one in priors] == [
        ["3350.00", "272.00", "272.00", "3078.00", "1593.00", "0.00"],
        ["3350.00", "1137.00", "1137.00", "2213.00", "456.00", "0.00"],
    ]
    assert [one["balance"]["is_balanced"] for one in priors] == [True, True]


async def test_the_tertiary_carries_two_decisions_on_each_line(three: ThreePayers) -> None:
    numbers = [claim["payer_claim_number"] for claim in three.claims]
    assert segments_named(three.text, "SBR", "AMT", "LX", "SVD", "CAS") == [
        "SBR*P*18*******CI",
        "AMT*D*272",
        "SBR*S*18*******12",
        "AMT*D*1137",
        "LX*1",
        "SVD*XOVR1*188*HC:96130**16",
        "CAS*CO*45*1440",
        "CAS*PR*1*1500**3*25**2*47",
        "AMT*EAF*1572",
        "SVD*XOVR2*1116*HC:96130**16",
        "CAS*OA*23*1628",
        "CAS*PR*1*456",
        "AMT*EAF*456",
        "LX*2",
        "SVD*XOVR1*84*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*2*21",
        "AMT*EAF*21",
        "SVD*XOVR2*21*HC:90837**1",
        "CAS*OA*23*129",
        "AMT*EAF*0",
    ]
    assert [one for one in segments_named(three.text, "REF") if one.startswith("REF*F8")] == [
        f"REF*F8*{number}" for number in numbers[:2]
    ]
    assert (imbalances(three.text), complaints(three.text)) == ([], [])


async def test_three_claims_of_one_session_are_three_in_the_ledger_and_one_story(three: ThreePayers) -> None:
    assert await booked(three.service, *three.claims) == [1, 1, 1]
    assert len({one["patient_control_number"] for one in three.claims}) == 3
    assert {tuple(line["control_number"] for line in one["lines"]) for one in three.claims} == {
        tuple(line["control_number"] for line in three.claims[0]["lines"])
    }
    events = await timeline_of(three.staff.biller, three.claims[0])
    ranks = {claim["id"]: claim["rank"] for claim in three.claims}
    told = [(ranks[one["claim_id"]], one["kind"]) for one in events if one["kind"] in {"created", "adjudicated"}]
    assert told == [(rank, kind) for rank in ranks.values() for kind in ("created", "adjudicated")]
