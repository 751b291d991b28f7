"""What the payers decide, cent by cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.adjudication import Decided, Met, adjudicate
from app.sandbox.claims import Claim
from app.sandbox.endings import Outcome, split_outcome
from app.sandbox.faults import Fault, split_member_id
from app.sandbox.fees import allowed_amount
from app.sandbox.front_end import front_end_status, later_payer, member_of
from tests.sandbox.deciding import (
    BOOK,
    DAY,
    FEES,
    a_claim,
    a_line,
    a_secondary_claim,
    another_payer,
    as_reductions,
    claims,
    decided_before,
)


def decide(claim: Claim, met: Met | None = None) -> Decided:
    member = member_of(claim, BOOK)
    assert member is not None
    return adjudicate(claim, member, FEES, met or Met(), split_outcome(claim.member_id)[1])


def told(decided: Decided) -> list[tuple[str, ...]]:
    """By line: paid, and each reduction as `PR-3 25`."""
    return [
        (f"{one.paid:.2f}", *(f"{each.group}-{each.reason} {each.amount:.2f}" for each in one.reductions))
        for one in decided.lines
    ]


def test_the_lesser_of_charge_and_fee_is_allowed() -> None:
    assert allowed_amount(FEES, "HC:90837", Decimal(150), Decimal(1)) == Decimal("105.00")
    assert allowed_amount(FEES, "HC:90837:95:GT", Decimal(99), Decimal(1)) == Decimal(99)
    assert allowed_amount(FEES, "HC:90853", Decimal(200), Decimal(2)) == Decimal("56.00")


def test_sixty_percent_of_the_charge_is_allowed_without_a_fee() -> None:
    assert allowed_amount(FEES, "HC:H0001", Decimal("33.33"), Decimal(4)) == Decimal("20.00")
    assert allowed_amount(FEES, "HC:H0001", Decimal("0.01"), Decimal(1)) == Decimal("0.01")


def test_what_is_not_allowed_is_contractual_and_the_copay_the_patients() -> None:
    decided = decide(a_claim())
    assert told(decided) == [("80.00", "CO-45 45.00", "PR-3 25.00")]
    assert (decided.status_code, decided.filing_code, decided.patient_responsibility) == ("1", "12", Decimal(25))


def test_the_deductible_goes_first_then_the_copay_then_coinsurance() -> None:
    """MLK100001: 1500 a year of which 1250 are met, copay 25, coinsurance 20 %."""
    three = (a_line(1, units=Decimal(2), charge=Decimal(300)), a_line(2), a_line(3, first_day=date(2026, 3, 9)))
    assert told(decide(a_claim(*three, member_id="MLK100001"))) == [
        ("0.00", "CO-45 90.00", "PR-1 210.00"),
        # 105 allowed: 40 to the deductible, 25 copay, 20 % of the other 40
        ("32.00", "CO-45 45.00", "PR-1 40.00", "PR-3 25.00", "PR-2 8.00"),
        ("64.00", "CO-45 45.00", "PR-3 25.00", "PR-2 16.00"),
    ]


def test_coinsurance_is_rounded_to_the_cent_and_the_line_still_balances() -> None:
    line = a_line(procedure="HC:H0001", charge=Decimal("77.77"))
    decided = decide(a_claim(line, member_id="BHM200010", payer_id="XOVR2"))
    assert told(decided) == [("23.99", "CO-45 31.11", "PR-3 20.00", "PR-2 2.67")]


def test_what_earlier_decisions_added_is_met_in_its_year_only() -> None:
    met = Met(deductible={2026: Decimal(240)})
    this_year, next_year = a_line(1), a_line(2, first_day=date(2027, 1, 4))
    decided = decide(a_claim(this_year, next_year, member_id="MLK100001"), met)
    assert told(decided)[0][2:] == ("PR-1 10.00", "PR-3 25.00", "PR-2 14.00")
    assert told(decided)[1][2:] == ("PR-1 105.00",)
    assert decided.newly_met.deductible == {2026: Decimal(10), 2027: Decimal(105)}


def test_a_copay_is_taken_once_a_day() -> None:
    twice = decide(a_claim(a_line(1), a_line(2)))
    assert told(twice) == [("80.00", "CO-45 45.00", "PR-3 25.00"), ("105.00", "CO-45 45.00")]
    assert told(decide(a_claim(), twice.newly_met)) == [("105.00", "CO-45 45.00")]


def test_a_copay_is_never_more_than_what_is_left_of_the_line() -> None:
    decided = decide(a_claim(a_line(procedure="HC:96127", charge=Decimal(9))))
    assert told(decided) == [("0.00", "CO-45 4.00", "PR-3 5.00")]


def test_a_second_payer_pays_what_the_first_left_when_its_own_payment_is_more() -> None:
    decided = decide(a_secondary_claim())
    assert told(decided) == [("25.00", "OA-23 125.00")]
    assert (decided.status_code, decided.patient_responsibility) == ("2", Decimal(0))


def test_a_second_payer_pays_its_own_payment_when_the_first_left_more() -> None:
    """Own benefits: 105 allowed, copay 20, coinsurance 10 %. What is over its allowed amount is PR-45."""
    line = decided_before(a_line(), "0", ("PR", "96", "150"))
    assert told(decide(a_secondary_claim(line))) == [("76.50", "PR-3 20.00", "PR-2 8.50", "PR-45 45.00")]


def test_a_second_payer_with_an_open_deductible_leaves_the_copay_with_the_patient() -> None:
    decided = decide(a_secondary_claim(member_id="BHM200002"))
    assert told(decided) == [("0.00", "OA-23 125.00", "PR-1 25.00")]
    assert decided.newly_met.deductible == {2026: Decimal(105)}


def test_a_third_payer_goes_by_what_the_second_left() -> None:
    line = decided_before(a_line(), "80", ("CO", "45", "45"), ("PR", "3", "25"))
    line = decided_before(line, "10", ("OA", "23", "125"), ("PR", "1", "15"), payer_id="XOVR2")
    others = (another_payer("S", "XOVR2", paid=Decimal(10)), another_payer("P", paid=Decimal(80)))
    decided = decide(
        a_secondary_claim(line, member_id="CKM500009", payer_id="XOVR5", rank="T", others=others),
    )
    assert told(decided) == [("15.00", "OA-23 135.00")]
    assert decided.status_code == "3"


def test_several_decisions_on_one_line_leave_their_sum() -> None:
    """An unbundled line has a 2430 for each part."""
    line = decided_before(
        decided_before(a_line(), "50", ("PR", "2", "10")), "30", ("CO", "45", "45"), ("PR", "3", "15")
    )
    assert told(decide(a_secondary_claim(line))) == [("25.00", "OA-23 125.00")]


def test_what_was_left_of_the_claim_as_a_whole_is_left_of_its_only_line() -> None:
    before = another_payer(paid=Decimal(80), reductions=as_reductions(("CO", "45", "45"), ("PR", "2", "25")))
    assert told(decide(a_secondary_claim(a_line(), others=(before,)))) == [("25.00", "OA-23 125.00")]


def test_what_was_left_of_the_claim_as_a_whole_is_shared_among_lines_by_charge() -> None:
    before = another_payer(paid=Decimal(0), reductions=as_reductions(("CO", "45", "400"), ("PR", "2", "50")))
    two = (a_line(1), a_line(2, charge=Decimal(300), units=Decimal(2)))
    decided = decide(a_secondary_claim(*two, others=(before,)))
    assert told(decided) == [("16.67", "OA-23 133.33"), ("33.33", "OA-23 266.67")]


def test_an_earlier_payer_that_was_never_billed_takes_no_part() -> None:
    never_billed = another_payer(not_covered=Decimal(150))
    assert told(decide(a_secondary_claim(a_line(), others=(never_billed,)))) == [
        ("76.50", "CO-45 45.00", "PR-3 20.00", "PR-2 8.50")
    ]


def test_a_claim_whose_earlier_payer_has_not_decided_is_denied() -> None:
    decided = decide(a_secondary_claim(a_line(), others=(another_payer(),)))
    assert told(decided) == [("0.00", "CO-22 150.00")]


@pytest.mark.parametrize(
    ("ending", "status", "reduction", "remarks"),
    [
        ("DENY", "1", "PR-96 150.00", ("N130",)),
        ("DENYFIX", "1", "CO-197 150.00", ()),
        ("NOTKNOWN", "4", "PR-31 150.00", ()),
    ],
)
def test_an_ending_may_ask_for_a_denial(ending: str, status: str, reduction: str, remarks: tuple[str, ...]) -> None:
    decided = decide(a_claim(member_id=f"MLK100010{ending}"))
    assert told(decided) == [("0.00", reduction)]
    assert (decided.status_code, decided.lines[0].remark_codes) == (status, remarks)
    assert decided.newly_met == Met()


def test_an_ending_may_put_all_that_is_allowed_to_the_deductible() -> None:
    decided = decide(a_claim(member_id="MLK100010DEDUCT"))
    assert told(decided) == [("0.00", "CO-45 45.00", "PR-1 105.00")]
    assert decided.newly_met == Met()


@pytest.mark.parametrize(("rank", "status"), [("P", "19"), ("S", "20"), ("T", "21")])
def test_an_ending_may_ask_that_the_claim_is_forwarded(rank: str, status: str) -> None:
    assert decide(a_claim(member_id="MLK100010FORWARD", rank=rank)).status_code == status


def test_an_ending_may_ask_for_a_decision_that_does_not_balance() -> None:
    (line,) = decide(a_claim(member_id="MLK100010UNBAL")).lines
    assert line.paid + sum(one.amount for one in line.reductions) == line.line.charge + 1


@pytest.mark.parametrize(("day", "reason"), [(date(2021, 12, 31), "26"), (date(2025, 7, 1), "27")])
def test_a_day_without_coverage_is_denied_line_by_line(day: date, reason: str) -> None:
    covered, uncovered = a_line(1, first_day=date(2025, 6, 30)), a_line(2, first_day=day)
    decided = decide(a_claim(covered, uncovered, member_id="BHM200003", payer_id="XOVR2"))
    assert told(decided) == [("0.00", "CO-45 45.00", "PR-1 105.00"), ("0.00", f"PR-{reason} 150.00")]


def test_endings_of_outcomes_and_of_faults_cannot_be_taken_for_one_another() -> None:
    endings = [*Outcome, *Fault]
    assert [(one, other) for one in endings for other in endings if one is not other and one.endswith(other)] == []
    for outcome in Outcome:
        assert split_member_id(f"MLK100001{outcome}") == (f"MLK100001{outcome}", None)
        assert split_outcome(f"MLK100001{outcome}") == ("MLK100001", outcome)


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        (a_claim(), "A2 20"),
        (a_claim(member_id="MLK700001DENY"), "A2 20"),
        (a_claim(member_id="MLK100010PEND"), "P1 45"),
        (a_claim(member_id="MLK100010REJECT"), "A7 164 IL"),
        (a_claim(member_id="MLK999999"), "A7 33 IL"),
        (a_claim(member_id="MLK100010LINES"), "A2 20"),
        (a_secondary_claim(member_id="BHM200010LINES"), "A2 20"),
        (a_secondary_claim(a_line(), member_id="BHM200010LINES"), "A6 286"),
    ],
)
def test_the_front_end_says_what_it_takes(claim: Claim, status: str) -> None:
    said = front_end_status(claim, BOOK)
    assert f"{said.category} {said.status} {said.entity}".strip() == status


def test_the_next_payer_is_the_first_one_after_this_one() -> None:
    others = tuple(another_payer(rank, payer_id) for rank, payer_id in (("T", "C"), ("P", "A"), ("A", "D")))
    claim = a_secondary_claim(a_line(), others=others)
    assert [one.payer_id for one in (later_payer(claim), later_payer(replace(claim, rank="T"))) if one] == ["C", "D"]
    assert later_payer(replace(claim, rank="A")) is None


@given(claims(), st.sampled_from([None, *(one for one in Outcome if one is not Outcome.UNBAL)]))
def test_every_decision_balances_line_by_line(claim: Claim, outcome: Outcome | None) -> None:
    member = member_of(claim, BOOK)
    assert member is not None
    decided = adjudicate(claim, member, FEES, Met(), outcome)
    for one in decided.lines:
        assert one.paid + sum(reduction.amount for reduction in one.reductions) == one.line.charge
        assert one.paid >= 0
        assert all(reduction.amount > 0 for reduction in one.reductions)
        assert len({(each.group, each.reason) for each in one.reductions}) == len(one.reductions)
        for amount in (one.paid, one.allowed, *(each.amount for each in one.reductions)):
            assert amount == amount.quantize(Decimal("0.01"))
    assert decided.charge == claim.charge


@given(claims(rank="S") | claims(rank="T"))
def test_a_later_payer_never_pays_more_than_its_own_payment_or_what_was_left(claim: Claim) -> None:
    alone = decide(replace(claim, rank="P", others=()))
    latest = claim.others[-1]
    decided = decide(claim)
    for one, own in zip(decided.lines, alone.lines, strict=True):
        assert one.paid <= own.paid
        if not latest.reductions:
            prior = [each for each in one.line.prior if each.payer_id == latest.payer_id]
            left = sum(each.amount for before in prior for each in before.reductions if each.group == "PR")
            assert one.paid <= left
            if own.allowed:
                assert one.paid == min(own.paid, left)
    left_of_all = sum(each.amount for each in latest.reductions if each.group == "PR")
    if latest.reductions:
        assert decided.paid <= left_of_all


@given(st.lists(claims(rank="P").map(lambda claim: replace(claim, payer_id="XOVR1")), max_size=6))
def test_a_year_never_takes_more_than_the_deductible(some: list[Claim]) -> None:
    taken: dict[int, Decimal] = {}
    for claim in some:
        mine = replace(claim, subscriber=replace(claim.subscriber, id="MLK100002"))
        for year, amount in decide(mine, Met(deductible=dict(taken))).newly_met.deductible.items():
            taken[year] = taken.get(year, Decimal(0)) + amount
    assert all(amount <= 1200 for amount in taken.values())


def test_the_day_of_a_range_is_its_first() -> None:
    line = a_line(last_day=date(2026, 3, 5))
    assert decide(a_claim(line)).newly_met.copay_days == {DAY}
