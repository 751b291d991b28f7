"""Whatever a payer says, what is posted is about the claim and balances to the cent; the rest waits under a word."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim_states import ClaimStatus
from app.domain.claims import Claim
from app.domain.codes import PayerResponsibility
from app.domain.findings import has_error
from app.domain.money import total
from app.domain.payment_matching import (
    WORK_OF,
    Judgment,
    Told,
    fault_of,
    is_repeated,
    judge,
    payment_findings,
)
from app.domain.received_remittances import PaymentStatus
from app.domain.remittances import ClaimPayment
from tests.domain.claims import a_claim, a_line, a_payer, some_content
from tests.domain.decisions import adjustment
from tests.x12.remittances import a_claim as a_payment
from tests.x12.remittances import a_remittance, a_service, claims, reversed_payment

PAYER = a_payer("INV01", aliases=("Invented Plan",))
ON = date(2026, 9, 1)


def billed(count: int = 1, **changes: Any) -> Claim:
    lines = tuple(a_line(control_number=f"LINE{number}") for number in range(1, count + 1))
    return replace(a_claim(content=some_content(lines=lines)), **changes)


def judged(
    claim: Claim, *new: ClaimPayment, before: tuple[ClaimPayment, ...] = (), payer_id: str | None = "INV01"
) -> Judgment:
    told = Told(new=new, together=(*before, *new), said_on=ON)
    return judge(told, claim=claim, payer=PAYER, payer_id=payer_id, fault=None)


CLAIM = billed(2)
GROUPS = ("CO-45", "PR-1", "PR-2", "PR-3", "PR-96", "OA-23", "CO-253", "CO-22")


@st.composite
def payments(draw: st.DrawFn) -> ClaimPayment:
    """About lines of the claim, in most cases adding up."""
    services = []
    for line in draw(st.sets(st.sampled_from(CLAIM.content.lines), min_size=1)):
        cuts = sorted(draw(st.lists(st.integers(0, 15_000), max_size=3)))
        parts = [one - other for one, other in zip(cuts, (0, *cuts), strict=False)]
        amounts = [Decimal(part).scaleb(-2) for part in parts]
        reduced = tuple(adjustment(draw(st.sampled_from(GROUPS)), str(amount)) for amount in amounts)
        slip = draw(st.sampled_from([0, 0, 0, 0, 1]))
        services.append(
            a_service(
                line_control_number=line.control_number,
                paid=line.charge - total(amounts) + slip,
                adjustments=reduced,
            )
        )
    number, code = draw(st.sampled_from(["A", "B"])), draw(st.sampled_from(["1", "1", "1", "2", "4", "19", "22", "25"]))
    payment = a_payment(*services, payer_claim_number=number, status_code=code)
    return reversed_payment(payment) if code == "22" else payment


@given(
    new=st.lists(st.one_of(payments(), payments(), claims()), min_size=1, max_size=3),
    before=st.lists(payments(), max_size=2),
)
def test_what_is_posted_balances_with_what_was_billed_whatever_is_said(
    new: list[ClaimPayment], before: list[ClaimPayment]
) -> None:
    claim = CLAIM
    judgment = judged(claim, *new, before=tuple(before))
    if judgment.decision is None:
        assert judgment.status is not PaymentStatus.POSTED
        assert judgment.status is PaymentStatus.IGNORED or judgment.status in WORK_OF
        assert judgment.reason.replace("_", "").isalpha()
        return
    decision = judgment.decision
    charges = {line.id: line.charge for line in claim.content.lines}
    decided = {one.line_id for one in decision.lines} or charges.keys()
    adjusted = total(one.amount for one in decision.all_adjustments)
    assert decision.paid + adjusted == total(charges[line_id] for line_id in decided)


@given(payment=st.one_of(payments(), claims()))
def test_findings_of_a_payment_hold_an_error_exactly_when_it_is_not_posted_by_itself(payment: ClaimPayment) -> None:
    claim = CLAIM
    remittance = a_remittance(payment, payer_id="INV01")
    judgment = judged(claim, payment)
    if judgment.status in {PaymentStatus.UNMATCHED, PaymentStatus.UNBALANCED}:
        assert has_error(payment_findings(payment, claim, PAYER, remittance))
    elif judgment.decision is not None:
        assert not has_error(payment_findings(payment, claim, PAYER, remittance))


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("INV01", PaymentStatus.POSTED),
        (" inv01 ", PaymentStatus.POSTED),
        ("INVENTED PLAN", PaymentStatus.POSTED),
        (None, PaymentStatus.POSTED),
        ("INV02", PaymentStatus.UNMATCHED),
    ],
)
def test_a_payer_is_known_by_its_id_or_another_name_of_it(said: str | None, status: PaymentStatus) -> None:
    assert judged(billed(), a_payment(), payer_id=said).status is status


@pytest.mark.parametrize(
    ("rank", "code", "status"),
    [
        (PayerResponsibility.PRIMARY, "1", PaymentStatus.POSTED),
        (PayerResponsibility.PRIMARY, "19", PaymentStatus.POSTED),
        (PayerResponsibility.PRIMARY, "2", PaymentStatus.ORDER_DISPUTED),
        (PayerResponsibility.SECONDARY, "2", PaymentStatus.POSTED),
        (PayerResponsibility.SECONDARY, "20", PaymentStatus.POSTED),
        (PayerResponsibility.SECONDARY, "1", PaymentStatus.ORDER_DISPUTED),
        (PayerResponsibility.TERTIARY, "3", PaymentStatus.POSTED),
        (PayerResponsibility.FOURTH, "21", PaymentStatus.POSTED),
        (PayerResponsibility.FOURTH, "2", PaymentStatus.ORDER_DISPUTED),
    ],
)
def test_the_rank_a_payer_says_is_held_against_the_rank_it_was_billed_at(
    rank: PayerResponsibility, code: str, status: PaymentStatus
) -> None:
    judgment = judged(billed(rank=rank), a_payment(status_code=code))
    assert judgment.status is status
    assert judgment.decision is not None


def test_a_corrected_priority_payer_disputes_the_order() -> None:
    judgment = judged(billed(), a_payment(corrected_payer="INV02"))
    assert (judgment.status, judgment.reason) == (PaymentStatus.ORDER_DISPUTED, "payer_corrected")


def test_each_payment_of_a_group_has_its_own_fate() -> None:
    reversal, correction = a_payment(status_code="22"), a_payment()
    posted = Judgment(status=PaymentStatus.POSTED, reason="postable")
    assert [posted.status_of(one) for one in (reversal, correction, a_payment(status_code="25"))] == [
        PaymentStatus.REVERSAL,
        PaymentStatus.POSTED,
        PaymentStatus.IGNORED,
    ]
    unbalanced = Judgment(status=PaymentStatus.UNBALANCED, reason="remittance_out_of_balance")
    assert unbalanced.status_of(reversal) is PaymentStatus.UNBALANCED


def test_a_claim_that_is_over_takes_a_reversal_without_a_word_and_no_payment() -> None:
    over = billed(status=ClaimStatus.VOIDED)
    assert judged(over, a_payment(status_code="22")).status is PaymentStatus.REVERSAL
    assert judged(over, a_payment()).status is PaymentStatus.UNMATCHED


def test_a_remittance_must_be_whole_and_add_up() -> None:
    assert fault_of(a_remittance()) is None
    assert fault_of(a_remittance(total_paid=Decimal(79))) == "remittance_out_of_balance"
    assert fault_of(a_remittance(is_whole=False)) == "remittance_unreadable"


def test_the_same_words_are_the_same_payment_wherever_they_stand() -> None:
    payment = a_payment()
    elsewhere = a_payment(a_service(segment=99), position=7, segment=90)
    assert is_repeated(payment, "TRACE1", [("TRACE1", elsewhere)])
    assert not is_repeated(payment, "TRACE2", [("TRACE1", elsewhere)])
    assert not is_repeated(payment, None, [(None, elsewhere)])
    assert not is_repeated(replace(payment, paid=Decimal(81)), "TRACE1", [("TRACE1", elsewhere)])
